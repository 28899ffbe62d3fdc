// The line and bar charts, by Chart.js. Each keeps its chart and takes new data; colours follow the theme.

import {byId, el} from './dom.js';
import * as format from './format.js';
import {classRate, distribution, extent, grid, isEmpty, roundTimes, STATUS_CLASSES} from './series.js';
import {colour, onThemeChange} from './theme.js';

const NAMES = {
  none: 'no answer'
};

function timeAxis() {
  return {
    type: 'linear',
    offset: false,
    grid: {display: false},
    afterBuildTicks: (scale) => {
      scale.ticks = roundTimes(scale.min, scale.max, scale.width).map((value) => ({value}));
    },
    ticks: {
      maxRotation: 0,
      autoSkip: false,
      callback: (at, _, ticks) =>
          format.shortTime(at, ticks.length > 1 && (ticks[1].value - ticks[0].value) % 60e3 !== 0)
    },
  };
}

/** Latencies differ by powers of ten, so that on a linear axis all but the worst would lie on the floor. */
function logarithmicAxis(valueText) {
  return {
    type: 'logarithmic',
    afterBuildTicks: (scale) => {
      const decades = Math.log10(scale.max / scale.min);
      const leads = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
      const ticks = [];
      for (let ten = 10 ** Math.floor(Math.log10(scale.min)); ten <= scale.max; ten *= 10) {
        for (const lead of leads)
          if (lead * ten >= scale.min * 0.999 && lead * ten <= scale.max * 1.001) ticks.push({value: lead * ten});
      }
      scale.ticks = ticks;
    },
    ticks: {autoSkip: false, callback: (v) => format.brief(valueText(v))},
  };
}

/** Marks on the time line (a deploy, say) as thin upright lines with their names. */
const markLines = {
  id: 'marks',
  afterDatasetsDraw(chart) {
    const {ctx, chartArea: {top, bottom, left, right}, scales: {x}} = chart;
    for (const mark of chart.options.marks ?? []) {
      const at = x.getPixelForValue(mark.at);
      if (at < left || at > right) continue;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour('mark');
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(at, top);
      ctx.lineTo(at, bottom);
      ctx.stroke();
      ctx.font = '10px system-ui, sans-serif';
      ctx.textAlign = at > right - 60 ? 'right' : 'left';
      ctx.fillText(` ${mark.name.slice(0, 24)} `, at, top + 9);
      ctx.restore();
    }
  },
};

/** Where there was no request, no axis has a meaning. */
const emptyNote = {
  id: 'empty',
  afterDraw({ctx, chartArea: {left, right, top, bottom}, options}) {
    if (!options.isEmpty) return;
    ctx.save();
    ctx.fillStyle = colour('muted');
    ctx.font = '13px system-ui, sans-serif';
    ctx.textAlign = 'center';
    ctx.fillText('No request in this window', (left + right) / 2, (top + bottom) / 2);
    ctx.restore();
  },
};

/** One chart over time. `datasets(places)` makes its data anew; `valueText` writes a value of the y axis. */
class TimeChart {
  constructor(id, {type, valueText, datasets, stacked = false, integers = false, isLogarithmic = false}) {
    this.canvas = byId(id);
    this.datasets = datasets;
    this.valueText = valueText;
    this.chart = new Chart(this.canvas, {
      type,
      data: {datasets: []},
      plugins: [markLines, emptyNote],
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: {mode: 'nearest', axis: 'x', intersect: false},
        elements: {point: {radius: 0, hitRadius: 8}, line: {borderWidth: 1.75, tension: 0}},
        scales: {
          x: {...timeAxis(), stacked},
          y: isLogarithmic ? logarithmicAxis(valueText) : {
            stacked,
            beginAtZero: true,
            ticks: {maxTicksLimit: 5, precision: integers ? 0 : undefined, callback: (v) => format.brief(valueText(v))}
          },
        },
        plugins: {
          legend: {display: false},
          tooltip: {
            filter: (item) => item.parsed.y !== null && !(stacked && item.parsed.y === 0),
            callbacks: {
              title: (items) => (items.length ? format.time(new Date(items[0].raw.at).toISOString()) : ''),
              label: (item) => ` ${item.dataset.label}: ${valueText(item.parsed.y)}`,
            },
          },
        },
      },
    });
    onThemeChange(() => this.last && this.show(...this.last));
  }

  show(series, marks = []) {
    this.last = [series, marks];
    const {options} = this.chart;
    const places = grid(series);
    const line = colour('line');
    [options.scales.x.min, options.scales.x.max] = extent(series);
    options.scales.y.grid = {color: line, drawBorder: false};
    for (const axis of Object.values(options.scales)) axis.ticks.color = colour('muted');
    options.marks = marks;
    options.isEmpty = isEmpty(series);
    options.scales.y.ticks.display = !options.isEmpty;
    const {min, max} = options.scales.x;
    this.chart.data.datasets =
        this.datasets(places).map((set) => this.drawn(set, (series.step_seconds * 1e3) / (max - min)));
    this.chart.update('none');
  }

  /** A slice is as wide as its `share` of the axis. One without neighbours is a dot: a line would have no length. */
  drawn(set, share) {
    const width = (this.chart.chartArea?.width ?? 400) * share;
    const barThickness = Math.max(1, Math.min(40, width - Math.min(2, 0.15 * width)));
    return {...set, barThickness, pointRadius: (point) => (isAlone(set.data, point.dataIndex) ? 2 : 0)};
  }
}

