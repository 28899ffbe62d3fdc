"""What hostile and contract cases may end in. Each function makes a check for `Case.checks`."""

from compare import show
from wire import audit_request

REFUSALS = (400,)


def is_from_upstream(response):
    return response.has(b"x-origin")


def every_forwarded_request_is_canonical(verdict):
    """Holds for every case: whatever reached the upstream reads alike in any parser."""
    for request in verdict.seen.requests:
        for problem in audit_request(request):
            verdict.note(f"forwarded request {show(request.start, 80)}: {problem}")


def every_answer_belongs_to_a_request(verdict):
    """No request reaches the upstream in whole that no client was given the answer of."""
    whole = sum(1 for r in verdict.seen.requests if r.complete)
    answers = sum(1 for r in verdict.seen.responses if is_from_upstream(r))
    if whole > answers:
        verdict.note(f"the upstream saw {whole} whole requests, clients got {answers} of its answers: "
                     + ", ".join(show(r.start, 80) for r in verdict.seen.requests))


def refused(*statuses, before=0, midway=False, silent=False):
    """The proxy answers itself and closes. `before`: good requests ahead of it; `midway`: the head was fine, so a
    part may have been forwarded, never the whole; `silent`: closing without a word is legal too."""
    statuses = statuses or REFUSALS

    def check(verdict):
        client = verdict.seen.clients[0]
        finals = [r for r in client.reader.messages if not r.is_interim]
        own = finals[before:]
        if len(finals) < before:
            verdict.note(f"only {len(finals)} of {before} good requests were answered")
        elif any(not is_from_upstream(r) for r in finals[:before]):
            verdict.note("a good request ahead of the bad one was not answered by the upstream")
        elif not own:
            if not silent or client.end not in ("eof", "reset"):
                verdict.note(f"no answer; the connection was {client.end}, "
                             f"received {show(client.received, 200)}")
        elif len(own) > 1:
            verdict.note("answers after the refusal: " + ", ".join(show(r.start, 60) for r in own))
        elif is_from_upstream(own[0]):
            verdict.note(f"not refused: {show(own[0].start, 80)} came from the upstream")
        elif own[0].status not in statuses:
            verdict.note(f"answered {own[0].status}, allowed {sorted(statuses)}")
        if client.end not in ("eof", "reset"):
            verdict.note("the connection was not closed after the refusal")
        nothing_forwarded(verdict, before, midway)
        if own and not is_from_upstream(own[0]):
            verdict.profile.check_own_answer(verdict, own[0])
    return check


def nothing_forwarded(verdict, before, midway):
    whole = [r for r in verdict.seen.requests if r.complete]
    if len(whole) > before or (not midway and len(verdict.seen.requests) > before):
        verdict.note("forwarded: " + " | ".join(show(r.raw_head, 200) for r in verdict.seen.requests[before:]))
    for party in verdict.seen.upstreams:
        if party.reader.leftover and not midway:
            verdict.note(f"the upstream received unreadable bytes {show(party.reader.leftover, 200)}")
    if midway and len(verdict.seen.requests) > len(whole):
        if any(p.end == "open" and p.reader.current and not p.reader.current.complete
               for p in verdict.seen.upstreams):
            verdict.note("the upstream connection of the request that was cut short stayed open")


def forwarded(*expected, absent=(), fields=(), closes=False):
    """The upstream saw exactly these (method, target, body) requests, and the client got an answer to each."""
    def check(verdict):
        seen = [(r.method, r.target, bytes(r.body)) for r in verdict.seen.requests if r.complete]
        if seen != list(expected) or len(verdict.seen.requests) != len(expected):
            verdict.note(f"forwarded {[tuple(show(p, 80) for p in r) for r in seen]}, "
                         f"expected {[tuple(show(p, 80) for p in r) for r in expected]}")
        answers = [r for r in verdict.seen.responses if is_from_upstream(r)]
        if len(answers) != len(expected):
            verdict.note(f"{len(answers)} answers of the upstream reached the client, expected {len(expected)}; got "
                         + ", ".join(show(r.start, 80) for r in verdict.seen.responses))
        for request in verdict.seen.requests:
            for name in absent:
                if request.has(name):
                    verdict.note(f"{name.decode()} reached the upstream: {request.values(name)!r}")
            for name, value in fields:
                if value not in request.values(name):
                    verdict.note(f"{name.decode()} is {request.values(name)!r} at the upstream, expected {value!r}")
        if closes and verdict.seen.clients[0].end not in ("eof", "reset"):
            verdict.note("the connection was not closed")
    return check


