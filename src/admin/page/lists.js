// The plain tables: users, components, caches, custom events, services, the system.

import * as format from './format.js';
import {byId, el, setText} from './dom.js';

/**
 * `columns` are pairs of a heading and what makes a cell of an item; a third element says that the heading is only for
 * those who hear the page. Cells are new each time; the tables are small.
 */
function table(caption, columns, items) {
  const shown = (heading, isUnseen) => (isUnseen ? el('span', {class: 'unseen'}, heading) : heading);
  const headings = columns.map(([heading, , isUnseen]) => el('th', {scope: 'col'}, shown(heading, isUnseen)));
  const first = (content) => el('th', {scope: 'row'}, content);
  const other = (content) => el('td', {}, content);
  const cells = (item) => columns.map(([, content], i) => (i === 0 ? first : other)(content(item)));
  const rows = items.map((item) => el('tr', {}, ...cells(item)));
  const head = el('thead', {}, el('tr', {}, ...headings));
  return el('table', {class: 'plain'}, el('caption', {}, caption), head, el('tbody', {}, ...rows));
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

function peopleTable(people, kind, title) {
  if (people.count === 0) return empty(`No ${kind} in this window.`);
  const columns = [
    [kind, (one) => one[kind]],
    ['requests', (one) => format.count(one.total_requests)],
    ['errors', (one) => format.percent(one.error_rate)],
    ['limited', (one) => format.count(one.rate_limited)],
    ['avg', (one) => format.duration(one.avg_duration)],
    ['last seen', (one) => format.timeElement(one.last_seen)],
  ];
  return table(title, columns, people[`${kind}s`]);
}

export function showUsers(users, tenants, networks) {
  const all = [[users, 'user', 'Users'], [tenants, 'tenant', 'Tenants'], [networks, 'network', 'Client networks']];
  const asked = all.filter(([people]) => people.source);
  const active = ([people, kind]) => `${format.count(people.active)} active ${kind}${people.active === 1 ? '' : 's'}`;
  setText(byId('users-note'), asked.map(active).join(', '));
  if (asked.length > 0) return fill('users-list', ...asked.map((one) => peopleTable(...one)));
  fill('users-list', empty('weir does not look for users. Set measure.user to a header, a cookie or a claim.'));
}

const COMPONENT_COLUMNS = [
  ['component', (one) => one.name],
  ['count', (one) => format.count(one.count)],
  ['avg', (one) => format.duration(one.avg)],
  ['p95', (one) => format.duration(one.p95)],
  ['p99', (one) => format.duration(one.p99)],
  ['max', (one) => format.duration(one.max)],
];

const CACHE_COLUMNS = [
  ['cache', (one) => one.name],
  ['hits', (one) => format.count(one.hits)],
  ['misses', (one) => format.count(one.misses)],
  ['hit rate', (one) => format.percent(one.hit_rate)],
  ['hit rate as a bar', (one) => meter(one.hit_rate, 'good'), true],
];

const named = (object) => Object.entries(object).map(([name, one]) => ({name, ...one}));

/** Those that take most come first. Null where there are none. */
export function componentsTable(components) {
  const items = named(components).sort((a, b) => b.count * b.avg - a.count * a.avg);
  return items.length === 0 ? null : table('Components, from Server-Timing', COMPONENT_COLUMNS, items);
}

/** Null where there are none. */
export function cachesTable(caches) {
  const items = named(caches);
  return items.length === 0 ? null : table('Cache layers', CACHE_COLUMNS, items);
}

export function showInside(stats) {
  const noComponents = 'No answer has carried Server-Timing in this window.';
  const noCaches = 'No answer has carried Cache-Status or X-Cache in this window.';
  fill('components-list', componentsTable(stats.components) ?? empty(noComponents));
  fill('caches-list', cachesTable(stats.caches) ?? empty(noCaches));
}

const EVENT_COLUMNS = [
  ['event', (one) => one.name],
  ['type', (one) => one.type],
  ['count', (one) => format.count(one.count)],
  ['/min', (one) => format.rate(one.per_minute)],
  ['value', (one) => eventValue(one)],
];

/** What there is beside the count, by type; a distribution has a unit of its own that only its sender knows. */
function eventValue(event) {
  const {duration, number} = format;
  switch (event.type) {
    case 'timing': return `p50 ${duration(event.p50_duration)}, p95 ${duration(event.p95_duration)}`;
    case 'gauge': return `${number(event.value)}, from ${number(event.min)} to ${number(event.max)}`;
    case 'set': return `${format.count(event.members)} different`;
    case 'distribution': return `p50 ${number(event.p50)}, p95 ${number(event.p95)}`;
    default: return '';
  }
}

/** Nothing at all where nobody sends any. */
export function showEvents({events}) {
  fill('events-list', events.length === 0 ? null : table('Custom events', EVENT_COLUMNS, events));
}

const STATES = {healthy: 'good', recovering: 'warn', unknown: 'none'};

function lastCheck({last_check: check}) {
  return check ? el('span', {}, format.timeElement(check.timestamp), ` (${check.outcome})`) : 'not checked';
}

const SERVICE_COLUMNS = [
  ['server', (one) => el('span', {title: one.upstream}, one.url)],
  ['state', (one) => el('span', {class: `state ${STATES[one.state] ?? 'bad'}`}, one.state)],
  ['requests', (one) => format.count(one.total_requests)],
  ['errors', (one) => format.percent(one.error_rate)],
  ['p95', (one) => format.duration(one.p95_duration)],
  ['last check', lastCheck],
];

export function showServices({services}) {
  if (services.length === 0) return fill('services-list', empty('No server is configured.'));
  fill('services-list', table('The app’s servers', SERVICE_COLUMNS, services));
}

const FIGURES = [
  ['host', 'cpu_percent', 'CPU, of all cores', format.percent],
  ['host', 'load_1m', 'Load, 1 min', format.rate],
  ['host', 'memory_percent', 'Memory', format.percent],
  ['host', 'disk_percent', 'Disk', format.percent],
  ['process', 'cpu_percent', 'weir: CPU, of one core', format.percent],
  ['process', 'resident_memory_bytes', 'weir: memory', format.bytes],
  ['process', 'loop_lag_seconds', 'weir: loop lag', format.duration],
  ['process', 'open_fds', 'weir: open files', format.count],
  ['process', 'threads', 'weir: threads', format.count],
];
/** Above this a share is marked. */
const NEARLY_FULL = 90;

/** Of the whole machine, whatever the figure is of. */
function shareOf({part, name, figure, cpus}) {
  if (!name.endsWith('_percent')) return '';
  const share = Math.min(100, figure.current / (part === 'process' ? cpus : 1));
  return meter(share, share > NEARLY_FULL ? 'bad' : 'good');
}

const SYSTEM_COLUMNS = [
  ['figure', (one) => one.title, true],
  ['now', (one) => one.text(one.figure.current)],
  ['average', (one) => one.text(one.figure.average)],
  ['highest', (one) => one.text(one.figure.max)],
  ['now as a bar', shareOf, true],
];

/** Null: there is no reading yet. */
export function showSystem(system) {
  if (system === null) return fill('system-list', empty('The first reading is being taken.'));
  const items = FIGURES.map(([part, name, title, text]) => ({part, name, title, text, figure: system[part][name], cpus: system.host.cpus || 1}));
  const caption = `In this window, read every ${format.brief(format.duration(system.sampled_every))}`;
  fill('system-list', table(caption, SYSTEM_COLUMNS, items.filter((one) => one.figure)));
}
