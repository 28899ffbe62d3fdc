// The key figures: value, spark line, change against the window before.

import {byId, el, setText, svg} from './dom.js';
import * as format from './format.js';
import {grid} from './series.js';

const WIDTH = 100;
const HEIGHT = 24;
/** Below this much change nothing is said to have changed. */
const NOTICEABLE = 0.05;

const quantile = (name) => ({
  id: name,
  name,
  value: (s) => s.stats[`${name}_duration`],
  text: format.duration,
  slice: (one) => one?.[`${name}_duration`] ?? null,
  before: (b) => b[`${name}_duration`],
  bad: true,
});

/**
 * `value(state)` and `text(value)`; `slice(slice)` for the spark line, null for a gap (left out: the values since the
 * page was opened); `before(stretch)` to compare with; `bad`: more is worse; `note`, or `note(state)`.
 */
const TILES = [
  {
    id: 'requests',
    name: 'Requests',
    value: (s) => s.stats.total_requests,
    text: format.count,
    slice: (one) => one?.total_requests ?? 0,
    before: (b) => b.total_requests,
    isCount: true,
  },
  {
    id: 'rpm',
    name: 'Per minute',
    value: (s) => s.stats.requests_per_minute,
    text: format.rate,
    slice: (one) => one?.requests_per_minute ?? 0,
    before: (b) => b.requests_per_minute,
    note: (s) => `over the last ${s.stats.window === 'all' ? format.span(s.stats.uptime_seconds) : s.stats.window}`,
  },
  quantile('p50'),
  quantile('p95'),
  quantile('p99'),
  {
    id: 'error-rate',
    name: 'Errors',
    value: (s) => (s.stats.total_requests ? s.stats.error_rate : null),
    text: format.percent,
    slice: (one) => one?.error_rate ?? null,
    before: (b) => (b.total_requests ? b.error_rate : null),
    bad: true,
    note: ({stats}) =>
        stats.total_requests && `${format.count(stats.total_errors)} of ${format.count(stats.total_requests)}`,
  },
  {
    id: 'slow',
    name: 'Slow',
    value: (s) => s.stats.slow_queries_count,
    text: format.count,
    slice: (one) => one?.slow_count ?? 0,
    before: (b) => b.slow_count,
    isCount: true,
    bad: true,
  },
  {
    id: 'in-flight',
    name: 'In flight',
    value: (s) => s.stats.in_flight,
    text: format.count,
    slice: (one) => one?.highest_in_flight ?? 0,
    note: ({stats}) => stats.highest_in_flight && `highest ${format.count(stats.highest_in_flight)}`,
  },
  {
    id: 'cache',
    name: 'Cache hits',
    value: (s) => hitRate(s.stats.caches),
    text: format.percent,
    note: (s) => (Object.keys(s.stats.caches ?? {}).length > 1 ? 'of lookups in all layers' : ''),
  },
  {
    id: 'active',
    name: 'Active users',
    value: (s) => (s.users?.source ? s.users.active : null),
    text: format.count,
    note: (s) => (s.users?.source ? '' : 'measure.user is not set'),
  },
];

function hitRate(caches) {
  let hits = 0;
  let all = 0;
  for (const layer of Object.values(caches ?? {})) {
    hits += layer.hits;
    all += layer.hits + layer.misses;
  }
  return all ? (100 * hits) / all : null;
}

/** The points of a spark line, cut where there is no value. */
function sparkPaths(values) {
  const known = values.filter((v) => v !== null);
  if (known.length < 2) return '';
  const highest = Math.max(...known) || 1;
  let path = '';
  let isDown = false;
  values.forEach((value, i) => {
    if (value === null) return void (isDown = false);
    const x = ((i / (values.length - 1)) * WIDTH).toFixed(1);
    const y = (HEIGHT - 2 - (value / highest) * (HEIGHT - 4)).toFixed(1);
    path += `${isDown ? 'L' : 'M'}${x} ${y}`;
    isDown = true;
  });
  return path;
}

function sizeText(grown) {
  if (!Number.isFinite(grown)) return 'new';
  return grown > 9.99 ? `×${format.count(Math.round(grown + 1))}` : `${Math.round(Math.abs(grown) * 100)}\u202f%`;
}

/** `{text, tone, title}`, or null where there is nothing to compare with. */
function change(tile, state) {
  const {before, current} = state.series;
  if (!tile.before || !before) return null;
  const was = tile.before(before);
  let is = tile.before(current);
  if (was === null || is === null) return null;
  // The window may hold one slice more than the stretch before it.
  if (tile.isCount && current.seconds > 0) is *= before.seconds / current.seconds;
  const title = `${tile.text(was)} in the ${state.series.window} before`;
  const grown = was === 0 ? (is === 0 ? 0 : Infinity) : is / was - 1;
  if (Math.abs(grown) < NOTICEABLE) return {text: '≈', tone: 'same', title: `about as before: ${title}`};
  const sign = grown > 0 ? '▲' : '▼';
  const tone = !tile.bad ? 'same' : grown > 0 ? 'worse' : 'better';
  return {text: `${sign} ${sizeText(grown)}`, tone, title};
}

export class Tiles {
  constructor(id) {
    this.memory = new Map();
    this.parts = new Map(TILES.map((tile) => {
      const line = svg('path', {class: 'spark-line', d: ''});
      const parts = {
        value: el('span', {class: 'tile-value', id: `tile-${tile.id}`}, '–'),
        change: el('span', {class: 'change'}),
        note: el('span', {class: 'tile-note'}),
        line,
      };
      parts.tile = el('div', {class: 'tile card', role: 'group', 'aria-label': tile.name},
          el('span', {class: 'tile-name'}, tile.name), parts.change, parts.value, parts.note,
          svg('svg',
              {class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'},
              line));
      return [tile.id, parts];
    }));
    byId(id).replaceChildren(...[...this.parts.values()].map((parts) => parts.tile));
  }

  /** `state` is `{stats, series, users}` of one window. */
  show(state) {
    const places = grid(state.series);
    for (const tile of TILES) {
      const parts = this.parts.get(tile.id);
      const value = tile.value(state);
      setText(parts.value, tile.text(value));
      parts.value.title = typeof value === 'number' && tile.text === format.count ? format.exact(value) : '';
      setText(parts.note, (typeof tile.note === 'function' ? tile.note(state) : tile.note) || '');
      const moved = change(tile, state);
      setText(parts.change, moved?.text ?? '');
      parts.change.dataset.tone = moved?.tone ?? '';
      parts.change.title = moved?.title ?? '';
      const values = tile.slice ? places.map((place) => tile.slice(place.slice)) :
                                  this.remember(tile.id, state.series.window, value);
      parts.line.setAttribute('d', sparkPaths(values));
    }
  }

  /** What the API keeps no series of is kept here, for as long as the page is open. */
  remember(id, window, value) {
    const key = `${id} ${window}`;
    const values = [...(this.memory.get(key) ?? []), value].slice(-60);
    this.memory.set(key, values);
    return values;
  }
}
