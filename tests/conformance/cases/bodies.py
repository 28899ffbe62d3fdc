"""Bodies in every size and cut, both ways, with trailers (RFC 9112 6, 7)."""

from script import AwaitMessage, Close, Drip, Pause

from .make import CHUNKED, answer, chunked, client, differential, request, text, with_length

SIZES = (1, 2, 100, 1023, 1024, 4095, 4096, 4097, 8192, 16383, 16384, 16385, 32767, 32768, 32769, 65535, 65536, 65537,
         131072, 1048576)
EVERY_BYTE = bytes(range(256))
TRICKY = (EVERY_BYTE, b"\r\n\r\n", b"0\r\n\r\n", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
          b"HTTP/1.1 200 OK\r\n\r\n", b"\x00" * 64,
          b"--b\r\nContent-Type: a/b\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--b--\r\n",
          b"\x1f\x8b\x08not really gzip", b"5\r\nhello\r\n0\r\n\r\n")
TRAILERS = (b"X-Sum: abc\r\n", b"X-Sum: 1\r\nX-Sum: 2\r\n", b"x-lower: a\r\nX-UPPER: b\r\n", b"X-Empty:\r\n",
            b"Server-Timing: db;dur=1\r\n", b"X-Obs: \xe9\r\n", b"Grpc-Status: 0\r\nGrpc-Message: ok\r\n",
            b"Digest: sha-256=x\r\n", b"".join(b"X-T-%d: %d\r\n" % (n, n) for n in range(20)))
CHUNKINGS = (
    ("one-byte chunks", b"".join(b"1\r\n%c\r\n" % c for c in b"hello") + b"0\r\n\r\n"),
    ("upper-case sizes", b"A\r\n0123456789\r\n0\r\n\r\n"),
    ("lower-case sizes", b"a\r\n0123456789\r\n0\r\n\r\n"),
    ("leading zeros", b"00000a\r\n0123456789\r\n000\r\n\r\n"),
    ("a chunk extension", b"5;name=value\r\nhello\r\n0\r\n\r\n"),
    ("a quoted chunk extension", b"5;name=\"v;\\\"x\"\r\nhello\r\n0;last\r\n\r\n"),
    ("several chunk extensions", b"5;a;b=c;d=\"e\"\r\nhello\r\n0\r\n\r\n"),
    ("data that looks like a last chunk", b"7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"),
)


def pattern(size):
    return (EVERY_BYTE * (size // 256 + 1))[:size]


def cases():
    for size in SIZES:
        body = pattern(size)
        half = (size + 1) // 2
        pieces = [p for p in (body[:half], body[half:]) if p]
        yield differential(f"a request body of {size} bytes by length arrives whole", "RFC 9112 6.2",
                           request(b"POST", b"/up", with_length(body), body))
        yield differential(f"a request body of {size} bytes in chunks arrives whole", "RFC 9112 7.1",
                           request(b"POST", b"/up", CHUNKED, chunked(*pieces)))
        yield differential(f"an answer of {size} bytes by length arrives whole", "RFC 9112 6.2", request(),
                           answer(body=body))
        yield differential(f"an answer of {size} bytes in chunks arrives whole", "RFC 9112 7.1", request(),
                           answer(fields=CHUNKED, body=chunked(*pieces), length=False))
        yield differential(f"an answer of {size} bytes ended by closing arrives whole", "RFC 9112 6.3", request(),
                           [(AwaitMessage(), answer(body=body, length=False), Close())])
    for number, body in enumerate(TRICKY):
        for name, fields, sent in (("by length", with_length(body), body), ("in chunks", CHUNKED, chunked(body))):
            yield differential(f"the body {number + 1} {text(body)} {name} is not looked into on its way up",
                               "contract 3", request(b"POST", b"/up", fields, sent))
            yield differential(f"the body {number + 1} {text(body)} {name} is not looked into on its way down",
                               "contract 3", request(), answer(fields=fields, body=sent, length=False))
    for trailers in TRAILERS:
        declared = b"Trailer: X-Sum\r\n"
        yield differential(f"the request trailers {text(trailers)} arrive", "RFC 9110 6.5",
                           request(b"POST", b"/up", CHUNKED + declared, chunked(b"data", trailers=trailers)))
        yield differential(f"the response trailers {text(trailers)} arrive", "RFC 9110 6.5",
                           request(fields=b"TE: trailers\r\nConnection: TE\r\n"),
                           answer(fields=CHUNKED + declared, body=chunked(b"data", trailers=trailers), length=False))
        yield differential(f"the response trailers {text(trailers)} arrive where the client did not ask",
                           "contract 3", request(),
                           answer(fields=CHUNKED + declared, body=chunked(b"data", trailers=trailers),
                                  length=False))
    for name, body in CHUNKINGS:
        yield differential(f"a request body with {name} is read right", "RFC 9112 7.1",
                           request(b"POST", b"/up", CHUNKED, body) + request(b"GET", b"/next"))
        yield differential(f"an answer with {name} is read right", "RFC 9112 7.1",
                           request() + request(b"GET", b"/next"), [answer(fields=CHUNKED, body=body, length=False)])
    for coding in (b"Chunked", b"CHUNKED", b"chunkeD"):
        line = b"Transfer-Encoding: " + coding + b"\r\n"
        yield differential(f"the coding {coding.decode()} in a request is chunked", "RFC 9112 7",
                           request(b"POST", b"/up", line, chunked(b"data")), fold_coding=True)
    yield from cut_anywhere()
    yield from ranges()


def cut_anywhere():
    """The same message in other segments."""
    whole = request(b"POST", b"/cut", b"X-A: 1\r\n" + CHUNKED, chunked(b"hello", b"world", trailers=b"X-T: 1\r\n"))
    reply = answer(fields=CHUNKED, body=chunked(b"hello", b"world", trailers=b"X-T: 1\r\n"), length=False)
    yield differential("a request that comes byte by byte is read right", "RFC 9112 2.2",
                       client((Drip(whole),), methods=(b"POST",)))
    yield differential("an answer that comes byte by byte is read right", "RFC 9112 2.2", request(),
                       [(AwaitMessage(), Drip(reply))])
    for at in range(3, len(whole), 7):
        yield differential(f"a request cut after {at} bytes is read right", "RFC 9112 2.2",
                           client((whole[:at], Pause(0.01), whole[at:]), methods=(b"POST",)))
    for at in range(3, len(reply), 7):
        yield differential(f"an answer cut after {at} bytes is read right", "RFC 9112 2.2", request(),
                           [(AwaitMessage(), reply[:at], Pause(0.01), reply[at:])])


def ranges():
    yield differential("a range answer is passed on untouched", "RFC 9110 14",
                       request(fields=b"Range: bytes=2-4\r\n"),
                       answer(b"206 Partial Content", b"Content-Range: bytes 2-4/10\r\n", b"cde"))
    yield differential("a multipart range answer is passed on untouched", "RFC 9110 14.6",
                       request(fields=b"Range: bytes=0-1,4-5\r\n"),
                       answer(b"206 Partial Content", b"Content-Type: multipart/byteranges; boundary=b\r\n",
                              TRICKY[7]))
    yield differential("a full answer to a range request stays full", "RFC 9110 14.2",
                       request(fields=b"Range: bytes=2-4\r\n"), answer(body=b"0123456789"))
    yield differential("416 is passed on untouched", "RFC 9110 15.5.17", request(fields=b"Range: bytes=99-\r\n"),
                       answer(b"416 Range Not Satisfiable", b"Content-Range: bytes */10\r\n"))
