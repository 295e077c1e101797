/// Class graphs: the trees of many images of a class added up, a row of channels per level; one class at a time.
import { Board, linkedLevels } from './board.js';
import { el, part, plural, spoken } from './dom.js';
import { fitOf } from './evidence.js';
import { Patches } from './patches.js';

const channelName = (layer, node) => `${layer}:${node.channel}${node.name ? ` (${spoken(node.name)}${fitOf(node)})` : ''}`;

/// The class, a level of its own, and the levels below it as the board takes them.
function levelsOf(graph) {
  const often = (thing) => thing.trees / graph.trees;
  const below = graph.levels.map((level, depth) => {
    const nodes = level.channels.map((node) => ({
      ...node, key: String(node.channel), layer: level.layer, parent: true, name: channelName(level.layer, node), often: often(node),
      words: `${channelName(level.layer, node)}, in ${node.trees} of ${plural(graph.trees, 'tree')}, ${part(node.weight)}`,
      part: node.weight / (level.channels[0].weight || 1),
      captions: [String(node.channel), `${node.trees}/${graph.trees}`, ...(node.name ? [spoken(node.name).slice(0, 14)] : [])],
    }));
    const edges = level.edges.map((edge) => ({ ...edge, above: depth === 0 ? 'class' : String(edge.above), below: String(edge.below), often: often(edge), part: edge.weight / (level.edges[0].weight || 1) }));
    return { ...level, nodes, edges };
  });
  return linkedLevels({ key: 'class', name: spoken(graph.name), words: spoken(graph.name), trees: graph.trees, often: 1, captions: [spoken(graph.name), plural(graph.trees, 'tree')] }, below);
}

export class ClassGraphs {
  /// `page`: {share, graphs: what hdecomp class-graph --json prints of each class, patches: as Patches takes them}
  constructor(page) {
    this.page = page;
    this.patches = new Patches(page.patches ?? {});
    this.details = el('section', { class: 'details', 'aria-label': 'Details' });
    this.board = new Board({ look: (node) => this.tell(node ?? this.board.chosen), choose: (node) => this.choose(node) });
    const pick = el('select', { 'aria-label': 'Class', onchange: () => this.show(Number(pick.value)) },
      page.graphs.map((graph, i) => el('option', { value: i }, `${spoken(graph.name)}, ${plural(graph.trees, 'tree')}`)));
    const words = page.share < 1
      ? `Of each level the strongest edges that hold ${part(page.share)} of what the channels above them reach.`
      : 'All channels and edges of all trees.';
    const head = el('div', { class: 'bar' }, el('label', {}, 'Class', pick), el('span', { class: 'muted' }, words));
    this.element = el('article', { class: 'pane', 'aria-label': 'Class graphs' }, el('div', { class: 'pane-main' }, head, this.board.element), this.details);
    this.show(0);
  }

  show(index) {
    this.graph = this.page.graphs[index];
    this.board.show(levelsOf(this.graph), `Channels that support ${spoken(this.graph.name)}`, (level) => this.label(level));
    this.tell(this.board.chosen);
  }

  label(level) {
    const rest = level.nodes.length - level.drawn.length;
    return [level.layer, `reach ${part(level.reach)}, ${part(level.held)} of it here`, ...(rest > 0 ? [`${plural(rest, 'channel')} more`] : [])];
  }

  tell(node) {
    const line = (edge, end) => el('li', {}, el('button', { type: 'button', onclick: () => this.choose(end) },
      el('span', {}, end.name), el('span', { class: 'share' }, `${edge.trees} of ${this.graph.trees}, ${part(edge.weight)}`)));
    const list = (title, edges, end) => (edges.length === 0 ? [] : [el('h3', {}, title), el('ul', { class: 'subtree' }, edges.map((edge) => line(edge, edge[end])))]);
    const about = node.key === 'class'
      ? `${plural(this.graph.trees, 'tree')} of images with this decision, added up.`
      : `In ${node.trees} of ${plural(this.graph.trees, 'tree')}; ${part(node.weight)} of the decision\u2019s positive evidence reaches it, in the mean.`;
    this.details.replaceChildren(...[el('h2', {}, node.name), el('p', {}, about), this.patches.section(node), ...list('It supports', node.from, 'from'), ...list('It is supported by', node.to, 'to')].filter(Boolean));
  }

  choose(node) {
    this.board.choose(node);
    this.tell(node);
  }
}
