/// Class graphs: the trees of many images of a class added up, a row of channels per level; one class at a time.
import { el, part, plural, spoken } from './dom.js';
import { Patches } from './patches.js';

const graphGutter = 150; // pixels at the left for the levels' names
const levelHeight = 170; // pixels
const largestDisc = 17; // radius of a level's strongest channel
const mostDiscs = 30; // channels of a level that are drawn

const channelName = (layer, node) => `${layer}:${node.channel}${node.name ? ` (${spoken(node.name)} ${node.iou.toFixed(2)})` : ''}`;

/// The levels' channels and edges as objects that know each other; the class is a level of its own. A level's channels are
/// by falling weight, as are its edges.
function linkedLevels(graph) {
  let above = [{ key: 'class', words: spoken(graph.name), trees: graph.trees, weight: 1, from: [], to: [], part: 1 }];
  const levels = [{ nodes: above, edges: [] }];
  const only = above[0];
  for (const level of graph.levels) {
    const byChannel = new Map(above.map((node) => [node.channel, node]));
    const nodes = level.channels.map((node) => ({
      ...node, layer: level.layer, parent: above, key: `${level.layer}:${node.channel}`, words: channelName(level.layer, node), from: [], to: [],
      part: Math.sqrt(node.weight / (level.channels[0].weight || 1)),
    }));
    const below = new Map(nodes.map((node) => [node.channel, node]));
    const edges = level.edges.map((edge) => {
      const made = { ...edge, from: byChannel.get(edge.above) ?? only, to: below.get(edge.below), part: edge.weight / (level.edges[0].weight || 1) };
      made.from.to.push(made);
      made.to.from.push(made);
      return made;
    });
    levels.push({ ...level, nodes, edges });
    above = nodes;
  }
  return levels;
}

/// Gives the strongest channels of each level a place, below those that lead to them.
function placeGraph(levels, width) {
  const names = levels.some((level) => level.nodes.some((node) => node.name));
  levels.forEach((level, depth) => {
    level.drawn = level.nodes.slice(0, mostDiscs);
    const wanted = (node) => {
      const sum = node.from.reduce((all, edge) => all + edge.weight, 0);
      return sum > 0 ? node.from.reduce((all, edge) => all + edge.weight * (edge.from.x ?? width / 2), 0) / sum : width;
    };
    const places = new Map(level.drawn.map((node) => [node, wanted(node)]));
    level.drawn.sort((a, b) => places.get(a) - places.get(b));
    const cell = (width - graphGutter) / level.drawn.length;
    level.drawn.forEach((node, i) => {
      node.x = graphGutter + cell * (i + 0.5);
      node.y = 40 + levelHeight * depth;
      node.radius = Math.max(3, Math.min(largestDisc, cell / 2 - 2) * node.part);
      node.room = depth === 0 ? 0 : cell > 46 ? 2 : cell > 20 ? 1 : 0; // for its number, and for more
      node.wordsHeight = [0, 22, names ? 50 : 36][node.room];
    });
  });
}

const discWords = (node, below, kind, words) => el('text', { class: kind, x: node.x, y: node.y + node.radius + below }, words);

export class ClassGraphs {
  /// `page`: {share, graphs: what hdecomp class-graph --json prints of each class, patches: as Patches takes them}
  constructor(page) {
    this.page = page;
    this.patches = new Patches(page.patches ?? {});
    this.details = el('section', { class: 'details', 'aria-label': 'Details' });
    this.board = el('div', { class: 'graph' });
    const pick = el('select', { 'aria-label': 'Class', onchange: () => this.show(Number(pick.value)) },
      page.graphs.map((graph, i) => el('option', { value: i }, `${spoken(graph.name)}, ${plural(graph.trees, 'tree')}`)));
    const words = page.share < 1
      ? `Of each level the strongest edges that hold ${part(page.share)} of what the channels above them reach.`
      : 'All channels and edges of all trees.';
    const head = el('div', { class: 'bar' }, el('label', {}, 'Class', pick), el('span', { class: 'muted' }, words));
    this.element = el('article', { class: 'pane', 'aria-label': 'Class graphs' }, el('div', { class: 'pane-main' }, head, this.board), this.details);
    new ResizeObserver(() => this.board.clientWidth !== this.width && this.draw()).observe(this.board);
    this.show(0);
  }

  show(index) {
    this.graph = this.page.graphs[index];
    this.levels = linkedLevels(this.graph);
    this.chosen = this.levels[0].nodes[0];
    this.draw();
  }

