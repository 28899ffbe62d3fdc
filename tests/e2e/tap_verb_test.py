"""`weir tap`: a line for each request as it finishes."""

import json
import os
import select
import shutil
import subprocess
import time
import unittest

from lab import weir
from lab.case import Case
from lab.server import PATIENCE
from lab.tmux import Tmux


class TapVerb(Case):
    seconds = 90

    def tap(self, proxy, *flags):
        process = subprocess.Popen([weir.binary(), "tap", "--admin", proxy.admin_address, *flags], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def ask_until_over(self, proxy, process, *targets):
        """What is tapped from when is not said, so requests go on until the tap has seen enough."""
        while process.poll() is None:
            for target in targets:
                proxy.get(target, headers=[("X-User-Id", "ada")])
            time.sleep(0.01)
        return process.stdout.read().splitlines(), process.stderr.read(), process.returncode

    def test_each_request_is_a_line(self):
        proxy = self.weir(self.node(), measure={"user": {"header": "X-User-Id"}})
        lines, errors, status = self.ask_until_over(proxy, self.tap(proxy, "--limit", "3"), "/okay/17?secret=1")
        self.assertEqual((status, errors, len(lines)), (0, "", 3))
        for line in lines:
            self.assertRegex(line, r"^\d\d:\d\d:\d\d\.\d{3} +200 +\d\S* [mun]?s  GET /okay/17 .* 127\.0\.0\.1 ada$")
            self.assertNotIn("secret", line)

    def test_filters_and_json(self):
        proxy = self.weir(self.node())
        tap = self.tap(proxy, "--limit", "4", "--json", "--status", "5xx", "--min", "1us", "--method", "get")
        lines, errors, status = self.ask_until_over(proxy, tap, "/ok", "/status?code=500", "/status?code=404")
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual([(one["status"], one["path"]) for one in map(json.loads, lines)], [(500, "/status")] * 4)
        tap = self.tap(proxy, "--limit", "2", "--json", "--route", "GET /ok")
        lines, _, status = self.ask_until_over(proxy, tap, "/ok", "/status?code=500")
        self.assertEqual([json.loads(line)["path"] for line in lines], ["/ok", "/ok"])

    def test_who_reads_the_first_lines_alone_ends_it(self):
        proxy = self.weir(self.node())
        tap = self.tap(proxy, "--json")
        tap.stdout.close()
        tap.stdout = open(os.devnull, encoding="ascii")
        _, errors, status = self.ask_until_over(proxy, tap, "/ok")
        self.assertEqual((status, errors), (0, ""))

    def test_the_end_of_weir_ends_it_with_a_line(self):
        proxy = self.weir(self.node())
        tap = self.tap(proxy, "--json")
        while not self.has_line(tap):
            proxy.get("/ok")
        proxy.stop()
        errors = tap.communicate(timeout=20 * PATIENCE)[1]
        self.assertEqual((tap.returncode, len(errors.splitlines())), (1, 1))
        self.assertIn("the stream is over", errors)

    def has_line(self, process):
        return bool(select.select([process.stdout], [], [], 0.02)[0])

    def test_wrong_usage_and_a_server_that_says_no(self):
        for flags in (["--status", "6xx"], ["--min", "long"], ["--window", "1m"], ["--watch"]):
            result = weir.command_line("tap", *flags)
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (2, 1), result.stderr)
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["right-0123"]})
        result = weir.command_line("tap", "--admin", proxy.admin_address, environment={"WEIR_TOKEN": ""})
        self.assertEqual(result.returncode, 1)
        self.assertIn("401", result.stderr)
        result = weir.command_line("tap", "--admin", "127.0.0.1:1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("connection refused", result.stderr)

    @unittest.skipUnless(shutil.which("tmux"), "tmux is not installed")
    def test_a_terminal_gets_a_heading_and_lines_that_fit(self):
        proxy = self.weir(self.node())
        terminal = Tmux(self.folder, 60, 20, {"WEIR_ADMIN": f"http://{proxy.admin_address}", "WEIR_CONFIG": ""})
        self.addCleanup(terminal.stop)
        terminal.type("-l", f"clear; {weir.binary()} tap")
        terminal.type("Enter")
        terminal.await_text("DURATION")
        proxy.get("/okay/" + "17" * 50)
        screen = terminal.await_text("GET /okay/1717")
        self.assertEqual(sum("17" in line for line in screen.splitlines() if "tap" not in line), 1, screen)
        terminal.type("C-c")
        terminal.await_screen(lambda screen: screen.rstrip().endswith("ready>"), "the shell")
