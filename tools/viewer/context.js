/// What the activation maps of each class's trees lie on (hdecomp context, Fig. 13 and 14): regions by how many maps have them.
import { el, part, percent, plural, spoken } from './dom.js';

const mostLabels = 12; // of a stage

/// Rows by class, in the order of the file: [[name, rows], ...]; "all" is the first.
function byClass(rows) {
  const classes = new Map();
  for (const row of rows) {
    const key = `${row.class} ${row.name}`;
    if (!classes.has(key)) classes.set(key, { name: row.name, images: Number(row.images), rows: [] });
    classes.get(key).rows.push(row);
  }
  return [...classes.values()];
}

export class ContextPage {
  /// `context`: {images, mask, rows: of the table of labels, by its heads}
  constructor({ context }) {
    this.classes = byClass(context.rows);
    const pick = el('select', { 'aria-label': 'Class', onchange: () => this.show(Number(pick.value)) },
      this.classes.map(({ name, images }, i) => el('option', { value: i }, `${spoken(name)}, ${plural(images, 'image')}`)));
    this.stages = el('div', { class: 'stage-parts' });
    this.element = el('article', { 'aria-label': 'What maps lie on' }, el('h1', {}, 'What maps lie on'),
      el('p', { class: 'muted' }, `Over ${plural(context.images, 'segmented photograph')}. The label of an activation map is the region that its mask (A above ${context.mask} of its maximum) overlaps most, by intersection over union.`),
      el('div', { class: 'bar' }, el('label', {}, 'Class', pick)), this.stages);
    if (this.classes.length > 0) this.show(0);
  }

  show(index) {
    const layers = new Map();
    for (const row of this.classes[index].rows) layers.set(row.layer, [...(layers.get(row.layer) ?? []), row]);
    this.stages.replaceChildren(...[...layers].map(([layer, rows]) => this.stage(layer, rows)));
  }

  stage(layer, rows) {
    const most = Number(rows[0].share);
    const row = (one) => {
      const fill = el('span', { class: 'fill after' });
      fill.style.width = `${(100 * Number(one.share)) / most}%`;
      const seen = one['images with it'] === '' ? '' : `${one['images with it']} of ${one.images}`;
      return el('tr', {}, el('th', { scope: 'row' }, spoken(one.region), el('span', { class: 'scale' }, fill)), el('td', {}, percent(Number(one.share))), el('td', {}, one.maps),
        el('td', {}, one['mean IoU'] === '' ? '' : part(Number(one['mean IoU']))), el('td', {}, seen));
    };
    const rest = rows.length - mostLabels;
    const heads = ['region', 'of the maps', 'maps', 'mean IoU', 'images with it'].map((words) => el('th', { scope: 'col' }, words));
    return el('section', { class: 'answer', 'aria-label': layer }, el('h2', {}, layer), el('table', {}, el('thead', {}, el('tr', {}, heads)), el('tbody', {}, rows.slice(0, mostLabels).map(row))),
      rest > 0 && el('p', { class: 'muted small' }, `${plural(rest, 'region')} more`));
  }
}
