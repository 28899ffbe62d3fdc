"""Every request reaches the app as it was sent, and every answer the client as it was given."""

import hashlib
import os
import threading
import time

from lab import wire
from lab.case import Case

HOP_OWN = {"connection", "keep-alive", "x-response-time"}  # weir's own on an answer


def end_to_end(answer):
    """The headers without those that each hop writes for itself, and without the clock."""
    return [(name, value) for name, value in answer.headers if name.lower() not in HOP_OWN | {"date"}]


class InFrontOfNginx(Case):
    def setUp(self):
        super().setUp()
        self.upstream = self.nginx()
        self.upstream.write("page.html", b"<p>hello</p>\n")
        self.upstream.write("big.txt", os.urandom(3_000_000))
        self.proxy = self.weir(self.upstream)

    def both(self, method, target, headers=(), body=None):
        """The answer through weir, found equal to the one without it."""
        straight = wire.fetch(self.upstream.address, method, target, headers, body)
        through = wire.fetch(self.proxy.address, method, target, headers, body)
        self.assertEqual(through.status_line, straight.status_line)
        self.assertEqual(end_to_end(through), end_to_end(straight))
        self.assertEqual(hashlib.sha256(through.body).digest(), hashlib.sha256(straight.body).digest())
        return through

    def test_files_come_through_nginx_unchanged(self):
        self.assertEqual(self.both("GET", "/page.html").body, b"<p>hello</p>\n")
        self.assertEqual(len(self.both("GET", "/big.txt").body), 3_000_000)

    def test_head_has_the_length_and_no_body(self):
        answer = self.both("HEAD", "/big.txt")
        self.assertEqual(answer.header("Content-Length"), "3000000")

    def test_ranges_come_through(self):
        answer = self.both("GET", "/big.txt", [("Range", "bytes=100-199")])
        self.assertEqual((answer.status, len(answer.body)), (206, 100))
        # nginx chooses a boundary for each answer, so these are compared by length alone.
        parts = self.proxy.get("/big.txt", headers=[("Range", "bytes=0-9,100-119")])
        self.assertEqual(parts.status, 206)
        self.assertIn("multipart/byteranges", parts.header("Content-Type"))
        self.assertEqual(self.both("GET", "/big.txt", [("Range", "bytes=9000000-")]).status, 416)

    def test_not_modified_has_no_body_and_the_connection_goes_on(self):
        tag = self.both("GET", "/page.html").header("ETag")
        with wire.Connection(self.proxy.address) as client:
            for _ in range(3):
                client.send(wire.request("GET", "/page.html", self.proxy.address, [("If-None-Match", tag)]))
                self.assertEqual(client.answer().status, 304)
                client.send(wire.request("GET", "/page.html", self.proxy.address))
                self.assertEqual(client.answer().body, b"<p>hello</p>\n")

    def test_missing_and_refused_answers_are_the_apps_own(self):
        self.assertEqual(self.both("GET", "/nothing").status, 404)
        self.assertEqual(self.both("POST", "/page.html", body=b"x=1").status, 405)
        self.assertEqual(self.both("DELETE", "/page.html").status, 405)
        self.assertIsNone(self.proxy.get("/nothing").header("X-Weir-Error"))

    def test_odd_targets_arrive_byte_for_byte(self):
        for target in ("/a%20b?x=%2F&&y", "/a//b/../c", "/%E2%82%AC?q=a+b", "/x;y=1/z,w", "/" + "p" * 4000):
            with self.subTest(target[:40]):
                self.both("GET", target)


class InFrontOfPython(Case):
    def setUp(self):
        super().setUp()
        self.upstream = self.python_files()
        with open(os.path.join(self.upstream.files, "note.txt"), "wb") as file:
            file.write(b"from http.server\n")
        self.proxy = self.weir(self.upstream)

    def test_a_server_of_http_1_0_is_served_to_clients_of_http_1_1(self):
        with wire.Connection(self.proxy.address) as client:
            for _ in range(3):
                client.send(wire.request("GET", "/note.txt", self.proxy.address))
                answer = client.answer()
                self.assertEqual((answer.status, answer.body), (200, b"from http.server\n"))

    def test_head_listing_and_missing_files_come_through(self):
        self.assertEqual(self.proxy.send("HEAD", "/note.txt").header("Content-Length"), "17")
        self.assertIn(b"note.txt", self.proxy.get("/").body)
        self.assertEqual(self.proxy.get("/none").status, 404)
        self.assertEqual(self.proxy.send("POST", "/note.txt", body=b"x").status, 501)


