"""Charts as SVG, with nothing but text: bars beside one another, and lines over a growing amount."""

import dataclasses
import html
import math

WIDTH = 860
INK, FAINT, GRID = "#1f2933", "#616e7c", "#e4e7eb"
COLOURS = ("#2563eb", "#e07a1f", "#15803d", "#b91c1c", "#7c3aed", "#0e7490")
FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\""


@dataclasses.dataclass
class Bars:
    """Groups of bars. `series` maps a label to (colour, [(median, smallest, largest) or None, one a group])."""
    file: str
    title: str
    note: str
    groups: list
    series: dict
    digits: int = 2
    most: float = math.inf  # what is longer is cut off, with its number beside it


@dataclasses.dataclass
class Lines:
    """Figures over a growing amount, on a logarithmic x axis; `series` maps a label to [(x, median, smallest, largest)]."""
    file: str
    title: str
    note: str
    x_title: str
    y_title: str
    series: dict
    is_log_y: bool = False


def text(x, y, content, size=12, colour=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(str(content))}</text>')


def line(x1, y1, x2, y2, colour=GRID, width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def page(height, title, note, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" {FONT}>'
            f'<title>{html.escape(title)}</title><rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
            + text(24, 34, title, 17, weight="600") + text(24, 54, note, 12, FAINT) + "".join(parts) + "</svg>\n")


def steps(top, wanted=5):
    """Round numbers from 0 to beyond `top`."""
    raw = top / wanted if top > 0 else 1
    scale = 10 ** math.floor(math.log10(raw))
    size = next(scale * factor for factor in (1, 2, 2.5, 5, 10) if scale * factor >= raw)
    return [size * i for i in range(math.ceil(top / size - 1e-9) + 1)]


def short(value):
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g}{suffix}"
    return f"{value:g}"


def legend(labels, y):
    parts, x = [], 24
    for label, colour in labels:
        parts.append(f'<rect x="{x}" y="{y - 9}" width="11" height="11" rx="2" fill="{colour}"/>' + text(x + 16, y, label, 12))
        x += 30 + 6.6 * len(label)
    return parts


def bars(chart):
    left, right, bar, gap = 250, WIDTH - 70, 13, 16
    parts = legend([(label, colour) for label, (colour, _) in chart.series.items()], 80)
    top = min(chart.most, max(value[2] for _, values in chart.series.values() for value in values if value))
    marks = steps(top)
    scale = (right - left) / marks[-1]
    first = 100
    bottom = first + len(chart.groups) * (len(chart.series) * bar + gap)
    for mark in marks:
        x = left + mark * scale
        parts += [line(x, first, x, bottom), text(x, bottom + 16, short(mark), 11, FAINT, "middle")]
    y = first
    for at, group in enumerate(chart.groups):
        y += gap / 2
        middle = y + len(chart.series) * bar / 2 + 4
        parts.append(text(left - 12, middle, group, 12, anchor="end"))
        for colour, values in chart.series.values():
            if value := values[at]:
                median, smallest, largest = (min(each, marks[-1]) * scale for each in value)
                parts.append(f'<rect x="{left}" y="{y + 1:.1f}" width="{max(median, 1):.1f}" height="{bar - 2}" rx="2" fill="{colour}"/>')
                parts.append(line(left + smallest, y + bar / 2, left + largest, y + bar / 2, INK, 1))
                parts.append(text(left + largest + 6, y + bar - 3, f"{value[0]:.{chart.digits}f}", 10, FAINT))
            y += bar
        y += gap / 2
    return page(bottom + 34, chart.title, chart.note, parts)


def lines(chart):
    left, right, first, bottom = 76, WIDTH - 40, 112, 380
    points = [point for series in chart.series.values() for point in series]
    low, high = min(point[0] for point in points), max(point[0] for point in points)
    greatest = max(point[3] for point in points)
    marks = steps(greatest)
    if chart.is_log_y:
        smallest = math.floor(math.log10(min(point[2] for point in points)))
        marks = [10.0 ** power for power in range(smallest, math.ceil(math.log10(greatest)) + 1)]

    def x_of(value):
        return (left + right) / 2 if high == low else left + (right - left) * math.log(value / low) / math.log(high / low)

    def y_of(value):
        if chart.is_log_y:
            return bottom - (bottom - first) * math.log(value / marks[0]) / math.log(marks[-1] / marks[0])
        return bottom - (bottom - first) * value / marks[-1]

    parts = legend([(label, COLOURS[i % len(COLOURS)]) for i, label in enumerate(chart.series)], 80) if len(chart.series) > 1 else []
    for mark in marks:
        parts += [line(left, y_of(mark), right, y_of(mark)), text(left - 10, y_of(mark) + 4, short(mark), 11, FAINT, "end")]
    for value in sorted({point[0] for point in points}):
        parts += [line(x_of(value), bottom, x_of(value), bottom + 5, FAINT), text(x_of(value), bottom + 20, short(value), 11, FAINT, "middle")]
    for i, series in enumerate(chart.series.values()):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{'L' if at else 'M'}{x_of(x):.1f} {y_of(y):.1f}" for at, (x, y, _, _) in enumerate(series))
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y, smallest, largest in series:
            parts.append(line(x_of(x), y_of(smallest), x_of(x), y_of(largest), colour))
            parts.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3.5" fill="{colour}"/>')
    parts += [text((left + right) / 2, bottom + 44, chart.x_title, 12, FAINT, "middle"), text(24, first - 16, chart.y_title, 12, FAINT)]
    return page(bottom + 60, chart.title, chart.note, parts)


def draw(folder, charts):
    """Writes each chart into `folder`; the names of the files."""
    for chart in charts:
        (folder / chart.file).write_text(bars(chart) if isinstance(chart, Bars) else lines(chart))
    return [chart.file for chart in charts]
