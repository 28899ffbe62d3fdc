// A box whose content is larger than it is can be scrolled with the keyboard too: it takes the focus and has a name.

const BOXES = '.scroll, .samples, .first-run pre';

function nameOf(box) {
  const captions = box.querySelectorAll('caption');
  if (captions.length === 1) return captions[0].textContent;
  return box.closest('section, .card')?.querySelector('h2, h3')?.textContent ?? 'More';
}

const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;

/** To be called when what is shown has changed. One that has the focus keeps it. */
export function markScrolling() {
  const boxes = [...document.querySelectorAll(BOXES)].map((box) => [box, scrolls(box)]);
  for (const [box, isScrolling] of boxes) {
    if (isScrolling) {
      const name = nameOf(box);
      if (box.tabIndex !== 0) box.tabIndex = 0;
      if (box.getAttribute('role') !== 'region') box.setAttribute('role', 'region');
      if (box.getAttribute('aria-label') !== name) box.setAttribute('aria-label', name);
    } else if (box !== document.activeElement) {
      for (const attribute of ['tabindex', 'role', 'aria-label']) box.removeAttribute(attribute);
    }
  }
}

addEventListener('resize', markScrolling);
document.addEventListener('toggle', markScrolling, {capture: true});
