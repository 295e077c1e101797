/// One explanation on the page: its prediction, its pyramid and its details, with a way back.
import { Details } from './details.js';
import { bar, el, percent, spoken } from './dom.js';
import { Evidence, keyOf, titleOf } from './evidence.js';
import { MergedGraph } from './merged.js';
import { Patches } from './patches.js';
import { Photograph } from './picture.js';
import { Pyramid } from './pyramid.js';
import { Saliency } from './saliency.js';

export class Pane {
  /// `live`, in the server's page: {decompose(node, channel), deepen(node), explain(target), goBack(), hasEarlier(),
  /// isAbove(layer), whatIf: what WhatIf takes as its `ask`, saliency: what Saliency takes as its `live`, patches: what Patches takes as its `ask`}
  constructor(page, photograph, settings, live) {
    Object.assign(this, { settings, live });
    this.evidence = new Evidence(page);
    this.past = []; // what was chosen before, and what was added since
    const decompose = live?.decompose;
    const look = (node) => this.look(node);
    const choose = (node, focus) => this.choose(node, focus);
    const start = live && ((node) => live.explain({ from: keyOf(node) }));
    const ofClass = page.root.class !== undefined; // of a feature there are no saliency maps
    this.saliency = new Saliency(page.root.class, page.saliency ?? [], ofClass ? live?.saliency : undefined);
    this.patches = new Patches(page.patches ?? {}, live?.patches);
    this.pyramid = new Pyramid(this.evidence, photograph, settings, { look, choose, leave: () => this.leave() });
    this.graph = new MergedGraph(this.evidence, photograph, settings, { look, choose });
    this.graph.element.hidden = true;
    this.details = new Details(this, photograph, settings, { look, choose, decompose, start, whatIf: live?.whatIf });
    this.back = el('button', { type: 'button', class: 'back', disabled: !live?.hasEarlier(), onclick: () => this.goBack() }, '\u2190 Back');
    this.status = el('p', { class: 'status', role: 'status' });
    this.main = el('div', { class: 'pane-main' }, el('div', { class: 'pane-head' }, this.prediction(), el('div', { class: 'pane-tools' }, this.status, this.views(), this.back)), this.pyramid.element, this.graph.element);
    this.element = el('article', { class: 'pane', 'aria-label': `Explanation of ${page.image.name}` }, this.main, this.details.element);
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Backspace' && !/^(input|select|textarea)$/i.test(event.target.tagName)) this.goBack();
    });
  }

  static async make(page, settings, live) {
    return new Pane(page, await Photograph.load(page.image.picture, page.model.input), settings, live);
  }

  /// The index of the class that was asked for; -1 of a feature.
  askedClass() {
    const { difference, root } = this.evidence.page;
    return difference?.other ?? (root.class === undefined ? -1 : root.channel);
  }

  prediction() {
    const { page } = this.evidence;
    const most = page.top[0]?.probability;
    const asked = this.askedClass();
    const row = (score) => {
      const name = spoken(score.name);
      const label = this.live
        ? el('button', { type: 'button', title: `Explain ${name}`, onclick: () => this.live.explain({ class: String(score.index) }) }, name)
        : el('span', {}, name);
      return el('li', { class: score.index === asked ? 'asked' : '' }, label, bar(score.probability / most), el('span', { class: 'share' }, percent(score.probability)));
    };
    return el('section', { class: 'prediction', 'aria-label': 'Prediction' },
      el('h1', {}, titleOf(this.evidence.root), el('small', {}, page.image.name)),
      page.difference && el('p', { class: 'instead' }, `${spoken(page.difference.words)}.`), el('ol', {}, page.top.map(row)));
  }

  /// What the evidence is shown as.
  views() {
    const button = (name, title, asGraph) => el('button', { type: 'button', title, 'aria-pressed': String(!asGraph), onclick: () => this.view(asGraph) }, name);
    this.viewButtons = [button('Tree', 'Below each decision what supports it', false), button('Graph', 'Each neuron once, with all that it supports', true)];
    return el('div', { class: 'views', role: 'group', 'aria-label': 'Show as' }, this.viewButtons);
  }

  get asGraph() {
    return !this.graph.element.hidden;
  }

  view(asGraph) {
    this.pyramid.element.hidden = asGraph;
    this.graph.element.hidden = !asGraph;
    this.viewButtons.forEach((button, i) => button.setAttribute('aria-pressed', String(asGraph === (i === 1))));
    this.update();
  }

  /// Draws what is shown as the evidence is now.
  update(moving = true) {
    if (this.asGraph) this.graph.update(this.pyramid.chosen);
    else this.pyramid.update(moving);
  }

  start() {
    this.pyramid.resize();
    this.details.show(this.evidence.root);
  }

  look(node) {
    this.details.look(node ?? this.pyramid.chosen);
    if (node !== this.pyramid.looked) {
      this.pyramid.looked = node;
      this.pyramid.mark();
      if (this.asGraph) this.graph.look(node);
    }
  }

  /// Adds steps that came in.
  add(steps, against) {
    this.evidence.add(steps);
    if (against) this.evidence.addAgainst(against);
    this.update();
    this.details.show(this.pyramid.chosen);
  }

  /// Evidence against decisions, by their keys.
  addAgainst(nodes) {
    this.evidence.addAgainst(nodes);
    this.update();
    this.details.show(this.pyramid.chosen);
  }

  /// Guided backpropagation by the nodes' names.
  addGuided(crops) {
    this.evidence.addGuided(crops);
    this.details.show(this.pyramid.chosen);
  }

  choose(node, focus = false, added = null) {
    if (node === this.pyramid.chosen) return;
    this.past.push({ chosen: this.pyramid.chosen, added });
    this.turnTo(node, focus);
    if (this.live && !node.step && node.value > 0 && !node.against) this.live.deepen(node);
  }

  turnTo(node, focus) {
    this.pyramid.looked = null;
    this.pyramid.choose(node, focus && !this.asGraph);
    if (this.asGraph) this.graph.mark(node);
    this.details.show(node);
    this.back.disabled = this.past.length === 0 && !this.live?.hasEarlier();
  }

  /// A channel outside the top N, decomposed by hand, becomes the last child of its decision.
  addChild(parent, { child, steps, against }) {
    for (const known of parent.children) if (known.channel === child.channel) return this.choose(known);
    this.evidence.add(steps);
    const node = this.evidence.attach(parent, child, true);
    if (against) this.evidence.addAgainst(against);
    this.choose(node, false, node);
    return node;
  }

  goBack() {
    const last = this.past.pop();
    if (!last) return this.live?.goBack();
    if (last.added) this.evidence.detach(last.added);
    this.turnTo(last.chosen, false);
  }

  leave() {
    this.choose(this.evidence.root, true);
  }

  redraw() {
    this.update(false);
    this.details.show(this.pyramid.chosen);
  }

  /// "LAYER:CHANNEL" decisions that were added by hand, each with the path to its parent.
  added() {
    return this.evidence.rows().flat().filter((node) => node.added);
  }
}
