"""weir itself, as people run it: the built binary with a configuration file or with flags."""

import json
import os
import re
import signal
import subprocess

from . import exposition, wire
from .server import PATIENCE, Server

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def binary():
    return os.environ.get("WEIR_BINARY", os.path.join(ROOT, "build", "src", "app", "weir"))


def command_line(*arguments, environment=None, seconds=20):
    """Runs a verb to its end: `subprocess.CompletedProcess` with text output."""
    return subprocess.run([binary(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds * PATIENCE, check=False, env={**os.environ, **(environment or {})})


def configuration(upstream, **sections):
    """One listener and one upstream on ports that the kernel chooses; `sections` add to it or replace."""
    return {
        "listeners": [{"address": "127.0.0.1:0"}],
        "upstreams": {"app": {"servers": [upstream]}},
        "admin": {"address": "127.0.0.1:0"},
        "workers": 2,
        **sections,
    }


class Weir(Server):
    """`options` is the configuration as data (JSON is YAML). Without it, `flags` alone."""

    name = "weir"

    def __init__(self, folder, options=None, flags=(), wrapper=()):
        super().__init__(folder)
        self.options = options
        self.flags = list(flags)
        self.wrapper = list(wrapper)
        self.configuration_path = os.path.join(folder, f"weir-{id(self):x}.yaml")
        self.addresses = []
        self.admin_address = None
        self.token = None

    def command(self):
        arguments = [*self.wrapper, binary(), "run", *self.flags]
        if self.options is not None:
            with open(self.configuration_path, "w", encoding="utf-8") as file:
                json.dump(self.options, file, indent=1)
            arguments += ["-c", self.configuration_path]
        return arguments

    def rewrite(self, options):
        """Another configuration in the same file, and HUP."""
        with open(self.configuration_path, "w", encoding="utf-8") as file:
            json.dump(options, file)
        self.signal(signal.SIGHUP)

    def listener_count(self):
        if self.options is None:
            return max(1, self.flags.count("--listen"))
        return len(self.options["listeners"])

    def is_up(self):
        """Reads the addresses from the start-up lines, in text or JSON, then asks whether it is alive."""
        self.addresses = self.said_addresses("listening")
        admin = self.said_addresses("admin")
        if len(self.addresses) < self.listener_count() or not admin:
            return False
        self.admin_address = admin[0]
        try:
            # One that speaks TLS says so, in plain HTTP.
            return self.ask("/healthz").status == (400 if self.has_admin_tls() else 200)
        except OSError:
            return False

    def has_admin_tls(self):
        return "tls" in (self.options or {}).get("admin", {})

    def said_addresses(self, event):
        found = []
        for line in self.log().splitlines():
            if line.startswith("{"):
                said = json.loads(line)
                if said.get("event") == event:
                    found.append(said["address"])
            else:
                match = re.search(rf"\s{event}\s+(?:\S+=\S+\s+)*?address=(\S+)", line)
                if match:
                    found.append(match.group(1))
        return found

    @property
    def address(self):
        """The first listener's."""
        return self.addresses[0]

    @property
    def url(self):
        return f"http://{self.address}"

    def get(self, target, **more):
        return wire.fetch(self.address, "GET", target, **more)

    def send(self, method, target, **more):
        return wire.fetch(self.address, method, target, **more)

    def ask(self, target, method="GET", headers=(), body=None):
        """One call of the admin API, with the credential where there is one."""
        headers = list(headers)
        if self.token:
            headers.append(("Authorization", f"Bearer {self.token}"))
        answer = wire.fetch(self.admin_address, method, target, headers=headers, body=body)
        if target.startswith("/metrics") and answer.status == 200 and answer.body:
            exposition.parse(answer.body.decode())  # refuses one that has a series twice
        return answer

    def metrics(self):
        """Values by series; see lab.exposition."""
        return exposition.parse(self.ask("/metrics").body.decode())

    def performance(self, call, method="GET"):
        """`/admin/performance/<call>`, which must succeed, as data."""
        for _ in range(10):
            answer = self.ask(f"/admin/performance/{call}", method)
            if answer.status != 200:
                raise AssertionError(f"{method} {call}: {answer.status} {answer.body!r}")
            data = answer.json()
            if not (isinstance(data, dict) and data.get("stale")):
                break  # a machine that keeps a worker from running for seconds says so, and is asked again
        return data

    def stats(self, query=""):
        return self.performance("stats" + query)
