/// What a node's channel looks for: the places of other photographs where it is at its largest, beside the node's details.
import { el, number, plural, spoken } from './dom.js';

const titles = { activation: 'most active', contribution: 'contributing most' };
const channelOf = (node) => `${node.layer}:${node.channel}`;
const nameOfFile = (path) => path.split('/').at(-1);

function figure(patch) {
  const words = `${nameOfFile(patch.image)}${patch.class ? `, taken for ${spoken(patch.class)}` : ''}: ${number(patch.value)}`;
  return el('li', {}, el('img', { src: patch.picture, alt: words, title: `${patch.image}, pixels ${patch.box.join(', ')} (y, x, height, width): ${words}` }));
}

function group(kind) {
  const heading = el('p', { class: 'muted small' }, `Where it is ${titles[kind.by]}, of ${plural(kind.images, 'photograph')}`);
  if (kind.patches.length === 0) return [el('p', { class: 'muted small' }, `It is never ${titles[kind.by]} in ${plural(kind.images, 'other photograph')}.`)];
  return [heading, el('ul', { class: 'patches' }, kind.patches.map(figure))];
}

export class Patches {
  /// `kept`: those that came with the page, by "layer:channel". `ask(node)`, in the server's page: those of one more channel.
  constructor(kept, ask) {
    this.known = new Map(Object.entries(kept));
    this.ask = ask;
  }

  /// Of a node's channel; nothing where there are none to be had.
  section(node) {
    const name = channelOf(node);
    if (!node.parent || !(this.ask || this.known.has(name))) return null;
    const section = el('section', { class: 'patches-of', 'aria-label': `Channel ${node.channel} of ${node.layer} on other photographs` }, el('h3', {}, 'This channel, on other photographs'));
    if (this.known.has(name)) this.fill(section, name);
    else this.fetch(section, node, name);
    return section;
  }

  fill(section, name) {
    section.append(...this.known.get(name).flatMap(group));
  }

  async fetch(section, node, name) {
    try {
      this.known.set(name, await this.ask(node));
      this.fill(section, name);
    } catch (fault) {
      section.append(el('p', { class: 'muted small' }, fault.message));
    }
  }
}
