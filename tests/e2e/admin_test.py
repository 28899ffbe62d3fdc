"""The admin API: who may ask, what it says in its own formats, and what it refuses."""

import json
import re
import shutil
import subprocess
import unittest

from lab import weir, wire
from lab.case import Case

CALLS = ("performance/stats", "performance/slow-queries", "performance/health", "performance/errors",
         "performance/routes", "performance/config")


class Admin(Case):
    def test_every_answer_is_fresh_json(self):
        proxy = self.weir(self.node())
        for call in CALLS:
            with self.subTest(call):
                answer = proxy.ask(f"/admin/{call}")
                self.assertEqual(answer.status, 200)
                self.assertTrue(answer.header("Content-Type").startswith("application/json"))
                self.assertEqual(answer.header("Cache-Control"), "no-store")
                answer.json()

    def test_without_a_request_there_is_no_invented_figure(self):
        proxy = self.weir(self.node())
        stats = proxy.stats()
        self.assertEqual((stats["total_requests"], stats["error_rate"], stats["endpoint_stats"]), (0, 0, {}))
        self.assertIsNone(stats["avg_duration"])
        self.assertNotIn("NaN", json.dumps(stats))

    def test_wrong_calls_are_problems_with_the_right_status(self):
        proxy = self.weir(self.node())
        for method, target, status in (("GET", "/admin/nothing", 404), ("GET", "/admin/performance/reset", 405),
                                       ("POST", "/admin/performance/stats", 405),
                                       ("GET", "/admin/performance/slow-queries?limit=many", 400)):
            with self.subTest(target, method=method):
                answer = proxy.ask(target, method)
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
                self.assertEqual(answer.json()["status"], status)

    def test_a_token_opens_the_api_in_either_header_and_nothing_else_does(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["first-token-0123", "second-0123"]})
        stats = "/admin/performance/stats"
        for headers, status in (([], 401), ([("Authorization", "Bearer wrong")], 401),
                                ([("Authorization", "Bearer first-token-0123")], 200),
                                ([("authorization", "bearer second-0123")], 200),
                                ([("X-API-Key", "second-0123")], 200), ([("X-API-Key", "second-012")], 401),
                                ([("X-API-Key", "")], 401), ([("Authorization", "Basic first-token-0123")], 401)):
            with self.subTest(headers=headers):
                answer = wire.fetch(proxy.admin_address, "GET", stats, headers)
                self.assertEqual(answer.status, status)
                if status == 401:
                    self.assertIn("Bearer", answer.header("WWW-Authenticate"))
        for open_to_all in ("/healthz", "/readyz"):
            self.assertEqual(wire.fetch(proxy.admin_address, "GET", open_to_all).status, 200)
        self.assertEqual(wire.fetch(proxy.admin_address, "GET", "/metrics").status, 401)
        self.assertEqual(wire.fetch(proxy.admin_address, "POST", "/admin/performance/reset").status, 401)

    def test_the_configuration_it_shows_holds_no_secret(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["very-secret-token"]})
        proxy.token = "very-secret-token"
        shown = proxy.ask("/admin/performance/config")
        self.assertEqual(shown.status, 200)
        self.assertNotIn(b"very-secret-token", shown.body)

    def test_weir_does_not_start_with_an_open_admin_api_beyond_loopback(self):
        result = weir.command_line("run", "--upstream", "http://127.0.0.1:3000", "--listen", "127.0.0.1:0",
                                   "--admin", "0.0.0.0:0")
        self.assertEqual(result.returncode, 2)
        self.assertIn("admin", result.stderr)
        self.assertIn("token", result.stderr)

    def test_routes_say_where_each_came_from(self):
        proxy = self.weir(self.node(), routes=[{"match": "GET /ok/{name}", "group": "api"}])
        # What the app has answered well is learned; what it has not is no route.
        for path in ("/ok/one", "/ok/two", "/okay/17", "/okay/18", "/nowhere/17"):
            proxy.get(path)
        routes = {route["pattern"]: route for route in proxy.performance("routes")["routes"]}
        configured = routes.pop("GET /ok/{name}")
        self.assertEqual((configured["source"], configured["group"]), ("config", "api"))
        self.assertEqual(configured["total_requests"], 2)
        self.assertEqual(len(routes), 1, routes)
        pattern, learned = routes.popitem()
        self.assertRegex(pattern, r"^GET /okay/\{\w+\}$")
        self.assertEqual((learned["source"], learned["total_requests"]), ("learned", 2))
        self.assertEqual(proxy.stats()["endpoint_stats"]["(unmatched)"]["total_requests"], 1)

    def test_metrics_are_well_formed_and_agree_with_stats(self):
        proxy = self.weir(self.node())
        for _ in range(7):
            proxy.get("/ok")
        proxy.get('/odd"\\name')
        answer = proxy.ask("/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.header("Content-Type").startswith("text/plain"))
        text = answer.body.decode()
        line = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? '
                          r'([-+]?[0-9.eE+-]+|\+Inf|-Inf|NaN)$')
        for row in text.splitlines():
            if row and not row.startswith("#"):
                self.assertRegex(row, line)
        counted = [float(row.rsplit(" ", 1)[1]) for row in text.splitlines()
                   if row.startswith("weir_requests_total{") and 'route="/ok"' in row]
        self.assertEqual(sum(counted), 7)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_finds_nothing_to_blame_in_the_metrics(self):
        proxy = self.weir(self.node())
        proxy.get("/ok")
        proxy.get("/status?code=500")
        metrics = proxy.ask("/metrics").body
        check = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, timeout=20,
                               check=False)
        self.assertEqual((check.returncode, check.stderr, check.stdout), (0, b"", b""))

    def test_the_admin_connection_is_kept_alive(self):
        proxy = self.weir(self.node())
        with wire.Connection(proxy.admin_address) as client:
            for _ in range(50):
                client.send(wire.request("GET", "/admin/performance/stats", proxy.admin_address))
                self.assertEqual(client.answer().status, 200)
