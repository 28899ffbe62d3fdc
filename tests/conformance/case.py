"""A case: what the clients send, what the upstream answers, and what must have come of it."""

from dataclasses import dataclass, field

from lane import SETTLE, methods_of
from script import PATIENCE, AwaitMessage, as_script

ORIGIN = b"X-Origin: upstream\r\n"
STAMPS = (b"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", b"Server: origin/1\r\n")
HEAD_ANSWER = b"HTTP/1.1 200 OK\r\n" + ORIGIN + b"".join(STAMPS) + b"Content-Length: 2\r\n\r\n"
PLAIN_ANSWER = HEAD_ANSWER + b"ok"


@dataclass(frozen=True)
class Client:
    """One connection of a client. Done when `answers` final answers are in, or, with `until_end`, at its end."""
    script: tuple
    methods: tuple = ()
    answers: int = 1
    until_end: bool = False
    keep_open: bool = False
    patience: float = PATIENCE


def client(steps, **options):
    """A client from its script; methods and number of answers are read from what it sends unless given."""
    script = as_script(steps)
    methods = tuple(options.pop("methods", None) or methods_of(script))
    options.setdefault("answers", len(methods))
    return Client(script=script, methods=methods, **options)


@dataclass(frozen=True)
class Case:
    name: str                       # a sentence
    clause: str                     # the section that it stands on
    kind: str                       # differential, hostile, contract
    clients: tuple
    answers: tuple = ()             # the n-th request gets the n-th script, then the plain answer
    checks: tuple = ()              # functions of (Verdict) that note what is wrong
    compare: bool = False           # run directly too and compare
    greeting: bytes = b""           # what the upstream says before it is asked
    settle: float = SETTLE
    options: dict = field(default_factory=dict)

    def answer(self, index, request):
        if index < len(self.answers):
            script = self.answers[index]
            if callable(script):
                script = script(request)
            return (AwaitMessage(), script) if isinstance(script, bytes) else script
        return (AwaitMessage(), HEAD_ANSWER if request.method == b"HEAD" else PLAIN_ANSWER)


@dataclass
class Verdict:
    """What a check is given: the run through the proxy, the direct one where there is one, and the profile."""
    case: Case
    seen: object
    direct: object
    profile: object
    problems: list = field(default_factory=list)

    def note(self, problem):
        self.problems.append(problem)
