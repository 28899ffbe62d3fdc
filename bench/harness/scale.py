"""How weir's cost grows with what it is given: each axis is a table and a chart."""

import http.client
import statistics
import threading
import time

from . import charts, load, report
from .accounting import cpu_seconds, memory
from .report import Outcome, number, spread, three

MB = 1_000_000
CONNECTIONS = 32


class Scale:
    def __init__(self, options, lab, generator, say):
        self.options = options
        self.lab = lab
        self.generator = generator
        self.say = say
        self.left_out = []

    def leave_out(self, what, why):
        self.left_out.append({"what": what, "why": why})
        self.say(f"left out: {what}: {why}")

    def drive(self, running, path, **options):
        """CPU time per request and what the clients saw."""
        options = {"connections": CONNECTIONS, "seconds": self.options.seconds, **options}
        before = cpu_seconds(running.pids)
        values = self.generator.run(running.port, path, **options)
        values["cpu_us"] = (cpu_seconds(running.pids) - before) * 1e6 / max(values["requests"], 1)
        values["pss"] = memory(running.pids)["pss"]
        values["requests_per_second"] = values["requests"] / max(values["seconds"], 1e-9)
        errors = values["failed"] + values["bad_status"] + values["unfinished"]
        if errors:
            self.say(f"  {path}: {errors} of {values['requests']} requests had no good answer")
        return values

    def interleaved(self, points, once):
        """`once(point)` for every point, round after round: {point: [values, ...]}."""
        found = {point: [] for point in points}
        for _ in range(self.options.rounds):
            for point in points:
                found[point].append(once(point))
        return found


def column(values, key):
    return [each[key] for each in values]


def result(file, title, note, x_title, found, key="cpu_us", y_title="CPU us per request", digits=2, is_log_y=False):
    """Rows and a chart of one figure over the points of an axis, with what the proxy holds in memory afterwards."""
    rows = [[x_title, y_title, "requests/s", "p99 us", "PSS MB"]]
    for point, values in found.items():
        rows.append([f"{point:,}", spread(column(values, key), digits), spread(column(values, "requests_per_second"), 0),
                     number(statistics.median(column(values, "p99_us")), 0), number(statistics.median(column(values, "pss")) / 1e6, 1)])
    line = [(point, *three(column(values, key))) for point, values in found.items()]
    return rows, charts.Lines(file, title, note, x_title, y_title, {"weir": line}, is_log_y), found


def routes(scale):
    """Configured patterns, all of them asked for in turn."""
    running = {}
    for count in (10, 100, 1_000, 10_000):
        patterns = "".join(f"  - match: GET /area{i}/items/{{id}}\n" for i in range(count))
        running[count] = scale.lab.start_weir(extra=f"route_learning: {{ max_routes: 20000 }}\nroutes:\n{patterns}")[0]
    found = scale.interleaved(running, lambda count: scale.drive(running[count], "/area{n}/items/7", distinct=count))
    return result("scale_routes.svg", "Routes: 10 to 10,000", f"each asked for in turn, {CONNECTIONS} connections", "routes", found)


def connections(scale):
    running, _ = scale.lab.start_weir()
    # Beside the clients' connections weir has those to the app, 1,024 at most.
    most = min(20_000, scale.lab.files - 2_100)
    if most < 20_000:
        scale.leave_out("20,000 connections", f"{scale.lab.files:,} files may be open (ulimit -n); {most:,} instead")
    points = [count for count in (1, 8, 64, 512, 4_096) if count < most] + [most]
    found = scale.interleaved(points, lambda count: scale.drive(running, "/projects/17", connections=count))
    return result("scale_connections.svg", "Connections: 1 to 20,000", "all busy, each sends again as soon as it is answered",
                  "connections at once", found)


def workers(scale):
    """With two CPUs the second worker shares its own with the load and the app."""
    cpus = scale.lab.cpus.all
    running = {count: scale.lab.start_weir(cpu=",".join(map(str, cpus[:count])), workers=count)[0] for count in (1, 2)}
    found = scale.interleaved(running, lambda count: scale.drive(running[count], "/projects/17", connections=64))
    note = "the second worker shares its CPU with the load and the app" if len(cpus) < 4 else "64 connections"
    return result("scale_workers.svg", "Workers: 1 and 2", note, "workers", found)


