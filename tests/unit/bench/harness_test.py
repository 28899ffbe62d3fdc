#!/usr/bin/env python3
"""The bench's own arithmetic, tables and charts: what they say has to follow from the figures."""

import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench"))

from harness import charts, peers, report, target, workloads  # noqa: E402


def figures_of(cpu, p99):
    return {"cpu_us": cpu, "p50_us": p99, "p99_us": p99, "p999_us": p99, "requests_per_second": [1.0] * len(p99), "errors": [0] * len(p99)}


RUN = {
    "figures": {
        "get_32": {"none": {key: value for key, value in figures_of([], [1, 1, 1]).items() if value},
                   "floor": figures_of([10, 20, 40], [2, 2, 2]), "weir": figures_of([11, 22, 44], [3, 3, 3])},
        "open_5000": {"none": {key: value for key, value in figures_of([], [100, 200, 900]).items() if value},
                      "floor": figures_of([10, 10, 10], [110, 210, 910]), "weir": figures_of([12, 12, 12], [120, 230, 925])},
    },
    "memory": {},
}


class Report(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        # The machine slowed down fourfold during the run; weir took 1.1 times the floor all the time.
        for ratio in report.ratio_values(RUN["figures"], "get_32", "weir", "floor"):
            self.assertAlmostEqual(ratio, 1.1)

    def test_what_is_added_is_taken_within_a_round(self):
        self.assertEqual(report.added_values(RUN["figures"], "open_5000", "weir", "p99_us"), [20, 30, 25])

    def test_tables_have_a_cell_for_every_column(self):
        for rows in report.of_comparison(RUN).tables:
            self.assertEqual({len(row) for row in rows}, {len(rows[0])})
            self.assertEqual(report.markdown(rows).count("\n"), len(rows))

    def test_charts_are_whole_documents_and_name_what_they_show(self):
        outcome = report.of_comparison(RUN)
        with tempfile.TemporaryDirectory() as folder:
            names = charts.draw(pathlib.Path(folder), outcome.charts)
            self.assertEqual(names, ["cost.svg", "latency.svg"])
            for name in names:
                root = xml.etree.ElementTree.parse(pathlib.Path(folder) / name).getroot()
                texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
                self.assertIn("weir", texts)


class Charts(unittest.TestCase):
    def test_steps_are_round_and_reach_the_top(self):
        for top in (0.3, 1, 1.31, 9.9, 4200, 1e6):
            marks = charts.steps(top)
            self.assertEqual(marks[0], 0)
            self.assertGreaterEqual(marks[-1], top * 0.999)
            self.assertLess(len(marks), 12)

    def test_a_line_over_one_point_can_be_drawn(self):
        for is_log_y in (False, True):
            drawn = charts.lines(charts.Lines("x.svg", "t & u", "<n>", "x", "y", {"weir": [(1, 5, 4, 6)]}, is_log_y))
            xml.etree.ElementTree.fromstring(drawn)


class Tables(unittest.TestCase):
    def test_every_peer_but_the_app_itself_has_a_way_to_start(self):
        for peer in peers.PEERS.values():
            if peer.template:
                self.assertTrue((pathlib.Path(peers.__file__).resolve().parents[1] / "peers" / peer.template).is_file(), peer.name)

    def test_names_are_those_they_are_known_by(self):
        for name, workload in workloads.WORKLOADS.items():
            self.assertEqual(name, workload.name)
            self.assertGreaterEqual(workload.connections, 1)


class Target(unittest.TestCase):
    def test_a_url_is_taken_apart(self):
        parsed = target.Target("http://app.test:3000/a/b?c=d")
        self.assertEqual((parsed.host, parsed.port, parsed.path, parsed.authority, parsed.origin),
                         ("app.test", 3000, "/a/b?c=d", "app.test:3000", "http://app.test:3000"))
        self.assertEqual(target.Target("https://[::1]").origin, "https://[::1]:443")

    def test_what_is_no_url_is_refused_with_what_would_be_right(self):
        for url in ("ftp://a", "localhost:3000", "http://", "http://user:secret@a/"):
            with self.assertRaises(SystemExit) as refused:
                target.Target(url)
            self.assertIn("http://HOST:PORT/PATH", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
