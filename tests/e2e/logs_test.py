"""What weir writes down."""

import json
import os

from lab import wire
from lab.case import Case
from lab.server import await_that
from lab.weir import Weir, configuration


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
