"""What a scraper of /metrics sees over time: each series once, and counters that never jump."""

import json
import signal

from lab import wire
from lab.case import Case
from lab.exposition import DuplicateSeries, Scraper, parse, total
from lab.server import await_that, free_port
from lab.sockets import SocketApp
from lab.weir import configuration

RELOADED = "the configuration was reloaded"


class Series(Case):
    def reload(self, proxy, **sections):
        before = proxy.log().count(RELOADED)
        with open(proxy.configuration_path, "w", encoding="utf-8") as file:
            json.dump(sections, file)
        proxy.signal(signal.SIGHUP)
        await_that(lambda: proxy.log().count(RELOADED) > before, f"`{RELOADED}` in the log")

    def requests_by(self, proxy, upstream):
        return total(proxy.metrics(), "weir_upstream_requests_total", upstream=upstream)

    def test_the_reader_refuses_a_series_that_is_there_twice(self):
        with self.assertRaises(DuplicateSeries):
            parse('a{x="1",y="2"} 1\nb 1\na{y="2",x="1"} 2\n')
        self.assertEqual(parse('a{x="a } \\" b"} 1\n'), {("a", (("x", 'a } \\" b'),)): 1.0})

    def test_one_server_in_two_upstreams_is_a_series_in_each(self):
        app = self.node()
        server = {"servers": [app.url]}
        proxy = self.weir(app, upstreams={"app": server, "slow": {"servers": [app.url, app.url]}},
                          listeners=[{"address": "127.0.0.1:0", "upstream": "app"}],
                          routes=[{"match": "GET /echo", "upstream": "slow"}])
        for target, count in (("/ok", 3), ("/echo", 2)):
            for _ in range(count):
                self.assertEqual(proxy.get(target).status, 200)
        self.assertEqual((self.requests_by(proxy, "app"), self.requests_by(proxy, "slow")), (3, 2))

    def test_an_upstream_that_is_renamed_goes_on_under_its_new_name(self):
        app = self.node()
        proxy = self.weir(app)
        for _ in range(3):
            proxy.get("/ok")
        self.assertEqual(self.requests_by(proxy, "app"), 3)
        self.reload(proxy, **{**configuration(app.url), "upstreams": {"main": {"servers": [app.url, app.url]}}})
        for _ in range(2):
            proxy.get("/ok")
        self.assertEqual((self.requests_by(proxy, "app"), self.requests_by(proxy, "main")), (3, 2))
        self.reload(proxy, **configuration(app.url))
        proxy.get("/ok")
        self.assertEqual((self.requests_by(proxy, "app"), self.requests_by(proxy, "main")), (4, 2))


