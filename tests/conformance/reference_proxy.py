#!/usr/bin/env python3
"""A plain, strict reverse proxy that shows that every case can be passed.

    reference_proxy.py LISTEN:UPSTREAM...

It is written for its rules to be read, not for speed: one upstream connection per request, never used again.
"""

import asyncio
import re
import socket
import struct
import sys
import time
import uuid

HEAD_SECONDS, BODY_SECONDS, IDLE_SECONDS, ANSWER_SECONDS = 3.0, 3.0, 3.0, 4.0
HEAD_BYTES, TARGET_BYTES, FIELDS, LINE_BYTES, INTERIM = 65536, 16384, 200, 4096, 100
TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
LENGTH = re.compile(rb"(0|[1-9][0-9]{0,17})\Z")
SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}\Z")
EXTENSION = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
TARGET = re.compile(rb"(/[\x21\x22\x24-\x7e\x80-\xff]*|\*)\Z")
ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]*)([/?][\x21\x22\x24-\x7e\x80-\xff]*)?\Z")
HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})*)(:[0-9]{0,5})?\Z")
HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"upgrade"}
KEPT = {b"host", b"content-length", b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-proto",
        b"x-forwarded-host", b"x-request-id", b"x-response-time"}
NO_TRAILER = HOP | KEPT | {
    b"trailer", b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"content-type",
    b"content-encoding", b"content-range", b"expect", b"max-forwards", b"cache-control", b"range", b"if-match"}


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Broken(Exception):
    """The upstream's answer, or either connection, is no longer good for anything."""


class Head:
    def __init__(self, start, fields):
        self.start, self.fields = start, fields

    def values(self, name):
        return [v for n, v in self.fields if n.lower() == name]

    def options(self):
        return {o.strip(b" \t").lower() for v in self.values(b"connection") for o in v.split(b",")}

    def kept(self):
        gone = (self.options() - KEPT) | HOP
        return [(n, v) for n, v in self.fields if n.lower() not in gone]


def write_head(start, fields):
    return start + b"\r\n" + b"".join(n + b": " + v + b"\r\n" for n, v in fields) + b"\r\n"


def parse_fields(lines, error):
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.match(name) or not VALUE.match(value):
            raise error
        fields.append((name, value.strip(b" \t")))
    return fields


def framing(head, version, error):
    """(kind, length): chunked, length or none. Anything that can be read in two ways is an error."""
    codings, lengths = head.values(b"transfer-encoding"), head.values(b"content-length")
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != b"chunked" or version == b"HTTP/1.0":
            raise error
        return "chunked", 0
    if lengths:
        if len(lengths) > 1 or not LENGTH.match(lengths[0]):
            raise error
        return "length", int(lengths[0])
    return "none", 0


def parse_request(raw):
    line, *lines = raw[:-4].split(b"\r\n")
    words = line.split(b" ")
    bad = Refused(400)
    if len(words) != 3 or not TOKEN.match(words[0]):
        raise bad
    if len(words[1]) > TARGET_BYTES:
        raise Refused(414)
    if words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refused(505 if re.match(rb"HTTP/[0-9]\.[0-9]\Z", words[2]) else 400)
    if len(lines) > FIELDS:
        raise Refused(431)
    head = Head(words, parse_fields(lines, bad))
    if words[0] == b"CONNECT":
        raise Refused(501)
    hosts = head.values(b"host")
    if len(hosts) > 1 or (not hosts and words[2] == b"HTTP/1.1") or any(not HOST.match(h) for h in hosts):
        raise bad
    absolute = ABSOLUTE.match(words[1])
    if absolute:
        authority, path = absolute.groups()
        if not authority or authority.startswith(b":") or not HOST.match(authority):
            raise bad
        if not path and words[0] == b"OPTIONS":
            path = b"*"
        words[1] = path if path and path[:1] != b"?" else b"/" + (path or b"")
        if path == b"*":
            words[1] = b"*"
        head.fields = [(n, authority if n.lower() == b"host" else v) for n, v in head.fields]
        if not hosts:
            head.fields.insert(0, (b"Host", authority))
    elif not TARGET.match(words[1]) or (words[1] == b"*" and words[0] != b"OPTIONS"):
        raise bad
    elif not hosts:
        head.fields.insert(0, (b"Host", b""))
    head.framing = framing(head, words[2], bad)
    return head


