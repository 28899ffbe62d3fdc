"""What weir writes down."""

import json
import os

from lab import wire
from lab.case import Case
from lab.server import await_that
from lab.weir import Weir, command_line, configuration


class Logs(Case):
    def test_json_logs_are_one_object_a_line(self):
        proxy = self.weir(self.node(), log={"format": "json", "level": "debug"})
        proxy.get("/ok")
        proxy.get("/hang-up")
        lines = proxy.log().splitlines()
        self.assertGreater(len(lines), 1)
        for line in lines:
            said = json.loads(line)
            self.assertLessEqual({"time", "level", "event"}, set(said))

    def test_the_access_log_has_a_line_a_request_and_no_query(self):
        path = os.path.join(self.folder, "access.log")
        proxy = self.weir(self.node(), log={"access": path})
        for n in range(20):
            proxy.get(f"/ok/{n}?password=secret")
        proxy.send("POST", "/missing", body=b"x")

        def lines():
            if not os.path.exists(path):
                return []
            with open(path, encoding="utf-8") as log:
                return log.read().splitlines()

        await_that(lambda: len(lines()) >= 21, "the access log")
        self.assertEqual(len(lines()), 21)
        # Each worker writes its own lines as they end, so their order is not that of the requests.
        for n in range(20):
            self.assertEqual(sum(f"GET /ok/{n} HTTP/1.1\" 200" in line for line in lines()), 1)
        self.assertEqual(sum('"POST /missing HTTP/1.1" 404' in line for line in lines()), 1)
        self.assertNotIn("secret", "\n".join(lines()))

    def test_the_access_log_says_route_server_and_trace_in_json_the_phases_too(self):
        path = os.path.join(self.folder, "access.log")
        node = self.node()
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        sections = {"log": {"access": path, "format": "json"}, "routes": [{"match": "GET /ok/{id}"}]}
        proxy = self.weir(node, **sections)

        def lines():
            if not os.path.exists(path):
                return []
            with open(path, encoding="utf-8") as log:
                return log.read().splitlines()

        proxy.get("/ok/7", headers=[("traceparent", f"00-{trace}-00f067aa0ba902b7-01")])
        proxy.get("/nothing-here")
        await_that(lambda: len(lines()) >= 2, "the access log")
        by_path = {said["path"]: said for said in map(json.loads, lines())}
        said = by_path["/ok/7"]
        self.assertEqual((said["route"], said["upstream"], said["trace_id"]), ("/ok/{id}", node.url, trace))
        self.assertGreater(said["phases"]["wait"], 0)
        self.assertEqual(by_path["/nothing-here"]["route"], "(unmatched)")
        proxy.rewrite(configuration(node.url, **{**sections, "log": {"access": path}}))
        await_that(lambda: "the configuration was reloaded" in proxy.log(), "the reload")
        proxy.get("/ok/8")
        await_that(lambda: len(lines()) >= 3, "the line in text")
        self.assertTrue(lines()[2].endswith(f' "/ok/{{id}}" {node.url} -'), lines()[2])
        learned = command_line("learn", path)
        self.assertEqual(learned.returncode, 0, learned.stderr)
        self.assertIn("/ok/8", open(path, encoding="utf-8").read())

    def test_a_log_line_cannot_be_forged_through_a_path(self):
        path = os.path.join(self.folder, "access.log")
        proxy = self.weir(self.node(), log={"access": path})
        proxy.get("/ok/%0a2026-01-01T00:00:00.000Z%20info%20forged")
        proxy.get('/ok/"quoted"\\x')
        with wire.Connection(proxy.address) as client:
            client.send(b"GET /ok/\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n")
            client.to_the_end()
        proxy.stop()
        with open(path, "rb") as log:
            text = log.read()
        self.assertNotIn(b"\x1b", text)
        self.assertLessEqual(text.count(b"\n"), 3)

    def test_an_access_log_on_stdout_comes_beside_the_log(self):
        proxy = self.start(Weir(self.folder, configuration(self.node().url, log={"access": "-"})))
        proxy.get("/ok/stdout")
        await_that(lambda: "/ok/stdout" in proxy.log(), "the line of the request")
