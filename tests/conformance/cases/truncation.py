"""What the upstream cut short is cut short for the client, visibly; 502 where nothing was sent yet."""

from checks import bad_gateway, truncated
from script import AwaitMessage, Close, Pause, Reset

from .make import CHUNKED, answer, bad, differential, hostile, request, with_length

ENDS = (("closes", Close()), ("resets", Reset()))
CUTS = (
    ("an answer by length before its body", b"Content-Length: 10\r\n", b""),
    ("an answer by length in its body", b"Content-Length: 10\r\n", b"12345"),
    ("an answer by length one byte short", b"Content-Length: 10\r\n", b"123456789"),
    ("a chunked answer before its first chunk", CHUNKED, b""),
    ("a chunked answer inside a size line", CHUNKED, b"5\r\nhello\r\n5"),
    ("a chunked answer inside a chunk", CHUNKED, b"5\r\nhello\r\n5\r\nwo"),
    ("a chunked answer between chunks", CHUNKED, b"5\r\nhello\r\n"),
    ("a chunked answer after its data before CRLF", CHUNKED, b"5\r\nhello"),
    ("a chunked answer inside the last chunk", CHUNKED, b"5\r\nhello\r\n0\r\n"),
    ("a chunked answer inside its trailers", CHUNKED, b"5\r\nhello\r\n0\r\nX-T: 1\r\n"),
)


def cases():
    for end_name, end in ENDS:
        for name, fields, body in CUTS:
            for method in (b"GET", b"POST"):
                yield hostile(f"{method.decode()}: the upstream {end_name} {name}: the client sees it cut",
                              "RFC 9112 8, issue: truncated",
                              bad(request(method, b"/t", fields=b"" if method == b"GET" else with_length(b"x"),
                                          body=b"" if method == b"GET" else b"x"),
                                  methods=(method,)),
                              truncated(),
                              [(AwaitMessage(), answer(fields=fields, body=body, length=False), Pause(0.08), end)])
        for name, fields, body in CUTS:
            yield hostile(f"HTTP/1.0 client: the upstream {end_name} {name}: the client sees it cut", "RFC 9112 8",
                          bad(request(version=b"HTTP/1.0")), old_client_truncated(fields),
                          [(AwaitMessage(), answer(fields=fields, body=body, length=False), Pause(0.08), end)])
        for name, part in (("without a word", b""), ("inside the status line", b"HTTP/1.1 20"),
                           ("inside the head", b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"),
                           ("after a 103", b"HTTP/1.1 103 Early Hints\r\n\r\n")):
            yield hostile(f"an upstream that {end_name} {name} is answered with 502", "RFC 9110 15.6.3",
                          bad_client(), bad_gateway(502), [(AwaitMessage(), part, Pause(0.05), end)] * 6)
            yield hostile(f"an upstream that {end_name} {name} after a POST is answered with 502",
                          "RFC 9110 15.6.3, 9.2.2: no retry", bad_client(b"POST", with_length(b"x"), b"x"),
                          (bad_gateway(502), asked_once), [(AwaitMessage(), part, Pause(0.05), end)] * 6)
    yield hostile("a close-delimited answer that is reset is cut for the client too", "RFC 9112 8", bad(request()),
                  truncated(), [(AwaitMessage(), answer(body=b"begun", length=False), Pause(0.08), Reset())])
    yield differential("an answer that is whole before the upstream resets is whole", "RFC 9112 9.6", request(),
                       [(AwaitMessage(), answer(body=b"whole"), Pause(0.1), Reset())])


def bad_client(method=b"GET", fields=b"", body=b""):
    from .make import client
    return client(request(method, b"/t", fields, body), methods=(method,))


def asked_once(verdict):
    """A request that is not idempotent is sent once (RFC 9110 9.2.2)."""
    if len(verdict.seen.requests) > 1:
        verdict.note(f"a POST was sent {len(verdict.seen.requests)} times")


def old_client_truncated(fields):
    """HTTP/1.0: a length that is not met, or a connection that is reset; a clean end would hide the cut."""
    def check(verdict):
        party = verdict.seen.clients[0]
        finals = [m for m in party.reader.messages if not m.is_interim]
        if any(m.has(b"transfer-encoding") for m in finals):
            verdict.note("Transfer-Encoding in an answer to HTTP/1.0")
        if not finals and party.end == "reset":
            return
        if len(finals) == 1 and finals[0].status == 502:
            return
        if finals and finals[0].framing == "length" and not finals[0].complete:
            return
        if party.end != "reset":
            verdict.note(f"the connection was {party.end} after {[m.start for m in finals]}: no sign of the cut")
    return check
