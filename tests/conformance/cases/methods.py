"""Any method token, with any kind of body (RFC 9110 9.1: tokens, case-sensitive, no closed list)."""

from .make import CHUNKED, answer, chunked, client, differential, request, with_length

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"QUERY", b"PURGE", b"PROPFIND",
           b"PROPPATCH", b"MKCOL", b"COPY", b"MOVE", b"LOCK", b"UNLOCK", b"REPORT", b"SEARCH", b"M-SEARCH", b"BIND",
           b"LINK", b"SUBSCRIBE", b"FOO", b"foo", b"get", b"Post", b"X", b"BREW", b"GETX", b"PRI", b"_", b"1",
           b"!#$%&'*+-.^_`|~09AZaz")
BODIES = (
    ("without a body", b"", b""),
    ("with Content-Length: 0", with_length(b""), b""),
    ("with a body by length", with_length(b"hello"), b"hello"),
    ("with a chunked body", CHUNKED, chunked(b"he", b"llo")),
)


def cases():
    for method in METHODS:
        name = method.decode()
        for kind, fields, body in BODIES:
            reply = answer(body=b"done") if method != b"HEAD" else answer(
                length=False, fields=b"Content-Length: 4\r\n")
            yield differential(f"{name} {kind} arrives as it was sent", "RFC 9110 9.1",
                               request(method, b"/thing", fields, body), reply)
    yield differential("TRACE without a body arrives as it was sent", "RFC 9110 9.3.8", request(b"TRACE", b"/t"))
    yield differential("a method of 60 letters arrives as it was sent", "RFC 9110 9.1", request(b"A" * 60, b"/t"))
    for method in (b"GET", b"POST", b"DELETE"):
        yield differential(f"{method.decode()} of HTTP/1.0 without keep-alive is answered and the connection closed",
                           "RFC 9112 9.3", client(request(method, b"/old", version=b"HTTP/1.0"), until_end=True),
                           http10_client=True)
        yield differential(f"{method.decode()} of HTTP/1.0 with a body arrives as it was sent", "RFC 9112 9.3",
                           client(request(method, b"/old", with_length(b"hello"), b"hello", version=b"HTTP/1.0"),
                                  until_end=True), http10_client=True)
