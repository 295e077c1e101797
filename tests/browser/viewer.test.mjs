/// The page's pure parts, without a browser: colour maps and the pyramid's layout.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, source } from './browser.mjs';

const stops = await readFile(join(build, 'tools', 'viewer_files.cpp.stops.js'), 'utf8');
const module = async (name) => {
  const text = (await readFile(join(source, 'tools', 'viewer', name), 'utf8')).replace(/^import .*colour_stops.*$/m, stops);
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
};
const { blend, colourMaps } = await module('colour.js');
const { layOut } = await module('layout.js');

/// CIE lightness, 0 to 100.
function lightness([r, g, b]) {
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

const colourAt = (map, i) => [...map.colours.slice(3 * i, 3 * i + 3)];

function over(map, value, grey = 128) {
  const pixel = new Uint8ClampedArray([grey, grey, grey, 255]);
  blend(map, value, pixel, 0);
  return [...pixel.slice(0, 3)];
}

for (const name of ['ember', 'dusk']) {
  test(`${name} only grows lighter, so that it can be read without seeing colours`, () => {
    for (let i = 1; i < 256; ++i) {
      assert.ok(lightness(colourAt(colourMaps[name], i)) >= lightness(colourAt(colourMaps[name], i - 1)) - 0.2, `${name} ${i}`);
    }
    assert.ok(lightness(colourAt(colourMaps[name], 255)) - lightness(colourAt(colourMaps[name], 0)) > 70);
  });
}

test('the signed map is as strong below zero as above, and neutral at zero', () => {
  const map = colourMaps.signed;
  for (const value of [0.25, 0.5, 0.75, 1]) {
    assert.ok(Math.abs(lightness(over(map, value)) - lightness(over(map, -value))) < 8, String(value));
    const [r, , b] = over(map, value);
    const [r2, , b2] = over(map, -value);
    assert.ok(r > b && b2 > r2);
  }
  const [r, g, b] = over(map, 0);
  assert.ok(Math.max(r, g, b) - Math.min(r, g, b) < 6);
});

test('jet is the field\u2019s: blue, green, red; what is against counts as nothing there', () => {
  const map = colourMaps.jet;
  assert.deepEqual(colourAt(map, 255), [128, 0, 0]);
  assert.deepEqual(colourAt(map, 0), [0, 0, 128]);
  assert.deepEqual(over(map, -0.7), over(map, 0));
});

/// A tree of `top` children down `depth` levels, as rows.
function rowsOf(top, depth) {
  const rows = [[{ parent: null }]];
  for (let i = 0; i < depth; ++i) rows.push(rows.at(-1).flatMap((parent) => Array.from({ length: top }, () => ({ parent }))));
  return rows;
}

for (const [top, depth] of [[3, 5], [1, 5], [5, 4], [20, 2], [8, 3]]) {
  for (const width of [330, 900, 1500]) {
    test(`N ${top}, ${depth} levels, ${width} pixels: all nodes side by side inside`, () => {
      const rows = rowsOf(top, depth);
      const path = rows.map((row) => row[0]);
      path.forEach((node, i) => i > 0 && (path[i] = rows[i].filter((child) => child.parent === path[i - 1])[0]));
      for (const input of [[224, 224], [96, 160], [160, 96]]) {
        const { places, bands } = layOut(rows, path, width, input);
        rows.forEach((row, depthOfRow) => {
          const band = bands[depthOfRow];
          let end = -1;
          for (const node of row) {
            const place = places.get(node);
            assert.ok(place.x - place.width / 2 >= end - 1e-6, `row ${depthOfRow}: ${place.x - place.width / 2} < ${end}`);
            assert.ok(place.y >= band.y - 1e-6);
            if (place.kind !== 'tile') assert.ok(Math.abs(place.height * input[1] - place.width * input[0]) < 1e-6, 'another shape than the input');
            if (place.kind === 'open') assert.ok(place.y + place.height <= band.y + band.height + 1e-6);
            end = place.x + place.width / 2;
          }
          assert.ok(end <= width + 1e-6, `row ${depthOfRow} ends at ${end} of ${width}`);
          if (depthOfRow > 0) assert.ok(band.y >= bands[depthOfRow - 1].y + bands[depthOfRow - 1].height);
        });
      }
    });
  }
}
