"""Kept connections to the app on which something has come before the next request goes out on them."""

import socket
import struct

from lab import wire
from lab.case import Case
from lab.sockets import SocketApp

OWN = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"
STRANGE = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nstrange"


class App(SocketApp):
    """Answers each request on a connection with OWN. `bodies` holds what came with the requests."""

    def __init__(self):
        self.bodies = []
        super().__init__()

    def serve(self, connection):
        buffer = b""
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            head, end, rest = buffer.partition(b"\r\n\r\n")
            if not end or (head.startswith(b"POST") and len(rest) < 4):
                continue
            self.bodies.append(rest)
            buffer = b""
            connection.sendall(OWN)

    def reset(self, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
        self.threads[connection].join()  # it no longer holds the socket
        connection.close()


WHAT_COMES = {
    "a whole response": lambda app, connection: connection.sendall(STRANGE),
    "a response to a request that was too slow": lambda app, connection: connection.sendall(
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
    "an empty line": lambda app, connection: connection.sendall(b"\r\n"),
    "the end": lambda app, connection: connection.shutdown(socket.SHUT_RDWR),
    "a reset": App.reset,
}


class KeptConnections(Case):
    def test_what_came_with_the_next_request_in_one_turn_is_no_response_to_it(self):
        """The client's request and what the app sends are both there when the worker looks, the request first."""
        app = App()
        self.addCleanup(app.stop)
        proxy = self.weir(app, workers=1)
        for method, body in (("GET", None), ("POST", b"body")):
            for name, come in WHAT_COMES.items():
                with self.subTest(f"{name}, {method}"), wire.Connection(proxy.address) as client:
                    client.send(wire.request("GET", "/first", proxy.address))
                    self.assertEqual(client.answer().body, b"own")
                    kept = app.connections[-1]
                    with proxy.stopped():
                        client.send(wire.request(method, "/next", proxy.address, body=body))
                        come(app, kept)
                    answer = client.answer()
                    self.assertEqual((answer.status, answer.body), (200, b"own"))
                    client.send(wire.request("GET", "/last", proxy.address))
                    self.assertEqual(client.answer().body, b"own")
        self.assertEqual(len(app.bodies), 3 * 2 * len(WHAT_COMES))  # nothing was asked twice
