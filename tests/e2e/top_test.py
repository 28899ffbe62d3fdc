"""`weir top`, driven under tmux: its screen is read, its keys are pressed."""

import os
import shutil
import signal
import unittest

from lab import weir
from lab.case import Case
from lab.tmux import Tmux


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed")
class Top(Case):
    seconds = 120

    def open(self, columns=110, rows=24, flags="--watch 0.2"):
        self.proxy = self.weir(self.node(), measure={"slow_threshold": "1us"})
        for _ in range(3):
            self.proxy.get("/ok")
        for n in range(5):
            self.proxy.get(f"/okay/{n}")
        self.terminal = Tmux(self.folder, columns, rows,
                             {"WEIR_ADMIN": f"http://{self.proxy.admin_address}", "WEIR_CONFIG": "", "WEIR_TOKEN": ""})
        self.addCleanup(self.terminal.stop)
        self.type_command(f"{weir.binary()} top {flags}")
        self.terminal.await_text("q quit")

    def type_command(self, command):
        self.terminal.type("-l", command)
        self.terminal.type("Enter")

    def rows(self, screen):
        """The lines of the table, without title and empty ones."""
        return [line.split("  ")[0] for line in screen.splitlines()[5:-1] if line.strip()]

    def test_the_table_shows_what_the_api_says_and_follows_it(self):
        self.open()
        screen = self.terminal.screen()
        stats = self.proxy.stats("?window=5m")["endpoint_stats"]
        self.assertEqual(sorted(self.rows(screen)), sorted(stats))
        self.assertIn("8 requests", screen)
        self.assertIn(f"http://{self.proxy.admin_address}", screen)
        self.proxy.get("/ok")
        self.terminal.await_text("9 requests")

    def test_keys_sort_filter_and_switch_the_window(self):
        self.open(flags="--watch 0.2 --sort tag")
        self.terminal.await_screen(lambda screen: self.rows(screen)[:1] == ["GET /ok"], "the order of the names")
        self.terminal.type("s")
        self.terminal.await_screen(lambda screen: self.rows(screen)[:1] not in ([], ["GET /ok"]), "the order of the counts")
        self.terminal.type("w")
        self.terminal.await_text("window 1h")
        self.terminal.type("/")
        self.terminal.type("-l", "okay")
        self.terminal.await_text("filter: okay_")
        self.terminal.type("Enter")
        self.terminal.await_screen(lambda screen: len(self.rows(screen)) == 1, "one route")
        self.terminal.type("Escape")
        self.terminal.await_screen(lambda screen: len(self.rows(screen)) == 2, "both routes")

    def test_a_route_opens_and_help_too(self):
        self.open(flags="--watch 0.2 --sort tag")
        self.terminal.await_screen(lambda screen: self.rows(screen)[:1] == ["GET /ok"], "the order of the names")
        self.terminal.type("Down")
        self.terminal.type("Enter")
        parts = ("WHERE THE TIME WENT", "GET /ok", "3 requests", "PHASE", "wait", "3 2xx")
        self.terminal.await_screen(lambda screen: all(part in screen for part in parts), "the route")
        self.terminal.type("Escape")
        self.terminal.await_text("GET /okay/")
        self.terminal.type("h")
        self.terminal.await_text("order by the next column")
        self.terminal.type("h")
        self.terminal.await_text("GET /okay/")

    def test_a_terminal_of_any_size_will_do(self):
        self.open(columns=160)
        self.terminal.await_text("PER MIN")
        self.terminal.resize(50, 10)
        # A screen may be caught while it is drawn.
        screen = self.terminal.await_screen(
            lambda screen: "PER MIN" not in screen and "GET /ok" in screen and "q quit" in screen, "a narrow table")
        self.assertIn("q quit", screen.splitlines()[9])
        self.terminal.resize(8, 2)
        self.terminal.resize(160, 30)
        screen = self.terminal.await_screen(lambda screen: "PER MIN" in screen and "q quit" in screen, "a wide table")
        self.assertIn("q quit", screen.splitlines()[29])

    def test_the_server_may_go_and_come_back(self):
        self.open()
        address = self.proxy.admin_address
        self.proxy.kill()
        self.terminal.await_text("stale:")
        self.terminal.await_screen(lambda screen: "connection refused" in screen and "GET /ok" in screen,
                                   "why the server does not answer, over what it said last")
        again = self.weir(self.servers[0], admin={"address": address})
        again.get("/ok")
        self.terminal.await_screen(lambda screen: "1 request " in screen and "stale:" not in screen, "the new server")

    def test_the_terminal_is_left_as_it_was_however_it_ends(self):
        self.open()
        self.terminal.type("q")
        self.terminal.await_text("ready>")
        for end in ("q", "C-c", "TERM"):
            with self.subTest(end):
                self.type_command(f"clear; stty -g; {weir.binary()} top; echo status=$?; stty -g")
                self.terminal.await_text("q quit")
                if end == "TERM":
                    pid = self.terminal.run("list-panes", "-F", "#{pane_pid}").strip()
                    self.signal_child(int(pid))
                else:
                    self.terminal.type(end)
                screen = self.terminal.await_text("status=0")
                screen = self.terminal.await_screen(lambda screen: screen.rstrip().endswith("ready>"), "the shell")
                modes = [line for line in screen.splitlines() if line.count(":") > 10]
                self.assertEqual(len(modes), 2, screen)
                self.assertEqual(modes[0], modes[1])
                self.assertNotIn("q quit", screen)

    def signal_child(self, shell):
        """TERM to the one child of the shell."""
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as children:
            os.kill(int(children.read().split()[0]), signal.SIGTERM)

    def test_without_a_terminal_or_a_server_it_says_so_in_a_line(self):
        result = weir.command_line("top")
        self.assertEqual((result.returncode, len(result.stderr.splitlines())), (2, 1))
        self.assertIn("terminal", result.stderr)
        self.open()
        self.terminal.type("q")
        self.terminal.await_text("ready>")
        self.type_command(f"clear; {weir.binary()} top --admin 127.0.0.1:1; echo status=$?")
        self.assertIn("connection refused", self.terminal.await_text("status=1"))
        self.type_command(f"clear; TERM=nonesuch {weir.binary()} top; echo status=$?")
        self.assertIn("nonesuch", self.terminal.await_text("status=2"))
