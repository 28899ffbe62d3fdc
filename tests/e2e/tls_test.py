"""TLS from clients and to upstreams, with curl, Python's ssl and nginx at the other ends."""

import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
import threading

from lab import wire
from lab.case import Case
from lab.certificates import Authority
from lab.server import await_that
from lab.sockets import SocketApp
from lab.upstreams import Nginx
from lab.weir import command_line, configuration


class TlsNginx(Nginx):
    """nginx that speaks TLS alone, with the files of a certificate. `client_ca`: who must have signed its clients'."""

    name = "nginx with TLS"

    def __init__(self, folder, files, client_ca=None):
        super().__init__(folder)
        self.tls = f"ssl_certificate {files['certificate']}; ssl_certificate_key {files['key']};"
        if client_ca:
            self.tls += f" ssl_client_certificate {client_ca}; ssl_verify_client on;"

    def command(self):
        command = super().command()
        with open(command[-1], encoding="ascii") as file:
            text = file.read()
        plain = f"listen 127.0.0.1:{self.port};"
        with open(command[-1], "w", encoding="ascii") as file:
            file.write(text.replace(plain, f"listen 127.0.0.1:{self.port} ssl; {self.tls}"))
        return command

    @property
    def url(self):
        return f"https://localhost:{self.port}"


