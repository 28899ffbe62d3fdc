"""Hop-by-hop fields go, everything else stays (RFC 9110 7.6.1)."""

from .make import CHUNKED, answer, chunked, client, differential, request, text, with_length

FROM_CLIENTS = (b"Connection: keep-alive\r\n", b"Connection: Keep-Alive\r\nKeep-Alive: timeout=5, max=10\r\n",
                b"Proxy-Connection: keep-alive\r\n", b"Connection: X-Gone\r\nX-Gone: 1\r\nX-Stays: 2\r\n",
                b"X-Gone: 1\r\nConnection: X-Gone\r\n", b"Connection: x-gone\r\nX-GONE: 1\r\n",
                b"Connection: keep-alive, X-Gone\r\nX-Gone: 1\r\nX-Gone: 2\r\n",
                b"Connection: X-A,X-B , X-C\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\nX-D: 4\r\n",
                b"Connection: X-A\r\nConnection: X-B\r\nX-A: 1\r\nX-B: 2\r\n",
                b"Connection: , ,X-Gone,,\r\nX-Gone: 1\r\n", b"Connection:\r\nX-Stays: 1\r\n",
                b"Connection: X-Not-There\r\n", b"Connection: X-Go\r\nX-Gone: stays\r\n",
                b"TE: trailers\r\nConnection: TE\r\n", b"TE: trailers, deflate;q=0.5\r\nConnection: TE\r\n",
                b"TE: trailers\r\n", b"Connection: Host\r\n", b"Connection: keep-alive, host\r\n",
                b"Connection: X-Forwarded-For\r\nX-Forwarded-For: 10.0.0.1\r\n",
                b"Connection: X-Request-Id\r\nX-Request-Id: kept\r\n",
                b"Connection: X-Forwarded-Host\r\nX-Forwarded-Host: a\r\n",
                b"Connection: X-Forwarded-Proto\r\nX-Forwarded-Proto: https\r\n",
                b"Proxy-Authorization: Basic YTpi\r\n", b"Upgrade-Insecure-Requests: 1\r\n", b"Keep-Alive: 300\r\n",
                b"X-Connection: close\r\n",)
FROM_UPSTREAMS = (b"Connection: keep-alive\r\n", b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n",
                  b"Keep-Alive: timeout=5\r\n", b"Connection: X-Gone\r\nX-Gone: 1\r\nX-Stays: 2\r\n",
                  b"X-Gone: 1\r\nConnection: x-gone, keep-alive\r\nx-gone: 2\r\n",
                  b"Connection: X-A\r\nConnection: X-B\r\nX-A: 1\r\nX-B: 2\r\n",
                  b"Connection: ,,X-Gone\r\nX-Gone: 1\r\n", b"Proxy-Connection: keep-alive\r\n",
                  b"Connection: X-Response-Time\r\nX-Response-Time: 5ms\r\n", b"Connection:\r\n",
                  b"Upgrade: h2c\r\n", b"Upgrade: h2c\r\nConnection: Upgrade\r\n", b"Trailer: X-T\r\n",)


def cases():
    for lines in FROM_CLIENTS:
        yield differential(f"of the request fields {text(lines)} only the hop's own go", "RFC 9110 7.6.1",
                           request(fields=b"X-Before: 1\r\n" + lines + b"X-After: 2\r\n"))
        yield differential(f"of the request fields {text(lines)} with a body only the hop's own go", "RFC 9110 7.6.1",
                           request(b"POST", b"/b", lines + with_length(b"body"), b"body"))
    for lines in FROM_UPSTREAMS:
        yield differential(f"of the response fields {text(lines)} only the hop's own go", "RFC 9110 7.6.1", request(),
                           answer(fields=b"X-Before: 1\r\n" + lines + b"X-After: 2\r\n", body=b"x"))
        yield differential(f"of the response fields {text(lines)} with chunks only the hop's own go",
                           "RFC 9110 7.6.1", request(),
                           answer(fields=lines + CHUNKED, body=chunked(b"x"), length=False))
    for name, fields, body in (("Content-Length", with_length(b"body"), b"body"),
                               ("Transfer-Encoding", CHUNKED, chunked(b"body"))):
        line = b"Connection: %s\r\n" % name.encode()
        yield differential(f"a request whose Connection names {name} keeps its framing",
                           "RFC 9110 7.6.1, issue: never framing",
                           request(b"POST", b"/b", line + fields, body) + request(b"GET", b"/next"))
        yield differential(f"an answer whose Connection names {name} keeps its framing",
                           "RFC 9110 7.6.1, issue: never framing", request() + request(b"GET", b"/next"),
                           [answer(fields=line + fields, body=body, length=False)])
    yield differential("Connection: close of the client closes its connection alone", "RFC 9112 9.6",
                       client(request(fields=b"Connection: close\r\n"), until_end=True))
    yield differential("Connection: Close in capitals closes", "RFC 9110 7.6.1",
                       client(request(fields=b"Connection: Close\r\n"), until_end=True))
    yield differential("Connection: close among others closes", "RFC 9110 7.6.1",
                       client(request(fields=b"Connection: X-Gone, close\r\nX-Gone: 1\r\n"), until_end=True))
    yield differential("Connection: close of the upstream does not close the client's connection", "RFC 9112 9.3",
                       client((request(target=b"/1"), request(target=b"/2"))),
                       [answer(fields=b"Connection: close\r\n", body=b"one"), answer(body=b"two")],
                       needs_new_connection=True)
