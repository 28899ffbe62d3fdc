// Where the time of a route goes: into components that the app names, into waiting for the app else, into the rest.

import {el} from './dom.js';
import * as format from './format.js';

/** Colours of components, by how much time they take in all; page.css has as many. */
const COLOURS = 4;

const timeOf = (component) => component.count * component.avg;

/** Which component has which colour, the same everywhere on the page. */
export class ComponentColours {
  constructor() { this.places = new Map(); }

  /** Those of all routes together: the ones that take most come first. A colour stays once it is given. */
  update(components) {
    const names = Object.keys(components).sort((a, b) => timeOf(components[b]) - timeOf(components[a]));
    for (const name of names) {
      if (this.places.size >= COLOURS) break;
      if (!this.places.has(name)) this.places.set(name, this.places.size + 1);
    }
  }

  className(name) { return this.places.has(name) ? `c-${this.places.get(name)}` : 'c-app'; }

  entries() { return [...this.places].map(([name, place]) => [`c-${place}`, name]); }
}

/** What is neither the app nor a transfer of bytes, by the API's names. */
export const OTHER_PHASES = [['queue', 'p-queue'], ['connect', 'p-connect'], ['retry', 'p-queue']];

/** `[{name, className, seconds}]` of one route's figures; they add up to `time_spent`. */
export function timeParts(row, colours) {
  const all = row.time_spent;
  let left = all;
  const spentIn = (phase) => {
    const seconds = Math.min(left, (row.phases[phase]?.avg ?? 0) * row.total_requests);
    left -= seconds;
    return seconds;
  };
  const wait = spentIn('wait');
  const others = OTHER_PHASES.map(([name, className]) => ({name, className, seconds: spentIn(name)}));
  const named =
      Object.entries(row.components ?? {})
          .map(([name, component]) => ({name, className: colours.className(name), seconds: timeOf(component)}))
          .filter((part) => part.className !== 'c-app')
          .sort((a, b) => a.className.localeCompare(b.className));
  // Components may run side by side, so that together they take more than the wait.
  const sum = named.reduce((total, part) => total + part.seconds, 0);
  if (sum > wait)
    for (const part of named) part.seconds *= wait / sum;
  const app = wait - Math.min(sum, wait);
  return [
    ...named, {name: 'app', className: 'c-app', seconds: app}, ...others,
    {name: 'transfer', className: 'c-rest', seconds: left}
  ].filter((part) => part.seconds > 0);
}

/** Fills `bar` with segments whose widths are shares of `whole` seconds. */
export function fillBar(bar, parts, whole) {
  while (bar.children.length > parts.length) bar.lastChild.remove();
  while (bar.children.length < parts.length) bar.append(el('span'));
  parts.forEach((part, i) => {
    const segment = bar.children[i];
    if (segment.className !== part.className) segment.className = part.className;
    segment.style.width = `${(whole > 0 ? (100 * part.seconds) / whole : 0).toFixed(2)}%`;
    segment.title = `${part.name}: ${format.duration(part.seconds)}`;
  });
}
