"""A link that takes its time: packets from each of two TUN devices come out of the other one later, in order.

usage: carrier.py FD FD SECONDS
"""

import collections
import gc
import json
import os
import select
import signal
import sys
import time

PACKET = 65536


def main():
    one, other, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    out_of = {one: other, other: one}
    on_the_way = collections.deque()  # the same delay for all, so the first in is the first out
    worst = 0.0
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(True))
    gc.disable()
    print("carrying", flush=True)
    while not ends:
        wait = max(0.0, on_the_way[0][0] - time.monotonic()) if on_the_way else 0.5
        ready, _, _ = select.select(list(out_of), [], [], wait)
        for fd in ready:
            try:
                while True:
                    packet = os.read(fd, PACKET)
                    # Its time begins now and not with this turn: none may come early.
                    on_the_way.append((time.monotonic() + delay, out_of[fd], packet))
            except BlockingIOError:
                pass
        now = time.monotonic()
        while on_the_way and on_the_way[0][0] <= now:
            due, fd, packet = on_the_way.popleft()
            worst = max(worst, now - due)
            os.write(fd, packet)
    print(json.dumps({"worst_lateness": worst}), flush=True)


if __name__ == "__main__":
    main()