def parse_answer(raw):
    line, *lines = raw[:-4].split(b"\r\n")
    match = re.match(rb"(HTTP/1\.[01]) ([1-9][0-9][0-9])( .*)?\Z", line, re.S)
    if not match or not VALUE.match(line):
        raise Broken
    head = Head(line, parse_fields(lines, Broken()))
    head.version, head.status, head.reason = match.group(1), int(match.group(2)), match.group(3) or b" "
    if len(lines) > 4 * FIELDS:
        raise Broken
    return head


class Wire:
    """One connection with the bytes that came in and were not used yet."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.buffer = reader, writer, bytearray()

    async def more(self, seconds):
        """Waits for bytes; False at the end of the connection."""
        try:
            data = await asyncio.wait_for(self.reader.read(65536), max(0.001, seconds))
        except asyncio.TimeoutError:
            raise
        except OSError as error:
            raise Broken from error
        self.buffer += data
        return bool(data)

    async def send(self, data):
        try:
            self.writer.write(data)
            await self.writer.drain()
        except (ConnectionError, OSError) as error:
            raise Broken from error

    def take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def line(self, limit, seconds, error):
        """A line without its CRLF; a bare CR or LF or an endless one is an error."""
        while True:
            end = self.buffer.find(b"\n")
            if end >= 0:
                line = self.take(end + 1)
                if not line.endswith(b"\r\n") or b"\r" in line[:-2] or len(line) > limit:
                    raise error
                return line[:-2]
            cr = self.buffer.find(b"\r")
            if len(self.buffer) > limit or 0 <= cr < len(self.buffer) - 1:
                raise error
            if not await self.more(seconds):
                raise Broken

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def read_head(wire, deadline, error_big, error_bad):
    """The raw head with its blank line; judged line by line, so that no bare CR or LF waits for a CRLF."""
    scanned = 0
    while True:
        lf = wire.buffer.find(b"\n", scanned)
        while lf >= 0:
            if lf == 0 or wire.buffer[lf - 1] != 13 or wire.buffer.find(b"\r", scanned, lf - 1) >= 0:
                raise error_bad
            if lf + 1 > HEAD_BYTES:
                raise error_big
            scanned = lf + 1
            if wire.buffer[lf - 3:lf + 1] == b"\r\n\r\n":
                return wire.take(scanned)
            lf = wire.buffer.find(b"\n", scanned)
        if len(wire.buffer) > HEAD_BYTES:
            raise error_big
        cr = wire.buffer.find(b"\r", scanned)
        if 0 <= cr < len(wire.buffer) - 1:
            raise error_bad
        if not await wire.more(deadline - time.monotonic()):
            raise Broken


async def relay_chunks(source, sink, seconds, error, strip):
    """Chunks re-cut as they come, then trailers without those that frame or route; `sink` None leaves framing out."""
    extensions = 0
    while True:
        line = await source.line(LINE_BYTES, seconds, error)
        size, semicolon, extension = line.partition(b";")
        extensions += len(extension)
        if not SIZE.match(size) or not EXTENSION.match(extension) or extensions > 65536:
            raise error
        left = int(size, 16)
        if left == 0:
            break
        while left:
            if not source.buffer and not await source.more(seconds):
                raise Broken
            data = source.take(min(left, 65536))
            left -= len(data)
            await sink(data, False)
        while len(source.buffer) < 2:
            if source.buffer and source.buffer[0] != 13:
                raise error
            if not await source.more(seconds):
                raise Broken
        if source.take(2) != b"\r\n":
            raise error
    trailers = []
    total = 0
    while True:
        line = await source.line(LINE_BYTES * 2, seconds, error)
        total += len(line)
        if total > HEAD_BYTES or len(trailers) > FIELDS:
            raise error
        if not line:
            break
        trailers += parse_fields([line], error)
    await sink([(n, v) for n, v in trailers if n.lower() not in strip], True)


async def relay_length(source, length, sink, seconds):
    while length:
        if not source.buffer and not await source.more(seconds):
            raise Broken
        data = source.take(min(length, 65536))
        length -= len(data)
        await sink(data)


def chunk_sink(wire):
    async def sink(data, is_last):
        if is_last:
            await wire.send(b"0\r\n" + b"".join(n + b": " + v + b"\r\n" for n, v in data) + b"\r\n")
        elif data:
            await wire.send(b"%x\r\n%s\r\n" % (len(data), data))
    return sink


class Exchange:
    """One request with its answer."""

    def __init__(self, client, request, upstream):
        self.client, self.request, self.upstream = client, request, upstream
        self.is_old = request.start[2] == b"HTTP/1.0"
        self.begun = False
        self.started = time.monotonic()

    def head_for_upstream(self):
        request, fields = self.request, self.request.kept()
        names = {n.lower() for n, _ in fields}
        said = [v for n, v in fields if n.lower() == b"x-forwarded-for"]
        fields = [f for f in fields if f[0].lower() != b"x-forwarded-for"]
        fields.append((b"X-Forwarded-For", b", ".join(said + [b"127.0.0.1"])))
        if b"x-forwarded-proto" not in names:
            fields.append((b"X-Forwarded-Proto", b"http"))
        if b"x-forwarded-host" not in names:
            fields.append((b"X-Forwarded-Host", request.values(b"host")[0]))
        if b"x-request-id" not in names:
            fields.append((b"X-Request-Id", uuid.uuid4().hex.encode()))
        offers = b", ".join(request.values(b"upgrade"))
        self.offer = offers if offers and b"upgrade" in request.options() and not self.is_old \
            and not re.search(rb"(?i)h2|http/2", offers) and request.framing[0] == "none" else b""
        if self.offer:
            fields += [(b"Connection", b"Upgrade"), (b"Upgrade", self.offer)]
        return write_head(b" ".join(request.start[:2]) + b" HTTP/1.1", fields)

    async def send_body(self):
        kind, length = self.request.framing
        try:
            if kind == "chunked":
                await relay_chunks(self.client, chunk_sink(self.upstream), BODY_SECONDS, Refused(400), NO_TRAILER)
            elif kind == "length":
                await relay_length(self.client, length, self.upstream.send, BODY_SECONDS)
        except asyncio.TimeoutError:
            raise Refused(408) from None
        except Broken:
            if self.client.reader.at_eof():
                raise Refused(400) from None
            raise

    async def receive(self):
        """Relays the answer; True where the client's connection may go on."""
        for _ in range(INTERIM):
            deadline = time.monotonic() + ANSWER_SECONDS
            answer = parse_answer(await read_head(self.upstream, deadline, Broken(), Broken()))
            if answer.status == 101:
                return await self.tunnel(answer)
            if answer.status >= 200:
                return await self.final(answer)
            if not self.is_old:
                await self.client.send(write_head(b"HTTP/1.1 %d" % answer.status + answer.reason, answer.kept()))
        raise Broken

    async def final(self, answer):
        status, method = answer.status, self.request.start[0]
        kind, length = framing(answer, answer.version, Broken()) if status not in (204, 304) else ("none", 0)
        fields = answer.kept()
        if not answer.values(b"x-response-time"):
            fields.append((b"X-Response-Time", b"%.3fms" % ((time.monotonic() - self.started) * 1000)))
        bodyless = method == b"HEAD" or status in (204, 304)
        until_close = kind == "none" and not bodyless
        if bodyless or self.is_old:
            fields = [f for f in fields if f[0].lower() != b"transfer-encoding"]
        elif until_close:
            fields.append((b"Transfer-Encoding", b"chunked"))
        keep = b"close" not in self.request.options()
        if self.is_old:
            keep = keep and b"keep-alive" in self.request.options() and (bodyless or kind == "length")
        if self.client.reader.at_eof() and not self.client.buffer:
            keep = False
        if not keep or self.is_old:
            fields.append((b"Connection", b"keep-alive" if keep else b"close"))
        self.begun = True
        await self.client.send(write_head(b"HTTP/1.1 %d" % status + answer.reason, fields))
        if bodyless:
            return keep
        sink = self.plain if self.is_old else chunk_sink(self.client)
        if kind == "length":
            await relay_length(self.upstream, length, self.client.send, ANSWER_SECONDS)
        elif kind == "chunked":
            await relay_chunks(self.upstream, sink, ANSWER_SECONDS, Broken(), HOP | KEPT | {b"trailer"})
        else:
            await self.until_close(sink)
        return keep

    async def plain(self, data, is_last):
        if not is_last:
            await self.client.send(data)

    async def until_close(self, sink):
        while self.upstream.buffer or await self.upstream.more(ANSWER_SECONDS):
            await sink(self.upstream.take(65536), False)
        await sink([], True)

    async def tunnel(self, answer):
        if not self.offer:
            raise Broken
        fields = answer.kept() + [(b"Connection", b"Upgrade")] + [(b"Upgrade", v) for v in answer.values(b"upgrade")]
        self.begun = True
        await self.client.send(write_head(b"HTTP/1.1 101" + answer.reason, fields))

        async def pipe(source, sink):
            try:
                while source.buffer or await source.more(60):
                    await sink.send(source.take(65536))
                sink.writer.write_eof()
            except (Broken, OSError):
                sink.writer.transport.abort()
        await asyncio.gather(pipe(self.client, self.upstream), pipe(self.upstream, self.client))
        return False


PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 414: b"URI Too Long", 431: b"Fields Too Large",
           501: b"Not Implemented", 502: b"Bad Gateway", 504: b"Gateway Timeout",
           505: b"HTTP Version Not Supported"}


async def answer_self(client, status, keep=False):
    body = b'{"type":"about:blank","title":"%s","status":%d,"detail":"","request_id":""}' % (PHRASES[status], status)
    await client.send(write_head(b"HTTP/1.1 %d %s" % (status, PHRASES[status]), [
        (b"Content-Type", b"application/problem+json"), (b"X-Weir-Error", b"refused"),
        (b"Content-Length", b"%d" % len(body)), (b"Connection", b"close")]) + body)


async def exchange(client, request, port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 17)
    upstream = Wire(reader, writer)
    one = Exchange(client, request, upstream)
    upload = download = None
    try:
        await upstream.send(one.head_for_upstream())
        upload = asyncio.ensure_future(one.send_body())
        download = asyncio.ensure_future(one.receive())
        await asyncio.wait((upload, download), return_when=asyncio.FIRST_COMPLETED)
        if upload.done() and upload.exception() and not isinstance(upload.exception(), Broken):
            raise upload.exception()
        keep = await download
        if not upload.done():
            await asyncio.wait((upload,), timeout=BODY_SECONDS)
        return keep and upload.done() and not upload.exception()
    except (Broken, asyncio.TimeoutError, Refused) as error:
        if one.begun:
            client.reset() if one.is_old else client.writer.close()
        elif isinstance(error, Refused):
            upstream.reset()
            await answer_self(client, error.status)
        else:
            await answer_self(client, 504 if isinstance(error, asyncio.TimeoutError) else 502)
        return False
    finally:
        for task in (upload, download):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        upstream.reset()


