"""`GET /admin/performance/tap`: each finished request as it ends, as server-sent events."""

import json
import signal
from urllib.parse import urlencode

from lab import wire
from lab.case import Case
from lab.server import await_that


class Tap:
    """A client of the stream. Comes back from the start when the head of the answer is there."""

    def __init__(self, proxy, receive_buffer=None, **filters):
        self.connection = wire.Connection(proxy.admin_address, receive_buffer=receive_buffer)
        target = "/admin/performance/tap" + ("?" + urlencode(filters) if filters else "")
        self.connection.send(wire.request("GET", target, proxy.admin_address))
        self.head = wire.Answer(self.connection.head())
        self.text = b""
        self.is_over = False

    def close(self):
        self.connection.close()

    def next(self):
        """The next event: its name and its data. Comments are left out. None at the stream's end."""
        while True:
            while b"\n\n" not in self.text:
                data = self.connection.chunk()
                if not data:
                    self.is_over = True
                    return None
                self.text += data
            event, _, self.text = self.text.partition(b"\n\n")
            fields = [line.split(": ", 1) for line in event.decode().split("\n") if not line.startswith(":")]
            if fields:
                named = dict(fields)
                return named.get("event", "message"), json.loads(named["data"])

    def request(self):
        name, data = self.next()
        if name != "message":
            raise AssertionError(f"a request was expected, not {name}: {data}")
        return data


