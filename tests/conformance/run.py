#!/usr/bin/env python3
"""Judges an HTTP/1.1 reverse proxy from outside: what it alters that it may not, and what it lets through.

    run.py --proxy weir --binary build/src/app/weir
    run.py --proxy nginx --kind hostile --only "chunk" -v

Differential cases run twice, straight to an instrumented upstream and through the proxy, and are compared byte for
byte but for the rows of allowed.py. Hostile cases state the legal outcomes. Needs nothing but Python 3.9.
"""

import argparse
import asyncio
import fnmatch
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from case import Verdict                                                      # noqa: E402
from cases import all_cases                                                   # noqa: E402
from checks import every_answer_belongs_to_a_request, every_forwarded_request_is_canonical  # noqa: E402
from compare import compare, show                                             # noqa: E402
from lane import Lane                                                         # noqa: E402
from proxies import PROFILES                                                  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proxy", choices=sorted(PROFILES), default="weir")
    parser.add_argument("--binary", help="the program to judge (weir)")
    parser.add_argument("--only", default="", help="part of a name, or a pattern with * and ?")
    parser.add_argument("--kind", choices=("differential", "hostile", "contract"))
    parser.add_argument("--forgive", choices=("names", "order"), action="append", default=[],
                        help="compare without the case of field names, or without the order of different fields")
    parser.add_argument("--lanes", type=int, default=40, help="cases at once")
    parser.add_argument("--workers", type=int, default=1, help="worker threads of weir")
    parser.add_argument("--list", action="store_true", help="print the cases and stop")
    parser.add_argument("--keep", action="store_true", help="keep the folder with configuration and logs")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every case, and for failures all bytes")
    options = parser.parse_args()
    if options.proxy == "weir" and not options.binary and not options.list:
        parser.error("--proxy weir needs --binary PATH")
    return options


def chosen(case, options):
    if options.kind and case.kind != options.kind:
        return False
    if case.kind == "contract" and options.proxy not in ("weir", "reference"):
        return False
    if any(c in options.only for c in "*?"):
        return fnmatch.fnmatchcase(case.name, options.only)
    return options.only in case.name


async def judge(case, lane, profile):
    """Runs one case and returns what is wrong with its outcome."""
    direct = await lane.run(case, lane.port) if case.compare else None
    if direct and direct.troubles:
        return Verdict(case, direct, direct, profile, [f"direct: {t}" for t in direct.troubles])
    seen = await lane.run(case, lane.proxy_port)
    verdict = Verdict(case, seen, direct, profile)
    for trouble in seen.troubles:
        verdict.note(trouble)
    every_forwarded_request_is_canonical(verdict)
    if case.kind == "hostile" and not case.answers:
        every_answer_belongs_to_a_request(verdict)
    if case.compare:
        compare(verdict)
    for check in case.checks:
        check(verdict)
    return verdict


def report(verdict, verbose):
    case = verdict.case
    print(f"FAILED {case.kind}: {case.name}  [{case.clause}]")
    for problem in verdict.problems:
        print("    " + problem.replace("\n", "\n    "))
    if verbose:
        for number, party in enumerate(verdict.seen.clients):
            print(f"    client {number + 1} received ({party.end}): {show(party.received, 1500)}")
        for number, party in enumerate(verdict.seen.upstreams):
            print(f"    upstream connection {number + 1} received ({party.end}): {show(party.received, 1500)}")


class Stopwatch:
    """Notices when the judge itself was held up: what then timed out says nothing about the proxy."""

    def __init__(self, bound=0.4, patience=100):
        self.bound = bound
        self.patience = patience        # how often a case may be judged again in one run, all cases together
        self.last_stall = 0.0
        self.rejudged = 0

    async def watch(self):
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.05)
            if loop.time() - began > self.bound:
                self.last_stall = loop.time()


async def judge_fairly(case, lane, profile, stopwatch):
    """Judges a case again, three times at most, where it failed while this program was not being run."""
    for _ in range(3):
        began = time.monotonic()
        try:
            verdict = await asyncio.wait_for(judge(case, lane, profile), 40)
        except (asyncio.TimeoutError, OSError) as error:
            verdict = Verdict(case, None, None, profile, [f"the case could not be run: {error!r}"])
        await asyncio.sleep(0)
        held_up = stopwatch.last_stall >= began - 0.5
        if not verdict.problems or not held_up or stopwatch.rejudged >= stopwatch.patience:
            break
        stopwatch.rejudged += 1
        await asyncio.sleep(0.5)
    return verdict


async def run_all(cases, lanes, profile, verbose):
    queue = sorted(cases, key=lambda c: c.options.get("seconds", 0))
    verdicts = []
    stopwatch = Stopwatch()

    async def work(lane):
        while queue:
            case = queue.pop()
            verdict = await judge_fairly(case, lane, profile, stopwatch)
            verbose_now = verbose and verdict.seen is not None
            if profile.has_died and not verdicts_of_death:
                verdicts_of_death.append(case.name)
                print(f"THE PROXY DIED (exit {profile.process.returncode}) while this and others ran: {case.name}")
                queue.clear()
            verdicts.append(verdict)
            if verdict.problems:
                report(verdict, verbose_now)
            elif verbose:
                print(f"passed {case.kind}: {case.name}")

    verdicts_of_death = []
    for lane in lanes:
        lane.start()
    watching = asyncio.ensure_future(stopwatch.watch())
    await asyncio.gather(*(work(lane) for lane in lanes))
    watching.cancel()
    if stopwatch.rejudged:
        print(f"{stopwatch.rejudged} times a case was judged again: the machine held this program up")
    for lane in lanes:
        lane.stop()
    return verdicts, bool(verdicts_of_death)


async def main(options):
    cases = [case for case in all_cases() if chosen(case, options)]
    names = Counter((case.kind, case.name) for case in cases)
    doubled = [name for name, count in names.items() if count > 1]
    if doubled:
        raise SystemExit(f"two cases have the same name: {doubled}")
    if options.list:
        for case in cases:
            print(f"{case.kind}: {case.name}  [{case.clause}]")
        print(len(cases), "cases")
        return 0
    profile = PROFILES[options.proxy]()
    profile.binary = options.binary or profile.binary
    profile.workers = options.workers
    profile.forgives = frozenset(options.forgive)
    lanes = [Lane() for _ in range(max(1, min(options.lanes, len(cases))))]
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="conformance-")
    profile.start(folder, lanes)
    try:
        verdicts, died = await run_all(cases, lanes, profile, options.verbose)
        died = died or profile.has_died
    finally:
        profile.stop()
        if options.keep:
            print("kept", folder)
        else:
            import shutil
            shutil.rmtree(folder, ignore_errors=True)
    return summary(profile, cases, verdicts, died, time.monotonic() - began)


def summary(profile, cases, verdicts, died, seconds):
    tally = Counter((v.case.kind, not v.problems) for v in verdicts)
    for kind in ("differential", "hostile", "contract"):
        if tally[kind, True] + tally[kind, False]:
            print(f"{profile.name} {kind}: {tally[kind, True]} of {tally[kind, True] + tally[kind, False]}")
    if len(verdicts) < len(cases):
        print(f"{len(cases) - len(verdicts)} cases were not run")
    passed = sum(1 for v in verdicts if not v.problems)
    print(f"{passed} passed, {len(cases) - passed} failed ({seconds:.1f} s)")
    return 1 if died or passed < len(cases) else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(arguments())))
    except BrokenPipeError:
        os._exit(1)
