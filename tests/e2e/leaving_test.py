"""Clients some way off that leave at random moments: they, weir and the app say the same of each request.

A departure needs `ONE_WAY` to arrive, so what is to be agreed on follows from the order of events at weir, all of it
on one clock. `LATE` bounds how long anybody here may take to notice something: a part that is fixed, and what the
processes measured of the machine while the test ran.
"""

import collections
import datetime
import json
import os
import subprocess
import sys
import time

from lab.case import Case
from lab.far import CannotBeMade, FarApart
from lab.server import PATIENCE
from lab.upstreams import APPS, SaysItsPort
from lab.weir import Weir, configuration

ONE_WAY = 0.01
REQUESTS = int(os.environ.get("WEIR_E2E_LEAVING", "1000" if os.environ.get("WEIR_E2E_LIGHT") else "10000"))
SEED = int(os.environ.get("WEIR_E2E_SEED", "9"))
# Times in the access log are in whole milliseconds, cut off.
RESOLUTION = 0.002
LATE = 0.0125 * PATIENCE
# Their responses may be with weir or the kernel for long after the app was done with them.
LARGE = ("large", "crawl")
STREAMS = ("events", "endless")


class LeavingApp(SaysItsPort):
    """apps/leaving_app.py, in the place given."""

    name = "leaving-app"

    def __init__(self, folder, place):
        super().__init__(folder)
        self.place = place
        self.written = os.path.join(folder, "app.jsonl")

    def command(self):
        return [*self.place.wrapper, sys.executable, os.path.join(APPS, "leaving_app.py"), self.written]


def objects_of(text):
    return [json.loads(line) for line in text.splitlines()]


def by_id(case, said):
    """Each request stands there once."""
    found = {one["id"]: one for one in said if "id" in one}
    case.assertEqual(len(found), sum("id" in one for one in said), "a request is told twice")
    return found


def worst_of(said):
    return sum(one["worst_lateness"] for one in said if "worst_lateness" in one)


