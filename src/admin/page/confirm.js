// Nothing is changed without a question.

import {byId, el} from './dom.js';

/** Asks, and runs `act` when the answer is yes. What goes wrong is said in the dialog. */
export function confirm({title, text, yes, act}) {
  const dialog = byId('confirm-dialog');
  const problem = el('p', {class: 'login-problem', role: 'alert'});
  const go = el('button', {type: 'button', class: 'danger'}, yes);
  go.addEventListener('click', async () => {
    go.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      go.disabled = false;
    }
  });
  dialog.replaceChildren(el('h2', {id: 'confirm-title'}, title), el('p', {}, text), problem,
      el('div', {class: 'buttons'},
          el('button', {type: 'button', class: 'quiet', autofocus: true, onclick: () => dialog.close()}, 'Cancel'),
          go));
  dialog.showModal();
}
