"""An app that sees at once when its peer closes, and writes down how each request ended.

usage: leaving_app.py LOG

GET /KIND/ID?ms=&size=&parts=  after `ms`, `size` bytes in `parts`; chunked where there is more than one
GET /events/ID?ms=&n=          `n` events, one each `ms`; without an end where `n` is 0
POST /KIND/ID?ms=              reads the body to its end, then as above

Each line of LOG is `{"id", "outcome", "at", "received"}`: `answered` once the kernel has all of the response,
`cancelled` where the peer ended the connection before; `at` is of the monotonic clock. The last line is
`{"worst_lateness"}`, of the app's own timers.
"""

import asyncio
import json
import signal
import sys
import time
import urllib.parse


class App(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, log):
        self.log = log
        self.buffer = b""
        self.task = None
        self.id = None
        self.received = 0
        self.missing = None  # of a body: a count, or None where its chunks say so
        self.query = {}
        self.kind = ""
        self.room = asyncio.Event()
        self.room.set()

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=0)  # `room` then means that the kernel has everything

    def pause_writing(self):
        self.room.clear()

    def resume_writing(self):
        self.room.set()

    def data_received(self, data):
        self.buffer += data
        if self.id is None:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            self.buffer = rest
            self.begin(head.decode("latin-1"))
        if self.task is None and self.has_body():
            self.task = asyncio.get_running_loop().create_task(self.respond())

    def begin(self, head):
        lines = head.split("\r\n")
        target = urllib.parse.urlsplit(lines[0].split(" ")[1])
        _, self.kind, self.id = target.path.split("/")
        self.query = {name: int(value) for name, value in urllib.parse.parse_qsl(target.query)}
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.received = 0
        self.missing = None if "transfer-encoding" in fields else int(fields.get("content-length", 0))

    def has_body(self):
        if self.missing is not None:
            taken = min(self.missing, len(self.buffer))
            self.buffer = self.buffer[taken:]
            self.missing -= taken
            self.received += taken
            return self.missing == 0
        while b"\r\n" in self.buffer:
            line, _, rest = self.buffer.partition(b"\r\n")
            size = int(line, 16)
            if len(rest) < size + 2:
                return False
            self.buffer = rest[size + 2:]
            self.received += size
            if size == 0:
                return True
        return False

    async def send(self, data):
        if self.transport.is_closing():
            raise asyncio.CancelledError
        self.transport.write(data)
        await self.room.wait()

    async def respond(self):
        ms, size, parts = (self.query.get(name, default) for name, default in (("ms", 0), ("size", 64), ("parts", 1)))
        if self.kind == "events":
            await self.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            n = 0
            while n != self.query["n"] or n == 0:
                await asyncio.sleep(ms / 1000)
                await self.send(b"a\r\ndata: ..\n\n\r\n".replace(b"..", b"%02d" % (n % 100)))
                n += 1
            await self.send(b"0\r\n\r\n")
        else:
            if ms:
                await asyncio.sleep(ms / 1000)
            head = b"HTTP/1.1 200 OK\r\nX-Received: %d\r\n" % self.received
            part = b"x" * (size // parts)
            if parts == 1:
                await self.send(head + b"Content-Length: %d\r\n\r\n" % size + part)
            else:
                await self.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
                for _ in range(parts):
                    await self.send(b"%x\r\n%s\r\n" % (len(part), part))
                await self.send(b"0\r\n\r\n")
        self.ended("answered")

    def ended(self, outcome):
        self.log.write(json.dumps({"id": int(self.id), "outcome": outcome, "at": time.monotonic(),
                                   "received": self.received}) + "\n")
        self.id = None
        self.task = None

    def peer_left(self):
        if self.id is not None:
            if self.task is not None:
                self.task.cancel()
            self.ended("cancelled")

    def eof_received(self):
        self.peer_left()

    def connection_lost(self, _):
        self.peer_left()


async def main():
    worst = 0.0

    async def watch():
        nonlocal worst
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - before - 0.005)

    with open(sys.argv[1], "w", encoding="ascii") as log:
        server = await asyncio.get_running_loop().create_server(lambda: App(log), "127.0.0.1", 0, backlog=1024)
        over = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
        print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
        watching = asyncio.create_task(watch())
        await over.wait()
        watching.cancel()
        log.write(json.dumps({"worst_lateness": worst}) + "\n")


asyncio.run(main())
