"""The time series: how figures went over a window, slice by slice."""

from lab.case import Case


class Series(Case):
    def test_the_slices_add_up_to_what_stats_says(self):
        proxy = self.weir(self.node())
        for _ in range(20):
            proxy.get("/ok")
        proxy.get("/status?code=500")
        for window, step in (("5m", 5), ("1h", 60), ("1d", 900), ("all", 5)):
            with self.subTest(window):
                series = proxy.performance(f"series?window={window}")
                self.assertEqual((series["window"], series["count"]), (window, len(series["slices"])))
                self.assertGreaterEqual(series["step_seconds"], step)
                self.assertEqual(sum(one["total_requests"] for one in series["slices"]), 21)
                self.assertEqual(sum(one["status"]["5xx"] for one in series["slices"]), 1)
                self.assertEqual(sum(n for one in series["slices"] for _, n in one["buckets"]), 21)
                self.assertEqual(series["current"]["p50_duration"], proxy.stats()["p50_duration"])
                self.assertIsNone(series["before"])
                for one in series["slices"]:
                    self.assertGreaterEqual(one["highest_in_flight"], 1)
                    self.assertLessEqual(one["min_duration"], one["p50_duration"])

    def test_one_route_has_a_series_of_its_own(self):
        proxy = self.weir(self.node(), routes=[{"match": "GET /ok"}, {"match": "/status"}])
        for _ in range(5):
            proxy.get("/ok")
        proxy.get("/status?code=404")
        series = proxy.performance("series?route=GET%20/ok&window=5m")
        self.assertEqual(series["current"]["total_requests"], 5)
        self.assertTrue(all(one["highest_in_flight"] is None for one in series["slices"]))
        self.assertEqual(proxy.ask("/admin/performance/series?route=/nowhere").status, 404)
        self.assertEqual(proxy.ask("/admin/performance/series?window=2m").status, 400)
