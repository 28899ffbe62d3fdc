"""A program that a test starts, watches and stops, by its own process id."""

import contextlib
import os
import signal
import socket
import subprocess
import time

# Waiting longer costs nothing where all is well. Everything is slower under a sanitizer; the runner raises this.
PATIENCE = float(os.environ.get("WEIR_E2E_PATIENCE", "4"))


def free_port():
    """A port that nobody listens on now, for servers that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_that(condition, what, seconds=10):
    """Asks until the answer is true and returns it. `what` completes the sentence `waited in vain for ...`."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.005)


class Server:
    """Subclasses name the command and say when the server is up. Output goes to a file that failures print."""

    name = "server"

    def __init__(self, folder):
        self.folder = folder
        self.log_path = os.path.join(folder, f"{self.name}-{id(self):x}.log")
        self.process = None

    def command(self):
        raise NotImplementedError

    def is_up(self):
        raise NotImplementedError

    def keeps(self):
        """File descriptors that it gets from the test."""
        return ()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                pass_fds=self.keeps())
        try:
            await_that(self.is_up_or_gone, f"{self.name} to be up")
        except AssertionError:
            self.kill()
            raise
        return self

    def is_up_or_gone(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
        return self.is_up()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def signal(self, number):
        self.process.send_signal(number)

    def is_stopped(self):
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/stat", encoding="ascii", errors="replace") as stat:
                if stat.read().rpartition(")")[2].split()[0] != "T":
                    return False
        return True

    @contextlib.contextmanager
    def stopped(self):
        """Stands still for the time of a `with`: what happens meanwhile, it finds all at once."""
        self.signal(signal.SIGSTOP)
        try:
            await_that(self.is_stopped, f"{self.name} to stand still")
            yield
        finally:
            self.signal(signal.SIGCONT)

    def wait(self, seconds=10):
        """The exit status."""
        return self.process.wait(timeout=seconds * PATIENCE)

    def stop(self):
        """TERM, and KILL where that is not obeyed. Calling it twice does no harm."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def memory_kib(pid, field="VmRSS"):
    """`VmRSS` now or `VmHWM` the most so far, of a process, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise AssertionError(f"no {field} in /proc/{pid}/status")
