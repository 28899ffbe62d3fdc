// The plain tables: users, components, caches, services, the system.

import * as format from './format.js';
import {byId, el, setText} from './dom.js';

/** A cell that is new each time; the tables are small. */
function table(caption, headings, rows) {
  const head = el('tr', {}, ...headings.map((heading) => el('th', {scope: 'col'}, heading)));
  const body = rows.map((cells) => el('tr', {}, ...cells.map((cell, i) => (i === 0 ? el('th', {scope: 'row'}, cell) : el('td', {}, cell)))));
  return el('table', {class: 'plain'}, el('caption', {}, caption), el('thead', {}, head), el('tbody', {}, ...body));
}

function fill(id, ...children) {
  byId(id).replaceChildren(...children.filter(Boolean));
}

const empty = (text) => el('p', {class: 'empty'}, text);

function meter(percent, tone) {
  const bar = el('span', {class: 'bar', 'aria-hidden': 'true'}, el('span', {class: tone}));
  bar.firstChild.style.width = `${percent ?? 0}%`;
  return bar;
}

export function showUsers(users, tenants, networks) {
  const lists = [[users, 'user', 'Users'], [tenants, 'tenant', 'Tenants'], [networks, 'network', 'Client networks']].filter(([people]) => people?.source);
  setText(byId('users-note'), lists.map(([people, kind]) => `${format.count(people.active)} active ${kind}${people.active === 1 ? '' : 's'}`).join(', '));
  if (lists.length === 0) {
    return fill('users-list', empty('weir does not look for users. Set measure.user to a header, a cookie or a claim.'));
  }
  fill('users-list', ...lists.map(([people, kind, title]) => (people.count === 0 ? empty(`No ${kind} in this window.`) : table(title,
    [kind, 'requests', 'errors', 'limited', 'avg', 'last seen'],
    people[`${kind}s`].map((one) => [one[kind], format.count(one.total_requests), format.percent(one.error_rate), format.count(one.rate_limited), format.duration(one.avg_duration), format.timeElement(one.last_seen)])))));
}

export function componentsTable(components) {
  const rows = Object.entries(components).sort(([, a], [, b]) => b.count * b.avg - a.count * a.avg);
  return rows.length === 0 ? null : table('Components, from Server-Timing', ['component', 'count', 'avg', 'p95', 'p99', 'max'],
    rows.map(([name, one]) => [name, format.count(one.count), format.duration(one.avg), format.duration(one.p95), format.duration(one.p99), format.duration(one.max)]));
}

export function cachesTable(caches) {
  const rows = Object.entries(caches);
  return rows.length === 0 ? null : table('Cache layers', ['cache', 'hits', 'misses', 'hit rate', ''],
    rows.map(([name, one]) => [name, format.count(one.hits), format.count(one.misses), format.percent(one.hit_rate), meter(one.hit_rate, 'good')]));
}

export function showInside(stats) {
  const components = componentsTable(stats.components);
  const caches = cachesTable(stats.caches);
  fill('components-list', components ?? empty('No answer has carried Server-Timing in this window.'));
  fill('caches-list', caches ?? empty('No answer has carried Cache-Status or X-Cache in this window.'));
}

const STATES = {healthy: 'good', recovering: 'warn', unknown: 'none'};

export function showServices(services) {
  if (services.count === 0) return fill('services-list', empty('No server is configured.'));
  fill('services-list', table('The app’s servers', ['server', 'state', 'requests', 'errors', 'p95', 'last check'],
    services.services.map((one) => [
      el('span', {title: one.upstream}, one.url),
      el('span', {class: `state ${STATES[one.state] ?? 'bad'}`}, one.state),
      format.count(one.total_requests), format.percent(one.error_rate), format.duration(one.p95_duration),
      one.last_check ? el('span', {}, format.timeElement(one.last_check.timestamp), ` (${one.last_check.outcome})`) : 'not checked',
    ])));
}

const FIGURES = [
  ['host', 'cpu_percent', 'CPU', format.percent], ['host', 'load_1m', 'Load, 1 min', format.rate],
  ['host', 'memory_percent', 'Memory', format.percent], ['host', 'disk_percent', 'Disk', format.percent],
  ['process', 'cpu_percent', 'weir: CPU', format.percent], ['process', 'resident_memory_bytes', 'weir: memory', format.bytes],
  ['process', 'loop_lag_seconds', 'weir: loop lag', format.duration], ['process', 'open_fds', 'weir: open files', format.count], ['process', 'threads', 'weir: threads', format.count],
];

export function showSystem(system) {
  if (!system) return fill('system-list', empty('The first reading is being taken.'));
  fill('system-list', table(`In this window, read every ${format.brief(format.duration(system.sampled_every))}`, ['', 'now', 'average', 'highest', ''],
    FIGURES.filter(([part, name]) => system[part]?.[name]).map(([part, name, title, text]) => {
      const figure = system[part][name];
      const isShare = name.endsWith('_percent');
      return [title, text(figure.current), text(figure.average), text(figure.max), isShare ? meter(Math.min(100, figure.current), figure.current > 90 ? 'bad' : 'good') : ''];
    })));
}
