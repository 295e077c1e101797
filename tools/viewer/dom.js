/// Small helpers of every module: elements without HTML parsing, numbers as people read them.

/// An element with attributes, event listeners (keys that begin with "on") and children. Text is
/// always set as text, so nothing in a name can become markup.
export function el(tag, attributes = {}, ...children) {
  const svg = ['svg', 'path', 'g', 'rect', 'line', 'text', 'image'].includes(tag);
  const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/// A table with its heads in words; `rows`: its lines, `caption`, if given: words above it.
export const tableOf = (attributes, heads, rows, caption) => el('table', attributes, caption && el('caption', {}, caption),
  el('thead', {}, el('tr', {}, heads.map((words) => el('th', { scope: 'col' }, words)))), el('tbody', {}, rows));

/// A bar, of a share from 0 to 1.
export function bar(share, kind = '') {
  const fill = el('span', { class: kind ? `fill ${kind}` : 'fill' });
  fill.style.width = `${100 * share}%`;
  return el('span', { class: 'scale' }, fill);
}

/// Of a probability.
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/// Of a share of the evidence, which must not look like a probability: three decimals, below 0.001 two digits ("4.0e-4").
export function part(share) {
  if (share === 0) return '0';
  return (Math.abs(share) < 0.001 ? share.toExponential(1) : share.toFixed(3)).replace(/^-/, '\u2212');
}

/// Four significant digits, without an exponent where it can be avoided.
export function number(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(Number(value.toPrecision(4))).replace('-', '\u2212');
  return value.toExponential(2).replace('e-', 'e\u2212').replace(/^-/, '\u2212');
}

/// "faces_easy" as "faces easy": how names are shown.
export const spoken = (name) => name.replaceAll('_', ' ');

export const plural = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/// Whether the reader asked for less motion.
export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
