"""Reading HTTP/1.1 from recorded bytes: an own strict reader, so that no library's leniency blurs a verdict.

A reader is fed by pointing it at a growing bytearray. It never raises on what a peer sent: what cannot be read
sets `Message.bad` and stops the reader there.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
REASON = VALUE
TARGET = re.compile(rb"[\x21-\x7e\x80-\xff]+\Z")
DIGITS = re.compile(rb"[0-9]+\Z")
HEX = re.compile(rb"[0-9A-Fa-f]+\Z")


@dataclass
class Message:
    """One request or response as it stood on the wire."""
    start: bytes = b""
    fields: list = field(default_factory=list)       # (name, value) with outer white space removed, in order
    raw_head: bytes = b""
    framing: str = "none"                            # none, length, chunked, close, tunnel
    length: int = 0
    body: bytearray = field(default_factory=bytearray)
    trailers: list = field(default_factory=list)
    complete: bool = False
    bad: str = ""

    def values(self, name):
        name = name.lower()
        return [value for key, value in self.fields if key.lower() == name]

    def has(self, name):
        return bool(self.values(name))

    @property
    def method(self):
        return self.start.split(b" ")[0]

    @property
    def target(self):
        parts = self.start.split(b" ")
        return parts[1] if len(parts) > 1 else b""

    @property
    def status(self):
        parts = self.start.split(b" ", 2)
        return int(parts[1]) if len(parts) > 1 and DIGITS.match(parts[1]) else 0

    @property
    def is_interim(self):
        return 100 <= self.status < 200 and self.status != 101


def split_fields(lines, message):
    """Field lines to (name, value); a line without a colon makes the message bad."""
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            message.bad = message.bad or f"field line without a colon: {line!r}"
            continue
        fields.append((name, value.strip(b" \t")))
    return fields


class Reader:
    """Reads messages one after the other from a growing buffer; `current` is the one being read."""

    def __init__(self, buffer):
        self.buffer = buffer
        self.position = 0
        self.messages = []
        self.current = None
        self._state = "head"
        self._left = 0
        self._scanned = 0

    def frame(self, message):
        """Decides the framing of a message whose head is complete."""
        raise NotImplementedError

    def advance(self, ended=False):
        """Reads as far as the buffer goes. `ended`: the peer has closed its side cleanly."""
        while self._state not in ("bad",) and getattr(self, "_read_" + self._state)():
            pass
        if ended and self._state == "close":
            self.current.complete = True
        return self

    def _line(self):
        end = self.buffer.find(b"\r\n", self.position)
        if end < 0:
            return None
        line = bytes(self.buffer[self.position:end])
        self.position = end + 2
        return line

    def _fail(self, why):
        self.current.bad = self.current.bad or why
        self._state = "bad"
        return False

    def _read_head(self):
        start = max(self.position, self._scanned - 3)
        end = self.buffer.find(b"\r\n\r\n", start)
        if end < 0:
            self._scanned = len(self.buffer)
            return False
        raw = bytes(self.buffer[self.position:end + 4])
        lines = raw[:-4].split(b"\r\n")
        message = Message(start=lines[0], raw_head=raw)
        message.fields = split_fields(lines[1:], message)
        self.position = end + 4
        self.current = message
        self.messages.append(message)
        self.frame(message)
        if message.bad:
            self._state = "bad"
            return False
        self._left = message.length
        self._state = {"none": "done", "length": "length", "chunked": "size", "close": "close",
                       "tunnel": "close"}[message.framing]
        return True

    def _take(self, count):
        data = self.buffer[self.position:self.position + count]
        self.current.body += data
        self.position += len(data)
        return len(data)

    def _read_length(self):
        self._left -= self._take(self._left)
        if self._left == 0:
            self._state = "done"
            return True
        return False

    def _read_close(self):
        self._take(len(self.buffer) - self.position)
        return False

    def _read_size(self):
        line = self._line()
        if line is None:
            return False
        size = line.partition(b";")[0].rstrip(b" \t")
        if not HEX.match(size) or len(size) > 16:
            return self._fail(f"chunk size {line[:40]!r}")
        if b"\n" in line or b"\r" in line:
            return self._fail(f"bare CR or LF in chunk line {line[:40]!r}")
        self._left = int(size, 16)
        self._state = "data" if self._left else "trailers"
        return True

    def _read_data(self):
        self._left -= self._take(self._left)
        if self._left:
            return False
        if len(self.buffer) < self.position + 2:
            return False
        if self.buffer[self.position:self.position + 2] != b"\r\n":
            return self._fail("no CRLF after chunk data")
        self.position += 2
        self._state = "size"
        return True

    def _read_trailers(self):
        line = self._line()
        if line is None:
            return False
        if line:
            self.current.trailers += split_fields([line], self.current)
            return True
        self._state = "done"
        return True

    def _read_done(self):
        self.current.complete = True
        self._state = "head"
        self._scanned = 0
        return True

    @property
    def leftover(self):
        """Bytes that belong to no message."""
        return bytes(self.buffer[self.position:])


def body_framing(message):
    """Sets chunked or length framing where the head says so; says whether it did."""
    codings = [c.strip().lower() for v in message.values(b"transfer-encoding") for c in v.split(b",")]
    lengths = {c.strip() for v in message.values(b"content-length") for c in v.split(b",")}
    if codings:
        if codings[-1] != b"chunked":
            message.bad = f"transfer coding {codings!r}"
        message.framing = "chunked"
        return True
    if lengths:
        length = lengths.pop()
        if lengths or not DIGITS.match(length):
            message.bad = f"content length {message.values(b'content-length')!r}"
            return True
        message.framing, message.length = "length", int(length)
        return True
    return False


class RequestReader(Reader):
    def frame(self, message):
        body_framing(message)


class ResponseReader(Reader):
    """`methods`: the request methods in order; the last one stands for all that follow."""

    def __init__(self, buffer, methods):
        super().__init__(buffer)
        self.methods = list(methods) or [b"GET"]
        self.finals = 0

    def frame(self, message):
        method = self.methods[min(self.finals, len(self.methods) - 1)]
        status = message.status
        if not re.match(rb"HTTP/1\.[01] [0-9]{3}( |\Z)", message.start):
            message.bad = f"status line {message.start[:60]!r}"
            return
        if message.is_interim:
            return
        self.finals += 1
        if status == 101 or (method == b"CONNECT" and 200 <= status < 300):
            message.framing = "tunnel"
        elif method == b"HEAD" or status in (204, 304):
            message.framing = "none"
        elif not body_framing(message):
            message.framing = "close"

    @property
    def finished(self):
        """How many final answers have come in whole."""
        return sum(1 for m in self.messages if m.complete and not m.is_interim)


def audit_head(lines_raw, fields):
    """What any strict parser would object to in a head, as sentences."""
    problems = []
    rest = lines_raw.replace(b"\r\n", b"")
    if b"\r" in rest or b"\n" in rest:
        problems.append("bare CR or LF in the head")
    for name, value in fields:
        if not TOKEN.match(name):
            problems.append(f"field name {name!r} is no token")
        if not VALUE.match(value):
            problems.append(f"control byte in the value of {name!r}")
    return problems


def audit_request(message):
    """What is not canonical in a request that a proxy wrote (RFC 9112 2.2, 3, 3.2, 5, 6)."""
    problems = audit_head(message.raw_head, message.fields)
    if message.bad:
        problems.append(message.bad)
    parts = message.start.split(b" ")
    if len(parts) != 3:
        problems.append(f"request line {message.start!r} has not three words")
    else:
        if not TOKEN.match(parts[0]):
            problems.append(f"method {parts[0]!r} is no token")
        if not TARGET.match(parts[1]):
            problems.append(f"target {parts[1]!r} holds white space or control bytes")
        if parts[2] not in (b"HTTP/1.0", b"HTTP/1.1"):
            problems.append(f"version {parts[2]!r}")
        if parts[2] == b"HTTP/1.1" and len(message.values(b"host")) != 1:
            problems.append(f"{len(message.values(b'host'))} Host fields")
        if parts[2] == b"HTTP/1.0" and message.has(b"transfer-encoding"):
            problems.append("Transfer-Encoding on HTTP/1.0")
    lengths = message.values(b"content-length")
    codings = message.values(b"transfer-encoding")
    if lengths and codings:
        problems.append("Content-Length together with Transfer-Encoding")
    if len(lengths) > 1 or any(not re.match(rb"(0|[1-9][0-9]*)\Z", v) for v in lengths):
        problems.append(f"Content-Length {lengths!r}")
    if codings and (len(codings) > 1 or codings[0].lower() != b"chunked"):
        problems.append(f"Transfer-Encoding {codings!r}")
    return problems
