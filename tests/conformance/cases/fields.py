"""Field lines: names, case, order, duplicates, odd values, both ways (contract 3, RFC 9110 5)."""

from script import AwaitMessage, Close

from .make import HOST, answer, differential, request, text

LINES = (b"X-Mixed-CASE: Value\r\n", b"x-lower: v\r\n", b"X-UPPER: V\r\n", b"x_under_score: v\r\n", b"X.Dot: v\r\n",
         b"X-Empty:\r\n", b"X-Empty-Space: \r\n", b"X-NoSpace:v\r\n", b"X-Spaces:    v\r\n",
         b"X-Trailing: v   \r\n", b"X-Tab:\tv\t\r\n", b"X-Inner: a  b\tc\r\n", b"X-Colon: a:b::c\r\n",
         b"X-Quote: \"a, b\"\r\n", b"X-Backslash: a\\b\r\n", b"X-Obs: caf\xe9\r\n",
         b"X-Utf8: \xe2\x82\xac \xf0\x9f\x98\x80\r\n", b"X-Obs-Low: \x80\x81\xfe\xff\r\n",
         b"X-Dup: 1\r\nX-Dup: 2\r\nX-Dup: 1\r\n", b"X-Dup: 1\r\nx-dup: 2\r\nX-DUP: 3\r\n",
         b"X-A: 1\r\nX-B: 2\r\nX-A: 3\r\n", b"X-List: a, b,c ,, d\r\n", b"X-Semi: a; b=c; d\r\n", b"X-Comma: ,\r\n",
         b"!#$%&'*+-.^_`|~: odd name\r\n", b"1: digit name\r\n", b"A: one letter\r\n",
         b"X-Long: " + b"v" * 4000 + b"\r\n", b"X-" + b"n" * 200 + b": long name\r\n", b"X-Percent: %0d%0a%00\r\n",
         b"X-Json: {\"a\": [1, 2]}\r\n", b"X-Equals: a=b==\r\n", b"X-Slash: ../../\r\n", b"X-Html: <script>\r\n",
         b"Cache-Control: no-cache, no-store\r\n", b"Pragma: no-cache\r\n", b"Via: 1.1 other\r\n",
         b"Forwarded: for=1.2.3.4;proto=https\r\n", b"X-Real-IP: 1.2.3.4\r\n", b"Traceparent: 00-a-b-01\r\n",
         b"Warning: 199 - \"x\"\r\n", b"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", b"X-Accel-Redirect: /x\r\n",
         b"X-Forwarded-Server: a\r\n", b"Content-Type: text/plain; charset=\"utf-8\"\r\n",
         b"Content-Encoding: gzip\r\n", b"Content-Language: de, en\r\n",
         b"Content-Disposition: form-data; name=\"a\"\r\n", b"Link: </a>; rel=preload, </b>; rel=next\r\n",
         b"Priority: u=1, i\r\n", b"Early-Data: 1\r\n", b"Alt-Used: a:1\r\n", b"DNT: 1\r\n",
         b"Sec-Fetch-Mode: cors\r\n", b"Trailer: X-T\r\n", b"Max-Forwards: 5\r\n",)
OF_REQUESTS = (b"Accept: */*;q=0.1, text/html\r\n", b"Accept-Encoding: gzip, br, identity;q=0\r\n",
               b"Accept-Encoding:\r\n", b"User-Agent: a/1 (b; c) d\r\n", b"User-Agent:\r\n",
               b"Cookie: a=b; c=d\r\n", b"Cookie: a=b\r\nCookie: c=d\r\n", b"Authorization: Bearer a.b.c\r\n",
               b"Authorization: Basic YTpi\r\n", b"Range: bytes=0-4,10-\r\n",
               b"If-Range: \"x\"\r\nRange: bytes=1-\r\n", b"If-None-Match: \"a\", W/\"b\"\r\n",
               b"If-None-Match: *\r\n", b"If-Match: \"a\"\r\n",
               b"If-Modified-Since: Tue, 15 Nov 1994 08:12:31 GMT\r\n", b"If-Unmodified-Since: yesterday\r\n",
               b"Referer: http://a.test/?b#c\r\n", b"Origin: null\r\n", b"From: a@b.test\r\n",
               b"X-Request-Id: given-by-the-client\r\n", b"X-Forwarded-For: 10.0.0.1\r\n",
               b"X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n",
               b"X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n", b"X-Forwarded-Proto: https\r\n",
               b"X-Forwarded-Host: front.test\r\n", b"x-forwarded-host: front.test\r\n",
               b"X-Forwarded-Port: 443\r\n", b"Content_Length: 5\r\n", b"Transfer_Encoding: chunked\r\n",
               b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n", b"Idempotency-Key: \"x\"\r\n",
               b"Proxy: http://evil.test\r\n", b"X-HTTP-Method-Override: DELETE\r\n", b"X-Original-URL: /admin\r\n",
               b"Proxy-Authorization: Basic YTpi\r\n",)
