"""Upgrades: a pipe when both ends agree, an ordinary answer when not; never by accident (RFC 9110 7.8)."""

from checks import bad_gateway, either, forwarded, never_forwarded, never_received, refused
from script import Await, AwaitEnd, AwaitFar, AwaitMessage, Close, HalfClose, Pause

from .make import answer, bad, chunked, client, CHUNKED, differential, hostile, request, with_length

ASK = (b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
AGREE = (b"HTTP/1.1 101 Switching Protocols\r\nX-Origin: upstream\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def upgrade(name, script, answers, requests=1):
    return differential(name, "RFC 9110 7.8", client(script, methods=(b"GET",) * requests), answers, upgrade=True,
                        checks=(carries_upgrade,))


def names_upgrade(message, wanted):
    return message.values(b"upgrade") == wanted and any(
        b"upgrade" in v.lower() for v in message.values(b"connection"))


def carries_upgrade(verdict):
    """The offer and the agreement both name the protocol at the far end of the proxy; where each stands is its own."""
    for before, after in list(zip(verdict.direct.requests, verdict.seen.requests))[:1]:
        if not names_upgrade(after, before.values(b"upgrade")):
            verdict.note(f"the offer reached the upstream as {after.raw_head!r}")
    for before, after in zip(verdict.direct.responses, verdict.seen.responses):
        if before.status == 101 and not names_upgrade(after, before.values(b"upgrade")):
            verdict.note(f"the agreement reached the client as {after.raw_head!r}")


def cases():
    head = request(target=b"/ws", fields=ASK)
    yield upgrade("an upgrade that is agreed to becomes a pipe",
                  (head, Await(b"101 "), b"ping", Await(b"pong"), b"bye", Await(b"BYE"), Close()),
                  [(AGREE, Await(b"ping"), b"pong", Await(b"bye"), b"BYE", AwaitEnd())])
    yield upgrade("a pipe carries any byte both ways",
                  (head, Await(b"101 "), bytes(range(256)) * 40 + b"END-UP", Await(b"END-DOWN"), Close()),
                  [(AGREE, Await(b"END-UP"), bytes(range(256)) * 40 + b"END-DOWN", AwaitEnd())])
    yield upgrade("bytes in one segment with the agreement are not lost",
                  (head, Await(b"hello at once"), b"thanks", Await(b"done"), Close()),
                  [(AGREE + b"hello at once", Await(b"thanks"), b"done", AwaitEnd())])
    yield upgrade("bytes that the client sends with its offer reach the upstream after the agreement",
                  (head + b"too early", Await(b"got it"), Close()),
                  [(AGREE, Await(b"too early"), b"got it", AwaitEnd())])
    yield upgrade("a pipe that the upstream closes is closed for the client",
                  (head, Await(b"last words"), AwaitEnd()), [(AGREE, b"last words", Close())])
    yield upgrade("a pipe that the client closes is closed for the upstream",
                  (head, Await(b"101 "), b"ping", AwaitFar(b"ping"), Close()),
                  [(AGREE, Await(b"ping"), AwaitEnd())])
    yield upgrade("a half-closed pipe still carries the other direction",
                  (head, Await(b"101 "), b"ping", HalfClose(), Await(b"after"), AwaitEnd()),
                  [(AGREE, Await(b"ping"), AwaitEnd(), b"after", Close())])
    yield upgrade("a megabyte passes through a pipe", (head, Await(b"END"), Close()),
                  [(AGREE, b"x" * 1048576 + b"END", AwaitEnd())])
    yield upgrade("a pipe stays open while nobody speaks",
                  (head, Await(b"101 "), Pause(1.0), b"still", Await(b"here"), Close()),
                  [(AGREE, Await(b"still"), b"here", AwaitEnd())])
    for spelling in (b"Connection: upgrade\r\nUpgrade: WebSocket\r\n",
                     b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
                     b"connection: Upgrade\r\nupgrade: websocket\r\n",
                     b"Upgrade: websocket\r\nConnection: Upgrade\r\n"):
        offer = request(target=b"/ws", fields=spelling + b"Sec-WebSocket-Key: x\r\n")
        yield upgrade(f"an upgrade offered as {spelling!r} becomes a pipe",
                      (offer, Await(b"101 "), b"ping", Await(b"pong"), Close()),
                      [(AGREE, Await(b"ping"), b"pong", AwaitEnd())])
    for protocol in (b"tcp", b"foo/2", b"a, b"):
        yield upgrade(f"an upgrade to {protocol.decode()} becomes a pipe",
                      (request(target=b"/x", fields=b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"),
                       Await(b"101 "), b"ping", Await(b"pong"), Close()),
                      [(AGREE.replace(b"websocket", protocol.split(b",")[0]), Await(b"ping"), b"pong", AwaitEnd())])
    for code in (b"200 OK", b"400 Bad Request", b"403 Forbidden", b"426 Upgrade Required", b"500 Oops"):
        yield upgrade(f"an upgrade refused with {code.decode()} is an ordinary answer and the connection goes on",
                      (head, Await(b"no upgrade"), request(target=b"/next")),
                      [answer(code, body=b"no upgrade"), answer(body=b"next")], requests=2)
    yield upgrade("an upgrade refused in chunks is an ordinary answer", (head,),
                  [answer(fields=CHUNKED, body=chunked(b"no"), length=False)])
    yield upgrade("103 ahead of the agreement is passed on", (head, Await(b"101 "), b"ping", Await(b"pong"), Close()),
                  [(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + AGREE, Await(b"ping"), b"pong", AwaitEnd())])
    yield from by_accident()


def agree_if_asked(asked):
    """What a careless upstream does: it upgrades whenever the field is there."""
    if asked.has(b"upgrade"):
        return (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nTUNNELLED",
                AwaitEnd())
    return (AwaitMessage(), answer(body=b"plain"))


def by_accident():
    not_tunnelled = (never_received(b"101 Switching"), never_received(b"TUNNELLED"), never_forwarded(b"SMUGGLED"))
    for protocol in (b"h2c", b"H2C", b"h2c, websocket", b"websocket, h2c", b"HTTP/2.0", b"h2"):
        for named in (b"Connection: Upgrade, HTTP2-Settings\r\n", b"Connection: Upgrade\r\n",
                      b"Connection: HTTP2-Settings\r\n"):
            if protocol != b"h2c" and named != b"Connection: Upgrade, HTTP2-Settings\r\n":
                continue
            checks = not_tunnelled if protocol.lower() == b"h2c" else (no_h2c_offer,)
            yield hostile(f"Upgrade: {protocol.decode()} with {named[:-2].decode()} opens no tunnel",
                          "RFC 9113 3.1, 9110 7.8",
                          client(request(target=b"/h2c",
                                         fields=named + b"Upgrade: " + protocol
                                         + b"\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
                                 patience=2.0),
                          checks, [agree_if_asked])
    yield hostile("101 that nobody asked for is a bad answer", "RFC 9110 15.2.2", client(request()), bad_gateway(502),
                  [(AwaitMessage(), AGREE + b"SMUGGLED", Pause(0.05))])
    yield hostile("101 to an offer that Connection does not name is a bad answer", "RFC 9110 7.8",
                  client(request(fields=b"Upgrade: websocket\r\n")), bad_gateway(502),
                  [(AwaitMessage(), AGREE, Pause(0.05))])
    yield hostile("101 to an offer of HTTP/1.0 is a bad answer", "RFC 9110 7.8: ignored from HTTP/1.0",
                  client(request(fields=ASK, version=b"HTTP/1.0")), bad_gateway(502),
                  [(AwaitMessage(), AGREE, Pause(0.05))])
    yield hostile("an upgrade with a body cannot smuggle a request behind it", "RFC 9110 7.8",
                  client((request(b"POST", b"/1", ASK + with_length(b"body"), b"body"), Await(b"\r\n\r\n")),
                         methods=(b"POST",)),
                  either(refused(400, 501), forwarded((b"POST", b"/1", b"body"))), [answer(body=b"plain")])
    for target in (b"app.test:443", b"127.0.0.1:22", b"/", b"http://app.test/"):
        yield hostile(f"CONNECT {target.decode()} is refused", "RFC 9110 9.3.6, issue: refused unless configured",
                      bad(request(b"CONNECT", target, host=b"Host: app.test\r\n"), methods=(b"GET",)),
                      refused(400, 403, 404, 405, 501))


def no_h2c_offer(verdict):
    for asked in verdict.seen.requests:
        for value in asked.values(b"upgrade"):
            if value.lower() in (b"h2c", b"http/2.0", b"h2") or b"h2c" in value.lower():
                verdict.note(f"the upstream was offered {value!r}")
