"""`weir check`, `weir version` and the command line's refusals."""

import json
import os
import re
import socket
import subprocess

from lab import weir
from lab.case import Case
from lab.certificates import Authority
from lab.server import PATIENCE, await_that

GOOD = """\
listeners:
  - address: 127.0.0.1:0
upstreams:
  app:
    servers: [ "http://127.0.0.1:3000" ]
admin:
  address: 127.0.0.1:0
"""

# Each is wrong in one place, the line that ends with `# here`; the word must stand in the message.
WRONG = [
    ("unknown key", "listners", "listners:  # here\n  - address: 127.0.0.1:8080\n" + GOOD),
    ("unknown key of a section", "slow_treshold", GOOD + "measure:\n  slow_treshold: 1s  # here\n"),
    ("unknown key in a list", "adress", GOOD.replace("  - address: 127.0.0.1:0", "  - adress: 127.0.0.1:0  # here")),
    ("a key twice", "workers", GOOD + "workers: 2\nworkers: 3  # here\n"),
    ("a key twice in a section", "level", GOOD + "log:\n  level: info\n  level: debug  # here\n"),
    ("a word for a number", "workers", GOOD + "workers: many  # here\n"),
    ("a negative number", "workers", GOOD + "workers: -1  # here\n"),
    ("a duration without a unit", "slow_threshold", GOOD + "measure:\n  slow_threshold: 5  # here\n"),
    ("a duration with a wrong unit", "drain", GOOD + "timeouts:\n  drain: 5 fortnights  # here\n"),
    ("a size that is none", "header_size", GOOD + "limits:\n  header_size: big  # here\n"),
    ("a list for a value", "format", GOOD + "log:\n  format: [ text ]  # here\n"),
    ("a value for a section", "measure", GOOD + "measure: fast  # here\n"),
    ("a yes that is no file name", "access", GOOD + "log:\n  access: yes  # here\n"),
    ("an unknown level", "level", GOOD + "log:\n  level: loud  # here\n"),
    ("a yes that is no boolean", "forwarded_headers", GOOD + "measure:\n  forwarded_headers: 3  # here\n"),
    ("a port that is too large", "address", GOOD.replace("  - address: 127.0.0.1:0",
                                                         "  - address: 127.0.0.1:70000  # here")),
    ("a name to listen on", "address", GOOD.replace("  - address: 127.0.0.1:0",
                                                    "  - address: app.internal:80  # here")),
    ("a server without a scheme", "servers", GOOD.replace('    servers: [ "http://127.0.0.1:3000" ]',
                                                          "    servers: [ app.internal ]  # here")),
    ("a server with a path", "servers", GOOD.replace('    servers: [ "http://127.0.0.1:3000" ]',
                                                     '    servers: [ "http://127.0.0.1:3000/app" ]  # here')),
    ("a server that is weir itself", "listeners[0].address", GOOD.replace("127.0.0.1:0", "0.0.0.0:8099", 1).replace(
        '"http://127.0.0.1:3000" ]', '"http://localhost:8099" ]  # here')),
    ("a server that is the admin API", "admin.address",
     GOOD.replace("  address: 127.0.0.1:0\n", "  address: 127.0.0.1:9911\n").replace(
         '"http://127.0.0.1:3000" ]', '"http://127.0.0.1:9911" ]  # here')),
    ("an unknown balance", "balance", GOOD.replace("admin:", "    balance: luck  # here\nadmin:")),
    ("an upstream that is not there", "upstream",
     GOOD + "routes:\n  - match: /a\n    upstream: nowhere  # here\n"),
    ("a pattern that is none", "match", GOOD + "routes:\n  - match: GET users/{id}  # here\n"),
    ("a pattern with an open brace", "match", GOOD + "routes:\n  - match: /users/{id  # here\n"),
    ("a rest that is not last", "match", GOOD + "routes:\n  - match: /{rest...}/x  # here\n"),
    ("an unset variable", "NOBODY_SET_THIS", GOOD + 'workers: "${NOBODY_SET_THIS}"  # here\n'),
    ("an admin API open to all", "admin", GOOD.replace("admin:\n  address: 127.0.0.1:0",
                                                       "admin:\n  address: 0.0.0.0:9900  # here")),
    ("a key whose feature is not there", "notify", GOOD + "notify: []  # here\n"),
]


