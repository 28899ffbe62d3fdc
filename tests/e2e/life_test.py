"""Start, drain and end."""

import shutil
import signal
import threading
import time
import unittest

from lab import wire
from lab.case import Case, heavy
from lab.server import await_that, free_port
from lab.weir import Weir, configuration


class Life(Case):
    def test_term_answers_what_is_in_flight_and_ends_with_0(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: app.served("/held") == 1, "the request to be in flight")
            proxy.signal(signal.SIGTERM)
            await_that(lambda: proxy.ask("/readyz").status == 503, "the drain to begin")
            app.release()
            answer = client.answer()
            self.assertEqual((answer.status, answer.body), (200, b"held\n"))
            self.assertTrue(client.is_closed())
        self.assertEqual(proxy.wait(), 0)

    def test_int_drains_too(self):
        proxy = self.weir(self.node())
        self.assertEqual(proxy.get("/").status, 200)
        proxy.signal(signal.SIGINT)
        self.assertEqual(proxy.wait(), 0)

    def test_readyz_says_no_while_draining(self):
        app = self.node()
        proxy = self.weir(app)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1 and app.served("/held") == 1, "the request to be in flight")
            proxy.signal(signal.SIGTERM)
            await_that(lambda: proxy.ask("/readyz").status == 503, "readyz to say no")
            self.assertEqual(proxy.ask("/healthz").status, 200)
            app.release()
            self.assertEqual(client.answer().status, 200)
        self.assertEqual(proxy.wait(), 0)

    def test_a_second_term_ends_it_at_once(self):
        proxy = self.weir(self.node())
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1, "the request to be in flight")
            proxy.signal(signal.SIGTERM)
            await_that(lambda: proxy.ask("/readyz").status == 503, "the drain to begin")
            started = time.monotonic()
            proxy.signal(signal.SIGTERM)
            proxy.wait()
            self.assertLess(time.monotonic() - started, 20)

    def test_the_drain_has_an_end(self):
        proxy = self.weir(self.node(), timeouts={"drain": "500ms"})
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/held", proxy.address))
            await_that(lambda: proxy.stats()["in_flight"] == 1, "the request to be in flight")
            started = time.monotonic()
            proxy.signal(signal.SIGTERM)
            proxy.wait()
            self.assertLess(time.monotonic() - started, 20)

    def test_term_under_load_loses_no_request_that_reached_the_app(self):
        app = self.node()
        proxy = self.weir(app)
        whole = []
        stop = threading.Event()

        def ask_on():
            while not stop.is_set():
                try:
                    with wire.Connection(proxy.address) as client:
                        while not stop.is_set():
                            client.send(wire.request("GET", "/slow?ms=5", proxy.address))
                            answer = client.answer()
                            if answer.status == 200 and answer.body == b"slow\n":
                                whole.append(1)
                            if answer.header("Connection") == "close":
                                break
                except (OSError, EOFError):
                    # Refused, or closed before weir had read the request: safe to send again elsewhere.
                    time.sleep(0.01)

        threads = [threading.Thread(target=ask_on) for _ in range(24)]
        for thread in threads:
            thread.start()
        await_that(lambda: len(whole) > 300, "some load")
        proxy.signal(signal.SIGTERM)
        status = proxy.wait()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(status, 0)
        self.assertEqual(app.served("/slow"), len(whole))

    def test_closed_standard_descriptors_are_never_taken_for_others(self):
        class Mute(Weir):
            def is_up(self):
                try:
                    return self.ask("/healthz").status == 200
                except OSError:
                    return False

        app = self.node()
        ports = [free_port(), free_port()]
        proxy = Mute(self.folder, configuration(app.url, listeners=[{"address": f"127.0.0.1:{ports[0]}"}],
                                                admin={"address": f"127.0.0.1:{ports[1]}"}, log={"level": "debug"}),
                     wrapper=["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh"])
        proxy.addresses, proxy.admin_address = [f"127.0.0.1:{ports[0]}"], f"127.0.0.1:{ports[1]}"
        self.start(proxy)
        self.assertEqual(proxy.get("/ok").body, b"here\n")
        proxy.signal(signal.SIGHUP)
        await_that(lambda: proxy.get("/ok").body == b"here\n", "traffic after the reload")
        proxy.signal(signal.SIGTERM)
        self.assertEqual(proxy.wait(), 0)
        self.assertEqual(proxy.log(), "")

    def test_the_start_up_lines_say_what_listens_where(self):
        app = self.node()
        proxy = self.weir(app)
        self.assertRegex(proxy.log(), rf"listening\s.*address={proxy.address}")
        self.assertRegex(proxy.log(), rf"admin\s.*address={proxy.admin_address}")
        self.assertIn(app.address, proxy.log())

    def test_a_port_that_is_taken_is_one_clear_line(self):
        app = self.node()
        with_taken = Weir(self.folder, configuration(app.url, listeners=[{"address": app.address}]))
        with self.assertRaisesRegex(AssertionError, "ended with [12]"):
            with_taken.start()
        self.assertIn(app.address, with_taken.log())

    @heavy
    @unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
    def test_valgrind_finds_no_leak_at_exit(self):
        app = self.node()
        report = f"{self.folder}/valgrind.log"
        proxy = Weir(self.folder, configuration(app.url), wrapper=[
            "valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99", f"--log-file={report}"])
        self.start(proxy)
        for n in range(30):
            self.assertEqual(proxy.get(f"/ok/{n}").status, 200)
            proxy.get("/missing")
            proxy.send("POST", "/echo", body=b"v" * 70000)
        proxy.get("/hang-up")
        proxy.stats()
        proxy.ask("/metrics")
        proxy.signal(signal.SIGTERM)
        status = proxy.wait(30)
        with open(report, encoding="utf-8") as log:
            self.assertEqual(status, 0, log.read())
