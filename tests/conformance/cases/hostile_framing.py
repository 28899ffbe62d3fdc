"""Content-Length and Transfer-Encoding that two parsers could read differently (RFC 9112 6; RFC 9110 8.6)."""

from checks import (all_of, either, every_forwarded_request_is_canonical, forwarded, never_forwarded, refused)

from .make import CHUNKED, bad, chunked, client, hostile, request, text, with_length

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: app.test\r\nX-Smuggled: yes\r\n\r\n"
POST = (b"POST", b"/hostile", b"hello")
BODY = chunked(b"hello")


def post(fields, body=b"", method=b"POST", version=b"HTTP/1.1"):
    return request(method, b"/hostile", fields, body, version=version)


def method_of(raw):
    """A refusal of HEAD has no body either."""
    return (b"HEAD",) if raw.startswith(b"HEAD ") else (b"POST",)


def refuse(name, clause, raw, *statuses, silent=False, **options):
    return hostile(name, clause, bad(raw, methods=method_of(raw), **options),
                   all_of(refused(*(statuses or (400,)), silent=silent), never_forwarded(b"X-Smuggled")))


def choice(name, clause, raw, *outcomes, statuses=(400,), house=True):
    refusal = refused(*statuses)
    return hostile(name, clause, client(raw, methods=method_of(raw), answers=1, patience=3.0),
                   either(refusal, *outcomes, house=refusal if house else None))


def cases():
    yield from transfer_codings()
    yield from lengths()
    yield from both()
    yield from named()