OF_ANSWERS = (b"Server: app/1.0 (x)\r\n", b"Server:\r\n", b"Date: yesterday\r\n",
              b"Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d, e; Expires=Wed, 01 Jan 2031 00:00:00 GMT\r\n",
              b"set-cookie: a=1\r\nSet-Cookie: a=2\r\n", b"Location: /x\r\n",
              b"Location: http://127.0.0.1:3000/x\r\n", b"Refresh: 5; url=/x\r\n", b"ETag: W/\"x\"\r\n",
              b"Last-Modified: Tue, 15 Nov 1994 08:12:31 GMT\r\n", b"Vary: *\r\n",
              b"Vary: Accept\r\nVary: Cookie\r\n", b"Expires: 0\r\n", b"Age: 10\r\n", b"Accept-Ranges: none\r\n",
              b"WWW-Authenticate: Basic realm=\"a\", Digest realm=\"b\"\r\n",
              b"WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n", b"Allow:\r\n", b"Retry-After: 5\r\n",
              b"Alt-Svc: h3=\":443\"\r\n", b"X-Sendfile: /etc/passwd\r\n", b"X-Accel-Buffering: no\r\n",
              b"X-Accel-Expires: 5\r\n", b"X-Accel-Limit-Rate: 1\r\n", b"X-Accel-Charset: x\r\n", b"X-Pad: x\r\n",
              b"X-Powered-By: PHP\r\n", b"Strict-Transport-Security: max-age=1\r\n",
              b"Server-Timing: db;dur=5.3, app;desc=\"x\"\r\n", b"X-Response-Time: 5ms\r\n",
              b"x-response-time: 7\r\n", b"Cache-Status: a; hit\r\n", b"X-Cache: HIT\r\n",
              b"X-Request-Id: from-the-app\r\n", b"X-Weir-Error: not-weirs-own\r\n",
              b"X-Forwarded-For: 1.2.3.4\r\n", b"Status: 404 Not Found\r\n", b"Content-Location: /a\r\n",
              b"Access-Control-Allow-Origin: *\r\n", b"Content-MD5: x\r\n", b"Digest: sha-256=x\r\n",
              b"Proxy-Authenticate: Basic\r\n", b"Content-Range: bytes 0-1/2\r\n", b"Host: odd.test\r\n",)


def cases():
    for line in LINES + OF_REQUESTS:
        yield differential(f"request field {text(line)} arrives as it was sent", "contract 3, RFC 9110 5",
                           request(fields=b"X-Before: 1\r\n" + line + b"X-After: 2\r\n"))
    for line in LINES + OF_ANSWERS:
        yield differential(f"response field {text(line)} arrives as it was sent", "contract 3, RFC 9110 5", request(),
                           answer(fields=b"X-Before: 1\r\n" + line + b"X-After: 2\r\n", body=b"x"))
    for count in (50, 100, 190):
        many = b"".join(b"X-Field-%d: %d\r\n" % (n, n) for n in range(count))
        yield differential(f"{count} request fields arrive in their order", "contract 2 limits", request(fields=many))
        yield differential(f"{count} response fields arrive in their order", "contract 2 limits", request(),
                           answer(fields=many))
    yield differential("200 request fields, as many as are allowed, arrive in their order",
                       "contract 2 limits: header_count",
                       request(fields=b"".join(b"X-Field-%d: %d\r\n" % (n, n) for n in range(199))))
    for size in (8, 16, 32, 60):
        big = b"X-Big: " + b"b" * (size * 1024 - 200) + b"\r\n"
        spread = b"".join(b"X-Part-%d: %s\r\n" % (n, b"p" * 500) for n in range(size * 1024 // 520 - 1))
        yield differential(f"a request field of {size} KiB arrives as it was sent", "contract 2 limits: header_size",
                           request(fields=big))
        yield differential(f"a request head of {size} KiB in many fields arrives as it was sent",
                           "contract 2 limits: header_size", request(fields=spread))
        yield differential(f"a response field of {size} KiB arrives as it was sent", "contract 3", request(),
                           answer(fields=big))
        yield differential(f"a response head of {size} KiB in many fields arrives as it was sent", "contract 3",
                           request(), answer(fields=spread))
    yield differential("the order of a browser's fields is kept", "contract 3",
                       request(fields=b"Connection: keep-alive\r\nsec-ch-ua: \"x\"\r\nAccept: */*\r\n"
                                      b"Content-Type: a/b\r\nCookie: a=b\r\nAccept: a/b\r\n"))
    yield differential("a lower-case host field name stays lower case", "contract 3",
                       request(host=b"host: app.test\r\n"))
    yield differential("an upper-case HOST field name stays upper case", "contract 3",
                       request(host=b"HOST: app.test\r\n"))
    for name in (b"content-length", b"CONTENT-LENGTH", b"Content-length"):
        yield differential(f"the spelling {name.decode()} is kept in both directions", "contract 3",
                           request(b"POST", fields=name + b": 2\r\n", body=b"hi"),
                           answer(fields=name + b": 2\r\n", body=b"hi", length=False))
    yield differential("an answer without Date and Server gains no Server", "contract 3", request(),
                       b"HTTP/1.1 200 OK\r\nX-Origin: upstream\r\nContent-Length: 1\r\n\r\nx")
    yield differential("an answer without any field gains only what is named", "contract 3", request(),
                       [(AwaitMessage(), b"HTTP/1.1 200 OK\r\n\r\nbody", Close())])
