"""Upstream answers that are no HTTP, or can be read in two ways: 502, or a cut, and never a byte to the next client."""

from checks import all_of, answers_with, bad_gateway, either, never_received, truncated
from script import Await, AwaitMessage, Close, Pause, Reset

from .make import CHUNKED, answer, bad, chunked, client, hostile, request, text

CLEAN = answer(body=b"clean")
OK = b"HTTP/1.1 200 OK\r\nX-Origin: upstream\r\n"
INJECTED = b"HTTP/1.1 200 OK\r\nX-Origin: upstream\r\nContent-Length: 8\r\n\r\nINJECTED"
CONTROLS = [bytes([n]) for n in range(32) if n not in (9, 10, 13)] + [b"\x7f"]
POISON = b"X-Poison"


def one(raw):
    """The bad answer to a request and to every retry of it, and then the close of its connection."""
    return [(AwaitMessage(), raw, Pause(0.05), Close())] * 6


def refuse(name, clause, raw, *more):
    """502 of the proxy's own, and no byte of the bad answer."""
    return hostile(name, clause, client(request(b"POST", b"/a", b"Content-Length: 0\r\n"), methods=(b"POST",)),
                   (bad_gateway(502), *more), one(raw))


def choice(name, clause, raw, *outcomes, house=True):
    refusal = bad_gateway(502)
    return hostile(name, clause, client(request(b"POST", b"/a", b"Content-Length: 0\r\n"), methods=(b"POST",)),
                   either(refusal, *outcomes, house=refusal if house else None), one(raw))


def accept(name, clause, raw, *outcomes):
    """An answer of an app that works without a proxy: weir passes it on in its one canonical form. Others may refuse."""
    wanted = all_of(*outcomes)
    return hostile(name, clause, client(request(b"POST", b"/a", b"Content-Length: 0\r\n"), methods=(b"POST",)),
                   either(bad_gateway(502), wanted, house=wanted), one(raw))


def spaced(verdict):
    for got in verdict.seen.responses:
        if not got.raw_head.startswith(b"HTTP/1.1 200 "):
            verdict.note(f"the status line is {got.start!r}")


def reason_is_clean(verdict):
    for got in verdict.seen.responses:
        if any(control in got.start for control in CONTROLS):
            verdict.note(f"the status line is {got.start!r}")


def value_is(value):
    def check(verdict):
        for got in verdict.seen.responses:
            if got.values(b"x-a") != [value]:
                verdict.note(f"X-A is {got.values(b'x-a')!r}, expected {value!r}")
    return check


def cases():
    yield from status_lines()
    yield from heads()
    yield from framing()
    yield from broken_chunks()
    yield from poison()
    yield from floods()


def passed(body=b"hello", status=200):
    return all_of(answers_with(status, body), canonical_answer)


def canonical_answer(verdict):
    """What reaches the client has one reading: no doubled framing, no bare CR or LF."""
    for got in verdict.seen.responses:
        rest = got.raw_head.replace(b"\r\n", b"")
        if b"\r" in rest or b"\n" in rest or b"\x00" in rest:
            verdict.note("bare CR, LF or NUL in the head that reached the client")
        if len(got.values(b"content-length")) > 1 or (got.has(b"content-length") and got.has(b"transfer-encoding")):
            verdict.note(f"ambiguous framing reached the client: {got.raw_head!r}")


