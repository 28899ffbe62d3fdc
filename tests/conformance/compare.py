"""Compares what was seen direct with what was seen through the proxy, but for the rows of `allowed.ALLOWED`."""

import re

from allowed import effect, named_by_connection


def show(data, limit=600):
    """Bytes for a reader: escaped, cut in the middle where long."""
    text = repr(bytes(data))[2:-1]
    return text if len(text) <= limit else f"{text[:limit // 2]} […{len(data)} bytes…] {text[-limit // 2:]}"


def field_lines(fields):
    return [name + b": " + value for name, value in fields]


def diff_lines(before, after):
    """A line diff of two lists of byte strings, only what differs."""
    import difflib
    lines = []
    for line in difflib.ndiff([show(b, 300) for b in before], [show(a, 300) for a in after]):
        if line[0] in "-+":
            lines.append(line)
    return lines


def split_absolute(target):
    """(authority, origin form) of an absolute-form target, or None (RFC 9112 3.2.2)."""
    match = re.match(rb"(?i:https?)://([^/?#]*)(.*)\Z", target, re.S)
    if not match:
        return None
    rest = match.group(2)
    return match.group(1), (rest if rest.startswith(b"/") else b"/" + rest)


def expected_request_fields(message):
    """The field list that must reach the upstream, given what the client sent."""
    gone = named_by_connection(message)
    absolute = split_absolute(message.target)
    fields = []
    for name, value in message.fields:
        key = name.lower()
        if key in gone or key == b"connection":
            continue
        how = effect("request", key)
        if how == "removed":
            continue
        if key == b"host" and absolute:
            value = absolute[0]
        fields.append((name, value))
    return fields


def reduced(actual, expected, side):
    """`actual` without what the proxy may have added, `expected` without what may be missing."""
    wanted = {name.lower() for name, _ in expected}
    have = {name.lower() for name, _ in actual}
    left, kept = [], []
    for name, value in actual:
        key = name.lower()
        how = effect(side, key)
        if how == "own" or (how in ("added", "appended", "optional") and key not in wanted):
            continue
        left.append((name, value))
    for name, value in expected:
        key = name.lower()
        how = effect(side, key)
        if how == "own" or (how == "optional" and key not in have):
            continue
        kept.append((name, value))
    return left, kept


def compare_requests(verdict):
    direct, seen, profile = verdict.direct.requests, verdict.seen.requests, verdict.profile
    if len(direct) != len(seen):
        verdict.note(f"the upstream received {len(seen)} requests, direct {len(direct)}: "
                     + ", ".join(show(r.start, 80) for r in seen))
    for before, after in zip(direct, seen):
        compare_request(verdict, before, after, profile)


def compare_request(verdict, before, after, profile):
    words, words_after = before.start.split(b" "), after.start.split(b" ")
    absolute = split_absolute(words[1]) if len(words) > 1 else None
    if absolute and words[0] == b"OPTIONS" and re.match(rb"(?i:https?)://[^/?#]*\Z", words[1]):
        words[1] = b"*"
    elif absolute:
        words[1] = absolute[1]
    if words[:2] != words_after[:2] or words_after[2:] not in ([b"HTTP/1.1"], [b"HTTP/1.0"]):
        verdict.note(f"request line: - {show(b' '.join(words))}\n              + {show(after.start)}")
    wanted = expected_request_fields(before)
    appended(verdict, wanted, after)
    wanted = [f for f in wanted if f[0].lower() != b"x-forwarded-for"]
    passed_on = {b"x-forwarded-for"} | ({b"upgrade"} if verdict.case.options.get("upgrade") else set())
    left, wanted = reduced([f for f in after.fields if f[0].lower() not in passed_on], wanted, "request")
    report_fields(verdict, "request", wanted, left, profile)
    compare_content(verdict, "request", before, after, profile)
    if before.complete != after.complete:
        verdict.note(f"request complete: direct {before.complete}, through the proxy {after.complete}")


