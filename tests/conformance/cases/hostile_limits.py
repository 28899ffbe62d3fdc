"""Ceilings and patience: too big, too many, too slow (contract 2 limits and timeouts; RFC 9110 15.5)."""

from checks import answers_with, bad_gateway, either, forwarded, never_forwarded, refused, truncated
from script import AwaitMessage, Drip, HalfClose, Pause

from .make import CHUNKED, HOST, answer, bad, client, hostile, request, with_length

LINE = b"GET /hostile HTTP/1.1\r\n"


def cases():
    yield from sizes()
    yield from slow()
    yield from idle()


def sizes():
    many = lambda count: b"".join(b"X-%d: 1\r\n" % n for n in range(count))            # noqa: E731
    clause = "contract 2 limits, RFC 9110 15.5, RFC 6585 5"
    for name, raw, statuses in (("a target of 17 KiB", request(target=b"/" + b"p" * 17408), (414,)),
                                ("a target of 40 KiB", request(target=b"/" + b"p" * 40960), (414,)),
                                ("a query of 17 KiB", request(target=b"/?" + b"q" * 17408), (414,)),
                                ("a target of 200 KiB", request(target=b"/" + b"p" * 204800), (414, 431)),
                                ("a target without end", b"GET /" + b"p" * 400000, (414, 431)),
                                ("a field of 70 KiB", request(fields=b"X-A: " + b"a" * 71680 + b"\r\n"),
                                 (431, 400)),
                                ("a field of 200 KiB", request(fields=b"X-A: " + b"a" * 204800 + b"\r\n"),
                                 (431, 400)),
                                ("a field without end", LINE + HOST + b"X-A: " + b"a" * 400000, (431, 400)),
                                ("a field name without end", LINE + HOST + b"a" * 400000, (431, 400)),
                                ("a head of 70 KiB in many fields",
                                 request(fields=b"".join(b"X-%d: %s\r\n" % (n, b"a" * 500) for n in range(140))),
                                 (431, 400)),
                                ("201 fields", request(fields=many(200)), (431, 400)),
                                ("250 fields", request(fields=many(249)), (431, 400)),
                                ("10,000 short fields", request(fields=b"A: \r\n" * 10000), (431, 400)),
                                ("endless short fields", LINE + HOST + b"A: \r\n" * 80000, (431, 400)),
                                ("a method of 70 KiB", request(b"A" * 71680), (400, 414, 431, 501)),
                                ("a method without end", b"A" * 400000, (400, 414, 431, 501)),
                                ("a Host of 70 KiB", LINE + b"Host: " + b"h" * 71680 + b"\r\n\r\n", (400, 431)),
                                ("a version without end", b"GET / HTTP/1." + b"1" * 400000, (400, 414, 431, 505)),
                                ("a blank value without end", LINE + HOST + b"X-A:" + b" " * 400000, (431, 400))):
        yield hostile(f"{name} is refused", clause, bad(raw, patience=4.0), refused(*statuses))