def either(*checks, house=None):
    """Several outcomes are legal. `house`: the one of them that weir promises, held against weir alone."""
    def check(verdict):
        options = (house,) if house and verdict.profile.is_weir else checks
        attempts = []
        for option in options:
            attempt = type(verdict)(verdict.case, verdict.seen, verdict.direct, verdict.profile)
            option(attempt)
            if not attempt.problems:
                return
            attempts.append(attempt.problems)
        for number, problems in enumerate(attempts):
            for problem in problems:
                verdict.note(f"outcome {number + 1} of {len(attempts)}: {problem}" if len(attempts) > 1 else problem)
    return check


def bad_gateway(*statuses, client=0):
    """The upstream's answer was no answer: 502 of the proxy's own."""
    statuses = statuses or (502,)

    def check(verdict):
        finals = [r for r in verdict.seen.clients[client].reader.messages if not r.is_interim]
        if len(finals) != 1:
            verdict.note(f"{len(finals)} answers: " + ", ".join(show(r.start, 80) for r in finals))
        elif is_from_upstream(finals[0]) or finals[0].status not in statuses:
            verdict.note(f"answered {show(finals[0].raw_head, 300)}, expected {sorted(statuses)} of the proxy")
        else:
            verdict.profile.check_own_answer(verdict, finals[0])
    return check


def truncated(status=200, client=0):
    """The answer had begun: it ends visibly short, never cleanly, and the connection with it."""
    def check(verdict):
        party = verdict.seen.clients[client]
        finals = [r for r in party.reader.messages if not r.is_interim]
        if len(finals) != 1 or finals[0].status != status:
            verdict.note("answers: " + ", ".join(show(r.start, 80) for r in finals))
        elif finals[0].framing == "close" and party.end == "reset":
            pass
        elif finals[0].complete:
            verdict.note(f"the answer ended cleanly ({finals[0].framing}) with body {show(finals[0].body, 120)}")
        if party.end not in ("eof", "reset"):
            verdict.note("the connection stayed open")
    return check


def answers_with(status, body=None, client=0, number=0):
    """A final answer of the upstream with this status and body."""
    def check(verdict):
        finals = [r for r in verdict.seen.clients[client].reader.messages if not r.is_interim]
        if len(finals) <= number:
            verdict.note(f"client {client + 1} has {len(finals)} final answers, "
                         f"received {show(verdict.seen.clients[client].received, 200)}")
            return
        response = finals[number]
        if response.status != status or not is_from_upstream(response):
            verdict.note(f"client {client + 1} got {show(response.start, 80)}, expected {status} of the upstream")
        elif body is not None and bytes(response.body) != body:
            verdict.note(f"client {client + 1} got the body {show(response.body, 200)}, expected {show(body, 200)}")
    return check


def never_received(marker):
    """Bytes that no client may ever see."""
    def check(verdict):
        for number, party in enumerate(verdict.seen.clients):
            if marker in party.received:
                verdict.note(f"client {number + 1} received {marker!r}: {show(party.received, 400)}")
    return check


def never_forwarded(marker):
    """Bytes that the upstream may never see."""
    def check(verdict):
        for party in verdict.seen.upstreams:
            if marker in party.received:
                verdict.note(f"the upstream received {marker!r}: {show(party.received, 400)}")
    return check


def connection_ends(client=0):
    def check(verdict):
        if verdict.seen.clients[client].end not in ("eof", "reset"):
            verdict.note("the client's connection stayed open")
    return check


def connection_stays(client=0):
    def check(verdict):
        if verdict.seen.clients[client].end in ("eof", "reset"):
            verdict.note("the client's connection was closed")
    return check


def all_of(*checks):
    def check(verdict):
        for one in checks:
            one(verdict)
    return check
