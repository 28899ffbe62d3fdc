"""The machine: which CPU does what, how many files may be open, and keeping CPUs awake."""

import os
import pathlib
import platform
import resource
import subprocess
import sys

NEVER_SLEEP = """
import os
parent = os.getppid()
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == parent:
    for _ in range(100000):
        pass
"""


class Cpus:
    """One CPU for the proxy alone; the stub app and the load share another, or have one each where there are three."""

    def __init__(self, say):
        available = sorted(os.sched_getaffinity(0))
        if len(available) < 2:
            say("there is one CPU: proxy, app and load share it, so only CPU time per request means something")
        self.proxy = available[0]
        self.app = available[min(1, len(available) - 1)]
        self.load = available[min(2, len(available) - 1)]
        self.all = available


class Awake:
    """Keeps CPUs from halting for as long as it lives.

    On a virtual machine a halted CPU takes tens of microseconds to come back, which swamps what is measured. A process
    that spins under SCHED_IDLE gives way to everybody at once and costs the measured ones nothing.
    """

    def __init__(self, cpus):
        self.spinners = [subprocess.Popen(["taskset", "-c", str(cpu), sys.executable, "-c", NEVER_SLEEP]) for cpu in cpus]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for spinner in self.spinners:
            spinner.kill()
            spinner.wait()


def raise_file_limit(wanted=65536):
    """How many files each process of a run may have open, as many as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((wanted, max(hard, wanted)), (min(hard, wanted), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            return limit[0]
        except (ValueError, OSError):
            continue
    return soft


def description():
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    is_virtual = " hypervisor " in pathlib.Path("/proc/cpuinfo").read_text()
    return {
        "cpu": model,
        "cpus": len(os.sched_getaffinity(0)),
        "virtual": is_virtual,
        "kernel": platform.release(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }
