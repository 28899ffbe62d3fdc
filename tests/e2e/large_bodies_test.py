"""Bodies far larger than the memory that weir takes for them."""

import time

from lab import wire
from lab.case import Case, heavy
from lab.server import memory_kib

GIB = 1 << 30
ROOM_KIB = 8 * 1024  # buffers of a few connections, with a margin: 3 MiB were measured


@heavy
class LargeBodies(Case):
    seconds = 120

    def warm(self, proxy):
        """Its memory at rest, once it has served something."""
        for _ in range(50):
            proxy.get("/")
        return memory_kib(proxy.pid)

    def assert_flat(self, proxy, before, field="VmHWM"):
        grown = memory_kib(proxy.pid, field) - before
        self.assertLess(grown, ROOM_KIB, f"{field} grew by {grown} KiB")

    def test_a_download_of_2_gib_leaves_memory_flat(self):
        upstream = self.nginx()
        upstream.write("huge.bin", size=2 * GIB)
        proxy = self.weir(upstream)
        before = self.warm(proxy)
        with wire.Connection(proxy.address) as client:
            client.send(wire.request("GET", "/huge.bin", proxy.address))
            head = wire.Answer(client.head())
            self.assertEqual(int(head.header("Content-Length")), 2 * GIB)
            received = len(client.buffer)
            room = bytearray(1 << 20)
            while received < 2 * GIB:
                count = client.socket.recv_into(room)
                self.assertGreater(count, 0, f"the body ended after {received} bytes")
                received += count
        self.assertEqual(received, 2 * GIB)
        self.assert_flat(proxy, before)

    def test_an_upload_of_2_gib_leaves_memory_flat(self):
        proxy = self.weir(self.node(), routes=[{"match": "POST /upload"}])
        before = self.warm(proxy)
        block = b"\0" * (1 << 20)
        with wire.Connection(proxy.address, seconds=60) as client:
            client.send(wire.request("POST", "/upload", proxy.address, [("Content-Length", str(2 * GIB))]))
            for _ in range(2048):
                client.send(block)
            self.assertEqual(client.answer().body, b"%d" % (2 * GIB))
        self.assert_flat(proxy, before)
        self.assertEqual(proxy.stats()["endpoint_stats"]["POST /upload"]["bytes_in"], 2 * GIB)

    def test_a_client_that_stalls_over_200_mb_costs_no_memory_and_gets_them_all(self):
        upstream = self.nginx()
        size = 200_000_000
        upstream.write("large.bin", size=size)
        proxy = self.weir(upstream)
        before = self.warm(proxy)
        clients = [wire.Connection(proxy.address, receive_buffer=16384) for _ in range(5)]
        for client in clients:
            client.send(wire.request("GET", "/large.bin", proxy.address))
            client.head()
        time.sleep(3)
        self.assert_flat(proxy, before)
        # Others are served meanwhile.
        self.assertEqual(proxy.get("/projects/1").status, 200)
        received = len(clients[0].buffer)
        room = bytearray(1 << 20)
        while received < size:
            count = clients[0].socket.recv_into(room)
            self.assertGreater(count, 0)
            received += count
        for client in clients:
            client.close()
        self.assert_flat(proxy, before)

    def test_an_app_that_stalls_over_an_upload_costs_no_memory(self):
        proxy = self.weir(self.node())
        before = self.warm(proxy)
        with wire.Connection(proxy.address) as client:
            # /slow never reads its body before it answers, so the bytes have nowhere to go.
            client.send(wire.request("POST", "/slow?ms=3000", proxy.address, [("Content-Length", str(GIB))]))
            client.socket.settimeout(1)
            sent = 0
            try:
                while sent < GIB:
                    sent += client.socket.send(b"\0" * (1 << 20))
            except TimeoutError:
                pass
        self.assertLess(sent, 64 << 20)
        self.assert_flat(proxy, before)
