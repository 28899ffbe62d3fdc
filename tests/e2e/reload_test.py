"""HUP takes a new configuration as a whole or not at all; USR1 opens the log files anew."""

import json
import os
import signal
import sys

from lab import wire
from lab.case import Case
from lab.server import await_that
from lab.weir import Weir, configuration

RELOADED = "the configuration was reloaded"
REFUSED = "reload refused, the old configuration stays"


class Reload(Case):
    def rewrite(self, proxy, **sections):
        with open(proxy.configuration_path, "w", encoding="utf-8") as file:
            json.dump(sections, file)

    def reload(self, proxy, expected):
        before = proxy.log().count(expected)
        proxy.signal(signal.SIGHUP)
        await_that(lambda: proxy.log().count(expected) > before, f"`{expected}` in the log")

    def test_a_reload_changes_the_routes_and_drops_no_connection_and_no_figure(self):
        one, other = self.node(), self.node()
        proxy = self.weir(one, routes=[{"match": "GET /ok/{name}"}])
        new = configuration(other.url, routes=[{"match": "GET /ok/{name}"}, {"match": "GET /echo"}])
        with wire.Connection(proxy.address) as client:
            def ask(target):
                client.send(wire.request("GET", target, proxy.address))
                self.assertEqual(client.answer().status, 200)

            ask("/ok/a")
            self.rewrite(proxy, **new)
            self.reload(proxy, RELOADED)
            ask("/ok/b")
            ask("/echo")
        self.assertEqual((one.served("/ok/a"), other.served("/ok/b"), other.served("/echo")), (1, 1, 1))
        routes = proxy.stats()["endpoint_stats"]
        self.assertEqual(routes["GET /ok/{name}"]["total_requests"], 2)
        self.assertEqual(routes["GET /echo"]["total_requests"], 1)

    def test_a_bad_file_is_refused_and_the_old_configuration_stays(self):
        proxy = self.weir(self.node())
        self.rewrite(proxy, listners=[])
        self.reload(proxy, REFUSED)
        self.assertIn("listners", proxy.log())
        self.assertEqual(proxy.get("/ok").status, 200)

    def test_a_reload_that_moves_the_admin_api_says_where_to(self):
        proxy = self.weir(self.node())
        proxy.rewrite({**proxy.options, "admin": {"address": "localhost:0"}})
        await_that(lambda: len(proxy.said_addresses("admin")) == 2, "the new address in the log")
        proxy.admin_address = proxy.said_addresses("admin")[1].replace("localhost", "127.0.0.1")
        self.assertEqual(proxy.stats()["total_requests"], 0)

    def test_a_reload_under_way_loses_no_request(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1, "the request to be in flight")
            self.reload(proxy, RELOADED)
            await_that(lambda: app.release() == 1, "the request to reach the app")
            self.assertEqual(client.answer().body, b"held\n")
        self.assertEqual(proxy.stats()["total_requests"], 1)

    def test_a_hup_that_comes_before_weir_is_up_waits_for_it(self):
        early = ("import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP]); "
                 "os.kill(os.getpid(), signal.SIGHUP); os.execv(sys.argv[1], sys.argv[1:])")
        proxy = self.start(Weir(self.folder, configuration(self.node().url), wrapper=[sys.executable, "-c", early]))
        await_that(lambda: RELOADED in proxy.log(), "the reload")
        self.assertEqual(proxy.get("/ok").status, 200)

    def test_a_reload_turns_the_access_log_on_moves_it_and_turns_it_off(self):
        proxy = self.weir(self.node())
        options = json.loads(json.dumps(proxy.options))
        one, other = (os.path.join(self.folder, name) for name in ("one.log", "other.log"))

        def change(**log):
            self.rewrite(proxy, **{**options, "log": log})
            self.reload(proxy, RELOADED)
            proxy.stats()  # every worker answers after it has taken the new configuration

        def text(path):
            with open(path, encoding="utf-8") as log:
                return log.read()

        proxy.get("/ok/0")
        change(access=one)
        proxy.get("/ok/1")
        await_that(lambda: "/ok/1" in text(one), "a line in the first file")
        change(access=other, format="json")
        proxy.get("/ok/2")
        await_that(lambda: text(other), "a line in the second file")
        self.assertEqual(json.loads(text(other))["path"], "/ok/2")
        self.rewrite(proxy, **{**options, "log": {"access": "/does/not/exist/access.log"}})
        self.reload(proxy, REFUSED)
        change()
        proxy.get("/ok/3")
        change(access=one)
        proxy.get("/ok/4")
        await_that(lambda: "/ok/4" in text(one), "a line in the first file again")
        self.assertEqual([n for n in range(5) if f"/ok/{n}" in text(one)], [1, 4])
        self.assertEqual(text(other).count("\n"), 1)

    def test_usr1_writes_on_in_a_new_access_log(self):
        path = os.path.join(self.folder, "access.log")
        proxy = self.weir(self.node(), log={"access": path})
        proxy.get("/ok/before")
        await_that(lambda: os.path.exists(path) and os.path.getsize(path), "the first line")
        os.rename(path, path + ".1")
        proxy.signal(signal.SIGUSR1)
        await_that(lambda: os.path.exists(path), "a new access log")
        proxy.get("/ok/after")
        await_that(lambda: os.path.getsize(path), "the second line")
        with open(path, encoding="utf-8") as new, open(path + ".1", encoding="utf-8") as old:
            self.assertIn("/ok/after", new.read())
            self.assertIn("/ok/before", old.read())
