// Slow requests and failures: one line each with its phases as a waterfall, the rest when it is unfolded.

import {byId, el, keyed, setText} from './dom.js';
import * as format from './format.js';

/** The phases in the order in which they pass. */
export const PHASES = [
  ['client_send', 'from the client', 'p-client'],
  ['queue', 'queue', 'p-queue'],
  ['retry', 'earlier attempts', 'p-queue'],
  ['connect', 'connect', 'p-connect'],
  ['send', 'send', 'p-send'],
  ['wait', 'wait for the app', 'p-wait'],
  ['receive', 'receive', 'p-receive'],
  ['client_read', 'to the client', 'p-client'],
];

export function phaseKey(id) {
  const seen = [
    ['p-queue', 'queue'], ['p-connect', 'connect'], ['p-send', 'send'], ['p-wait', 'wait for the app'],
    ['p-receive', 'receive'], ['p-client', 'client']
  ];
  byId(id).replaceChildren(...seen.map(([name, text]) => el('span', {class: `swatch ${name}`}, text)));
}

/** A bar as wide as `duration` is of `longest`, cut into phases. Those that overlap share the time they took. */
function waterfall(sample, longest) {
  const bar = el('span', {class: 'bar', 'aria-hidden': 'true'});
  const sum = PHASES.reduce((total, [name]) => total + (sample.phases[name] ?? 0), 0);
  const scale = Math.min(1, sample.duration / sum) / longest;
  for (const [name, words, className] of PHASES) {
    const taken = sample.phases[name] ?? 0;
    if (taken <= 0) continue;
    const part = el('span', {class: className, title: `${words}: ${format.duration(taken)}`});
    part.style.width = `${100 * taken * scale}%`;
    bar.append(part);
  }
  return bar;
}

const statusClass = (status) => (status ? `s-${Math.floor(status / 100)}xx` : 's-none');

function whySlow(sample) {
  if (sample.slow_reason === 'p99') return `far above the usual p99 of its route, ${format.duration(sample.usual_p99)}`;
  return sample.slow_reason === 'threshold' ? 'above the threshold' : '';
}

function facts(sample) {
  const rows = [
    ['slow because', whySlow(sample)],
    ['route', sample.route],
    ['upstream', sample.upstream],
    ['client', sample.client],
    ['user', sample.user],
    ['tenant', sample.tenant],
    ['request id', sample.request_id],
    ['trace', sample.trace_id],
    ['fault', sample.fault && `${sample.fault} (${sample.side})`],
    ['in, out', `${format.bytes(sample.bytes_in)}, ${format.bytes(sample.bytes_out)}`],
    ['at once with it', format.count(sample.concurrency)],
    ['weir itself', format.duration(sample.weir)],
    ['cache', sample.cache],
    [
      'notes',
      [
        sample.retried && `tried before at ${sample.failed_attempts.join(', ')}`, sample.reused_connection && 'kept connection',
        sample.local_reply && 'answered by weir'
      ].filter(Boolean)
          .join(', ')
    ],
  ];
  const list = el('dl', {class: 'facts'});
  for (const [name, words] of PHASES) {
    if (sample.phases[name] > 0) list.append(el('dt', {}, words), el('dd', {}, format.duration(sample.phases[name])));
  }
  for (const [name, taken] of Object.entries(sample.components ?? {}))
    list.append(el('dt', {}, name), el('dd', {}, format.duration(taken)));
  for (const [name, value] of rows)
    if (value) list.append(el('dt', {}, name), el('dd', {}, value));
  return list;
}

function makeSample(sample) {
  return el('details', {class: 'sample'},
      el('summary', {}, el('span', {class: 'sample-time'}, format.timeElement(sample.timestamp)),
          el('span', {class: `badge ${statusClass(sample.status)}`},
              sample.status                         ? String(sample.status) :
                  sample.fault === 'client_aborted' ? 'left' :
                                                      'none'),
          el('span', {class: 'sample-path', title: `${sample.method} ${sample.path}`},
              el('span', {class: 'method'}, sample.method), sample.path),
          el('span', {class: 'sample-duration'}, format.duration(sample.duration)), el('span', {class: 'sample-bar'})),
      facts(sample));
}

/** What a list without rows says: `none` only where nothing was counted. */
export function noneListed(counted, none) {
  return counted > 0 ? `${format.exact(counted)} counted in this window; none of them is kept any more.` : none;
}

/** Fills `list` with samples; `empty` is said where there are none. */
export function showSamples(list, samples, empty) {
  const longest = Math.max(...samples.map((sample) => sample.duration), 1e-9);
  const items = samples.length ? samples : [{empty}];
  keyed(list, items, (one) => (one.empty ? 'empty' : `${one.request_id} ${one.timestamp} ${one.path}`),
      (one) => (one.empty ? el('p', {class: 'empty'}) : makeSample(one)), (element, one) => {
        if (one.empty) return setText(element, one.empty);
        if (element.longest !== longest) element.querySelector('.sample-bar').replaceChildren(waterfall(one, longest));
        element.longest = longest;
      });
}
