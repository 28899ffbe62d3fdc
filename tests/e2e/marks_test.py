"""Notes on the time line: who deployed what, when."""

import datetime
import json

from lab.case import Case
from lab.weir import command_line


def ago(**span):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)).isoformat(timespec="milliseconds")


class Marks(Case):
    def setUp(self):
        super().setUp()
        self.proxy = self.weir("http://127.0.0.1:1")

    def post(self, mark):
        body = mark if isinstance(mark, bytes) else json.dumps(mark).encode()
        return self.proxy.ask("/admin/performance/marks", "POST", body=body)

    def names(self, query=""):
        return [mark["name"] for mark in self.proxy.performance("marks" + query)["marks"]]

    def test_a_mark_is_shown_newest_first_by_its_own_time(self):
        made = self.post({"name": "v1.4.2"})
        self.assertEqual(made.status, 201, made.body)
        mark = made.json()
        self.assertEqual((mark["name"], mark["text"]), ("v1.4.2", None))
        self.assertRegex(mark["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.post({"name": "v1.4.1", "timestamp": "2026-01-31T10:30:00.5+01:00",
                                    "text": "rolled back für Ada"}).status, 201)
        self.assertEqual(self.post({"name": "half an hour ago", "timestamp": ago(minutes=30)}).status, 201)
        answer = self.proxy.performance("marks")
        self.assertEqual([one["name"] for one in answer["marks"]], ["v1.4.2", "half an hour ago", "v1.4.1"])
        self.assertEqual(answer["count"], 3)
        self.assertIn("as_of", answer)
        self.assertEqual(answer["marks"][2], {"name": "v1.4.1", "timestamp": "2026-01-31T09:30:00.500Z",
                                              "text": "rolled back für Ada"})
        self.assertEqual(self.names("?limit=1"), ["v1.4.2"])
        self.assertEqual(self.names("?window=1h"), ["v1.4.2", "half an hour ago"])

    def command(self, *arguments):
        return command_line("marks", "--admin", f"http://{self.proxy.admin_address}", *arguments)

    def test_the_command_adds_one(self):
        added = self.command("add", "v1.5.0", "--text", 'with "quotes" and ü')
        self.assertEqual((added.returncode, added.stderr), (0, ""))
        self.assertTrue(added.stdout.startswith("marked: v1.5.0 at "), added.stdout)
        self.assertEqual(json.loads(self.command("add", "v1.6.0", "--json").stdout)["name"], "v1.6.0")
        self.assertEqual(self.names(), ["v1.6.0", "v1.5.0"])
        self.assertEqual(self.proxy.performance("marks")["marks"][1]["text"], 'with "quotes" and ü')
        for arguments, said in ((["add"], "add has no name"), (["v1"], "did you mean weir marks add v1?"),
                                (["--text", "x"], "write weir marks add NAME --text TEXT"),
                                (["add", "v1", "v2"], '"v2" has no place here'),
                                (["add", "v1", "--window", "5m"], "no flag that is for showing marks")):
            refused = self.command(*arguments)
            self.assertEqual(refused.returncode, 2, arguments)
            self.assertIn(said, refused.stderr)
        refused = self.command("add", "a" * 1000)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(": 400: ", refused.stderr)

    def test_a_reset_leaves_marks_alone(self):
        self.post({"name": "v1"})
        self.proxy.performance("reset", "POST")
        self.assertEqual(self.names(), ["v1"])

    def test_a_bad_mark_is_refused_with_its_member_and_the_mend(self):
        wrong = {
            b"": "body is empty",
            b"v1.4.2": "no valid JSON",
            b'["v1"]': "no object",
            b"{}": "name: is missing",
            b'{"name":""}': "name: is empty",
            b'{"name":7}': "name: 7 is no text",
            b'{"name":"a\\nb"}': "control characters",
            b'{"name":"a","name":"b"}': "name: comes twice",
            b'{"name":"v1","timestamp":"yesterday"}': "timestamp: ",
            b'{"name":"v1","timestamp":1769852000}': "timestamp: ",
            b'{"name":"v1","timestamp":"2200-01-01T00:00:00Z"}': "timestamp: ",
            b'{"name":"v1","when":"now"}': "when: is not known",
            json.dumps({"name": "x" * 201}).encode(): "name: has 201 bytes",
        }
        for body, said in wrong.items():
            with self.subTest(body):
                answer = self.post(body)
                self.assertEqual(answer.status, 400)
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
                self.assertIn(said, answer.json()["detail"])
        self.assertEqual(self.names(), [])
        self.assertEqual(self.proxy.ask("/admin/performance/marks?limit=none").status, 400)

    def test_a_thousand_are_kept(self):
        for n in range(1003):
            self.post({"name": f"v{n}"})
        names = self.names()
        self.assertEqual((len(names), names[0], names[-1]), (1000, "v1002", "v3"))
