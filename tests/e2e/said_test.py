"""What the app says of itself, in headers and trailers, put beside its routes."""

from urllib.parse import urlencode

from lab.case import Case

ROUTES = [{"match": "GET /says"}]


def says(*pairs):
    return "/says?" + urlencode(pairs)


class ServerTiming(Case):
    def start_both(self, **measure):
        self.proxy = self.weir(self.node(), routes=ROUTES, measure=measure)

    def components(self, query=""):
        return self.proxy.stats(query)["endpoint_stats"]["GET /says"]["components"]

    def test_entries_of_header_lines_and_trailers_become_timed_components(self):
        self.start_both()
        for _ in range(10):
            self.proxy.get(says(("timing", "db;dur=12.5, auth;dur=\"3\";desc=\"a, b\""), ("timing", "db;dur=7.5")))
        self.proxy.get(says(("timing", "auth;dur=1;dur=99, hit"), ("trailer", "render;dur=250")))
        components = self.components()
        self.assertEqual(sorted(components), ["auth", "db", "render"])
        self.assertEqual(components["db"]["count"], 10)
        self.assertEqual(components["db"]["max"], 0.02)
        self.assertEqual(components["auth"]["count"], 11)
        self.assertEqual(components["auth"]["min"], 0.001)
        self.assertEqual(components["render"]["avg"], 0.25)
        self.assertEqual(self.proxy.stats()["components"], components)
        self.assertEqual(self.components("?window=1m"), components)

    def test_the_answer_reaches_the_client_as_the_app_sent_it(self):
        self.start_both()
        answer = self.proxy.get(says(("timing", "db;dur=1"), ("timing", "garbage;;=\"")))
        self.assertEqual(answer.header_values("Server-Timing"), ["db;dur=1", "garbage;;=\""])

    def test_a_slow_sample_and_metrics_show_them(self):
        self.start_both(slow_threshold="1us")
        self.proxy.get(says(("timing", "db;dur=12.5")))
        sample = self.proxy.performance("slow-queries")["slow_queries"][0]
        self.assertEqual(sample["components"], {"db": 0.0125})
        self.assertEqual(sample["server_timing"], "db;dur=12.5")
        metrics = self.proxy.ask("/metrics").body.decode()
        labels = 'method="GET",route="/says",component="db"'
        self.assertIn(f"weir_component_duration_seconds_count{{{labels}}} 1\n", metrics)
        self.assertIn(f"weir_component_duration_seconds_sum{{{labels}}} 0.0125\n", metrics)

    def test_off_looks_at_nothing(self):
        self.start_both(server_timing="off")
        self.proxy.get(says(("timing", "db;dur=12.5"), ("trailer", "render;dur=250")))
        self.assertEqual(self.components(), {})

    def test_emit_adds_weirs_own_split_to_the_answer(self):
        self.start_both(server_timing="emit")
        first, own = self.proxy.get(says(("timing", "db;dur=12.5"))).header_values("Server-Timing")
        self.assertEqual(first, "db;dur=12.5")
        self.assertRegex(own, r"^weir;dur=\d+\.\d{3}, upstream;dur=\d+\.\d{3}$")
        self.assertEqual(sorted(self.components()), ["db"])

    def test_no_more_than_1_kib_is_kept_and_no_number_is_cut(self):
        self.start_both()
        self.proxy.get(says(("timing", ",".join(f"component-{n};dur=123456" for n in range(30))),
                            ("timing", ",".join(f"other-{n};dur=654321" for n in range(30)))))
        components = self.components()
        self.assertGreater(len(components), 30)
        for name, figures in components.items():
            self.assertEqual(figures["max"], 123.456 if name.startswith("component") else 654.321, name)

    def test_a_reset_starts_anew(self):
        self.start_both()
        self.proxy.get(says(("timing", "db;dur=12.5")))
        self.proxy.performance("reset", "POST")
        self.assertEqual(self.proxy.stats()["components"], {})


class Caches(Case):
    def test_each_layer_is_counted_by_route(self):
        proxy = self.weir(self.node(), routes=ROUTES)
        for said in ("Cache-Status:l1; hit, cdn; hit", "Cache-Status:l1; fwd=miss, cdn; fwd=bypass",
                     "X-Cache:Hit from cloudfront", "CF-Cache-Status:DYNAMIC"):
            proxy.get(says(("set", said)))
        proxy.get("/ok")
        answer = proxy.ask("/admin/cache/stats").json()
        self.assertEqual({name: (layer["hits"], layer["misses"], layer["unknown"], layer["hit_rate"])
                          for name, layer in answer["layers"].items()},
                         {"l1": (1, 1, 0, 50), "cdn": (1, 0, 1, 100), "x-cache": (1, 0, 0, 100),
                          "cf-cache-status": (0, 0, 1, None)})
        self.assertEqual((answer["hits"], answer["misses"], answer["unknown"]), (3, 1, 2))
        self.assertEqual(list(answer["layers"]["l1"]["endpoints"]), ["GET /says"])
        self.assertEqual(proxy.stats()["endpoint_stats"]["GET /says"]["caches"]["l1"]["hit_rate"], 50)
        self.assertIn('weir_cache_answers_total{method="GET",route="/says",cache="l1",outcome="hit"} 1\n',
                      proxy.ask("/metrics").body.decode())

    def test_of_several_headers_the_first_that_is_configured_counts(self):
        proxy = self.weir(self.node(), routes=ROUTES, measure={"cache_headers": ["X-Inner", "X-Cache"]})
        proxy.get(says(("set", "X-Cache:MISS"), ("set", "X-Inner:HIT")))
        proxy.get(says(("set", "Cache-Status:l1; hit")))
        self.assertEqual(list(proxy.ask("/admin/cache/stats").json()["layers"]), ["x-inner"])
