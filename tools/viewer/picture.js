/// Draws activation maps over the photograph on canvases, with the peak as a dot and frames.
import { blend, colourMaps } from './colour.js';

/// The photograph as pixels of every size asked for, once each.
export class Photograph {
  constructor(image) {
    this.image = image;
    this.sizes = new Map();
  }

  static async load(source) {
    const image = new Image();
    image.src = source;
    await image.decode();
    return new Photograph(image);
  }

  pixels(side) {
    if (!this.sizes.has(side)) {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = side;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.imageSmoothingQuality = 'high';
      context.drawImage(this.image, 0, 0, side, side);
      this.sizes.set(side, context.getImageData(0, 0, side, side));
    }
    const kept = this.sizes.get(side);
    return new ImageData(new Uint8ClampedArray(kept.data), side, side);
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
  const side = image.width;
  const rows = blends(map.rows, side);
  const columns = blends(map.columns, side);
  const cells = Array.from({ length: map.rows }, (unused, row) => rowOf(map, row));
  for (let y = 0, at = 0; y < side; ++y) {
    const [top, bottom, down] = rows[y];
    const above = cells[top];
    const below = cells[bottom];
    for (let x = 0; x < side; ++x, at += 4) {
      const [left, right, along] = columns[x];
      const high = above[left] + (above[right] - above[left]) * along;
      const low = below[left] + (below[right] - below[left]) * along;
      blend(colours, high + (low - high) * down, image.data, at);
    }
  }
}

function paintPeak(context, node, side) {
  const x = ((node.x + 0.5) / node.map.columns) * side;
  const y = ((node.y + 0.5) / node.map.rows) * side;
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

/// A loupe in the corner away from the peak: the receptive field and a little around it.
function paintLoupe(context, node, side, input) {
  const [top, left, height, width] = node.field;
  const seen = Math.max(height, width) * 1.5;
  if (seen > input / 3) return;
  const scale = side / input;
  const size = side * 0.36;
  const x = left + width / 2 < input / 2 ? side - size - 8 : 8;
  const y = top + height / 2 < input / 2 ? side - size - 8 : 8;
  const edge = (at, extent) => Math.min(Math.max(at + extent / 2 - seen / 2, 0), input - seen);
  const ratio = context.canvas.width / side;
  context.imageSmoothingQuality = 'high';
  context.drawImage(context.canvas, edge(left, width) * scale * ratio, edge(top, height) * scale * ratio, seen * scale * ratio, seen * scale * ratio, x, y, size, size);
  for (const [line, colour] of [[4, 'rgba(0,0,0,.75)'], [1.75, '#fff']]) {
    context.lineWidth = line;
    context.strokeStyle = colour;
    context.strokeRect(x, y, size, size);
  }
}

/// How much closer a close-up of the node is: its receptive field becomes a third of the picture.
function zoomOf(node, input) {
  const seen = Math.max(node.field[2], node.field[3]) * 3;
  return Math.min(Math.max(input / seen, 1), 5);
}

/// The part of the picture around the node's receptive field.
function drawCloseUp(canvas, photograph, node, side, options) {
  const { closeUp: input } = options;
  const zoom = zoomOf(node, input);
  const whole = document.createElement('canvas');
  drawNode(whole, photograph, node, side * zoom, { ...options, closeUp: 0, noPeak: true });
  const pixels = whole.width / zoom;
  canvas.width = canvas.height = Math.round(pixels);
  const [top, left, height, width] = node.field;
  const edge = (at, extent) => Math.min(Math.max(((at + extent / 2) * whole.width) / input - pixels / 2, 0), whole.width - pixels);
  const context = canvas.getContext('2d');
  context.drawImage(whole, edge(left, width), edge(top, height), pixels, pixels, 0, 0, canvas.width, canvas.height);
  const ratio = canvas.width / side;
  context.scale(ratio, ratio);
  const shown = { ...node, x: 0, y: 0, map: { rows: 1, columns: 1 } };
  const cell = (at, cells, shift) => ((at + 0.5) / cells) * side * zoom - shift / ratio - side / 2;
  context.translate(cell(node.x, node.map.columns, edge(left, width)), cell(node.y, node.map.rows, edge(top, height)));
  paintPeak(context, shown, side);
}

/// Draws a node on a canvas of `side` CSS pixels: the photograph, its map, its peak, and with `frame`
/// (the network's input size in pixels) its receptive field. With `closeUp` (that size) the part around
/// the receptive field alone. The root is the photograph alone.
export function drawNode(canvas, photograph, node, side, options) {
  if (options.closeUp && node.map && zoomOf(node, options.closeUp) > 1) {
    drawCloseUp(canvas, photograph, node, side, options);
    return;
  }
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const pixels = Math.max(1, Math.round(side * ratio));
  canvas.width = canvas.height = pixels;
  const context = canvas.getContext('2d');
  const image = photograph.pixels(pixels);
  if (node.map && options.shown !== false) paintMap(image, node.map, colourMaps[options.colours]);
  context.putImageData(image, 0, 0);
  context.scale(ratio, ratio);
  if (node.map && options.frame) paintLoupe(context, node, side, options.frame);
  if (node.map && options.frame) paintFrame(context, node.field, side / options.frame);
  if (node.map && !options.noPeak) paintPeak(context, node, side);
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