def appended(verdict, wanted, after):
    """X-Forwarded-For keeps what the client said and may have one address more at its end."""
    said = [v.strip() for n, value in wanted if n.lower() == b"x-forwarded-for" for v in value.split(b",")]
    got = [v.strip() for value in after.values(b"x-forwarded-for") for v in value.split(b",")]
    if got[:len(said)] != said or len(got) > len(said) + 1:
        verdict.note(f"X-Forwarded-For: client {said!r}, upstream {got!r}")


def report_fields(verdict, what, wanted, left, profile):
    if "names" in profile.forgives:
        wanted, left = ([(n.lower(), v) for n, v in fields] for fields in (wanted, left))
    if "order" in profile.forgives:
        wanted, left = (sorted(fields, key=lambda f: f[0].lower()) for fields in (wanted, left))
    if wanted != left:
        verdict.note(f"{what} fields:\n  " + "\n  ".join(diff_lines(field_lines(wanted), field_lines(left))))


def compare_content(verdict, what, before, after, profile):
    if before.complete and bytes(before.body) != bytes(after.body):
        verdict.note(f"{what} body: - {show(before.body, 200)}\n  + {show(after.body, 200)}")
    if not before.complete and not bytes(before.body).startswith(bytes(after.body)):
        verdict.note(f"{what} body is no prefix of the truncated one: {show(after.body, 200)}")
    if before.framing == "chunked" and after.framing == "chunked" and before.trailers != after.trailers:
        report_fields(verdict, f"{what} trailer", before.trailers, after.trailers, profile)


def compare_responses(verdict):
    case, profile = verdict.case, verdict.profile
    for number, (direct, seen) in enumerate(zip(verdict.direct.clients, verdict.seen.clients)):
        old = case.options.get("http10_client")
        wanted = [m for m in direct.reader.messages if not (old and m.is_interim)]
        got = seen.reader.messages
        if len(wanted) != len(got):
            verdict.note(f"client {number + 1} received {len(got)} answers, direct {len(wanted)}: "
                         + ", ".join(show(m.start, 80) for m in got))
        for index, (before, after) in enumerate(zip(wanted, got)):
            method = seen.reader.methods[min(index, len(seen.reader.methods) - 1)]
            compare_response(verdict, before, after, method, old)
        if direct.reader.leftover != seen.reader.leftover and not case.options.get("leftover_differs"):
            verdict.note(f"client {number + 1}: unread bytes {show(seen.reader.leftover, 200)}, "
                         f"direct {show(direct.reader.leftover, 200)}")


def compare_response(verdict, before, after, method, old):
    profile = verdict.profile
    if before.start[8:] != after.start[8:] or after.start[:8] not in (b"HTTP/1.1", b"HTTP/1.0"):
        verdict.note(f"status line: - {show(before.start)}\n               + {show(after.start)}")
        return
    bodyless = method == b"HEAD" or before.status in (204, 304) or before.is_interim
    gone = named_by_connection(before)
    wanted = [(n, v) for n, v in before.fields
              if n.lower() not in gone and effect("response", n) != "removed"]
    got = list(after.fields)

    def without(fields, name):
        return [f for f in fields if f[0].lower() != name]

    if bodyless or (old and before.framing == "chunked"):
        if old and after.has(b"transfer-encoding"):
            verdict.note("Transfer-Encoding in an answer to HTTP/1.0")
        wanted, got = without(wanted, b"transfer-encoding"), without(got, b"transfer-encoding")
        if before.status == 204 and not after.has(b"content-length"):
            wanted = without(wanted, b"content-length")
    elif before.framing == "close" and not before.has(b"transfer-encoding"):
        if after.framing == "chunked" and old:
            verdict.note("Transfer-Encoding in an answer to HTTP/1.0")
        got = without(got, b"transfer-encoding")
    left, wanted = reduced(got, wanted, "response")
    report_fields(verdict, "response", wanted, left, profile)
    compare_content(verdict, "response", before, after, profile)
    if before.complete and not after.complete:
        verdict.note(f"the answer is whole direct and cut short through the proxy, after {len(after.body)} bytes")
    if not before.complete and after.complete:
        verdict.note("a truncated answer ended cleanly through the proxy")


def compare(verdict):
    """The whole comparison of one differential case."""
    compare_requests(verdict)
    compare_responses(verdict)
