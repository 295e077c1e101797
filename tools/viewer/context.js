/// What the activation maps of each class's trees lie on (hdecomp context, Fig. 13 and 14): regions by how many maps have them.
import { bar, el, part, percent, plural, spoken, tableOf } from './dom.js';

const mostLabels = 12; // of a stage

/// Rows by their key, keys in the order of the rows: [[key, rows], ...].
function grouped(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups];
}

export class ContextPage {
  /// `context`: {images, mask, rows: of the table of labels, by its heads}
  constructor({ context }) {
    this.classes = grouped(context.rows, (row) => `${row.class} ${row.name}`); // "all" is the first
    const pick = el('select', { 'aria-label': 'Class', onchange: () => this.show(Number(pick.value)) },
      this.classes.map(([, [{ name, images }]], i) => el('option', { value: i }, `${spoken(name)}, ${plural(Number(images), 'image')}`)));
    this.stages = el('div', { class: 'stage-parts' });
    this.element = el('article', { 'aria-label': 'What maps lie on' }, el('h1', {}, 'What maps lie on'),
      el('p', { class: 'muted' }, `Over ${plural(context.images, 'segmented photograph')}. The label of an activation map is the region that its mask (A above ${context.mask} of its maximum) overlaps most, by intersection over union.`),
      el('div', { class: 'bar' }, el('label', {}, 'Class', pick)), this.stages);
    if (this.classes.length > 0) this.show(0);
  }

  show(index) {
    const [, rows] = this.classes[index];
    this.stages.replaceChildren(...grouped(rows, (row) => row.layer).map(([layer, ofLayer]) => this.stage(layer, ofLayer)));
  }

  stage(layer, rows) {
    const most = Number(rows[0].share);
    const row = (one) => {
      const seen = one['images with it'] === '' ? '' : `${one['images with it']} of ${one.images}`;
      return el('tr', {}, el('th', { scope: 'row' }, spoken(one.region), bar(Number(one.share) / most, 'after')), el('td', {}, percent(Number(one.share))), el('td', {}, one.maps),
        el('td', {}, one['mean IoU'] === '' ? '' : part(Number(one['mean IoU']))), el('td', {}, seen));
    };
    const rest = rows.length - mostLabels;
    const heads = ['region', 'of the maps', 'maps', 'mean IoU', 'images with it'];
    return el('section', { class: 'answer', 'aria-label': layer }, el('h2', {}, layer), tableOf({}, heads, rows.slice(0, mostLabels).map(row)),
      rest > 0 && el('p', { class: 'muted small' }, `${plural(rest, 'region')} more`));
  }
}