class Counters(Case):
    """`increase()` over a sequence of scrapes is what was asked for, whatever becomes of the routes meanwhile."""

    def setUp(self):
        super().setUp()
        self.app = self.node()
        self.proxy = self.weir(self.app)
        self.scraper = Scraper()
        self.made = 0

    def scrape(self):
        return self.scraper.take(self.proxy.ask("/metrics").body.decode())

    def get(self, *paths):
        for path in paths:
            self.assertEqual(self.proxy.get(path).status, 200)
            self.made += 1

    def decide(self, **wish):
        answer = self.proxy.ask("/admin/performance/routes", "POST", body=json.dumps(wish).encode())
        self.assertEqual(answer.status, 200, answer.body)

    def of_route(self, values, route):
        return total(values, "weir_requests_total", route=route)

    def assert_increase(self):
        """Of the total, and of all routes. What had no series yet when it was counted has its first value as baseline."""
        self.assertEqual(self.scraper.increase("weir_all_requests_total"), self.made)
        self.assertEqual(self.scraper.increase("weir_all_request_duration_seconds_count"), self.made)

    def test_renames_splits_and_forgets_move_nothing(self):
        users, login = "/ok/users/{user_id}", "/ok/users/{login}"
        self.get("/ok/users/17", "/ok/users/18")
        values = self.scrape()
        self.made = 0
        self.assertEqual(self.of_route(values, users), 2)

        self.get("/ok/users/19", "/ok/users/20")
        self.decide(action="rename", **{"from": users, "to": login})
        values = self.scrape()
        self.assertEqual((self.of_route(values, users), self.of_route(values, login)), (4, 0))
        self.get("/ok/users/21", "/ok/users/22", "/ok/users/23")
        values = self.scrape()
        self.assertEqual((self.of_route(values, users), self.of_route(values, login)), (4, 3))
        self.assert_increase()
        self.assertEqual(self.scraper.increase("weir_requests_total"), self.made)
        self.assertEqual(self.proxy.stats()["endpoint_stats"]["GET " + login]["total_requests"], 7)

        self.decide(action="split", pattern=login, values=["99"])
        self.get("/ok/users/99")
        self.scrape()
        self.get("/ok/users/99", "/ok/users/99", "/ok/users/24")
        self.decide(action="forget", pattern="GET /ok/users/99")
        values = self.scrape()
        self.assertEqual((self.of_route(values, "/ok/users/99"), self.of_route(values, login)), (3, 4))
        self.get("/ok/users/99", "/ok/users/25")
        values = self.scrape()
        self.assertEqual((self.of_route(values, "/ok/users/99"), self.of_route(values, login)), (3, 6))
        self.assert_increase()
        # The very first of the split route came with its series.
        self.assertEqual(self.scraper.increase("weir_requests_total"), self.made - 1)
        self.assertEqual(self.proxy.stats()["endpoint_stats"]["GET " + login]["total_requests"], 13)

    def test_a_name_that_is_taken_back_goes_on_where_it_was(self):
        users, login = "/ok/users/{user_id}", "/ok/users/{login}"
        self.get("/ok/users/17", "/ok/users/18")
        self.scrape()
        self.made = 0
        for source, target in ((users, login), (login, users), (users, login)):
            self.decide(action="rename", **{"from": source, "to": target})
            self.scrape()
            self.get("/ok/users/17", "/ok/users/18")
            self.scrape()
        self.assertEqual(self.scraper.increase("weir_requests_total"), self.made)
        self.assert_increase()

    def test_what_the_learner_folds_is_counted_once(self):
        self.get("/ok/first")
        self.scrape()
        self.made = 0
        # Words first, each a route; many of them become one.
        words = [f"{a}{b}" for a in ("alder", "birch", "cedar", "damson", "elder", "fir", "gorse", "hazel")
                 for b in ("son", "ton", "ham", "wick", "by", "ley")]
        for i, word in enumerate(words):
            self.get(f"/ok/members/{word}", f"/ok/members/{word}")
            if i % 5 == 0:
                self.scrape()
                self.assert_increase()
        values = self.scrape()
        self.assert_increase()
        self.assertEqual(total(values, "weir_requests_total"), total(values, "weir_all_requests_total"))
        self.assertLessEqual(self.scraper.increase("weir_requests_total"), self.made)

    def test_classes_and_faults_are_there_at_0_from_the_first_scrape_of_a_route(self):
        self.get("/ok/first")
        values = self.scrape()
        for code in ("none", "1xx", "3xx", "4xx", "5xx"):
            self.assertEqual(values["weir_requests_total", (("code", code), ("method", "GET"), ("route", "/ok/first"))], 0)
            self.assertEqual(values["weir_all_requests_total", (("code", code),)], 0)
        self.assertEqual(total(values, "weir_request_faults_total", route="/ok/first", fault="upstream_closed"), 0)
        self.assertIn('weir_request_faults_total{method="GET",route="/ok/first",fault="upstream_closed",side="upstream"} 0',
                      self.proxy.ask("/metrics").body.decode())
        self.app.kill()
        self.proxy.get("/ok/first")
        self.scrape()
        self.assertEqual(self.scraper.increase("weir_requests_total", route="/ok/first", code="5xx"), 1)
        self.assertEqual(self.scraper.increase("weir_request_faults_total", route="/ok/first"), 1)
        self.assertEqual(self.scraper.increase("weir_all_request_faults_total"), 1)

    def test_openmetrics_says_since_when_each_counts(self):
        self.get("/ok/first")
        accept = [("Accept", "application/openmetrics-text")]
        text = self.proxy.ask("/metrics", headers=accept).body.decode()
        created = {series: value for series, value in parse(text).items() if series[0].endswith("_created")}
        for name in ("weir_requests_created", "weir_request_faults_created", "weir_request_duration_seconds_created",
                     "weir_all_requests_created", "weir_upstream_requests_created"):
            self.assertTrue([series for series in created if series[0] == name], name)
        again = parse(self.proxy.ask("/metrics", headers=accept).body.decode())
        self.assertEqual(created, {series: again[series] for series in created})
        self.assertNotIn("_created", self.proxy.ask("/metrics").body.decode())


