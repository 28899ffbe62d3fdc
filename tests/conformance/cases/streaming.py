"""Nothing waits for more: first bytes pass at once in both directions (contract 3)."""

from script import Await, AwaitFar, AwaitMessage, Close, Pause

from .make import CHUNKED, answer, chunked, client, differential, request, with_length


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


DOWN = (
    ("by length", b"Content-Length: 15\r\n", lambda d: d, ()),
    ("in chunks", CHUNKED, chunk, (b"0\r\n\r\n",)),
    ("ended by closing", b"", lambda d: d, (Close(),)),
)
UP = (("by length", b"Content-Length: 15\r\n", lambda d: d, b""), ("in chunks", CHUNKED, chunk, b"0\r\n\r\n"))


def cases():
    for name, fields, wrap, end in DOWN:
        for version, old in ((b"HTTP/1.1", False), (b"HTTP/1.0", True)):
            shown = version.decode()
            yield differential(f"the head of an answer {name} reaches a client of {shown} before its body",
                               "contract 3", client(request(version=version), until_end=old),
                               [(AwaitMessage(), answer(fields=fields, length=False), AwaitFar(b"\r\n\r\n"),
                                 wrap(b"first" * 3), *end)],
                               http10_client=old)
            yield differential(f"each piece of an answer {name} reaches a client of {shown} before the next",
                               "contract 3", client(request(version=version), until_end=old),
                               [(AwaitMessage(),
                                 answer(fields=fields + b"Content-Type: text/event-stream\r\n",
                                        length=False) + wrap(b"first"),
                                 AwaitFar(b"first"), wrap(b"secon"), AwaitFar(b"secon"), wrap(b"third"),
                                 AwaitFar(b"third"), *end)],
                               http10_client=old)
    for name, fields, wrap, end in UP:
        head = request(b"POST", b"/up", fields)
        yield differential(f"the head of an upload {name} reaches the upstream before its body", "contract 3",
                           client((head, AwaitFar(b"\r\n\r\n"), wrap(b"first" * 3), end), methods=(b"POST",)))
        yield differential(f"each piece of an upload {name} reaches the upstream before the next", "contract 3",
                           client((head + wrap(b"first"), AwaitFar(b"first"), wrap(b"secon"), AwaitFar(b"secon"),
                                   wrap(b"third"), AwaitFar(b"third"), end), methods=(b"POST",)))
        yield differential(f"an answer during an upload {name} reaches the client before the upload ends",
                           "RFC 9112 9.3",
                           client((head + wrap(b"first"), Await(b"early"), wrap(b"secon"), wrap(b"third"), end),
                                  methods=(b"POST",)),
                           [(Await(b"first"), answer(body=b"early"), AwaitMessage())])
        yield differential(f"a conversation in both directions with an upload {name} flows", "contract 3",
                           client((head + wrap(b"first"), Await(b"FIRST"), wrap(b"secon"), Await(b"SECON"),
                                   wrap(b"third"), end),
                                  methods=(b"POST",)),
                           [(Await(b"first"), answer(fields=CHUNKED, length=False) + chunk(b"FIRST"),
                             Await(b"secon"), chunk(b"SECON"), AwaitMessage(), chunk(b"THIRD"), b"0\r\n\r\n")])
        yield differential(f"a refusal in the middle of an upload {name} reaches the client", "RFC 9112 9.5",
                           client((head + wrap(b"first"), Await(b"too big")), methods=(b"POST",)),
                           [(Await(b"first"),
                             answer(b"413 Content Too Large", b"Connection: close\r\n", b"too big"), Pause(0.05),
                             Close())])
    yield differential("an answer before the request body has begun reaches the client", "RFC 9112 9.3",
                       client((request(b"POST", b"/up", with_length(b"later")), Await(b"early"), b"later"),
                              methods=(b"POST",)),
                       [(answer(body=b"early"), AwaitMessage())])
    yield differential("one byte of an event passes alone", "contract 3", client(request()),
                       [(AwaitMessage(), answer(fields=CHUNKED, length=False), AwaitFar(b"\r\n\r\n"), chunk(b"@"),
                         AwaitFar(b"@"), b"0\r\n\r\n")])
    yield differential("a part of a chunk passes before the chunk is whole", "contract 3", client(request()),
                       [(AwaitMessage(), answer(fields=CHUNKED, length=False) + b"b\r\nfirst ", AwaitFar(b"first "),
                         b"piece\r\n0\r\n\r\n")])
    yield differential("a part of an uploaded chunk passes before the chunk is whole", "contract 3",
                       client((request(b"POST", b"/up", CHUNKED) + b"b\r\nfirst ", AwaitFar(b"first "),
                               b"piece\r\n0\r\n\r\n"),
                              methods=(b"POST",)))
    yield differential("twenty events pass one by one", "contract 3", client(request()),
                       [(AwaitMessage(), answer(fields=CHUNKED, length=False),
                         *(step for n in range(20) for step in (
                               chunk(b"event-%02d\n" % n), AwaitFar(b"event-%02d\n" % n))),
                         b"0\r\n\r\n")])
    yield differential("an answer with gzip content passes piece by piece", "contract 3",
                       client(request(fields=b"Accept-Encoding: gzip\r\n")),
                       [(AwaitMessage(),
                         answer(fields=CHUNKED + b"Content-Encoding: gzip\r\n",
                                length=False) + chunk(b"\x1f\x8bone"),
                         AwaitFar(b"one"), chunk(b"two"), b"0\r\n\r\n")])
    yield differential("trailers come with the last chunk and not before", "RFC 9110 6.5", client(request()),
                       [(AwaitMessage(), answer(fields=CHUNKED, length=False) + chunk(b"one"), AwaitFar(b"one"),
                         b"0\r\nX-T: 1\r\n\r\n")])
    yield differential("a chunked body up and down at once is passed", "contract 3",
                       request(b"POST", b"/up", CHUNKED, chunked(b"x" * 70000)),
                       answer(fields=CHUNKED, body=chunked(b"y" * 70000), length=False))
