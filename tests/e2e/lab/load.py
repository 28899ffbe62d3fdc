"""wrk, told to send an exact number of requests."""

import os
import re
import signal
import subprocess

from .server import PATIENCE
from .upstreams import APPS


def wrk(url, paths, requests, connections=64, threads=2, seconds=90):
    """Sends exactly `requests` GETs, going through `paths` in turn, and returns how many answers wrk counted.

    wrk itself only knows durations: the script makes each thread pause when its share is sent, and says when the
    last answer is in, so that no request is cut off half-way.
    """
    share = requests // threads
    process = subprocess.Popen(
        ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{int(seconds * PATIENCE)}s", "--timeout", "30s",
         "-s", os.path.join(APPS, "exactly.lua"), url, "--", str(share), *paths],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(threads):
            line = process.stderr.readline()
            if not line.startswith("share done"):
                raise AssertionError(f"wrk: {line}{process.communicate(timeout=5)}")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20 * PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if "Socket errors" in output:
        raise AssertionError(output)
    return int(re.search(r"(\d+) requests in", output).group(1))
