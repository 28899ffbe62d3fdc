"""A terminal that a test types into and reads: a shell under a tmux server of its own."""

import os
import subprocess

from .server import PATIENCE, await_that


class Tmux:
    """`environment` is what the shell sees in addition."""

    def __init__(self, folder, columns=110, rows=24, environment=None):
        self.socket = os.path.join(folder, "tmux")
        self.run("new-session", "-d", "-x", str(columns), "-y", str(rows), "exec env PS1='ready> ' sh",
                 environment=environment)
        self.await_text("ready>")

    def run(self, *arguments, environment=None):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=True, timeout=20 * PATIENCE,
                              env={**os.environ, "SHELL": "/bin/sh", **(environment or {})}).stdout

    def stop(self):
        self.run("kill-server")

    def type(self, *keys):
        """Names of keys (`Enter`, `Down`, `C-c`) or text."""
        self.run("send-keys", *keys)

    def resize(self, columns, rows):
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self):
        return self.run("capture-pane", "-p")

    def await_text(self, text):
        return self.await_screen(lambda screen: text in screen, repr(text))

    def await_screen(self, is_it, what):
        """The first screen of which that is true."""
        last = []

        def found():
            last[:] = [self.screen()]
            return is_it(last[0])

        try:
            await_that(found, f"{what} on the screen", seconds=20)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{last[0]}") from None
        return last[0]
