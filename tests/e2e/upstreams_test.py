"""Servers that fail and come back, with and without health checks; who the client is behind other proxies."""

import http.server
import socket
import struct
import threading
import time

from lab import weir, wire
from lab.case import Case
from lab.server import await_that
from lab.upstreams import NodeApp
from lab.weir import configuration

QUICK = {"path": "/ok", "interval": "100ms", "timeout": "100ms", "healthy_after": 2, "unhealthy_after": 2}


def two_servers(one, other, **more):
    return {"app": {"servers": [one.url, other.url], **more}}


class PickyApp:
    """Answers 400 to a Host that it does not know, and 403 to what has not come by https, as Django and Rails may."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status = 400 if self.headers["Host"] != "shop.example" else 204
                if status == 204 and self.headers["X-Forwarded-Proto"] != "https":
                    status = 403
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Load:
    """Clients that ask one request after the other until told to stop. `failed` holds what was no 200."""

    def __init__(self, proxy, target, clients=8):
        self.proxy, self.target = proxy, target
        self.answered, self.failed = 0, []
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.ask_on) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def ask_on(self):
        while not self.is_over.is_set():
            try:
                with wire.Connection(self.proxy.address) as client:
                    while not self.is_over.is_set():
                        client.send(wire.request("GET", self.target, self.proxy.address))
                        self.note(client.answer())
            except (OSError, EOFError) as error:
                with self.lock:
                    self.failed.append(repr(error))

    def note(self, answer):
        with self.lock:
            self.answered += 1
            if answer.status != 200:
                self.failed.append(f"{answer.status} {answer.header('X-Weir-Error')} {answer.body!r}")

    def goes_on(self, count=200):
        """Waits for so many more answers."""
        target = self.answered + count
        await_that(lambda: self.answered >= target, f"{count} more answers")


def services(proxy):
    return {service["url"]: service for service in proxy.performance("services")["services"]}


def state_of(proxy, server):
    return services(proxy)[server.url]["state"]


class Upstreams(Case):
    def test_a_server_killed_and_started_again_under_load_fails_no_idempotent_request(self):
        one, other = self.node(), self.node()
        proxy = self.weir(one, upstreams=two_servers(one, other, retries=2))
        with Load(proxy, "/ok/a") as load:
            load.goes_on()
            other.kill()
            load.goes_on(500)
            await_that(lambda: state_of(proxy, other) == "unhealthy", "the server to be missed")
            back = self.start(NodeApp(self.folder, other.port))
            await_that(lambda: state_of(proxy, other) == "healthy", "the server to be seen again")
            await_that(lambda: back.served("/ok/a") > 10, "requests for the server that is back")
            load.goes_on()
        self.assertEqual(load.failed, [])

    def test_checks_take_a_server_out_that_answers_but_not_well_and_put_it_back(self):
        one, other = self.node(), self.node()
        check = {**QUICK, "path": "/status?code=200"}
        proxy = self.weir(one, upstreams=two_servers(one, other, health_check=check))
        await_that(lambda: state_of(proxy, other) == "healthy", "the first checks")
        other.kill()
        await_that(lambda: state_of(proxy, other) == "unhealthy", "the server to be missed")
        self.assertEqual(services(proxy)[other.url]["last_check"]["outcome"], "connection refused")
        with Load(proxy, "/ok/b", clients=2) as load:
            load.goes_on(50)
        self.assertEqual(load.failed, [])
        self.start(NodeApp(self.folder, other.port))
        await_that(lambda: state_of(proxy, other) == "healthy", "the server to be seen again")
        self.assertIn('weir_upstream_server_healthy{server="%s",upstream="app"} 1' % other.url,
                      proxy.ask("/metrics").body.decode())

    def test_where_every_server_is_unhealthy_clients_get_503_and_readyz_says_why(self):
        app = self.node()
        proxy = self.weir(app, upstreams={"app": {"servers": [app.url], "health_check": {**QUICK, "path": "/missing"}}})
        await_that(lambda: proxy.get("/ok").status == 503, "the checks to find the server unhealthy")
        self.assert_weir_answer(proxy.get("/ok"), 503, "no_healthy_upstream")
        ready = proxy.ask("/readyz")
        self.assertEqual(ready.status, 503)
        self.assertIn("upstream app", ready.json()["reasons"][0])
        self.assertEqual(services(proxy)[app.url]["last_check"]["outcome"], f"404 to GET /missing, Host {app.address}")

    def test_a_check_sends_the_host_and_headers_that_the_app_wants(self):
        app = PickyApp()
        self.addCleanup(app.stop)
        asked = f"GET /up, Host 127.0.0.1:{app.port}"
        proxy = self.weir(app, upstreams={"app": {"servers": [app.url], "health_check": {**QUICK, "path": "/up"}}})
        await_that(lambda: state_of(proxy, app) == "unhealthy", "the app to refuse a Host that it does not know")
        self.assertEqual(services(proxy)[app.url]["last_check"]["outcome"], f"400 to {asked}")
        self.assertIn(f"400 to {asked}", weir.command_line("services", "--admin", f"http://{proxy.admin_address}").stdout)
        self.assertIn(f'check="400 to {asked}"', proxy.log())
        check = {**QUICK, "path": "/up", "host": "shop.example", "headers": {"X-Forwarded-Proto": "https"}}
        proxy.rewrite(configuration(app.url, upstreams={"app": {"servers": [app.url], "health_check": check}}))
        await_that(lambda: state_of(proxy, app) == "healthy", "the check to be what the app wants")
        self.assertEqual(services(proxy)[app.url]["last_check"]["outcome"], "204")
        check["expect"] = ["200-203", "205"]
        proxy.rewrite(configuration(app.url, upstreams={"app": {"servers": [app.url], "health_check": check}}))
        await_that(lambda: state_of(proxy, app) == "unhealthy", "204 to be no good status any more")
        self.assertEqual(services(proxy)[app.url]["last_check"]["outcome"], "204 to GET /up, Host shop.example")

    def test_checks_are_no_traffic(self):
        app = self.node()
        proxy = self.weir(app, upstreams={"app": {"servers": [app.url], "health_check": QUICK}})
        await_that(lambda: app.served("/ok") >= 3, "three checks")
        self.assertEqual(proxy.stats()["total_requests"], 0)
        service = services(proxy)[app.url]
        self.assertEqual((service["total_requests"], service["state"], service["last_check"]["good"]), (0, "healthy", True))
        self.assertIsNone(service["avg_duration"])

    def test_readyz_says_no_without_a_server_and_yes_again_without_traffic(self):
        app = self.node()
        proxy = self.weir(app)
        self.assertEqual(proxy.ask("/readyz").status, 200)
        app.kill()
        self.assertEqual(proxy.get("/ok").status, 502)
        self.assertEqual(proxy.ask("/readyz").status, 503)
        self.start(NodeApp(self.folder, app.port))
        await_that(lambda: proxy.ask("/readyz").status == 200, "readyz to say yes again")
        self.assertEqual(proxy.get("/ok").status, 200)

    def test_live_and_ready_ask_about_weir_itself_and_need_no_token(self):
        app = self.node()
        proxy = self.weir(app, admin={"address": "127.0.0.1:0", "tokens": ["a-token-of-this-test"]})

        def health(*flags):
            return weir.command_line("health", "--admin", f"http://{proxy.admin_address}", *flags)

        self.assertEqual(health().returncode, 1)
        for flag in ("live", "ready"):
            said = health(f"--{flag}")
            self.assertEqual((said.returncode, said.stdout, said.stderr), (0, f"{flag}\n", ""))
        app.kill()
        self.assertEqual(proxy.get("/ok").status, 502)
        self.assertEqual(health("--live").returncode, 0)
        said = health("--ready")
        self.assertEqual(said.returncode, 1)
        self.assertIn(": 503: upstream app: no server is healthy", said.stderr)
        self.assertEqual(health("--live", "--window", "5m").returncode, 2)

    def test_services_tell_requests_and_errors_of_each_server(self):
        one, other = self.node(), self.node()
        proxy = self.weir(one, upstreams=two_servers(one, other, balance="round_robin"), workers=1)
        for _ in range(10):
            proxy.get("/ok")
            proxy.get("/status?code=500")
        for server in (one, other):
            service = services(proxy)[server.url]
            self.assertEqual(service["upstream"], "app")
            self.assertEqual(service["total_requests"], 10)
            self.assertIs(service["checked"], False)
            self.assertIsNotNone(service["p50_duration"])
        self.assertEqual(sum(service["total_errors"] for service in services(proxy).values()), 10)


def v2(source, command=0x21, extra=b""):
    rest = socket.inet_aton(source) + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 56324, 443) + extra
    return b"\r\n\r\n\0\r\nQUIT\n" + struct.pack("!BBH", command, 0x11, len(rest)) + rest


class ProxyProtocol(Case):
    def proxy(self, **more):
        app = self.node()
        return self.start_weir(app, **more)

    def start_weir(self, app, **more):
        options = configuration(app.url, **more)
        options["listeners"] = [{"address": "127.0.0.1:0", "proxy_protocol": True}]
        sections = {key: value for key, value in options.items() if key != "upstreams"}
        return self.weir(app, **sections)

    def ask(self, proxy, header, pieces=1):
        data = header + wire.request("GET", "/echo", proxy.address)
        with wire.Connection(proxy.address) as client:
            if pieces == 1:
                client.send(data)
            else:
                client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for byte in data:
                    client.send(bytes([byte]))
            return client.answer().body.decode()

    def count_of(self, proxy, event):
        for line in proxy.ask("/metrics").body.decode().splitlines():
            if line.startswith(f'weir_connections_total{{event="{event}"}} '):
                return int(line.rpartition(" ")[2])
        raise AssertionError(f"no {event} in the metrics")

    def test_the_client_is_whom_the_header_names(self):
        proxy = self.proxy(measure={"slow_threshold": "1us"})
        for header, client in ((b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7"),
                               (b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n", "2001:db8::7"),
                               (v2("192.0.2.9", extra=b"\x04\x00\x01x"), "192.0.2.9"),
                               (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
                               (v2("192.0.2.9", command=0x20), "127.0.0.1")):
            for pieces in (1, 2):
                with self.subTest(header, pieces=pieces):
                    self.assertIn(client, self.ask(proxy, header, pieces))
                    self.assertEqual(proxy.performance("slow-queries")["slow_queries"][0]["client"], client)

    def test_a_connection_without_a_right_header_is_closed_and_counted(self):
        proxy = self.proxy()
        for number, data in enumerate((b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", b"\r\n\r\nX")):
            with self.subTest(data), wire.Connection(proxy.address) as client:
                client.send(data)
                self.assertEqual(client.to_the_end(), b"")
            self.assertEqual(self.count_of(proxy, "proxy_header_refused"), number + 1)
        self.assertEqual(proxy.stats()["total_requests"], 0)

    def test_a_header_that_does_not_come_in_time_ends_the_connection(self):
        proxy = self.proxy(timeouts={"request_head": "300ms"})
        started = time.monotonic()
        with wire.Connection(proxy.address) as client:
            client.send(b"PROXY TCP4 ")
            self.assertEqual(client.to_the_end(), b"")
        self.assertGreater(time.monotonic() - started, 0.25)
        self.assertEqual(self.count_of(proxy, "proxy_header_refused"), 1)

    def test_a_connection_without_a_request_is_closed_and_counted(self):
        proxy = self.weir(self.node(), timeouts={"request_head": "300ms"})
        with wire.Connection(proxy.address) as client:
            self.assertEqual(client.to_the_end(), b"")
        self.assertEqual(self.count_of(proxy, "closed_idle"), 1)
        self.assertGreaterEqual(self.count_of(proxy, "accepted"), 1)


class TrustedProxies(Case):
    FORGED = [("X-Forwarded-For", "203.0.113.5, 10.0.0.3"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "forged")]

    def seen(self, trusted):
        measure = {"slow_threshold": "1us", "trusted_proxies": trusted}
        proxy = self.weir(self.node(), measure=measure)
        body = proxy.get("/echo", headers=self.FORGED).body.decode()
        return body, proxy.performance("slow-queries")["slow_queries"][0]["client"]

    def test_without_a_list_what_came_is_kept_and_appended_to(self):
        body, client = self.seen([])
        self.assertIn("203.0.113.5, 10.0.0.3, 127.0.0.1", body)
        self.assertIn("forged", body)
        self.assertEqual(client, "127.0.0.1")

    def test_from_somebody_who_is_not_trusted_it_is_replaced(self):
        for trusted in (["10.0.0.0/8"], ["none"]):
            with self.subTest(trusted):
                body, client = self.seen(trusted)
                self.assertNotIn("203.0.113.5", body)
                self.assertNotIn("forged", body)
                self.assertNotIn("https", body)
                self.assertIn("127.0.0.1", body)
                self.assertEqual(client, "127.0.0.1")

    def test_from_a_trusted_proxy_it_passes_and_the_client_is_the_right_most_that_is_not_trusted(self):
        body, client = self.seen(["127.0.0.0/8", "10.0.0.0/8"])
        self.assertIn("203.0.113.5, 10.0.0.3, 127.0.0.1", body)
        self.assertEqual(client, "203.0.113.5")
        self.assertEqual(self.seen(["127.0.0.1"])[1], "10.0.0.3")
