/// The panel beside the pyramid: the map of the node that is looked at, large, and all that is known
/// of the chosen one.
import { Bars } from './bars.js';
import { drawColourBar } from './colour.js';
import { el, number, part, percent, spoken } from './dom.js';
import { addsOf, conceptOf, pathTo, titleOf } from './evidence.js';
import { drawGuided, drawNode } from './picture.js';
import { drawSum } from './sum.js';

const decisionOf = (node) => (node.parent ? `channel ${node.channel} of ${node.layer}` : titleOf(node));
const shortName = (node) => (node.parent ? `${node.layer}:${node.channel}` : titleOf(node));

function fact(term, value, explained) {
  return el('div', {}, el('dt', { title: explained }, term), el('dd', {}, value));
}

function factsOf(node) {
  const facts = [fact('value F', number(node.value), 'the feature\u2019s value at its peak')];
  if (!node.parent && node.class === undefined) return facts;
  if (!node.parent) return [fact('score', number(node.value)), fact('probability', percent(node.probability))];
  facts.push(fact('adds', `${number(addsOf(node))} of ${number(node.parent.value)}`, 'to the decision above it: \u03b1 times the number of its places'),
    fact('contribution \u03b1', number(node.contribution), 'the mean of its activation map (Eq. 4)'),
    fact('peak of A', number(node.peak), 'the largest value of its activation map (Eq. 5)'),
    fact('share', part(node.share), 'of all positive contributions to its parent'),
    fact('place', `row ${node.y}, column ${node.x}`));
  return facts;
}

export class Details {
  /// `on`: {choose(node), look(node), decompose(node, channel) or nothing}
  constructor(pane, photograph, settings, on) {
    Object.assign(this, { pane, photograph, settings, on });
    this.canvas = el('canvas', { role: 'img' });
    this.legend = el('p', { class: 'legend' });
    this.scale = el('div', { class: 'colour-bar' });
    this.crumbs = el('nav', { class: 'crumbs', 'aria-label': 'The path from the decision' });
    this.body = el('div', { class: 'details-body' });
    this.element = el('section', { class: 'details', 'aria-label': 'Details' },
      el('figure', {}, this.canvas, el('figcaption', {}, this.scale, this.legend)), pane.saliency.any && pane.saliency.element, this.crumbs, this.body);
  }

  /// The large map: of a node looked at in passing.
  look(node) {
    const { input } = this.photograph;
    const side = Math.min(340, this.element.clientWidth || 340);
    const [height, width] = this.photograph.inside(side);
    this.canvas.style.height = `${height}px`;
    this.canvas.style.width = `${width}px`;
    drawNode(this.canvas, this.photograph, node, side, { colours: this.settings.colours, frame: true });
    const words = node.parent
      ? `${node.layer}, channel ${node.channel}: what it sees in the frame (${node.field[2]} \u00d7 ${node.field[3]} of ${input[0]} \u00d7 ${input[1]} pixels), where it supports ${decisionOf(node.parent)}, and its peak`
      : node.field ? 'The photograph as the network sees it; the feature sees what is in the frame' : 'The photograph as the network sees it';
    this.canvas.setAttribute('aria-label', words);
    this.legend.textContent = words;
    drawColourBar(this.scale, this.settings.colours, node.parent ? number(node.peak) : null);
  }

  /// All of the chosen node.
  show(node) {
    this.node = node;
    this.look(node);
    const path = pathTo(node);
    this.crumbs.replaceChildren(...path.flatMap((at, i) => {
      const name = shortName(at);
      const item = i === path.length - 1 ? el('span', { 'aria-current': 'true' }, name) : el('button', { type: 'button', onclick: () => this.on.choose(at) }, name);
      return i === 0 ? [item] : [el('span', { class: 'arrow', 'aria-hidden': 'true' }, '\u203a'), item];
    }));
    this.body.replaceChildren(el('h2', {}, node.parent ? `Channel ${node.channel}` : titleOf(node),
      node.parent && el('small', {}, node.layer)), ...this.named(node), this.sentence(node), el('dl', {}, factsOf(node)));
    if (node.step) this.body.append(...this.decomposition(node));
    else this.body.append(el('p', { class: 'muted' }, node.value > 0 ? this.ending(node) : 'Its value is not positive, so it cannot be decomposed (Eq. 1).'));
    if (node.guided) this.body.append(...this.guided(node));
    const patches = this.pane.patches.section(node);
    if (patches) this.body.append(patches);
    if (node.children.length > 0) this.body.append(el('h3', {}, 'Below it'), this.subtree(node, 2));
  }

  /// What its largest features lie on, over a segmented data set.
  named(node) {
    const concept = node.parent && conceptOf(this.pane.evidence.page, node);
    if (!concept) return [];
    return [el('p', { class: 'concept', title: 'its largest features over a data set lie on these regions: intersection over union' },
      el('b', {}, spoken(concept.name)), ` ${concept.iou.toFixed(2)}`)];
  }

  ending(node) {
    const { layers } = this.pane.evidence.page;
    return node.layer === layers.at(-1)?.name ? 'The last level: nothing below it was computed.' : 'Not decomposed further.';
  }

  sentence(node) {
    if (!node.parent) return el('p', {}, 'The decision that the pyramid takes apart.');
    return el('p', {}, `Adds ${number(addsOf(node))} to the ${number(node.parent.value)} of ${decisionOf(node.parent)}, a share of ${part(node.share)} of its positive evidence`, node.added ? ', added by hand.' : '.');
  }

  decomposition(node) {
    const { step } = node;
    const counted = node.children.filter((child) => !child.added).length;
    const bars = new Bars(node, this.on.decompose && ((channel) => this.on.decompose(node, channel)));
    return [el('h3', {}, `What it is made of in ${step.layer}`), drawSum(step, node.value, counted, this.lastPart()), bars.element,
      el('p', { class: 'muted small' }, this.on.decompose ? 'Click any bar to decompose that channel, also one that was not chosen.' : 'All channels by falling contribution; the coloured ones are in the pyramid.')];
  }

  /// What the layer's A does not add up to.
  lastPart() {
    const { baseline } = this.pane.evidence.page;
    if (!baseline || baseline === 'zero') return 'the biases in between';
    const from = baseline === 'mean' ? 'its mean over its map' : 'its mean over a data set';
    return `the decision with each channel at ${from}, to first order`;
  }

  guided(node) {
    const canvas = el('canvas', { class: 'guided', role: 'img', 'aria-label': `Guided backpropagation of ${decisionOf(node)}` });
    drawGuided(canvas, node.guided);
    return [el('h3', {}, 'Guided backpropagation'), canvas];
  }

  subtree(node, levels) {
    const item = (child) => el('li', {},
      el('button', { type: 'button', onclick: () => this.on.choose(child), onpointerenter: () => this.on.look(child), onpointerleave: () => this.on.look(null) },
        el('span', {}, shortName(child)), el('span', { class: 'share' }, `+${number(addsOf(child))}`)),
      levels > 1 && child.children.length > 0 && this.subtree(child, levels - 1));
    return el('ul', { class: 'subtree' }, node.children.map(item));
  }
}
