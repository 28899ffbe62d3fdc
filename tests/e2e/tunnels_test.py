"""Tunnels after a 101: each side may end its direction, and the other one goes on until it ends too.

Clients on TCP and on a Unix socket, apps on TCP and on a Unix socket. The apps here are plain sockets.
"""

import contextlib
import socket
import threading
import time

from lab import wire
from lab.case import Case
from lab.server import PATIENCE, await_that
from lab.weir import Weir, configuration

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "bytes")]
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bytes\r\n\r\n"
LARGE = bytes(range(256)) * (16 * 1024)  # 4 MiB, which no socket holds


class App:
    """Switches protocols on its first connection and does there what `script` says. `failure` is what went wrong."""

    def __init__(self, path, script):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(20 * PATIENCE)
        self.url = f"unix:{path}" if path else "http://{}:{}".format(*self.listener.getsockname())
        self.script = script
        self.failure = None
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        try:
            connection = wire.Connection.__new__(wire.Connection)
            connection.socket, _ = self.listener.accept()
            connection.socket.settimeout(20 * PATIENCE)
            connection.buffer = b""
            with connection:
                connection.head()
                connection.send(SWITCHED)
                self.script(connection)
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def join(self):
        self.thread.join()
        self.listener.close()
        return self.failure


KINDS = [(None, "127.0.0.1:0"), (None, "unix:{}/weir-1.sock"),
         ("{}/app-2.sock", "127.0.0.1:0"), ("{}/app-3.sock", "unix:{}/weir-3.sock")]


class Tunnels(Case):
    def through(self, app_script, client_script, kinds=KINDS):
        """The scripts run at both ends of a tunnel, for each kind of socket on either side."""
        for number, (app_path, listener) in enumerate(kinds):
            with self.subTest(app=app_path, listener=listener):
                app = App(app_path and app_path.format(self.folder), app_script)
                try:
                    proxy = self.start(Weir(self.folder, configuration(
                        app.url, listeners=[{"address": listener.format(self.folder)}])))
                    with wire.Connection(proxy.address) as client:
                        client.send(wire.request("GET", f"/tunnel/{number}", proxy.address, UPGRADE))
                        self.assertEqual(client.answer().status, 101)
                        client_script(client)
                    self.assertIsNone(app.join())
                    await_that(lambda: proxy.stats()["in_flight"] == 0, "the tunnel to be over")
                    stats = proxy.stats()
                    self.assertEqual((stats["total_requests"], stats["total_errors"]), (1, 0))
                    proxy.stop()
                finally:
                    app.join()

    def test_a_client_that_ends_its_direction_gets_all_that_the_app_sends_after(self):
        def app(connection):
            received = connection.to_the_end()
            self.assertEqual(received, LARGE)
            connection.send(LARGE)
            connection.send(b"the end")

        def client(connection):
            connection.send(LARGE)
            connection.finish_sending()
            received = connection.to_the_end()
            self.assertEqual(len(received), len(LARGE) + 7)
            self.assertEqual(received, LARGE + b"the end")

        self.through(app, client)

    def test_a_client_that_ends_its_direction_at_once_gets_all_that_the_app_sends_after(self):
        def app(connection):
            self.assertEqual(connection.to_the_end(), b"")
            for n in range(100):
                connection.send(b"%d\n" % n)
            connection.send(LARGE)

        def client(connection):
            connection.finish_sending()
            self.assertEqual(connection.to_the_end(), b"".join(b"%d\n" % n for n in range(100)) + LARGE)

        self.through(app, client)

    def test_an_app_that_ends_its_direction_gets_all_that_the_client_sends_after(self):
        def app(connection):
            connection.send(LARGE)
            connection.finish_sending()
            self.assertEqual(connection.to_the_end(), LARGE + b"the end")

        def client(connection):
            self.assertEqual(connection.to_the_end(), LARGE)
            connection.send(LARGE)
            connection.send(b"the end")

        self.through(app, client)

    def test_both_sides_end_their_directions_while_the_other_still_sends(self):
        def app(connection):
            sender = threading.Thread(target=lambda: (connection.send(LARGE), connection.finish_sending()))
            sender.start()
            self.assertEqual(connection.to_the_end(), LARGE)
            sender.join()

        def client(connection):
            sender = threading.Thread(target=lambda: (connection.send(LARGE), connection.finish_sending()))
            sender.start()
            self.assertEqual(connection.to_the_end(), LARGE)
            sender.join()

        self.through(app, client)

    def test_what_an_app_sent_before_it_closed_reaches_a_client_that_goes_on_sending(self):
        has_closed = threading.Event()

        def app(connection):
            connection.until(b"begin")
            connection.send(LARGE)
            connection.close()
            has_closed.set()

        def client(connection):
            connection.send(b"begin")
            # What is left then fits into the buffers on the way.
            received = connection.exactly(len(LARGE) // 2)
            while not has_closed.wait(0.01):
                received += connection.exactly(10_000)
            has_closed.clear()
            for _ in range(20):
                connection.send(b"more")
                time.sleep(0.005)
            received += connection.to_the_end()
            self.assertEqual(len(received), len(LARGE))

        # On TCP the kernel of a closed app throws away what it has not delivered when more comes, weir or not.
        self.through(app, client, KINDS[2:])

    def test_what_a_client_sent_before_it_closed_reaches_an_app_that_goes_on_sending(self):
        has_closed = threading.Event()

        def app(connection):
            received = connection.exactly(len(LARGE) // 2)
            while not has_closed.wait(0.01):
                received += connection.exactly(10_000)
            has_closed.clear()
            for _ in range(20):
                with contextlib.suppress(OSError):  # weir may be through
                    connection.send(b"more")
                time.sleep(0.005)
            with contextlib.suppress(ConnectionResetError):
                while connection.receive():
                    pass
            self.assertEqual(len(received) + len(connection.buffer), len(LARGE))

        def client(connection):
            connection.send(LARGE)
            connection.close()
            has_closed.set()

        # As above, of a client; and weir closes the connection to an app that it has given everything, heard or not.
        self.through(app, client, KINDS[3:])

    def test_connect_is_not_offered(self):
        with wire.Connection(self.weir(self.node()).address) as client:
            client.send(b"CONNECT app:80 HTTP/1.1\r\nHost: app:80\r\n\r\n")
            self.assertEqual(client.answer().status, 501)
