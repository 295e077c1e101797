/// A decision as the sum that it is: the channels that are shown, the others, the biases in between.
import { el, number, part, plural } from './dom.js';

/// In units of the decision. Only from zero as the features' baseline is the last part the biases'.
export function partsOf(step, value) {
  const area = step.height * step.width;
  const total = (sign) => area * step.contributions.reduce((sum, alpha) => sum + Math.max(sign * alpha, 0), 0);
  const shown = step.chosen_of_value * value;
  return { shown, others: Math.max(total(1) - shown, 0), against: total(-1), bias: step.bias };
}

/// Two bars of one scale: what speaks for the decision, and what speaks against it.
function bars(parts) {
  const sides = {
    for: [['shown', parts.shown], ['others', parts.others], ['bias', Math.max(parts.bias, 0)]],
    against: [['against', parts.against], ['bias', Math.max(-parts.bias, 0)]],
  };
  const most = Math.max(...Object.values(sides).map((side) => side.reduce((sum, part) => sum + part[1], 0)), Number.MIN_VALUE);
  return Object.values(sides).map((side) => el('div', { class: 'sum-side' }, side.map(([kind, size]) => {
    const piece = el('span', { class: kind });
    piece.style.width = `${(100 * size) / most}%`;
    return piece;
  })));
}

const entry = (kind, words) => el('li', {}, el('span', { class: `key ${kind}`, 'aria-hidden': 'true' }), words);

/// The bars and what they are made of, in words. `counted`: how many channels are shown.
export function drawSum(step, value, counted, lastPart) {
  const parts = partsOf(step, value);
  return el('div', { class: 'sum' }, el('div', { 'aria-hidden': 'true' }, bars(parts)), el('ul', {},
    entry('shown', `${plural(counted, 'channel')} shown: ${number(parts.shown)} of ${number(value)}, share ${part(step.chosen_of_positive)} of all that channels add`),
    entry('others', `other channels for it: ${number(parts.others)}`),
    entry('against', `channels against it: ${number(-parts.against)}`),
    entry('bias', `${lastPart}: ${number(parts.bias)}`),
    el('li', { class: 'muted' }, `${plural(step.order.length, 'channel')} in all`)));
}
