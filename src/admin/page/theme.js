// Colours live in page.css, for light and dark; canvases ask for them here.

import {byId} from './dom.js';

const CHOICES = {
  system: ['◐', 'as the system has them'],
  light: ['☀', 'light'],
  dark: ['☾', 'dark']
};
const listeners = [];

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Called whenever the colours are others. */
export const onThemeChange = (listener) => listeners.push(listener);

function apply(choice) {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  const [sign, words] = CHOICES[choice];
  const button = byId('theme');
  button.textContent = sign;
  button.title = `Colours: ${words}`;
  button.setAttribute('aria-label', button.title);
  for (const listener of listeners) listener();
}

function remembered() {
  try {
    const choice = localStorage.getItem('weir-theme');
    return choice in CHOICES ? choice : 'system';
  } catch {
    return 'system';
  }
}

export function startTheme() {
  let choice = remembered();
  apply(choice);
  byId('theme').addEventListener('click', () => {
    const all = Object.keys(CHOICES);
    choice = all[(all.indexOf(choice) + 1) % all.length];
    try {
      localStorage.setItem('weir-theme', choice);
    } catch { /* a browser that keeps nothing: it holds until the page is closed */
    }
    apply(choice);
  });
  matchMedia('(prefers-color-scheme: dark)')
      .addEventListener('change', () => listeners.forEach((listener) => listener()));
}
