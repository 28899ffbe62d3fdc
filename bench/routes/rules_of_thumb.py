#!/usr/bin/env python3
"""Scores ways of grouping requests into routes against the truth.

    rules_of_thumb.py WEIR STREAM...

Each STREAM is a file of `METHOD<tab>target<tab>status` lines with a file `.truth` beside it (the same name without its
extension), one `METHOD template` a line, `NOISE` for requests of scanners. WEIR is the built program. Printed for each way,
after the first tenth of the stream, over the requests that are no noise: pairwise precision, recall and F1 (same tag and
same template), tags per template, and the share of requests whose tag is the template but for the names of parameters.
"""
import re
import subprocess
import sys
from collections import Counter

UUID = re.compile(r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
# The simplified endpoints of Datadog's tracers: the first eight segments, five patterns.
FIVE = [re.compile(x + "$") for x in (
    r"[1-9][0-9]+", r"(?=.*[0-9].*)[0-9._-]{3,}", r"(?=.*[0-9].*)[A-Fa-f0-9]{6,}", r"(?=.*[0-9].*)[A-Fa-f0-9._-]{6,}",
    r".{20,}|.*[%&'()*+,:=@].*")]


def raw(method, segments):
    return segments


def numbers(method, segments):
    return ["{}" if s.isdigit() or UUID.match(s) else s for s in segments]


def five_patterns(method, segments):
    return ["{}" if any(p.match(s) for p in FIVE) else s for s in segments[:8]]


class CappedTrie:
    """A level that has seen more than `cap` different values is a parameter from then on."""

    def __init__(self, cap):
        self.cap, self.seen = cap, {}

    def __call__(self, method, segments):
        out = []
        for s in segments:
            level = self.seen.setdefault((method, *out), set())
            if len(level) <= self.cap:
                level.add(s)
            out.append("{}" if len(level) > self.cap else s)
        return out


def norm(tag):
    method, _, path = tag.partition(" ")
    return method + " /" + "/".join("{}" if "{" in s or s == "*" else s for s in path.strip("/").split("/"))


def pairs(counts):
    return sum(n * (n - 1) // 2 for n in counts.values())


def score(truth, tags):
    joint, by_truth, by_tag, exact = Counter(), Counter(), Counter(), 0
    for t, g in list(zip(truth, tags))[len(truth) // 10:]:
        if t != "NOISE":
            joint[t, g] += 1
            by_truth[t] += 1
            by_tag[g] += 1
            exact += norm(t) == norm(g)
    p, r = pairs(joint) / max(1, pairs(by_tag)), pairs(joint) / max(1, pairs(by_truth))
    return p, r, 2 * p * r / (p + r) if p + r else 0.0, len(by_tag) / len(by_truth), exact / sum(by_truth.values())


def tags_of(rule, lines):
    for line in lines:
        method, target, _ = line.split("\t")
        path = target.split("?")[0]
        yield method + " /" + "/".join(rule(method, path.strip("/").split("/")))


def main(weir, streams):
    sums = {}
    for name in streams:
        truth = open(name.rsplit(".", 1)[0] + ".truth", errors="replace").read().splitlines()
        lines = open(name, errors="replace").read().split("\n")[:-1]
        learned = subprocess.run([weir, "learn", "--tags", name], capture_output=True, text=True, errors="replace").stdout
        ways = {"raw path": raw, "numbers and UUIDs": numbers, "five patterns": five_patterns,
                "ten children a level": CappedTrie(10)}
        figures = {way: score(truth, list(tags_of(rule, lines))) for way, rule in ways.items()}
        figures["weir learn"] = score(truth, learned.split("\n")[:-1])
        for way, figure in figures.items():
            print(f"{name.rsplit('/', 1)[-1]:<32} {way:<22} " + " ".join(f"{x:7.3f}" for x in figure))
            sums.setdefault(way, []).append(figure)
    print(f"{'mean':<32} {'':<22}       P       R      F1  tags/t   exact")
    for way, figures in sums.items():
        print(f"{'':<32} {way:<22} " + " ".join(f"{sum(x) / len(figures):7.3f}" for x in zip(*figures)))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
