"""Request heads that two parsers could read as different messages (RFC 9112 2.2, 3, 5; RFC 9110 5.1, 5.5, 7.2)."""

from checks import all_of, connection_ends, either, forwarded, refused

from .make import HOST, bad, client, hostile, request, text, with_length

LINE = b"GET /hostile HTTP/1.1\r\n"
GET = (b"GET", b"/hostile", b"")
CONTROLS = [bytes([n]) for n in range(32) if n not in (9, 10, 13)] + [b"\x7f"]
DELIMITERS = [bytes([n]) for n in b'"(),/:;<=>?@[\\]{}']
OBS = [b"\x80", b"\xa0", b"\xc3\xa9", b"\xff"]


def refuse(name, clause, raw, *statuses, **options):
    """Must be refused; the RFC leaves no choice, or contract and issue have made it."""
    return hostile(name, clause, bad(raw, **options), refused(*statuses))


def choice(name, clause, raw, *outcomes, statuses=(400,), house=True, **options):
    """The RFC leaves a choice; weir has chosen to refuse unless `house` is False."""
    refusal = refused(*statuses)
    return hostile(name, clause, client(raw, methods=(b"GET",), answers=1, patience=3.0, **options),
                   either(refusal, *outcomes, house=refusal if house else None), expects_close=True)


def cases():
    yield from request_lines()
    yield from versions()
    yield from targets()
    yield from terminators()
    yield from field_lines()
    yield from hosts()


