/// The server's page: choosing what to explain, and two explanations side by side.
import { askDecompose, askInParts, askPatches, askWhatIf, getInfo, sendImage } from './api.js';
import { Attack } from './attack.js';
import { el, spoken } from './dom.js';
import { keyOf } from './evidence.js';
import { Slot } from './slot.js';

class Live {
  constructor(info, settings, root) {
    Object.assign(this, { info, settings, root });
    this.choices = { top: 3, depth: info.stages.length, device: info.devices[0], guided: 0, cover: '', signed: 0, saliency: '' };
    this.covers = false; // whether channels are chosen by coverage
    this.slots = [new Slot(this)];
    this.shelf = el('div', { class: 'slots' }, this.slots[0].element);
    this.message = el('p', { class: 'message', role: 'status' });
    this.turned = el('p', { class: 'turned', role: 'status', hidden: true });
    this.attack = new Attack(info.classes, {
      ask: (question, signal, on) => askInParts('attack', { ...question, device: this.choices.device }, signal, on),
      shown: (told) => this.showAttacked(told),
    });
    this.root.replaceChildren(this.bar(), this.message, this.turned, this.welcome(), this.attack.element, this.shelf);
    this.acceptDrops();
    settings.listeners.push(() => this.slots.forEach((slot) => slot.pane?.redraw()));
  }

  say(text) {
    this.message.classList.remove('fault');
    this.message.textContent = text;
  }

  fail(fault) {
    this.message.classList.add('fault');
    this.message.textContent = fault.message;
  }

  /// Where a new image goes: the last place, which is the second one while two are compared.
  target() {
    return this.slots.at(-1);
  }

  async open(file, exif = 0) {
    this.say('Sending');
    try {
      const image = await sendImage(file, exif);
      this.tellTurned(file, image);
      await this.target().explain(image.id);
    } catch (fault) {
      this.fail(fault);
    }
  }

  /// Of a photograph that lies turned, with the way to have it upright; nothing of any other.
  tellTurned(file, { id, name, turned }) {
    this.lying = turned ? id : null;
    this.turned.hidden = !turned;
    if (turned) this.turned.replaceChildren(`${name} is stored turned, as its EXIF tag says, and was taken so. `,
      el('button', { type: 'button', onclick: () => this.open(file, 1) }, 'Turn it upright'));
  }

  photos() {
    const choose = (name) => el('button', { type: 'button', class: 'photo', 'aria-label': `Explain ${name}`, onclick: () => this.target().explain(name) },
      el('img', { src: `photos/${name}`, alt: '', loading: 'lazy' }));
    return el('div', { class: 'photos', role: 'group', 'aria-label': 'Bundled photographs' }, this.info.photos.map(choose));
  }

  picker() {
    const input = el('input', { type: 'file', accept: 'image/*', class: 'hidden', id: 'file', onchange: () => input.files[0] && this.open(input.files[0]) });
    return [input, el('label', { for: 'file', class: 'file' }, 'Open an image')];
  }

  welcome() {
    this.intro = el('section', { class: 'welcome' }, el('h1', {}, 'Why does the network say so?'),
      el('p', {}, `Drop a photograph anywhere on this page, open one, or choose one below. hdecomp takes the decision of ${this.info.arch} apart, channel by channel, down to the first stage.`),
      this.photos());
    return this.intro;
  }

  numberChoice(label, key, most) {
    const input = el('input', { type: 'number', min: 1, max: most, value: this.choices[key], onchange: () => {
      this.choices[key] = Math.min(Math.max(1, Math.round(Number(input.value) || 1)), most);
      input.value = this.choices[key];
      this.again();
    } });
    return el('label', {}, el('span', {}, label), input);
  }

  /// `then`: what else a choice changes.
  listChoice(label, key, options, then) {
    const list = Object.entries(options).map(([value, shown]) => el('option', { value, selected: value === String(this.choices[key]) }, shown));
    return el('label', {}, el('span', {}, label), el('select', { onchange: (event) => {
      this.choices[key] = event.target.value;
      then?.();
      this.again();
    } }, list));
  }

