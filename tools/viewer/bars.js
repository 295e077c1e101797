/// All channels' contributions to one decision as a sorted bar chart, the chosen ones marked.
import { el, number, part } from './dom.js';

const chartHeight = 112;

/// Bars as one path: of the ranks for which `wanted` holds.
function barsPath(step, width, zero, scale, wanted) {
  let path = '';
  step.order.forEach((channel, rank) => {
    if (!wanted(channel)) return;
    const height = step.contributions[channel] * scale;
    const size = Math.max(Math.abs(height), 0.5);
    path += `M${rank * width} ${height >= 0 ? zero - size : zero}h${width - 0.6}v${size}h${0.6 - width}z`;
  });
  return path;
}

export class Bars {
  /// `node` must have a step. `onpick(channel)`, if given, is called for a channel to decompose.
  constructor(node, onpick) {
    this.node = node;
    this.step = node.step;
    this.onpick = onpick;
    this.chosen = new Set(node.children.map((child) => child.channel));
    this.barWidth = Math.max(2.6, Math.min(12, 340 / this.step.order.length));
    this.note = el('div', { class: 'bar-note' });
    this.pick = onpick && el('button', { type: 'button', class: 'pick', onclick: () => this.picked() });
    this.element = el('div', { class: 'bars' }, this.chart(), el('div', { class: 'bar-line' }, this.note, this.pick));
    this.point(0);
  }

  chart() {
    const { step, barWidth } = this;
    const most = Math.max(step.contributions[step.order[0]], 1e-30);
    const least = Math.min(step.contributions[step.order.at(-1)], 0);
    const scale = (chartHeight - 8) / (most - least);
    this.zero = 4 + most * scale;
    const width = step.order.length * barWidth;
    const path = (name, wanted) => el('path', { class: name, d: barsPath(step, barWidth, this.zero, scale, wanted) });
    const isChosen = (channel) => this.chosen.has(channel);
    this.cursor = el('rect', { class: 'cursor', y: 0, width: barWidth, height: chartHeight });
    const svg = el('svg', { width, height: chartHeight, 'aria-hidden': 'true' }, this.cursor,
      path('positive', (channel) => !isChosen(channel) && step.contributions[channel] >= 0),
      path('negative', (channel) => !isChosen(channel) && step.contributions[channel] < 0),
      path('picked', isChosen),
      el('line', { class: 'zero', x1: 0, x2: width, y1: this.zero, y2: this.zero }));
    this.slider = el('div', {
      class: 'bar-scroll', role: 'slider', tabindex: 0, 'aria-label': `Channels of ${step.layer} by contribution`,
      'aria-valuemin': 1, 'aria-valuemax': step.order.length,
      onkeydown: (event) => this.key(event),
      onpointermove: (event) => this.point(this.rankAt(event)),
      onclick: (event) => {
        this.point(this.rankAt(event));
        this.picked();
      },
    }, svg);
    return this.slider;
  }

  rankAt(event) {
    const x = event.clientX - this.slider.getBoundingClientRect().left + this.slider.scrollLeft;
    return Math.min(Math.max(Math.floor(x / this.barWidth), 0), this.step.order.length - 1);
  }

  channel() {
    return this.step.order[this.rank];
  }

  /// Why a channel cannot be decomposed; nothing if it can.
  hindrance(channel) {
    if (this.chosen.has(channel)) return 'in the pyramid';
    if (this.step.positions[channel] < 0) return 'no peak above zero';
    return '';
  }

  point(rank) {
    this.rank = rank;
    const channel = this.channel();
    const contribution = this.step.contributions[channel];
    const share = contribution > 0 && this.step.positive > 0 ? `, share ${part(contribution / this.step.positive)}` : '';
    const why = this.hindrance(channel);
    this.cursor.setAttribute('x', rank * this.barWidth);
    this.note.replaceChildren(el('b', {}, `channel ${channel}`), ` no. ${rank + 1}, ${number(contribution)}${share}${why && this.onpick ? ` (${why})` : ''}`);
    this.slider.setAttribute('aria-valuenow', rank + 1);
    this.slider.setAttribute('aria-valuetext', `channel ${channel}, number ${rank + 1}, contribution ${number(contribution)}${share}${why && `, ${why}`}`);
    if (!this.pick) return;
    this.pick.textContent = `Decompose ${channel}`;
    this.pick.disabled = why !== '';
  }

  picked() {
    if (this.onpick && this.hindrance(this.channel()) === '') this.onpick(this.channel());
  }

  key(event) {
    const last = this.step.order.length - 1;
    const moves = { ArrowRight: this.rank + 1, ArrowLeft: this.rank - 1, ArrowUp: this.rank - 1, ArrowDown: this.rank + 1, Home: 0, End: last };
    if (event.key in moves) {
      this.point(Math.min(Math.max(moves[event.key], 0), last));
      const x = this.rank * this.barWidth;
      const { scrollLeft, clientWidth } = this.slider;
      if (x < scrollLeft || x + this.barWidth > scrollLeft + clientWidth) this.slider.scrollLeft = x - clientWidth / 2;
    } else if (event.key === 'Enter') this.picked();
    else return;
    event.preventDefault();
  }
}
