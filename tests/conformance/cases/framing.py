"""How answers end: every method, version and framing, and the request after it (RFC 9112 6.3, 9.3)."""

from script import AwaitMessage, Close

from .make import CHUNKED, answer, chunked, client, differential, request, with_length

METHODS = (b"GET", b"POST", b"HEAD", b"DELETE")
CLIENTS = (
    ("HTTP/1.1", b"HTTP/1.1", b"", False),
    ("HTTP/1.1 with Connection: close", b"HTTP/1.1", b"Connection: close\r\n", True),
    ("HTTP/1.0", b"HTTP/1.0", b"", True),
    ("HTTP/1.0 with keep-alive", b"HTTP/1.0", b"Connection: keep-alive\r\n", False),
)
UPSTREAMS = (
    ("HTTP/1.1", b"HTTP/1.1", b"", False),
    ("HTTP/1.1 with Connection: close", b"HTTP/1.1", b"Connection: close\r\n", True),
    ("HTTP/1.0", b"HTTP/1.0", b"", True),
    ("HTTP/1.0 with keep-alive", b"HTTP/1.0", b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n", False),
)


def framings(version, closes):
    yield "by length", with_length(b"hello"), b"hello"
    yield "of length 0", with_length(b""), b""
    if version == b"HTTP/1.1":
        yield "in chunks", CHUNKED, chunked(b"hel", b"lo")
        yield "in chunks and empty", CHUNKED, chunked()
    if closes:
        yield "ended by closing", b"", b"hello"
        yield "ended by closing and empty", b"", b""


def matrix():
    for method in METHODS:
        for client_name, client_version, client_fields, client_closes in CLIENTS:
            for upstream_name, version, fields, closes in UPSTREAMS:
                for framing_name, framing_fields, body in framings(version, closes):
                    old = client_version == b"HTTP/1.0"
                    reply = answer(fields=fields + framing_fields, version=version, length=False,
                                   body=b"" if method == b"HEAD" else body)
                    yield differential(f"{method.decode()} of a client of {client_name} gets an answer {framing_name} "
                                       f"of an upstream of {upstream_name}",
                                       "RFC 9112 6.3, 9.3",
                                       client(request(method, b"/f", client_fields, version=client_version),
                                              until_end=client_closes),
                                       [(AwaitMessage(), reply) + ((Close(),) if closes else ())],
                                       http10_client=old)


def without_body():
    for code, reason in ((204, b"No Content"), (304, b"Not Modified")):
        for name, fields in (("nothing", b""), ("Content-Length: 0", b"Content-Length: 0\r\n"),
                             ("Content-Length: 1234", b"Content-Length: 1234\r\n"), ("Transfer-Encoding", CHUNKED),
                             ("an ETag", b"ETag: \"x\"\r\n")):
            for method in (b"GET", b"HEAD", b"POST"):
                yield differential(
                    f"{method.decode()} answered {code} with {name} has no body and the next answer is whole",
                    "RFC 9110 15.3.5, 15.4.5, 8.6", request(method, b"/1") + request(b"GET", b"/2"),
                    [answer(b"%d %s" % (code, reason), fields, length=False), answer(body=b"second")])
    for name, fields in (("a Content-Length of 10 GB", b"Content-Length: 10737418240\r\n"), ("no length", b""),
                         ("Transfer-Encoding", CHUNKED), ("Content-Length: 0", b"Content-Length: 0\r\n")):
        yield differential(f"HEAD answered with {name} has no body and the next answer is whole", "RFC 9110 9.3.2",
                           request(b"HEAD", b"/1") + request(b"GET", b"/2"),
                           [answer(fields=fields, length=False), answer(body=b"second")])
    yield differential("HEAD answered 404 with a length has no body", "RFC 9110 9.3.2", request(b"HEAD", b"/1"),
                       answer(b"404 Not Found", b"Content-Length: 9\r\n", length=False))
    yield differential("205 with Content-Length: 0 is passed on", "RFC 9110 15.3.6", request(),
                       answer(b"205 Reset Content"))


def cases():
    yield from matrix()
    yield from without_body()
    for code in (b"200 OK", b"404 Not Found", b"500 Oops"):
        yield differential(f"{code.decode()} without any framing lasts until the upstream closes",
                           "RFC 9112 6.3 case 8", request(),
                           [(AwaitMessage(), answer(code, body=b"until the end", length=False), Close())])
    yield differential("an answer of HTTP/1.1 that closes without saying so is whole", "RFC 9112 6.3 case 8",
                       request(), [(AwaitMessage(), answer(body=b"a" * 100000, length=False), Close())])