const isAlone = (data, i) =>
    data[i]?.y !== null && (data[i - 1]?.y ?? null) === null && (data[i + 1]?.y ?? null) === null;
const point = (place, y) => ({x: place.middle, at: place.at, y});

function key(id, entries) {
  byId(id).replaceChildren(...entries.map(([name, text]) => el('span', {class: `swatch ${name}`}, text)));
}

function statusSets(places) {
  const used = STATUS_CLASSES.filter((name) => name === '2xx' || places.some((place) => place.slice?.status[name]));
  key('rate-key', used.map((name) => [`s-${name}`, NAMES[name] ?? name]));
  return used.map((name) => ({
    label: NAMES[name] ?? name,
    data: places.map((place) => point(place, classRate(place.slice, name))),
    backgroundColor: colour(`s-${name}`),
  }));
}

const QUANTILES = ['p50', 'p95', 'p99'];
export function latencySets(places) {
  return QUANTILES.map((name) => ({
    label: name,
    data: places.map((place) => point(place, place.slice?.[`${name}_duration`] ?? null)),
    borderColor: colour(name),
    backgroundColor: colour(name),
  }));
}

function flightSets(places) {
  return [{
    label: 'in flight',
    data: places.map((place) => point(place, place.slice?.highest_in_flight ?? 0)),
    borderColor: colour('accent'),
    backgroundColor: colour('accent-soft'),
    fill: true,
    stepped: 'middle',
  }];
}

const perMinute = (value) => `${format.rate(value)}/min`;

export function overviewCharts() {
  key('latency-key', QUANTILES.map((name) => [name, name]));
  const rate = new TimeChart('rate-chart', {type: 'bar', stacked: true, valueText: perMinute, datasets: statusSets});
  const latency = new TimeChart(
      'latency-chart', {type: 'line', valueText: format.duration, datasets: latencySets, isLogarithmic: true});
  const flight =
      new TimeChart('flight-chart', {type: 'line', valueText: format.count, datasets: flightSets, integers: true});
  return {
    show(series, marks) {
      for (const chart of [rate, latency, flight]) chart.show(series, marks);
      const now = series.current;
      rate.canvas.setAttribute('aria-label',
          `Requests over time, ${format.count(now.total_requests)} in the window, ${
              format.percent(now.error_rate)} of them errors`);
      latency.canvas.setAttribute('aria-label',
          `Latency over time; in the window p50 ${format.duration(now.p50_duration)}, p95 ${
              format.duration(now.p95_duration)}, p99 ${format.duration(now.p99_duration)}`);
    },
  };
}

export const routeLatencyChart = (id) =>
    new TimeChart(id, {type: 'line', valueText: format.duration, datasets: latencySets, isLogarithmic: true});

/** How durations are distributed: a bar a bucket, two an octave. */
export class DistributionChart {
  constructor(id) {
    this.chart = new Chart(byId(id), {
      type: 'bar',
      data: {labels: [], datasets: []},
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: {grid: {display: false}, ticks: {maxRotation: 0, autoSkipPadding: 14}},
          y: {beginAtZero: true, ticks: {maxTicksLimit: 4, precision: 0, callback: (v) => format.count(v)}},
        },
        plugins: {
          legend: {display: false},
          tooltip: {displayColors: false, callbacks: {label: (item) => `${format.exact(item.parsed.y)} requests`}}
        },
      },
    });
  }

  show(series) {
    const {data, options} = this.chart;
    const buckets = distribution(series);
    data.labels = buckets.map((bucket) => `to ${format.duration(bucket.high)}`);
    data.datasets = [{
      data: buckets.map((bucket) => bucket.count),
      backgroundColor: colour('accent'),
      categoryPercentage: 0.95,
      barPercentage: 1
    }];
    options.scales.y.grid = {color: colour('line'), drawBorder: false};
    for (const axis of Object.values(options.scales)) axis.ticks.color = colour('muted');
    this.chart.update('none');
  }
}