def slow():
    timeouts = "contract 2 timeouts: request_head, request_body; RFC 9110 15.5.9"
    head = request(target=b"/slow", fields=b"X-Slow: " + b"s" * 200 + b"\r\n")
    yield hostile("a head that comes a byte at a time runs out of time as a whole", timeouts,
                  bad((Drip(head, 1, 0.05),), patience=6.0), refused(408, silent=True), seconds=9)
    yield hostile("a head that stops runs out of time", timeouts, bad((LINE + HOST + b"X-A:",), patience=6.0),
                  refused(408, silent=True), seconds=5)
    yield hostile("a request line that stops runs out of time", timeouts, bad((b"GET /ho",), patience=6.0),
                  refused(408, silent=True), seconds=5)
    yield hostile("a head that lacks only its last LF runs out of time", timeouts,
                  bad((LINE + HOST + b"\r",), patience=6.0), refused(408, silent=True), seconds=5)
    yield hostile("a single byte and then nothing runs out of time", timeouts, bad((b"G",), patience=6.0),
                  refused(408, silent=True), seconds=5)
    for name, fields, part in (("by length", b"Content-Length: 100\r\n", b"begun"),
                               ("in chunks", CHUNKED, b"5\r\nbegun\r\n"),
                               ("by length not begun", b"Content-Length: 100\r\n", b""),
                               ("in chunks inside a chunk", CHUNKED, b"50\r\nbegun"),
                               ("in chunks inside a size", CHUNKED, b"5"),
                               ("in chunks inside the trailers", CHUNKED, b"5\r\nbegun\r\n0\r\nX-A:")):
        yield hostile(f"a body {name} that stops runs out of time", timeouts,
                      bad((request(b"POST", b"/slow", fields), part), methods=(b"POST",), patience=8.0),
                      refused(408, 504, midway=True, silent=True), seconds=6)
    yield hostile("a second head that stops runs out of time, the first answer stands", timeouts,
                  bad((request(target=b"/1") + b"GET /2 HT",), patience=6.0), refused(408, before=1, silent=True),
                  seconds=5)
    yield hostile("an upstream that says nothing is answered with 504",
                  "RFC 9110 15.6.5, contract 2 timeouts: response", client(request(), patience=9.0),
                  bad_gateway(504, 502), [(AwaitMessage(), Pause(12))] * 4, seconds=8)
    yield hostile("an upstream that stops inside its head is answered with 504 or 502", "RFC 9110 15.6.5",
                  client(request(), patience=9.0), bad_gateway(504, 502),
                  [(AwaitMessage(), b"HTTP/1.1 200 OK\r\nX-A:", Pause(12))] * 4, seconds=8)
    for name, fields, part in (("by length", b"Content-Length: 100\r\n", b"begun"),
                               ("in chunks", CHUNKED, b"5\r\nbegun\r\n")):
        yield hostile(f"an answer {name} that stops is cut", "contract 2 timeouts: idle",
                      bad(request(), patience=9.0), truncated(),
                      [(AwaitMessage(), answer(fields=fields, body=part, length=False), Pause(12))], seconds=8)


def idle():
    clause = "contract 2 timeouts: keep_alive; RFC 9112 9.5"
    yield hostile("a connection that never says a word is closed", clause, bad((), methods=(b"GET",), patience=7.0),
                  refused(408, silent=True), seconds=7)
    yield hostile("a connection with nothing more to say is closed after its answer", clause,
                  bad((request(),), patience=7.0), (answers_with(200), closed_without_more), seconds=7)
    yield hostile("a client that half-closes without a word is closed", "RFC 9112 9.6",
                  bad((HalfClose(),), methods=(b"GET",), patience=4.0), refused(408, 400, silent=True))
    yield hostile("a client that half-closes inside a head is refused or closed", "RFC 9112 8",
                  bad((LINE, Pause(0.05), HalfClose()), patience=4.0), refused(400, 408, silent=True))
    yield hostile("a head behind a half-close in pieces is served", "RFC 9112 9.6",
                  client((LINE, Pause(0.05), HOST + b"\r\n", HalfClose()), methods=(b"GET",), until_end=True),
                  forwarded((b"GET", b"/hostile", b"")))
    yield hostile("a length that never ends up is not taken for whole when the client goes", "RFC 9112 8",
                  client((request(b"POST", b"/hostile", with_length(b"hello")) + b"hel", Pause(0.1)),
                         methods=(b"POST",), patience=0.2),
                  either(never_forwarded(b"hello")), settle=0.3)


def closed_without_more(verdict):
    party = verdict.seen.clients[0]
    if len([m for m in party.reader.messages if not m.is_interim]) > 1 and party.reader.messages[1].status != 408:
        verdict.note(f"said more: {party.reader.messages[1].start!r}")
