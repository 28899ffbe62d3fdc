"""Somebody's own service, direct and through weir, in turn: what weir adds."""

import statistics
import urllib.parse

from . import charts, load, report
from .accounting import cpu_seconds
from .report import Outcome

WAYS = ("direct", "weir")
MAX_RATE = 20_000


class Target:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise SystemExit(f"bench: --target {url}: what is needed is http://HOST:PORT/PATH or https://HOST:PORT/PATH")
        self.scheme = parts.scheme
        self.host = parts.hostname
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.authority = parts.netloc
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        self.origin = f"{self.scheme}://{bracketed}:{self.port}"


class Drive:
    """One run. What could not be done is in `left_out`, and was said."""

    def __init__(self, options, lab, generator, say):
        self.options = options
        self.lab = lab
        self.generator = generator
        self.say = say
        self.target = Target(options.target)
        self.left_out = []
        self.figures = {}
        self.weir, _ = lab.start_weir(upstream=self.target.origin, upstream_more="tls: { verify: false }" if self.target.scheme == "https" else "")

    def leave_out(self, what, why):
        self.left_out.append({"what": what, "why": why})
        self.say(f"left out: {what}: {why}")

    def once(self, way, options):
        """One measurement by the project's own generator."""
        host, port = (self.target.host, self.target.port) if way == "direct" else ("127.0.0.1", self.weir.port)
        before = cpu_seconds(self.weir.pids)
        values = self.generator.run(port, self.target.path, host=host, host_header=self.target.authority,
                                    connections=self.options.connections, **options)
        return self.noted(way, values, before)

    def once_by_wrk(self, way):
        """For a target that speaks TLS, which the generator does not: direct over TLS, through weir as its clients would."""
        url = self.target.origin if way == "direct" else f"http://127.0.0.1:{self.weir.port}"
        before = cpu_seconds(self.weir.pids)
        values = load.wrk(self.lab.cpus.load, self.lab.folder, url + self.target.path, self.options.connections, self.options.seconds,
                          f'wrk.headers["Host"] = "{self.target.authority}"\n')
        return self.noted(way, values, before)

    def noted(self, way, values, before):
        if values["requests"] == 0:
            raise load.LoadFailed("not one request was answered")
        if way == "weir":
            values["cpu_us"] = (cpu_seconds(self.weir.pids) - before) * 1e6 / values["requests"]
        return values

    def rounds(self, name, once):
        figures = {way: [] for way in WAYS}
        for _ in range(self.options.rounds):
            for way in WAYS:
                figures[way].append(once(way))
        self.figures[name] = figures
        return figures


def rows_of(figures, title):
    rows = [[title, "requests/s", "p50 us", "p99 us", "p99.9 us", "max us", "failed", "status 400 and above"]]

    def median(way, key):
        return statistics.median(values[key] for values in figures[way])

    for way in WAYS:
        rate = statistics.median(values["requests"] / values["seconds"] for values in figures[way])
        rows.append([{"direct": "direct", "weir": "through weir"}[way], report.number(rate, 0),
                     *(report.number(median(way, key), 0) for key in ("p50_us", "p99_us", "p999_us", "max_us")),
                     str(sum(values["failed"] + values.get("unfinished", 0) for values in figures[way])), str(sum(values["bad_status"] for values in figures[way]))])
    rows.append(["added by weir", "", *(report.number(median("weir", key) - median("direct", key), 0) for key in ("p50_us", "p99_us", "p999_us", "max_us")), "", ""])
    return rows


def run(options, lab, generator, say):
    drive = Drive(options, lab, generator, say)
    minutes = 2 * 2 * options.rounds * options.seconds / 60
    say(f"{options.target}, direct and through weir, {options.connections} connections: at most about {max(1, round(minutes))} minutes")
    tables = []
    try:
        if drive.target.scheme == "https":
            drive.leave_out("the open loop", "the generator that counts from when a request was due speaks no TLS")
            if not load.has_wrk():
                raise SystemExit("bench: wrk is not there, and a target over TLS needs it (apt-get install wrk)")
            closed = drive.rounds("closed", drive.once_by_wrk)
        else:
            closed = drive.rounds("closed", lambda way: drive.once(way, {"seconds": options.seconds}))
        tables.append(rows_of(closed, "as fast as it goes (closed loop)"))
        if drive.target.scheme == "http":
            reached = min(statistics.median(values["requests"] / values["seconds"] for values in closed[way]) for way in WAYS)
            rate = max(1, round(options.rate or min(reached / 2, MAX_RATE)))
            opened = drive.rounds("open", lambda way: drive.once(way, {"seconds": options.seconds, "rate": rate}))
            tables.append(rows_of(opened, f"{rate:,} requests a second (open loop)"))
    except load.LoadFailed as failure:
        raise SystemExit(f"bench: {options.target}: {failure}")
    for rows in tables:
        say("\n" + report.table(rows))
    cpu = [values["cpu_us"] for values in closed["weir"]]
    say(f"\n  weir used {report.spread(cpu, 1)} us of CPU a request, everything measured")
    latest = drive.figures.get("open", closed)
    series = {way: (colour, [report.three([values[key] for values in latest[way]]) for key in ("p50_us", "p99_us", "p999_us")])
              for way, colour in (("direct", "#9aa5b1"), ("weir", "#2563eb"))}
    chart = charts.Bars("latency.svg", "Latency direct and through weir, microseconds", tables[-1][0][0], ["p50", "p99", "p99.9"], series, 0)
    return Outcome({"kind": "target", "target": options.target, "rounds": options.rounds, "seconds": options.seconds,
                    "connections": options.connections, "figures": drive.figures, "left_out": drive.left_out}, tables, [chart])