class TapTest(Case):
    seconds = 90

    def tap(self, proxy, **more):
        tap = Tap(proxy, **more)
        self.addCleanup(tap.close)
        self.assertEqual(tap.head.status, 200)
        self.assertEqual(tap.head.header("Content-Type"), "text/event-stream")
        return tap

    def test_each_request_shows_with_its_facts_and_without_its_query(self):
        app = self.node()
        proxy = self.weir(app, routes=[{"match": "GET /ok/{name}"}], measure={"user": {"header": "X-User"}})
        tap = self.tap(proxy)
        proxy.get("/ok/a?token=secret", headers=[("X-User", "anna"), ("X-Request-Id", "id-1")])
        seen = tap.request()
        self.assertEqual(
            {key: seen[key] for key in ("method", "route", "path", "status", "client", "user", "request_id", "upstream",
                                        "fault", "bytes_in")},
            {"method": "GET", "route": "/ok/{name}", "path": "/ok/a", "status": 200, "client": "127.0.0.1",
             "user": "anna", "request_id": "id-1", "upstream": app.url, "fault": None, "bytes_in": 0})
        self.assertNotIn("secret", json.dumps(seen))
        self.assertGreater(seen["duration"], 0)
        self.assertGreater(seen["bytes_out"], 0)
        for phase in ("connect", "send", "wait", "receive"):
            self.assertIn(phase, seen["phases"])
        self.assertRegex(seen["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        # Every one, whatever the figures have kept: nothing about the second is slow, failed or new.
        for name in "bcdef":
            proxy.get("/ok/" + name)
            self.assertEqual(tap.request()["path"], "/ok/" + name)
        self.assertEqual(proxy.stats()["endpoint_stats"]["GET /ok/{name}"]["total_requests"], 6)

    def test_filters_let_through_what_they_say(self):
        proxy = self.weir(self.node(), routes=[{"match": "GET /ok/{name}"}, {"match": "/slow", "group": "sluggish"}])
        taps = {
            "route": self.tap(proxy, route="GET /ok/{name}"),
            "pattern": self.tap(proxy, route="/ok/{name}"),
            "group": self.tap(proxy, group="sluggish"),
            "method": self.tap(proxy, method="POST"),
            "status": self.tap(proxy, status="4xx,503"),
            "min": self.tap(proxy, min="1000ms"),
            "not known yet": self.tap(proxy, route="GET /ok/{name}/parts"),
        }
        for method, target, status in (
                ("GET", "/ok/a", 200), ("POST", "/ok/b", 200), ("GET", "/slow?ms=1000", 200), ("GET", "/none/4", 404),
                ("GET", "/status?code=503", 503), ("GET", "/status?code=500", 500), ("GET", "/status?code=201", 201),
                ("GET", "/ok/a/parts", 200), ("POST", "/none/5", 404), ("GET", "/ok/last", 200),
                ("GET", "/slow?ms=1001", 200)):
            self.assertEqual(proxy.send(method, target).status, status, target)
        expected = {
            "route": [("/ok/a", 200), ("/ok/last", 200)],
            "pattern": [("/ok/a", 200), ("/ok/last", 200)],
            "group": [("/slow", 200), ("/slow", 200)],
            "method": [("/ok/b", 200), ("/none/5", 404)],
            "status": [("/none/4", 404), ("/status", 503), ("/none/5", 404)],
            "min": [("/slow", 200), ("/slow", 200)],
        }
        for name, requests in expected.items():
            with self.subTest(name):
                # Connections belong to different workers, which show what they have each in its own time.
                seen = [taps[name].request() for _ in requests]
                self.assertCountEqual([(one["path"], one["status"]) for one in seen], requests)

    def test_wrong_filters_are_refused_with_what_would_be_right(self):
        proxy = self.weir(self.node())
        for query, word in (("status=abc", "status"), ("status=600", "status"), ("min=soon", "min"),
                            ("method=FLY", "method"), ("route=GET+users", "route")):
            answer = proxy.ask(f"/admin/performance/tap?{query}")
            self.assertEqual(answer.status, 400, query)
            self.assertTrue(answer.json()["detail"].startswith(word + ": "), answer.body)
        self.assertEqual(proxy.ask("/admin/performance/tap?group=none").status, 404)

    def test_several_watch_and_probes_show_to_nobody(self):
        proxy = self.weir(self.node())
        first, second = self.tap(proxy), self.tap(proxy)
        proxy.get("/health")
        proxy.get("/ok/a")
        self.assertEqual([first.request()["path"], second.request()["path"]], ["/ok/a", "/ok/a"])
        first.close()
        proxy.get("/ok/b")
        self.assertEqual(second.request()["path"], "/ok/b")

    def test_who_does_not_read_loses_events_and_is_told_how_many(self):
        proxy = self.weir(self.node(), measure={"user": {"header": "X-User"}})
        slow = self.tap(proxy, receive_buffer=4096)
        long = "x" * 2000
        request = wire.request("GET", "/ok/" + long, proxy.address, [("X-Request-Id", long), ("X-User", long)])
        sent = 0
        with wire.Connection(proxy.address) as client:
            # Far more than the sockets and weir hold for one that does not read.
            while sent < 1600:
                client.send(request * 20)
                for _ in range(20):
                    client.answer()
                sent += 20
        # The last batches have been handed over by then.
        self.assertEqual(proxy.stats()["total_requests"], sent)
        seen = dropped = 0
        while seen + dropped < sent:
            name, data = slow.next()
            if name == "dropped":
                dropped += data["dropped"]
            else:
                seen += 1
        self.assertEqual(seen + dropped, sent)
        self.assertGreater(dropped, 0)

    def test_the_end_of_weir_ends_the_stream_and_waits_for_nobody(self):
        proxy = self.weir(self.node(), timeouts={"drain": "3600s"})
        tap = self.tap(proxy)
        proxy.get("/ok/a")
        self.assertEqual(tap.request()["path"], "/ok/a")
        proxy.signal(signal.SIGTERM)
        self.assertIsNone(tap.next())
        self.assertEqual(proxy.wait(), 0)

    def test_where_nobody_watches_any_more_texts_stay_where_they_are(self):
        proxy = self.weir(self.node(), routes=[{"match": "/ok/{name}"}])
        tap = self.tap(proxy)
        proxy.get("/ok/a")
        tap.request()
        tap.close()
        proxy.get("/ok/b")
        await_that(lambda: proxy.stats()["total_requests"] == 2, "both requests")
        again = self.tap(proxy)
        proxy.get("/ok/c")
        self.assertEqual(again.request()["path"], "/ok/c")
