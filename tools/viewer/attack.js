/// Attacks: the photograph changed a little so that its class changes (PGD), and what that does to the channels that the class
/// hangs on. On the server's page a question and its answer; in a report the answer alone.
import { el, number, plural, spoken, tableOf } from './dom.js';
import { pairOfBars, tableOfClasses } from './what_if.js';

/// `pictures`: the photograph before and after, and what was added to it.
function attackPictures({ clean, attacked, difference, times }) {
  const figure = (source, words) => el('figure', {}, el('img', { src: source, alt: words }), el('figcaption', {}, words));
  return el('div', { class: 'attack-pictures' }, figure(clean, 'The photograph, as the network sees it'), figure(attacked, 'The attacked photograph'),
    figure(difference, `The difference, ${plural(times, 'time')} as strong, on grey`));
}

/// The channels of one kind, with their peaks before and after as bars; `most`: the largest of all.
function tableOfPeaks({ of, class: name, channels }, layer, most) {
  const row = (one) => el('tr', {}, el('th', { scope: 'row' }, `${one.channel}${one.name ? ` (${spoken(one.name)})` : ''}`, ...pairOfBars(one.before / most, one.after / most)),
    el('td', {}, number(one.before)), el('td', {}, number(one.after)), el('td', {}, number(one.moved)));
  return tableOf({ class: 'peaks' }, ['channel', 'before', 'after', 'moved by'], channels.map(row), `Peaks in ${layer}, ${of}: ${spoken(name)}`);
}

/// What an attack did, from {classes, pictures, layer, channels}.
export function attackStory({ classes, pictures, layer, channels }) {
  const most = Math.max(...channels.flatMap((kind) => kind.channels.flatMap((one) => [one.before, one.after])), Number.MIN_VALUE);
  const kinds = channels.filter((kind) => kind.channels.length > 0);
  return el('div', { class: 'attack-story' }, attackPictures(pictures),
    el('div', { class: 'answer' }, tableOfClasses(classes)),
    kinds.length > 0 && el('section', { class: 'answer kinds', 'aria-label': `Channels of ${layer}` }, kinds.map((kind) => tableOfPeaks(kind, layer, most))));
}

export class Attack {
  /// `classes`: names. `on`: {ask(question, signal, on part): the server's parts, shown(told): the answer is there}
  constructor(classes, on) {
    this.on = on;
    const size = (key, words, least, most, value) => {
      this[key] = el('input', { type: 'number', min: least, max: most, value });
      return el('label', {}, el('span', {}, words), this[key]);
    };
    this.aim = el('select', {}, el('option', { value: '' }, 'any other'), classes.map((name, index) => el('option', { value: `index:${index}` }, spoken(name))));
    this.begin = el('button', { type: 'button', onclick: () => this.start() }, 'Change its class');
    this.end = el('button', { type: 'button', disabled: true, onclick: () => this.stop('Stopped.') }, 'Stop');
    this.status = el('p', { class: 'status', role: 'status' });
    this.result = el('div', { class: 'attack-result' });
    this.element = el('section', { class: 'attack', 'aria-label': 'Attack', hidden: true },
      el('p', { class: 'muted small' }, 'Changes every pixel of the photograph by so little that it is hardly seen, along the gradient, until the network says another class.'),
      el('div', { class: 'bar' }, size('eps', 'A pixel by at most, of 255', 1, 64, 4), size('steps', 'Steps', 1, 200, 20),
        el('label', {}, el('span', {}, 'Into'), this.aim), size('seed', 'Seed', 0, 2147483647, 0), this.begin, this.end), this.status, this.result);
  }

  /// Of which photograph the answer is, {clean, attacked}: ids; nothing without one.
  get answered() {
    return this.told && { clean: this.asked, attacked: this.told.image.id };
  }

  /// The photograph that is attacked next. An answer that is of another one goes.
  of(image, beside) {
    this.image = image;
    const { answered } = this;
    if (answered && (answered.clean !== image || (beside !== undefined && answered.attacked !== beside))) this.forget();
    if (this.waiting && this.asked !== image) this.stop('');
  }

  forget() {
    this.told = undefined;
    this.result.replaceChildren();
    this.status.textContent = '';
  }

  question() {
    const whole = (input) => String(Math.round(Number(input.value)));
    return { image: this.image, eps: `${whole(this.eps)}/255`, steps: whole(this.steps), target: this.aim.value, seed: whole(this.seed) };
  }

  async start() {
    this.stop('');
    this.forget();
    const waiting = (this.waiting = new AbortController());
    this.asked = this.image;
    this.end.disabled = false;
    this.status.classList.remove('fault');
    this.status.textContent = 'Asking the network';
    try {
      await this.on.ask(this.question(), waiting.signal, (part) => !waiting.signal.aborted && this.take(part));
      if (this.waiting === waiting) this.done('');
    } catch (fault) {
      if (this.waiting !== waiting) return; // it was stopped
      this.done(fault.message);
      this.status.classList.add('fault');
    }
  }

  take(part) {
    if (part.event === 'step') this.status.textContent = `Step ${part.done} of ${part.of}`;
    if (part.event !== 'attacked') return;
    this.told = part;
    this.result.replaceChildren(el('div', { class: 'said' }, part.lines.map((line) => el('p', {}, spoken(line)))), attackStory(part));
    this.on.shown(part);
  }

  done(words) {
    this.waiting = undefined;
    this.end.disabled = true;
    this.status.textContent = words;
  }

  /// Ends what is being computed.
  stop(words) {
    if (!this.waiting) return;
    this.waiting.abort();
    this.done(words);
  }
}
