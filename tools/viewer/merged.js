/// The tree as a graph: each distinct neuron once, however many decisions chose it, and what it adds to the decision at the
/// top over all its paths.
import { Board, linkedLevels } from './board.js';
import { number, part, plural, spoken } from './dom.js';
import { conceptOf, keyOf, mergedLevels, titleOf } from './evidence.js';
import { drawNode } from './picture.js';
import { spokenNode } from './pyramid.js';

export class MergedGraph {
  /// `on`: {look(node or null), choose(node)}, of tree nodes: of a neuron the one through which most comes.
  constructor(evidence, photograph, settings, on) {
    Object.assign(this, { evidence, photograph, settings, on });
    this.board = new Board({ look: (node) => on.look(node?.node ?? null), choose: (node) => on.choose(node.node) });
    this.element = this.board.element;
  }

  /// Draws the tree as it is now, with the neuron of `chosen` marked.
  update(chosen) {
    const { root } = this.evidence;
    const below = mergedLevels(root).map((level) => ({
      ...level,
      nodes: level.nodes.map((neuron) => this.disc(neuron, level)),
      edges: level.edges.map((edge) => {
        const ofMost = edge.weight / (level.edges[0].weight || 1);
        return { ...edge, often: ofMost, part: ofMost, words: part(edge.share) };
      }),
    }));
    const top = { key: keyOf(root), node: root, words: spokenNode(root), often: 1, captions: [titleOf(root), `${root.class === undefined ? 'F' : 'score'} ${number(root.value)}`], picture: (side) => this.picture(root, side) };
    const levels = linkedLevels(top, below);
    this.board.show(levels, `The neurons that ${titleOf(root)} is made of, each once`, (level) => this.label(level));
    this.mark(chosen);
  }

  disc(neuron, level) {
    const { node, weight, paths } = neuron;
    const concept = conceptOf(this.evidence.page, node);
    const adds = number(Number(weight.toPrecision(3)));
    return {
      ...neuron, often: 1, part: weight / (level.nodes[0].weight || 1), picture: (side) => this.picture(node, side),
      words: `${node.layer} channel ${node.channel}${concept ? ` (${spoken(concept.name)})` : ''}, row ${node.y}, column ${node.x}, adds ${adds} of ${number(this.evidence.root.value)} to ${titleOf(this.evidence.root)} over ${plural(paths, 'path')}`,
      captions: [concept ? `${node.channel} ${spoken(concept.name)}`.slice(0, 14) : String(node.channel), `+${adds}`],
    };
  }

  /// As close as its receptive field is small: the discs are.
  picture(node, side) {
    const canvas = document.createElement('canvas');
    drawNode(canvas, this.photograph, node, side, { colours: this.settings.colours, closeUp: true, noPeak: true });
    return canvas.toDataURL();
  }

  label(level) {
    const { root } = this.evidence;
    const adds = level.nodes.reduce((sum, neuron) => sum + neuron.weight, 0);
    const rest = level.nodes.length - level.drawn.length;
    return [level.nodes[0].node.layer, plural(level.nodes.length, 'neuron'), `add ${number(Number(adds.toPrecision(3)))} of ${number(root.value)}`, ...(rest > 0 ? [`${rest} not drawn`] : [])];
  }

  /// Marks the neuron of a tree node.
  mark(node) {
    const key = keyOf(node);
    const found = this.board.levels.flatMap((level) => level.nodes).find((each) => each.key === key);
    if (found) this.board.choose(found, false);
  }

  /// Marks it while it is looked at; null: the chosen one.
  look(node) {
    const key = node && keyOf(node);
    this.board.mark(this.board.levels.flatMap((level) => level.nodes).find((each) => each.key === key));
  }
}
