/// The panel beside the pyramid: the map of the node that is looked at, large, and all that is known
/// of the chosen one.
import { Bars } from './bars.js';
import { drawColourBar } from './colour.js';
import { el, number, part, percent, plural, spoken } from './dom.js';
import { addsOf, conceptOf, fitOf, isChosen, keyOf, mergedLevels, pathTo, titleOf } from './evidence.js';
import { coloursOf, drawGuided, drawNode } from './picture.js';
import { drawSum } from './sum.js';
import { WhatIf } from './what_if.js';

const decisionOf = (node) => (node.parent ? `channel ${node.channel} of ${node.layer}` : titleOf(node));
const shortName = (node) => (node.parent ? `${node.layer}:${node.channel}` : titleOf(node));

function fact(term, value, explained) {
  return el('div', {}, el('dt', { title: explained }, term), el('dd', {}, value));
}

function factsOf(node) {
  const facts = [fact('value F', number(node.value), 'the feature\u2019s value at its peak')];
  if (!node.parent && node.class === undefined) return facts;
  if (!node.parent) return [fact('score', number(node.value)), fact('probability', percent(node.probability))];
  const adds = addsOf(node);
  facts.push(fact(node.against ? 'takes' : 'adds', `${number(node.against ? -adds : adds)} of ${number(node.parent.value)}`, 'to the decision above it: \u03b1 times the number of its places'),
    fact('contribution \u03b1', number(node.contribution), 'the mean of its activation map (Eq. 4)'),
    node.against ? fact('lowest A', number(node.lowest), 'the lowest value of its activation map') : fact('peak of A', number(node.peak), 'the largest value of its activation map (Eq. 5)'),
    fact('share', part(node.share), 'of all positive contributions to its parent'),
    fact('place', `row ${node.y}, column ${node.x}`));
  return facts;
}

export class Details {
  /// `on`: {choose(node), look(node), decompose(node, channel) or nothing, start(node) or nothing, whatIf: what WhatIf takes as its `ask`}
  constructor(pane, photograph, settings, on) {
    Object.assign(this, { pane, photograph, settings, on });
    this.canvas = el('canvas', { role: 'img' });
    this.legend = el('p', { class: 'legend' });
    this.scale = el('div', { class: 'colour-bar' });
    this.crumbs = el('nav', { class: 'crumbs', 'aria-label': 'The path from the decision' });
    this.body = el('div', { class: 'details-body' });
    const figure = el('figure', {}, this.canvas, el('figcaption', {}, this.scale, this.legend));
    this.whatIf = on.whatIf && new WhatIf(pane.evidence.page.image, figure, this.canvas, on.whatIf);
    this.element = el('section', { class: 'details', 'aria-label': 'Details' },
      figure, this.whatIf?.element, pane.saliency.any && pane.saliency.element, this.crumbs, this.body);
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
      ? `${node.layer}, channel ${node.channel}: what it sees in the frame (${node.field[2]} \u00d7 ${node.field[3]} of ${input[0]} \u00d7 ${input[1]} pixels), where it ${node.against ? 'speaks against' : 'supports'} ${decisionOf(node.parent)}, and ${node.against ? 'where most' : 'its peak'}`
      : node.field ? 'The photograph as the network sees it; the feature sees what is in the frame' : 'The photograph as the network sees it';
    this.canvas.setAttribute('aria-label', words);
    this.legend.textContent = words;
    drawColourBar(this.scale, coloursOf(node, this.settings.colours), node.parent ? number(node.against ? Math.max(-node.lowest, node.peak) : node.peak) : null);
  }

  /// All of the chosen node.
  show(node) {
    this.node = node;
    this.whatIf?.show(node);
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
    else this.body.append(el('p', { class: 'muted' }, node.value > 0 || node.against ? this.ending(node) : 'Its value is not positive, so it cannot be decomposed (Eq. 1).'));
    if (this.on.start && node.parent && node.value > 0 && this.pane.live.isAbove(node.layer)) this.body.append(this.beginning(node));
    if (node.guided) this.body.append(...this.guided(node));
    const patches = this.pane.patches.section(node);
    if (patches) this.body.append(patches);
    this.body.append(...this.supported(node));
    if (node.children.length > 0) this.body.append(el('h3', {}, 'Below it'), this.subtree(node, 2));
  }

