"""Custom events: what routes count, and what apps send to the admin API."""

import json
import shutil
import signal
import subprocess
import unittest

from lab.case import Case
from lab.server import await_that

ROUTES = [
    {"match": "GET /status", "count_as": "report_view"},
    {"match": "/ok", "count_as": "report_view"},
    {"match": "GET /echo"},
]


class EventsCase(Case):
    def start_both(self, **sections):
        self.proxy = self.weir(self.node(), **sections)

    def post(self, body):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.proxy.ask("/admin/performance/events", "POST", body=body)

    def send(self, *events):
        answer = self.post(list(events))
        self.assertEqual((answer.status, answer.json()), (200, {"status": "accepted", "accepted": len(events)}))

    def events(self, query=""):
        """By name and type."""
        return {(event["name"], event["type"]): event for event in self.proxy.performance("events" + query)["events"]}

    def metrics(self):
        return self.proxy.ask("/metrics").body.decode()


class Counted(EventsCase):
    def test_each_success_of_a_route_counts_one_event(self):
        self.start_both(routes=ROUTES)
        for code in (200, 201, 204, 304, 404, 500, 429):
            self.proxy.get(f"/status?code={code}")
        self.proxy.get("/ok")
        self.proxy.send("POST", "/ok", body=b"x")
        self.proxy.get("/echo")
        self.assertEqual(list(self.events()), [("report_view", "counter")])
        event = self.events("?window=1m")["report_view", "counter"]
        self.assertEqual(event["count"], 6)
        self.assertGreater(event["per_minute"], 0)
        self.assertIn('weir_events_total{event="report_view"} 6\n', self.metrics())

    def test_each_request_is_counted_at_once_over_many_connections_and_workers(self):
        self.start_both(routes=ROUTES, workers=4)
        for n in range(1, 41):
            self.proxy.get("/ok")
            self.assertEqual(self.events()["report_view", "counter"]["count"], n)

    def test_probes_and_what_weir_answers_itself_count_nothing(self):
        self.proxy = self.weir("http://127.0.0.1:1", routes=[{"match": "/{any...}", "count_as": "view"}])
        self.assertEqual(self.proxy.get("/x").status, 502)
        self.proxy.get("/health")
        self.assertEqual(self.events(), {})

    def test_a_reload_changes_what_is_counted(self):
        self.start_both(routes=[{"match": "/ok"}])
        self.proxy.get("/ok")
        self.assertEqual(self.events(), {})
        self.proxy.options["routes"][0]["count_as"] = "seen"
        self.proxy.command()  # writes the configuration
        self.proxy.signal(signal.SIGHUP)
        await_that(lambda: "was reloaded" in self.proxy.log(), "the reload")
        self.proxy.get("/ok")
        self.assertEqual(self.events()["seen", "counter"]["count"], 1)


