// Elements out of data. Whatever comes from the API goes in as text or as a property, never as markup.

/** `el('td', {class: 'number', title: 'exact'}, '12 ms')`; functions become listeners (`onclick`), null leaves out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const byId = (id) => document.getElementById(id);

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes `parent` hold one child per item, in order. A child whose key was there before is kept and updated, so that
 * focus, selection and what is unfolded survive. `make(item)` builds an element, `update(element, item)` fills it.
 */
export function keyed(parent, items, keyOf, make, update) {
  const known = parent.keyedChildren ?? new Map();
  const next = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    if (next.has(key)) continue;
    const child = known.get(key) ?? make(item);
    update(child, item);
    next.set(key, child);
    // One that has moved down is passed over here, and put in its place when its turn comes.
    if (place !== null && child !== place && child === place.nextElementSibling) place = child;
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  const stays = new Set(next.values());
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  parent.keyedChildren = next;
}