class Configuration(Case):
    def check(self, text, *more):
        path = os.path.join(self.folder, "weir.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path, weir.command_line("check", "-c", path, *more)

    def test_each_mistake_is_one_good_line_at_the_right_place(self):
        for title, word, text in WRONG:
            with self.subTest(title):
                path, result = self.check(text)
                line = next(n for n, row in enumerate(text.splitlines(), 1) if row.endswith("# here"))
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                match = re.match(rf"{re.escape(path)}:(\d+):(\d+): \S+: .+\(.+\)$", result.stderr)
                self.assertIsNotNone(match, result.stderr)
                self.assertEqual(int(match.group(1)), line, result.stderr)
                self.assertIn(word, result.stderr)

    def test_run_refuses_what_check_refuses(self):
        path, result = self.check(WRONG[0][2])
        run = weir.command_line("run", "-c", path)
        self.assertEqual((run.returncode, run.stderr), (2, result.stderr))

    def test_run_is_not_pointed_at_itself_by_flags(self):
        run = weir.command_line("run", "--listen", "0.0.0.0:8099", "--upstream", "http://127.0.0.1:8099")
        self.assertEqual(run.returncode, 2)
        self.assertIn("upstreams.app.servers[0]: http://127.0.0.1:8099 is this weir itself", run.stderr)

    def test_all_mistakes_show_in_one_pass(self):
        text = GOOD + "workers: many\nlog:\n  level: loud\n  colour: red\ntimeouts:\n  drain: never\n"
        _, result = self.check(text)
        self.assertEqual(result.returncode, 2)
        places = [int(row.split(":")[1]) for row in result.stderr.splitlines()]
        self.assertEqual(sorted(places), [8, 10, 11, 13])

    def test_what_is_no_yaml_is_said_with_its_place(self):
        for text in (GOOD + "measure: [ 1, 2\n", GOOD + "log:\n  level: \"info\n", GOOD + "\tworkers: 2\n"):
            with self.subTest(text[-20:]):
                path, result = self.check(text)
                self.assertEqual(result.returncode, 2)
                self.assertRegex(result.stderr, rf"^{re.escape(path)}:\d+:\d+: ")
        _, result = self.check(GOOD + "log: { level: ${WEIR_TEST_LEVEL:-info} }\n")
        self.assertIn("in quotes", result.stderr)

    def test_a_good_file_is_good_and_prints_back_to_itself(self):
        _, result = self.check(GOOD)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        _, first = self.check(GOOD, "--print")
        self.assertEqual(first.returncode, 0)
        _, second = self.check(first.stdout, "--print")
        self.assertEqual((second.returncode, second.stdout), (0, first.stdout))

    def test_what_is_printed_holds_no_secret_and_no_door(self):
        tokens = ('  tokens: [ "${WEIR_TEST_TOKEN}", "sha256:92d9d55af26e080ed344bd2f962004b4:'
                  'c2868c7e5fc7dac85286d9a680ec3fc798065b79c9796343b742f574c36e5f8f" ]\n')
        environment = {"WEIR_TEST_TOKEN": "a-token-that-nobody-may-see"}
        path, _ = self.check(GOOD + tokens)
        first = weir.command_line("check", "-c", path, "--print", environment=environment)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertNotIn(environment["WEIR_TEST_TOKEN"], first.stdout)
        path, _ = self.check(first.stdout)
        second = weir.command_line("check", "-c", path, "--print", environment=environment)
        self.assertEqual((second.returncode, second.stdout), (0, first.stdout))
        # A token that stands in the file is masked, and the mask opens nothing.
        _, masked = self.check(GOOD + "  tokens: [ plainly-written ]\n", "--print")
        self.assertNotIn("plainly-written", masked.stdout)
        _, refused = self.check(masked.stdout)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("admin.tokens[0].token", refused.stderr)

    def test_files_are_named_as_seen_from_the_configurations_folder(self):
        certificate = Authority(self.folder).issue("here")
        names = {key: os.path.basename(path) for key, path in certificate.items()}
        text = GOOD.replace("  - address: 127.0.0.1:0", "  - address: 127.0.0.1:0\n    tls: " + json.dumps(names), 1)
        _, result = self.check(text)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        _, printed = self.check(text, "--print")
        self.assertIn(f"certificate: {certificate['certificate']}\n", printed.stdout)

    def test_a_weir_says_its_name(self):
        for sections, name in (({"name": "shop-web"}, "shop-web"), ({}, socket.gethostname())):
            with self.subTest(name):
                proxy = self.weir("http://127.0.0.1:1", **sections)
                await_that(lambda: proxy.ask("/admin/performance/system").status == 200, "the first reading")
                system = proxy.performance("system")
                self.assertEqual((system["name"], system["pid"]), (name, proxy.process.pid))
                self.assertIn("version", system)
                self.assertEqual(proxy.performance("config")["config"]["name"], name)
                self.assertEqual(proxy.performance("health")["name"], name)
                self.assertIn(f'weir_build_info{{name="{name}",version=', proxy.ask("/metrics").body.decode())

    def test_an_output_that_takes_nothing_is_an_error(self):
        path, _ = self.check(GOOD)
        for arguments in (["check", "-c", path, "--print"], ["check", "-c", path], ["version"], ["man"], ["--help"],
                          ["completion", "bash"], ["learn", "/dev/null"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                result = subprocess.run([weir.binary(), *arguments], stdin=subprocess.DEVNULL, stdout=full,
                                        stderr=subprocess.PIPE, text=True, timeout=20 * PATIENCE, check=False)
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)

    def test_the_files_of_conf_are_good(self):
        for name in ("weir.yaml", "minimal.yaml"):
            result = weir.command_line("check", "-c", os.path.join(weir.ROOT, "conf", name))
            self.assertEqual((result.returncode, result.stderr), (0, ""), name)

    def test_a_file_that_is_not_there_is_bad_configuration(self):
        result = weir.command_line("check", "-c", os.path.join(self.folder, "none.yaml"))
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"none\.yaml: .+ \(.+\)$")
        self.assertEqual(len(result.stderr.splitlines()), 1)

    def test_environment_variables_stand_in_scalars(self):
        text = GOOD + "workers: ${WEIR_TEST_WORKERS}\nlog:\n  level: ${WEIR_TEST_LEVEL:-warning}\n"
        path, _ = self.check(text)
        result = weir.command_line("check", "-c", path, "--print", environment={"WEIR_TEST_WORKERS": "3"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("workers: 3", result.stdout)
        self.assertIn("level: warning", result.stdout)

    def test_wrong_usage_is_2_and_one_line(self):
        for arguments in (["run", "--no-such-flag"], ["nonsense"], ["run", "--workers"], ["run"],
                          ["run", "--upstream", "ftp://x"], ["run", "--listen", "nowhere"]):
            with self.subTest(arguments=arguments):
                result = weir.command_line(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertNotEqual(result.stderr, "")

    def test_version_and_help_go_to_stdout(self):
        version = weir.command_line("version")
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r"^weir \d+\.\d+\.\d+")
        helped = weir.command_line("--help")
        self.assertEqual(helped.returncode, 0)
        for verb in ("run", "check", "version"):
            self.assertIn(verb, helped.stdout)
