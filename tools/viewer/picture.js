/// Draws activation maps over the photograph on canvases, with the peak as a dot and frames.
import { blend, colourMaps } from './colour.js';
import { fitted } from './layout.js';

/// The photograph as pixels of every size asked for, once each. `input`: the network's, [height, width] in pixels.
export class Photograph {
  constructor(image, input) {
    this.image = image;
    this.input = input;
    this.sizes = new Map();
  }

  static async load(source, input) {
    const image = new Image();
    image.src = source;
    await image.decode();
    return new Photograph(image, input);
  }

  /// [height, width] of the input's shape in a square.
  inside(side) {
    return fitted(this.input, side);
  }

  pixels(height, width) {
    const key = `${height} ${width}`;
    if (!this.sizes.has(key)) {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { height, width });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.imageSmoothingQuality = 'high';
      context.drawImage(this.image, 0, 0, width, height);
      this.sizes.set(key, context.getImageData(0, 0, width, height));
    }
    const kept = this.sizes.get(key);
    return new ImageData(new Uint8ClampedArray(kept.data), width, height);
  }
}

/// For each pixel of a side: two neighbouring cells and the share of the second.
function blends(cells, side) {
  return Array.from({ length: side }, (unused, i) => {
    const at = Math.min(Math.max(((i + 0.5) * cells) / side - 0.5, 0), cells - 1);
    const low = Math.floor(at);
    return [low, Math.min(low + 1, cells - 1), at - low];
  });
}

/// The map's values of a row of cells, of its largest magnitude; zero outside the part that is kept.
function rowOf(map, row) {
  const values = new Float32Array(map.columns);
  const y = row - map.y;
  if (y < 0 || y >= map.height) return values;
  for (let x = 0; x < map.width; ++x) values[map.x + x] = map.data[y * map.width + x] / 127;
  return values;
}

function paintMap(image, map, colours) {
  const rows = blends(map.rows, image.height);
  const columns = blends(map.columns, image.width);
  const cells = Array.from({ length: map.rows }, (unused, row) => rowOf(map, row));
  for (let y = 0, at = 0; y < image.height; ++y) {
    const [top, bottom, down] = rows[y];
    const above = cells[top];
    const below = cells[bottom];
    for (let x = 0; x < image.width; ++x, at += 4) {
      const [left, right, along] = columns[x];
      const high = above[left] + (above[right] - above[left]) * along;
      const low = below[left] + (below[right] - below[left]) * along;
      blend(colours, high + (low - high) * down, image.data, at);
    }
  }
}

/// A dot at (x, y), in a picture whose longer side is `side`.
function paintPeak(context, x, y, side) {
  const radius = Math.max(side / 55, side < 120 ? 3 : 4.5);
  for (const [size, colour] of [[1.55, '#000'], [1.25, '#fff'], [0.7, '#000']]) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius * size * 0.8, 0, 2 * Math.PI);
    context.fill();
  }
}

/// The receptive field's frame: light inside dark, so that it is seen on any photograph.
function paintFrame(context, field, scale) {
  const [top, left, height, width] = field.map((edge) => edge * scale);
  for (const [line, colour] of [[4, 'rgba(0,0,0,.75)'], [1.75, '#fff']]) {
    context.lineWidth = line;
    context.strokeStyle = colour;
    context.strokeRect(left + 1, top + 1, Math.max(width - 2, 3), Math.max(height - 2, 3));
  }
}

/// A loupe in the corner away from the peak: the receptive field and a little around it. `scale`: of the input's pixels.
function paintLoupe(context, node, input, scale, ratio) {
  const [top, left, height, width] = node.field;
  const seen = Math.max(height, width) * 1.5;
  const shorter = Math.min(...input);
  if (seen > shorter / 3) return;
  const size = shorter * scale * 0.36;
  const away = (at, extent, whole) => (at + extent / 2 < whole / 2 ? whole * scale - size - 8 : 8);
  const x = away(left, width, input[1]);
  const y = away(top, height, input[0]);
  const edge = (at, extent, whole) => Math.min(Math.max(at + extent / 2 - seen / 2, 0), whole - seen) * scale * ratio;
  context.imageSmoothingQuality = 'high';
  context.drawImage(context.canvas, edge(left, width, input[1]), edge(top, height, input[0]), seen * scale * ratio, seen * scale * ratio, x, y, size, size);
  for (const [line, colour] of [[4, 'rgba(0,0,0,.75)'], [1.75, '#fff']]) {
    context.lineWidth = line;
    context.strokeStyle = colour;
    context.strokeRect(x, y, size, size);
  }
}