class Leaving(Case):
    seconds = 150

    def setUp(self):
        super().setUp()
        try:
            self.places = FarApart(self, ONE_WAY).make()
        except CannotBeMade as problem:
            self.skipTest(f"no two places 20 ms apart: {problem}")
        self.late = LATE
        self.violations = []

    def run_clients(self, port):
        done = subprocess.run(
            [*self.places.far.wrapper, sys.executable, os.path.join(APPS, "leaving_clients.py"),
             self.places.near.address, str(port), str(REQUESTS), "64", str(SEED)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.seconds * PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return objects_of(done.stdout)

    def weirs_view(self, path, to_monotonic):
        with open(path, encoding="utf-8") as log:
            said = objects_of(log.read())
        for one in said:
            one["id"] = int(one["path"].rpartition("/")[2])
            ended = datetime.datetime.fromisoformat(one["time"].replace("Z", "+00:00"))
            one["end"] = ended.timestamp() + to_monotonic
        return by_id(self, said)

    def check(self, condition, what, client, weir, app):
        if not condition:
            self.violations.append((what, client, weir, app))

    def check_stayed(self, client, weir, app):
        """Returns its kind for the tally."""
        facts = (client, weir, app)
        self.check(client["outcome"] == "answered" and client["status"] == 200, "one that stayed was not served", *facts)
        self.check(weir is not None and weir["fault"] == "none", "weir says that one left which stayed", *facts)
        self.check(app is not None and app["outcome"] == "answered", "the app was told so of one that stayed", *facts)
        self.check(client.get("received_by_app") in (None, str(client["body"])), "a part of an upload is missing", *facts)
        return "stayed"

    def check_left(self, client, weir, app):
        facts = (client, weir, app)
        if weir is None:
            # A reset can overtake, in the kernel, the request that came just before it.
            self.check(client["how"] == "reset" and app is None, "weir does not know a request", *facts)
            return "unseen"
        arrives = client["at"] + ONE_WAY
        # Behind data that could not be sent yet, the departure arrives later: how much later, nobody knows.
        is_punctual = client["unsent"] == 0 or client["how"] == "reset"
        # What is in weir as a whole is given to one that said no more than that it sends nothing more.
        may_be_given = client["how"] == "half" and client["kind"] in LARGE
        if app is not None and app["outcome"] == "answered" and is_punctual:
            self.check(app["at"] <= arrives + self.late, "the app was not told", *facts)
        if weir["fault"] == "client_aborted":
            took = client["at"] - client["sent"]
            self.check(weir["end"] >= arrives - RESOLUTION, "weir knew before it could", *facts)
            if is_punctual and not (may_be_given and app is not None and app["outcome"] == "answered"):
                self.check(weir["end"] <= arrives + self.late, "weir noticed late", *facts)
                # That of a stream which has begun is the time to its first byte.
                has_begun = client["kind"] in STREAMS and weir["status"] == 200
                self.check(weir["duration"] <= took + self.late and (has_begun or weir["duration"] >= took - self.late),
                           "the duration ends at another time", *facts)
            if app is None or app["outcome"] == "cancelled":
                return "cancelled"
            if client["kind"] in LARGE:
                return "cut"
            self.check(app["at"] >= arrives - self.late, "weir had the whole response before", *facts)
            return "tie"
        self.check(weir["fault"] == "none", "weir says something else of one that left", *facts)
        self.check(app is not None and app["outcome"] == "answered", "weir does not say what it told the app", *facts)
        if may_be_given or not is_punctual:
            return "crossed"
        self.check(weir["end"] <= arrives + self.late, "weir went on for one that had left", *facts)
        return "crossed" if weir["end"] <= arrives + RESOLUTION else "tie"

    def test_clients_app_and_weir_agree_on_who_left(self):
        app = self.start(LeavingApp(self.folder, self.places.near))
        access_log = os.path.join(self.folder, "access.log")
        proxy = self.start(Weir(
            self.folder, wrapper=self.places.near.wrapper,
            options=configuration(app.url, listeners=[{"address": f"{self.places.near.address}:0"}],
                                  admin={"address": f"unix:{self.folder}/admin.socket"},
                                  log={"access": access_log, "format": "json"})))
        to_monotonic = time.monotonic() - time.time()
        from_clients = self.run_clients(proxy.address.rpartition(":")[2])
        stats = proxy.stats()
        lag = proxy.performance("system?window=5m")["process"]["loop_lag_seconds"]["max"]
        for server in reversed(self.servers):  # each writes down the rest
            server.stop()

        with open(app.written, encoding="ascii") as written:
            from_app = objects_of(written.read())
        from_carrier = objects_of(self.places.carrier.log().partition("\n")[2]) if self.places.carrier else []
        self.late += worst_of(from_clients) + worst_of(from_app) + worst_of(from_carrier) + lag
        clients, apps = by_id(self, from_clients), by_id(self, from_app)
        weirs = self.weirs_view(access_log, to_monotonic)

        self.assertEqual(len(clients), REQUESTS)
        self.assertLessEqual(set(apps), set(weirs))
        self.assertLessEqual(set(weirs), set(clients))
        tally = collections.Counter()
        for n, client in clients.items():
            check = self.check_left if client["outcome"] == "left" else self.check_stayed
            tally[check(client, weirs.get(n), apps.get(n))] += 1
        summary = f"{dict(tally)}, {self.late * 1000:.0f} ms for being late, {len(self.violations)} violations"
        print(f"        {summary}", flush=True)
        self.assertEqual(self.violations[:5], [], summary)

        aborted = sum(weir["fault"] == "client_aborted" for weir in weirs.values())
        self.assertEqual((stats["client_aborted"], stats["total_requests"], stats["in_flight"]), (aborted, len(weirs), 0))
        self.assertEqual(stats["total_errors"], 0)
        # The mix is one that shows something, and what the wire leaves open is little of it.
        self.assertGreater(tally["cancelled"], REQUESTS / 5, summary)
        self.assertLess(tally["crossed"], REQUESTS * 0.15, summary)
        # Ties are what happens while weir is at work, so a weir that is slower by a sanitizer has more of them.
        self.assertLess(tally["tie"] + tally["unseen"], REQUESTS * 0.005 * PATIENCE, summary)
