/// What if a part of the photograph, or a channel, were not there: a box that is drawn over the large picture or typed, where a
/// channel looks, or the channel itself. From the server, which does what `hdecomp what-if` does.
import { bar, el, number, percent, spoken, tableOf } from './dom.js';
import { keyOf } from './evidence.js';

const sides = ['x', 'y', 'width', 'height'];
const pixelFills = { grey: 'grey', blur: 'a blurred picture', mean: 'its mean colour' };

/// Two bars, of shares from 0 to 1.
export const pairOfBars = (before, after) => [bar(before, 'before'), bar(after, 'after')];

/// Classes with their probabilities and scores, {name, before, after}.
export function tableOfClasses(classes) {
  const row = ({ name, before, after }) => el('tr', {}, el('th', { scope: 'row' }, spoken(name), ...pairOfBars(before.probability, after.probability)),
    ...[before, after].map(({ probability, score }) => el('td', {}, percent(probability), el('small', {}, number(score)))));
  return tableOf({}, ['class', 'before', 'after'], classes.map(row));
}

export class WhatIf {
  /// `image`: the page's, {seen: the part of the photograph that is shown}. `canvas`: the large picture, in `figure`. `ask`,
  /// in the server's page: (change) => its answer.
  constructor(image, figure, canvas, ask) {
    Object.assign(this, { image, figure, canvas, ask });
    this.frame = el('div', { class: 'box', hidden: true });
    figure.append(this.frame);
    this.fill = el('select', {}, Object.entries(pixelFills).map(([value, shown]) => el('option', { value }, shown)));
    this.numbers = Object.fromEntries(sides.map((side) => [side, el('input', { type: 'number', min: 0, 'aria-label': `Box: ${side}`, oninput: () => this.drawFrame() })]));
    this.ofChannel = el('p', { class: 'choices' });
    this.answer = el('div', { class: 'answer', role: 'status' });
    this.element = el('details', { class: 'what-if', ontoggle: () => this.toggle() }, el('summary', {}, 'What if a part were missing?'),
      el('p', { class: 'muted small' }, 'Draw a box over the picture above, or type it in the photograph\u2019s pixels.'),
      el('p', { class: 'choices' }, sides.map((side) => el('label', {}, el('span', { 'aria-hidden': 'true' }, side), this.numbers[side]))),
      el('p', { class: 'choices' }, el('label', {}, el('span', {}, 'Fill with'), this.fill), this.button('Fill the box', () => ({ box: this.box().join(','), fill: this.fill.value }))),
      this.ofChannel, this.answer);
    const [x, y, width, height] = image.seen;
    this.put([x + Math.round(width / 4), y + Math.round(height / 4), Math.ceil(width / 2), Math.ceil(height / 2)]);
    canvas.addEventListener('pointerdown', (event) => this.begin(event));
  }

  button(words, change) {
    return el('button', { type: 'button', onclick: () => this.try(change()) }, words);
  }

  toggle() {
    this.figure.classList.toggle('drawing', this.element.open);
    this.drawFrame();
  }

  box() {
    return sides.map((side) => Math.round(Number(this.numbers[side].value)) || 0);
  }

  put(box) {
    sides.forEach((side, i) => {
      this.numbers[side].value = box[i];
    });
    this.drawFrame();
  }

  /// Pixels of the photograph to each of the canvas's, down and along.
  scales() {
    const [, , width, height] = this.image.seen;
    return [height / this.canvas.clientHeight, width / this.canvas.clientWidth];
  }

  drawFrame() {
    this.frame.hidden = !this.element.open;
    if (this.frame.hidden) return;
    const [down, along] = this.scales();
    const [x, y, width, height] = this.box();
    const [left, top] = this.image.seen;
    Object.assign(this.frame.style, { left: `${(x - left) / along}px`, top: `${(y - top) / down}px`, width: `${width / along}px`, height: `${height / down}px` });
  }

  /// A box from where the pointer went down to where it is, inside what the network sees.
  begin(event) {
    if (!this.element.open || event.button !== 0) return;
    event.preventDefault();
    const [left, top, width, height] = this.image.seen;
    const place = (at) => {
      const edges = this.canvas.getBoundingClientRect();
      const [down, along] = this.scales();
      const inside = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
      return [left + inside((at.clientX - edges.left) * along, width), top + inside((at.clientY - edges.top) * down, height)];
    };
    const from = place(event);
    const move = (moved) => {
      const to = place(moved);
      this.put([Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(Math.abs(to[0] - from[0]), 1), Math.max(Math.abs(to[1] - from[1]), 1)]);
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener('pointermove', move);
    this.canvas.addEventListener('lostpointercapture', () => this.canvas.removeEventListener('pointermove', move), { once: true });
  }

  /// What can be asked of the chosen node.
  show(node) {
    this.ofChannel.replaceChildren();
    if (!node.parent) return;
    const where = this.button(`Fill where channel ${node.channel} looks`, () => ({ at: keyOf(node), fill: this.fill.value }));
    if (!node.against) this.ofChannel.append(where); // its mask is where A is above 0
    this.ofChannel.append(this.button(`Switch channel ${node.channel} off`, () => ({ off: `${node.layer}:${node.channel}` })));
  }

  async try(change) {
    const asked = (this.asked = {}); // of several questions the last is shown
    this.answer.replaceChildren(el('p', { class: 'status' }, 'Asking the network'));
    try {
      const told = await this.ask(change);
      if (this.asked === asked) this.tell(told);
    } catch (fault) {
      if (this.asked === asked) this.answer.replaceChildren(el('p', { class: 'fault' }, fault.message));
    }
  }

  tell({ lines, classes, picture, what_if: numbers }) {
    if (numbers.change.box) this.put(numbers.change.box);
    const [change, verdict, chance] = lines.map(spoken);
    this.answer.replaceChildren(...[picture && el('img', { src: picture, alt: `The photograph, ${change}` }),
      el('p', {}, el('b', {}, verdict)), el('p', { class: 'muted small' }, change),
      tableOfClasses(classes),
      el('p', { class: 'muted small chance' }, chance)].filter(Boolean));
  }
}