def transfer_codings():
    clause = "RFC 9112 6.1, 7; issue: exactly chunked"
    for value in (b"xchunked", b"chunkedx", b"chunke", b"chunk", b"\"chunked\"", b"'chunked'", b"chunked;q=1",
                  b"chunked;a", b"chunked,", b"chunked, identity", b"identity, chunked", b"identity", b"gzip",
                  b"gzip, chunked", b"deflate, chunked", b"compress", b"x-gzip, chunked", b"chunked, gzip",
                  b"chunked, chunked", b"chunked chunked", b"chunked\tchunked", b"chunked, x", b"x, chunked", b"br",
                  b"", b",", b"cow", b"chun ked", b"c", b"chunked=1", b"none", b"null", b"0", b"chunked;",
                  b"; chunked", b"chunked/1", b"(chunked)", b"chunked.", b"[chunked]", b"true", b"\xefchunked",
                  b"chunked\xa0", b"\xa0chunked", b"\xe2\x80\x8bchunked", b"c\xc5\xa7unked", b"chunKed\xcc\x81"):
        codes = (400, 501)
        outcome = refused(*codes)
        if value == b"chunked,":
            yield choice("Transfer-Encoding 'chunked,' with an empty element is refused or made plain",
                         "RFC 9110 5.6.1", post(b"Transfer-Encoding: chunked,\r\n", BODY), forwarded(POST),
                         statuses=codes, house=False)
            continue
        for name, extra in (("", b""), (" beside Content-Length", b"Content-Length: 5\r\n")):
            yield hostile(f"Transfer-Encoding '{text(value)}'{name} is refused", clause,
                          bad(post(b"Transfer-Encoding: " + value + b"\r\n" + extra, BODY + SMUGGLED),
                              methods=(b"POST",)),
                          all_of(outcome, never_forwarded(b"X-Smuggled")))
    yield choice("Transfer-Encoding ',chunked' with an empty element is refused or made plain", "RFC 9110 5.6.1",
                 post(b"Transfer-Encoding: ,chunked\r\n", BODY), forwarded(POST), statuses=(400, 501), house=False)
    for byte in (b"\x00", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\r"):
        for place, value in (("ahead of", byte + b"chunked"), ("behind", b"chunked" + byte),
                             ("inside", b"chu" + byte + b"nked"), ("beside a comma and", b"chunked," + byte)):
            yield refuse(f"{text(byte)} {place} the coding chunked is refused", "RFC 9110 5.5",
                         post(b"Transfer-Encoding: " + value + b"\r\n", BODY + SMUGGLED), 400, 501)
    for name, line in (("a space before the colon", b"Transfer-Encoding : chunked\r\n"),
                       ("a tab before the colon", b"Transfer-Encoding\t: chunked\r\n"),
                       ("a leading space", b" Transfer-Encoding: chunked\r\n"),
                       ("a NUL in the name", b"Transfer\x00-Encoding: chunked\r\n"),
                       ("a vertical tab before the colon", b"Transfer-Encoding\x0b: chunked\r\n"),
                       ("a space in the name", b"Transfer Encoding: chunked\r\n"),
                       ("a high byte behind the name", b"Transfer-Encoding\xa0: chunked\r\n"),
                       ("a CR ahead of it", b"X: y\rTransfer-Encoding: chunked\r\n"),
                       ("a bare LF and a fold", b"Transfer-Encoding:\n chunked\r\n"),
                       ("no colon", b"Transfer-Encoding chunked\r\n"),
                       ("a quote in the name", b"\"Transfer-Encoding\": chunked\r\n"),
                       ("two colons", b"Transfer-Encoding:: chunked\r\n")):
        yield refuse(f"Transfer-Encoding with {name} is refused", "RFC 9112 5.1, 5", post(line, BODY + SMUGGLED),
                     400, 501)
        yield refuse(f"Transfer-Encoding with {name} beside Content-Length is refused", "RFC 9112 5.1, 5",
                     post(line + b"Content-Length: 5\r\n", BODY + SMUGGLED), 400, 501)
    for name, line in (("a fold before its value", b"Transfer-Encoding:\r\n chunked\r\n"),
                       ("a fold behind its value", b"Transfer-Encoding: chunked\r\n \r\n"),
                       ("a folded comma", b"Transfer-Encoding: chunked,\r\n chunked\r\n")):
        yield refuse(f"Transfer-Encoding with {name} is refused", "RFC 9112 5.2", post(line, BODY), 400, 501)
    for name, line in (("a tab", b"Transfer-Encoding:\tchunked\r\n"),
                       ("two spaces", b"Transfer-Encoding:  chunked\r\n"),
                       ("a space behind", b"Transfer-Encoding: chunked \r\n"),
                       ("a tab behind", b"Transfer-Encoding: chunked\t\r\n"),
                       ("no space", b"Transfer-Encoding:chunked\r\n")):
        yield choice(f"Transfer-Encoding with {name} around its value is read as chunked, in canonical form",
                     "RFC 9110 5.5", post(line, BODY), forwarded(POST, absent=(b"content-length",)),
                     statuses=(400, 501), house=False)
    for name, lines in (("chunked twice", CHUNKED * 2),
                        ("identity, then chunked", b"Transfer-Encoding: identity\r\n" + CHUNKED),
                        ("chunked, then identity", CHUNKED + b"Transfer-Encoding: identity\r\n"),
                        ("chunked, then cow", CHUNKED + b"Transfer-encoding: cow\r\n"),
                        ("cow, then chunked", b"Transfer-Encoding: cow\r\n" + CHUNKED),
                        ("empty, then chunked", b"Transfer-Encoding:\r\n" + CHUNKED),
                        ("chunked, then empty", CHUNKED + b"Transfer-Encoding:\r\n"),
                        ("gzip, then chunked", b"Transfer-Encoding: gzip\r\n" + CHUNKED),
                        ("in two spellings", CHUNKED + b"transfer-encoding: chunked\r\n"),
                        ("xchunked behind chunked", CHUNKED + b"Transfer-Encoding: xchunked\r\n")):
        yield refuse(f"two Transfer-Encoding fields, {name}, are refused", "RFC 9112 6.1, 7.1",
                     post(lines, BODY + SMUGGLED), 400, 501)
    for fields in (CHUNKED, CHUNKED + b"Connection: keep-alive\r\n", CHUNKED + b"Content-Length: 5\r\n",
                   b"Transfer-Encoding: identity\r\n"):
        yield refuse(f"{text(fields)} on HTTP/1.0 is refused", "RFC 9112 6.1: the framing is faulty",
                     post(fields, BODY + SMUGGLED, version=b"HTTP/1.0"), 400, 501)
    for method in (b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"FOO"):
        yield refuse(f"{method.decode()} with Transfer-Encoding: xchunked is refused", clause,
                     post(b"Transfer-Encoding: xchunked\r\n", BODY, method=method), 400, 501, 405)


def lengths():
    clause = "RFC 9110 8.6, RFC 9112 6.3"
    for value in (b"+5", b"-5", b"-0", b"+0", b"0x5", b"0X5", b"5x", b"x5", b"5 5", b"5,6", b"5, 6", b"6, 5",
                  b"0, 5", b"5;", b"5;a", b"5.0", b"5.", b".5", b"1e1", b"5e0", b"", b"''", b"\"5\"", b"five",
                  b"NaN", b"inf", b"5h", b"0b101", b"0o5", b"5_0", b"1,000", b"5,", b",5", b"5,,5", b"5\t5", b"5-",
                  b"5+", b"5/1", b"(5)", b"[5]", b"$5", b"%35", b"5%20", b"\xb2", b"\xd9\xa5", b"\xef\xbc\x95",
                  b"5\xa0", b"5\x00", b"\x005", b"5\x0b", b"\x0b5", b"5\x0c", b"5\r5", b"5\x7f", b"null", b"true",
                  b"-1", b"-18446744073709551611"):
        if value in (b"5,", b",5", b"5,,5"):
            yield choice(f"Content-Length '{text(value)}' with an empty element is refused or made plain", clause,
                         post(b"Content-Length: " + value + b"\r\n", b"hello"), forwarded(POST), house=True)
            continue
        yield refuse(f"Content-Length '{text(value)}' is refused", clause,
                     post(b"Content-Length: " + value + b"\r\n", b"hello" + SMUGGLED))
        yield refuse(f"Content-Length '{text(value)}' on GET is refused", clause,
                     post(b"Content-Length: " + value + b"\r\n", b"", method=b"GET"))
    for value in (b"18446744073709551616", b"18446744073709551621", b"36893488147419103237",
                  b"99999999999999999999999999999999", b"4" * 1000, b"340282366920938463463374607431768211461"):
        yield refuse(f"Content-Length {text(value)}, beyond 64 bits, is refused", "RFC 9110 8.6: overflow",
                     post(b"Content-Length: " + value + b"\r\n", b"hello" + SMUGGLED), 400, 413)
    for value in (b"05", b"005", b"0000000000000000000000000000005"):
        yield choice(f"Content-Length {value.decode()} with leading zeros is refused or made canonical", clause,
                     post(b"Content-Length: " + value + b"\r\n", b"hello"),
                     forwarded(POST, fields=((b"content-length", b"5"),)), house=False)
    for name, lines in (("5 and 6", b"Content-Length: 5\r\nContent-Length: 6\r\n"),
                        ("6 and 5", b"Content-Length: 6\r\nContent-Length: 5\r\n"),
                        ("0 and 5", b"Content-Length: 0\r\nContent-Length: 5\r\n"),
                        ("5 and nothing", b"Content-Length: 5\r\nContent-Length:\r\n"),
                        ("5 and x", b"Content-Length: 5\r\nContent-Length: x\r\n"),
                        ("in two spellings", b"Content-Length: 5\r\ncontent-length: 50\r\n"),
                        ("5 and 05", b"Content-Length: 5\r\nContent-Length: 05\r\n"),
                        ("5 and +5", b"Content-Length: 5\r\nContent-Length: +5\r\n"),
                        ("5, 6 and a list", b"Content-Length: 5\r\nContent-Length: 5, 6\r\n"),
                        ("three, the last other",
                         b"Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 0\r\n"),
                        ("fields between", b"Content-Length: 5\r\nX-A: 1\r\nContent-Length: 3\r\n")):
        yield refuse(f"two Content-Length fields, {name}, are refused", clause, post(lines, b"hello" + SMUGGLED))
    for name, lines in (("twice", b"Content-Length: 5\r\nContent-Length: 5\r\n"),
                        ("three times", b"Content-Length: 5\r\n" * 3), ("as a list", b"Content-Length: 5, 5\r\n"),
                        ("as a list without space", b"Content-Length: 5,5\r\n"),
                        ("in two spellings", b"Content-Length: 5\r\nCONTENT-LENGTH: 5\r\n")):
        yield choice(f"the same Content-Length {name} is refused or sent on once", clause, post(lines, b"hello"),
                     forwarded(POST, fields=((b"content-length", b"5"),)), house=False)
    for name, line in (("a space before the colon", b"Content-Length : 5\r\n"),
                       ("a tab before the colon", b"Content-Length\t: 5\r\n"),
                       ("a NUL in the name", b"Content-Length\x00: 5\r\n"),
                       ("a space in the name", b"Content Length: 5\r\n"),
                       ("a leading space", b" Content-Length: 5\r\n"), ("no colon", b"Content-Length 5\r\n"),
                       ("a fold", b"Content-Length:\r\n 5\r\n")):
        yield refuse(f"Content-Length with {name} is refused", "RFC 9112 5.1, 5.2", post(line, b"hello" + SMUGGLED))
    yield hostile("a body that is longer than its length does not smuggle: what follows is a request of its own",
                  "RFC 9112 6.3", bad(post(b"Content-Length: 0\r\n", b"hello\r\n" + SMUGGLED), methods=(b"POST",)),
                  all_of(refused(400, 405, 501, 505, before=1), never_forwarded(b"X-Smuggled")))
    yield hostile("a GET with a body that says so is read to its end", "RFC 9110 9.3.1",
                  client(post(with_length(SMUGGLED), SMUGGLED, method=b"GET"), methods=(b"GET",)),
                  forwarded((b"GET", b"/hostile", SMUGGLED)))
    yield hostile("a GET without framing has no body", "RFC 9112 6.3 case 7",
                  bad(request(target=b"/hostile") + b"hello\r\n\r\n" + SMUGGLED),
                  all_of(refused(400, 405, 501, 505, before=1), never_forwarded(b"X-Smuggled")))
    yield hostile("a POST without framing has no body", "RFC 9112 6.3 case 7",
                  bad(post(b"", b"x=" + SMUGGLED), methods=(b"POST",)),
                  all_of(refused(400, 405, 411, 501, 505, before=1), never_forwarded(b"X-Smuggled: yes\r\n\r\nx")))


def both():
    clause = "RFC 9112 6.1, 6.3; issue: never with Content-Length"
    te_wins = forwarded(POST, absent=(b"content-length",), closes=True)
    for name, fields, body in (("Content-Length first", b"Content-Length: 6\r\n" + CHUNKED, BODY),
                               ("Transfer-Encoding first", CHUNKED + b"Content-Length: 6\r\n", BODY),
                               ("a right length", b"Content-Length: %d\r\n" % len(BODY) + CHUNKED, BODY),
                               ("a length of 0", b"Content-Length: 0\r\n" + CHUNKED, BODY),
                               ("a field between", b"Content-Length: 4\r\nX-A: 1\r\n" + CHUNKED, BODY),
                               ("other spellings", b"content-length: 4\r\ntransfer-encoding: Chunked\r\n", BODY),
                               ("a huge length", b"Content-Length: 9999999\r\n" + CHUNKED, BODY)):
        yield choice(f"Content-Length and Transfer-Encoding with {name} are refused or read as chunked", clause,
                     post(fields, body), te_wins)
    for name, fields, body in (("CL.TE", b"Content-Length: %d\r\n" % (5 + len(SMUGGLED)) + CHUNKED,
                                b"0\r\n\r\n" + SMUGGLED),
                               ("TE.CL", CHUNKED + b"Content-Length: 4\r\n",
                                b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)),
                               ("CL.0", b"Content-Length: 0\r\n" + CHUNKED, b"0\r\n\r\n" + SMUGGLED),
                               ("TE.TE", CHUNKED + b"Transfer-Encoding: x\r\n" + b"Content-Length: 4\r\n",
                                b"0\r\n\r\n" + SMUGGLED)):
        yield hostile(f"the {name} attack leaves no second request", "RFC 9112 11.2",
                      bad(post(fields, body), methods=(b"POST",)),
                      either(all_of(refused(400, 501), never_forwarded(b"X-Smuggled")),
                             all_of(never_second, forwarded_once(closes=True)), house=refused(400, 501)))
    for method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS"):
        yield choice(f"{method.decode()} with both is refused or read as chunked", clause,
                     post(b"Content-Length: 5\r\n" + CHUNKED, BODY, method=method),
                     forwarded((method, b"/hostile", b"hello"), absent=(b"content-length",), closes=True))
    for value in (b"x", b"", b"-1", b"5, 6"):
        yield choice(f"Content-Length '{text(value)}' beside chunked is refused or left out", clause,
                     post(b"Content-Length: " + value + b"\r\n" + CHUNKED, BODY), te_wins)


