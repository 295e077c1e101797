/// Graphs of channels on the page: a row per level, discs, lines from each to what supports it; pointer and keyboard.
import { el } from './dom.js';

const boardGutter = 150; // pixels at the left for the levels' names
const levelHeight = 170; // pixels
const largestDisc = 17; // radius of a level's strongest channel
const largestPicture = 34; // the same of one that is a picture
const mostDiscs = 30; // channels of a level that are drawn

/// Levels whose edges name their ends by key as objects that know each other. `top`: the node of the first level; a level:
/// {nodes: [{key, part, ...}], edges: [{above, below, part, ...}]}, both by falling weight.
export function linkedLevels(top, below) {
  const link = (node) => ({ ...node, from: [], to: [] });
  const levels = [{ nodes: [link({ ...top, part: 1 })], edges: [] }];
  for (const level of below) {
    const above = new Map(levels.at(-1).nodes.map((node) => [node.key, node]));
    const nodes = level.nodes.map(link);
    const byKey = new Map(nodes.map((node) => [node.key, node]));
    const edges = level.edges.map((edge) => {
      const made = { ...edge, from: above.get(edge.above), to: byKey.get(edge.below) };
      made.from.to.push(made);
      made.to.from.push(made);
      return made;
    });
    levels.push({ ...level, nodes, edges });
  }
  return levels;
}

/// Gives the strongest channels of each level a place, below those that lead to them.
function placeGraph(levels, width) {
  levels.forEach((level, depth) => {
    level.drawn = level.nodes.slice(0, mostDiscs);
    const wanted = (node) => {
      const sum = node.from.reduce((all, edge) => all + edge.part, 0);
      return sum > 0 ? Math.round(node.from.reduce((all, edge) => all + edge.part * (edge.from.x ?? width / 2), 0) / sum) : width; // of equal ones the strongest first
    };
    const places = new Map(level.drawn.map((node) => [node, wanted(node)]));
    level.drawn.sort((a, b) => places.get(a) - places.get(b));
    const cell = (width - boardGutter) / level.drawn.length;
    level.drawn.forEach((node, i) => {
      node.x = boardGutter + cell * (i + 0.5);
      node.y = 40 + levelHeight * depth;
      const [least, most] = node.picture ? [9, largestPicture] : [3, largestDisc];
      node.radius = Math.max(Math.min(least, cell / 2 - 1), Math.min(most, cell / 2 - 2) * Math.sqrt(node.part));
      const room = cell > 46 ? node.captions.length : cell > 20 ? 1 : 0;
      node.shown = node.captions.slice(0, room);
      node.wordsHeight = node.shown.length > 0 ? 8 + 14 * node.shown.length : 0;
    });
  });
}

export class Board {
  /// `on`: {look(node): it, or the chosen one, is looked at; choose(node)}. A node: {key, words: what a screen reader says,
  /// part of the row's largest, often: how strong its colour is, 0 to 1, captions: below it, picture(side), if any: a URL}.
  /// An edge's `words` stand at it while it is lit.
  constructor(on) {
    this.on = on;
    this.element = el('div', { class: 'graph' });
    new ResizeObserver(() => this.element.clientWidth !== this.width && this.levels && this.draw()).observe(this.element);
  }

  /// `label(level)`: what stands at the left of a row, lines.
  show(levels, title, label, chosen = levels[0].nodes[0]) {
    Object.assign(this, { levels, title, labelOf: label, chosen });
    this.draw();
  }

  draw() {
    this.width = this.element.clientWidth || 900;
    placeGraph(this.levels, this.width);
    const height = levelHeight * this.levels.length - 40;
    this.marks = new Map();
    const svg = el('svg', { width: this.width, height, role: 'group', 'aria-label': this.title });
    for (const { edges } of this.levels) {
      for (const edge of edges.toReversed()) { // the strong ones on top
        if (edge.from.x === undefined || edge.to.x === undefined) continue;
        const mark = this.edge(edge);
        this.marks.set(edge, mark);
        svg.append(mark);
      }
    }
    for (const level of this.levels) for (const node of level.drawn) svg.append(this.node(node));
    this.element.replaceChildren(svg, ...this.levels.slice(1).map((level) => this.label(level)));
    this.mark();
  }

  edge(edge) {
    const [y1, y2] = [edge.from.y + edge.from.radius + edge.from.wordsHeight, edge.to.y - edge.to.radius];
    const path = el('path', { d: `M${edge.from.x} ${y1}C${edge.from.x} ${(y1 + y2) / 2} ${edge.to.x} ${(y1 + y2) / 2} ${edge.to.x} ${y2}`, 'stroke-width': 0.7 + 6 * edge.part });
    const group = el('g', { class: 'edge' }, path,
      edge.words && el('text', { x: (edge.from.x + 3 * edge.to.x) / 4, y: y1 + (y2 - y1) * 0.78 }, edge.words));
    group.style.setProperty('--often', edge.often.toFixed(3));
    return group;
  }

  node(node) {
    const { x, y, radius } = node;
    const disc = el('path', { d: `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0` });
    const url = node.picture?.(2 * radius);
    const group = el('g', {
      class: 'disc', tabindex: 0, role: 'button', 'aria-label': node.words, onclick: () => this.on.choose(node),
      onpointerenter: () => this.look(node), onpointerleave: () => this.look(), onfocus: () => this.look(node), onblur: () => this.look(),
      onkeydown: (event) => this.key(event, node),
    }, el('rect', { class: 'hit', x: x - Math.max(radius, 10), y: y - radius, width: 2 * Math.max(radius, 10), height: 2 * radius + node.wordsHeight }), disc,
    url && el('image', { href: url, x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius, preserveAspectRatio: 'xMidYMid slice' }));
    group.style.setProperty('--often', node.often.toFixed(3));
    node.shown.forEach((words, i) => group.append(el('text', { class: i === 0 ? 'number' : 'often', x, y: y + radius + 15 + 14 * i }, words)));
    this.marks.set(node, group);
    return group;
  }

  label(level) {
    const [name, ...lines] = this.labelOf(level);
    const made = el('div', { class: 'stage' }, el('b', {}, name), lines.map((line) => el('span', {}, line)));
    made.style.top = `${level.drawn[0]?.y ?? 0}px`;
    return made;
  }

  look(node) {
    this.mark(node);
    this.on.look(node);
  }

  /// Lights a node's edges; without one the chosen node's.
  mark(looked = this.chosen) {
    const lit = new Set([looked, this.chosen, ...looked.from, ...looked.to]);
    for (const [thing, mark] of this.marks) {
      mark.classList.toggle('lit', lit.has(thing));
      mark.classList.toggle('chosen', thing === this.chosen);
    }
  }

  choose(node, focus = true) {
    this.chosen = node;
    this.mark();
    if (focus) this.marks.get(node)?.focus();
  }

  key(event, node) {
    const row = this.levels.find((level) => level.drawn.includes(node)).drawn;
    const at = row.indexOf(node);
    const moves = { ArrowRight: row[at + 1], ArrowLeft: row[at - 1], ArrowUp: node.from[0]?.from, ArrowDown: node.to[0]?.to, Enter: node, ' ': node };
    if (!(event.key in moves)) return;
    if (event.key === 'Enter' || event.key === ' ') this.on.choose(node);
    else this.marks.get(moves[event.key] ?? node)?.focus();
    event.preventDefault();
  }
}
