/// The picker of saliency methods in the details, and the map that was picked: the command's picture of what each pixel,
/// or each place of a layer, is to the class at the top.
import { el, number, percent, plural, spoken } from './dom.js';

/// What is to be known of a map beside its picture.
function wordsBeside(map) {
  if (map.sum !== undefined) {
    const gap = Math.abs(map.sum - map.difference) / Math.abs(map.difference);
    return `; it sums up to ${number(map.sum)} where the score differs by ${number(map.difference)}, a gap of ${percent(gap)}`;
  }
  return map.leaves === undefined ? '' : `; through ${plural(map.leaves, 'neuron')} on ${plural(map.paths, 'path')}`;
}

export class Saliency {
  /// `name`: the class's. `kept`: maps that came with the page. `live`, in the server's page: {methods, choices, ask(method,
  /// signal, on part), fail(fault)}: choices.saliency is the method that the next pages begin with.
  constructor(name, kept, live) {
    Object.assign(this, { name, live });
    this.maps = new Map(kept.map((map) => [map.method, map]));
    this.picked = kept[0]?.method ?? '';
    const option = (value, shown = value) => el('option', { value, selected: value === this.picked }, shown);
    this.picker = el('select', { onchange: () => this.choose(this.picker.value) }, option('', 'none'), (live?.methods ?? [...this.maps.keys()]).map((method) => option(method)));
    this.status = el('p', { class: 'status', role: 'status' });
    this.picture = el('img', { alt: '' });
    this.legend = el('p', { class: 'map-legend' });
    this.figure = el('figure', { hidden: true }, this.picture, el('figcaption', {}, this.legend));
    this.element = el('section', { class: 'saliency', 'aria-label': 'Saliency map' }, el('label', {}, el('span', {}, 'Saliency map'), this.picker), this.status, this.figure);
    this.show();
  }

  /// Whether there is anything to pick.
  get any() {
    return this.live !== undefined || this.maps.size > 0;
  }

  /// The reader's choice.
  choose(method) {
    if (this.live) this.live.choices.saliency = method;
    return this.pick(method);
  }

  /// The tree is there, so the engine is free for what was chosen on an earlier page.
  start() {
    const { saliency } = this.live.choices;
    if (saliency !== this.picked) this.pick(saliency);
  }

  async pick(method) {
    this.picker.value = method;
    this.stop();
    this.picked = method;
    this.show();
    if (method === '' || this.maps.has(method)) return;
    const waiting = (this.waiting = new AbortController());
    this.status.textContent = `Computing ${method}`;
    try {
      await this.live.ask(method, waiting.signal, (part) => !waiting.signal.aborted && this.take(part));
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      this.pick('');
      this.live.fail(fault);
    }
  }

  take(part) {
    if (part.event === 'samples') {
      this.status.textContent = `Computing ${this.picked}: ${part.done} of ${part.of} samples`;
    } else if (part.event === 'map') {
      this.status.textContent = '';
      this.maps.set(part.map.method, part.map);
      this.show();
    }
  }

  /// Ends what is being computed.
  stop() {
    this.waiting?.abort();
    this.status.textContent = '';
  }

  show() {
    const map = this.maps.get(this.picked);
    this.figure.hidden = map === undefined;
    if (map === undefined) return;
    const name = spoken(this.name);
    const words = map.layer === 'input'
      ? `${map.method}: what each pixel is to ${name}, red for it and blue against it${wordsBeside(map)}`
      : `${map.method}: where ${map.layer} is for ${name}`;
    this.picture.src = map.picture;
    this.picture.alt = words;
    this.legend.textContent = words;
  }
}
