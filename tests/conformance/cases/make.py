"""Short ways to write requests, answers and cases."""

from case import ORIGIN, STAMPS, Case, client
from script import AwaitMessage, as_script

HOST = b"Host: app.test\r\n"


def request(method=b"GET", target=b"/", fields=b"", body=b"", version=b"HTTP/1.1", host=HOST):
    """Raw request bytes; `fields` are whole lines, each with its CRLF."""
    return method + b" " + target + b" " + version + b"\r\n" + host + fields + b"\r\n" + body


def with_length(body):
    return b"Content-Length: %d\r\n" % len(body)


def chunked(*pieces, trailers=b""):
    """A body in chunks with its last chunk and trailers."""
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n" + trailers + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"


def answer(status=b"200 OK", fields=b"", body=b"", version=b"HTTP/1.1", length=True):
    """Raw answer bytes, with Date and Server as apps have them. Content-Length is added unless `length` is False."""
    stamps = b"".join(line for line in STAMPS if line.split(b":")[0].lower() + b":" not in fields.lower())
    return (version + b" " + status + b"\r\n" + ORIGIN + stamps + fields + (with_length(body) if length else b"")
            + b"\r\n" + body)


def differential(name, clause, clients, answers=(), checks=(), **options):
    """A case that is run direct and through the proxy. `clients`: bytes, a script, or a tuple of `Client`."""
    fields = {key: options.pop(key) for key in ("settle", "greeting") if key in options}
    return Case(name=name, clause=clause, kind="differential", clients=as_clients(clients),
                answers=as_answers(answers), checks=as_script(checks), compare=True, options=options, **fields)


def hostile(name, clause, clients, checks, answers=(), **options):
    fields = {key: options.pop(key) for key in ("settle", "greeting") if key in options}
    return Case(name=name, clause=clause, kind="hostile", clients=as_clients(clients), answers=as_answers(answers),
                checks=as_script(checks), options=options, **fields)


def as_clients(clients):
    if isinstance(clients, (tuple, list)) and clients and all(hasattr(c, "until_end") for c in clients):
        return tuple(clients)
    if hasattr(clients, "until_end"):
        return (clients,)
    return (client(clients),)


def as_answers(answers):
    if isinstance(answers, bytes):
        return (answers,)
    return tuple(answers)


def bad(raw, **options):
    """A client that sends something bad and expects to be shown the door."""
    options.setdefault("methods", (b"GET",))
    return client(raw, until_end=True, patience=options.pop("patience", 4.0), **options)


def text(data):
    """Bytes for the name of a case."""
    shown = repr(bytes(data))[2:-1]
    return shown if len(shown) <= 60 else f"{shown[:40]}… ({len(data)} bytes)"


__all__ = ["AwaitMessage", "CHUNKED", "HOST", "answer", "bad", "chunked", "client", "differential", "hostile",
           "request", "text", "with_length"]
