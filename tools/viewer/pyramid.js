/// The evidence pyramid: a row of thumbnails per stage, lines to the parents, keyboard and pointer.
import { calm, el, number, part, percent, spoken } from './dom.js';
import { addsOf, conceptOf, openPath, pathTo, titleOf } from './evidence.js';
import { layOut } from './layout.js';
import { Motion } from './motion.js';
import { drawNode } from './picture.js';

const gutter = 118; // pixels at the left for the stages' names

/// Three digits: there is little room below a thumbnail.
const brief = (value) => number(Number(value.toPrecision(3)));

/// What a screen reader says of a node; `concept`, if any, names its channel.
export function spokenNode(node, concept) {
  if (!node.parent && node.class === undefined) return `${titleOf(node)}, value ${number(node.value)}`;
  if (!node.parent) return `${spoken(node.class)}, score ${number(node.value)}, probability ${percent(node.probability)}`;
  const parent = node.parent.parent ? `${node.parent.layer} channel ${node.parent.channel}` : titleOf(node.parent);
  const what = node.against ? `takes ${number(-addsOf(node))} of ${number(node.parent.value)} from` : `adds ${number(addsOf(node))} of ${number(node.parent.value)} to`;
  return `${node.layer} channel ${node.channel}${concept ? ` (${spoken(concept.name)})` : ''}, ${what} ${parent}, share ${part(node.share)}, row ${node.y}, column ${node.x}`;
}

