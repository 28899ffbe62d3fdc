// Nothing is changed without a question.

import {byId, el} from './dom.js';

/**
 * Asks, and runs `act` when the answer is yes; what goes wrong is said in the dialog. With `field` (`{label, value}`) a
 * text is asked for, which `act` is given. `isHarmless`: nothing is lost by it.
 */
export function confirm({title, text, yes, act, field = null, isHarmless = false}) {
  const dialog = byId('confirm-dialog');
  const problem = el('p', {class: 'problem', role: 'alert'});
  const id = 'confirm-field';
  const input = field && el('input', {type: 'text', id, value: field.value, required: true, spellcheck: 'false'});
  const label = field && el('label', {for: id}, field.label);
  const go = el('button', {type: 'submit', class: isHarmless ? 'primary' : 'danger'}, yes);
  const cancel = el('button', {type: 'button', class: 'quiet', onclick: () => dialog.close()}, 'Cancel');
  const buttons = el('div', {class: 'buttons'}, cancel, go);
  const heading = el('h2', {id: 'confirm-title'}, title);
  const form = el('form', {method: 'dialog'}, heading, el('p', {}, text), label, input, problem, buttons);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await act(input?.value.trim());
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      go.disabled = false;
    }
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  (input ?? cancel).focus();
}