  classChoice() {
    const options = this.info.classes.map((name, index) => el('option', { value: index }, spoken(name)));
    this.classes = el('select', { onchange: () => this.target().image && this.target().turnTo({ class: this.classes.value }) },
      el('option', { value: '' }, 'the most probable'), options);
    return el('label', {}, el('span', {}, 'Class'), this.classes);
  }

  bar() {
    const devices = Object.fromEntries(this.info.devices.map((name) => [name, name]));
    const save = (name) => el('button', { type: 'button', class: 'save', onclick: () => this.slots[0].save(name).catch((fault) => this.fail(fault)) }, name);
    this.compareButton = el('button', { type: 'button', 'aria-pressed': 'false', onclick: () => this.compare() }, 'Compare');
    this.attackButton = el('button', { type: 'button', 'aria-pressed': 'false', onclick: () => this.toggleAttack() }, 'Attack');
    this.actions = el('div', { class: 'actions', hidden: true }, this.attackButton, this.compareButton,
      el('span', { class: 'saves', role: 'group', 'aria-label': 'Save' }, el('span', {}, 'Save'), save('report.html'), save('tree.json'), save('pyramid.png'), save('pyramid.svg'), save('pyramid.pdf')));
    return el('div', { class: 'bar', role: 'toolbar', 'aria-label': 'What to explain' }, this.picker(), this.classChoice(),
      this.channelChoice(), this.numberChoice('Levels', 'depth', this.info.stages.length),
      el('details', { class: 'more' }, el('summary', {}, 'More'), el('div', {},
        this.coverChoice(), this.listChoice('Evidence against', 'signed', { 0: 'not shown', 1: 'as nodes, in blue' }),
        this.listChoice('Guided backpropagation', 'guided', { 0: 'no', 1: 'yes' }), this.listChoice('Device', 'device', devices))), this.actions);
  }

  channelChoice() {
    this.channels = this.numberChoice('Channels', 'top', 20);
    return this.channels;
  }

  /// By coverage the number of channels is but the most; enough of them reach any share.
  coverChoice() {
    const most = 16;
    const options = { '': 'the strongest', 0.3: 'as few as hold 0.3 of the evidence', 0.5: 'as few as hold 0.5 of the evidence', 0.7: 'as few as hold 0.7 of the evidence' };
    return this.listChoice('Which channels', 'cover', options, () => {
      const [words, input] = this.channels.children;
      const covers = this.choices.cover !== '';
      words.textContent = covers ? 'Channels, at most' : 'Channels';
      if (covers === this.covers) return;
      this.covers = covers;
      this.choices.top = covers ? most : 3;
      input.value = this.choices.top;
    });
  }

  /// The same images with the new choices.
  again() {
    for (const slot of this.slots) if (slot.image) slot.explain(slot.image, slot.target, slot.earlier);
  }

  shown(slot) {
    this.intro.hidden = true;
    this.actions.hidden = false;
    this.turned.hidden = !this.lying || this.slots.every((each) => each.image !== this.lying);
    this.showTarget(slot);
    this.attack.of(this.slots[0].image, this.slots[1]?.image);
    this.small ??= this.root.insertBefore(this.photos(), this.message);
  }

  /// In the list of classes, if the next choice there is for this place.
  showTarget(slot) {
    if (slot === this.target()) this.classes.value = slot.target.class ?? '';
  }

  /// A second place beside the first, to be filled with another image or class; or one again.
  compare() {
    if (this.slots.length === 1) {
      const second = this.secondSlot();
      second.image = this.slots[0].image;
      const other = this.slots[0].pane.evidence.page.top.find((score) => score.index !== this.slots[0].pane.askedClass());
      second.explain(second.image, { class: String(other.index) });
    } else {
      const removed = this.slots.pop();
      removed.stop?.abort();
      removed.pane?.saliency.stop();
      removed.element.remove();
      this.showCount();
      this.showTarget(this.slots[0]);
    }
  }

