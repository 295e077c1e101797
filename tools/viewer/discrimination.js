/// Of how few classes the channels of each stage are (hdecomp discriminate, Eq. 13): how D is distributed, beside chance, and the
/// channels of the fewest classes, with what they look for.
import { el, number, part, plural, spoken, tableOf } from './dom.js';
import { Patches } from './patches.js';

const histogramSize = { width: 340, height: 96, foot: 18 }; // pixels

/// `own`: how many channels have their D in each of as many bins from 0 to 1, `chance`: the same with shuffled labels.
function histogramOf({ own, chance, mean, by_chance: level }) {
  const { width, height, foot } = histogramSize;
  const floor = height - foot;
  const scale = (floor - 4) / Math.max(...own, ...chance, 1);
  const bin = width / own.length;
  const bars = own.map((count, i) => (count > 0 ? `M${i * bin + 1} ${floor}v${-count * scale}h${bin - 2}v${count * scale}z` : '')).join('');
  const steps = `M0 ${floor}${chance.map((count, i) => `V${floor - count * scale}H${(i + 1) * bin}`).join('')}V${floor}`;
  const mark = (at, kind) => (at === null ? [] : [el('line', { class: kind, x1: at * width, x2: at * width, y1: 0, y2: floor })]);
  const label = (at, anchor) => el('text', { x: at * width, y: height - 4, 'text-anchor': anchor }, String(at));
  return el('svg', { class: 'histogram', width, height, role: 'img', 'aria-label': `How D is distributed: ${part(mean ?? 0)} in the mean, ${part(level ?? 0)} by chance` },
    el('path', { class: 'own', d: bars }), el('path', { class: 'chance', d: steps }), ...mark(mean, 'own'), ...mark(level, 'chance'),
    el('line', { class: 'zero', x1: 0, x2: width, y1: floor, y2: floor }), label(0, 'start'), label(0.5, 'middle'), label(1, 'end'));
}

export class DiscriminationPage {
  /// `discrimination`: what tools/tables/result_pages.cpp writes; `patches`: as Patches takes them.
  constructor({ discrimination, patches }) {
    this.about = discrimination;
    this.patches = new Patches(patches ?? {});
    this.details = el('section', { class: 'details', 'aria-label': 'Details' });
    const stages = discrimination.stages.map((stage) => this.stage(stage));
    this.element = el('article', { class: 'pane', 'aria-label': 'Class-specific channels' }, el('div', { class: 'pane-main' }, this.head(), ...stages), this.details);
    const first = discrimination.stages.find((stage) => stage.channels.length > 0);
    if (first) this.choose(first, first.channels[0]);
  }

  head() {
    const { images, top, count, min_count: least, shuffles } = this.about;
    const counted = count === 'image' ? 'of images in whose trees' : 'of decisions in which';
    return el('header', {}, el('h1', {}, 'Of how few classes channels are'),
      el('p', { class: 'muted' }, `Over ${plural(images, 'labelled photograph')}. N of a channel and a class is the number ${counted} it is among the first ${top}; `
        + `D is the largest part that one class has of a channel\u2019s N: 1 where it is chosen for one class alone. Channels that are chosen less than ${least} times do not count. `
        + `Chance: the same with labels shuffled, the mean of ${shuffles} orders.`),
      el('p', { class: 'keys' }, el('span', { class: 'key own', 'aria-hidden': 'true' }), 'the labels, and their mean ', el('span', { class: 'key chance', 'aria-hidden': 'true' }), 'chance, and its mean'));
  }

  stage(stage) {
    const { layer, all, never, rare, counted, mean, by_chance: level, quartiles, least } = stage;
    const words = mean === null
      ? 'No channel is chosen often enough.'
      : `D is ${part(mean)} in the mean, ${part(level)} by chance, ${part(least)} at least; half of the channels lie from ${part(quartiles[0])} to ${part(quartiles[2])}.`;
    return el('section', { class: 'stage-of', 'aria-label': layer }, el('h2', {}, layer, el('small', {}, plural(all, 'channel'))),
      el('div', { class: 'stage-parts' }, el('div', {}, histogramOf(stage), el('p', { class: 'small' }, words),
        el('p', { class: 'muted small' }, `Counted: ${counted}; never chosen: ${never}; chosen less than ${this.about.min_count} times: ${rare}.`)), this.table(stage)));
  }

  table(stage) {
    if (stage.channels.length === 0) return null;
    const row = (one) => el('tr', {}, el('th', { scope: 'row' }, el('button', { type: 'button', onclick: () => this.choose(stage, one) }, `${stage.layer}:${one.channel}`), one.name && el('small', {}, spoken(one.name))),
      el('td', {}, spoken(one.class)), ...[part(one.degree), part(one.by_chance), number(one.chosen)].map((words) => el('td', {}, words)));
    return tableOf({ class: 'numbers' }, ['channel', 'class', 'D', 'by chance', 'chosen'], stage.channels.map(row), 'Of the fewest classes');
  }

  choose({ layer }, one) {
    this.details.replaceChildren(...[el('h2', {}, `Channel ${one.channel}`, el('small', {}, layer)), one.name && el('p', {}, el('b', {}, spoken(one.name))),
      el('p', {}, `Chosen ${plural(one.chosen, 'time')}, ${part(one.degree)} of them for ${spoken(one.class)}; with labels shuffled one class has ${part(one.by_chance)}.`),
      this.patches.section({ layer, channel: one.channel, parent: true })].filter(Boolean));
  }
}
