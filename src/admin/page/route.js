// One route, opened: figures, distribution, where its time goes, its slow and failed requests, why it is a route.

import * as api from './api.js';
import {DistributionChart, routeLatencyChart} from './charts.js';
import {confirm} from './confirm.js';
import {byId, el, setText} from './dom.js';
import * as format from './format.js';
import {cachesTable, componentsTable} from './lists.js';
import {markScrolling} from './reachable.js';
import {split} from './routes.js';
import {noneListed, PHASES, showSamples} from './samples.js';
import {fillBar, timeParts} from './shares.js';

const SAMPLES = 10;
const SOURCES = {
  config: 'from the configuration',
  openapi: 'from an OpenAPI file',
  learned: 'learned from traffic'
};

const FIGURES = [
  ['Requests', (row) => format.count(row.total_requests)],
  ['Per minute', (row) => format.rate(row.requests_per_minute)],
  ['p50', (row) => format.duration(row.p50_duration)],
  ['p90', (row) => format.duration(row.p90_duration)],
  ['p95', (row) => format.duration(row.p95_duration)],
  ['p99', (row) => format.duration(row.p99_duration)],
  ['p99.9', (row) => format.duration(row.p999_duration)],
  ['Max', (row) => format.duration(row.max_duration)],
  ['Errors', (row) => format.percent(row.error_rate)],
  ['Slow', (row) => format.count(row.slow_count)],
  ['In flight', (row) => format.count(row.in_flight)],
  ['Sent', (row) => format.bytes(row.bytes_out)],
];

function phasesTable(row) {
  const known = PHASES.filter(([name]) => row.phases[name]);
  const rows =
      known.map(([name, words, className]) => el('tr', {},
                    el('th', {scope: 'row'}, el('span', {class: `swatch ${className}`}, words)),
                    ...['avg', 'p95', 'p99'].map((figure) => el('td', {}, format.duration(row.phases[name][figure])))));
  return el('table', {class: 'plain'}, el('caption', {}, 'Phases'),
      el('thead', {}, el('tr', {}, ...['phase', 'avg', 'p95', 'p99'].map((text) => el('th', {scope: 'col'}, text)))),
      el('tbody', {}, ...rows));
}

export class RouteDrawer {
  /**
   * `getWindow()` names the window; `onClose()` when a person has closed it, `onReset()` when figures have gone
   * elsewhere, `onRename(tag)` when the route has another name.
   */
  constructor({colours, getWindow, onClose, onReset, onRename}) {
    this.colours = colours;
    this.getWindow = getWindow;
    this.onReset = onReset;
    this.onRename = onRename;
    this.dialog = byId('route-dialog');
    this.dialog.addEventListener('close', () => {
      this.tag = null;
      onClose();
    });
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.tag = null;
  }