  /// The second place, made if there is none.
  secondSlot() {
    if (this.slots.length > 1) return this.slots[1];
    const second = new Slot(this);
    this.slots.push(second);
    this.shelf.append(second.element);
    second.element.append(el('p', { class: 'muted' }, 'Choose a class, or another image, to compare with.'));
    this.showCount();
    return second;
  }

  showCount() {
    const two = this.slots.length > 1;
    this.compareButton.setAttribute('aria-pressed', String(two));
    this.shelf.classList.toggle('two', two);
  }

  toggleAttack() {
    const { element } = this.attack;
    element.hidden = !element.hidden;
    this.attackButton.setAttribute('aria-pressed', String(!element.hidden));
    if (element.hidden) this.attack.stop('');
  }

  /// The tree of the attacked photograph beside that of the class that was attacked.
  showAttacked({ image, own }) {
    const [first] = this.slots;
    this.secondSlot().explain(image.id);
    if (first.pane.evidence.page.difference || first.pane.askedClass() !== own) first.explain(first.image);
  }

  /// How many stages lie below a stage.
  levelsBelow(stage) {
    return this.info.stages.length - 1 - this.info.stages.indexOf(stage);
  }

  /// What a place's pane can ask of the server.
  paneOf(slot) {
    return {
      decompose: (node, channel) => this.decompose(slot, node, channel), deepen: (node) => this.deepen(slot, node),
      explain: (target) => slot.turnTo(target), goBack: () => slot.goBack(), hasEarlier: () => slot.earlier.length > 0,
      isAbove: (layer) => this.levelsBelow(layer) > 0,
      whatIf: (change) => askWhatIf({ ...slot.question(slot.shown), from: undefined, ...slot.ofDifference(), ...change }),
      saliency: this.saliency(slot), patches: this.patches(slot),
    };
  }

  /// A click on a node that was not decomposed yet.
  async deepen(slot, node) {
    if (node.layer === this.info.stages.at(-1)) return;
    const { pane } = slot; // another may stand there when the answer comes
    try {
      const made = await askDecompose({ ...slot.stepQuestion(), from: keyOf(node) });
      pane.add(made.steps, made.against);
    } catch (fault) {
      this.fail(fault);
    }
  }

  /// A click on a channel: its evidence and its own step, from the server.
  async decompose(slot, node, channel) {
    const begun = performance.now();
    const { pane } = slot;
    try {
      const added = pane.addChild(node, await askDecompose({ ...slot.stepQuestion(), from: keyOf(node), channel }));
      slot.element.dataset.lastClick = (performance.now() - begun).toFixed(1);
      return added;
    } catch (fault) {
      this.fail(fault);
      return null;
    }
  }

  /// A pane's saliency maps, from the server. What is picked once is shown of every later explanation.
  saliency(slot) {
    const ask = (method, signal, on) => {
      const question = { class: `index:${slot.pane.evidence.root.channel}`, ...slot.stepQuestion(), saliency: method };
      return askInParts('saliency', question, signal, on);
    };
    return { methods: this.info.saliency, choices: this.choices, ask, fail: (fault) => this.fail(fault) };
  }

  /// A pane's patches of one more channel, from the server; nothing where it was not given any.
  patches(slot) {
    if (!this.info.patches) return undefined;
    return async (node) => (await askPatches({ image: slot.shown.image, layer: node.layer, channel: node.channel })).patches;
  }

  acceptDrops() {
    addEventListener('dragover', (event) => {
      event.preventDefault();
      document.body.classList.add('dragging');
    });
    addEventListener('dragleave', (event) => event.relatedTarget === null && document.body.classList.remove('dragging'));
    addEventListener('drop', (event) => {
      event.preventDefault();
      document.body.classList.remove('dragging');
      const [file] = event.dataTransfer.files;
      if (file) this.open(file);
    });
    addEventListener('paste', (event) => event.clipboardData.files[0] && this.open(event.clipboardData.files[0]));
  }
}

export async function startLive(settings, controls, root) {
  new Live(await getInfo(), settings, root);
}