export class Pyramid {
  /// `on`: {look(node or null), choose(node), leave()}, the last when Escape is pressed.
  constructor(evidence, photograph, settings, on) {
    Object.assign(this, { evidence, photograph, settings, on });
    this.later = []; // pictures to draw when there is time
    this.items = new Map(); // node -> {button, line, target, place, ...}
    this.motion = new Motion(this.items);
    this.chosen = evidence.root;
    this.lines = el('svg', { class: 'lines', 'aria-hidden': 'true' });
    this.labels = el('div', { class: 'stages', 'aria-hidden': 'true' });
    this.tree = el('div', { class: 'tree', role: 'tree', 'aria-label': 'The evidence pyramid' });
    this.element = el('div', { class: 'pyramid' }, this.lines, this.labels, this.tree);
    this.tree.addEventListener('keydown', (event) => this.key(event));
    this.tree.addEventListener('pointerover', (event) => !this.rests(event) && this.look(this.nodeOf(event.target)));
    this.tree.addEventListener('pointerleave', () => this.look(null));
    this.tree.addEventListener('click', (event) => {
      const node = this.nodeOf(event.target);
      this.clicked = [event.clientX, event.clientY];
      if (node) this.on.choose(node);
    });
    this.tree.addEventListener('focusin', (event) => this.look(this.nodeOf(event.target)));
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  nodeOf(target) {
    return target.closest?.('[role=treeitem]')?.node;
  }

  /// Whether the pointer is where it clicked: then the nodes moved below it, which is no look at them. A click's place is
  /// in whole pixels, other events' in parts of them.
  rests(event) {
    const near = (at, clicked) => Math.abs(at - clicked) <= 1;
    return this.clicked !== undefined && near(event.clientX, this.clicked[0]) && near(event.clientY, this.clicked[1]);
  }

  resize() {
    const width = this.element.clientWidth;
    if (width > 0 && width !== this.width) {
      this.width = width;
      this.update(false);
    }
  }

  /// Draws the tree as it is now, with the path to the chosen node open.
  update(moving = true) {
    if (!this.width) return;
    const rows = this.evidence.rows();
    const narrow = this.width < 700;
    this.left = narrow ? 0 : gutter;
    const layout = layOut(rows, openPath(this.chosen), this.width - this.left - (narrow ? 0 : 12), this.photograph.input, narrow ? 112 : 148);
    this.element.style.height = `${layout.height}px`;
    this.lines.setAttribute('height', layout.height);
    this.lines.setAttribute('width', this.width);
    this.forget(layout.places);
    for (const row of rows) row.forEach((node) => this.item(node, row));
    for (const [node, place] of layout.places) {
      this.show(node, { ...place, x: place.x + this.left });
    }
    this.labels.hidden = narrow;
    this.label(rows, layout.bands);
    this.motion.move(moving && !calm());
    this.drawLater();
    this.mark();
  }

  /// Takes away what is no longer in the tree.
  forget(places) {
    for (const [node, item] of this.items) {
      if (places.has(node)) continue;
      item.button.remove();
      item.line?.remove();
      this.items.delete(node);
    }
  }

  item(node, row) {
    let item = this.items.get(node);
    if (!item) {
      const button = el('div', { role: 'treeitem', tabindex: -1, 'aria-label': spokenNode(node, conceptOf(this.evidence.page, node)), 'aria-level': node.depth + 1 });
      button.node = node;
      item = { button, line: node.parent && el('path', {}) };
      if (item.line) this.lines.append(item.line);
      this.items.set(node, item);
    }
    if (!item.button.isConnected) this.tree.append(item.button);
    item.line?.style.setProperty('--thin', Math.min(0.55, Math.max(0.12, 70 / row.length)).toFixed(2));
    item.button.setAttribute('aria-setsize', row.length);
    item.button.setAttribute('aria-posinset', row.indexOf(node) + 1);
    if (node.children.length > 0) item.button.setAttribute('aria-expanded', 'true');
    return item;
  }

  show(node, place) {
    const item = this.items.get(node);
    const { button } = item;
    item.target = place;
    button.style.width = `${place.width}px`;
    button.style.height = `${place.height}px`;
    // A picture that is only a little larger or smaller than needed is left to the browser to scale.
    const fits = place.kind === 'tile' || (item.side > 0.8 * place.side && item.side < 1.6 * place.side);
    if (fits && item.kind === place.kind && item.look === this.settings.look()) return;
    Object.assign(item, { kind: place.kind, side: place.side, look: this.settings.look() });
    button.className = `node ${place.kind}${node.added ? ' added' : ''}${node.against ? ' against' : ''}`;
    button.replaceChildren();
    if (place.kind === 'tile') {
      const strongest = node.parent.children.reduce((most, sibling) => Math.max(most, Math.abs(sibling.share)), 1e-9);
      button.style.setProperty('--strength', (0.25 + (0.75 * Math.abs(node.share)) / strongest).toFixed(3));
      return;
    }
    const canvas = el('canvas', { 'aria-hidden': 'true' });
    button.append(canvas);
    const draw = () => drawNode(canvas, this.photograph, node, place.side, { colours: this.settings.colours, closeUp: this.settings.closeUp });
    if (place.kind === 'thumbnail') this.later.push(draw); // what is open comes first
    else draw();
    if (place.kind === 'open') button.append(this.caption(node));
    if (place.kind === 'root') button.append(el('span', { class: 'caption' }, el('b', {}, titleOf(node)), el('span', {}, `${node.class === undefined ? 'F' : 'score'} ${number(node.value)}`)));
  }

  /// Draws the pictures that could wait, a few per frame.
  drawLater() {
    if (this.drawing || this.later.length === 0) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      for (const draw of this.later.splice(0, 6)) draw();
      this.drawLater();
    });
  }

  caption(node) {
    const concept = conceptOf(this.evidence.page, node);
    const name = concept ? `${node.channel} ${spoken(concept.name)}` : String(node.channel);
    return el('span', { class: 'caption' }, el('b', {}, name), el('span', { title: `${node.against ? 'takes from' : 'adds to'} the decision above it; share ${part(node.share)}` }, `${node.against ? '' : '+'}${brief(addsOf(node))}`));
  }

  label(rows, bands) {
    this.labels.replaceChildren();
    const reach = this.evidence.reach();
    rows.forEach((row, depth) => {
      const step = row[0].parent?.step;
      const lines = depth === 0 ? ['the decision', null] : [row[0].layer, `${step.height} \u00d7 ${step.width}, ${step.contributions.length}\u00a0channels`];
      const label = el('div', { class: 'stage' }, el('b', {}, lines[0]), lines[1] && el('span', {}, lines[1]),
        depth > 0 && el('span', { class: 'reach', title: 'the share of the decision\u2019s positive evidence that reaches this level through the shown channels' }, `reach ${part(reach[depth])}`),
        depth > 0 && this.verdict(depth));
      label.style.top = `${bands[depth].y + bands[depth].height / 2}px`;
      this.labels.append(label);
    });
  }

  /// What the network says with the chosen channels of a level alone, if the explanation has it.
  verdict(depth) {
    const { page } = this.evidence;
    const surrogate = page.levels?.[depth - 1]?.surrogate;
    if (!surrogate) return null;
    const title = `with all other channels of this stage 0 the network\u2019s class is ${spoken(surrogate.top.name)}, ${percent(surrogate.top.probability)}; ${spoken(page.root.class)} has ${percent(surrogate.probability)}`;
    return el('span', { class: 'reach', title }, `alone ${surrogate.same ? 'the same class' : spoken(surrogate.top.name)}, ${percent(surrogate.top.probability)}`);
  }

  /// Lights the path to the node that is looked at, and marks the chosen one.
  mark() {
    const lit = new Set(pathTo(this.looked ?? this.chosen));
    for (const [node, item] of this.items) {
      const on = lit.has(node);
      const state = `${on} ${node === this.chosen} ${node === (this.looked ?? this.chosen)} ${item.kind} ${item.button.className}`;
      if (item.state === state) continue; // hundreds of nodes, of which few change
      item.button.classList.toggle('lit', on);
      item.button.classList.toggle('chosen', node === this.chosen);
      item.button.setAttribute('aria-selected', node === this.chosen ? 'true' : 'false');
      item.button.setAttribute('tabindex', node === (this.looked ?? this.chosen) ? 0 : -1);
      item.line?.setAttribute('class', `${on ? 'lit' : ''} ${item.kind}${node.against ? ' against' : ''}`);
      item.line?.style.setProperty('stroke-width', on ? 2.5 : item.kind === 'tile' ? 0.6 : 0.8 + 3 * Math.min(Math.abs(node.share), 1));
      item.state = `${on} ${node === this.chosen} ${node === (this.looked ?? this.chosen)} ${item.kind} ${item.button.className}`;
    }
    for (const item of this.items.values()) {
      if (item.line?.classList.contains('lit')) this.lines.append(item.line);
    }
  }

  look(node) {
    if (node === undefined || node === this.looked) return;
    this.looked = node;
    this.mark();
    this.on.look(node);
  }

  choose(node, focus = false) {
    this.chosen = node;
    this.update();
    if (focus) this.items.get(node)?.button.focus();
  }

  key(event) {
    const node = this.nodeOf(event.target);
    if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = this.evidence.rows()[node.depth];
    const at = row.indexOf(node);
    const moves = {
      ArrowRight: row[at + 1], ArrowLeft: row[at - 1], ArrowUp: node.parent, ArrowDown: node.children[0],
      Home: row[0], End: row.at(-1),
    };
    if (event.key in moves) this.items.get(moves[event.key] ?? node).button.focus();
    else if (event.key === 'Enter' || event.key === ' ') this.on.choose(node, true);
    else if (event.key === 'Escape') this.on.leave();
    else return;
    event.preventDefault();
  }
}
