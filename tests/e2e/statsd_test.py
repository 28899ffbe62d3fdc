"""StatsD clients send counts and times to weir: here one made of Python's socket."""

import os
import shutil
import signal
import socket
import subprocess
import unittest

from lab.case import Case
from lab.server import await_that


class Client:
    """As the usual client libraries send: a datagram a call, or many lines in one."""

    def __init__(self, address):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.connect(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect((host, int(port)))

    def send(self, *lines):
        self.socket.send("\n".join(lines).encode())


class Statsd(Case):
    def start_weir(self, address="127.0.0.1:0"):
        self.proxy = self.weir("http://127.0.0.1:1", statsd={"address": address})
        self.client = Client(self.proxy.said_addresses("statsd")[0])
        self.addCleanup(self.client.socket.close)

    def answer(self, query=""):
        return self.proxy.performance("events" + query)

    def events(self, query=""):
        return {(event["name"], event["type"]): event for event in self.answer(query)["events"]}

    def test_every_kind_becomes_a_custom_event_at_once(self):
        self.start_weir()
        self.client.send("page.views:1|c")
        self.client.send("page.views:2|c\nrender:250|ms\r\nrender:750|ms\n\nstock:3|c\nstock:-5|c")
        self.client.send("queue:17|g", "queue:-4|g", "queue:+1|g", "visitors:ada|s", "visitors:bob|s", "visitors:ada|s")
        self.client.send("size:2048|h", "size:1024|d")
        events = self.events("?window=1m")
        self.assertEqual(events["page.views", "counter"]["count"], 3)
        self.assertEqual((events["stock", "counter"]["count"], events["stock", "counter"]["taken_back"]), (-2, 5))
        render = events["render", "timing"]
        self.assertEqual((render["count"], render["min_duration"], render["avg_duration"]), (2, 0.25, 0.5))
        self.assertEqual((events["queue", "gauge"]["value"], events["queue", "gauge"]["max"]), (14, 17))
        self.assertEqual(events["visitors", "set"]["members"], 2)
        self.assertEqual(events["size", "distribution"]["max"], 2048)
        self.assertEqual(self.answer()["statsd"]["malformed"], 0)

    def test_what_was_sent_before_a_question_is_in_its_answer(self):
        self.start_weir()
        for n in range(1, 31):
            self.client.send("n:1|c")
            self.assertEqual(self.events()["n", "counter"]["count"], n)

    def test_sample_rates_and_tags(self):
        self.start_weir()
        for _ in range(5):
            self.client.send("hits:1|c|@0.1|#plan:pro,beta", "took:100|ms|@0.5")
        self.client.send("hits:1|c|#plan:free", "hits:1:2:3|c")
        events = self.events()
        self.assertEqual(events["hits", "counter"]["count"], 57)
        self.assertEqual([(one["tags"], one["count"]) for one in events["hits", "counter"]["series"]],
                         [({"plan": "pro", "beta": "true"}, 50), ({"plan": "free"}, 1), ({}, 6)])
        self.assertEqual(events["took", "timing"]["count"], 10)
        self.assertIn('weir_events_total{event="hits",beta="true",plan="pro"} 50\n', self.proxy.ask("/metrics").body.decode())

    def test_what_cannot_be_read_is_counted_and_shown(self):
        self.start_weir()
        self.client.send("good:1|c", "_e{5,4}:title|text", "_sc|check|0", "no type:1", "bad:x|c", "bad:1|c|@2", "bad:1|z")
        self.client.socket.send(b"\xff\xfe\x00:1|c")
        self.client.socket.send(os.urandom(1400))
        self.client.socket.send(b"")
        statsd = self.answer()["statsd"]
        lines = statsd["lines"]
        self.assertEqual((lines["taken"], lines["event"], lines["service_check"]), (1, 1, 1))
        self.assertEqual((lines["bad_value"] >= 1, lines["bad_sample_rate"] >= 1, lines["bad_name"] >= 1), (True,) * 3)
        self.assertEqual(statsd["malformed"], sum(count for name, count in lines.items() if name.startswith("bad_")))
        self.assertEqual(statsd["datagrams"], 4)
        self.assertLessEqual(len(statsd["recent_malformed"]), 10)
        shown = {bad["line"]: bad["reason"] for bad in statsd["recent_malformed"]}
        self.assertTrue(all(reason.startswith("bad_") for reason in shown.values()))
        self.assertEqual(list(self.events()), [("good", "counter")])
        self.assertIn('weir_statsd_lines_total{outcome="service_check"} 1\n', self.proxy.ask("/metrics").body.decode())

    def test_what_is_beside_the_sample_never_costs_it(self):
        self.start_weir()
        tags = ",".join(f"t{n}:{n}" for n in range(20))
        self.client.send(f"many:1|c|#{tags}", "long:1|c|#a:b,x:" + "y" * 300, "next:1|c|zz:future", "drift:-3.5:1:-0.5|d")
        events, statsd = self.events(), self.answer()["statsd"]
        self.assertEqual([events[name, "counter"]["count"] for name in ("many", "long", "next")], [1, 1, 1])
        self.assertEqual(events["long", "counter"]["series"][0]["tags"], {"a": "b"})
        drift = events["drift", "distribution"]
        self.assertEqual((drift["count"], drift["min"], drift["avg"], drift["max"]), (3, -3.5, -1, 1))
        self.assertAlmostEqual(drift["p50"], -0.5, delta=0.004)
        self.assertEqual((statsd["malformed"], statsd["simplified"], statsd["lines"]["tags_dropped"]), (0, 3, 2))
        self.assertEqual([one["reason"] for one in statsd["recent_malformed"]],
                         ["section_dropped", "tags_dropped", "tags_dropped"])
        metrics = self.proxy.ask("/metrics").body.decode()
        for sample in ('weir_event_distribution_count{event="drift"} 3', 'weir_event_distribution_sum{event="drift"} 1',
                       'weir_event_distribution_below_zero_total{event="drift"} 4',
                       'weir_statsd_lines_total{outcome="tags_dropped"} 2'):
            self.assertIn(sample + "\n", metrics)

    def test_malformed_lines_are_shown_newest_first_with_their_reason(self):
        self.start_weir()
        self.client.send("first:x|c", "second:1|c|@2")
        bad = self.answer()["statsd"]["recent_malformed"]
        self.assertEqual([(one["line"], one["reason"]) for one in bad],
                         [("second:1|c|@2", "bad_sample_rate"), ("first:x|c", "bad_value")])

    def test_a_unix_socket_takes_them_too(self):
        self.start_weir("unix:" + os.path.join(self.folder, "statsd.sock"))
        self.client.send("n:1|c")
        self.assertEqual(self.events()["n", "counter"]["count"], 1)

    def test_a_flood_disturbs_nobody_and_nothing_is_lost_unsaid(self):
        app = self.node()
        self.proxy = self.weir(app, statsd={"address": "127.0.0.1:0"})
        self.client = Client(self.proxy.said_addresses("statsd")[0])
        self.addCleanup(self.client.socket.close)
        self.client.send("last:1|c")
        self.assertEqual(self.events()["last", "counter"]["count"], 1)
        sent = 3000
        for n in range(sent):
            self.client.send(*[f"flood.{n % 700}:1|c|#n:{n % 90}"] * 20)
            if n % 300 == 0:
                self.assertEqual(self.proxy.get("/ok").status, 200)

        def has_come_through():
            self.client.send("last:1|c")
            return self.events()["last", "counter"]["count"] > 1

        await_that(has_come_through, "a datagram after the flood")
        answer = self.answer()
        statsd = answer["statsd"]
        self.assertEqual(sum(event["count"] for event in answer["events"]), statsd["lines"]["taken"])
        self.assertGreaterEqual(statsd["datagrams"] + statsd["datagrams_dropped"], sent + 2)
        self.assertLessEqual(answer["count"], 501)
        self.assertGreater(answer["overflowed"], 0)
        self.assertEqual(statsd["malformed"], 0)

    def test_a_reload_moves_it_and_turns_it_off_and_on(self):
        self.start_weir()

        def reload(address):
            before = self.proxy.log().count("was reloaded")
            self.proxy.options["statsd"]["address"] = address
            self.proxy.command()  # writes the configuration
            self.proxy.signal(signal.SIGHUP)
            await_that(lambda: self.proxy.log().count("was reloaded") > before, "the reload")

        self.client.send("n:1|c")
        self.assertEqual(self.events()["n", "counter"]["count"], 1)
        reload("")
        self.assertIsNone(self.answer()["statsd"])
        reload("unix:" + os.path.join(self.folder, "moved.sock"))
        moved = Client(self.proxy.said_addresses("statsd")[-1])
        self.addCleanup(moved.socket.close)
        moved.send("n:1|c")
        self.assertEqual(self.events()["n", "counter"]["count"], 2)

    def test_it_is_off_unless_asked_for(self):
        proxy = self.weir("http://127.0.0.1:1")
        self.assertIsNone(proxy.performance("events")["statsd"])
        self.assertNotIn("weir_statsd", proxy.ask("/metrics").body.decode())

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_nothing_to_say(self):
        self.start_weir()
        self.client.send("a.b-c:1|c|#env:x,1:y", "t:5|ms|#k:v", "d:5|d", "g:1|g", "s:x|s|#window:1", "bad")
        metrics = self.proxy.ask("/metrics").body.decode()
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True,
                                 timeout=20, check=False)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))
