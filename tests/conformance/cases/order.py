"""Several requests on a connection, pipelining, half-close (RFC 9112 9.3)."""

from script import Await, AwaitMessage, Close, HalfClose, Pause

from .make import CHUNKED, answer, chunked, client, differential, request, with_length

KINDS = (
    ("GET", lambda n: request(b"GET", b"/%d" % n)),
    ("POST by length", lambda n: request(b"POST", b"/%d" % n, with_length(b"body"), b"body")),
    ("POST in chunks", lambda n: request(b"POST", b"/%d" % n, CHUNKED, chunked(b"body"))),
    ("HEAD", lambda n: request(b"HEAD", b"/%d" % n)),
)


def reply_to(n):
    """An answer that says which request it belongs to; without its body where HEAD asked."""
    def reply(asked):
        body = b"answer to %s" % asked.target
        if asked.method == b"HEAD":
            return answer(fields=with_length(body), length=False)
        return answer(body=body) if n % 2 else answer(fields=CHUNKED, body=chunked(body), length=False)
    return reply


def cases():
    for count in (2, 3, 10, 50):
        answers = [reply_to(n) for n in range(count)]
        for name, make in KINDS:
            yield differential(f"{count} pipelined {name} requests are answered in order", "RFC 9112 9.3.2",
                               b"".join(make(n) for n in range(count)), answers)
    mixed = [KINDS[n % 4][1](n) for n in range(12)]
    yield differential("a pipeline of mixed requests is answered in order", "RFC 9112 9.3.2", b"".join(mixed),
                       [reply_to(n) for n in range(12)])
    yield differential("twelve requests one after the other share a client connection", "RFC 9112 9.3",
                       client(tuple(step for n, one in enumerate(mixed) for step in (one, Pause(0.005)))),
                       [reply_to(n) for n in range(12)])
    yield differential("a slow first answer is not overtaken by the second", "RFC 9112 9.3.2",
                       request(target=b"/slow") + request(target=b"/fast"),
                       [(AwaitMessage(), Pause(0.2), answer(body=b"slow")), answer(body=b"fast")])
    yield differential("a request behind one with Connection: close is not served", "RFC 9112 9.6",
                       client(request(target=b"/1", fields=b"Connection: close\r\n"), until_end=True),
                       [answer(body=b"one")])
    yield differential("HTTP/1.0 with keep-alive serves a second request", "RFC 9112 9.3",
                       client((request(target=b"/1", fields=b"Connection: keep-alive\r\n", version=b"HTTP/1.0"),
                               Await(b"one"), request(target=b"/2", version=b"HTTP/1.0")),
                              until_end=True),
                       [answer(body=b"one"), answer(body=b"two")], http10_client=True)
    yield from half_closed()
    for pause in (0.05, 0.3):
        yield differential(f"a second request after {pause} s of silence is served", "RFC 9112 9.3",
                           client((request(target=b"/1"), Await(b"one"), Pause(pause), request(target=b"/2"))),
                           [answer(body=b"one"), answer(body=b"two")])


def half_closed():
    """A client that has said all it wants still waits for its answer."""
    for name, make in KINDS:
        reply = reply_to(1)
        yield differential(f"a client that half-closes after {name} gets its answer", "RFC 9112 9.6",
                           client((make(1), HalfClose()), until_end=True), [reply])
        yield differential(f"a client that half-closes after {name} gets a late answer", "RFC 9112 9.6",
                           client((make(1), HalfClose()), until_end=True),
                           [lambda asked, reply=reply: (AwaitMessage(), Pause(0.3), reply(asked))])
    yield differential("a client that half-closes after two pipelined requests gets both answers", "RFC 9112 9.6",
                       client((request(target=b"/1") + request(target=b"/2"), HalfClose()), until_end=True),
                       [reply_to(1), reply_to(2)])
    yield differential("a client that half-closes gets a close-delimited answer whole", "RFC 9112 9.6",
                       client((request(), HalfClose()), until_end=True),
                       [(AwaitMessage(), answer(length=False, body=b"a" * 50000), Pause(0.1), b"end", Close())])
    yield differential("a client that half-closes during a streamed answer gets the rest", "RFC 9112 9.6",
                       client((request(), Await(b"one"), HalfClose()), until_end=True),
                       [(AwaitMessage(), answer(fields=CHUNKED, length=False) + b"3\r\none\r\n", Pause(0.2),
                         b"3\r\ntwo\r\n0\r\n\r\n")])
