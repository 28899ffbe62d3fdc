"""Chunked bodies that two parsers could cut differently, and trailers that want to be more (RFC 9112 7.1, 9110 6.5)."""

from checks import all_of, either, forwarded, never_forwarded, refused
from script import HalfClose, Pause, Reset

from .make import CHUNKED, bad, chunked, client, hostile, request, text

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: app.test\r\nX-Smuggled: yes\r\n\r\n"
POST = (b"POST", b"/hostile", b"hello")
SIZES = (b"0x5", b"0X5", b"x5", b"5x", b"5h", b"h", b"g", b"G", b"-5", b"-1", b"+5", b"- 5", b" 5", b"\t5", b"5 5",
         b"5\t5", b"5,", b"5,5", b"5.", b"5.0", b"5:", b"5=", b"#5", b"&h5", b"5_0", b"\"5\"", b"'5'", b"0o5", b"",
         b" ", b"\t", b"zz", b"five", b"\x005", b"5\x00", b"5\x0b", b"\x0b5", b"5\x0c", b"5\x7f", b"5\x01", b"\xb5",
         b"\xd9\xa5", b"\xef\xbc\x95", b"5\xa0", b"\xe2\x80\x8b5", b"5\r5", b"\r5", b"5\\", b"5/", b"%35", b"(5)",
         b"5!", b"0x", b"-0", b"+0")
OVERFLOWS = (b"10000000000000005", b"100000000000000005", b"FFFFFFFFFFFFFFFFF5", b"ffffffffffffffff5",
             b"1" + b"0" * 31 + b"5", b"f" * 200, b"FFFFFFFFFFFFFFFF", b"8000000000000000", b"fffffffffffffffb")


def post(body, fields=CHUNKED):
    return request(b"POST", b"/hostile", fields, body)


def refuse(name, clause, body, *statuses, silent=False, fields=CHUNKED):
    return hostile(name, clause, bad(post(body, fields), methods=(b"POST",)),
                   all_of(refused(*(statuses or (400,)), midway=True, silent=silent), never_forwarded(b"X-Smuggled")))


def choice(name, clause, body, *outcomes, statuses=(400,), house=True):
    refusal = refused(*statuses, midway=True)
    return hostile(name, clause, client(post(body), methods=(b"POST",), answers=1, patience=3.0),
                   either(refusal, *outcomes, house=refusal if house else None))


def cases():
    yield from sizes()
    yield from terminators()
    yield from extensions()
    yield from trailers()


def sizes():
    clause = "RFC 9112 7.1"
    for size in SIZES:
        yield refuse(f"the chunk size '{text(size)}' is refused", clause, size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED)
        yield refuse(f"the chunk size '{text(size)}' of a second chunk is refused", clause,
                     b"5\r\nhello\r\n" + size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED)
    for size in OVERFLOWS[:6]:
        yield refuse(f"the chunk size {text(size)}, beyond 64 bits, is refused", "RFC 9112 7.1: overflow",
                     size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED, 400, 413)
    for size in OVERFLOWS[6:]:
        yield hostile(f"the chunk size {text(size)}, at the edge of 64 bits, does not wrap",
                      "RFC 9112 7.1: overflow",
                      client(post(size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED), methods=(b"POST",), patience=1.0),
                      all_of(never_whole, never_forwarded_request))
    for zeros in (20, 300):
        yield choice(f"a chunk size with {zeros} leading zeros is refused or made plain", clause,
                     b"0" * zeros + b"5\r\nhello\r\n0\r\n\r\n", forwarded(POST), statuses=(400, 413), house=False)
        yield choice(f"a last chunk of {zeros} zeros is refused or made plain", clause,
                     b"5\r\nhello\r\n" + b"0" * zeros + b"\r\n\r\n", forwarded(POST), statuses=(400, 413),
                     house=False)
    yield refuse("a chunk size with 100,000 leading zeros is refused", "limits: chunk line",
                 b"0" * 100000 + b"5\r\nhello\r\n0\r\n\r\n", 400, 413, 431)
    yield refuse("a chunk size line without end is refused", "limits: chunk line", b"0" * 500000, 400, 413, 431)
    for space in (b" ", b"\t", b"   "):
        yield choice(f"white space {text(space)} behind a chunk size is refused or left out", clause,
                     b"5" + space + b"\r\nhello\r\n0\r\n\r\n", forwarded(POST), house=False)
        yield choice(f"white space {text(space)} behind the last chunk size is refused or left out", clause,
                     b"5\r\nhello\r\n0" + space + b"\r\n\r\n", forwarded(POST), house=False)