class TlsGoodbyeApp(SocketApp):
    """A TLS app. Each response of a connection goes out in one segment with close_notify, once `gate` is set; the socket
    stays open. `asked` holds the request lines."""

    scheme, host = "https", "localhost"

    def __init__(self, files):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(files["certificate"], files["key"])
        self.gate = threading.Event()
        self.asked = []
        super().__init__()

    def serve(self, connection):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)

        def insist(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    connection.sendall(outgoing.read())
                    data = connection.recv(65536)
                    if not data:
                        raise EOFError from None
                    incoming.write(data)

        try:
            insist(tls.do_handshake)
            request = b""
            while b"\r\n\r\n" not in request:
                request += insist(lambda: tls.read(65536))
            self.asked.append(request.partition(b"\r\n")[0])
            self.gate.wait()
            tls.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            try:
                tls.unwrap()
            except ssl.SSLError:
                pass
            connection.sendall(outgoing.read())
        except (OSError, EOFError):
            pass

    def stop(self):
        self.gate.set()
        super().stop()


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)

    def tls_weir(self, upstream, **sections):
        """One TLS listener; its clients know it as localhost."""
        listener = {"address": "127.0.0.1:0", "tls": self.authority.issue("weir")}
        return self.weir(upstream, listeners=[listener], **sections)

    def behind(self, url, retries=0, **tls):
        """A plain listener before an upstream that speaks TLS."""
        return self.weir(url, upstreams={"app": {"servers": [url], "retries": retries, "tls": tls}})

    def tls_nginx(self, files, **more):
        return self.start(TlsNginx(self.folder, files, **more))

    def curl(self, proxy, target, *arguments):
        port = proxy.address.rpartition(":")[2]
        return subprocess.run(
            ["curl", "-sS", "--max-time", "20", "--cacert", self.authority.certificate, *arguments,
             f"https://localhost:{port}{target}"], capture_output=True, timeout=30, check=False)

    def wrap(self, proxy):
        """A connection in TLS, verified."""
        host, _, port = proxy.address.rpartition(":")
        context = ssl.create_default_context(cafile=self.authority.certificate)
        return context.wrap_socket(socket.create_connection((host, int(port)), timeout=20), server_hostname="localhost")

    def test_a_client_that_speaks_tls_reaches_a_plain_app_which_is_told_so(self):
        proxy = self.tls_weir(self.node())
        for version in ("1.2", "1.3"):
            said = self.curl(proxy, "/echo", "--http2", "--tlsv1.2", "--tls-max", version)
            self.assertEqual(said.returncode, 0, said.stderr)
            headers = json.loads(said.stdout)["headers"]
            self.assertEqual(headers[headers.index("X-Forwarded-Proto") + 1], "https")
        self.assertEqual(proxy.stats()["total_requests"], 2)

    def test_many_requests_go_over_one_connection(self):
        proxy = self.tls_weir(self.node())
        said = self.curl(proxy, "/ok[1-20]", "-w", "%{num_connects}\n", "-o", os.devnull)
        self.assertEqual(sum(map(int, said.stdout.split())), 1)

    def test_bodies_pass_whole_in_both_directions(self):
        app = self.node()
        proxy = self.tls_weir(app)
        body = os.urandom(5_000_000)
        path = os.path.join(self.folder, "body")
        with open(path, "wb") as file:
            file.write(body)
        said = json.loads(self.curl(proxy, "/echo", "-T", path, "-H", "Expect:").stdout)
        self.assertEqual((said["length"], said["sha256"]), (len(body), hashlib.sha256(body).hexdigest()))
        through = self.curl(proxy, "/bytes?n=20000000").stdout
        direct = wire.fetch(app.address, "GET", "/bytes?n=20000000").body
        self.assertEqual(hashlib.sha256(through).digest(), hashlib.sha256(direct).digest())

    def test_an_answer_that_the_app_cuts_short_is_no_whole_one_to_the_client(self):
        proxy = self.tls_weir(self.node())
        self.assertNotEqual(self.curl(proxy, "/cut").returncode, 0)

    def test_an_answer_that_ends_with_the_connection_ends_in_order(self):
        files = self.python_files()
        with open(os.path.join(files.files, "page"), "wb") as file:
            file.write(b"x" * 300_000)
        proxy = self.tls_weir(files)
        with self.wrap(proxy) as client:
            client.sendall(b"GET /page HTTP/1.0\r\nHost: localhost\r\n\r\n")
            received = b""
            # Without close_notify this would raise.
            while data := client.recv(65536):
                received += data
        self.assertTrue(received.endswith(b"\r\n\r\n" + b"x" * 300_000))

    def test_plain_http_and_h2_are_refused_and_counted(self):
        proxy = self.tls_weir(self.node())
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/ok", proxy.address))
            while client.receive():
                pass
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.set_alpn_protocols(["h2"])
        host, _, port = proxy.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as raw:
            with self.assertRaisesRegex(ssl.SSLError, "(?i)no.application.protocol"):
                context.wrap_socket(raw, server_hostname="localhost")
        await_that(lambda: b'event="tls_refused"} 2' in proxy.ask("/metrics").body, "two handshakes to be counted")
        self.assertEqual(self.curl(proxy, "/ok").returncode, 0)

    def test_a_client_that_takes_too_long_over_the_handshake_is_cut_off(self):
        proxy = self.tls_weir(self.node(), timeouts={"request_head": "300ms"})
        with wire.Connection(proxy.address) as client:
            client.send(b"\x16\x03\x01")
            self.assertTrue(client.is_closed())

    def test_an_upstream_that_speaks_tls_answers_a_plain_client(self):
        nginx = self.tls_nginx(self.authority.issue("app"))
        nginx.write("large", size=20_000_000)
        proxy = self.behind(nginx.url, ca=self.authority.certificate)
        for _ in range(3):
            self.assertEqual(proxy.get("/projects/1").body, b"a project\n")
        self.assertEqual(len(proxy.get("/large").body), 20_000_000)

    def test_tls_on_both_sides(self):
        nginx = self.tls_nginx(self.authority.issue("app"))
        proxy = self.tls_weir(nginx.url, upstreams={"app": {
            "servers": [nginx.url], "tls": {"ca": self.authority.certificate}}})
        self.assertEqual(self.curl(proxy, "/users/1").stdout, b"a user\n")

    def test_a_certificate_that_does_not_hold_is_502_and_says_why(self):
        strangers = Authority(self.folder, "stranger")
        app = self.tls_nginx(self.authority.issue("app"))
        named = self.tls_nginx(self.authority.issue("named", "DNS:app.internal"))
        old = self.tls_nginx(self.authority.issue("old", days=-1))
        ours = self.authority.certificate
        for nginx, tls, reason in (
                (app, {"ca": strangers.certificate}, "unable to get local issuer certificate"),
                (named, {"ca": ours}, "hostname mismatch"),
                (old, {"ca": ours}, "certificate has expired")):
            with self.subTest(reason):
                proxy = self.behind(nginx.url, **tls)
                answer = proxy.get("/users/1")
                self.assert_weir_answer(answer, 502, "connect_failed")
                self.assertIn(f"the certificate is refused: {reason}", answer.json()["detail"])
        proxy = self.behind(named.url, ca=ours, server_name="app.internal")
        self.assertEqual(proxy.get("/users/1").status, 200)
        proxy = self.behind(old.url, verify=False)
        self.assertEqual(proxy.get("/users/1").status, 200)
        self.assertIn("not verified", proxy.log())

    def test_a_server_that_speaks_no_tls_is_502_and_says_so(self):
        node = self.node()
        proxy = self.behind(f"https://{node.address}", ca=self.authority.certificate)
        answer = proxy.get("/ok")
        self.assert_weir_answer(answer, 502, "connect_failed")
        self.assertIn("does not speak TLS", answer.json()["detail"])

    def test_a_server_that_asks_who_weir_is_gets_its_certificate(self):
        nginx = self.tls_nginx(self.authority.issue("app"), client_ca=self.authority.certificate)
        proxy = self.behind(nginx.url, ca=self.authority.certificate, **self.authority.issue("client", "DNS:client"))
        self.assertEqual(proxy.get("/users/1").body, b"a user\n")

    def test_a_check_that_tls_ends_says_what_tls_said(self):
        app = self.authority.issue("app")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(app["certificate"], app["key"])
        context.load_verify_locations(self.authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED  # in TLS 1.3 the client learns that after its own handshake
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    try:
                        context.wrap_socket(client, server_side=True)
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://localhost:{listener.getsockname()[1]}"
        check = {"path": "/up", "interval": "100ms", "timeout": "100ms", "unhealthy_after": 1}
        proxy = self.weir(url, upstreams={"app": {"servers": [url], "tls": {"ca": self.authority.certificate},
                                                  "health_check": check}})

        def outcome():
            last = proxy.performance("services")["services"][0]["last_check"]
            return last["outcome"] if last else ""

        await_that(lambda: "the other side asks for a certificate" in outcome(), "the alert to be shown")

    def test_hup_takes_a_new_certificate_and_keeps_connections(self):
        proxy = self.tls_weir(self.node())
        with self.wrap(proxy) as before:
            self.authority.issue("weir")
            proxy.signal(signal.SIGHUP)
            await_that(lambda: "the configuration was reloaded" in proxy.log(), "the reload")
            with self.wrap(proxy) as after:
                self.assertNotEqual(before.getpeercert()["serialNumber"], after.getpeercert()["serialNumber"])
            before.sendall(b"GET /ok HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(before.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_an_expired_certificate_fails_check_and_stops_nothing_else(self):
        expired = self.authority.issue("expired", days=-1)
        node = self.node()
        listener = {"address": "127.0.0.1:0", "tls": expired}
        sections = {"listeners": [listener], "admin": {"address": "127.0.0.1:0", "tls": expired},
                    "upstreams": {"app": {"servers": [node.url]},
                                  "other": {"servers": ["https://localhost:1"], "tls": expired}}}
        listener["upstream"] = "app"
        proxy = self.weir(node, **sections)
        self.assertEqual(self.curl(proxy, "/ok", "-k").returncode, 0)
        for key in ("listeners[0].tls", "upstreams.other.tls", "admin.tls"):
            self.assertIn(f"{key}.certificate: the certificate {expired['certificate']} expired on 20", proxy.log())
        checked = command_line("check", "-c", proxy.configuration_path)
        self.assertEqual(checked.returncode, 2)
        self.assertEqual(checked.stderr.count(" expired on 20"), 3)
        before = proxy.log().count(" expired on 20")
        proxy.rewrite(configuration(node.url, **sections, log={"level": "debug"}))
        await_that(lambda: "the configuration was reloaded" in proxy.log(), "the reload to be taken")
        self.assertEqual(proxy.log().count(" expired on 20"), before + 3)

    def test_a_certificate_that_ends_soon_is_a_warning(self):
        soon = self.authority.issue("soon", days=10)
        path = os.path.join(self.folder, "soon.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(configuration("http://127.0.0.1:1", listeners=[{"address": "127.0.0.1:0", "tls": soon}]), file)
        said = command_line("check", "-c", path)
        self.assertEqual(said.returncode, 0)
        self.assertRegex(said.stderr, rf"^{path}:\d+:\d+: warning: listeners\[0\]\.tls\.certificate: .+ expires on 20")
        strict = command_line("check", "-c", path, "--strict")
        self.assertEqual((strict.returncode, strict.stderr), (2, said.stderr.replace("warning: ", "")))

    def test_check_refuses_files_that_do_not_fit_and_says_where(self):
        files, others = self.authority.issue("weir"), self.authority.issue("other")
        path = os.path.join(self.folder, "wrong.yaml")
        wrong = configuration("http://127.0.0.1:1", listeners=[
            {"address": "127.0.0.1:0", "tls": {"certificate": files["certificate"], "key": others["key"]}}])
        with open(path, "w", encoding="utf-8") as file:
            json.dump(wrong, file, indent=1)
        said = command_line("check", "-c", path)
        self.assertEqual(said.returncode, 2)
        self.assertRegex(said.stderr, rf"^{path}:\d+:\d+: listeners\[0\]\.tls\.key: the key {others['key']} is not that of "
                                      rf"the certificate {files['certificate']} \(.+\)\n$")

    def test_a_connection_that_said_goodbye_with_its_response_goes_to_nobody_who_waits(self):
        app = TlsGoodbyeApp(self.authority.issue("app"))
        self.addCleanup(app.stop)
        proxy = self.weir(app.url, workers=1, upstreams={"app": {
            "servers": [app.url], "retries": 0, "max_connections": 1, "tls": {"ca": self.authority.certificate}}})
        with wire.Connection(proxy.address) as first, wire.Connection(proxy.address) as waiting:
            first.send(wire.request("GET", "/first", proxy.address))
            await_that(lambda: app.asked, "the first request to reach the app")
            waiting.send(wire.request("POST", "/next", proxy.address, body=b"once"))
            await_that(lambda: proxy.stats()["in_flight"] == 2, "the second request to wait")
            app.gate.set()
            self.assertEqual((first.answer().status, waiting.answer().status), (200, 200))
        self.assertEqual(len(app.connections), 2)
