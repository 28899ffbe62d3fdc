// Asks the API again and again, and shows what it says.

import * as api from './api.js';
import {overviewCharts} from './charts.js';
import {confirm} from './confirm.js';
import {byId, el, setText} from './dom.js';
import {ErrorsList} from './errors.js';
import * as format from './format.js';
import {HeatMap} from './heatmap.js';
import {showEvents, showInside, showServices, showSystem, showUsers} from './lists.js';
import {markScrolling} from './reachable.js';
import {RouteDrawer} from './route.js';
import {RoutesTable} from './routes.js';
import {noneListed, phaseKey, showSamples} from './samples.js';
import {ComponentColours} from './shares.js';
import {startTheme} from './theme.js';
import {Tiles} from './tiles.js';

const FAST_MS = 2000;
/** So many times as long as a round took is waited for the next. */
const PATIENT = 5;
/** The lists are asked for once in so many rounds. */
const LISTS_EVERY = 3;
const PEOPLE = 10;
const SAMPLES = 30;
const EVENTS = 30;
const WINDOWS = ['1m', '5m', '1h', '1d', 'all'];

const page = {
  window: '5m',
  order: 'newest',
  round: 0,
  timer: 0,
  isAsking: false,
  isAgain: false,
  users: null,
  marks: [],
  lastGood: null,
  hasTraffic: false
};

startTheme();
const colours = new ComponentColours();
const tiles = new Tiles('tiles');
const charts = overviewCharts();
const errorsList = new ErrorsList((kinds) => setHash({errors: kinds}));
const heat = new HeatMap('heat-map', 'heat-note');
const routes = new RoutesTable({colours, onChange: () => refresh(), onOpen: (tag) => setHash({route: tag})});
const drawer = new RouteDrawer({
  colours,
  getWindow: () => page.window,
  onClose: () => setHash({route: null}),
  onReset: () => refresh(),
  onRename: (tag) => setHash({route: tag}),
});

// What is looked at is in the address, so that it can be passed on and gone back to.
function readHash() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const window = WINDOWS.includes(wanted.get('window')) ? wanted.get('window') : page.window;
  const isOther = errorsList.choose(wanted.get('errors')) || window !== page.window;
  page.window = window;
  for (const button of byId('windows').children)
    button.setAttribute('aria-pressed', String(button.dataset.window === window));
  return {isOther, route: wanted.get('route')};
}

function setHash(change) {
  const next = new URLSearchParams(location.hash.includes('=') ? location.hash.slice(1) : '');
  for (const [name, value] of Object.entries(change)) value === null ? next.delete(name) : next.set(name, value);
  if (`#${next}` !== location.hash && !(String(next) === '' && location.hash === '')) location.hash = String(next);
}

function onHash() {
  if (location.hash !== '' && !location.hash.includes('=')) return;  // a link to a section
  const {isOther, route} = readHash();
  if (byId('main').hidden) return;
  if (isOther) refresh({withLists: true});
  if (route) drawer.open(route);
  else drawer.close();
}

/** Once every figure; those of the lists now and then. */
async function ask(withLists) {
  const {window} = page;
  const [stats, series, health] = await Promise.all([
    api.performance('stats', {window, ...routes.query()}),
    api.performance('series', {window}),
    api.performance('health'),
  ]);
  if (withLists) await askLists(window);
  if (window !== page.window) return;
  show(stats, series, health, withLists);
}

async function askLists(window) {
  const kinds = errorsList.chosen;
  const [slow, errors, users, tenants, networks, services, system, events, marks] = await Promise.all([
    api.performance('slow-queries', {window, order: page.order, limit: SAMPLES}),
    api.performance('errors', {window, ...errorsList.query(SAMPLES)}),
    ...['users', 'tenants', 'networks'].map((kind) => api.performance(kind, {window, limit: PEOPLE})),
    api.performance('services', {window}),
    api.performance('system', {window}).catch(() => null),
    api.performance('events', {window, limit: EVENTS}),
    api.performance('marks'),
  ]);
  page.users = users;
  page.marks = marks.marks.map((mark) => ({at: Date.parse(mark.timestamp), name: mark.name}));
  showSamples(byId('slow-list'), slow.slow_queries,
      noneListed(slow.slow_queries_count,
          `No request has taken longer than ${format.brief(format.duration(slow.threshold))}.`));
  // Another choice made meanwhile is being asked for already.
  if (kinds === errorsList.chosen) errorsList.show(errors);
  showUsers(users, tenants, networks);
  showEvents(events);
  showServices(services);
  showSystem(system);
  markScrolling();
}

