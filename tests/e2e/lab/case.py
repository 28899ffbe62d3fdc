"""What every end-to-end test starts from: a folder of its own, servers that end with it, and a limit on its time."""

import faulthandler
import os
import shutil
import signal
import tempfile
import unittest

from .server import PATIENCE
from .upstreams import Nginx, NodeApp, PythonFiles
from .weir import Weir, configuration


class TookTooLong(Exception):
    """Raised inside a test by the alarm."""


def heavy(test):
    """Left out of light runs, those under a sanitizer: gigabytes, 100,000 requests, memory figures."""
    test.is_heavy = True
    return test


class Case(unittest.TestCase):
    """`seconds` bounds each test of the class."""

    seconds = 40
    longMessage = True
    maxDiff = 4000

    def run(self, result=None):
        def on_alarm(*_):
            faulthandler.dump_traceback()
            raise TookTooLong(f"the test took longer than {self.seconds * PATIENCE:.0f} s")

        before = signal.signal(signal.SIGALRM, on_alarm)
        signal.setitimer(signal.ITIMER_REAL, self.seconds * PATIENCE)
        try:
            return super().run(result)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def setUp(self):
        self.servers = []
        self.folder = tempfile.mkdtemp(prefix="weir-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, server):
        """Starts it now; it is stopped when the test ends, the last one first."""
        self.servers.append(server)
        self.addCleanup(server.stop)
        return server.start()

    def nginx(self):
        return self.start(Nginx(self.folder))

    def node(self, port=0):
        return self.start(NodeApp(self.folder, port))

    def python_files(self):
        return self.start(PythonFiles(self.folder))

    def weir(self, upstream, **sections):
        """weir in front of a server or a URL, the configuration's other sections as given."""
        url = upstream if isinstance(upstream, str) else upstream.url
        return self.start(Weir(self.folder, configuration(url, **sections)))

    def logs(self):
        """What weir and the servers had to say, for a failure."""
        parts = []
        for server in self.servers:
            text = server.log()
            if len(text) > 4000:
                text = "...\n" + text[-4000:]
            parts.append(f"-- {server.name} --\n{text}")
        return "\n".join(parts)

    def assert_weir_answer(self, answer, status, token):
        """A problem that weir itself answers, marked so that nobody takes it for the app's."""
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.header("X-Weir-Error"), token)
        self.assertEqual(answer.header("Content-Type"), "application/problem+json")
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        for member in ("type", "title", "detail", "request_id"):
            self.assertIn(member, problem)