  open(tag) {
    if (this.tag === tag) return;
    this.tag = tag;
    this.build(tag);
    if (!this.dialog.open) this.dialog.showModal();
    this.refresh();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  build(tag) {
    const [method, path] = split(tag);
    const close = {type: 'button', class: 'quiet', 'aria-label': 'Close', autofocus: true};
    const plot = (id, label) => el('div', {class: 'plot'}, el('canvas', {id, role: 'img', 'aria-label': label}));
    this.dialog.replaceChildren(el('div', {class: 'drawer-inside'},
        el('div', {class: 'drawer-head'}, el('h2', {id: 'route-title'}, el('span', {class: 'method'}, method), path),
            el('button', {...close, onclick: () => this.close()}, '✕')),
        el('p', {class: 'notice', id: 'route-problem', role: 'status', hidden: true}),
        el('p', {class: 'why', id: 'route-why'}), el('dl', {class: 'figures', id: 'route-figures'}),
        el('section', {}, el('h3', {}, 'Where the time goes'), el('div', {class: 'bar thick', id: 'route-bar'}),
            el('p', {class: 'key', id: 'route-bar-key'}), el('div', {class: 'scroll', id: 'route-phases'}),
            el('div', {class: 'scroll', id: 'route-components'}), el('div', {class: 'scroll', id: 'route-caches'})),
        el('section', {}, el('h3', {id: 'route-distribution-title'}, 'Distribution'),
            plot('route-distribution', `Distribution of durations of ${tag}`)),
        el('section', {}, el('h3', {}, 'Latency over time'), plot('route-latency', `Latency of ${tag} over time`)),
        el('section', {}, el('h3', {}, 'Slowest requests'), el('div', {class: 'samples', id: 'route-slow'})),
        el('section', {}, el('h3', {}, 'Newest errors'), el('div', {class: 'samples', id: 'route-errors'})),
        el('div', {class: 'buttons change-only', id: 'route-buttons'})));
    this.choices = null;
    this.distribution = new DistributionChart('route-distribution');
    this.latency = routeLatencyChart('route-latency');
  }

  async refresh() {
    const {tag} = this;
    if (!tag) return;
    const query = {route: tag, window: this.getWindow()};
    try {
      const [stats, series, slow, errors, routes] = await Promise.all([
        api.performance('stats', query),
        api.performance('series', query),
        api.performance('slow-queries', {...query, order: 'slowest', limit: SAMPLES}),
        api.performance('errors', {...query, limit: SAMPLES}),
        api.performance('routes', {route: tag}),
      ]);
      if (this.tag === tag) this.show(stats, series, slow, errors, routes);
    } catch (error) {
      if (this.tag === tag)
        this.say(error.status === 404 ? 'This route is not known any more, or cannot be asked for by itself.' :
                                        error.message);
    }
  }

  say(text) {
    const problem = byId('route-problem');
    setText(problem, text);
    problem.hidden = !text;
  }

  show(stats, series, slow, errors, routes) {
    this.say('');
    const row = stats.endpoint_stats[this.tag] ?? Object.values(stats.endpoint_stats)[0] ??
        {...stats, slow_count: stats.slow_queries_count, time_spent: 0};
    byId('route-figures').replaceChildren(...FIGURES.map(([name,
      text]) => el('div', {}, el('dt', {}, name), el('dd', {}, text(row)))));
    this.showWhy(routes.routes.find((route) => route.pattern === this.tag) ?? routes.routes[0]);
    const parts = timeParts(row, this.colours);
    fillBar(byId('route-bar'), parts, row.time_spent);
    byId('route-bar-key')
        .replaceChildren(...parts.map((part) => el('span', {class: `swatch ${part.className}`},
                                          `${part.name} ${format.percent((100 * part.seconds) / row.time_spent)}`)));
    byId('route-phases').replaceChildren(phasesTable(row));
    byId('route-components').replaceChildren(componentsTable(row.components ?? {}) ?? '');
    byId('route-caches').replaceChildren(cachesTable(row.caches ?? {}) ?? '');
    // The series of `all` reaches back a day at most, the figures above to the start.
    const isPart = Date.parse(series.from) > Date.parse(series.since);
    setText(byId('route-distribution-title'), isPart && series.window === 'all' ? 'Distribution, last day' : 'Distribution');
    this.distribution.show(series);
    this.latency.show(series);
    showSamples(byId('route-slow'), slow.slow_queries,
        noneListed(slow.slow_queries_count,
            `None took longer than ${format.brief(format.duration(slow.threshold))}.`));
    showSamples(byId('route-errors'), errors.errors, noneListed(errors.total_errors, 'None.'));
    markScrolling();
  }

  /** What may be done with it; made anew only where that is something else, so that focus stays. */
  showChoices(route) {
    const choices = [['Reset this route…', () => this.askReset(this.tag)]];
    if (route?.source === 'learned') {
      choices.push(['Rename…', () => this.askRename(route)]);
      choices.push(route.pinned ? ['Unpin…', () => this.askUnpin(route)] : ['Pin…', () => this.askPin(route)]);
    }
    const names = choices.map(([name]) => name).join();
    if (names === this.choices) return;
    this.choices = names;
    const button = ([name, onclick]) => el('button', {type: 'button', class: 'quiet', onclick}, name);
    byId('route-buttons').replaceChildren(...choices.map(button));
  }

  showWhy(route) {
    this.showChoices(route);
    if (!route) return setText(byId('route-why'), '');
    const paths = route.distinct_paths > 0 ?
        `, ${format.count(route.distinct_paths)} path${route.distinct_paths === 1 ? '' : 's'}` :
        '';
    byId('route-why')
        .replaceChildren(el('strong', {},
                             `${SOURCES[route.source] ?? route.source}${paths}${
                                 route.group ? `, group ${route.group}` : ''}${route.pinned ? ', pinned' : ''}. `),
            route.explain ?? '');
  }

  /** A decision about a learned route, which may have another name after it. */
  async decide(wish) {
    const {routes} = await api.post('routes', {}, wish);
    this.onReset();
    if (routes.length === 1 && routes[0] !== this.tag) this.onRename(routes[0]);
    else this.refresh();
  }

  askPin({pattern}) {
    confirm({
      title: 'Pin this route?',
      text: `The learner will leave ${pattern} as it is, after restarts too. Its figures stay.`,
      yes: 'Pin',
      isHarmless: true,
      act: () => this.decide({action: 'pin', pattern}),
    });
  }

  askUnpin({pattern}) {
    confirm({
      title: 'Unpin this route?',
      text: `${pattern} goes back to the learner. Its figures go to the route that takes its paths then.`,
      yes: 'Unpin',
      act: () => this.decide({action: 'forget', pattern}),
    });
  }

  askRename({pattern, path}) {
    confirm({
      title: 'Rename this route?',
      text: 'Other names for its parameters, or any text as a name. Its figures stay.',
      field: {label: 'New name', value: path},
      yes: 'Rename',
      isHarmless: true,
      act: (to) => this.decide({action: 'rename', from: pattern, to}),
    });
  }

  askReset(tag) {
    confirm({
      title: 'Reset this route?',
      text: `All figures of ${
          tag} start from nothing, in every window, with its slow and failed requests. Exported counters go on.`,
      yes: 'Reset',
      act: async () => {
        await api.post('reset', {route: tag});
        this.refresh();
        this.onReset();
      },
    });
  }
}
