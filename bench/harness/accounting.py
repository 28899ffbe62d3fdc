"""What processes used, by the kernel's own accounting: CPU time, memory, system calls."""

import pathlib
import re
import shutil
import signal
import subprocess
import time


def cpu_seconds(pids):
    """CPU time of all threads, to the nanosecond."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory(pids):
    """Bytes: `pss` is what the processes alone are to blame for, `rss` counts shared libraries in full."""
    figures = {"pss": 0, "rss": 0}
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.lower() in figures:
                figures[name.lower()] += int(value.split()[0]) * 1024
    return figures


class SystemCalls:
    """Counts the system calls of processes while the block runs: `count`, or None with `reason`.

    perf counts without slowing anybody; strace, where perf may not, stops the process at every call.
    """

    def __init__(self, pids, folder):
        self.pids = ",".join(map(str, pids))
        self.output = pathlib.Path(folder) / "system_calls"
        self.count = None
        self.reason = None
        self.tool = None

    def __enter__(self):
        perf = ["perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", str(self.output), "-p", self.pids]
        strace = ["strace", "-f", "-c", "-o", str(self.output), *[f"--attach={pid}" for pid in self.pids.split(",")]]
        for command in (perf, strace):
            if not shutil.which(command[0]):
                continue
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            if self.process.poll() is None:
                self.tool = command[0]
                return self
        self.reason = "neither perf nor strace may look at the process (packages linux-perf, strace; root or ptrace rights)"
        return self

    def __exit__(self, *_):
        if self.tool is None:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        text = self.output.read_text()
        found = re.search(r"^(\d+),", text, re.M) if self.tool == "perf" else re.search(r"^\s*100\.00\s+\S+\s+(?:\d+\s+)?(\d+)", text, re.M)
        if found:
            self.count = int(found.group(1))
        else:
            self.reason = f"{self.tool} gave no count"
