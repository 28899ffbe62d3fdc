"""The figures are held against what the client counted and what the app's own log says."""

import collections
import threading
import time

from lab import wire
from lab.case import Case, heavy
from lab.load import wrk
from lab.server import PATIENCE, await_that

ROUTES = [{"match": pattern} for pattern in (
    "GET /users/{id}", "/users/{id}/orders", "GET /static/{rest...}", "/projects/{id}", "/broken/{id}", "/page.html",
    "/none")]


def route_of(path):
    """The tag that a path of these tests belongs to, worked out without weir."""
    parts = path.split("/")[1:]
    if parts[0] == "users":
        return "GET /users/{id}" + ("/orders" if len(parts) == 3 else "")
    if parts[0] == "static":
        return "GET /static/{rest...}"
    if parts[0] in ("projects", "broken"):
        return f"GET /{parts[0]}/{{id}}"
    return "GET " + path


class AgainstNginx(Case):
    seconds = 150

    def start_both(self, **sections):
        self.upstream = self.nginx()
        self.upstream.write("page.html", b"<p>hello</p>\n")
        self.proxy = self.weir(self.upstream, routes=ROUTES, **sections)

    def assert_stats_equal_log(self, stats, log):
        """In all, per route, per status class, and the errors."""
        self.assertEqual(stats["total_requests"], len(log))
        self.assertEqual(stats["total_errors"], sum(line.status >= 400 for line in log))
        expected = collections.defaultdict(lambda: {"2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0})
        for line in log:
            expected[route_of(line.path)][f"{line.status // 100}xx"] += 1
        self.assertEqual({tag: figures["status"] for tag, figures in stats["endpoint_stats"].items()}, dict(expected))
        for tag, figures in stats["endpoint_stats"].items():
            self.assertEqual(figures["total_requests"], sum(expected[tag].values()), tag)

    @heavy
    def test_100000_requests_of_wrk_over_4_workers_are_counted_exactly(self):
        self.start_both(workers=4)
        paths = ["/page.html", "/projects/17", "/projects/18", "/users/1", "/users/2/orders", "/static/none.css",
                 "/broken/5"]
        answered = wrk(self.proxy.url, paths, requests=100_000)
        stats = self.proxy.stats()
        self.assertEqual(answered, 100_000)
        self.assert_stats_equal_log(stats, self.upstream.settled_log(100_000))
        self.assertEqual(stats["in_flight"], 0)

    def test_what_the_client_counted_is_what_stats_says(self):
        self.start_both()
        paths = ["/page.html", "/projects/17", "/users/1", "/users/2/orders", "/static/a/b", "/broken/7", "/none"]
        for n in range(300):
            self.proxy.get(paths[n % len(paths)])
        self.assert_stats_equal_log(self.proxy.stats(), self.upstream.settled_log(300))

    def test_each_request_is_in_the_very_next_stats(self):
        self.start_both(workers=3)
        with wire.Connection(self.proxy.address) as one, wire.Connection(self.proxy.address) as other:
            for n in range(500):
                client = (one, other)[n % 2]
                client.send(wire.request("GET", "/projects/17", self.proxy.address))
                self.assertEqual(client.answer().status, 200)
                stats = self.proxy.stats()
                self.assertEqual(stats["total_requests"], n + 1)
                self.assertEqual(stats["endpoint_stats"]["GET /projects/{id}"]["total_requests"], n + 1)

    def test_ignored_paths_and_probes_reach_the_app_and_leave_the_figures_alone(self):
        self.start_both()
        for _ in range(10):
            self.assertEqual(self.proxy.get("/health").body, b"ok\n")
            self.proxy.get("/projects/1", headers=[("User-Agent", "kube-probe/1.29")])
        self.proxy.get("/projects/1")
        self.assertEqual(len(self.upstream.settled_log(21)), 21)
        self.assertEqual(self.proxy.stats()["total_requests"], 1)

    def test_reset_starts_the_figures_from_nothing_at_once(self):
        self.start_both()
        for _ in range(20):
            self.proxy.get("/projects/1")
            self.proxy.get("/users/1")
        answer = self.proxy.performance("reset?route=/users/{id}&method=GET", method="POST")
        self.assertEqual(answer["status"], "reset")
        self.assertIn("timestamp", answer)
        stats = self.proxy.stats()
        self.assertEqual(stats["endpoint_stats"]["GET /projects/{id}"]["total_requests"], 20)
        self.assertEqual(stats["endpoint_stats"].get("GET /users/{id}", {"total_requests": 0})["total_requests"], 0)
        self.proxy.performance("reset", method="POST")
        stats = self.proxy.stats()
        self.assertEqual((stats["total_requests"], stats["total_errors"]), (0, 0))
        self.assertIsNone(stats["avg_duration"])
        self.proxy.get("/projects/1")
        self.assertEqual(self.proxy.stats()["total_requests"], 1)

    def test_windows_hold_what_fell_into_them(self):
        self.start_both()
        for _ in range(25):
            self.proxy.get("/projects/1")
        for window in ("1m", "5m", "1h", "1d", "all"):
            stats = self.proxy.stats(f"?window={window}")
            self.assertEqual((stats["window"], stats["total_requests"]), (window, 25))
        self.assertEqual(self.proxy.ask("/admin/performance/stats?window=2m").status, 400)

    def test_tags_stay_bounded_whatever_is_sent(self):
        self.start_both(route_learning={"max_routes": 50})
        for n in range(400):
            self.proxy.get(f"/scan-{chr(97 + n % 26)}{'xyz'[n % 3]}{n // 78}qq/{'abcdefgh'[n % 8]}word/x{n}y.php")
        stats = self.proxy.stats()
        self.assertEqual(stats["total_requests"], 400)
        self.assertLessEqual(len(stats["endpoint_stats"]), 51)
        self.assertEqual(sum(route["total_requests"] for route in stats["endpoint_stats"].values()), 400)


class AgainstNode(Case):
    slow_ms = 1000

    def setUp(self):
        super().setUp()
        self.upstream = self.node()
        self.proxy = self.weir(self.upstream, measure={"slow_threshold": f"{self.slow_ms}ms"},
                               routes=[{"match": f"/{name}"} for name in ("slow", "status", "upload", "bytes")])

    def test_durations_are_those_that_the_client_saw(self):
        seen = []
        for ms in (20, 40, 60, 80, 100, 120, 140, 160):
            started = time.monotonic()
            self.proxy.get(f"/slow?ms={ms}")
            seen.append(time.monotonic() - started)
        stats = self.proxy.stats()
        route = stats["endpoint_stats"]["GET /slow"]
        self.assertGreaterEqual(route["min_duration"], 0.019)
        self.assertGreaterEqual(route["max_duration"], 0.159)
        self.assertGreaterEqual(route["avg_duration"], 0.089)
        # The client may read the last byte before weir is back from writing it: by as much as the machine takes to let
        # weir run again, which has nothing to do with what is measured here.
        moment = 0.5
        self.assertLessEqual(route["avg_duration"], sum(seen) / len(seen) + moment)
        self.assertLessEqual(route["max_duration"], max(seen) + moment)
        order = [route[f"{name}_duration"] for name in ("min", "p50", "p90", "p95", "p99", "p999", "max")]
        self.assertEqual(order, sorted(order))
        self.assertLess(stats["relative_error"], 0.05)
        self.assertIn("as_of", stats)

    def test_a_slow_request_is_kept_with_its_phases_and_without_its_query(self):
        self.proxy.get(f"/slow?ms={2 * self.slow_ms}&token=secret", headers=[("X-Request-Id", "slow-1")])
        self.proxy.get("/slow?ms=10")
        answer = self.proxy.performance("slow-queries")
        self.assertEqual((answer["count"], answer["threshold"]), (1, self.slow_ms / 1000))
        slow = answer["slow_queries"][0]
        expected = {"method": "GET", "route": "/slow", "path": "/slow", "status": 200, "client": "127.0.0.1",
                    "upstream": self.upstream.url, "request_id": "slow-1", "user": None}
        self.assertEqual({key: slow[key] for key in expected}, expected)
        self.assertGreaterEqual(slow["duration"], 0.00195 * self.slow_ms)
        self.assertGreaterEqual(slow["phases"]["wait"], 0.0018 * self.slow_ms)
        self.assertAlmostEqual(sum(slow["phases"].values()), slow["duration"], delta=0.02 * PATIENCE)
        self.assertRegex(slow["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        stats = self.proxy.stats()
        self.assertEqual(stats["slow_queries_count"], 1)
        self.assertEqual(stats["recent_slow_queries"][0]["request_id"], "slow-1")
        self.assertEqual(slow["slow_reason"], "threshold")
        self.assertEqual(self.proxy.performance("slow-queries?reason=p99")["count"], 0)
        self.assertEqual(self.proxy.ask("/admin/performance/slow-queries?reason=mood").status, 400)
        self.assertNotIn("secret", self.proxy.log() + str(stats) + str(answer))

    def test_ordinary_requests_are_drawn_for_contrast(self):
        proxy = self.weir(self.upstream, measure={"slow_threshold": "1h"}, routes=[{"match": "/bytes"}, {"match": "/ok"}])
        trace = "0af7651916cd43dd8448eb211c80319c"
        for n in range(20):
            proxy.get("/ok" if n % 2 else "/bytes?n=1000", headers=[
                ("X-Request-Id", f"r{n}"), ("traceparent", f"00-{trace}-b7ad6b7169203331-01")])
        proxy.get("/status?code=500")
        answer = proxy.performance("samples")
        self.assertEqual(answer["count"], 20)
        self.assertEqual({sample["request_id"] for sample in answer["samples"]}, {f"r{n}" for n in range(20)})
        sample = next(sample for sample in answer["samples"] if sample["request_id"] == "r18")
        self.assertEqual((sample["route"], sample["path"], sample["status"], sample["trace_id"], sample["slow_reason"]),
                         ("/bytes", "/bytes", 200, trace, None))
        self.assertEqual((sample["bytes_in"], sample["bytes_out"], sample["concurrency"], sample["route_concurrency"]),
                         (0, 1000, 1, 1))
        self.assertEqual({"connect", "send", "wait", "receive", "client_send", "queue", "retry", "client_read"},
                         set(sample["phases"]))
        self.assertGreater(sample["weir"], 0)
        self.assertIs(type(sample["reused_connection"]), bool)
        self.assertEqual(proxy.performance("samples?route=/bytes&limit=3")["count"], 3)
        self.assertEqual(proxy.performance("samples?min=1h")["count"], 0)
        self.assertEqual(proxy.ask("/admin/performance/samples?order=oddest").status, 400)

    def test_errors_are_kept_with_their_context(self):
        self.proxy.get("/status?code=500", headers=[("X-Request-Id", "bad-1")])
        self.proxy.get("/missing")
        self.proxy.get("/ok")
        errors = self.proxy.performance("errors")["errors"]
        self.assertEqual([error["status"] for error in errors], [404, 500])
        self.assertEqual(errors[1]["request_id"], "bad-1")
        self.assertEqual(errors[1]["route"], "/status")

    def test_what_is_far_above_the_p99_of_its_route_is_slow_and_says_so(self):
        proxy = self.weir(self.upstream, measure={"slow_threshold": "1h"}, routes=[{"match": "/slow"}])
        for _ in range(250):
            proxy.get("/slow?ms=0")
        usual = proxy.stats()["endpoint_stats"]["GET /slow"]["p99_duration"]
        ms = round(max(200, 8000 * usual))
        proxy.get(f"/slow?ms={ms}", headers=[("X-Request-Id", "odd")])
        answer = proxy.performance("slow-queries?reason=p99&order=slowest&limit=1")
        sample = answer["slow_queries"][0]
        self.assertEqual((sample["request_id"], sample["slow_reason"], sample["path"]), ("odd", "p99", "/slow"))
        self.assertGreaterEqual(sample["duration"], 5 * sample["usual_p99"])
        self.assertEqual((answer["slow_queries_count"], proxy.performance("slow-queries?reason=threshold")["count"]), (0, 0))
        self.assertEqual(proxy.stats()["recent_slow_queries"], [])

    def test_a_group_has_the_figures_of_its_routes_together(self):
        proxy = self.weir(self.upstream, routes=[{"match": "GET /slow", "group": "reports"},
                                                 {"match": "/status", "group": "reports"}, {"match": "/ok"}])
        for target in ("/slow?ms=5", "/slow?ms=6", "/status?code=500", "/ok"):
            proxy.get(target)
        stats = proxy.stats()
        self.assertEqual(list(stats["group_stats"]), ["reports"])
        group = stats["group_stats"]["reports"]
        self.assertEqual((group["total_requests"], group["total_errors"], group["status"]["2xx"]), (3, 1, 2))
        narrowed = proxy.stats("?group=reports")
        self.assertEqual((narrowed["total_requests"], set(narrowed["endpoint_stats"])), (3, {"GET /slow", "GET /status"}))
        self.assertEqual(narrowed["p99_duration"], group["p99_duration"])
        for call in ("errors", "samples", "slow-queries", "routes", "metrics"):
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?group=reports").status, 200, call)
        self.assertEqual(proxy.performance("errors?group=reports")["count"], 1)

    def test_each_call_takes_what_narrows_it_and_refuses_what_it_does_not_know(self):
        proxy = self.weir(self.upstream, routes=[{"match": "GET /ok", "group": "good"}, {"match": "/status", "group": "bad"}])
        for target in ("/ok", "/ok", "/status?code=500"):
            proxy.get(target)
        self.assertEqual(proxy.performance("health?group=good")["status"], "healthy")
        self.assertEqual(proxy.performance("health?group=bad")["status"], "unhealthy")
        self.assertEqual(list(proxy.performance("metrics?window=1h")["windows"]), ["1h"])
        self.assertEqual(len(proxy.performance("metrics")["windows"]), 5)
        routes = proxy.performance("routes?sort=total_requests&limit=1")
        self.assertEqual([(route["path"], route["total_requests"]) for route in routes["routes"]], [("/ok", 2)])
        self.assertEqual((routes["count"], routes["known"]), (1, 2))
        slowest = [sample["duration"] for sample in proxy.performance("samples?sort=duration")["samples"]]
        self.assertEqual(slowest, sorted(slowest, reverse=True))
        for call in ("stats", "slow-queries", "errors", "samples", "health", "metrics", "routes", "system", "services"):
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?window=2m").status, 400, call)
        for call in ("stats", "slow-queries", "errors", "samples", "routes", "users", "networks"):
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?sort=height").status, 400, call)
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?limit=few").status, 400, call)
        for call in ("stats", "slow-queries", "errors", "samples", "health", "metrics", "routes"):
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?method=F%20O").status, 400, call)
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?group=none").status, 404, call)
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?route=/none").status, 404, call)

    def test_a_narrowing_that_is_not_heeded_is_refused(self):
        proxy = self.weir(self.upstream, routes=[{"match": "GET /ok", "group": "good"}, {"match": "/status", "group": "bad"}])
        for call in ("users", "tenants", "networks", "events", "services", "system", "marks"):
            for query in ("route=/ok", "method=GET", "group=good"):
                self.assertEqual(proxy.ask(f"/admin/performance/{call}?{query}").status, 400, call)
        for call in ("stats", "slow-queries", "errors", "health", "routes"):
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?route=GET%20/ok&method=POST").status, 404, call)
            self.assertEqual(proxy.ask(f"/admin/performance/{call}?route=/ok&group=bad").status, 404, call)
        self.assertEqual(proxy.ask("/admin/performance/tap?route=GET%20/ok&method=POST").status, 400)

    def test_a_reset_whose_scope_is_not_understood_throws_nothing_away(self):
        proxy = self.weir(self.upstream)
        proxy.get("/ok")
        for query, body in (("window=1m", None), ("path=/ok", None), ("Route=/ok", None), ("", b'{"route":"/ok"}'),
                            ("route=GET%20/ok&method=POST", None)):
            answer = proxy.ask(f"/admin/performance/reset?{query}", "POST", body=body)
            self.assertIn(answer.status, (400, 404), (query, body))
        self.assertEqual(proxy.stats()["total_requests"], 1)
        for body in (b"", b" {} "):
            self.assertEqual(proxy.ask("/admin/performance/reset", "POST", body=body).status, 200)
        self.assertEqual(proxy.stats()["total_requests"], 0)

    def test_the_distinct_paths_of_every_route_are_counted(self):
        proxy = self.weir(self.upstream, routes=[{"match": "GET /ok/{name}"}])
        for i in range(120):
            proxy.get(f"/ok/{i % 60}?q={i}")
            proxy.get(f"/okay/{i}")
        found = {route["source"]: route["distinct_paths"] for route in proxy.performance("routes")["routes"]}
        self.assertEqual(found, {"config": 60, "learned": 120})

    def test_health_says_how_it_goes_and_why(self):
        for _ in range(20):
            self.proxy.get("/ok")
        health = self.proxy.performance("health")
        self.assertEqual((health["status"], health["reasons"], health["window"]), ("healthy", [], "5m"))
        self.assertEqual(health["metrics"]["total_requests"], 20)
        self.proxy.get("/status?code=500")
        self.proxy.get("/status?code=500")
        health = self.proxy.performance("health")
        self.assertEqual((health["status"], len(health["reasons"])), ("degraded", 1))
        for _ in range(5):
            self.proxy.get("/status?code=500")
        self.assertEqual(self.proxy.performance("health")["status"], "unhealthy")

    def test_requests_in_flight_are_seen_while_they_wait(self):
        threads = [threading.Thread(target=self.proxy.get, args=("/held",)) for _ in range(7)]
        for thread in threads:
            thread.start()
        await_that(lambda: self.proxy.stats()["in_flight"] == 7, "seven requests in flight")
        await_that(lambda: self.upstream.served("/held") == 7, "all of them to reach the app")
        self.upstream.release()
        for thread in threads:
            thread.join()
        self.assertEqual(self.proxy.stats()["in_flight"], 0)

    def test_bytes_are_counted_both_ways(self):
        self.proxy.send("POST", "/upload", body=b"u" * 100_000)
        self.proxy.get("/bytes?n=250000")
        routes = self.proxy.stats()["endpoint_stats"]
        self.assertEqual(routes["POST /upload"]["bytes_in"], 100_000)
        self.assertEqual(routes["GET /bytes"]["bytes_out"], 250_000)

    def test_the_requests_of_a_minute_are_a_rate_per_minute(self):
        for _ in range(30):
            self.proxy.get("/ok")
        for window in ("1m", "all"):
            stats = self.proxy.stats(f"?window={window}")
            current = self.proxy.performance(f"series?window={window}")["current"]
            # The stretch that was measured began before the first request; both were asked for within a moment.
            lowest = stats["total_requests"] / (current["seconds"] / 60)
            self.assertAlmostEqual(stats["requests_per_minute"] / lowest, 1, delta=0.5)
            self.assertAlmostEqual(current["requests_per_minute"], lowest, delta=lowest / 1000)