def never_whole(verdict):
    if any(r.complete for r in verdict.seen.requests):
        verdict.note("the request was taken for whole")


def never_forwarded_request(verdict):
    if any(r.target == b"/smuggled" for r in verdict.seen.requests):
        verdict.note("the smuggled request reached the upstream")


def terminators():
    clause = "RFC 9112 7.1"
    for name, body in (("LF behind a chunk size", b"5\nhello\r\n0\r\n\r\n"),
                       ("LF behind chunk data", b"5\r\nhello\n0\r\n\r\n"),
                       ("LF behind the last chunk", b"5\r\nhello\r\n0\n\r\n"),
                       ("LF everywhere", b"5\nhello\n0\n\n"), ("LF at the very end", b"5\r\nhello\r\n0\r\n\n"),
                       ("CR behind a chunk size", b"5\rhello\r\n0\r\n\r\n"),
                       ("CR behind chunk data", b"5\r\nhello\r0\r\n\r\n"),
                       ("CR behind the last chunk", b"5\r\nhello\r\n0\r\r\n"),
                       ("CR CR LF behind a chunk size", b"5\r\r\nhello\r\n0\r\n\r\n"),
                       ("nothing behind chunk data", b"5\r\nhello0\r\n\r\n"),
                       ("two bytes for CRLF behind chunk data", b"5\r\nhelloXX0\r\n\r\n"),
                       ("one byte more than the size", b"5\r\nhello!\r\n0\r\n\r\n"),
                       ("one byte fewer than the size", b"6\r\nhello\r\n0\r\n\r\n"),
                       ("LF CR behind chunk data", b"5\r\nhello\n\r0\r\n\r\n"),
                       ("a space ahead of CRLF behind chunk data", b"5\r\nhello \r\n0\r\n\r\n"),
                       ("two CRLF behind chunk data", b"5\r\nhello\r\n\r\n0\r\n\r\n"),
                       ("CRLF ahead of the first chunk", b"\r\n5\r\nhello\r\n0\r\n\r\n"),
                       ("NUL behind chunk data", b"5\r\nhello\x00\r\n0\r\n\r\n"),
                       ("a request for the first chunk", SMUGGLED),
                       ("junk behind the last chunk size", b"5\r\nhello\r\n0x\r\n\r\n"),
                       ("junk after the last chunk", b"5\r\nhello\r\n0\r\nX\r\n\r\n"),
                       ("CR and a byte behind chunk data", b"5\r\nhello\rX0\r\n\r\n"),
                       ("LF and LF behind the last chunk", b"5\r\nhello\r\n0\n\n")):
        if name == "one byte fewer than the size":
            yield hostile("a chunk with one byte fewer than its size is not taken for whole", clause,
                          bad(post(body), methods=(b"POST",)), refused(400, midway=True))
            continue
        yield refuse(f"a chunked body with {name} is refused", clause,
                     body + (b"" if name.startswith("a request") else SMUGGLED), 400, 408)
    yield hostile("a chunked body that stops in the middle and half-closes is not taken for whole", "RFC 9112 8",
                  client((post(b"5\r\nhel"), Pause(0.05), HalfClose()), methods=(b"POST",), until_end=True),
                  never_whole_and_closed)
    yield hostile("a body that stops short of its length and half-closes is not taken for whole", "RFC 9112 8",
                  client((post(b"hel", b"Content-Length: 5\r\n"), Pause(0.05), HalfClose()), methods=(b"POST",),
                         until_end=True),
                  never_whole_and_closed)
    yield hostile("a body cut off by a reset is not taken for whole", "RFC 9112 8",
                  client((post(b"5\r\nhel"), Pause(0.1), Reset()), methods=(b"POST",), patience=0.5),
                  (never_whole, upstream_closed), settle=0.3)


