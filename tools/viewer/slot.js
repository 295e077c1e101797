/// One place for an explanation on the server's page, which comes level by level.
import { askInParts, saveFile } from './api.js';
import { el } from './dom.js';
import { keyOf } from './evidence.js';
import { Pane } from './pane.js';

/// What it asks for, and the pane that shows it.
export class Slot {
  constructor(live) {
    this.live = live;
    this.element = el('div', { class: 'slot' });
    this.shown = { image: null, target: '' };
    Object.assign(this, this.shown);
  }

  question() {
    const { top, depth, device, guided } = this.live.choices;
    return { image: this.image, class: this.target && `index:${this.target}`, top, depth, device, guided };
  }

  /// Explains an image: the photograph and the prediction first, then level by level.
  async explain(image, target = '') {
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    Object.assign(this, { image, target });
    this.element.setAttribute('aria-busy', 'true');
    this.live.say('Classifying');
    try {
      await askInParts('explain', this.question(), stop.signal, (part) => this.take(part));
      this.live.say('');
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      this.live.fail(fault);
      if (this.stop === stop) this.keepShown();
    } finally {
      if (this.stop === stop) this.element.removeAttribute('aria-busy');
    }
  }

  /// After a question that had no answer: what the place shows is what is asked again.
  keepShown() {
    Object.assign(this, this.shown);
    this.live.showTarget(this);
  }

  async take(part) {
    if (part.event === 'page') {
      this.shown = { image: this.image, target: this.target };
      this.pane?.saliency.stop();
      this.pane = await Pane.make(part.page, this.live.settings, this.live);
      this.element.replaceChildren(this.pane.element);
      this.pane.start();
      this.live.shown(this);
    } else if (part.event === 'level') {
      this.pane.add(part.steps);
      this.pane.status.textContent = part.level < part.of ? `Level ${part.level} of ${part.of}` : '';
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
    return saveFile(name, { ...this.question(), added, saliency });
  }
}
