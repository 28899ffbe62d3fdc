"""The two load generators: wrk for closed loops, the project's own where requests are due at fixed times."""

import json
import shutil
import subprocess

# Latencies are wrk's own, in microseconds, not corrected: a closed loop waits with a stalled server.
AT_THE_END = """
done = function(summary, latency)
  local e = summary.errors
  io.stderr:write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"bad_status":%d,"body_bytes":%d,"p50_us":%f,"p99_us":%f,"p999_us":%f,"max_us":%f}',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.timeout, e.status, summary.bytes,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
"""


class LoadFailed(Exception):
    """The generator could not do its work; the text says why."""


def has_wrk():
    return shutil.which("wrk") is not None


def wrk(cpu, folder, url, connections, seconds, script=""):
    script_file = folder / "load.lua"
    script_file.write_text(script + AT_THE_END)
    command = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s",
               "-s", str(script_file), url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    last = done.stderr.strip().rpartition("\n")[2]
    if done.returncode != 0 or not last.startswith("{"):
        raise LoadFailed(f"wrk: {(done.stderr or done.stdout).strip()[:200]}")
    return json.loads(last)


class Generator:
    def __init__(self, program, cpu):
        self.program = program
        self.cpu = cpu

    def command(self, host, port, path, options):
        words = []
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                words.append(flag)
            elif value not in (None, False):
                words += [flag, str(value)]
        return ["taskset", "-c", str(self.cpu), str(self.program), *words, host, str(port), path]

    def run(self, port, path, host="127.0.0.1", **options):
        done = subprocess.run(self.command(host, port, path, options), capture_output=True, text=True,
                              timeout=options.get("seconds", 5) + 120)
        if done.returncode != 0:
            raise LoadFailed(done.stderr.strip() or f"the generator ended with {done.returncode}")
        return json.loads(done.stdout)

    def hold(self, port, path, count):
        """Opens `count` connections, one request each, and keeps them until the block ends."""
        return Held(self.command("127.0.0.1", port, path, {"hold": count}))


class Held:
    def __init__(self, command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.figures = json.loads(self.process.stdout.readline())
        self.count = self.figures["requests"]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