def never_whole_and_closed(verdict):
    never_whole(verdict)
    upstream_closed(verdict)
    if any(200 <= r.status < 300 for r in verdict.seen.responses):
        verdict.note("the cut request was answered with success")


def upstream_closed(verdict):
    for party in verdict.seen.upstreams:
        if party.received and party.end == "open":
            verdict.note("the upstream connection of the cut request stayed open")


def extensions():
    clause = "RFC 9112 7.1.1"
    for name, body in (("a bare CR", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
                       ("a bare LF", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
                       ("LF for its end", b"5;a\nhello\r\n0\r\n\r\n"), ("a NUL", b"5;a\x00b\r\nhello\r\n0\r\n\r\n"),
                       ("a control byte", b"5;a\x01b\r\nhello\r\n0\r\n\r\n"),
                       ("CRLF in quotes", b"5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"),
                       ("LF on the last chunk", b"5\r\nhello\r\n0;a\n\r\n"),
                       ("CR on the last chunk", b"5\r\nhello\r\n0;a\rb\r\n\r\n"),
                       ("a bare LF in quotes", b"5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
                       ("DEL", b"5;a\x7f\r\nhello\r\n0\r\n\r\n")):
        yield refuse(f"a chunk extension with {name} is refused", clause, body + SMUGGLED)
    yield refuse("a chunk extension of 100 KB is refused", "RFC 9112 7.1.1: limit",
                 b"5;" + b"a" * 100000 + b"\r\nhello\r\n0\r\n\r\n", 400, 413, 431)
    yield refuse("a chunk extension without end is refused", "RFC 9112 7.1.1: limit", b"5;" + b"a" * 500000, 400,
                 413, 431)
    yield choice("1.6 MB of extensions in 400 chunks are refused or left out",
                 "RFC 9112 7.1.1: ought to limit the total",
                 (b"1;" + b"a" * 4000 + b"\r\nx\r\n") * 400 + b"0\r\n\r\n",
                 forwarded((b"POST", b"/hostile", b"x" * 400)), statuses=(400, 413, 431), house=False)
    for ext in (b";", b";;", b"; ", b";=", b";=a", b";a;", b";a=\"", b";a=\"b", b";a=\"b\\\"", b";\"a\"", b";\xe9"):
        yield choice(f"the chunk extension '{text(ext)}', without a name or with an open quote, is refused", clause,
                     b"5" + ext + b"\r\nhello\r\n0\r\n\r\n", forwarded(POST))
        yield choice(f"the extension '{text(ext)}' of the last chunk is refused", clause,
                     b"5\r\nhello\r\n0" + ext + b"\r\n\r\n", forwarded(POST))
    for ext in (b";a=", b";a b", b" ; a", b";a=b=c", b";a,b", b"; a=b ;c", b" ;a"):
        yield choice(f"the odd chunk extension '{text(ext)}' is refused or left out", clause,
                     b"5" + ext + b"\r\nhello\r\n0\r\n\r\n", forwarded(POST), house=False)


def trailers():
    clause = "RFC 9110 6.5.1, 6.5.2; issue: dropped"
    for line in (b"Content-Length: 50", b"Transfer-Encoding: chunked", b"Host: evil.test",
                 b"Authorization: Bearer x", b"Connection: close", b"Connection: X-A", b"Cookie: a=b",
                 b"Set-Cookie: a=b", b"Content-Type: text/html", b"Content-Encoding: gzip",
                 b"Content-Range: bytes 0-1/2", b"Trailer: X-A", b"TE: trailers", b"Upgrade: h2c", b"Keep-Alive: 5",
                 b"Expect: 100-continue", b"Max-Forwards: 0", b"Cache-Control: no-cache", b"Proxy-Authorization: x",
                 b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Host: evil.test", b"X-Forwarded-Proto: https",
                 b"content-length: 0", b"HOST: evil.test", b"Range: bytes=0-1", b"If-Match: x",
                 b"Proxy-Connection: close"):
        name = line.split(b":")[0].lower()
        strict = name in (b"content-length", b"transfer-encoding", b"host", b"authorization", b"connection",
                          b"trailer", b"te", b"upgrade", b"content-encoding", b"content-type", b"content-range",
                          b"keep-alive", b"proxy-connection", b"expect", b"max-forwards", b"x-forwarded-for",
                          b"x-forwarded-host", b"x-forwarded-proto", b"cookie", b"set-cookie",
                          b"proxy-authorization", b"cache-control", b"range", b"if-match")
        if strict:
            yield hostile(f"the trailer '{line.decode()}' does not reach the upstream and changes nothing", clause,
                          client(post(chunked(b"hello", trailers=line + b"\r\nX-Good: 1\r\n")), methods=(b"POST",),
                                 patience=3.0),
                          either(refused(400, midway=True), all_of(forwarded(POST), trailer_gone(line))))
    for name, line in (("no colon", b"X-A\r\n"), ("an empty name", b": x\r\n"),
                       ("a space before the colon", b"X-A : 1\r\n"), ("a leading space", b" X-A: 1\r\n"),
                       ("a bare LF", b"X-A: 1\n"), ("a bare CR", b"X-A: 1\r2\r\n"), ("a NUL", b"X-A: \x00\r\n"),
                       ("a control byte", b"X-A: \x01\r\n"), ("a control byte in its name", b"X\x01A: 1\r\n"),
                       ("a request line", b"GET /smuggled HTTP/1.1\r\n"),
                       ("a delimiter in its name", b"X(A: 1\r\n"), ("a high byte in its name", b"X\xe9: 1\r\n"),
                       ("DEL", b"X-A: \x7f\r\n")):
        yield refuse(f"a trailer with {name} is refused", "RFC 9112 7.1.2, 5",
                     b"5\r\nhello\r\n0\r\n" + line + b"\r\n" + SMUGGLED)
    yield choice("a folded trailer is refused or unfolded", "RFC 9112 5.2",
                 b"5\r\nhello\r\n0\r\nX-A: 1\r\n 2\r\n\r\n", forwarded(POST))
    yield refuse("trailers of 100 KB are refused", "limits",
                 chunked(b"hello", trailers=b"X-A: " + b"a" * 100000 + b"\r\n"), 400, 413, 431)
    yield refuse("a thousand trailers are refused", "limits",
                 chunked(b"hello", trailers=b"".join(b"X-%d: 1\r\n" % n for n in range(1000))), 400, 413, 431)
    yield refuse("trailers without end are refused", "limits", b"5\r\nhello\r\n0\r\n" + b"X-A: 1\r\n" * 60000, 400,
                 413, 431)


def trailer_gone(line):
    name, _, value = line.partition(b": ")

    def check(verdict):
        for asked in verdict.seen.requests:
            if any(n.lower() == name.lower() for n, _ in asked.trailers):
                verdict.note(f"the trailer {name.decode()} reached the upstream")
            if name.lower() not in (b"x-forwarded-proto",) and any(
                n.lower() == name.lower() and v == value for n,
                v in asked.fields if n.lower() not in (b"transfer-encoding", b"te", b"connection")):
                verdict.note(f"the trailer {name.decode()} became a field of the head")
    return check
