/// What the page knows of an explanation: steps as hdecomp wrote them, and the tree that they make.
import { spoken } from './dom.js';

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/// Little-endian on every machine that browsers run on.
const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
const integersOf = (text) => new Int32Array(bytesOf(text).buffer);

/// The name of a node's channel and its IoU, where the page has names: {name, iou}.
export const conceptOf = (page, node) => page.concepts?.[node.layer]?.[node.channel];

/// What stands after a name: " 0.31", its intersection over union; by patches, whose share `iou` then is, ", 7 of 9 patches".
export const fitOf = ({ iou, patches }) => (patches ? `, ${Math.round(iou * patches)} of ${patches} ${patches === 1 ? 'patch' : 'patches'}` : ` ${iou.toFixed(2)}`);

export const keyOf = (node) => `${node.layer}:${node.channel}@${node.y},${node.x}`;

/// What a decision at the root is called: a class, or a feature's place.
export const titleOf = (root) => (root.class === undefined ? keyOf(root) : spoken(root.class));

/// Whether a node is one of its decision's chosen channels: neither added by hand nor evidence against it.
export const isChosen = (node) => !node.added && !node.against;

/// What a node adds to the decision above it, in that decision's units: its map's sum.
export const addsOf = (node) => node.contribution * node.map.rows * node.map.columns;

/// A step with its lists decoded, and its channels by falling contribution.
function decodeStep(step) {
  const contributions = floatsOf(step.contributions);
  const order = Array.from(contributions.keys());
  order.sort((a, b) => contributions[b] - contributions[a] || a - b);
  return { ...step, contributions, peaks: floatsOf(step.peaks), positions: integersOf(step.positions), order };
}

const decodeGuided = (guided) => ({ ...guided, data: new Int8Array(bytesOf(guided.data).buffer) });

function decodeNode(node, layer, step) {
  const map = { ...node.map, data: new Int8Array(bytesOf(node.map.data).buffer), rows: step.height, columns: step.width };
  const guided = node.guided && decodeGuided(node.guided);
  return { ...node, layer, map, guided };
}

/// Each chosen child of a node with its part of the node's positive evidence: of a channel that stands for others with
/// theirs, of one with several peaks divided as A is at them.
function sharesOf(node) {
  if (!node.step) return [];
  const channels = [];
  for (const child of node.children.filter(isChosen)) {
    if (child.extra_peak) channels.at(-1).push(child);
    else channels.push([child]);
  }
  return channels.flatMap((peaks) => {
    const contributions = [peaks[0].channel, ...(peaks[0].members ?? [])].map((channel) => node.step.contributions[channel]);
    const all = contributions.reduce((sum, alpha) => sum + alpha, 0) / node.step.positive;
    const height = peaks.reduce((sum, child) => sum + child.peak, 0);
    return peaks.map((child) => [child, peaks.length === 1 ? all : (all * child.peak) / height]);
  });
}

/// The distinct neurons below the root, level by level, each once whatever number of decisions chose it. A node's weight is
/// what it adds to the root's value over all paths: of each path the product of the parts that it adds to the values above,
/// times the root's value. By falling weight, {nodes: [{key, node, weight, paths}], edges: [{above, below, share, weight}]}; a
/// neuron's node is the one through which most comes. Evidence against and what was added by hand are left out.
export function mergedLevels(root) {
  const levels = [];
  let above = [{ node: root, weight: root.value }];
  for (;;) {
    const neurons = new Map();
    const edges = new Map();
    const below = [];
    for (const { node, weight } of above) {
      for (const [child, share] of sharesOf(node)) {
        const adds = share * node.step.positive * node.step.height * node.step.width;
        const through = (weight * adds) / node.value;
        below.push({ node: child, weight: through });
        const key = keyOf(child);
        const neuron = neurons.get(key) ?? { key, node: child, weight: 0, paths: 0, most: -Infinity };
        neurons.set(key, neuron);
        neuron.weight += through;
        neuron.paths += 1;
        if (through > neuron.most) Object.assign(neuron, { most: through, node: child });
        const edge = edges.get(`${keyOf(node)} ${key}`) ?? { above: keyOf(node), below: key, share, weight: 0 };
        edges.set(`${edge.above} ${key}`, edge);
        edge.weight += through;
      }
    }
    if (neurons.size === 0) return levels;
    const falling = (a, b) => b.weight - a.weight;
    levels.push({ nodes: [...neurons.values()].sort(falling), edges: [...edges.values()].sort(falling) });
    above = below;
  }
}