def status_lines():
    clause = "RFC 9112 4, 2.3; RFC 9110 15"
    rest = b"\r\nX-Origin: upstream\r\nContent-Length: 5\r\n\r\nhello"
    for line in (b"", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 20 OK", b"HTTP/1.1 2 OK", b"HTTP/1.1 2000 OK",
                 b"HTTP/1.1 099 Low", b"HTTP/1.1 000 Zero", b"HTTP/1.1 0200 OK", b"HTTP/1.1 -200 OK",
                 b"HTTP/1.1 +200 OK", b"HTTP/1.1 2x0 OK", b"HTTP/1.1 abc OK", b"HTTP/1.1 0x2 OK",
                 b"HTTP/1.1 \xb200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1200 OK", b"200 OK", b"HTTP 200 OK",
                 b"HTTP/2.0 200 OK", b"HTTP/2 200 OK", b"HTTP/3 200 OK", b"HTTP/0.9 200 OK", b"HTTP/1.01 200 OK",
                 b"HTTP/11 200 OK", b"HTTP/1. 200 OK", b"HTTP/.1 200 OK", b"HTTP/1,1 200 OK", b"HTTP/1.x 200 OK",
                 b"http/1.1 200 OK", b"Http/1.1 200 OK", b"HTTPS/1.1 200 OK", b"ICY 200 OK", b"RTSP/1.0 200 OK",
                 b" HTTP/1.1 200 OK", b"\tHTTP/1.1 200 OK", b"XHTTP/1.1 200 OK", b"GET / HTTP/1.1", b"hello world",
                 b"<html>", b"\x16\x03\x01\x00\x05", b"\x00\x00\x06\x04\x00", b"HTTP/1.1 200 OK\x00",
                 b"HTTP/1.1 2 00 OK", b"HTTP/1.1 20\x00 OK", b"HTTP/1.1\x0b200 OK", b"Status: 200 OK",
                 b"HTTP/1.1:200 OK", b"HTTP/1.1 200.1 OK", b"HTTP/1.1 2147483848 OK"):
        yield refuse(f"the status line '{text(line)}' is a bad answer", clause, line + rest)
    for byte in CONTROLS + [b"\r"]:
        raw = b"HTTP/1.1 200 O" + byte + b"K" + rest
        if byte in (b"\0", b"\r"):
            yield refuse(f"a reason phrase with {text(byte)} is a bad answer", "RFC 9112 4", raw)
        else:
            yield accept(f"a reason phrase with {text(byte)} is passed on without it", "RFC 9112 4", raw, passed(),
                         reason_is_clean)
    for line in (b"HTTP/1.1  200 OK", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200\tOK", b"HTTP/1.1 \t200 OK"):
        yield accept(f"the status line '{text(line)}' is read on white space", "RFC 9112 4", line + rest, passed(),
                     spaced)
    yield accept("a status line without the space behind its code is passed on with the space",
                 "RFC 9112 4: the space is required", b"HTTP/1.1 200" + rest, passed(), spaced)
    for version in (b"HTTP/1.2", b"HTTP/1.9"):
        yield accept(f"{version.decode()} of the upstream is passed on as HTTP/1.1", "RFC 9110 2.5",
                     version + b" 200 OK" + rest, passed(), spaced)
    for code in (600, 700, 999):
        yield choice(f"status {code} is a bad answer or passed on as it is", "RFC 9110 15",
                     b"HTTP/1.1 %d Odd" % code + rest, passed(status=code), house=False)
    yield accept("a bare LF behind the status line is made CRLF", "RFC 9112 2.2",
                 b"HTTP/1.1 200 OK\nX-Origin: upstream\r\nContent-Length: 5\r\n\r\nhello", passed())
    for name, blank in (("a blank line", b"\r\n"), ("a blank line of LF", b"\n"), ("two blank lines", b"\r\n\r\n")):
        yield accept(f"{name} ahead of the status line is passed over", "RFC 9112 2.2",
                     blank + b"HTTP/1.1 200 OK" + rest, passed())
        yield accept(f"{name} behind an interim answer is passed over", "RFC 9112 2.2",
                     b"HTTP/1.1 103 Early Hints\r\n\r\n" + blank + b"HTTP/1.1 200 OK" + rest, passed())
    yield refuse("a bare CR ahead of the status line is a bad answer", "RFC 9112 2.2", b"\rHTTP/1.1 200 OK" + rest)
    yield refuse("blank lines without end are a bad answer", "limits", b"\r\n" * 500000)
    yield refuse("an answer of HTTP/0.9 without a head is a bad answer", clause, b"hello, this is a page")


def heads():
    clause = "RFC 9112 5; RFC 9110 5.1, 5.5"
    tail = b"Content-Length: 5\r\n\r\nhello"
    for byte in CONTROLS:
        if byte == b"\0":
            yield refuse(f"a response value with {text(byte)} is a bad answer", clause,
                         OK + b"X-A: a" + byte + b"b\r\n" + tail)
        else:
            yield accept(f"a response value with {text(byte)} is passed on", "RFC 9110 5.5: may be kept",
                         OK + b"X-A: a" + byte + b"b\r\n" + tail, passed(), value_is(b"a" + byte + b"b"))
        yield refuse(f"a Transfer-Encoding with {text(byte)} in an answer is a bad answer", clause,
                     OK + b"Transfer-Encoding: " + byte + b"chunked\r\n\r\n" + chunked(b"hello"))
        yield refuse(f"a response field name with {text(byte)} is a bad answer", clause,
                     OK + b"X" + byte + b"A: b\r\n" + tail)
    for byte in (b"(", b")", b",", b"/", b";", b"<", b"=", b"@", b"[", b"\"", b"{", b"\\", b"\x80", b"\xff"):
        yield refuse(f"a response field name with {text(byte)} is a bad answer", clause,
                     OK + b"X" + byte + b"A: b\r\n" + tail)
    for name, line in (("a bare CR in a value", b"X-A: a\rb\r\n"), ("a bare CR ahead of CRLF", b"X-A: a\r\r\n"),
                       ("a bare CR in a name", b"X\rA: a\r\n"), ("an empty name", b": a\r\n"),
                       ("no colon", b"X-A\r\n"), ("a space in a name", b"X A: 1\r\n"),
                       ("a split by CR", b"X-A: a\rSet-Cookie: evil=1\r\n"), ("a line of a space", b" \r\n")):
        yield refuse(f"a response head with {name} is a bad answer", clause, OK + line + tail)
    for name, line in (("a space before a colon", b"X-A : 1\r\n"), ("a tab before a colon", b"X-A\t: 1\r\n")):
        yield choice(f"a response head with {name} is a bad answer or loses it",
                     "RFC 9112 5.1: a proxy must remove it", OK + line + tail,
                     all_of(passed(), no_space_before_colon))
    for name, line in (("a fold", b"X-A: 1\r\n 2\r\n"), ("a fold with a tab", b"X-A: 1\r\n\t2\r\n"),
                       ("an empty fold", b"X-A:\r\n 2\r\n"),
                       ("a folded Set-Cookie", b"X-A: 1\r\n Set-Cookie: evil=1\r\n")):
        yield choice(f"a response head with {name} is a bad answer or unfolded",
                     "RFC 9112 5.2: a proxy must refuse or replace", OK + line + tail, passed())
    for name, raw in (("behind a field", OK + b"X-A: 1\n" + tail),
                      ("as the blank line", OK + b"Content-Length: 5\r\n\nhello"),
                      ("everywhere", (OK + tail).replace(b"\r\n", b"\n"))):
        yield accept(f"a bare LF {name} of a response head is made CRLF", "RFC 9112 2.2", raw, passed())
    yield accept("an answer with LF everywhere and an interim answer ahead of it is made CRLF", "RFC 9112 2.2",
                 b"HTTP/1.1 103 Early Hints\nX-B: 1\n\n" + (OK + tail).replace(b"\r\n", b"\n"), passed())
    yield accept("a chunked answer with LF everywhere is made CRLF", "RFC 9112 2.2, 7.1",
                 (OK + CHUNKED + b"\r\n5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n").replace(b"\r\n", b"\n"), passed())
    yield accept("a response head with a bare LF that splits it in two is read in one way", "RFC 9112 2.2, 11.1",
                 OK + b"X-A: 1\n\n" + INJECTED, canonical_answer)
    for value in (b"Keep-Alive; timeout=15", b"keep alive", b"\"close\"", b"timeout=5, max=100", b"Connection: close",
                  b"Upgrade, http/1.1", b"\xe9", b"\x01close"):
        yield accept(f"Connection '{text(value)}' of an answer goes no further", "RFC 9110 7.6.1",
                     OK + b"Connection: " + value + b"\r\n" + tail, passed())
    for name, line in (("folded", b"Content-Length:\r\n 5\r\n"),
                       ("with a space before its colon", b"Content-Length : 5\r\n"),
                       ("with a NUL in its name", b"Content-Length\x00: 5\r\n")):
        yield choice(f"Content-Length {name} in an answer is a bad answer or read in one way", clause,
                     OK + line + b"\r\nhello", all_of(passed(), no_space_before_colon), house=True)


def no_space_before_colon(verdict):
    for got in verdict.seen.responses:
        if any(n != n.strip(b" \t\x00") for n, _ in got.fields):
            verdict.note(f"the malformed name reached the client: {got.raw_head!r}")


def framing():
    clause = "RFC 9112 6.3; RFC 9110 8.6"
    for value in (b"+5", b"-5", b"-0", b"0x5", b"5x", b"5 5", b"5, 6", b"5,6", b"", b"five", b"5.0", b"5;", b"1e1",
                  b"\"5\"", b"18446744073709551616", b"18446744073709551621", b"9" * 40, b"5\x0b", b"5\xa0",
                  b"\xb2", b"-1", b"5_0", b"0, 5"):
        yield refuse(f"Content-Length '{text(value)}' in an answer is a bad answer", clause,
                     OK + b"Content-Length: " + value + b"\r\n\r\nhello")
    for name, lines in (("5 and 6", b"Content-Length: 5\r\nContent-Length: 6\r\n"),
                        ("6 and 5", b"Content-Length: 6\r\nContent-Length: 5\r\n"),
                        ("0 and 5", b"Content-Length: 0\r\nContent-Length: 5\r\n"),
                        ("5 and nothing", b"Content-Length: 5\r\nContent-Length:\r\n"),
                        ("in two spellings", b"Content-Length: 5\r\ncontent-length: 4\r\n")):
        yield refuse(f"two Content-Length fields in an answer, {name}, are a bad answer", clause,
                     OK + lines + b"\r\nhello")
    yield choice("the same Content-Length twice in an answer is a bad answer or sent once", clause,
                 OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", all_of(passed(), plain_length),
                 house=False)
    for name, lines in (("as a list", b"Content-Length: 5, 5\r\n"),
                        ("as a list with zeros", b"Content-Length: 05,5, 5\r\n"),
                        ("with leading zeros", b"Content-Length: 005\r\n"),
                        ("with thirty leading zeros", b"Content-Length: " + b"0" * 30 + b"5\r\n"),
                        ("with and without leading zeros", b"Content-Length: 05\r\nContent-Length: 5\r\n")):
        yield accept(f"a Content-Length {name} in an answer is sent once and plain", clause,
                     OK + lines + b"\r\nhello", all_of(passed(), plain_length))
    both = "RFC 9112 6.3; issue: never with Content-Length"
    for name, lines in (("Content-Length first", b"Content-Length: 5\r\n" + CHUNKED),
                        ("Transfer-Encoding first", CHUNKED + b"Content-Length: 5\r\n"),
                        ("a length of 0", CHUNKED + b"Content-Length: 0\r\n"),
                        ("a bad length", CHUNKED + b"Content-Length: x\r\n")):
        yield choice(f"Content-Length and Transfer-Encoding in an answer, {name}, are a bad answer or read as chunked",
                     both, OK + lines + b"\r\n" + chunked(b"hello"), all_of(passed(), plain_length))
    for value in (b"gzip", b"gzip, chunked", b"chunked, gzip", b"identity", b"identity, chunked",
                  b"chunked, identity", b"chunked, chunked", b"xchunked", b"chunkedx", b"chunked;a", b"\"chunked\"",
                  b"", b"cow", b"\x0bchunked", b"chunked\x00", b"chunked\xa0", b"chun ked", b"chunked chunked",
                  b"deflate"):
        yield refuse(f"Transfer-Encoding '{text(value)}' in an answer is a bad answer", "RFC 9112 6.1, 7; issue",
                     OK + b"Transfer-Encoding: " + value + b"\r\n\r\n" + chunked(b"hello"))
    for name, lines in (("chunked twice", CHUNKED * 2),
                        ("cow and chunked", b"Transfer-Encoding: cow\r\n" + CHUNKED),
                        ("chunked and identity", CHUNKED + b"Transfer-Encoding: identity\r\n")):
        yield refuse(f"two Transfer-Encoding fields in an answer, {name}, are a bad answer", "RFC 9112 6.1",
                     OK + lines + b"\r\n" + chunked(b"hello"))
    yield choice("Transfer-Encoding in an answer of HTTP/1.0 is a bad answer or read in one way", "RFC 9112 6.1",
                 OK.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n" + chunked(b"hello"), passed())
    for name, line in (("a space before the colon", b"Transfer-Encoding : chunked\r\n"),
                       ("a fold", b"Transfer-Encoding:\r\n chunked\r\n"),
                       ("a control byte before the colon", b"Transfer-Encoding\x0b: chunked\r\n")):
        yield choice(f"Transfer-Encoding with {name} in an answer is a bad answer or read in one way",
                     "RFC 9112 5.1, 5.2", OK + line + b"\r\n" + chunked(b"hello"),
                     all_of(passed(), no_space_before_colon))


def plain_length(verdict):
    for got in verdict.seen.responses:
        if len(got.values(b"content-length")) > 1 or any(v not in (b"5", b"") for v in got.values(b"content-length")):
            verdict.note(f"Content-Length reached the client as {got.values(b'content-length')!r}")


def broken_chunks():
    clause = "RFC 9112 7.1, 8"
    begun = OK + CHUNKED + b"\r\n5\r\nhello\r\n"
    for name, rest in (("a size 0x5", b"0x5\r\nhello\r\n0\r\n\r\n"), ("a size -1", b"-1\r\nhello\r\n0\r\n\r\n"),
                       ("a size +5", b"+5\r\nhello\r\n0\r\n\r\n"), ("a size g", b"g\r\nhello\r\n0\r\n\r\n"),
                       ("an empty size", b"\r\nhello\r\n0\r\n\r\n"),
                       ("a size beyond 64 bits", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
                       ("a size with NUL", b"5\x00\r\nhello\r\n0\r\n\r\n"),
                       ("nothing behind data", b"5\r\nhello0\r\n\r\n"),
                       ("too much data", b"5\r\nhello!!\r\n0\r\n\r\n"), ("CR behind a size", b"5\rhello\r\n0\r\n\r\n"),
                       ("a bare LF in an extension", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
                       ("LF in the quote of an extension", b"5;a=\"\nhello\n0\n\n"),
                       ("an extension without a name", b"5;\r\nhello\r\n0\r\n\r\n"),
                       ("an extension with an open quote", b"5;a=\"b\r\nhello\r\n0\r\n\r\n"),
                       ("a bare CR in an extension", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
                       ("an extension of 100 KB", b"5;" + b"a" * 100000 + b"\r\nhello\r\n0\r\n\r\n"),
                       ("a size of 100,000 zeros", b"0" * 100000 + b"5\r\nhello\r\n0\r\n\r\n"),
                       ("a new answer", INJECTED), ("HTML", b"<html>an error</html>\r\n"),
                       ("a trailer without colon", b"0\r\nX-A\r\n\r\n"),
                       ("a trailer with NUL", b"0\r\nX-A: \x00\r\n\r\n"),
                       ("a trailer with a bare CR", b"0\r\nX-A: 1\r2\r\n\r\n"),
                       ("a trailer with an empty name", b"0\r\n: 1\r\n\r\n"),
                       ("trailers of 100 KB", b"0\r\nX-A: " + b"a" * 100000 + b"\r\n\r\n"),
                       ("trailers without end", b"0\r\n" + b"X-A: 1\r\n" * 60000)):
        yield hostile(f"a chunked answer that goes on with {name} is cut", clause,
                      (bad(request()), client(request(target=b"/next"))),
                      (truncated(), answers_with(200, b"clean", client=1)),
                      [(AwaitMessage(), begun, Pause(0.05), rest, Pause(0.3)), CLEAN])
        yield hostile(f"a chunked answer in one segment that goes on with {name} is cut or a bad answer", clause,
                      bad(request(b"POST", b"/a", b"Content-Length: 0\r\n"), methods=(b"POST",)),
                      either(truncated(), closes_with_502), [(AwaitMessage(), begun + rest, Pause(0.3))])
    for name, rest in (("LF behind a size", b"5\nhello\r\n0\r\n\r\n"), ("LF behind data", b"5\r\nhello\n0\r\n\r\n"),
                       ("LF behind the last chunk", b"5\r\nhello\r\n0\n\r\n"), ("LF at the very end", b"5\r\nhello\r\n0\r\n\n"),
                       ("LF for the end of an extension", b"5;a\nhello\n0\n\n"),
                       ("blanks behind a size", b"5   \r\nhello\r\n0     \r\n\r\n"),
                       ("300 zeros ahead of a size", b"0" * 300 + b"5\r\nhello\r\n" + b"0" * 300 + b"\r\n\r\n"),
                       ("a trailer with a bare LF", b"5\r\nhello\r\n0\r\nX-A: 1\n\r\n"),
                       ("a trailer with a control byte", b"5\r\nhello\r\n0\r\nX-A: \x01\r\n\r\n")):
        yield accept(f"a chunked answer that goes on with {name} is passed on", "RFC 9112 2.2, RFC 9110 5.5",
                     begun + rest, passed(b"hellohello"))
    for name in (b"Content-Length", b"Transfer-Encoding", b"Connection", b"Host", b"Trailer", b"Upgrade",
                 b"Keep-Alive", b"Set-Cookie", b"Content-Encoding", b"Content-Type", b"Content-Range", b"Location",
                 b"WWW-Authenticate", b"Age", b"Cache-Control"):
        if name in (b"Content-Length", b"Transfer-Encoding", b"Connection", b"Host", b"Trailer", b"Upgrade",
                    b"Keep-Alive"):
            yield hostile(f"the response trailer {name.decode()} does not reach the client", "RFC 9110 6.5.1",
                          client(request(fields=b"TE: trailers\r\nConnection: TE\r\n")), trailer_kept_away(name),
                          [(AwaitMessage(),
                            OK + CHUNKED + b"\r\n" + chunked(b"hello", trailers=name + b": 3\r\nX-Good: 1\r\n"))])


def closes_with_502(verdict):
    bad_gateway(502)(verdict)


def trailer_kept_away(name):
    def check(verdict):
        for got in verdict.seen.responses:
            if any(n.lower() == name.lower() for n, _ in got.trailers):
                verdict.note(f"the trailer {name.decode()} reached the client")
    return check


def poison():
    """Bytes behind a complete answer belong to nobody (RFC 9112 9.2)."""
    clause = "RFC 9112 9.2, 9.3.2, 11.1"
    nexts = tuple(client(request(target=b"/next%d" % n)) for n in range(3))
    clean_after = tuple(answers_with(200, b"clean", client=n + 1) for n in range(3))
    complete = {"an answer by length": OK + b"Content-Length: 5\r\n\r\nhello",
                "a chunked answer": OK + CHUNKED + b"\r\n" + chunked(b"hello"),
                "an empty answer": OK + b"Content-Length: 0\r\n\r\n",
                "a 204": b"HTTP/1.1 204 No Content\r\nX-Origin: upstream\r\n\r\n",
                "a 304": b"HTTP/1.1 304 Not Modified\r\nX-Origin: upstream\r\n\r\n",
                "a 304 with a length": b"HTTP/1.1 304 Not Modified\r\nX-Origin: upstream\r\nContent-Length: 5\r\n\r\n"}
    for name, whole in complete.items():
        for extra_name, extra in (("a second answer", INJECTED), ("garbage", b"INJECTED garbage\r\n"),
                                  ("a blank line", b"\r\n"), ("one byte", b"I")):
            for pause in (None, 0.05):
                when = "at once" if pause is None else "a little later"
                script = (AwaitMessage(), whole + extra) if pause is None else (
                    AwaitMessage(), whole, Pause(pause), extra)
                first = client(request(target=b"/first"), keep_open=True) if pause is None else client(
                    (request(target=b"/first"), Await(b"\r\n\r\n"), Pause(0.1)), keep_open=True)
                yield hostile(f"{extra_name} behind {name}, {when}, reaches no client", clause, (first, *nexts),
                              (never_received(b"INJECTED"), *clean_after), [script, CLEAN, CLEAN, CLEAN])
    yield hostile("a second answer behind the first does not answer the second request of the same client", clause,
                  client((request(target=b"/1"), Await(b"hello"), Pause(0.1), request(target=b"/2"))),
                  (never_received(b"INJECTED"), answers_with(200, b"clean", number=1)),
                  [(AwaitMessage(), complete["an answer by length"] + INJECTED), CLEAN])
    yield hostile("a second answer behind the first does not answer a pipelined request", clause,
                  client(request(target=b"/1") + request(target=b"/2")),
                  (never_received(b"INJECTED"), answers_with(200, b"clean", number=1)),
                  [(AwaitMessage(), complete["an answer by length"] + INJECTED), CLEAN])
    for method, fields in ((b"HEAD", b"Content-Length: 8\r\n"), (b"HEAD", CHUNKED)):
        yield hostile(f"a body behind an answer to HEAD with {fields.split(b':')[0].decode()} reaches no client",
                      "RFC 9110 9.3.2", (client(request(method, b"/first"), keep_open=True), *nexts),
                      (never_received(b"INJECTED"), *clean_after),
                      [(AwaitMessage(), OK + fields + b"\r\nINJECTED"), CLEAN, CLEAN, CLEAN])
    yield hostile("an answer that comes before any request is not given to one", "RFC 9112 9.2",
                  (client((request(target=b"/first"), Await(b"hello"), Pause(0.15)), keep_open=True), *nexts),
                  (never_received(b"INJECTED"), *clean_after),
                  [(AwaitMessage(), complete["an answer by length"], Pause(0.05), INJECTED), CLEAN, CLEAN, CLEAN])
    yield hostile("408 on an idle upstream connection is not given to the next request", "RFC 9110 15.5.9",
                  (client((request(target=b"/first"), Await(b"hello"), Pause(0.15)), keep_open=True), *nexts),
                  (never_received(b"408 Request"), *clean_after),
                  [(AwaitMessage(), complete["an answer by length"], Pause(0.05),
                    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Close()),
                   CLEAN, CLEAN, CLEAN])
    for how, end in (("closed", Close()), ("reset", Reset())):
        yield hostile(f"an idle upstream connection that is {how} is not used again", "RFC 9112 9.5",
                      (client((request(target=b"/first"), Await(b"hello"), Pause(0.1)), keep_open=True), *nexts),
                      clean_after,
                      [(AwaitMessage(), complete["an answer by length"], Pause(0.02), end), CLEAN, CLEAN, CLEAN])
    yield hostile("an early answer leaves no upload to be read as the next request", "RFC 9112 9.3",
                  (client((request(b"POST", b"/first", b"Content-Length: 100\r\n") + b"part of it",
                           Await(b"early")),
                          methods=(b"POST",)),
                   *nexts),
                  clean_after, [(answer(b"413 Content Too Large", body=b"early"), Pause(0.2)), CLEAN, CLEAN, CLEAN],
                  settle=0.05)
    yield hostile("a client that leaves in the middle of an answer leaves none of it to the next", "RFC 9112 9.3.2",
                  (client((request(target=b"/first"), Await(b"INJECTED")), answers=0), *nexts),
                  tuple(answers_with(200, b"clean", client=n + 1) for n in range(3)),
                  [(AwaitMessage(), OK + b"Content-Length: 80\r\n\r\nINJECTED", Pause(0.1), b"i" * 72), CLEAN,
                   CLEAN, CLEAN])


def floods():
    clause = "issue: limits on head, field count, interim answers"
    for name, raw in (("a head of 2 MB", OK + b"X-A: " + b"a" * 2000000 + b"\r\n\r\n"),
                      ("a head without end", OK + b"X-A: " + b"a" * 3000000),
                      ("a status line without end", b"HTTP/1.1 200 " + b"a" * 3000000),
                      ("100,000 fields", OK + b"X-A: 1\r\n" * 100000 + b"\r\n"),
                      ("garbage without end", b"a" * 3000000)):
        yield refuse(f"{name} is a bad answer", clause, raw)
    for code in (b"100 Continue", b"103 Early Hints", b"199 Odd"):
        yield hostile(f"5,000 interim answers of {code.decode()} are cut short", clause,
                      client(request(), patience=6.0), interim_flood,
                      [(AwaitMessage(), (b"HTTP/1.1 " + code + b"\r\nX-A: 1\r\n\r\n") * 5000 + CLEAN,
                        Pause(0.3))] * 6)
    for name, raw in (("an interim answer with a bad field", b"HTTP/1.1 103 Early Hints\r\nX A: 1\r\n\r\n" + CLEAN),
                      ("an interim answer with NUL", b"HTTP/1.1 103 Early\x00Hints\r\n\r\n" + CLEAN),
                      ("an interim answer with a bad version", b"HTTP/2.0 103 Early Hints\r\n\r\n" + CLEAN),
                      ("an interim answer and then garbage",
                       b"HTTP/1.1 103 Early Hints\r\n\r\nINJECTED garbage\r\n\r\n")):
        yield refuse(f"{name} ends in 502", "RFC 9110 15.2, RFC 9112 4, 5", raw)
    yield hostile("an interim answer with Content-Length has no body all the same", "RFC 9110 8.6, 15.2",
                  client(request()), either(all_of(answers_with(200, b"clean")), bad_gateway(502)),
                  [(AwaitMessage(), b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + CLEAN)])


def interim_flood(verdict):
    interim = sum(1 for r in verdict.seen.responses if r.is_interim)
    if interim >= 5000:
        verdict.note(f"{interim} interim answers reached the client")
