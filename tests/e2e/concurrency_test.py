"""How durations move with what is under way at once, and when the day is busiest."""

import threading

from lab.case import Case
from lab.server import await_that


class Concurrency(Case):
    def test_durations_stand_by_level(self):
        proxy = self.weir(self.node(), routes=[{"match": "GET /slow"}, {"match": "GET /ok"}], workers=1)
        for _ in range(5):
            proxy.get("/ok")
        clients = [threading.Thread(target=proxy.get, args=("/slow?ms=300",)) for _ in range(3)]
        for n, client in enumerate(clients):
            client.start()
            await_that(lambda n=n: proxy.stats()["in_flight"] == n + 1, f"{n + 1} requests under way")
        for client in clients:
            client.join()
        metrics = proxy.performance("metrics")
        levels = metrics["windows"]["all"]["concurrency"]["levels"]
        self.assertEqual([(level["from"], level["to"], level["duration"]["count"]) for level in levels],
                         [(1, 1, 6), (2, 2, 1), (3, 4, 1)])
        self.assertGreaterEqual(levels[2]["duration"]["min"], 0.3 * 0.99)
        of_route = proxy.performance("metrics?route=GET%20/slow")["windows"]["1m"]["concurrency"]["levels"]
        self.assertEqual([level["duration"]["count"] for level in of_route], [1, 1, 1])
        self.assertEqual(metrics["windows"]["5m"]["concurrency"]["highest"], 3)
        stats = proxy.stats()
        self.assertEqual((stats["in_flight"], stats["highest_in_flight"]), (0, 3))
        self.assertEqual([stats["endpoint_stats"][tag]["highest_in_flight"] for tag in ("GET /ok", "GET /slow")], [1, 3])
        self.assertEqual(stats["day"], metrics["day"])
        self.assertEqual(sum(metrics["day"]["requests_by_hour_utc"]), 8)
        self.assertLessEqual(metrics["day"]["peak_minute"]["requests"], 8)
        self.assertIn('weir_request_duration_by_concurrency_seconds_count{concurrency="4"} 1\n',
                      proxy.ask("/metrics").body.decode())
