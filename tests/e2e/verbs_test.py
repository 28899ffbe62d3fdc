"""The commands that ask a running weir: what they print, what they refuse, and their exit status."""

import fcntl
import http.server
import json
import os
import pty
import socket
import select
import struct
import subprocess
import termios
import threading

from lab import weir
from lab.case import Case
from lab.certificates import Authority
from lab.server import PATIENCE, await_that

ASKING = ("stats", "slow", "errors", "health", "routes", "users", "tenants", "services", "cache", "marks", "networks", "events")


class Verbs(Case):
    def ask(self, proxy, *arguments, environment=None):
        return weir.command_line(*arguments, environment={"WEIR_ADMIN": f"http://{proxy.admin_address}", "WEIR_CONFIG": "",
                                                          "WEIR_TOKEN": "", **(environment or {})})

    def asked(self, proxy, *arguments, environment=None):
        result = self.ask(proxy, *arguments, environment=environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def busy(self, **sections):
        proxy = self.weir(self.node(), measure={"slow_threshold": "1us", "user": {"header": "X-User-Id"}}, **sections)
        for n in range(5):
            proxy.get("/ok", headers=[("X-User-Id", "ada")])
            proxy.get(f"/okay/{n}")
        proxy.get("/status?code=500")
        return proxy

    def test_json_is_the_answer_of_the_api(self):
        proxy = self.busy()
        calls = {"slow": "performance/slow-queries", "cache": "cache/stats"}
        moving = {"as_of", "uptime_seconds", "timestamp", "metrics", "last_check"}

        def still(value):
            """Without rates: they are over the time up to each of the two questions."""
            if isinstance(value, dict):
                return {k: still(v) for k, v in value.items() if k not in ("requests_per_minute", "per_minute")}
            return [still(one) for one in value] if isinstance(value, list) else value

        for verb in ASKING:
            with self.subTest(verb):
                printed = json.loads(self.asked(proxy, verb, "--json"))
                told = proxy.ask(f"/admin/{calls.get(verb, f'performance/{verb}')}").json()
                self.assertEqual(still({k: v for k, v in printed.items() if k not in moving}),
                                 still({k: v for k, v in told.items() if k not in moving}))

    def test_the_table_holds_what_the_api_says(self):
        proxy = self.busy()
        lines = self.asked(proxy, "stats").splitlines()
        self.assertTrue(lines[0].startswith("11 requests   1 error (9.09%)   11 slow"), lines[0])
        rows = {line[:line.index("  ")]: line.split() for line in lines[4:]}
        stats = proxy.stats()["endpoint_stats"]
        self.assertEqual(set(rows), set(stats))
        for name, row in rows.items():
            self.assertIn(str(stats[name]["total_requests"]), row)
        self.assertIn("ada ", self.asked(proxy, "users"))
        self.assertIn("GET /status", self.asked(proxy, "errors"))
        self.assertIn("GET /ok ", self.asked(proxy, "slow"))
        proxy.ask("/admin/performance/marks", "POST", body=b'{"name": "v1.4.2"}')
        self.assertIn("v1.4.2", self.asked(proxy, "marks"))
        proxy.ask("/admin/performance/events", "POST", body=b'{"name": "render", "duration": 0.12}')
        self.assertRegex(self.asked(proxy, "events"), r"(?m)^render +timing +1 +[\d,.]+ +120 ms ")
        self.assertIn("learned", self.asked(proxy, "routes"))
        self.assertIn(self.servers[0].url, self.asked(proxy, "services"))
        self.assertIn("weir resident memory", await_that(
            lambda: self.ask(proxy, "system").stdout, "the first reading of the system"))

    def test_flags_choose_what_is_shown(self):
        proxy = self.busy()
        one = json.loads(self.asked(proxy, "stats", "--json", "--window", "1m", "--route", "/ok", "--method", "get"))
        self.assertEqual((one["window"], one["total_requests"], list(one["endpoint_stats"])), ("1m", 5, ["GET /ok"]))
        self.assertEqual(len(json.loads(self.asked(proxy, "slow", "--json", "--limit=2"))["slow_queries"]), 2)
        self.assertEqual(json.loads(self.asked(proxy, "slow", "--json", "--sort", "slowest"))["order"], "slowest")
        self.assertEqual(json.loads(self.asked(proxy, "slow", "--json", "--min", "1h"))["count"], 0)
        by_count = json.loads(self.asked(proxy, "stats", "--json", "--sort", "total_requests", "--limit", "2"))
        self.assertEqual([route["total_requests"] for route in by_count["endpoint_stats"].values()], [5, 5])

    def test_wrong_usage_is_2_and_one_line_with_the_mend(self):
        for arguments, said in ((["stat"], "did you mean stats?"), (["stats", "--windw", "1m"], "did you mean --window?"),
                                (["stats", "--window", "7m"], "1m, 5m, 1h, 1d, all"),
                                (["health", "--limit", "3"], "no flag of it"), (["stats", "--limit", "many"], "100000"),
                                (["users", "--sort", "height"], "rate_limited"), (["system", "--route", "/a"], "no flag"),
                                (["stats", "--admin", "ftp://x"], "http://host:port"), (["stats", "--watch", "0"], "100ms"),
                                (["stats", "-c", "/nowhere.yaml"], "/nowhere.yaml"), (["stats", "extra"], "no place"),
                                (["stats", "--token-file", "/nowhere"], "/nowhere"), (["reset"], "--yes"),
                                (["alerts"], "no command")):
            with self.subTest(arguments=arguments):
                result = weir.command_line(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(said, result.stderr)
        result = weir.command_line("stats", environment={"WEIR_ADMIN": "nonsense"})
        self.assertEqual(result.returncode, 2)
        self.assertIn("WEIR_ADMIN", result.stderr)

    def test_a_server_that_is_not_there_or_says_no_is_1_and_one_line(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["right-0123"]})
        proxy.token = "right-0123"
        without = self.ask(proxy, "stats")
        self.assertEqual(without.returncode, 1)
        self.assertIn("401", without.stderr)
        self.assertIn("WEIR_TOKEN", without.stderr)
        wrong = self.ask(proxy, "stats", environment={"WEIR_TOKEN": "wrong"})
        self.assertEqual((wrong.returncode, len(wrong.stderr.splitlines())), (1, 1))
        self.assertNotIn("wrong", wrong.stderr)
        self.asked(proxy, "stats", environment={"WEIR_TOKEN": "right-0123"})
        path = os.path.join(self.folder, "token")
        with open(path, "w", encoding="ascii") as file:
            file.write("right-0123\n")
        self.asked(proxy, "stats", "--token-file", path, environment={"WEIR_TOKEN": "wrong"})
        unknown = self.ask(proxy, "stats", "--route", "/nowhere", environment={"WEIR_TOKEN": "right-0123"})
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("/nowhere", unknown.stderr)
        proxy.stop()
        gone = self.ask(proxy, "stats", environment={"WEIR_TOKEN": "right-0123"})
        self.assertEqual((gone.returncode, len(gone.stderr.splitlines())), (1, 1))
        self.assertIn(proxy.admin_address, gone.stderr)
        self.assertIn("connection refused", gone.stderr)

    def test_where_the_admin_api_is_comes_from_flag_file_or_environment(self):
        node = self.node()
        proxy = self.weir(node)
        proxy.get("/ok")
        path = os.path.join(self.folder, "fixed.yaml")
        with open(path, "w", encoding="ascii") as file:
            json.dump({**proxy.options, "admin": {"address": proxy.admin_address}}, file)
        nobody = "http://127.0.0.1:1"
        for arguments, environment in ((["--admin", proxy.admin_address], {"WEIR_ADMIN": nobody}),
                                       (["-c", path], {"WEIR_ADMIN": nobody}),
                                       ([], {"WEIR_ADMIN": f"http://{proxy.admin_address}/", "WEIR_CONFIG": "/nowhere"}),
                                       ([], {"WEIR_ADMIN": "", "WEIR_CONFIG": path})):
            with self.subTest(arguments=arguments, environment=environment):
                self.assertIn("1 request ", self.asked(proxy, "stats", *arguments, environment=environment))
        kernels_choice = self.ask(proxy, "stats", "-c", proxy.configuration_path)
        self.assertEqual(kernels_choice.returncode, 2)
        self.assertIn("--admin", kernels_choice.stderr)

    def test_health_is_an_exit_status_for_a_container(self):
        proxy = self.weir(self.node())
        proxy.get("/ok")
        self.assertTrue(self.asked(proxy, "health").startswith("healthy "))
        for _ in range(20):
            proxy.get("/status?code=500")
        for arguments in (["health"], ["health", "--json"]):
            sick = self.ask(proxy, *arguments)
            self.assertEqual((sick.returncode, sick.stderr), (1, ""))
            self.assertIn("unhealthy", sick.stdout)

    def test_reset_wants_to_be_sure(self):
        proxy = self.busy()
        self.assertEqual(self.ask(proxy, "reset").returncode, 2)
        self.assertEqual(proxy.stats()["total_requests"], 11)
        self.assertIn("GET /ok", self.asked(proxy, "reset", "--yes", "--route", "GET /ok"))
        self.assertEqual(proxy.stats()["total_requests"], 6)
        self.assertEqual(json.loads(self.asked(proxy, "reset", "--yes", "--json"))["status"], "reset")
        self.assertEqual(proxy.stats()["total_requests"], 0)

    def test_a_terminal_gets_colours_and_its_width_and_a_question(self):
        proxy = self.busy()
        told = self.on_a_terminal(proxy, ["stats"])
        self.assertIn("\x1b[", told[1])
        self.assertNotIn("\x1b[", self.on_a_terminal(proxy, ["stats"], {"NO_COLOR": "1"})[1])
        self.assertNotIn("\x1b[", self.on_a_terminal(proxy, ["stats", "--color", "never"])[1])
        self.assertIn("\x1b[", self.asked(proxy, "stats", "--color=always"))
        self.assertEqual(self.on_a_terminal(proxy, ["reset"], answer="n\n")[0], 1)
        self.assertEqual(proxy.stats()["total_requests"], 11)
        self.assertEqual(self.on_a_terminal(proxy, ["reset"], answer="y\n")[0], 0)
        self.assertEqual(proxy.stats()["total_requests"], 0)

    def on_a_terminal(self, proxy, arguments, environment=None, answer="", columns=0):
        """Runs it with a terminal for all three streams: exit status and what was on the screen."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [weir.binary(), *arguments], stdin=follower, stdout=follower, stderr=follower, env={
                **{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm-256color",
                "WEIR_ADMIN": f"http://{proxy.admin_address}", **(environment or {})})
        os.close(follower)
        seen = b""
        if answer:
            while b"[y/N]" not in seen:
                seen += os.read(leader, 4096)
            os.write(leader, answer.encode())
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        os.close(leader)
        return process.wait(timeout=20 * PATIENCE), seen.decode()

    def test_control_characters_from_strangers_never_reach_the_terminal(self):
        proxy = self.weir(self.node(), measure={"slow_threshold": "1us", "user": {"header": "X-User-Id"}})
        proxy.get("/status?code=500", headers=[("X-User-Id", "a\u009b31mb".encode().decode("latin-1"))])
        for arguments in (["users"], ["errors"], ["slow"]):
            with self.subTest(arguments=arguments):
                told = self.asked(proxy, *arguments)
                self.assertNotIn("\u009b", told)
                self.assertIn("31mb", told)
        on_screen = self.on_a_terminal(proxy, ["users", "--json"])[1]
        self.assertNotIn("\u009b", on_screen)
        self.assertEqual(json.loads(on_screen), {**json.loads(self.asked(proxy, "users", "--json")),
                                                 "as_of": json.loads(on_screen)["as_of"]})

    def test_watching_goes_on_and_says_when_the_server_is_gone(self):
        proxy = self.busy()
        process = subprocess.Popen([weir.binary(), "health", "--watch", "0.1", "--admin", proxy.admin_address],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            for _ in range(3):  # an empty line ends each answer
                answer = list(iter(process.stdout.readline, "\n"))
                self.assertTrue(answer[0].startswith("degraded "), answer)
            proxy.stop()
            self.assertIn("cannot be reached", process.stderr.readline())
            self.assertIsNone(process.poll())
        finally:
            process.kill()
            process.communicate()

    def test_an_output_that_takes_no_more_is_an_error(self):
        proxy = self.busy()
        with open("/dev/full", "wb") as full:
            result = subprocess.run([weir.binary(), "stats", "--admin", proxy.admin_address], stdin=subprocess.DEVNULL,
                                    stdout=full, stderr=subprocess.PIPE, timeout=20 * PATIENCE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output", result.stderr)

    def test_an_output_that_is_closed_is_an_error_and_one_that_nobody_reads_is_none(self):
        proxy = self.busy()
        command = [weir.binary(), "stats", "--admin", proxy.admin_address]
        closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *command], stdin=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, timeout=20 * PATIENCE, check=False)
        self.assertEqual((closed.returncode, len(closed.stderr.splitlines())), (1, 1), closed.stderr)
        self.assertIn("standard output", closed.stderr)
        reader, writer = os.pipe()
        os.close(reader)
        unread = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE,
                                timeout=20 * PATIENCE, check=False)
        os.close(writer)
        self.assertEqual((unread.returncode, unread.stderr), (0, b""))

    def test_who_asks_needs_none_of_the_servers_keys_and_variables(self):
        proxy = self.busy()
        path = os.path.join(self.folder, "of-the-server.yaml")
        with open(path, "w", encoding="ascii") as file:
            json.dump({**proxy.options, "listeners": [{"address": "127.0.0.1:0",
                                                       "tls": {"certificate": "/no/file", "key": "/no/file"}}],
                       "admin": {"address": proxy.admin_address, "tokens": ["${WEIR_NOBODY_SET_THIS}"]}}, file)
        self.assertIn("requests", self.asked(proxy, "stats", "-c", path))
        with open(path, "w", encoding="ascii") as file:
            file.write("admin:\n  address: nowhere\n")
        wrong = self.ask(proxy, "stats", "-c", path)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(f"{path}:2:12: admin.address", wrong.stderr)

    def test_a_server_that_is_no_weir_is_found_out(self):
        class NoWeir(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"<html>hello</html>" if self.path.startswith("/web") else b'{"total_requests": 1'
                self.send_response(404 if self.path.startswith("/web") else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), NoWeir)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        for url, said in ((base, "no valid JSON"), (base + "/web", "answered 404")):
            with self.subTest(url):
                result = weir.command_line("stats", "--admin", url)
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)
                self.assertIn(said, result.stderr)

    def test_a_server_that_never_answers_is_given_up(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            result = weir.command_line("stats", "--admin", f"http://127.0.0.1:{silent.getsockname()[1]}",
                                       "--timeout", "200ms")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no answer within 200ms", result.stderr)

    def test_https_is_spoken_where_the_file_or_the_url_says_so(self):
        authority = Authority(self.folder)
        certificate = authority.issue("admin")
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tls": certificate})
        path = os.path.join(self.folder, "fixed.yaml")
        with open(path, "w", encoding="ascii") as file:
            json.dump({**proxy.options, "admin": {"address": proxy.admin_address, "tls": certificate}}, file)
        for where in (["--admin", f"https://{proxy.admin_address}"], ["-c", path]):
            with self.subTest(where):
                self.assertIn("no traffic yet", self.asked(proxy, "stats", *where, "--ca", authority.certificate))
                unknown = self.ask(proxy, "stats", *where)
                self.assertEqual(unknown.returncode, 1)
                self.assertIn("the certificate is refused: ", unknown.stderr)
                self.assertIn("(name the authority that signed it: --ca FILE)", unknown.stderr)
                self.assertNotIn("is weir running", unknown.stderr)
        strangers = Authority(self.folder, "strangers").certificate
        unknown = self.ask(proxy, "stats", "--admin", f"https://{proxy.admin_address}", "--ca", strangers)
        self.assertIn("the certificate is refused: ", unknown.stderr)
        self.assertIn(f"(the authorities in {strangers} did not sign it: name the right ones with --ca)", unknown.stderr)

    def test_a_name_that_cannot_be_found_is_told_with_the_resolver_s_reason(self):
        name = "name.invalid"
        result = weir.command_line("stats", "--admin", f"http://{name}:9900")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"http://{name}:9900 cannot be reached: cannot resolve {name}: ", result.stderr)
        self.assertIn("(is the name right, does DNS answer?)", result.stderr)
        self.assertNotIn("is weir running", result.stderr)

    def test_a_unix_socket_and_a_prefix_reach_it_too(self):
        path = os.path.join(self.folder, "admin.sock")
        node = self.node()
        proxy = weir.Weir(self.folder, weir.configuration(node.url, admin={"address": f"unix:{path}"}))
        proxy.ask = lambda *_, **__: type("Alive", (), {"status": 200 if os.path.exists(path) else 0})
        self.start(proxy)
        result = weir.command_line("stats", "--admin", f"unix:{path}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("no traffic yet", result.stdout)

    def test_no_line_is_wider_than_a_terminal_of_60_columns(self):
        proxy = self.busy(upstreams={"an-upstream-with-a-name": {"servers": [self.node().url]}})
        self.ask(proxy, "marks", "add", "a mark")
        for columns in (60, 80):
            for verb in (*ASKING, "system"):
                shown = self.on_a_terminal(proxy, [verb], {"NO_COLOR": "1"}, columns=columns)[1]
                with self.subTest(verb=verb, columns=columns):
                    lines = shown.splitlines()
                    self.assertTrue(lines)
                    self.assertEqual([line for line in lines if len(line) > columns], [])