def never_second(verdict):
    if any(r.target == b"/smuggled" for r in verdict.seen.requests):
        verdict.note("the smuggled request reached the upstream")


def forwarded_once(closes):
    def check(verdict):
        if len(verdict.seen.requests) != 1:
            verdict.note(f"{len(verdict.seen.requests)} requests reached the upstream")
        if closes and verdict.seen.clients[0].end not in ("eof", "reset"):
            verdict.note("the connection was not closed (RFC 9112 6.1: close after responding)")
        every_forwarded_request_is_canonical(verdict)
    return check


def named():
    """Connection may not strip what frames or routes (RFC 9110 7.6.1)."""
    one = (b"POST", b"/hostile", b"hello")
    for name in (b"Host", b"Content-Length", b"host", b"content-length", b"Host, Content-Length",
                 b"close, Content-Length", b"X-Forwarded-For", b"X-Request-Id",
                 b"X-Forwarded-Proto, X-Forwarded-Host", b"Content-Length, Transfer-Encoding"):
        yield hostile(f"Connection: {name.decode()} strips nothing that frames or routes", "RFC 9110 7.6.1",
                      client(post(b"Connection: " + name + b"\r\n" + with_length(b"hello"), b"hello")),
                      (forwarded(one, fields=((b"host", b"app.test"), (b"content-length", b"5"))), keeps_own))
    yield hostile("Connection: Transfer-Encoding leaves a chunked request chunked", "RFC 9110 7.6.1",
                  client(post(b"Connection: Transfer-Encoding\r\n" + CHUNKED, BODY)), forwarded(one))
    yield hostile("Connection: Transfer-Encoding, Content-Length with both is refused or read as chunked",
                  "RFC 9112 6.3",
                  bad(post(b"Connection: Transfer-Encoding, Content-Length\r\nContent-Length: 5\r\n" + CHUNKED,
                           BODY + SMUGGLED),
                      methods=(b"POST",)),
                  all_of(either(refused(400, 501), forwarded(one, closes=True), house=refused(400, 501)),
                         never_forwarded(b"X-Smuggled")))


def keeps_own(verdict):
    """weir's own additions are there whatever Connection names."""
    if verdict.profile.is_weir:
        for asked in verdict.seen.requests:
            for name in (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-request-id"):
                if not asked.has(name):
                    verdict.note(f"{name.decode()} was stripped")


