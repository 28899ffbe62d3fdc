"""All peers under all workloads, in turn and interleaved."""

import dataclasses
import time

from . import load, peers
from .accounting import SystemCalls, cpu_seconds, memory

SYSTEM_CALL_SECONDS = 1


class Comparison:
    """`figures[workload][peer]` maps the name of a figure to its values, one a round; `left_out` says what was not run."""

    def __init__(self, lab, generator, chosen, say):
        self.lab = lab
        self.generator = generator
        self.peers = chosen
        self.say = say
        self.running = {}
        self.figures = {}
        self.memory = {}
        self.left_out = []

    def start(self):
        for peer in self.peers:
            running = peers.start(self.lab, peer)
            self.running[peer.name] = running
            if running.pids:
                self.memory[peer.name] = {"idle": memory(running.pids)}

    def leave_out(self, what, why):
        self.left_out.append({"what": what, "why": why})
        self.say(f"  left out: {what}: {why}")

    def run(self, workload, rounds, seconds):
        able = [peer for peer in self.peers if not workload.is_tls or self.running[peer.name].tls_port]
        for peer in self.peers:
            if peer not in able:
                self.leave_out(f"{peer.name} under {workload.name}", "it speaks no TLS" if not peer.has_tls else "there is no openssl to make a certificate")
        if workload.held > self.lab.most_held():
            self.say(f"  {workload.name}: {self.lab.most_held():,} idle connections instead of {workload.held:,}, for {self.lab.files:,} open files (ulimit -n)")
            workload = dataclasses.replace(workload, held=self.lab.most_held())
        figures = {peer.name: {} for peer in able}
        for at in range(rounds):
            for peer in able:
                try:
                    values = self.measure(peer, workload, seconds, is_last=at == rounds - 1)
                except (load.LoadFailed, ProcessLookupError, FileNotFoundError) as failure:
                    what = str(failure) if isinstance(failure, load.LoadFailed) else "its process is gone"
                    self.leave_out(f"{peer.name} under {workload.name}, round {at + 1}", what)
                    continue
                for name, value in values.items():
                    figures[peer.name].setdefault(name, []).append(value)
        self.figures[workload.name] = {name: values for name, values in figures.items() if values}

    def measure(self, peer, workload, seconds, is_last):
        running = self.running[peer.name]
        if not workload.held:
            return self.drive(running, peer, workload, seconds, is_last)
        port = running.port
        before = memory(running.pids)["pss"] if running.pids else 0
        with self.generator.hold(port, workload.path, workload.held) as held:
            if held.count < workload.held:
                raise load.LoadFailed(f"only {held.count} of {workload.held} connections could be held")
            time.sleep(0.5)
            if running.pids:
                grown = memory(running.pids)["pss"] - before
                # Later rounds find memory that the first one has left.
                self.memory[peer.name].setdefault("bytes_per_idle_connection", grown / held.count)
            return self.drive(running, peer, workload, seconds, False)

    def drive(self, running, peer, workload, seconds, is_last):
        before = cpu_seconds(running.pids)
        values = self.send(running, workload, seconds)
        used = cpu_seconds(running.pids) - before
        figures = {
            "requests_per_second": values["requests"] / max(values["seconds"], 1e-9),
            "errors": values["failed"] + values["bad_status"] + values.get("unfinished", 0),
            "p50_us": values["p50_us"], "p99_us": values["p99_us"], "p999_us": values["p999_us"],
        }
        if running.pids:
            figures["cpu_us"] = used * 1e6 / max(values["requests"], 1)
        if "own_lag_p99_us" in values:
            figures["own_lag_p99_us"] = values["own_lag_p99_us"]
        if is_last and running.pids and not workload.is_tls:
            figures.update(self.count_system_calls(running, peer, workload))
        return figures

    def send(self, running, workload, seconds):
        if workload.rate:
            return self.generator.run(running.port, workload.path, rate=workload.rate, connections=workload.connections, seconds=seconds)
        scheme, port = ("https", running.tls_port) if workload.is_tls else ("http", running.port)
        return load.wrk(self.lab.cpus.load, self.lab.folder, f"{scheme}://127.0.0.1:{port}{workload.path}", workload.connections,
                        seconds, workload.script)

    def count_system_calls(self, running, peer, workload):
        """In a short run of its own, so that counting touches no other figure. Memory under load is read there too."""
        with SystemCalls(running.pids, self.lab.folder) as calls:
            values = self.send(running, workload, SYSTEM_CALL_SECONDS)
        if workload.name == "get_256":
            grown = memory(running.pids)["pss"] - self.memory[peer.name]["idle"]["pss"]
            self.memory[peer.name]["bytes_per_active_connection"] = grown / workload.connections
        if calls.count is None:
            self.leave_out(f"system calls of {peer.name} under {workload.name}", calls.reason)
            return {}
        return {"system_calls": calls.count / max(values["requests"], 1)}
