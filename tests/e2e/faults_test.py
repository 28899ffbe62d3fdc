"""What happens when the app is away, slow or breaks off, and when bytes make no sense."""

import contextlib
import os
import time

from lab import wire
from lab.case import Case
from lab.server import await_that, free_port
from lab.upstreams import NodeApp
from lab.weir import Weir, configuration


class Faults(Case):
    def test_weir_starts_without_the_app_answers_502_and_recovers_when_it_comes(self):
        port = free_port()
        proxy = self.start(Weir(self.folder, flags=[
            "--upstream", f"http://127.0.0.1:{port}", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]))
        self.assert_weir_answer(proxy.get("/"), 502, "connect_failed")
        app = self.node(port)
        await_that(lambda: proxy.get("/").status == 200, "the app to be reached")
        app.kill()
        await_that(lambda: proxy.get("/").status == 502, "the app to be missed")
        self.start(NodeApp(self.folder, port))
        await_that(lambda: proxy.get("/").status == 200, "the app to be reached again")

    def test_an_app_that_takes_too_long_is_answered_504(self):
        proxy = self.weir(self.node(), timeouts={"response": "1s"})
        self.assert_weir_answer(proxy.get("/held"), 504, "response_timeout")
        self.assertEqual(proxy.get("/slow?ms=10").status, 200)

    def test_a_timeout_of_one_upstream_wins_over_the_common_one(self):
        app = self.node()
        proxy = self.weir(app, timeouts={"response": "30s"},
                          upstreams={"app": {"servers": [app.url], "timeouts": {"response": "200ms"}}})
        self.assert_weir_answer(proxy.get("/held"), 504, "response_timeout")

    def test_an_app_that_hangs_up_before_its_answer_is_502(self):
        proxy = self.weir(self.node())
        self.assert_weir_answer(proxy.send("POST", "/hang-up", body=b"once"), 502, "upstream_closed")

    def test_a_request_that_changes_something_is_never_sent_twice(self):
        app = self.node()
        proxy = self.weir(app)
        for _ in range(5):
            proxy.send("POST", "/hang-up", body=b"once")
        self.assertEqual(app.served("/hang-up"), 5)

    def test_a_body_that_the_app_breaks_off_is_seen_as_broken_off(self):
        proxy = self.weir(self.node())
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/cut", proxy.address))
            head = wire.Answer(client.head())
            self.assertEqual((head.status, head.header("Content-Length")), (200, "1000000"))
            with self.assertRaises((EOFError, ConnectionResetError)):
                client.exactly(1_000_000)
        stats = proxy.stats()
        self.assertEqual((stats["total_requests"], stats["total_errors"]), (1, 1))
        errors = proxy.performance("errors")["errors"]
        self.assertEqual(errors[0]["fault"], "upstream_truncated")

    def test_an_app_killed_in_the_middle_of_a_body_cuts_the_client_off_and_weir_lives(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/bytes?n=500000000", proxy.address))
            client.head()
            client.exactly(1_000_000)
            app.kill()
            with self.assertRaises((EOFError, ConnectionResetError)):
                client.exactly(499_000_000)
        self.assert_weir_answer(proxy.get("/"), 502, "connect_failed")

    def test_a_client_that_goes_away_is_no_error_of_the_app(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1, "the request to be in flight")
        await_that(lambda: app.release() == 1, "the request to reach the app")
        await_that(lambda: proxy.stats()["in_flight"] == 0, "the request to be over")
        self.assertEqual(proxy.stats()["total_errors"], 0)

    def test_nonsense_on_both_listeners_is_refused_and_harms_nobody(self):
        proxy = self.weir(self.node())
        nonsense = [
            b"\x00" * 100,
            os.urandom(20000),
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"\r\n" * 5000,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(300),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
        ]
        for address in (proxy.address, proxy.admin_address):
            for data in nonsense:
                with self.subTest(data[:20], address=address), wire.Connection(address, seconds=5) as client:
                    try:
                        client.send(data)
                        client.finish_sending()
                        answer = client.to_the_end()
                    except (ConnectionResetError, BrokenPipeError):
                        continue
                    if answer:
                        self.assertIn(wire.Answer(answer.split(b"\r\n\r\n")[0]).status // 100, (4, 5))
        self.assertEqual(proxy.get("/").status, 200)
        self.assertEqual(proxy.ask("/readyz").status, 200)

    def test_limits_have_answers_of_their_own(self):
        proxy = self.weir(self.node(), limits={"header_size": "4KiB", "uri_size": "1KiB", "body_size": "10KiB"})
        self.assert_weir_answer(proxy.get("/" + "a" * 2000), 414, "uri_too_long")
        self.assert_weir_answer(proxy.get("/", headers=[("X-Long", "a" * 5000)]), 431, "header_too_large")
        self.assert_weir_answer(proxy.send("POST", "/echo", body=b"a" * 20000), 413, "body_too_large")
        self.assertEqual(proxy.send("POST", "/echo", body=b"a" * 10240).status, 200)

    def test_clients_that_descriptors_do_not_do_for_are_told_so_and_the_admin_api_still_answers(self):
        options = configuration(self.node().url, workers=1)
        limited = ["bash", "-c", 'ulimit -n 100; exec "$@"', "limited"]
        proxy = self.start(Weir(self.folder, options, wrapper=limited))
        self.assertIn("too few file descriptors", proxy.log())
        with contextlib.ExitStack() as open_ones:
            statuses = []
            for _ in range(100):
                client = open_ones.enter_context(wire.Connection(proxy.address))
                try:
                    client.send(wire.request("GET", "/", proxy.address))
                    statuses.append(client.answer().status)
                except (EOFError, ConnectionError):
                    statuses.append(None)
            self.assertEqual(statuses, sorted(statuses, key=lambda status: status or 999))
            self.assertGreater(statuses.count(200), 5)
            self.assertGreater(statuses.count(503), 5)
            metrics = proxy.ask("/metrics").body.decode()
            self.assertIn(f'weir_connections_total{{event="refused"}} {statuses.count(503)}\n', metrics)
            self.assertIn(f'weir_connections_total{{event="shed"}} {statuses.count(None)}\n', metrics)
        await_that(lambda: proxy.get("/").status == 200, "room for a client")

    def test_a_head_that_does_not_arrive_in_time_is_408(self):
        proxy = self.weir(self.node(), timeouts={"request_head": "400ms"})
        with wire.Connection(proxy.address) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
            self.assert_weir_answer(client.answer(), 408, "request_timeout")
            self.assertTrue(client.is_closed())

    def test_a_request_that_no_upstream_is_named_for_is_404(self):
        app = self.node()
        proxy = self.weir(app, upstreams={"one": {"servers": [app.url]}, "two": {"servers": [app.url]}},
                          routes=[{"match": "/api/{rest...}", "upstream": "one"}])
        self.assertEqual(proxy.get("/api/x").status, 404)
        self.assertIsNone(proxy.get("/api/x").header("X-Weir-Error"))
        self.assert_weir_answer(proxy.get("/other"), 404, "no_route")
