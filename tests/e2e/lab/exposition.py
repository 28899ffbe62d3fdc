"""What /metrics says, as a scraper reads it."""

import re

_SERIES = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


class DuplicateSeries(AssertionError):
    """An exposition has a series twice: scrapers keep one of the two without a word, and promtool does not notice."""


def parse(text):
    """Values by series, `(name, ((label, value), …))` with the labels in the order of their names. Refuses an
    exposition that has a series twice, or a line that is none."""
    values = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _SERIES.fullmatch(line)
        if match is None:
            raise AssertionError(f"not a sample: {line}")
        name, labels, value = match.groups()
        series = (name, tuple(sorted(_LABEL.findall(labels or ""))))
        if series in values:
            raise DuplicateSeries(line)
        values[series] = float(value)
    return values


def series(name, **labels):
    """As the keys of `parse`."""
    return (name, tuple(sorted(labels.items())))


def total(values, name, **labels):
    """The sum over all series of that name that have these labels, among others."""
    return sum(value for (found, its), value in values.items()
               if found == name and set(labels.items()) <= set(its))


class Scraper:
    """A sequence of scrapes, and what `increase()` over all of them is: of each series the sum of what it grew by from
    scrape to scrape. As Prometheus does it without extrapolation: a value that is lower than the one before has begun
    again at 0, the first value of a series that was not there before is no increase, and one that is gone has ended."""

    def __init__(self):
        self.values = None
        self.increases = {}

    def take(self, text):
        values = parse(text)
        before = self.values or {}
        for one, value in values.items():
            if one in before:
                grown = value - before[one] if value >= before[one] else value
                self.increases[one] = self.increases.get(one, 0) + grown
        self.values = values
        return values

    def increase(self, name, **labels):
        return total(self.increases, name, **labels)