export class Evidence {
  /// `page`: a hdecomp-page object; its steps may still be on their way.
  constructor(page) {
    this.page = page;
    this.steps = new Map();
    this.root = { y: 0, x: 0, ...page.root, id: 'root', depth: 0, index: 0, parent: null, children: [] };
    this.add(page.steps ?? {});
  }

  /// Takes in more steps, by the key of the decision that they decompose.
  add(steps) {
    for (const [key, step] of Object.entries(steps)) this.steps.set(key, decodeStep(step));
    this.grow(this.root);
  }

  /// Gives every node the children that its step names, and those that were added by hand.
  grow(node) {
    if (node.against) return; // nothing follows from it
    node.step = this.steps.get(keyOf(node));
    if (!node.step) return;
    if (node.children.length === 0) {
      for (const child of node.step.children) this.attach(node, child, child.added === true);
    }
    for (const child of node.children) this.grow(child);
  }

  attach(parent, child, added = false) {
    const node = decodeNode(child, parent.step.layer, parent.step);
    const id = parent.id === 'root' ? String(child.channel) : `${parent.id}.${child.channel}`;
    Object.assign(node, { id, depth: parent.depth + 1, parent, children: [], added });
    parent.children.push(node);
    parent.children.forEach((sibling, index) => (sibling.index = index));
    this.grow(node);
    return node;
  }

  /// Evidence against decisions, by their keys.
  addAgainst(nodes) {
    for (const node of this.rows().flat()) {
      if (node.against || node.children.some((child) => child.against)) continue;
      for (const child of nodes[keyOf(node)] ?? []) this.attach(node, child);
    }
  }

  addGuided(crops) {
    for (const node of this.rows().flat()) {
      const crop = crops[keyOf(node)];
      if (crop) node.guided = decodeGuided(crop);
    }
  }

  detach(node) {
    const siblings = node.parent.children;
    siblings.splice(siblings.indexOf(node), 1);
    siblings.forEach((sibling, index) => (sibling.index = index));
  }

  /// The rows of the pyramid: the root, its children, theirs, ...
  rows() {
    const rows = [[this.root]];
    for (;;) {
      const below = rows.at(-1).flatMap((node) => node.children);
      if (below.length === 0) return rows;
      rows.push(below);
    }
  }

  /// Of each row the share of the decision's positive evidence that reaches it: the sum of the products of the shares down
  /// to its nodes, without those that were added by hand.
  reach() {
    let level = new Map([[this.root, 1]]);
    const sums = [1];
    while (level.size > 0) {
      const below = new Map();
      for (const [node, weight] of level) {
        for (const [child, share] of sharesOf(node)) below.set(child, weight * share);
      }
      if (below.size > 0) sums.push([...below.values()].reduce((sum, weight) => sum + weight, 0));
      level = below;
    }
    return sums;
  }

  find(id) {
    return this.rows().flat().find((node) => node.id === id);
  }
}

/// From the root to the node, both included.
export function pathTo(node) {
  const path = [];
  for (let at = node; at; at = at.parent) path.unshift(at);
  return path;
}

/// The path to a node, and from it on by first children: what the pyramid shows large.
export function openPath(node) {
  const path = pathTo(node);
  for (let at = node; at.children.length > 0; ) path.push((at = at.children[0]));
  return path;
}
