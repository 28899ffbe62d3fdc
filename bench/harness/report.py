"""What a run found out: rows of text for a terminal and for Markdown, JSON, and what to draw."""

import dataclasses
import json
import statistics

from . import charts
from .peers import PEERS
from .workloads import WORKLOADS

COLOURS = {"floor": "#cbd2d9", "l7": "#9aa5b1", "weir": "#2563eb", "against": "#93b4f5", "nginx": "#86b98d", "nginx_log": "#3f8f4f",
           "haproxy": "#f0b37e", "haproxy_log": "#d9822b", "caddy": "#c3a6e0"}


@dataclasses.dataclass
class Outcome:
    """Of one run: what goes into the JSON, the tables that sum it up, the charts."""
    run: dict
    tables: list
    charts: list


def spread(values, digits=2):
    if not values:
        return ""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def three(values):
    return (statistics.median(values), min(values), max(values)) if values else None


def number(value, digits=2):
    return "" if value is None else f"{value:,.{digits}f}"


def table(rows):
    """Columns as wide as what they hold; the first is text, the others are numbers."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows)


def markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def median(figures, workload, peer, name):
    values = figures.get(workload, {}).get(peer, {}).get(name)
    return statistics.median(values) if values else None


def ratio_values(figures, workload, peer, to):
    """CPU time of `peer` in times that of `to`, round by round: neighbours in time had the same machine."""
    one = figures[workload].get(peer, {}).get("cpu_us", [])
    other = figures[workload].get(to, {}).get("cpu_us", [])
    return [a / b for a, b in zip(one, other) if b > 0]


def of_workload(figures, name):
    """Every peer under one workload: median (smallest-largest) over the rounds."""
    rows = [["", "CPU us/request", "x floor", "calls/request", "requests/s", "p50 us", "p99 us", "p99.9 us", "errors"]]
    for peer, values in figures[name].items():
        calls = values.get("system_calls")
        rows.append([
            PEERS[peer].title, spread(values.get("cpu_us")), spread(ratio_values(figures, name, peer, "floor")) if peer != "floor" else "1",
            number(calls[-1] if calls else None, 1), spread(values["requests_per_second"], 0),
            *(number(statistics.median(values[key]), 0) for key in ("p50_us", "p99_us", "p999_us")), str(sum(values["errors"]))])
    return f"\n{name}: {WORKLOADS[name].title}\n{table(rows)}"


def of_memory(memory):
    rows = [["memory", "PSS idle MB", "RSS idle MB", "bytes/idle connection", "bytes/active connection"]]
    for peer, values in memory.items():
        rows.append([PEERS[peer].title, number(values["idle"]["pss"] / 1e6, 1), number(values["idle"]["rss"] / 1e6, 1),
                     number(values.get("bytes_per_idle_connection"), 0), number(values.get("bytes_per_active_connection"), 0)])
    return rows


def ratios(figures, names):
    rows = [["CPU time per request, in times the one in us", *(PEERS[name].title for name in names)]]
    for workload, peers in figures.items():
        floor = median(figures, workload, "floor", "cpu_us")
        base = "floor" if floor else next((name for name in ("nginx", "haproxy", "weir") if name in peers), None)
        if base is None:
            continue
        cells = []
        for name in names:
            times = ratio_values(figures, workload, name, base)
            cells.append(f"{number(median(figures, workload, name, 'cpu_us'), 1)} us" if name == base else number(statistics.median(times) if times else None))
        rows.append([WORKLOADS[workload].title, *cells])
    return rows


def system_calls(figures, names):
    rows = [["system calls per request", *(PEERS[name].title for name in names)]]
    for workload in figures:
        cells = [number(median(figures, workload, name, "system_calls"), 1) for name in names]
        if any(cells):
            rows.append([WORKLOADS[workload].title, *cells])
    return rows


def added_values(figures, workload, peer, key):
    """Microseconds that a peer adds to a percentile over no proxy, round by round."""
    one = figures[workload].get(peer, {}).get(key, [])
    none = figures[workload].get("none", {}).get(key, [])
    return [a - b for a, b in zip(one, none)]


def latencies(figures, names):
    rows = [["added over no proxy, us", "p50", "p99", "p99.9"]]
    for workload in figures:
        for name in names if WORKLOADS[workload].rate else []:
            rows.append([PEERS[name].title, *(spread(added_values(figures, workload, name, key), 0) for key in ("p50_us", "p99_us", "p999_us"))])
    return rows


def draw_cost(figures, names):
    shown = [workload for workload in figures if median(figures, workload, "floor", "cpu_us")]
    if not shown or len(names) < 2:
        return []
    series = {PEERS[name].title: (COLOURS.get(name, "#7b8794"), [three(ratio_values(figures, workload, name, "floor")) for workload in shown])
              for name in names if name != "floor"}
    return [charts.Bars("cost.svg", "CPU time per request, in times a bare TCP forwarder", "less is better; the line shows the smallest and the largest round",
                        [WORKLOADS[workload].title for workload in shown], series, most=3)]


def draw_latency(figures, names):
    drawn = []
    for workload in figures:
        if WORKLOADS[workload].rate and "none" in figures[workload]:
            series = {PEERS[name].title: (COLOURS.get(name, "#7b8794"), [three([max(0, value) for value in added_values(figures, workload, name, key)])
                                                                        for key in ("p50_us", "p99_us", "p999_us")]) for name in names}
            drawn.append(charts.Bars("latency.svg", "Latency added over no proxy, microseconds", f"{WORKLOADS[workload].title}; counted from when each was due",
                                     ["p50", "p99", "p99.9"], series, 0))
    return drawn


def of_comparison(run):
    figures = run["figures"]
    names = [name for name in PEERS if name != "none" and any(name in peers for peers in figures.values())]
    tables = [ratios(figures, names), system_calls(figures, names), latencies(figures, names)]
    if run["memory"]:
        tables.append(of_memory(run["memory"]))
    return Outcome(run, [rows for rows in tables if len(rows) > 1], draw_cost(figures, names) + draw_latency(figures, names))


def write(folder, outcome):
    """figures.json, tables.md and the charts; the names of what was written."""
    (folder / "figures.json").write_text(json.dumps(outcome.run, indent=1) + "\n")
    (folder / "tables.md").write_text("\n\n".join(markdown(rows) for rows in outcome.tables) + "\n")
    return ["figures.json", "tables.md", *charts.draw(folder, outcome.charts)]
