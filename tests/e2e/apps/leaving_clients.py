"""Clients that know beforehand whether they stay, and where they do not, when and how they leave.

usage: leaving_clients.py HOST PORT COUNT CONCURRENCY SEED

Each line of output is a request: `{"id", "kind", "sent", "outcome", ...}`. `answered` has the whole response;
`left` has `how` and `at`, taken just before the call that leaves. Times are of the monotonic clock.
"""

import array
import asyncio
import fcntl
import json
import random
import socket
import struct
import sys
import time

SIOCOUTQNSD = 0x894B  # how much of what was written has not been sent yet
ROUND_TRIP = 0.02
LEAVERS = 0.45
RESET = struct.pack("ii", 1, 0)


class Plan:
    """One request, all of it chosen before it begins."""

    def __init__(self, n, dice):
        self.id = n
        self.kind = dice.choices(("small", "large", "slow", "sent", "chunked", "events", "endless", "crawl"),
                                 (10, 8, 40, 11, 11, 8, 8, 4))[0]
        self.is_fresh = dice.random() < 0.4
        self.how = dice.choice(("close", "half", "reset")) if dice.random() < LEAVERS else None
        self.body = 0
        self.receive_buffer = None
        ms = size = parts = 0
        takes = ROUND_TRIP
        if self.kind == "small":
            size, parts = dice.randrange(1, 2000), 1
        elif self.kind == "large":
            size, parts = dice.randrange(50_000, 400_000), dice.choice((1, 10))
            takes += ROUND_TRIP * 2
        elif self.kind == "slow":
            ms, size, parts = dice.randrange(300), dice.randrange(1, 2000), dice.choice((1, 2))
        elif self.kind in ("sent", "chunked"):
            self.body = dice.randrange(1, 200_000)
            ms, size, parts = dice.randrange(200), 64, 1
            takes += self.body / 16_384 * 0.002
        elif self.kind == "crawl":
            size, parts = dice.randrange(400_000, 1_000_000), 10
            self.is_fresh, self.receive_buffer = True, 32_768
            takes += 0.3
        self.query = f"ms={ms}&size={size}&parts={parts}"
        if self.kind == "events":
            ms = 10
            self.query = f"ms={ms}&n={dice.randrange(1, 20)}"
            takes += 0.1
        elif self.kind == "endless":
            self.query = "ms=20&n=0"
            self.how = self.how or dice.choice(("close", "half", "reset"))
            takes += 0.2
        takes += ms / 1000
        self.leaves_after = dice.uniform(0, takes) if self.how else None

    def head(self, host):
        path = "events" if self.kind == "endless" else self.kind
        lines = [f"{'POST' if self.body else 'GET'} /{path}/{self.id}?{self.query} HTTP/1.1", f"Host: {host}"]
        if self.kind == "chunked":
            lines.append("Transfer-Encoding: chunked")
        elif self.body:
            lines.append(f"Content-Length: {self.body}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"


class Client:
    """One after the other, on a kept connection where there is one."""

    def __init__(self, address):
        self.address = address
        self.loop = asyncio.get_running_loop()
        self.socket = None
        self.buffer = b""
        self.received = 0

    async def connect(self, receive_buffer):
        self.close()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setblocking(False)
        await self.loop.sock_connect(self.socket, self.address)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    async def receive(self):
        data = await self.loop.sock_recv(self.socket, 65536)
        if not data:
            raise ConnectionError("ended")
        self.buffer += data
        self.received += len(data)

    async def until(self, mark):
        while mark not in self.buffer:
            await self.receive()
        taken, _, self.buffer = self.buffer.partition(mark)
        return taken

    async def exactly(self, count, pause):
        while len(self.buffer) < count:
            await self.receive()
            if pause:
                await asyncio.sleep(pause)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    async def send_body(self, plan):
        left = plan.body
        while left:
            part = b"y" * min(left, 16_384)
            left -= len(part)
            if plan.kind == "chunked":
                part = b"%x\r\n%s\r\n" % (len(part), part)
            await self.loop.sock_sendall(self.socket, part)
            await asyncio.sleep(0.002)
        if plan.kind == "chunked":
            await self.loop.sock_sendall(self.socket, b"0\r\n\r\n")

    async def exchange(self, plan):
        """The rest of a request whose head was sent, and the response: status and size of the body."""
        if plan.body:
            await self.send_body(plan)
        pause = 0.01 if plan.kind == "crawl" else 0
        lines = (await self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        size = 0
        if "transfer-encoding" in fields:
            while True:
                part = int(await self.until(b"\r\n"), 16)
                await self.exactly(part + 2, pause)
                size += part
                if part == 0:
                    break
        else:
            size = int(fields["content-length"])
            await self.exactly(size, pause)
        return {"status": int(lines[0].split(" ")[1]), "size": size, "received_by_app": fields.get("x-received"),
                "closes": fields.get("connection") == "close"}

    def unsent(self):
        count = array.array("i", [0])
        fcntl.ioctl(self.socket, SIOCOUTQNSD, count)
        return count[0]

    async def leave(self, how):
        """What there was to read may still be read by one that only said that it sends no more."""
        unsent = self.unsent()
        at = time.monotonic()
        try:
            if how == "half":
                self.socket.shutdown(socket.SHUT_WR)
                await asyncio.sleep(0.03)
            elif how == "reset":
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        except OSError:
            pass  # it is no longer connected
        self.close()
        return {"at": at, "unsent": unsent}

    async def run(self, plan):
        said = {"id": plan.id, "kind": plan.kind, "how": plan.how, "planned": plan.query, "body": plan.body}
        try:
            if self.socket is None or plan.is_fresh:
                await self.connect(plan.receive_buffer)
            self.received = 0
            said["sent"] = time.monotonic()
            await self.loop.sock_sendall(self.socket, plan.head(self.address[0]))
            response = await asyncio.wait_for(self.exchange(plan), plan.leaves_after)
            said.update(response, outcome="answered")
            if response["closes"] or plan.receive_buffer:
                self.close()
        except asyncio.TimeoutError:
            said.update(await self.leave(plan.how), outcome="left", received=self.received)
        except (OSError, ValueError) as problem:
            said.update(outcome="broken", why=repr(problem))
            self.close()
        said["over"] = time.monotonic()
        return said


async def main():
    host, port, count, concurrency, seed = sys.argv[1], *map(int, sys.argv[2:])
    dice = random.Random(seed)
    plans = iter([Plan(n, dice) for n in range(count)])
    worst = 0.0

    async def work():
        client = Client((host, port))
        for plan in plans:
            print(json.dumps(await client.run(plan)))
        client.close()

    async def watch():
        nonlocal worst
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - before - 0.005)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(work() for _ in range(concurrency)))
    watching.cancel()
    print(json.dumps({"worst_lateness": worst}))


asyncio.run(main())
