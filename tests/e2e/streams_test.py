"""What stays open: upgrades, event streams, and bodies that come in their own time."""

import os
import struct
import time

from lab import wire
from lab.case import Case
from lab.server import await_that


def frame(payload, opcode=1):
    """A WebSocket frame as a client sends it: whole and masked (RFC 6455, 5.2)."""
    mask = os.urandom(4)
    if len(payload) < 126:
        head = bytes([0x80 | opcode, 0x80 | len(payload)])
    elif len(payload) < 65536:
        head = bytes([0x80 | opcode, 0x80 | 126]) + struct.pack(">H", len(payload))
    else:
        head = bytes([0x80 | opcode, 0x80 | 127]) + struct.pack(">Q", len(payload))
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def read_frame(connection):
    first, second = connection.exactly(2)
    length = second & 0x7F
    if length == 126:
        length = struct.unpack(">H", connection.exactly(2))[0]
    elif length == 127:
        length = struct.unpack(">Q", connection.exactly(8))[0]
    return first & 0x0F, connection.exactly(length)


def has_keep_alive_timer(end, port):
    """Whether an established connection with that port waits for nothing but its next keep-alive probe."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            columns = line.split()
            address = columns[{"local_address": 1, "remote_address": 2}[end]]
            if int(address.rpartition(":")[2], 16) == port and columns[3] == "01" and columns[5].startswith("02:"):
                return True
    return False


UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
           ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


class Streams(Case):
    def setUp(self):
        super().setUp()
        self.upstream = self.node()
        self.proxy = self.weir(self.upstream, routes=[{"match": "GET /chat"}])

    def test_a_websocket_echoes_through_the_upgrade(self):
        with wire.Connection(self.proxy.address) as client:
            # The first frame comes in one piece with the request, as an eager client sends it.
            client.send(wire.request("GET", "/chat", self.proxy.address, UPGRADE) + frame(b"eager"))
            answer = client.answer()
            self.assertEqual(answer.status, 101)
            self.assertEqual(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            self.assertEqual(read_frame(client), (1, b"eager"))
            for size in (1, 125, 126, 65535, 65536, 300_000):
                client.send(frame(b"z" * size))
                self.assertEqual(read_frame(client), (1, b"z" * size))
            client.send(frame(b"\x03\xe8", opcode=8))
            self.assertEqual(read_frame(client), (8, b"\x03\xe8"))
            self.assertTrue(client.is_closed())

    def test_an_upgrade_counts_with_its_time_to_the_first_byte(self):
        with wire.Connection(self.proxy.address) as client:
            started = time.monotonic()
            client.send(wire.request("GET", "/chat", self.proxy.address, UPGRADE))
            self.assertEqual(client.answer().status, 101)
            to_first_byte = time.monotonic() - started
            time.sleep(1.2)
            client.send(frame(b"", opcode=8))
            client.to_the_end()
        stats = self.proxy.stats()
        self.assertEqual((stats["total_requests"], stats["total_errors"]), (1, 0))
        self.assertLess(stats["endpoint_stats"]["GET /chat"]["max_duration"], to_first_byte + 1.0)

    def test_events_arrive_when_the_app_sends_them(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/held-events?n=5", self.proxy.address))
            client.head()
            for n in range(5):
                # The app sends the next one only when this one is here.
                self.assertEqual(client.chunk(), b"data: %d\n\n" % n)
                self.upstream.release()
            self.assertEqual(client.chunk(), b"")

    def test_the_head_does_not_wait_for_the_body(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/held?first", self.proxy.address))
            client.head()
            self.assertEqual(client.exactly(5), b"first")
            self.upstream.release()
            self.assertEqual(client.exactly(5), b"later")

    def test_the_kernel_asks_whether_both_ends_of_a_silent_stream_live(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/events?n=1000&ms=20", self.proxy.address))
            client.head()
            weirs_port = int(self.proxy.address.rpartition(":")[2])
            apps_port = int(self.upstream.url.rpartition(":")[2])
            await_that(lambda: has_keep_alive_timer("local_address", weirs_port), "probes of the client")
            await_that(lambda: has_keep_alive_timer("remote_address", apps_port), "probes of the app")

    def test_an_event_stream_that_the_client_leaves_is_ended_at_the_app_too(self):
        with wire.Connection(self.proxy.address) as client:
            client.send(wire.request("GET", "/events?n=1000&ms=20", self.proxy.address))
            client.head()
            client.chunk()
        await_that(lambda: self.proxy.stats()["in_flight"] == 0, "the stream to be over")
        self.assertEqual(self.proxy.stats()["total_errors"], 0)
