// The table of routes: sorted by any column, searched by any word.

import {byId, el, keyed, setText} from './dom.js';
import * as format from './format.js';
import {fillBar, timeParts} from './shares.js';

/** How many rows are asked for while nobody searches, and shown before somebody asks for all. */
const FIRST = 100;

/** `sort` is the API's name; `low`: ascending comes first. */
const COLUMNS = [
  {id: 'route', title: 'Route', sort: 'tag', low: true, value: (row) => row.tag},
  {id: 'count', title: 'Requests', sort: 'total_requests', value: (row) => row.total_requests, text: format.count},
  {
    id: 'rpm',
    title: '/min',
    sort: 'requests_per_minute',
    value: (row) => row.requests_per_minute,
    text: format.rate,
    hint: 'requests of the window, by its length as far as weir was there'
  },
  {id: 'p50', title: 'p50', sort: 'p50_duration', value: (row) => row.p50_duration, text: format.duration},
  {id: 'p95', title: 'p95', sort: 'p95_duration', value: (row) => row.p95_duration, text: format.duration},
  {id: 'p99', title: 'p99', sort: 'p99_duration', value: (row) => row.p99_duration, text: format.duration},
  {id: 'max', title: 'Max', sort: 'max_duration', value: (row) => row.max_duration, text: format.duration},
  {id: 'errors', title: 'Errors', sort: 'error_rate', value: (row) => row.error_rate, text: format.percent},
  {id: 'slow', title: 'Slow', sort: 'slow_count', value: (row) => row.slow_count, text: format.count},
  {
    id: 'share',
    title: 'Share of time',
    sort: 'time_spent',
    value: (row) => row.time_spent,
    hint: 'of all time that clients spent waiting for answers; the bar of the route that took most is full'
  },
];

export class RoutesTable {
  /** `onChange()` when other rows are needed, `onOpen(tag)` when one is clicked. */
  constructor({colours, onChange, onOpen}) {
    this.colours = colours;
    this.onChange = onChange;
    this.onOpen = onOpen;
    this.column = COLUMNS.at(-1);
    this.isAscending = false;
    this.showsAll = false;
    this.rows = [];
    this.places = new Map();
    const table = byId('routes-table');
    this.body = table.tBodies[0];
    this.headings = new Map(COLUMNS.map((column) => [column.id, this.heading(column)]));
    table.tHead.append(el('tr', {}, ...this.headings.values()));
    // Rows out of sight are filled in when they are about to be seen: a thousand of them cost what a screenful does.
    this.near = new IntersectionObserver((entries) => {
      for (const {target, isIntersecting} of entries) {
        target.isNear = isIntersecting;
        if (isIntersecting && target.isBehind) this.updateRow(target, target.row);
      }
    }, {rootMargin: '400px'});
    this.search = byId('route-search');
    this.search.addEventListener('input', () => this.change());
    byId('routes-more').addEventListener('click', () => {
      this.showsAll = true;
      this.change();
    });
    this.body.addEventListener('click', (event) => {
      const row = event.target.closest('tr');
      if (!row || event.ctrlKey || event.metaKey || event.shiftKey || getSelection().toString()) return;
      event.preventDefault();
      this.onOpen(row.dataset.tag);
    });
  }

  heading(column) {
    const button = el('button', {type: 'button', title: column.hint, onclick: () => this.sortBy(column)}, column.title);
    return el('th', {scope: 'col', class: `col-${column.id}`}, button);
  }

  sortBy(column) {
    this.isAscending = column === this.column ? !this.isAscending : Boolean(column.low);
    this.column = column;
    this.change();
  }

  change() {
    this.render();
    this.onChange();
  }

  /** What to ask the API for: few rows as long as these are the first ones in the API's order. */
  query() {
    const isInOrder = this.isAscending === Boolean(this.column.low);
    const needsAll = this.showsAll || !isInOrder || this.search.value.trim() !== '';
    return {sort: this.column.sort, limit: needsAll ? undefined : FIRST};
  }