  /// What a neuron below the first level is to the decision at the top, over all paths, and the decisions that chose it.
  supported(node) {
    if (node.depth < 2 || !isChosen(node)) return [];
    const { root } = this.pane.evidence;
    const levels = mergedLevels(root);
    const key = keyOf(node);
    const level = levels[node.depth - 1];
    const neuron = level?.nodes.find((each) => each.key === key);
    if (!neuron) return []; // below what was added by hand
    const item = (edge) => {
      const above = levels[node.depth - 2].nodes.find((each) => each.key === edge.above).node;
      return el('li', {}, el('button', { type: 'button', onclick: () => this.on.choose(above), onpointerenter: () => this.on.look(above), onpointerleave: () => this.on.look(null) },
        el('span', {}, keyOf(above)), el('span', { class: 'share' }, `share ${part(edge.share)}`)));
    };
    return [el('h3', {}, 'In all'),
      el('p', { class: 'in-all' }, `Adds ${number(neuron.weight)} of the ${number(root.value)} of ${titleOf(root)} over ${plural(neuron.paths, 'path')}, through`),
      el('ul', { class: 'subtree' }, level.edges.filter((edge) => edge.below === key).map(item))];
  }

  /// What its largest features lie on, over a segmented data set.
  named(node) {
    const concept = node.parent && conceptOf(this.pane.evidence.page, node);
    if (!concept) return [];
    const title = concept.patches
      ? 'the class that most of its patches have, the photographs of a data set that it is largest on'
      : 'its largest features over a data set lie on these regions: intersection over union';
    return [el('p', { class: 'concept', title }, el('b', {}, spoken(concept.name)), fitOf(concept))];
  }

  ending(node) {
    if (node.against) return 'Evidence against a decision is not taken further apart.';
    const { layers } = this.pane.evidence.page;
    return node.layer === layers.at(-1)?.name ? 'The last level: nothing below it was computed.' : 'Not decomposed further.';
  }

  sentence(node) {
    if (!node.parent) return el('p', {}, 'The decision that the pyramid takes apart.');
    if (node.against) return el('p', {}, `Takes ${number(-addsOf(node))} from the ${number(node.parent.value)} of ${decisionOf(node.parent)}: it speaks against it.`);
    return el('p', {}, `Adds ${number(addsOf(node))} to the ${number(node.parent.value)} of ${decisionOf(node.parent)}, a share of ${part(node.share)} of its positive evidence`, node.added ? ', added by hand.' : '.');
  }

  decomposition(node) {
    const { step } = node;
    const counted = node.children.filter(isChosen).length;
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

  /// A tree of the node by itself, whatever it is to the decision above it.
  beginning(node) {
    return el('p', {}, el('button', { type: 'button', class: 'start', onclick: () => this.on.start(node) }, 'Start here'),
      el('span', { class: 'muted small' }, ` a tree of this neuron by itself, on ${node.layer} at row ${node.y}, column ${node.x}`));
  }

  guided(node) {
    const canvas = el('canvas', { class: 'guided', role: 'img', 'aria-label': `Guided backpropagation of ${decisionOf(node)}` });
    drawGuided(canvas, node.guided);
    return [el('h3', {}, 'Guided backpropagation'), canvas];
  }

  subtree(node, levels) {
    const item = (child) => el('li', {},
      el('button', { type: 'button', onclick: () => this.on.choose(child), onpointerenter: () => this.on.look(child), onpointerleave: () => this.on.look(null) },
        el('span', {}, shortName(child)), el('span', { class: 'share' }, `${child.against ? '' : '+'}${number(addsOf(child))}`)),
      levels > 1 && child.children.length > 0 && this.subtree(child, levels - 1));
    return el('ul', { class: 'subtree' }, node.children.map(item));
  }
}
