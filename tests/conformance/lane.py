"""A lane: one instrumented upstream and the clients of one case at a time, all on raw sockets in one event loop.

A proxy under judgement has one listener per lane, each forwarding to that lane's upstream, so that every byte an
upstream receives belongs to the one case that is running on its lane.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

from script import (Await, AwaitEnd, AwaitFar, AwaitMessage, Close, Drip, HalfClose, Pause, Reset, as_script,
                    sent_bytes)
from wire import RequestReader, ResponseReader

LINGER = 0.02      # how long a finished client still looks for bytes that nobody asked for
SETTLE = 0.03      # how long an upstream still looks for bytes after the clients are done


class Party:
    """One connection at either end, with everything that came in on it."""

    def __init__(self, sock, lane):
        self.sock = sock
        self.lane = lane
        self.received = bytearray()
        self.end = "open"          # open, eof, reset: what the peer did; self: closed by this end
        self.reader = None
        self.troubles = []
        self.seconds_open = None
        self.task = asyncio.ensure_future(self._pump())

    async def _pump(self):
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            while True:
                data = await loop.sock_recv(self.sock, 65536)
                if not data:
                    self._ended("eof")
                    break
                self.received += data
                self._read()
                self.lane.notify()
        except (ConnectionError, OSError):
            self._ended("reset")
        self.seconds_open = loop.time() - began
        self.lane.notify()

    def _ended(self, how):
        if self.end == "open":
            self.end = how
        self._read()

    def _read(self):
        if self.reader is not None:
            self.reader.advance(ended=self.end == "eof")

    async def send(self, data):
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(self.sock, data), 8)
        except (ConnectionError, OSError):
            pass                   # the reading side tells how the peer ended it
        except asyncio.TimeoutError:
            self.troubles.append(f"could not send {len(data)} bytes: the peer stopped reading")

    def close(self, reset=False):
        if self.sock.fileno() < 0:
            return
        if self.end == "open":
            self.end = "self"
        self.task.cancel()
        loop = asyncio.get_running_loop()       # the loop may not meet this number again under another socket
        loop.remove_reader(self.sock.fileno())
        loop.remove_writer(self.sock.fileno())
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self.lane.notify()

    @property
    def is_over(self):
        return self.end != "open"


@dataclass
class Observation:
    """What both ends saw of one run of a case."""
    clients: list = field(default_factory=list)
    upstreams: list = field(default_factory=list)
    answered: list = field(default_factory=list)      # requests in the order in which their heads arrived
    troubles: list = field(default_factory=list)

    @property
    def responses(self):
        return [m for c in self.clients for m in c.reader.messages]

    @property
    def requests(self):
        return self.answered


class Lane:
    def __init__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.proxy_port = None
        self._waiters = set()
        self._tasks = set()
        self._case = None
        self._seen = None
        self._client = None

    def start(self):
        self._accepting = asyncio.ensure_future(self._accept())

    def stop(self):
        self._accepting.cancel()
        self.listener.close()

    def notify(self):
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition, seconds):
        """Waits for a condition on what was received; says whether it came true."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            left = deadline - loop.time()
            if left <= 0:
                return False
            waiter = loop.create_future()
            self._waiters.add(waiter)
            await asyncio.wait((waiter,), timeout=left)
            self._waiters.discard(waiter)
        return True

    async def _accept(self):
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(self.listener)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._case is None:
                sock.close()
                continue
            party = Party(sock, self)
            party.reader = RequestReader(party.received)
            self._seen.upstreams.append(party)
            task = asyncio.ensure_future(self._serve(party))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, party):
        """Answers the requests of one upstream connection; the n-th request of a case gets its n-th script."""
        served = 0
        if self._case.greeting:
            await party.send(self._case.greeting)
        while True:
            messages = party.reader.messages
            if not await self.until(lambda: len(messages) > served or party.is_over, 60) or len(messages) <= served:
                return
            request = messages[served]
            served += 1
            script = self._case.answer(len(self._seen.answered), request)
            self._seen.answered.append(request)
            await self._play(party, script, request)
            if party.end == "self":
                return
            if not await self.until(lambda: request.complete or request.bad or party.is_over, 60):
                return

    async def _play(self, party, script, request=None):
        for step in as_script(script):
            if isinstance(step, bytes):
                await party.send(step)
            elif isinstance(step, Drip):
                for at in range(0, len(step.data), step.size):
                    await party.send(step.data[at:at + step.size])
                    if step.seconds or at % 25 == 0:     # a turn of this loop costs more than a segment
                        await asyncio.sleep(step.seconds)
                    if party.end == "reset":
                        break
            elif isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            elif isinstance(step, HalfClose):
                try:
                    party.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
            elif isinstance(step, (Close, Reset)):
                party.close(reset=isinstance(step, Reset))
                return
            elif not await self._awaited(party, step, request):
                party.troubles.append(f"waited {step.seconds} s in vain for {step}")
                return

    async def _awaited(self, party, step, request):
        if isinstance(step, AwaitMessage):
            return await self.until(lambda: request.complete or request.bad or party.is_over, step.seconds)
        if isinstance(step, AwaitEnd):
            return await self.until(lambda: party.is_over, step.seconds)
        if isinstance(step, Await):
            return await self.until(lambda: step.marker in party.received or party.is_over, step.seconds) \
                and step.marker in party.received
        far = self._seen.upstreams if party is self._client else [self._client]
        return await self.until(lambda: any(step.marker in p.received for p in far if p) or party.is_over,
                                step.seconds) and any(step.marker in p.received for p in far if p)

    async def run(self, case, port):
        """Runs one case against a port: the proxy's listener of this lane, or the lane's own upstream."""
        self._case, self._seen = case, Observation()
        direct = port == self.port
        try:
            for client in case.clients:
                await self._run_client(client, port, direct)
            await asyncio.sleep(0.005 if direct else case.settle)
            for party in self._seen.upstreams + self._seen.clients:
                self._seen.troubles += party.troubles
            return self._seen
        finally:
            await self._end()

    async def _run_client(self, client, port, direct):
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        self._client = party = Party(sock, self)
        party.reader = ResponseReader(party.received, client.methods)
        self._seen.clients.append(party)
        await self._play(party, client.script)
        if client.until_end and not direct:
            if not await self.until(lambda: party.is_over, client.patience):
                party.troubles.append(f"the connection was still open after {client.patience} s")
        else:
            await self.until(lambda: party.is_over or party.reader.finished >= client.answers, client.patience)
            if not direct and self._said_close(party):
                await self.until(lambda: party.is_over, 1.0)
        await asyncio.sleep(0.002 if direct else LINGER)
        if client.keep_open:
            return
        party.close()

    @staticmethod
    def _said_close(party):
        return any(b"close" in v.lower() for m in party.reader.messages[-1:] for v in m.values(b"connection"))

    async def _end(self):
        """Leaves no connection to the next case: closes every one and waits until the proxy has noticed."""
        parties = self._seen.upstreams
        for party in self._seen.clients:
            party.close()
        for task in list(self._tasks):
            task.cancel()
        for party in parties:
            if party.end == "open":
                try:
                    party.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
        frozen = [bytes(p.received) for p in parties]
        await self.until(lambda: all(p.is_over for p in parties), 0.5)
        for party, received in zip(parties, frozen):
            late = len(party.received) - len(received)
            party.late = late
            party.close(reset=True)
        self._case = None


def methods_of(script):
    """The methods of the well-formed requests that a script sends."""
    reader = RequestReader(bytearray(sent_bytes(script))).advance()
    return [m.method for m in reader.messages] or [b"GET"]
