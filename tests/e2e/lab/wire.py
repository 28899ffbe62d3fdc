"""A client that sends exactly the bytes it is given and shows exactly the bytes that come back."""

import json
import socket

from .server import PATIENCE


class Answer:
    """One response. `headers` keeps order, case and duplicates."""

    def __init__(self, head, body=b"", trailers=()):
        lines = head.decode("latin-1").split("\r\n")
        self.status_line = lines[0]
        self.status = int(lines[0].split(" ")[1])
        self.headers = fields_of(lines[1:])
        self.body = body
        self.trailers = list(trailers)

    def header(self, name):
        """The first value, or None."""
        values = self.header_values(name)
        return values[0] if values else None

    def header_values(self, name):
        return [value for field, value in self.headers if field.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)


def fields_of(lines):
    fields = []
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.append((name, value.strip(" \t")))
    return fields


class Connection:
    """To `host:port` or `unix:/path`."""

    def __init__(self, address, seconds=20, receive_buffer=None):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            target = address.removeprefix("unix:")
        else:
            self.socket = socket.socket(socket.AF_INET)
            host, _, port = address.rpartition(":")
            target = (host, int(port))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds * PATIENCE)
        self.socket.connect(target)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self):
        """Some more bytes into the buffer; False at the end of the stream."""
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def until(self, mark):
        """Everything up to and with `mark`."""
        while mark not in self.buffer:
            if not self.receive():
                raise EOFError(f"the connection ended before {mark!r}; what came: {self.buffer!r}")
        taken, _, self.buffer = self.buffer.partition(mark)
        return taken + mark

    def exactly(self, count):
        parts = [self.buffer[:count]]
        self.buffer = self.buffer[count:]
        missing = count - len(parts[0])
        while missing:
            data = self.socket.recv(min(missing, 1 << 20))
            if not data:
                raise EOFError(f"the connection ended {missing} bytes before the end of the body")
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def to_the_end(self):
        while self.receive():
            pass
        taken, self.buffer = self.buffer, b""
        return taken

    def is_closed(self):
        """Whether the other side has closed: waits for it, and expects no more bytes."""
        return not self.buffer and not self.receive()

    def head(self):
        return self.until(b"\r\n\r\n")[:-4]

    def answer(self, method="GET"):
        """The next final response, whatever ends its body; interim ones are left out."""
        while True:
            head = self.head()
            first = Answer(head)
            if first.status >= 200 or first.status == 101:
                break
        coding = (first.header("Transfer-Encoding") or "").lower()
        length = first.header("Content-Length")
        if method == "HEAD" or first.status in (101, 204, 304):
            return first
        if coding == "chunked":
            body, trailers = self.chunked_body()
            return Answer(head, body, trailers)
        if length is not None:
            return Answer(head, self.exactly(int(length)))
        return Answer(head, self.to_the_end())

    def chunk(self):
        """One chunk's data; empty for the last."""
        size = int(self.until(b"\r\n").split(b";")[0], 16)
        if size == 0:
            return b""
        data = self.exactly(size)
        self.exactly(2)
        return data

    def chunked_body(self):
        parts = []
        while data := self.chunk():
            parts.append(data)
        lines = []
        while (line := self.until(b"\r\n")) != b"\r\n":
            lines.append(line.decode("latin-1").rstrip("\r\n"))
        return b"".join(parts), fields_of(lines)


def request(method, target, address, headers=(), body=None, version="HTTP/1.1"):
    """The bytes of a request. Host and Content-Length are added where `headers` has neither them nor a coding."""
    lines = [f"{method} {target} {version}"]
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        lines.append(f"Host: {'localhost' if address.startswith('unix:') else address}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def fetch(address, method, target, headers=(), body=None, seconds=20):
    """One request on a connection of its own."""
    with Connection(address, seconds) as connection:
        connection.send(request(method, target, address, headers, body))
        return connection.answer(method)
