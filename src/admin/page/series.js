// The API's time series, laid out on its grid: a slice that is not there had no request, hence no duration.

export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx', 'none'];
const SPANS = {
  '1m': 60e3,
  '5m': 300e3
};

/** All places of the grid, oldest first: `{at, slice}` with `slice` null where nothing happened. */
export function grid(series) {
  const step = series.step_seconds * 1e3;
  const first = Date.parse(series.from);
  const end = Date.parse(series.as_of);
  const since = Date.parse(series.since);
  const slices =
      new Map(series.slices.map((slice) => [Math.floor((Date.parse(slice.from) - first) / step + 0.01), slice]));
  const places = [];
  for (let i = 0; first + i * step < end; ++i) {
    const at = first + i * step;
    if (at + step <= since) continue;
    places.push(
        {at, middle: (at + Math.min(at + step, end)) / 2, slice: slices.get(i) ?? null, isOpen: at + step > end});
  }
  // A slice that has hardly begun says nothing yet.
  if (places.length > 1 && places.at(-1).isOpen && end - places.at(-1).at < 0.4 * step) places.pop();
  return places;
}

/** What the time axis shows: all of a short window, of a long one what there is of it, a dozen slices at least. */
export function extent(series) {
  const end = Date.parse(series.as_of);
  const span = SPANS[series.window];
  return [span ? end - span : Math.min(Date.parse(series.from), end - 12e3 * series.step_seconds), end];
}

const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200];

/** Round times of day from `from` to `to`, as many as there is room for in `width` pixels. */
export function roundTimes(from, to, width) {
  const room = Math.max(2, Math.floor(width / 90));
  const step = (STEPS_S.find((s) => (to - from) / 1e3 / s <= room) ?? 86400) * 1e3;
  const zone = new Date(to).getTimezoneOffset() * 60e3;
  const times = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) times.push(at);
  return times;
}

export const isEmpty = (series) => series.current.total_requests === 0;

/** Requests per minute of one status class in one slice. */
export function classRate(slice, name) {
  return slice ? ((slice.status[name] ?? 0) + (name === '2xx' ? slice.status['1xx'] ?? 0 : 0)) / (slice.seconds / 60) :
                 0;
}

/** How many requests fell between which bounds, over all slices: `[{low, high, count}]`, ascending. */
export function distribution(series) {
  const counts = series.bounds.map(() => 0);
  for (const slice of series.slices)
    for (const [place, n] of slice.buckets) counts[place] += n;
  return series.bounds.map((high, i) => ({low: i ? series.bounds[i - 1] : high / Math.SQRT2, high, count: counts[i]}));
}
