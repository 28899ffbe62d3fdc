// Numbers and times as people read them: with a unit, three significant digits, local time with UTC beside it.

import {el} from './dom.js';

const NARROW = '\u202f';  // a narrow space that does not break
const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

/** Three significant digits, no trailing zeros after a point beyond them. */
function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

export function count(value) {
  if (value === null || value === undefined) return '–';
  if (value < 100000) return whole.format(value);
  if (value < 999500) return `${digits(value / 1e3)}${NARROW}k`;
  return value < 999.5e6 ? `${digits(value / 1e6)}${NARROW}M` : `${digits(value / 1e9)}${NARROW}G`;
}

/** Any number, three significant digits where it is no whole one. */
export function number(value) {
  return value === null || value === undefined || Number.isInteger(value) ? count(value) : digits(value);
}

export const exact = (value) => (value === null || value === undefined ? '' : whole.format(value));

/** Seconds, as µs, ms, s or minutes. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds === 0) return `0${NARROW}ms`;
  if (seconds < 0.9995e-3) return `${digits(seconds * 1e6)}${NARROW}µs`;
  if (seconds < 0.9995) return `${digits(seconds * 1e3)}${NARROW}ms`;
  if (seconds < 99.95) return `${digits(seconds)}${NARROW}s`;
  return span(seconds);
}

/** A long time by its two largest units. */
export function span(seconds) {
  const s = Math.floor(seconds);
  const parts =
      [[Math.floor(s / 86400), 'd'], [Math.floor(s / 3600) % 24, 'h'], [Math.floor(s / 60) % 60, 'm'], [s % 60, 's']];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return `0${NARROW}s`;
  return parts.slice(first, first + 2).map(([n, unit]) => `${n}${NARROW}${unit}`).join(' ');
}

export function percent(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return `0${NARROW}%`;
  if (value < 0.01) return `<${NARROW}0.01${NARROW}%`;
  // What is not all is not written as all.
  if (value > 99.99 && value < 100) return `>${NARROW}99.99${NARROW}%`;
  if (value >= 99.945 && value < 100) return `${(Math.floor(value * 100) / 100).toFixed(2)}${NARROW}%`;
  return `${value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)}${NARROW}%`;
}

export function rate(perMinute) {
  if (perMinute === null || perMinute === undefined) return '–';
  if (perMinute === 0) return '0';
  return perMinute < 1000 ? digits(perMinute) : count(Math.round(perMinute));
}

export function bytes(value) {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let size = value;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    ++unit;
  }
  return `${unit === 0 ? whole.format(size) : digits(size)}${NARROW}${units[unit]}`;
}

/** The same text for an axis, where `2.00 s` is just 2 s. */
export const brief = (text) => text.replace(/\.(\d*?)0+(?=\D|$)/, (_, kept) => (kept ? `.${kept}` : ''));

const clock =
    new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
const shortClock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
const day = new Intl.DateTimeFormat(undefined, {month: 'short', day: 'numeric'});

/** Local time of day, with the date where it is not today's. */
export function time(text) {
  const at = new Date(text);
  const today = new Date().toDateString() === at.toDateString();
  return today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

export const shortTime = (at, withSeconds) => (withSeconds ? clock : shortClock).format(new Date(at));

export const utc = (text) => `${new Date(text).toISOString().replace('T', ' ').replace('Z', '')} UTC`;

/** The time zone that times are shown in, such as CET. */
export function zone(text) {
  const parts = new Intl.DateTimeFormat(undefined, {timeZoneName: 'short'}).formatToParts(new Date(text));
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** A `<time>` in local time that says UTC on hover. */
export function timeElement(text) { return el('time', {datetime: text, title: utc(text)}, time(text)); }
