"""Interim answers and Expect: passed at once, never invented, never swallowed (RFC 9110 10.1.1, 15.2)."""

from script import Await, AwaitFar, AwaitMessage, Pause

from .make import CHUNKED, answer, chunked, client, differential, request, with_length

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\nx-Odd-Case: 1\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
EXPECT = b"Expect: 100-continue\r\n"


def interim_cases():
    forms = {"100": (CONTINUE,), "100 without reason": (b"HTTP/1.1 100 \r\n\r\n",),
             "100 with fields": (b"HTTP/1.1 100 Go on\r\nX-A: 1\r\n\r\n",), "102": (PROCESSING,), "103": (HINTS,),
             "150": (b"HTTP/1.1 150 What\r\nX-A: 1\r\n\r\n",), "199": (b"HTTP/1.1 199 Odd\r\n\r\n",),
             "100 and 103": (CONTINUE, HINTS), "two 103": (HINTS, HINTS),
             "three 102 and a 103": (PROCESSING,) * 3 + (HINTS,), "eight 103": (HINTS,) * 8,}
    for name, heads in forms.items():
        yield differential(f"{name} ahead of the answer reaches the client as it was sent",
                           "RFC 9110 15.2, contract 3", request(), [(AwaitMessage(), *heads, answer(body=b"end"))])
        yield differential(f"{name} in one segment with the answer reaches the client", "RFC 9110 15.2",
                           request(), [(AwaitMessage(), b"".join(heads) + answer(body=b"end"))])
        yield differential(f"{name} ahead of the answer to HEAD reaches the client", "RFC 9110 15.2",
                           request(b"HEAD"),
                           [(AwaitMessage(), *heads, answer(fields=b"Content-Length: 5\r\n", length=False))])
        yield differential(f"{name} is kept from an HTTP/1.0 client", "RFC 9110 15.2",
                           client(request(version=b"HTTP/1.0"), until_end=True),
                           [(AwaitMessage(), *heads, answer(body=b"end"))], http10_client=True)
    yield differential("103 reaches the client before the answer exists", "RFC 8297, contract 3",
                       client(request()), [(AwaitMessage(), HINTS, AwaitFar(b"103 Early"), answer(body=b"end"))])
    yield differential("each of three 103 reaches the client before the next is sent", "RFC 8297",
                       client(request()),
                       [(AwaitMessage(), b"HTTP/1.1 103 A\r\nX: a\r\n\r\n", AwaitFar(b"103 A"),
                         b"HTTP/1.1 103 B\r\nX: b\r\n\r\n", AwaitFar(b"103 B"), b"HTTP/1.1 103 C\r\nX: c\r\n\r\n",
                         AwaitFar(b"103 C"), answer(body=b"end"))])


def expect_cases():
    for name, fields, body in (("a body by length", with_length(b"payload"), b"payload"),
                               ("a chunked body", CHUNKED, chunked(b"payload"))):
        head = request(b"POST", b"/e", EXPECT + fields)
        yield differential(f"a client that waits for 100 with {name} gets the upstream's", "RFC 9110 10.1.1",
                           client((head, Await(b"100 Continue"), body), methods=(b"POST",)),
                           [(CONTINUE, AwaitMessage(), answer(body=b"end"))])
        yield differential(f"a client that sends {name} without waiting still gets the 100 of the upstream",
                           "RFC 9110 10.1.1", client((head + body,), methods=(b"POST",)),
                           [(CONTINUE, AwaitMessage(), answer(body=b"end"))])
        yield differential(f"no 100 is invented for a client that waits with {name}", "RFC 9110 10.1.1, contract 3",
                           client((head, Pause(0.3), body), methods=(b"POST",)),
                           [(AwaitMessage(), answer(body=b"end"))])
        yield differential(f"417 instead of 100 reaches the client with {name} unsent", "RFC 9110 10.1.1",
                           client((head, Await(b"417 Expect")), methods=(b"POST",)),
                           [(answer(b"417 Expectation Failed", b"Connection: close\r\n", b"no"),)],
                           unfinished_request=True)
        yield differential(f"401 instead of 100 reaches the client with {name} unsent", "RFC 9110 10.1.1",
                           client((head, Await(b"401 Unauth")), methods=(b"POST",)),
                           [(answer(b"401 Unauthorized", b"WWW-Authenticate: Basic\r\nConnection: close\r\n",
                                    b"no"),)])
        yield differential(f"the head of a request with Expect and {name} reaches the upstream before its body",
                           "RFC 9110 10.1.1", client((head, AwaitFar(b"POST /e"), body), methods=(b"POST",)))
    yield differential("100, then 103, then the answer reach a waiting client in that order", "RFC 9110 15.2",
                       client((request(b"POST", b"/e", EXPECT + with_length(b"x")), Await(b"100 Continue"), b"x"),
                              methods=(b"POST",)),
                       [(CONTINUE, AwaitMessage(), HINTS, answer(body=b"end"))])
    yield differential("Expect: 100-Continue in another case is passed on", "RFC 9110 10.1.1",
                       client((request(b"POST", b"/e", b"Expect: 100-Continue\r\n" + with_length(b"x")),
                               Await(b"100 Continue"), b"x"),
                              methods=(b"POST",)),
                       [(CONTINUE, AwaitMessage(), answer(body=b"end"))])
    yield differential("Expect on a request without a body is passed on", "RFC 9110 10.1.1", request(fields=EXPECT))
    yield differential("an expectation that is not known is the upstream's business", "RFC 9110 10.1.1, contract 3",
                       request(fields=b"Expect: surprise\r\n"), answer(b"417 Expectation Failed", body=b"no"))
    yield differential("a request after one with Expect on the same connection is served", "RFC 9112 9.3",
                       client((request(b"POST", b"/e", EXPECT + with_length(b"x")), Await(b"100 Continue"), b"x",
                               Await(b"first"), request(target=b"/2")), methods=(b"POST", b"GET")),
                       [(CONTINUE, AwaitMessage(), answer(body=b"first")), answer(body=b"second")])


def cases():
    yield from interim_cases()
    yield from expect_cases()