async def session(reader, writer, port):
    client = Wire(reader, writer)
    try:
        keep = True
        while keep:
            while client.buffer[:2] == b"\r\n" or not client.buffer:
                if client.buffer:
                    client.take(2)
                elif not await client.more(IDLE_SECONDS):
                    return
            try:
                raw = b""
                raw = await read_head(client, time.monotonic() + HEAD_SECONDS, Refused(431), Refused(400))
                request = parse_request(raw)
            except asyncio.TimeoutError:
                raise Refused(408) from None
            except Refused as refused:
                endless_line = refused.status == 431 and not raw and b"\n" not in client.buffer[:HEAD_BYTES]
                raise Refused(414) if endless_line else refused
            keep = await exchange(client, request, port)
    except Refused as refused:
        await answer_self(client, refused.status)
        client.writer.write_eof()
        await asyncio.wait_for(drain(client), 0.2)
    except (Broken, asyncio.TimeoutError, OSError):
        pass
    finally:
        writer.close()


async def drain(client):
    while await client.more(0.2):
        client.buffer.clear()


async def main(pairs):
    for pair in pairs:
        listen, upstream = (int(p) for p in pair.split(":"))
        await asyncio.start_server(lambda r, w, u=upstream: session(r, w, u), "127.0.0.1", listen, limit=1 << 17)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