class Sent(EventsCase):
    def test_one_object_or_an_array_of_every_kind(self):
        self.start_both()
        answer = self.post({"name": "download"})
        self.assertEqual((answer.status, answer.json()["accepted"]), (200, 1))
        self.send({"name": "download", "count": 3},
                  {"name": "render", "duration": 0.25}, {"name": "render", "duration": 0.75},
                  {"name": "queue_depth", "value": 17}, {"name": "queue_depth", "value": -2.5},
                  {"name": "visitors", "member": "ada"}, {"name": "visitors", "member": "bob"},
                  {"name": "visitors", "member": "ada"})
        answer = self.proxy.performance("events")
        self.assertEqual(answer["count"], 4)
        self.assertLess(answer["relative_error"], 0.01)
        for member in ("as_of", "since", "window"):
            self.assertIn(member, answer)
        events = self.events("?window=5m")
        self.assertEqual(events["download", "counter"]["count"], 4)
        self.assertGreater(events["download", "counter"]["per_minute"], 0)
        render = events["render", "timing"]
        self.assertEqual((render["count"], render["avg_duration"], render["min_duration"], render["max_duration"]),
                         (2, 0.5, 0.25, 0.75))
        self.assertAlmostEqual(render["p99_duration"], 0.75, delta=0.75 * 0.0055)
        gauge = events["queue_depth", "gauge"]
        self.assertEqual((gauge["value"], gauge["min"], gauge["max"], gauge["count"]), (-2.5, -2.5, 17, 2))
        self.assertEqual((events["visitors", "set"]["members"], events["visitors", "set"]["members_relative_error"]), (2, 0))
        self.assertEqual(self.post([]).json()["accepted"], 0)

    def test_tags_tell_series_apart_and_the_name_is_their_sum(self):
        self.start_both()
        self.send({"name": "signup", "tags": {"plan": "pro", "from-where": "ad"}},
                  {"name": "signup", "tags": {"from-where": "ad", "plan": "pro"}, "count": 2},
                  {"name": "signup", "tags": {"plan": "free \"x\"\\"}},
                  {"name": "signup"})
        signup = self.events()["signup", "counter"]
        self.assertEqual(signup["count"], 5)
        self.assertEqual([(one["tags"], one["count"]) for one in signup["series"]],
                         [({"from_where": "ad", "plan": "pro"}, 3), ({"plan": "free \"x\"\\"}, 1), ({}, 1)])
        metrics = self.metrics()
        self.assertIn('weir_events_total{event="signup",from_where="ad",plan="pro"} 3\n', metrics)
        self.assertIn('weir_events_total{event="signup",plan="free \\"x\\"\\\\"} 1\n', metrics)

    def test_order_limit_and_filters(self):
        self.start_both()
        self.send({"name": "b", "count": 2}, {"name": "a"}, {"name": "fast", "duration": 0.1},
                  {"name": "slow", "duration": 3}, {"name": "slow", "duration": 4})
        self.assertEqual([name for name, _ in self.events()], ["b", "slow", "a", "fast"])
        self.assertEqual([name for name, _ in self.events("?sort=name")], ["a", "b", "fast", "slow"])
        self.assertEqual([name for name, _ in self.events("?sort=p95_duration&limit=2")], ["slow", "fast"])
        self.assertEqual([name for name, _ in self.events("?type=timing&sort=name")], ["fast", "slow"])
        self.assertEqual([name for name, _ in self.events("?name=a")], ["a"])
        for query in ("sort=height", "limit=-1", "type=kind", "window=2m"):
            self.assertEqual(self.proxy.ask(f"/admin/performance/events?{query}").status, 400, query)

    def test_a_reset_starts_anew_and_exported_counters_go_on(self):
        self.start_both()
        self.send({"name": "download", "count": 3}, {"name": "render", "duration": 1}, {"name": "depth", "value": 3})
        self.proxy.performance("reset?method=GET", "POST")
        self.assertEqual(len(self.events()), 3)
        self.proxy.performance("reset", "POST")
        self.assertEqual(list(self.events()), [("depth", "gauge")])  # it still stands where it stood
        self.send({"name": "download"})
        self.assertEqual(self.events()["download", "counter"]["count"], 1)
        self.assertIn('weir_events_total{event="download"} 4\n', self.metrics())

    def test_a_bad_event_is_refused_by_place_and_member_and_nothing_of_its_array_counts(self):
        self.start_both()
        good = {"name": "ok"}
        wrong = [
            (b"", "body is empty"),
            (b"{", "no valid JSON"),
            (b"\"download\"", "no object"),
            (b"null", "no object"),
            ({}, "name: is missing"),
            ([good, {"count": 1}], "[1].name: is missing"),
            ([good, "download"], "[1]: \"download\" is no object"),
            ([good, good, {"name": ""}], "[2].name: is empty"),
            ({"name": 7}, "name: 7 is no text"),
            ({"name": "a\nb"}, "name: "),
            ({"name": "x" * 201}, "name: has 201 bytes"),
            ({"name": "a", "count": -1}, "count: -1"),
            ({"name": "a", "count": 0}, "count: 0"),
            ({"name": "a", "count": 1.5}, "count: 1.5"),
            ({"name": "a", "count": "3"}, "count: \"3\""),
            ({"name": "a", "count": True}, "count: true"),
            ({"name": "a", "count": None}, "count: null"),
            ({"name": "a", "count": 10**10}, "count: "),
            ({"name": "a", "duration": -0.1}, "duration: -0.1 is out of range"),
            ({"name": "a", "duration": "1s"}, "duration: \"1s\" is no number"),
            ({"name": "a", "duration": 10**7}, "duration: "),
            ({"name": "a", "value": 1e300}, "value: "),
            ({"name": "a", "member": ""}, "member: is empty"),
            ({"name": "a", "count": 1, "duration": 1}, "duration: stands beside count"),
            ({"name": "a", "kind": "counter"}, "kind: is not known"),
            (b'{"name":"a","name":"b"}', "name: comes twice"),
            ([good, {"name": "a", "tags": ["x"]}], "[1].tags: [\"x\"] is no object"),
            ({"name": "a", "tags": {"x": 1}}, "tags.x: is no text"),
            ({"name": "a", "tags": {"": "1"}}, "tags.: is no name"),
            ({"name": "a", "tags": {"x": "y" * 129}}, "tags.x: is no value"),
            ({"name": "a", "tags": {f"t{n}": "x" for n in range(17)}}, "tags: there are more than 16"),
        ]
        for body, said in wrong:
            with self.subTest(body):
                answer = self.post(body)
                self.assertEqual(answer.status, 400)
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
                self.assertIn(said, answer.json()["detail"])
        self.assertEqual(self.post([good] * 1001).status, 413)
        self.assertEqual(self.post(b"[" + b" " * (1 << 20) + b"]").status, 413)
        self.assertEqual(self.events(), {})
        self.send(*[good] * 1000)

    def test_a_flood_of_names_is_bounded_and_what_finds_no_room_is_counted(self):
        self.start_both()
        for start in range(0, 3000, 1000):
            self.send(*[{"name": f"name-{start + n}"} for n in range(1000)])
        answer = self.proxy.performance("events")
        self.assertEqual((answer["count"], answer["overflowed"]), (501, 2500))
        self.assertEqual(self.events()["(other)", "counter"]["count"], 2500)
        self.assertIn("weir_events_overflowed_total 2500\n", self.metrics())


class Exported(EventsCase):
    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_nothing_to_say(self):
        self.start_both(routes=ROUTES)
        self.proxy.get("/ok")
        self.send({"name": "download", "tags": {"le": "x", "__name": "ä", "1": "\"", "event": "y"}}, {"name": "r", "duration": 0.5},
                  {"name": "depth", "value": 17}, {"name": "visitors", "member": "ada"}, {"name": "odd \\ \" ö"})
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.metrics(), capture_output=True, text=True,
                                 timeout=20, check=False)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))
