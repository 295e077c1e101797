/// What the reader chose for the page: colour map and light or dark. Kept for the next visit where the
/// browser allows it.
import { colourMaps } from './colour.js';
import { el } from './dom.js';

function kept(key) {
  try {
    return localStorage.getItem(`hdecomp-${key}`);
  } catch {
    return null; // a file on disk may have no storage
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(`hdecomp-${key}`, value);
  } catch {
    // The choice holds for this visit alone.
  }
}

export class Settings {
  constructor() {
    this.colours = kept('colours') in colourMaps ? kept('colours') : 'ember';
    this.closeUp = kept('closeUp') === 'yes';
    this.theme = kept('theme') ?? 'auto';
    this.listeners = [];
    document.documentElement.dataset.theme = this.theme;
  }

  /// A drop-down of the page's own settings; `onchange` runs after the colours have changed.
  choice(label, options, value, onchange) {
    const list = Object.entries(options).map(([key, shown]) => el('option', { value: key, selected: key === value }, shown));
    return el('label', {}, el('span', {}, label), el('select', { onchange: (event) => onchange(event.target.value) }, list));
  }

  /// What pictures depend on.
  look() {
    return `${this.colours} ${this.closeUp}`;
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  /// Those of a page that shows pictures, or of one that does not.
  controls(pictures = true) {
    return pictures ? [...this.ofPictures(), this.ofTheme()] : [this.ofTheme()];
  }

  ofPictures() {
    const maps = Object.fromEntries(Object.entries(colourMaps).map(([key, map]) => [key, map.label]));
    return [
      this.choice('Colours', maps, this.colours, (value) => {
        this.colours = value;
        keep('colours', value);
        this.changed();
      }),
      this.choice('Thumbnails', { no: 'whole', yes: 'close-up' }, this.closeUp ? 'yes' : 'no', (value) => {
        this.closeUp = value === 'yes';
        keep('closeUp', value);
        this.changed();
      }),
    ];
  }

  ofTheme() {
    return this.choice('Theme', { auto: 'as the system', light: 'light', dark: 'dark' }, this.theme, (value) => {
      this.theme = value;
      keep('theme', value);
      document.documentElement.dataset.theme = value;
    });
  }
}
