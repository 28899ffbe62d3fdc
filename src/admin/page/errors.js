// The list of failures: chips choose which kinds it shows, so that a flood of 404s does not hide a 500.

import {byId, el, setText} from './dom.js';
import * as format from './format.js';
import {showSamples} from './samples.js';

/** A client that left is no fault: it is counted apart. */
const LEFT = ['client_aborted', 'client_stalled'];
const sumOfFaults = (errors) =>
    Object.entries(errors.faults).reduce((sum, [name, {count}]) => sum + (LEFT.includes(name) ? 0 : count), 0);

/** What the API takes in `status`, what is counted, and how a sentence names it. */
const KINDS = [
  {name: '5xx', title: 'Responses with a status of 500 or above', none: '5xx', one: 'response with 5xx',
    many: 'responses with 5xx', count: (errors) => errors.status['5xx']},
  {name: '4xx', title: 'Responses with a status of 400 to 499', none: '4xx', one: 'response with 4xx',
    many: 'responses with 4xx', count: (errors) => errors.status['4xx']},
  {name: 'faults', title: 'Requests that were cut short, whatever their status', none: 'faults',
    one: 'request cut short', many: 'requests cut short', count: sumOfFaults},
];
const DEFAULT = ['5xx', 'faults'];
const SPANS = {'1m': 'in the last minute', '5m': 'in the last 5 minutes', '1h': 'in the last hour',
  '1d': 'in the last day', all: 'since the start or the last reset'};

const counted = (kind, errors) => {
  const count = kind.count(errors);
  return `${format.exact(count)} ${count === 1 ? kind.one : kind.many}`;
};

export class ErrorsList {
  /** `onChange(text)` when a person chose: what the address is to say, null for the default. */
  constructor(onChange) {
    this.chosen = DEFAULT;
    this.chips = new Map(KINDS.map(({name, title}) => {
      const toggle = () => {
        const chosen = KINDS.map((kind) => kind.name)
                           .filter((one) => this.chosen.includes(one) !== (one === name));
        onChange(String(chosen) === String(DEFAULT) ? null : chosen.join(' ') || 'none');
      };
      const count = el('span', {class: 'chip-count'});
      const attributes = {type: 'button', title, data: {kind: name}, onclick: toggle};
      return [name, {button: el('button', attributes, name, count), count}];
    }));
    byId('errors-kinds').replaceChildren(...[...this.chips.values()].map((chip) => chip.button));
    this.choose(null);
  }

  /** Takes what the address says. Returns whether that is another choice than before. */
  choose(text) {
    const before = String(this.chosen);
    const wanted = (text ?? '').split(' ');
    const chosen = KINDS.map((kind) => kind.name).filter((name) => wanted.includes(name));
    this.chosen = chosen.length > 0 || text === 'none' ? chosen : DEFAULT;
    for (const [name, {button}] of this.chips) button.setAttribute('aria-pressed', String(this.chosen.includes(name)));
    return String(this.chosen) !== before;
  }

  /** For the API. Where nothing is chosen the counts alone are wanted: an empty `status` would choose everything. */
  query(limit) {
    return this.chosen.length > 0 ? {status: this.chosen.join(), limit} : {limit: 0};
  }

  /** `errors` was asked for with `query()`, of what is chosen now. */
  show(errors) {
    for (const kind of KINDS) setText(this.chips.get(kind.name).count, ` ${format.count(kind.count(errors))}`);
    showSamples(byId('errors-list'), errors.errors, this.whyEmpty(errors));
    setText(byId('errors-note'),
        Object.entries(errors.faults).map(([name, fault]) => `${name} ${format.count(fault.count)}`).join(', '));
  }

  whyEmpty(errors) {
    const span = SPANS[errors.window];
    const chosen = KINDS.filter((kind) => this.chosen.includes(kind.name));
    const others = KINDS.filter((kind) => !chosen.includes(kind) && kind.count(errors) > 0);
    const rest = others.map((kind) => counted(kind, errors)).join(', ');
    if (errors.total_errors === 0) return `No request has failed ${span}.`;
    if (chosen.length === 0) return `No kind is chosen; ${rest} ${span}.`;
    const lost = chosen.filter((kind) => kind.count(errors) > 0);
    if (lost.length > 0)
      return `${lost.map((kind) => counted(kind, errors)).join(', ')} ${span}; none of them is kept any more.`;
    return `No ${chosen.map((kind) => kind.none).join(' and no ')} ${span}${rest ? `; ${rest}` : ''}.`;
  }
}
