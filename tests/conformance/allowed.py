"""The differences that a proxy may make, as data. What no row names is a failure.

`contract 3` is the section "What goes over the wire" of weir's contract.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    side: str           # request, response
    name: bytes         # field name in lower case, or what else is meant, in angle brackets
    effect: str         # added: where the sender set none; appended: a value after the sender's; removed: must go;
                        # optional: may go or stay; own: the hop's own, any value; rewritten: as the clause says
    clause: str


ALLOWED = (
    Difference("request", b"x-forwarded-for", "appended", "contract 3: X-Forwarded-For (appended)"),
    Difference("request", b"x-forwarded-proto", "added", "contract 3: X-Forwarded-Proto where absent"),
    Difference("request", b"x-forwarded-host", "added", "contract 3: X-Forwarded-Host where absent"),
    Difference("request", b"x-request-id", "added", "contract 3: X-Request-Id where absent"),
    Difference("request", b"x-weir-hop", "added", "weir's own mark, against requests that go round in a circle"),
    Difference("response", b"x-response-time", "added", "contract 3: X-Response-Time where absent"),
    Difference("response", b"date", "added", "RFC 9110 6.6.1: where the upstream sent none"),

    Difference("request", b"connection", "own", "RFC 9110 7.6.1: each hop has its own"),
    Difference("response", b"connection", "own", "RFC 9110 7.6.1: each hop has its own"),
    Difference("request", b"<named by connection>", "removed", "RFC 9110 7.6.1"),
    Difference("response", b"<named by connection>", "removed", "RFC 9110 7.6.1"),
    Difference("request", b"keep-alive", "removed", "RFC 9110 7.6.1"),
    Difference("response", b"keep-alive", "own", "RFC 9110 7.6.1: the hop may offer its own"),
    Difference("request", b"proxy-connection", "removed", "RFC 9110 7.6.1"),
    Difference("response", b"proxy-connection", "removed", "RFC 9110 7.6.1"),
    Difference("request", b"te", "optional", "RFC 9110 10.1.4: hop-by-hop, the hop may offer its own `trailers`"),
    Difference("request", b"upgrade", "removed", "RFC 9110 7.8: passed on only where the proxy means to upgrade"),
    Difference("response", b"upgrade", "own", "RFC 9110 7.8: hop-by-hop; the upgrade cases look at it themselves"),
    Difference("request", b"proxy-authorization", "optional", "RFC 9110 11.7.2: may be relayed"),
    Difference("response", b"proxy-authenticate", "optional", "RFC 9110 11.7.1"),

    Difference("request", b"<version>", "own", "RFC 9112 2.3: an intermediary sends its own version"),
    Difference("response", b"<version>", "own", "RFC 9112 2.3: an intermediary sends its own version"),
    Difference("request", b"<absolute form>", "rewritten", "RFC 9112 3.2.1, 3.2.2: origin form, Host of the target"),
    Difference("request", b"<chunk framing>", "own", "RFC 9112 7.1: chunks and extensions are the hop's"),
    Difference("response", b"<chunk framing>", "own", "RFC 9112 7.1: chunks and extensions are the hop's"),
    Difference("response", b"<chunked to HTTP/1.0>", "rewritten", "RFC 9112 6.1: no Transfer-Encoding to HTTP/1.0"),
    Difference("response", b"<close-delimited>", "rewritten", "RFC 9112 6.3: may become chunked for HTTP/1.1"),
    Difference("response", b"<framing fields without body>", "optional",
               "RFC 9112 6.1, RFC 9110 8.6: Transfer-Encoding with HEAD, 204 and 304; Content-Length with 204"),
    Difference("response", b"<1xx to HTTP/1.0>", "removed", "RFC 9110 15.2: no interim answer to HTTP/1.0"),
    Difference("request", b"<white space around a value>", "optional", "RFC 9110 5.5: no part of the value"),
    Difference("response", b"<white space around a value>", "optional", "RFC 9110 5.5: no part of the value"),
)

# Fields that Connection may name in vain: without them the message is another one (RFC 9110 7.6.1, contract 3).
NEVER_REMOVED = frozenset((b"host", b"content-length", b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-proto",
                           b"x-forwarded-host", b"x-request-id", b"x-response-time"))


def effect(side, name):
    for row in ALLOWED:
        if row.side == side and row.name == name.lower():
            return row.effect
    return "kept"


def named_by_connection(message):
    names = {o.strip().lower() for v in message.values(b"connection") for o in v.split(b",")}
    return names - NEVER_REMOVED - {b"", b"close", b"keep-alive", b"upgrade"}
