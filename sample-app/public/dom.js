export const byId = (id) => document.getElementById(id);

/** @param html trusted markup: what comes from elsewhere goes through `escapeHtml`, or in with `setText`. */
export function element(tag, className = '', html = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.innerHTML = html;
  return made;
}

/** Leaves what is the same alone, so that a selection survives and nothing is announced twice. */
export function setText(target, text) {
  if (target.textContent !== String(text)) target.textContent = text;
}

const shown = new WeakMap();

/** @param html trusted markup, as that of `element`. */
export function setHtml(target, html) {
  if (shown.get(target) !== html) target.innerHTML = html;
  shown.set(target, html);
}

export function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) target.removeAttribute(name);
    else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, value);
  }
}

export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The time of day where the reader is. */
export function timeOfDay(at) {
  return new Date(at).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}
