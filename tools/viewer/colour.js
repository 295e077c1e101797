/// Colour maps for activation maps. Their lightness only rises (jet's does not: it is here because
/// the field is used to it); the signed one is the same on both sides of zero.

import { colourStops } from './colour_stops.js'; // made by embed.cmake from the engine's own

/// 256 RGB triples between evenly spaced stops.
function table(stops) {
  const rgb = stops.split(' ').map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  const colours = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; ++i) {
    const at = (i / 255) * (rgb.length - 1);
    const low = Math.min(Math.floor(at), rgb.length - 2);
    for (let c = 0; c < 3; ++c) {
      colours[3 * i + c] = rgb[low][c] + (rgb[low + 1][c] - rgb[low][c]) * (at - low);
    }
  }
  return colours;
}

const ofStops = (name) => ({ colours: table(colourStops[name].stops), shares: colourStops[name].shares });

function jet() {
  const colours = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; ++i) {
    [0.75, 0.5, 0.25].forEach((centre, c) => {
      const height = 1.5 - 4 * Math.abs(i / 255 - centre);
      colours[3 * i + c] = 255 * Math.min(1, Math.max(0, height));
    });
  }
  return colours;
}

/// Each: its name, its colours, and the colour's share of a pixel at value 0 and at value 1. A signed
/// map has its zero in the middle of the table.
export const colourMaps = {
  ember: { label: 'ember', ...ofStops('ember') },
  dusk: { label: 'dusk (blue to yellow)', ...ofStops('dusk') },
  signed: { label: 'signed (blue against, orange for)', signed: true, ...ofStops('signed') },
  jet: { label: 'jet', colours: jet(), shares: [0.25, 0.7] },
};

/// Fills an element with the colours from nothing to a map's maximum, `most` as written; with nothing where it is null.
export function drawColourBar(element, name, most) {
  element.hidden = most === null;
  if (most === null) return;
  const map = colourMaps[name];
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 256, height: 1 });
  const strip = new ImageData(256, 1);
  for (let i = 0; i < 256; ++i) strip.data.set([...map.colours.slice(3 * i, 3 * i + 3), 255], 4 * i);
  canvas.getContext('2d').putImageData(strip, 0, 0);
  const word = (text) => Object.assign(document.createElement('span'), { textContent: text });
  const note = word('the map\u2019s own maximum: two maps\u2019 colours cannot be compared');
  note.className = 'note';
  element.replaceChildren(word(map.signed ? `\u2212${most}` : '0'), canvas, word(most), note);
}

/// Writes the colour for `value` (-1 to 1, of the map's largest magnitude) over the pixel at `at`.
export function blend(map, value, pixels, at) {
  const size = map.signed ? Math.abs(value) : Math.max(0, value);
  const index = 3 * Math.round(255 * (map.signed ? (value + 1) / 2 : size));
  const share = map.shares[0] + (map.shares[1] - map.shares[0]) * size;
  const { colours } = map;
  pixels[at] += (colours[index] - pixels[at]) * share;
  pixels[at + 1] += (colours[index + 1] - pixels[at + 1]) * share;
  pixels[at + 2] += (colours[index + 2] - pixels[at + 2]) * share;
}
