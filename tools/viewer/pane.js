/// One explanation on the page: its prediction, its pyramid and its details, with a way back.
import { Details } from './details.js';
import { el, percent, spoken } from './dom.js';
import { Evidence, titleOf } from './evidence.js';
import { Patches } from './patches.js';
import { Photograph } from './picture.js';
import { Pyramid } from './pyramid.js';
import { Saliency } from './saliency.js';

export class Pane {
  /// `live`, in the server's page: {decompose(pane, node, channel), explain(pane, class name), saliency(pane): what Saliency
  /// takes as its `live`, patches(pane): what Patches takes as its `ask`}
  constructor(page, photograph, settings, live) {
    Object.assign(this, { settings, live });
    this.evidence = new Evidence(page);
    this.past = []; // what was chosen before, and what was added since
    const decompose = live && ((node, channel) => live.decompose(this, node, channel));
    const look = (node) => this.look(node);
    const choose = (node, focus) => this.choose(node, focus);
    this.saliency = new Saliency(page.root.class, page.saliency ?? [], live?.saliency(this));
    this.patches = new Patches(page.patches ?? {}, live?.patches(this));
    this.pyramid = new Pyramid(this.evidence, photograph, settings, { look, choose, leave: () => this.leave() });
    this.details = new Details(this, photograph, settings, { look, choose, decompose });
    this.back = el('button', { type: 'button', class: 'back', disabled: true, onclick: () => this.goBack() }, '\u2190 Back');
    this.status = el('p', { class: 'status', role: 'status' });
    this.main = el('div', { class: 'pane-main' }, el('div', { class: 'pane-head' }, this.prediction(), el('div', { class: 'pane-tools' }, this.status, this.back)), this.pyramid.element);
    this.element = el('article', { class: 'pane', 'aria-label': `Explanation of ${page.image.name}` }, this.main, this.details.element);
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Backspace' && !/^(input|select|textarea)$/i.test(event.target.tagName)) this.goBack();
    });
  }

  static async make(page, settings, live) {
    return new Pane(page, await Photograph.load(page.image.picture, page.model.input), settings, live);
  }

  prediction() {
    const { page } = this.evidence;
    const most = page.top[0]?.probability;
    const row = (score) => {
      const fill = el('span', { class: 'fill' });
      fill.style.width = `${(100 * score.probability) / most}%`;
      const name = spoken(score.name);
      const label = this.live && score.score > 0 // Eq. 1
        ? el('button', { type: 'button', title: `Explain ${name}`, onclick: () => this.live.explain(this, String(score.index)) }, name)
        : el('span', {}, name);
      return el('li', { class: page.root.class !== undefined && score.index === page.root.channel ? 'asked' : '' }, label, el('span', { class: 'scale' }, fill), el('span', { class: 'share' }, percent(score.probability)));
    };
    return el('section', { class: 'prediction', 'aria-label': 'Prediction' },
      el('h1', {}, titleOf(this.evidence.root), el('small', {}, page.image.name)), el('ol', {}, page.top.map(row)));
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
    }
  }

  /// Adds steps that came in.
  add(steps) {
    this.evidence.add(steps);
    this.pyramid.update();
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
    if (this.live && !node.step && node.value > 0) this.live.deepen(this, node);
  }

  turnTo(node, focus) {
    this.pyramid.looked = null;
    this.pyramid.choose(node, focus);
    this.details.show(node);
    this.back.disabled = this.past.length === 0;
  }

  /// A channel outside the top N, decomposed by hand, becomes the last child of its decision.
  addChild(parent, child, steps) {
    for (const known of parent.children) if (known.channel === child.channel) return this.choose(known);
    this.evidence.add(steps);
    const node = this.evidence.attach(parent, child, true);
    this.choose(node, false, node);
    return node;
  }

  goBack() {
    const last = this.past.pop();
    if (!last) return;
    if (last.added) this.evidence.detach(last.added);
    this.turnTo(last.chosen, false);
  }

  leave() {
    this.choose(this.evidence.root, true);
  }

  redraw() {
    this.pyramid.update(false);
    this.details.show(this.pyramid.chosen);
  }

  /// "LAYER:CHANNEL" decisions that were added by hand, each with the path to its parent.
  added() {
    return this.evidence.rows().flat().filter((node) => node.added);
  }
}
