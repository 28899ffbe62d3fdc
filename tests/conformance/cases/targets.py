"""The request target, byte for byte (RFC 9112 3.2; contract 3)."""

from .make import HOST, answer, client, differential, request, text

ORIGIN_FORM = (b"/", b"//", b"///", b"/a//b", b"//a", b"//evil.test/x", b"/.", b"/..", b"/../", b"/a/../b",
               b"/a/./b", b"/a/..", b"/../../etc/passwd", b"/%2e%2e/x", b"/a%2Fb", b"/a%2fb", b"/%2F", b"/%2f%2F",
               b"/a%5Cb", b"/%41%42", b"/%7Euser", b"/~user", b"/%00", b"/%0d%0a", b"/%0D%0AX:%20y", b"/%20",
               b"/a+b", b"/a%20b", b"/%", b"/%z", b"/%zz", b"/%2", b"/?", b"/a?", b"/a??", b"/a?b", b"/a?b=",
               b"/a?=b", b"/a?b=c&b=d", b"/a?b=c&&d", b"/a?b=c&", b"/a?&", b"/a?a?b?c", b"/a?x=/../y",
               b"/a?x=%2F..%2F", b"/a?x=http://other.test/", b"/a?x=a+b%20c", b"/a?x=[1]&y={2}", b"/a?/", b"/a?//",
               b"/a;b", b"/a;b=c;d", b"/;", b"/a;?b", b"/a:b", b"/a:80/", b"/:", b"/@", b"/a@b", b"/a=b", b"/a,b",
               b"/(a)", b"/!$&'()*+,;=", b"/a'b", b"/*", b"/a*", b"/-._~", b"/http://other.test/",
               b"/http:%2F%2Fother.test", b"/index.html", b"/a.b.c", b"/a/", b"/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
               b"/A/b/C", b"/%C3%A9", b"/%c3%A9", b"/.well-known/x", b"/.git/config", b"/a?utm=%F0%9F%98%80",
               b"/a|b", b"/a?x|y", b"/a?x^y", b"/a?{x}", b'/a?"x"', b"/a`b", b"/a\\b", b"/<x>",)
LONG = (1000, 4000, 8000, 12000)
ABSOLUTE = ((b"http://app.test/", b"app.test"), (b"http://app.test/a/b?c=d", b"app.test"),
            (b"http://app.test", b"app.test"), (b"http://app.test:8080/x", b"app.test:8080"),
            (b"HTTP://app.test/x", b"app.test"), (b"http://APP.test/X", b"APP.test"),
            (b"http://app.test?q=1", b"app.test"), (b"http://app.test/a//b/../c%2F", b"app.test"),
            (b"http://127.0.0.1/x", b"127.0.0.1"), (b"http://[::1]/x", b"[::1]"),
            (b"http://[::1]:8080/x", b"[::1]:8080"), (b"http://other.test/x", b"app.test"),
            (b"http://other.test:81/x?y", b"app.test"),)
HOSTS = (b"app.test", b"APP.Test", b"app.test:80", b"app.test:8080", b"app.test.", b"127.0.0.1", b"127.0.0.1:3000",
         b"[::1]", b"[::1]:3000", b"[2001:db8::1]:443", b"a_b.test", b"xn--bcher-kva.test", b"localhost", b"1",
         b"a.b.c.d.e.f", b"-a-.test")


def cases():
    for target in ORIGIN_FORM:
        yield differential(f"the target {text(target)} arrives as it was sent", "RFC 9112 3.2.1, contract 3",
                           request(target=target))
    for size in LONG:
        yield differential(f"a path of {size} bytes arrives as it was sent", "RFC 9112 3 (8000 octets at least)",
                           request(target=b"/" + b"p" * (size - 1)))
        yield differential(f"a query of {size} bytes arrives as it was sent", "RFC 9112 3",
                           request(target=b"/?" + b"q" * (size - 2)))
    for target, host in ABSOLUTE:
        yield differential(f"the absolute target {text(target)} with Host {text(host)} becomes origin form",
                           "RFC 9112 3.2.2", request(target=target, host=b"Host: " + host + b"\r\n"))
    yield differential("OPTIONS * arrives as it was sent", "RFC 9112 3.2.4", request(b"OPTIONS", b"*"))
    yield differential("OPTIONS of an absolute target without path becomes OPTIONS *", "RFC 9112 3.2.4",
                       request(b"OPTIONS", b"http://app.test:8001", host=b"Host: app.test:8001\r\n"))
    yield differential("OPTIONS of an absolute target with a path becomes origin form", "RFC 9112 3.2.4",
                       request(b"OPTIONS", b"http://app.test:8001/", host=b"Host: app.test:8001\r\n"))
    for host in HOSTS:
        yield differential(f"the Host {text(host)} arrives as it was sent", "RFC 9110 7.2, contract 3",
                           request(host=b"Host: " + host + b"\r\n"))
    yield differential("a Host that is not the first field keeps its place", "contract 3",
                       request(host=b"X-First: 1\r\n", fields=HOST + b"X-Last: 2\r\n"))
    yield differential("an HTTP/1.0 request without Host is served", "RFC 9112 3.2",
                       client(request(host=b"", version=b"HTTP/1.0"), until_end=True), http10_client=True)
    yield differential("an HTTP/1.0 request with an absolute target is served", "RFC 9112 3.2.2",
                       client(request(target=b"http://app.test/x", version=b"HTTP/1.0"), until_end=True),
                       answer(body=b"ok"), http10_client=True)
