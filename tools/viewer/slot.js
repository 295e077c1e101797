/// One place for an explanation on the server's page, which comes level by level.
import { askInParts, saveFile } from './api.js';
import { el } from './dom.js';
import { keyOf } from './evidence.js';
import { Pane } from './pane.js';

/// What it asks for, and the pane that shows it. A target is {class: an index, '' for the most probable} or {from: the key
/// of the neuron that a tree begins with}.
export class Slot {
  constructor(live) {
    this.live = live;
    this.element = el('div', { class: 'slot' });
    this.shown = { image: null, target: { class: '' } };
    this.earlier = []; // what it showed before a tree began at a neuron
    Object.assign(this, this.shown);
  }

  /// What is asked for, or `shown`.
  question({ image, target } = this) {
    const { top, depth, device, guided, cover, signed } = this.live.choices;
    const { class: index, from } = target;
    const levels = from ? Math.min(depth, this.live.levelsBelow(from.slice(0, from.indexOf(':')))) : depth;
    return { image, class: index && `index:${index}`, from, top, depth: levels, device, guided, cover, signed };
  }

  /// Of a single step of what it shows: a difference of two classes has its own scores.
  stepQuestion() {
    const { top, device, cover, signed } = this.live.choices;
    return { image: this.shown.image, ...this.ofDifference(), top, device, cover, signed };
  }

  ofDifference() {
    const { difference } = this.pane.evidence.page;
    return difference ? { class: `index:${difference.one}`, versus: `index:${difference.other}` } : {};
  }

  /// Explains an image: the photograph and the prediction first, then level by level.
  async explain(image, target = { class: '' }, earlier = []) {
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    Object.assign(this, { image, target });
    this.element.setAttribute('aria-busy', 'true');
    this.live.say('Classifying');
    try {
      await askInParts('explain', this.question(), stop.signal, (part) => this.take(part, earlier));
      this.live.say('');
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      this.live.fail(fault);
      if (this.stop === stop) this.keepShown();
    } finally {
      if (this.stop === stop) this.element.removeAttribute('aria-busy');
    }
  }

  /// Another decision of the same image; Back returns from a neuron's tree to what was there before it.
  turnTo(target) {
    return this.explain(this.image, target, target.from ? [...this.earlier, this.shown.target] : []);
  }

  goBack() {
    if (this.earlier.length > 0) this.explain(this.image, this.earlier.at(-1), this.earlier.slice(0, -1));
  }

  /// After a question that had no answer: what the place shows is what is asked again.
  keepShown() {
    Object.assign(this, this.shown);
    this.live.showTarget(this);
  }

  async take(part, earlier) {
    if (part.event === 'page') {
      this.shown = { image: this.image, target: this.target };
      this.earlier = earlier;
      this.pane?.saliency.stop();
      this.pane = await Pane.make(part.page, this.live.settings, this.live.paneOf(this));
      this.element.replaceChildren(this.pane.element);
      this.pane.start();
      this.live.shown(this);
    } else if (part.event === 'level') {
      this.pane.add(part.steps);
      this.pane.status.textContent = part.level < part.of ? `Level ${part.level} of ${part.of}` : '';
    } else if (part.event === 'against') {
      this.pane.addAgainst(part.against);
    } else if (part.event === 'guided') {
      this.pane.addGuided(part.crops);
    } else if (part.event === 'done') {
      this.element.dataset.done = 'yes';
      this.pane.saliency.start();
    }
    if (part.event === 'page') delete this.element.dataset.done;
  }

  save(name) {
    const added = this.pane.added().map((node) => `${keyOf(node.parent)}|${node.channel}`);
    const saliency = name === 'report.html' ? [...this.pane.saliency.maps.keys()] : [];
    return saveFile(name, { ...this.question(), added, saliency, colours: this.live.settings.colours });
  }
}
