"""An app on bare sockets, for what no HTTP server would do."""

import socket
import threading


class SocketApp:
    """Runs `serve` for each connection, on a thread of its own. A connection stays open after it until `stop`, unless
    `serve` closes it. Subclasses set up what `serve` needs before they call this constructor."""

    scheme, host = "http", "127.0.0.1"

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"{self.scheme}://{self.host}:{self.port}"
        self.connections = []  # in the order of their coming
        self.threads = {self.listener: threading.Thread(target=self.accept_on)}
        self.threads[self.listener].start()

    def serve(self, connection):
        raise NotImplementedError

    def accept_on(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            # Otherwise what it sends unasked is held back until weir acknowledges the last response: with the next request.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            self.threads[connection] = threading.Thread(target=self.serve, args=(connection,))
            self.threads[connection].start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.threads.pop(self.listener).join()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended
        for thread in self.threads.values():
            thread.join()
        for one in [self.listener, *self.connections]:
            one.close()