  draw() {
    this.width = this.board.clientWidth || 900;
    placeGraph(this.levels, this.width);
    const height = levelHeight * this.levels.length - 40;
    this.marks = new Map();
    const svg = el('svg', { width: this.width, height, role: 'group', 'aria-label': `Channels that support ${spoken(this.graph.name)}` });
    for (const { edges } of this.levels) {
      for (const edge of edges.toReversed()) { // the strong ones on top
        if (edge.from.x === undefined || edge.to.x === undefined) continue;
        const [y1, y2] = [edge.from.y + edge.from.radius + edge.from.wordsHeight, edge.to.y - edge.to.radius];
        const path = el('path', { class: 'edge', d: `M${edge.from.x} ${y1}C${edge.from.x} ${(y1 + y2) / 2} ${edge.to.x} ${(y1 + y2) / 2} ${edge.to.x} ${y2}`, 'stroke-width': 0.7 + 6 * edge.part });
        path.style.setProperty('--often', (edge.trees / this.graph.trees).toFixed(3));
        this.marks.set(edge, path);
        svg.append(path);
      }
    }
    for (const level of this.levels) for (const node of level.drawn) svg.append(this.node(node));
    this.board.replaceChildren(svg, ...this.levels.slice(1).map((level) => this.label(level)));
    this.mark();
  }

  node(node) {
    const words = node.key === 'class' ? node.words : `${node.words}, in ${node.trees} of ${plural(this.graph.trees, 'tree')}, ${part(node.weight)}`;
    const disc = el('path', { d: `M${node.x - node.radius} ${node.y}a${node.radius} ${node.radius} 0 1 0 ${2 * node.radius} 0a${node.radius} ${node.radius} 0 1 0 ${-2 * node.radius} 0` });
    const group = el('g', {
      class: 'disc', tabindex: 0, role: 'button', 'aria-label': words, onclick: () => this.choose(node),
      onpointerenter: () => this.mark(node), onpointerleave: () => this.mark(), onfocus: () => this.mark(node), onblur: () => this.mark(),
      onkeydown: (event) => this.key(event, node),
    }, el('rect', { class: 'hit', x: node.x - Math.max(node.radius, 10), y: node.y - node.radius, width: 2 * Math.max(node.radius, 10), height: 2 * node.radius + node.wordsHeight }), disc);
    group.style.setProperty('--often', (node.trees / this.graph.trees).toFixed(3));
    if (node.room > 0) group.append(discWords(node, 15, 'number', String(node.channel)));
    if (node.room > 1) {
      group.append(discWords(node, 29, 'often', `${node.trees}/${this.graph.trees}`));
      if (node.name) group.append(discWords(node, 43, 'often', spoken(node.name).slice(0, 14)));
    }
    this.marks.set(node, group);
    return group;
  }

  label(level) {
    const rest = level.nodes.length - level.drawn.length;
    const made = el('div', { class: 'stage' }, el('b', {}, level.layer), el('span', {}, `reach ${part(level.reach)}, ${part(level.held)} of it here`),
      rest > 0 && el('span', {}, `, ${plural(rest, 'channel')} more`));
    made.style.top = `${level.drawn[0]?.y ?? 0}px`;
    return made;
  }

  /// Lights a node's edges; without one the chosen node's.
  mark(looked = this.chosen) {
    const lit = new Set([looked, this.chosen, ...looked.from, ...looked.to]);
    for (const [thing, mark] of this.marks) {
      mark.classList.toggle('lit', lit.has(thing));
      mark.classList.toggle('chosen', thing === this.chosen);
    }
    this.tell(looked);
  }

  tell(node) {
    const line = (edge, end) => el('li', {}, el('button', { type: 'button', onclick: () => this.choose(end) },
      el('span', {}, end.words), el('span', { class: 'share' }, `${edge.trees} of ${this.graph.trees}, ${part(edge.weight)}`)));
    const list = (title, edges, end) => (edges.length === 0 ? [] : [el('h3', {}, title), el('ul', { class: 'subtree' }, edges.map((edge) => line(edge, edge[end])))]);
    const about = node.key === 'class'
      ? `${plural(this.graph.trees, 'tree')} of images with this decision, added up.`
      : `In ${node.trees} of ${plural(this.graph.trees, 'tree')}; ${part(node.weight)} of the decision\u2019s positive evidence reaches it, in the mean.`;
    this.details.replaceChildren(...[el('h2', {}, node.words), el('p', {}, about), this.patches.section(node), ...list('It supports', node.from, 'from'), ...list('It is supported by', node.to, 'to')].filter(Boolean));
  }

  choose(node) {
    this.chosen = node;
    this.mark();
    this.marks.get(node)?.focus();
  }

  key(event, node) {
    const row = this.levels.find((level) => level.drawn.includes(node)).drawn;
    const at = row.indexOf(node);
    const moves = { ArrowRight: row[at + 1], ArrowLeft: row[at - 1], ArrowUp: node.from[0]?.from, ArrowDown: node.to[0]?.to, Enter: node, ' ': node };
    if (!(event.key in moves)) return;
    if (event.key === 'Enter' || event.key === ' ') this.choose(node);
    else this.marks.get(moves[event.key] ?? node)?.focus();
    event.preventDefault();
  }
}
