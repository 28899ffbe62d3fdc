// The key figures: value, spark line, change against the window before.

import * as format from './format.js';
import {byId, el, setText, svg} from './dom.js';
import {grid} from './series.js';

const WIDTH = 100;
const HEIGHT = 24;
/** Below this much change nothing is said to have changed. */
const NOTICEABLE = 0.05;

/** `value(state)`, `text(value)`; `slice(slice)` for the spark line, null for a gap; `before(stretch)` to compare; `bad`: more is worse. */
const TILES = [
  {id: 'requests', name: 'Requests', value: (s) => s.stats.total_requests, text: format.count, slice: (one) => one?.total_requests ?? 0, before: (b) => b.total_requests, isCount: true},
  {id: 'rpm', name: 'Per minute', value: (s) => s.stats.requests_per_minute, text: format.rate, slice: (one) => one?.requests_per_minute ?? 0, before: (b) => b.requests_per_minute, now: (c) => c.requests_per_minute, note: 'over the last minute'},
  {id: 'p50', name: 'p50', value: (s) => s.stats.p50_duration, text: format.duration, slice: (one) => one?.p50_duration ?? null, before: (b) => b.p50_duration, bad: true},
  {id: 'p95', name: 'p95', value: (s) => s.stats.p95_duration, text: format.duration, slice: (one) => one?.p95_duration ?? null, before: (b) => b.p95_duration, bad: true},
  {id: 'p99', name: 'p99', value: (s) => s.stats.p99_duration, text: format.duration, slice: (one) => one?.p99_duration ?? null, before: (b) => b.p99_duration, bad: true},
  {id: 'error-rate', name: 'Errors', value: (s) => (s.stats.total_requests ? s.stats.error_rate : null), text: format.percent, slice: (one) => one?.error_rate ?? null, before: (b) => (b.total_requests ? b.error_rate : null), bad: true, note: (s) => (s.stats.total_requests ? `${format.count(s.stats.total_errors)} of ${format.count(s.stats.total_requests)}` : '')},
  {id: 'slow', name: 'Slow', value: (s) => s.stats.slow_queries_count, text: format.count, slice: (one) => one?.slow_count ?? 0, before: (b) => b.slow_count, isCount: true, bad: true},
  {id: 'in-flight', name: 'In flight', value: (s) => s.stats.in_flight, text: format.count, slice: (one) => one?.highest_in_flight ?? 0, note: (s) => (!s.stats.highest_in_flight ? '' : `highest ${format.count(s.stats.highest_in_flight)}`)},
  {id: 'cache', name: 'Cache hits', value: (s) => hitRate(s.stats.caches), text: format.percent, remembered: true},
  {id: 'active', name: 'Active users', value: (s) => (s.users?.source ? s.users.active : null), text: format.count, remembered: true, note: (s) => (s.users?.source ? '' : 'measure.user is not set')},
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

/** `{text, tone, title}`, or null where there is nothing to compare with. */
function change(tile, state) {
  const {before, current} = state.series;
  if (!tile.before || !before) return null;
  const was = tile.before(before);
  let is = tile.now ? tile.now(current) : tile.before(current);
  if (was === null || is === null) return null;
  // The window may hold one slice more than the stretch before it.
  if (tile.isCount && current.seconds > 0) is *= before.seconds / current.seconds;
  const title = `${tile.text(was)} in the ${state.series.window} before`;
  const grown = was === 0 ? (is === 0 ? 0 : Infinity) : is / was - 1;
  if (Math.abs(grown) < NOTICEABLE) return {text: '≈', tone: 'same', title: `about as before: ${title}`};
  const sign = grown > 0 ? '▲' : '▼';
  const size = !Number.isFinite(grown) ? 'new' : grown > 9.99 ? `×${format.count(Math.round(grown + 1))}` : `${Math.round(Math.abs(grown) * 100)}\u202f%`;
  return {text: `${sign} ${size}`, tone: tile.bad ? (grown > 0 ? 'worse' : 'better') : 'same', title};
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
        svg('svg', {class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'}, line));
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
      setText(parts.note, (typeof tile.note === 'function' ? tile.note(state) : tile.note) ?? '');
      const moved = change(tile, state);
      setText(parts.change, moved?.text ?? '');
      parts.change.dataset.tone = moved?.tone ?? '';
      parts.change.title = moved?.title ?? '';
      const values = tile.slice ? places.map((place) => tile.slice(place.slice)) : this.remember(tile.id, state.series.window, value);
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