function show(stats, series, health, isOrderNew) {
  colours.update(stats.components);
  tiles.show({stats, series, users: page.users});
  charts.show(series, page.marks);
  heat.show(series);
  routes.show(stats, isOrderNew);
  showInside(stats);
  showHealth(health);
  byId('share-key').replaceChildren(...[...colours.entries(), ['c-app', 'app'], ['p-queue', 'queue'], ['p-connect', 'connect'], ['c-rest', 'transfer']].map(([
    name, text
  ]) => el('span', {class: `swatch ${name}`}, text)));
  const error = (100 * stats.relative_error).toFixed(2);
  setText(byId('foot-note'),
      `Up ${format.span(stats.uptime_seconds)}. Percentiles are within ±${
          error} % of the true value; counts are exact.`);
  page.lastGood = stats.as_of;
  notice(stats.stale ? 'A worker did not hand over its figures in time; what it holds is missing here.' : '');
  if (stats.total_requests > 0) page.hasTraffic = true;
  showFirstRun();
  markScrolling();
}

function showHealth(health) {
  byId('health').dataset.state = health.status;
  setText(byId('health-word'), health.status);
  byId('health').title = `over the last ${health.window}`;
  const reasons = byId('reasons');
  setText(reasons, health.reasons.join('. '));
  reasons.classList.toggle('bad', health.status === 'unhealthy');
  reasons.hidden = health.reasons.length === 0;
  page.name = health.name ? `${health.name} – weir` : 'weir';
  setText(byId('brand-name'), health.name ?? '');
  document.title = health.status === 'healthy' ? page.name : `${health.status} – ${page.name}`;
  if (health.metrics.total_requests > 0) page.hasTraffic = true;
}

/** What was healthy when weir last answered may not be now. */
function showNoHealth() {
  byId('health').dataset.state = 'unknown';
  setText(byId('health-word'), 'unknown');
  byId('health').title = 'weir does not answer';
  document.title = `no response – ${page.name ?? 'weir'}`;
}

/** Before the first request of all: how to send one. */
async function showFirstRun() {
  if (page.hasTraffic || page.window !== 'all' && await hasAnyTraffic()) return void (byId('first-run').hidden = true);
  if (byId('first-run').hidden) setText(byId('first-command'), `curl -i ${await listenerUrl()}`);
  byId('first-run').hidden = false;
}

async function hasAnyTraffic() {
  const all = await api.performance('stats', {window: 'all', limit: 1}).catch(() => null);
  page.hasTraffic = (all?.total_requests ?? 0) > 0;
  return page.hasTraffic;
}

async function listenerUrl() {
  const {config} = await api.performance('config').catch(() => ({config: null}));
  const listener = config?.listeners?.[0];
  const address = listener?.address ?? '127.0.0.1:8080';
  if (address.startsWith('unix:')) return `--unix-socket ${address.slice(5)} http://localhost/`;
  return `${listener?.tls?.certificate ? 'https' : 'http'}://${
      address.replace(/^(0\.0\.0\.0|\[::\])/, location.hostname).replace(/:0$/, ':PORT')}/`;
}

function notice(text, isBad = false) {
  const element = byId('notice');
  setText(element, text);
  element.hidden = !text;
  element.classList.toggle('bad', isBad);
}

function live(state) {
  byId('updated').dataset.live = state;
  document.body.classList.toggle('stale', state === 'stale');
  if (state === 'stale') showNoHealth();
  const text = byId('updated-text');
  if (page.lastGood === null) return setText(text, state === 'stale' ? 'no answer' : 'loading');
  text.replaceChildren(
      state === 'stale' ? 'stale, from ' : '', format.timeElement(page.lastGood), ` ${format.zone(page.lastGood)}`);
}