class InFlight(Case):
    def in_flight(self, proxy, route):
        return total(proxy.metrics(), "weir_in_flight", route=route)

    def test_what_hangs_from_the_start_is_seen(self):
        app = self.node()
        proxy = self.weir(app, routes=[{"match": "GET /held"}])
        clients = [wire.Connection(proxy.address) for _ in range(6)]
        for client in clients:
            client.send(wire.request("GET", "/held", proxy.address))
        await_that(lambda: total(proxy.metrics(), "weir_requests_in_flight") == 6, "six requests to be under way")
        self.assertEqual(self.in_flight(proxy, "/held"), 6)
        row = proxy.stats()["endpoint_stats"]["GET /held"]
        self.assertEqual((row["in_flight"], row["total_requests"], row["last_seen"]), (6, 0, None))
        self.assertEqual([route["in_flight"] for route in proxy.performance("routes")["routes"]], [6])
        released = []
        await_that(lambda: released.append(app.release()) or sum(released) == 6, "six requests to reach the app")
        await_that(lambda: proxy.stats()["in_flight"] == 0, "all to end")
        self.assertEqual(self.in_flight(proxy, "/held"), 0)
        for client in clients:
            client.close()

    def test_what_is_under_way_moves_along_with_its_route(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1, "the request to be under way")
            self.assertEqual(self.in_flight(proxy, "(unmatched)"), 1)
            self.assertEqual(proxy.stats()["endpoint_stats"]["(unmatched)"]["in_flight"], 1)
            app.release()
            client.answer()


class HangingUp(SocketApp):
    """An app that responds to `responses` requests of a connection, reads the next one and closes. Silent: it never does.
    `asked` counts the requests that it left without a response."""

    def __init__(self, responses=0, is_silent=False):
        self.responses, self.is_silent, self.asked = responses, is_silent, 0
        super().__init__()

    def serve(self, connection):
        for _ in range(self.responses):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.asked += bool(connection.recv(65536))
        if not self.is_silent:
            connection.close()


class Attempts(Case):
    def hanging_up(self, **how):
        app = HangingUp(**how)
        self.addCleanup(app.stop)
        return app

    def outcomes(self, proxy, app):
        """By outcome, of the attempts at one server, where there are any."""
        url = app if isinstance(app, str) else app.url
        return {dict(labels)["outcome"]: value for (name, labels), value in proxy.metrics().items()
                if name == "weir_upstream_attempts_total" and dict(labels)["server"] == url and value}

    def test_failed_attempts_count_at_the_server_that_failed(self):
        failing, working = self.hanging_up(), self.node()
        proxy = self.weir(failing, upstreams={"app": {"servers": [failing.url, working.url]}})
        for _ in range(20):
            self.assertEqual(proxy.get("/echo").status, 200)
        closed = self.outcomes(proxy, failing)["closed"]
        self.assertGreater(closed, 0)
        self.assertEqual(self.outcomes(proxy, failing), {"closed": closed})
        self.assertEqual(self.outcomes(proxy, working), {"response": 20})
        self.assertEqual(total(proxy.metrics(), "weir_upstream_requests_total", server=failing.url), 0)
        self.assertEqual(total(proxy.metrics(), "weir_upstream_requests_total", server=working.url), 20)

    def test_the_last_attempt_counts_by_what_became_of_it(self):
        nobody = f"http://127.0.0.1:{free_port()}"
        silent, failing, working = self.hanging_up(is_silent=True), self.hanging_up(), self.node()
        one = {"retries": 0, "timeouts": {"response": "200ms"}}
        proxy = self.weir(working, upstreams={
            "app": {"servers": [working.url]}, "nobody": {"servers": [nobody], **one},
            "silent": {"servers": [silent.url], **one}, "failing": {"servers": [failing.url], **one}},
            listeners=[{"address": "127.0.0.1:0", "upstream": "app"}],
            routes=[{"match": f"/{name}", "upstream": name} for name in ("nobody", "silent", "failing")])
        self.assertEqual([proxy.get(path).status for path in ("/nobody", "/silent", "/failing", "/none")],
                         [502, 504, 502, 404])
        self.assertEqual(self.outcomes(proxy, nobody), {"not_connected": 1})
        self.assertEqual(self.outcomes(proxy, silent), {"timeout": 1})
        self.assertEqual(self.outcomes(proxy, failing), {"closed": 1})
        self.assertEqual(self.outcomes(proxy, working), {"response": 1})
        with wire.Connection(proxy.address) as leaving:
            leaving.send(wire.request("GET", "/silent?and=leave", proxy.address))
            await_that(lambda: silent.asked == 2, "the request to reach the app")
        await_that(lambda: self.outcomes(proxy, silent).get("abandoned"), "the abandoned attempt")
        self.assertEqual(self.outcomes(proxy, silent), {"timeout": 1, "abandoned": 1})

    def test_a_kept_connection_that_ends_without_a_response_is_stale(self):
        app = self.hanging_up(responses=1)
        proxy = self.weir(app, workers=1)
        for _ in range(3):
            self.assertEqual(proxy.get("/").status, 204)
        self.assertEqual(self.outcomes(proxy, app), {"response": 3, "stale": 2})
        self.assertEqual(proxy.send("POST", "/", body=b"once").status, 502)
        self.assertEqual(self.outcomes(proxy, app), {"response": 3, "stale": 3})
        self.assertEqual(proxy.get("/").status, 204)