  /** Rows keep their places unless `isOrderNew`: what jumps about every other second cannot be read. */
  show(stats, isOrderNew) {
    this.rows = Object.entries(stats.endpoint_stats)
                    .map(([tag, row]) => ({tag, ...row}))
                    .filter((row) => row.total_requests > 0);
    this.isCut = Object.keys(stats.endpoint_stats).length >= FIRST && this.query().limit !== undefined;
    this.wholeTime = (stats.avg_duration ?? 0) * stats.total_requests;
    this.longestTime = this.rows.reduce((longest, row) => Math.max(longest, row.time_spent), 0);
    this.render(isOrderNew);
  }

  render(isOrderNew = true) {
    for (const column of COLUMNS) {
      const heading = this.headings.get(column.id);
      if (column === this.column) heading.setAttribute('aria-sort', this.isAscending ? 'ascending' : 'descending');
      else heading.removeAttribute('aria-sort');
    }
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.rows.filter((row) => words.every((word) => row.tag.toLowerCase().includes(word)));
    this.order(found, isOrderNew);
    const shown = this.showsAll || words.length ? found : found.slice(0, FIRST);
    keyed(this.body, shown, (row) => row.tag, (row) => this.makeRow(row), (element, row) => {
      element.row = row;
      element.isBehind = element.isNear === false;
      if (!element.isBehind) this.updateRow(element, row);
    });
    this.renderNote(found.length, shown.length, words.length > 0);
  }

  order(rows, isNew) {
    const {value} = this.column;
    const way = this.isAscending ? 1 : -1;
    const place = (row) => (isNew ? 0 : this.places.get(row.tag) ?? Infinity);
    rows.sort((a, b) => compare(place(a), place(b)) || way * compare(value(a), value(b)) || compare(a.tag, b.tag));
    this.places = new Map(rows.map((row, i) => [row.tag, i]));
  }

  renderNote(found, shown, isSearch) {
    let note = '';
    if (this.rows.length === 0) note = 'No request in this window.';
    else if (isSearch && found === 0) note = 'No route has these words in it.';
    else if (shown < found || this.isCut)
      note = `The first ${format.exact(shown)} by ${this.column.title.toLowerCase()}.`;
    else if (isSearch) note = `${format.exact(found)} of ${format.exact(this.rows.length)} routes.`;
    setText(byId('routes-note'), note);
    byId('routes-more').hidden = !(shown < found || this.isCut);
  }

  makeRow({tag}) {
    const [method, path] = split(tag);
    const cells = COLUMNS.map((column) => el('td', {class: `col-${column.id}`}));
    cells[0].append(el('a', {class: 'route-link', href: `#${new URLSearchParams({route: tag})}`, title: tag},
        method ? el('span', {class: 'method'}, method) : null, el('span', {class: 'path'}, path)));
    cells.at(-1).append(el('div', {class: 'share'}, el('span'), el('span', {class: 'bar', 'aria-hidden': 'true'})));
    const element = el('tr', {data: {tag}}, ...cells);
    this.near.observe(element);
    return element;
  }

  updateRow(element, row) {
    element.isBehind = false;
    for (let i = 1; i < COLUMNS.length - 1; ++i) {
      const value = COLUMNS[i].value(row);
      const cell = element.cells[i];
      setText(cell, COLUMNS[i].text(value));
      cell.classList.toggle('zero', value === 0);
    }
    element.cells[7].classList.toggle('bad', row.error_rate >= 5);
    const [text, bar] = element.cells[9].firstChild.children;
    setText(text, this.wholeTime > 0 ? format.percent((100 * row.time_spent) / this.wholeTime) : '–');
    text.title = format.duration(row.time_spent);
    fillBar(bar, timeParts(row, this.colours), this.longestTime);
  }
}

/** Of numbers or texts; what is not known comes before everything. */
function compare(a, b) {
  const [x, y] = [a ?? -1, b ?? -1];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `GET /users` into its method and path; what has no method is a path. */
export function split(tag) {
  const space = tag.indexOf(' ');
  return space < 0 ? ['', tag] : [tag.slice(0, space), tag.slice(space + 1)];
}