/// A cell's middle in a picture that has `pixels` along its axis.
const placeOf = (cell, cells, pixels) => ((cell + 0.5) / cells) * pixels;

/// How much closer a close-up of the node is: its receptive field becomes a third of the picture.
function zoomOf(node, input) {
  const seen = Math.max(node.field[2], node.field[3]) * 3;
  return Math.min(Math.max(Math.min(...input) / seen, 1), 5);
}

/// The part of the picture around the node's receptive field.
function drawCloseUp(canvas, photograph, node, side, options) {
  const { input } = photograph;
  const zoom = zoomOf(node, input);
  const whole = document.createElement('canvas');
  drawNode(whole, photograph, node, side * zoom, { ...options, closeUp: false, noPeak: true });
  const [top, left, height, width] = node.field;
  // Of the rows, and of the columns: where the part begins, and how long it is.
  const part = (at, extent, all, pixels) => [Math.min(Math.max(((at + extent / 2) * pixels) / all - pixels / zoom / 2, 0), pixels - pixels / zoom), pixels / zoom];
  const [y, rows] = part(top, height, input[0], whole.height);
  const [x, columns] = part(left, width, input[1], whole.width);
  canvas.height = Math.round(rows);
  canvas.width = Math.round(columns);
  const context = canvas.getContext('2d');
  context.drawImage(whole, x, y, columns, rows, 0, 0, canvas.width, canvas.height);
  if (options.noPeak) return;
  const ratio = Math.max(canvas.width, canvas.height) / side;
  context.scale(ratio, ratio);
  paintPeak(context, (placeOf(node.x, node.map.columns, whole.width) - x) / ratio, (placeOf(node.y, node.map.rows, whole.height) - y) / ratio, side);
}

/// The colour map that a node is drawn with: what is against a decision has no colour but in the signed one.
export const coloursOf = (node, chosen) => (node.against ? 'signed' : chosen);

/// Draws a node on a canvas of `side` CSS pixels on its longer side: the photograph, its map, its peak, and with `frame`
/// its receptive field. With `closeUp` the part around the receptive field alone. The root is the photograph alone.
export function drawNode(canvas, photograph, node, side, options) {
  if (options.closeUp && node.map && zoomOf(node, photograph.input) > 1) {
    drawCloseUp(canvas, photograph, node, side, options);
    return;
  }
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [height, width] = photograph.inside(side);
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.width = Math.max(1, Math.round(width * ratio));
  const context = canvas.getContext('2d');
  const image = photograph.pixels(canvas.height, canvas.width);
  if (node.map && options.shown !== false) paintMap(image, node.map, colourMaps[coloursOf(node, options.colours)]);
  context.putImageData(image, 0, 0);
  context.scale(ratio, ratio);
  const scale = side / Math.max(...photograph.input);
  if (node.map && options.frame) paintLoupe(context, node, photograph.input, scale, ratio);
  if (node.field && options.frame) paintFrame(context, node.field, scale);
  if (node.map && !options.noPeak) paintPeak(context, placeOf(node.x, node.map.columns, width), placeOf(node.y, node.map.rows, height), side);
}

/// Guided backpropagation: zero is mid grey, the largest magnitude black or white.
export function drawGuided(canvas, guided) {
  const [, , height, width] = guided.field;
  canvas.height = height;
  canvas.width = width;
  const image = new ImageData(width, height);
  for (let i = 0; i < height * width; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = 127.5 + guided.data[c * height * width + i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}
