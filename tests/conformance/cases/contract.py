"""What weir's contract promises to add (contract 3), held against weir alone."""

import re

from script import AwaitMessage, Close, Pause

from case import Case
from .make import answer, as_answers, as_clients, bad, client, request


def contract(name, clients, checks, answers=()):
    checks = checks if isinstance(checks, tuple) else (checks,)
    return Case(name=name, clause="contract 3", kind="contract", clients=as_clients(clients),
                answers=as_answers(answers), checks=checks)


def upstream_has(name, pattern):
    def check(verdict):
        for asked in verdict.seen.requests:
            values = asked.values(name)
            if len(values) != 1 or not re.fullmatch(pattern, values[0]):
                verdict.note(f"{name.decode()} at the upstream is {values!r}, expected {pattern!r}")
        if not verdict.seen.requests:
            verdict.note("nothing reached the upstream")
    return check


def client_has(name, pattern):
    def check(verdict):
        for got in verdict.seen.responses:
            values = got.values(name)
            if not got.is_interim and (len(values) != 1 or not re.fullmatch(pattern, values[0])):
                verdict.note(f"{name.decode()} at the client is {values!r}, expected {pattern!r}")
        if not verdict.seen.responses:
            verdict.note("nothing reached the client")
    return check


def interim_untouched(verdict):
    for got in verdict.seen.responses:
        if got.is_interim and got.has(b"x-response-time"):
            verdict.note("an interim answer carries X-Response-Time")


def own(*statuses):
    def check(verdict):
        finals = [r for r in verdict.seen.responses if not r.is_interim]
        if len(finals) != 1 or finals[0].status not in statuses:
            verdict.note(f"answers {[r.start for r in finals]!r}, expected one of {statuses}")
        else:
            verdict.profile.check_own_answer(verdict, finals[0])
    return check


def different_ids(verdict):
    ids = [v for r in verdict.seen.requests for v in r.values(b"x-request-id")]
    if len(ids) != 3 or len(set(ids)) != 3:
        verdict.note(f"X-Request-Id of three requests: {ids!r}")


TIME = rb"[0-9]+\.[0-9]{3}ms"


def cases():
    yield contract("an answer gains X-Response-Time with three decimals", client(request()),
                   client_has(b"x-response-time", TIME))
    yield contract("an error of the app gains X-Response-Time", client(request()),
                   client_has(b"x-response-time", TIME), answer(b"500 Oops", body=b"x"))
    yield contract("an answer to HEAD gains X-Response-Time", client(request(b"HEAD")),
                   client_has(b"x-response-time", TIME))
    yield contract("a 304 gains X-Response-Time", client(request()), client_has(b"x-response-time", TIME),
                   answer(b"304 Not Modified", length=False))
    yield contract("an answer to HTTP/1.0 gains X-Response-Time",
                   client(request(version=b"HTTP/1.0"), until_end=True), client_has(b"x-response-time", TIME))
    yield contract("the app's own X-Response-Time stays and is alone", client(request()),
                   client_has(b"x-response-time", rb"5 s"), answer(fields=b"x-ReSponse-TIME: 5 s\r\n", body=b"x"))
    yield contract("interim answers gain nothing", client(request()), interim_untouched,
                   [(AwaitMessage(), b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", answer(body=b"x"))])
    yield contract("X-Response-Time counts the wait", client(request()),
                   client_has(b"x-response-time", rb"([2-9][0-9]{2}|[0-9]{4})\.[0-9]{3}ms"),
                   [(AwaitMessage(), Pause(0.25), answer(body=b"x"))])
    yield contract("a request gains X-Forwarded-For", client(request()),
                   upstream_has(b"x-forwarded-for", rb"127\.0\.0\.1"))
    yield contract("X-Forwarded-For is appended to",
                   client(request(fields=b"X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n")),
                   forwarded_for([b"10.0.0.1", b"10.0.0.2", b"127.0.0.1"]))
    yield contract("two X-Forwarded-For lines are appended to",
                   client(request(fields=b"X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n")),
                   forwarded_for([b"10.0.0.1", b"10.0.0.2", b"127.0.0.1"]))
    yield contract("X-Forwarded-For named by Connection keeps weir's own",
                   client(request(fields=b"Connection: X-Forwarded-For\r\n")), forwarded_for([b"127.0.0.1"]))
    yield contract("a request gains X-Forwarded-Proto", client(request()),
                   upstream_has(b"x-forwarded-proto", rb"http"))
    yield contract("a request gains X-Forwarded-Host", client(request()),
                   upstream_has(b"x-forwarded-host", rb"app\.test"))
    yield contract("X-Forwarded-Host has the port of Host", client(request(host=b"Host: app.test:81\r\n")),
                   upstream_has(b"x-forwarded-host", rb"app\.test:81"))
    yield contract("X-Forwarded-Host of an absolute target is that of the target",
                   client(request(target=b"http://other.test/", host=b"Host: app.test\r\n")),
                   upstream_has(b"x-forwarded-host", rb"other\.test"))
    yield contract("a request gains X-Request-Id", client(request()), upstream_has(b"x-request-id", rb"[!-~]{8,128}"))
    yield contract("a given X-Request-Id is kept", client(request(fields=b"x-request-ID: mine\r\n")),
                   upstream_has(b"x-request-id", rb"mine"))
    yield contract("three requests have three ids", client(request() * 3), different_ids)
    yield contract("a refusal is a problem document", bad(b"GET / HTTP/1.1\r\n\r\n"), own(400))
    yield contract("a refusal of a version is a problem document", bad(b"GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
                   own(400, 505))
    yield contract("a bad gateway is a problem document", client(request()), own(502),
                   [(AwaitMessage(), b"no HTTP\r\n\r\n", Pause(0.02), Close())] * 6)
    yield contract("414 is a problem document", bad(request(target=b"/" + b"a" * 17408)), own(414))
    yield contract("431 is a problem document", bad(request(fields=b"X-A: " + b"a" * 71680 + b"\r\n")), own(431))


def forwarded_for(expected):
    def check(verdict):
        for asked in verdict.seen.requests:
            got = [v.strip() for value in asked.values(b"x-forwarded-for") for v in value.split(b",")]
            if got != expected:
                verdict.note(f"X-Forwarded-For at the upstream is {got!r}, expected {expected!r}")
        if not verdict.seen.requests:
            verdict.note("nothing reached the upstream")
    return check