function onProblem(error) {
  if (error.status === 401 || error.status === 403 && !page.lastGood) return showLogin();
  live('stale');
  if (error.status === 0) {
    const since = page.lastGood ? ` Everything below is as of ${format.time(page.lastGood)}.` : '';
    notice(`weir does not answer.${since} Trying again…`, true);
  } else {
    notice(`The admin API answered ${error.status}: ${error.message}`, true);
  }
}

/** When what was shown has been painted; a tab that is not seen paints nothing. */
const painted = () => new Promise((then) => {
  setTimeout(then, 1000);
  requestAnimationFrame(() => setTimeout(then));
});

/** Asks now, then again after a while; where asking or showing takes long, less often. */
async function refresh({withLists = false} = {}) {
  clearTimeout(page.timer);
  page.wantsLists ||= withLists;
  if (page.isAsking) return void (page.isAgain = true);
  page.isAsking = true;
  page.isAgain = false;
  const began = performance.now();
  const lists = page.wantsLists || page.round % LISTS_EVERY === 0;
  page.wantsLists = false;
  try {
    await ask(lists);
    ++page.round;
    live('on');
    if (lists) drawer.refresh();
    await painted();
  } catch (error) {
    page.round = 0;
    onProblem(error);
  }
  page.isAsking = false;
  if (page.isAgain) return refresh();
  if (document.hidden || byId('main').hidden) return;
  page.timer = setTimeout(refresh, Math.max(FAST_MS, PATIENT * (performance.now() - began)));
}

function showLogin() {
  clearTimeout(page.timer);
  drawer.close();
  for (const id of ['main', 'sections', 'log-out']) byId(id).hidden = true;
  byId('login').hidden = false;
  document.body.classList.add('locked');
  notice('');
  byId('token').focus();
}

async function start() {
  let who;
  try {
    who = await api.whoAmI();
  } catch (error) {
    onProblem(error);
    page.timer = setTimeout(start, FAST_MS);
    return;
  }
  if (who.required && !who.authenticated) return showLogin();
  byId('login').hidden = true;
  document.body.classList.remove('locked');
  byId('log-out').hidden = !who.required;
  document.body.classList.toggle('may-change', who.role === 'admin');
  byId('main').hidden = byId('sections').hidden = false;
  const {route} = readHash();
  await refresh({withLists: true});
  if (route) drawer.open(route);
}

byId('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const problem = byId('login-problem');
  setText(problem, '');
  try {
    await api.logIn(byId('token').value);
    byId('token').value = '';
    await start();
  } catch (error) {
    setText(problem, error.message);
    byId('token').select();
  }
});
byId('log-out').addEventListener('click', async () => {
  await api.logOut().catch(() => {});
  showLogin();
});
byId('windows').addEventListener('click', (event) => {
  if (event.target.dataset.window) setHash({window: event.target.dataset.window});
});
byId('slow-order').addEventListener('click', (event) => {
  if (!event.target.dataset.order) return;
  page.order = event.target.dataset.order;
  for (const button of byId('slow-order').children)
    button.setAttribute('aria-pressed', String(button.dataset.order === page.order));
  refresh({withLists: true});
});
byId('reset-all').addEventListener('click', () => confirm({
  title: 'Reset all figures?',
  text: 'Every figure of every route starts from nothing, for everybody who looks. Exported counters go on.',
  yes: 'Reset everything',
  act: async () => {
    await api.post('reset');
    page.hasTraffic = false;
    refresh({withLists: true});
  },
}));
byId('sections').addEventListener('click', (event) => {
  const section = event.target.hash && byId(event.target.hash.slice(1));
  if (!section || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // The address goes on saying what is looked at.
  event.preventDefault();
  section.scrollIntoView();
  section.focus({preventScroll: true});
});
addEventListener('hashchange', onHash);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !byId('main').hidden) refresh({withLists: true});
});
phaseKey('slow-key');
start();
