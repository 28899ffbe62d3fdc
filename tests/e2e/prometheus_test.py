"""What a scraper of /metrics sees over time: each series once, and counters that never jump."""

import json
import signal

from lab.case import Case
from lab.exposition import DuplicateSeries, Scraper, parse, total
from lab.server import await_that
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