def request_lines():
    clause = "RFC 9112 3"
    for byte in CONTROLS + [b"\r", b"\n", b"\t"] + DELIMITERS + OBS:
        for place, method in (("inside", b"GE" + byte + b"T"), ("after", b"GET" + byte), ("before", byte + b"GET")):
            if byte == b"\n" and place == "before":
                continue        # a blank line ended by LF: judged below
            if byte == b"\t" and place == "after":
                continue        # judged with white space below
            yield refuse(f"a method with {text(byte)} {place} is refused", "RFC 9110 9.1, 5.6.2",
                         method + b" /hostile HTTP/1.1\r\n" + HOST + b"\r\n", 400, 405, 501, 505)
    lax = "RFC 9112 3: may be parsed on white space, or refused"
    for name, line in (("two spaces after the method", b"GET  /hostile HTTP/1.1"),
                       ("two spaces before the version", b"GET /hostile  HTTP/1.1"),
                       ("a space behind the version", b"GET /hostile HTTP/1.1 "),
                       ("a space ahead of the method", b" GET /hostile HTTP/1.1"),
                       ("a tab after the method", b"GET\t/hostile HTTP/1.1"),
                       ("a tab before the version", b"GET /hostile\tHTTP/1.1"),
                       ("a vertical tab after the method", b"GET\x0b/hostile HTTP/1.1"),
                       ("a form feed before the version", b"GET /hostile\x0cHTTP/1.1"),
                       ("a tab behind the version", b"GET /hostile HTTP/1.1\t"),
                       ("a bare CR after the method", b"GET\r/hostile HTTP/1.1")):
        yield choice(f"a request line with {name} is refused or read in one way", lax,
                     line + b"\r\n" + HOST + b"\r\n", forwarded(GET), statuses=(400, 501, 505))
    for name, line in (("without a target", b"GET HTTP/1.1"), ("without a target but its space", b"GET  HTTP/1.1"),
                       ("of the method alone", b"GET"), ("of a method and a space", b"GET "),
                       ("without a method", b" /hostile HTTP/1.1"),
                       ("that starts with the target", b"/hostile HTTP/1.1"),
                       ("with a space in the target", b"GET /hos tile HTTP/1.1"),
                       ("with a second version", b"GET /hostile HTTP/1.1 HTTP/1.1"),
                       ("with a fourth word", b"GET /hostile HTTP/1.1 x"), ("that is a field", b"Host: app.test"),
                       ("that is a status line", b"HTTP/1.1 200 OK"), ("that is a colon", b":"),
                       ("of TLS bytes", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ("of spaces", b"   "),
                       ("of NUL bytes", b"\x00\x00\x00"),
                       ("of the PROXY protocol", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2"),
                       ("in Unicode quotes", b"GET \xe2\x80\x8b/hostile HTTP/1.1\xe2\x80\x8b")):
        yield refuse(f"a request line {name} is refused", clause, line + b"\r\n" + HOST + b"\r\n", 400, 405, 501, 505)


def versions():
    for version in (b"HTTP/1.2", b"HTTP/1.9"):
        yield choice(f"{version.decode()} is refused or served as HTTP/1.1",
                     "RFC 9110 2.5, 6.2; issue: 1.0 and 1.1 alone",
                     b"GET /hostile " + version + b"\r\n" + HOST + b"\r\n", forwarded(GET), statuses=(400, 505))
    for version in (b"HTTP/2.0", b"HTTP/2", b"HTTP/3.0", b"HTTP/0.9", b"HTTP/0.1", b"HTTP/9.9", b"HTTP/1.01",
                    b"HTTP/01.1", b"HTTP/1.10", b"HTTP/1.1.1", b"HTTP/1.", b"HTTP/.1", b"HTTP/1", b"HTTP/11",
                    b"HTTP/1,1", b"HTTP/1.1x", b"HTTP/1.x", b"HTTP/-1.1", b"HTTP/+1.1", b"HTTP/1.-1", b"HTTP/ 1.1",
                    b"HTTP /1.1", b"HTTP/1 .1", b"http/1.1", b"Http/1.1", b"hTTP/1.1", b"HTTPS/1.1", b"HTP/1.1",
                    b"XHTTP/1.1", b"HTTP\\1.1", b"HTTP//1.1", b"HTTP/1.1\x00", b"HTTP/1.1\x0b", b"HTTP/\xb9.1",
                    b"HTTP/99999999999.1", b"HTTP/1.99999999999", b"ICY/1.1", b"RTSP/1.0", b"SIP/2.0", b"1.1",
                    b"/1.1", b"HTTP"):
        yield refuse(f"the version {text(version)} is refused", "RFC 9112 2.3",
                     b"GET /hostile " + version + b"\r\n" + HOST + b"\r\n", 400, 501, 505)
    yield refuse("HTTP/0.9 without a version is refused", "RFC 9112 2.3", b"GET /hostile\r\n", 400, 505, 408)
    yield refuse("HTTP/0.9 with fields is refused", "RFC 9112 2.3", b"GET /hostile\r\n" + HOST + b"\r\n", 400, 505)
    yield refuse("the preface of HTTP/2 is refused", "RFC 9113 3.4",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 400, 505)


def targets():
    clause = "RFC 9112 3.2"
    for byte in CONTROLS + [b"\r", b"\n"]:
        for place, target in (("inside", b"/hos" + byte + b"tile"), ("at the end of", b"/hostile" + byte),
                              ("in the query of", b"/hostile?a" + byte + b"b")):
            yield refuse(f"a target with {text(byte)} {place} it is refused", clause,
                         b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, 505)
    for target in (b"/hostile#fragment", b"/hostile?a#b", b"#", b"/#"):
        yield refuse(f"the target {text(target)} with a fragment is refused", "RFC 9112 3.2, RFC 9110 4.2.5",
                     b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    for byte in OBS:
        for target in (b"/hos" + byte + b"tile", b"/hostile?a=" + byte):
            passed = forwarded((b"GET", target, b""))
            yield hostile(f"the target {text(target)} is passed as it is, or refused by others than weir", clause,
                          client(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n", methods=(b"GET",)),
                          either(refused(400), passed, house=passed))
        yield refuse(f"the host of a target with {text(byte)} is refused", clause,
                     b"GET http://app" + byte + b".test/ HTTP/1.1\r\n" + HOST + b"\r\n")
    for target in (b"hostile", b"hostile/x", b"?a=b", b"app.test/x", b"app.test:80", b"*", b"**", b"*/", b"./x",
                   b"\\x", b"http:/x", b"http:", b"http:x", b":80/", b"http//x", b"://x", b"%2Fx", b"."):
        yield refuse(f"GET of {text(target)}, which is no form of a target, is refused", clause,
                     b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, 404, 421, 501)
    for target in (b"http://", b"http:///x", b"http://:80/x", b"http://app.test:port/x",
                   b"http://app.test:99999999/x", b"http://app.test:80:80/x", b"http://user@app.test/x",
                   b"http://user:pw@app.test/x", b"http://[::1/x", b"http://::1/x", b"http://[zz]/x",
                   b"http://app test/x", b"http://app.test\\@evil.test/x", b"http://app.test#@evil.test/",
                   b"http://evil.test#/x", b"ftp://app.test/x", b"file:///etc/passwd", b"gopher://app.test/",
                   b"javascript:x", b"http://a,b/%zz#"):
        yield refuse(f"the absolute target {text(target)} is refused", "RFC 9112 3.2.2, RFC 9110 4.2",
                     b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, 404, 421, 501)


def terminators():
    lf = "RFC 9112 2.2: a single LF may be recognised; issue: exactly CRLF"
    for name, raw in (("after the request line", b"GET /hostile HTTP/1.1\n" + HOST + b"\r\n"),
                      ("after a field", LINE + b"Host: app.test\n\r\n"),
                      ("between two fields", LINE + b"X-A: 1\n" + HOST + b"\r\n"),
                      ("as the blank line", LINE + HOST + b"\n"),
                      ("everywhere", b"GET /hostile HTTP/1.1\nHost: app.test\n\n")):
        yield choice(f"a bare LF {name} is refused or made CRLF", lf, raw, forwarded(GET))
    yield choice("LF LF ahead of a second request smuggles nothing", lf,
                 b"GET /hostile HTTP/1.1\r\nHost: app.test\r\nX: y\n\nGET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n",
                 forwarded(GET, (b"GET", b"/smuggled", b"")))
    for name, raw in (("after the request line", b"GET /hostile HTTP/1.1\rHost: app.test\r\n\r\n"),
                      ("after a field", LINE + b"Host: app.test\rX-A: 1\r\n\r\n"),
                      ("ahead of CRLF", LINE + b"Host: app.test\r\r\n\r\n"),
                      ("as the only terminator", b"GET /hostile HTTP/1.1\rHost: app.test\r\r"),
                      ("ahead of the blank line", LINE + HOST + b"\r\r\n"),
                      ("in a value", LINE + HOST + b"X-A: a\rb\r\n\r\n"),
                      ("at the start of a value", LINE + HOST + b"X-A:\rb\r\n\r\n"),
                      ("in a name", LINE + HOST + b"X\rA: b\r\n\r\n"),
                      ("at the start of a line", LINE + b"\rHost: app.test\r\n\r\n"),
                      ("ahead of the version's CRLF", b"GET /hostile HTTP/1.1\r\r\n" + HOST + b"\r\n"),
                      ("and a smuggled field in a value",
                       LINE + HOST + b"X-A: a\rTransfer-Encoding: chunked\r\n\r\n"),
                      ("and a smuggled head in a value",
                       LINE + HOST + b"X-A: a\r\rGET /smuggled HTTP/1.1\r\n\r\n")):
        yield refuse(f"a bare CR {name} is refused", "RFC 9112 2.2, issue: no bare CR", raw, 400, 408, 505)
    for count in (1, 2, 5):
        yield choice(f"{count} blank line(s) ahead of the request line are passed over or refused", "RFC 9112 2.2",
                     b"\r\n" * count + LINE + HOST + b"\r\n", forwarded(GET), house=False)
    yield choice("a bare LF ahead of the request line is refused or passed over", "RFC 9112 2.2",
                 b"\n" + LINE + HOST + b"\r\n", forwarded(GET))
    yield choice("blank lines without end are refused or passed over", "RFC 9112 2.2, limits",
                 b"\r\n" * 50000 + LINE + HOST + b"\r\n", forwarded(GET), statuses=(400, 431), house=False)


def field_lines():
    clause = "RFC 9112 5, RFC 9110 5.1, 5.5"
    for byte in CONTROLS + [b"\n"]:
        if byte != b"\n":
            for place, value in (("inside", b"a" + byte + b"b"), ("at the start of", byte + b"b"),
                                 ("at the end of", b"a" + byte)):
                yield refuse(f"a value with {text(byte)} {place} it is refused",
                             "RFC 9110 5.5, issue: no control bytes", LINE + HOST + b"X-A: " + value + b"\r\n\r\n")
        yield refuse(f"a field name with {text(byte)} is refused", clause,
                     LINE + HOST + b"X" + byte + b"A: 1\r\n\r\n")
    for byte in [d for d in DELIMITERS if d != b":"] + OBS + [b" ", b"\t"]:
        for place, name in (("inside", b"X" + byte + b"A"), ("at the end of", b"XA" + byte)):
            yield refuse(f"{text(byte)} {place} a field name is refused", "RFC 9112 5.1, RFC 9110 5.6.2",
                         LINE + HOST + name + b": 1\r\n\r\n")
    for name, line in (("an empty name", b": value"), ("an empty name and value", b":"), ("no colon", b"X-A"),
                       ("no colon but a space", b"X-A 1"), ("an equals sign for the colon", b"X-A=1"),
                       ("a space alone", b" "), ("a NUL alone", b"\x00"),
                       ("a request line for a field", b"GET /smuggled HTTP/1.1"),
                       ("a colon behind a space", b" : 1"), ("a full-width colon", b"X-A\xef\xbc\x9a 1")):
        yield refuse(f"a field line with {name} is refused", clause, LINE + HOST + line + b"\r\n\r\n")
    for name, fold in (("a space", b"X-A: 1\r\n 2\r\n"), ("a tab", b"X-A: 1\r\n\t2\r\n"),
                       ("an empty first line", b"X-A:\r\n 2\r\n"), ("only white space", b"X-A: 1\r\n  \r\n"),
                       ("a smuggled framing field", b"X-A: 1\r\n Transfer-Encoding: chunked\r\n"),
                       ("three lines", b"X-A: 1\r\n 2\r\n\t3\r\n"), ("a bare LF", b"X-A: 1\n 2\r\n")):
        yield choice(f"a field folded with {name} is refused or unfolded", "RFC 9112 5.2",
                     LINE + HOST + fold + b"\r\n", forwarded(GET))
    yield choice("a folded Host is refused or unfolded", "RFC 9112 5.2, 3.2", LINE + b"Host:\r\n app.test\r\n\r\n",
                 forwarded(GET))
    for space in (b" ", b"\t"):
        yield choice(f"a first field line that starts with {text(space)} is refused or skipped", "RFC 9112 2.2",
                     LINE + space + b"X-A: 1\r\n" + HOST + b"\r\n", forwarded(GET))
        yield choice(f"a Host line that starts with {text(space)} is refused", "RFC 9112 2.2, 3.2",
                     LINE + space + HOST + b"\r\n")


def hosts():
    clause = "RFC 9112 3.2"
    yield refuse("HTTP/1.1 without Host is refused", clause, LINE + b"X-A: 1\r\n\r\n")
    yield refuse("HTTP/1.1 without any field is refused", clause, LINE + b"\r\n")
    yield refuse("HTTP/1.1 with an absolute target and no Host is refused", clause,
                 b"GET http://app.test/ HTTP/1.1\r\n\r\n")
    for name, lines in (("the same twice", HOST + HOST), ("two different", HOST + b"Host: evil.test\r\n"),
                        ("two spellings", b"Host: app.test\r\nhOST: evil.test\r\n"),
                        ("one of them empty", HOST + b"Host:\r\n"), ("three", HOST * 3),
                        ("fields between", HOST + b"X-A: 1\r\n" + HOST)):
        yield refuse(f"Host more than once, {name}, is refused", clause, LINE + lines + b"\r\n")
        yield refuse(f"Host more than once, {name}, is refused with HTTP/1.0", clause,
                     LINE.replace(b"1.1", b"1.0") + lines + b"\r\n")
        yield refuse(f"Host more than once, {name}, is refused with an absolute target", clause,
                     b"GET http://app.test/ HTTP/1.1\r\n" + lines + b"\r\n")
    for host in (b"user@app.test", b"user:pw@app.test", b"app.test/x", b"/app.test", b"app.test?x", b"app.test#x",
                 b"app.test:port", b"app.test:80x", b"app.test:-1", b"app.test:+80", b"app.test:8 0",
                 b"app.test:80:80", b"app test", b"app.test evil.test", b"app.test\tevil.test",
                 b"app.test, evil.test", b"[::1", b"::1", b"::1]", b"[]", b"[zz]", b"[::1]x", b"[::1]:x", b"x[::1]",
                 b"app.test\\evil", b"http://app.test", b"<app>", b"\"app.test\"", b"{app}", b"app|test",
                 b"app^test", b"app`test", b"%zz", b"%", b"app.test\xe9", b"app.test\x00", b"app\x01test",
                 b"app.test:\xb2", b"[::1]%25eth0", b"@", b":@", b"app.test:80/"):
        yield refuse(f"the Host {text(host)} is refused", "RFC 9112 3.2, RFC 3986 3.2.2",
                     LINE + b"Host: " + host + b"\r\n\r\n")
    for host in (b"app.test:99999", b"app.test:65536", b"app.test:0", b"app.test:", b":80", b"", b"a,b",
                 b"app..test", b"%41pp.test", b"!$&'()*+,;=", b"h" * 300):
        yield choice(f"the Host '{text(host)}', odd but within the grammar, is refused or passed as it is",
                     "RFC 9112 3.2, RFC 3986 3.2.2", LINE + b"Host: " + host + b"\r\n\r\n",
                     forwarded(GET, fields=((b"host", host),)), house=False)
    yield choice("an empty Host with a tab is refused or passed as empty", clause, LINE + b"Host: \t\r\n\r\n",
                 forwarded(GET), house=False)
    mismatch = b"GET http://app.test/hostile HTTP/1.1\r\nHost: evil.test\r\n\r\n"
    yield choice("Host that contradicts an absolute target gives way to it or is refused", "RFC 9112 3.2.2", mismatch,
                 forwarded(GET, fields=((b"host", b"app.test"),)), house=False)
    for line in (b"Host : app.test\r\n", b"Host\t: app.test\r\n", b"Host\x00: app.test\r\n",
                 b"\x0bHost: app.test\r\n"):
        yield refuse(f"the line {text(line)} for Host is refused", "RFC 9112 5.1", LINE + line + b"\r\n")
        yield refuse(f"the line {text(line)} beside a good Host is refused", "RFC 9112 5.1",
                     LINE + HOST + line + b"\r\n")
    yield hostile("a refusal ahead of a good request closes before that is read", "RFC 9112 9.6",
                  bad(LINE + b"\r\n" + request(target=b"/smuggled") * 3), all_of(refused(400), connection_ends()))
    yield hostile("a bad request behind a good one is refused after the good answer", "RFC 9112 9.3.2",
                  bad(request(target=b"/good") + LINE + b"Host : x\r\n\r\n"), refused(400, before=1))
    yield hostile("a bad request behind a good body is refused after the good answer", "RFC 9112 9.3.2",
                  bad(request(b"POST", b"/good", with_length(b"body"), b"body") + LINE + HOST + HOST + b"\r\n",
                      methods=(b"POST", b"GET")),
                  refused(400, before=1))