def bodies(scale):
    running, _ = scale.lab.start_weir()
    sizes = (100, 10_000, MB, 100 * MB, 1_000 * MB)
    for size in sizes:
        scale.lab.file(f"size_{size}", size)

    def once(size):
        # A large one is asked for a few times, however long that takes.
        limit = {"requests": max(1, 2_000 * MB // size), "seconds": max(60, scale.options.seconds)} if size > MB else {}
        return scale.drive(running, f"/size_{size}", connections=1 if size > MB else 8, **limit)

    return result("scale_bodies.svg", "Answers: 100 bytes to 1 GB", "flat while a request costs more than its bytes, then by the byte",
                  "bytes", scale.interleaved(sizes, once), is_log_y=True)


def paths(scale):
    """Never seen before, until there have been so many; each point begins with a weir that knows nothing."""
    def once(count):
        running, process = scale.lab.start_weir()
        limit = {"requests": count, "seconds": 120} if count > 10_000 else {}
        try:
            return scale.drive(running, "/projects/{n}/tasks", distinct=count, **limit)
        finally:
            scale.lab.end(process)

    found = scale.interleaved((1, 1_000, 100_000, 1_000_000), once)
    return result("scale_paths.svg", "Distinct paths: 1 to 1 million", "nothing configured, every path learned or folded", "distinct paths", found)


class Poller(threading.Thread):
    """Asks for `stats` once a second."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.bytes = []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/admin/performance/stats")
            self.bytes.append(len(connection.getresponse().read()))
            connection.close()
            self.over.wait(1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def stats(scale):
    """A fixed rate over 1,000 routes, with and without somebody who asks for all figures once a second."""
    patterns = "".join(f"  - match: GET /area{i}/items/{{id}}\n" for i in range(1_000))
    running, _ = scale.lab.start_weir(extra=f"route_learning: {{ max_routes: 2000 }}\nroutes:\n{patterns}")
    load_of = {"connections": 4, "rate": 5_000, "distinct": 1_000, "seconds": max(3, scale.options.seconds)}
    sizes = []

    def once(way):
        if way == "not asked":
            return scale.drive(running, "/area{n}/items/7", **load_of)
        with Poller(running.admin_port) as poller:
            time.sleep(0.1)
            values = scale.drive(running, "/area{n}/items/7", **load_of)
        sizes.extend(poller.bytes)
        return values

    found = scale.interleaved(("not asked", "once a second"), once)
    rows = [["stats of 1,000 routes", "p50 us", "p99 us", "p99.9 us", "CPU us per request"]]
    for way, values in found.items():
        rows.append([way, *(spread(column(values, key), 1) for key in ("p50_us", "p99_us", "p999_us", "cpu_us"))])
    note = f"5,000 requests a second on 4 connections; each answer of the admin API has {max(sizes) / 1e6:.1f} MB"
    series = {way: (colour, [three(column(found[way], key)) for key in ("p50_us", "p99_us", "p999_us")])
              for way, colour in (("not asked", "#9aa5b1"), ("once a second", "#2563eb"))}
    return rows, charts.Bars("scale_stats.svg", "Latency while stats are asked for, microseconds", note, ["p50", "p99", "p99.9"], series, 0), found


AXES = {axis.__name__: axis for axis in (routes, connections, workers, bodies, paths, stats)}


def run(options, lab, generator, say, names):
    if unknown := [name for name in names if name not in AXES]:
        raise SystemExit(f"bench: nothing grows by {unknown[0]} (one of {', '.join(AXES)})")
    scale = Scale(options, lab, generator, say)
    lab.start_upstream()
    tables, drawn, figures = [], [], {}
    for name in names or AXES:
        others = list(lab.processes)
        try:
            rows, chart, found = AXES[name](scale)
        except load.LoadFailed as failure:
            scale.leave_out(name, str(failure))
            continue
        finally:
            for process in [each for each in lab.processes if each not in others]:
                lab.end(process)
        figures[name] = {str(point): values for point, values in found.items()}
        tables.append(rows)
        drawn.append(chart)
        say("\n" + report.table(rows))
    return Outcome({"kind": "scale", "rounds": options.rounds, "seconds": options.seconds, "figures": figures, "left_out": scale.left_out},
                   tables, drawn)