class InFrontOfNode(Case):
    def setUp(self):
        super().setUp()
        self.upstream = self.node()
        self.proxy = self.weir(self.upstream)

    def echo(self, method="GET", target="/echo", headers=(), body=None):
        answer = self.proxy.send(method, target, headers=headers, body=body)
        self.assertEqual(answer.status, 200, answer.body)
        said = answer.json()
        flat = said["headers"]
        said["headers"] = list(zip(flat[::2], flat[1::2]))
        return said

    def test_header_names_keep_case_order_and_duplicates(self):
        sent = [("hOsT", "example.test"), ("X-One", "1"), ("x-two", "2"), ("X-One", "3"), ("COOKIE", "a=b"),
                ("Accept", "*/*")]
        said = self.echo(headers=sent)
        added = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id", "x-weir-hop",
                 "connection")
        self.assertEqual([field for field in said["headers"] if field[0].lower() not in added], sent)

        answer = self.proxy.get("/headers")
        names = [field for field in answer.headers if field[0].lower() in ("x-upper", "x-lower", "x-between",
                                                                           "set-cookie")]
        self.assertEqual(names, [("X-UPPER", "a"), ("x-lower", "b"), ("Set-Cookie", "one=1"), ("X-Between", "c"),
                                 ("Set-Cookie", "two=2")])

    def test_forwarded_headers_are_appended_or_added(self):
        said = dict(self.echo()["headers"])
        self.assertEqual(said["X-Forwarded-For"], "127.0.0.1")
        self.assertEqual(said["X-Forwarded-Proto"], "http")
        self.assertEqual(said["X-Forwarded-Host"], self.proxy.address)
        said = self.echo(headers=[("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
                                  ("X-Forwarded-Host", "shop.example")])
        by_name = {}
        for name, value in said["headers"]:
            by_name.setdefault(name.lower(), []).append(value)
        self.assertEqual(", ".join(by_name["x-forwarded-for"]), "203.0.113.7, 127.0.0.1")
        self.assertEqual(by_name["x-forwarded-proto"], ["https"])
        self.assertEqual(by_name["x-forwarded-host"], ["shop.example"])

    def test_a_request_id_is_kept_or_made(self):
        self.assertEqual(dict(self.echo(headers=[("x-request-id", "abc-1")])["headers"])["x-request-id"], "abc-1")
        made = {dict(self.echo()["headers"])["X-Request-Id"] for _ in range(20)}
        self.assertEqual(len(made), 20)

    def test_the_response_time_is_on_every_answer_unless_the_app_has_its_own(self):
        self.assertRegex(self.proxy.get("/").header("X-Response-Time"), r"^\d+\.\d{3}ms$")
        slow = self.proxy.get("/slow?ms=120").header("X-Response-Time")
        self.assertGreaterEqual(float(slow.removesuffix("ms")), 115)
        self.assertEqual(self.proxy.get("/own-response-time").header_values("X-Response-Time"), ["7ms"])
        self.assertRegex(self.proxy.get("/missing").header("X-Response-Time"), r"^\d+\.\d{3}ms$")

    def test_bodies_arrive_whole_in_both_framings(self):
        for size in (0, 1, 32768, 65536, 1_000_003):
            body = os.urandom(size)
            digest = hashlib.sha256(body).hexdigest()
            with self.subTest(size=size):
                said = self.echo("POST", body=body)
                self.assertEqual((said["length"], said["sha256"]), (size, digest))
                half = size // 2
                parts = [part for part in (body[:half], body[half:]) if part]
                chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
                said = self.echo("POST", headers=[("Transfer-Encoding", "chunked")], body=chunked)
                self.assertEqual((said["length"], said["sha256"]), (size, digest))

    def test_chunks_and_trailers_come_through(self):
        answer = self.proxy.get("/chunked?n=100")
        self.assertEqual(answer.body, b"".join(b"chunk %d\n" % i for i in range(100)))
        self.assertEqual(answer.trailers, [("X-Checksum", "abc123")])
        body = b"3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n"
        answer = self.proxy.send("POST", "/echo", headers=[("Transfer-Encoding", "chunked"), ("Trailer", "X-Sum")],
                                 body=body)
        self.assertEqual(answer.json()["trailers"], ["X-Sum", "9"])

    def test_methods_that_nobody_has_heard_of_are_not_refused(self):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT"):
            self.assertEqual(self.echo(method)["method"], method)

    def test_reason_phrases_and_empty_answers_come_through(self):
        self.assertEqual(self.proxy.get("/status?code=299&reason=Quite+Fine").status_line, "HTTP/1.1 299 Quite Fine")
        with wire.Connection(self.proxy.address) as client:
            for code in (204, 304, 200, 404, 500):
                client.send(wire.request("GET", f"/status?code={code}", self.proxy.address))
                self.assertEqual(client.answer().status, code)

    def test_early_hints_come_before_the_answer(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/hints", self.proxy.address))
            hints = wire.Answer(client.head())
            self.assertEqual(hints.status, 103)
            self.assertEqual(hints.header("Link"), "</style.css>; rel=preload")
            self.assertEqual(client.answer().body, b"hinted\n")

    def test_a_client_that_expects_100_continue_gets_it_before_its_body(self):
        head = wire.request("POST", "/echo", self.proxy.address,
                            [("Expect", "100-continue"), ("Content-Length", "5")])
        with wire.Connection(self.proxy.address) as client:
            client.send(head)
            self.assertEqual(wire.Answer(client.head()).status, 100)
            client.send(b"hello")
            answer = client.answer()
            self.assertEqual((answer.status, answer.json()["length"]), (200, 5))
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("POST", "/refuse", self.proxy.address,
                                     [("Expect", "100-continue"), ("Content-Length", "5")]))
            self.assertEqual(client.answer().status, 417)

    def test_pipelined_requests_are_answered_in_order(self):
        count = 50
        with wire.Connection(self.proxy.address) as client:
            client.send(b"".join(wire.request("POST", f"/echo?n={n}", self.proxy.address, body=b"x" * n)
                                 for n in range(count)))
            for n in range(count):
                said = client.answer().json()
                self.assertEqual((said["target"], said["length"]), (f"/echo?n={n}", n))
        self.assertEqual(self.proxy.stats()["total_requests"], count)

    def test_requests_may_arrive_in_single_bytes(self):
        with wire.Connection(self.proxy.address) as client:
            for byte in wire.request("POST", "/echo", self.proxy.address, body=b"slowly"):
                client.send(bytes([byte]))
                time.sleep(0.0005)
            self.assertEqual(client.answer().json()["length"], 6)

    def test_clients_of_http_1_0_are_served(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(b"GET /chunked?n=3 HTTP/1.0\r\nHost: x\r\n\r\n")
            answer = client.answer()
            self.assertIsNone(answer.header("Transfer-Encoding"))
            self.assertEqual(answer.body, b"chunk 0\nchunk 1\nchunk 2\n")
            self.assertTrue(client.is_closed())
        with wire.Connection(self.proxy.address) as client:
            for _ in range(2):
                client.send(b"GET /own-response-time HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
                self.assertEqual(client.answer().status, 200)

    def test_a_client_that_asks_for_close_gets_it(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/", self.proxy.address, [("Connection", "close")]))
            answer = client.answer()
            self.assertEqual(answer.header("Connection"), "close")
            self.assertTrue(client.is_closed())

    def test_a_pooled_connection_that_the_app_closed_costs_no_request(self):
        with wire.Connection(self.proxy.address) as client:
            for _ in range(30):
                client.send(wire.request("GET", "/then-close", self.proxy.address))
                self.assertEqual(client.answer().status, 200)
                time.sleep(0.021)

    def test_upstream_connections_are_kept_and_used_again(self):
        with wire.Connection(self.proxy.address) as client:
            for _ in range(100):
                client.send(wire.request("GET", "/", self.proxy.address))
                self.assertEqual(client.answer().status, 200)
            pid = self.upstream.pid
            sockets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")
                       if os.path.islink(f"/proc/{pid}/fd/{fd}")]
        self.assertLess(len([name for name in sockets if name.startswith("socket:")]), 12)

    def test_parallel_clients_get_their_own_answers(self):
        wrong = []

        def ask(name):
            with wire.Connection(self.proxy.address) as client:
                for n in range(50):
                    client.send(wire.request("POST", f"/echo?{name}-{n}", self.proxy.address, body=b"y" * n))
                    said = client.answer().json()
                    if (said["target"], said["length"]) != (f"/echo?{name}-{n}", n):
                        wrong.append(said)

        threads = [threading.Thread(target=ask, args=(name,)) for name in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(self.proxy.stats()["total_requests"], 800)
