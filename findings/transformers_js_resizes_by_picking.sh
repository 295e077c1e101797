#!/usr/bin/env bash
# Transformers.js makes photographs smaller by picking pixels, not as Pillow does, which its networks were trained behind.
# Library: @huggingface/transformers 4.3.2 (npm; with sharp, as in Node), beside Pillow 9.4.0 (Debian 12: python3-pil
# 9.4.0-1.1+deb12u1), which the same networks' preprocessor uses in Python.
# Behaviour: a network's preprocessor_config.json says "resample", by Pillow's numbers (2 bilinear, 3 bicubic), and the code that resizes
# has the comment "This matches how the python Pillow library does it". Pillow's filters average over all pixels that become one.
# Here a bilinear or bicubic picture comes from an affine transformation without any average: at half or a quarter of the
# size both are every second or fourth pixel, a line of one pixel is gone or not by where it stands, fine stripes become one
# plain colour, and the picture lies half a pixel to the left. A larger picture lies so, too, and its last column and row are mixed
# with black. The class of a photograph can be another than in Python; nothing is said. (In a browser a canvas resizes.)
# Seen, 2026-12-01, rows of 16 pixels in pictures of 16 x 16, through ViTImageProcessor without scaling of the values:
#   stripes, 16 to 4, bilinear: 0 0 0 0, Pillow 118 128 128 137
#   stripes, 16 to 4, bicubic: 0 0 0 0, Pillow 118 129 126 137
#   line, 16 to 8, bilinear: 0 0 0 0 0 0 0 0, Pillow 0 0 0 0 96 32 0 0
#   edge, 16 to 4, bilinear: 0 0 255 255, Pillow 0 32 223 255
#   ramp, 16 to 4, bilinear: 0 68 136 204, Pillow 32 94 162 223
#   ramp, 16 to 4, bicubic: 0 68 136 204, Pillow 27 92 163 228
#   ramp, 16 to 32, bilinear: 204 213 221 230 238 247 255 128, Pillow 200 208 217 225 234 242 251 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-pil=9.4.0-1.1+deb12u1 python3-numpy=1:1.24.2-1+deb12u1
npm i --ignore-scripts --silent --no-audit --no-fund @huggingface/transformers@4.3.2

cat >pillow.py <<'END'
import json

import numpy
from PIL import Image

rows = {"stripes": [i % 2 * 255 for i in range(16)], "line": [(i == 9) * 255 for i in range(16)],
        "edge": [(i >= 8) * 255 for i in range(16)], "ramp": [i * 17 for i in range(16)]}
cases = []
for name, size, resample in [("stripes", 4, 2), ("stripes", 4, 3), ("line", 8, 2), ("edge", 4, 2), ("ramp", 4, 2), ("ramp", 4, 3),
                             ("ramp", 32, 2)]:
    picture = Image.fromarray(numpy.tile(numpy.uint8(rows[name]), (16, 1))).convert("RGB")
    right = numpy.array(picture.resize((size, size), resample))[size // 2, :, 0].tolist()
    cases.append({"name": name, "row": rows[name], "size": size, "resample": resample, "right": right})
json.dump(cases, open("cases.json", "w"))
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s pillow.py

cat >resize.mjs <<'END'
import {RawImage, ViTImageProcessor} from '@huggingface/transformers';
import fs from 'node:fs';

let seen = true;
for (const {name, row, size, resample, right} of JSON.parse(fs.readFileSync('cases.json'))) {
  const picture = new RawImage(Uint8ClampedArray.from({length: 16 * 16 * 3}, (_, i) => row[Math.floor(i / 3) % 16]), 16, 16, 3);
  const resize = {do_resize: true, size: {height: size, width: size}, resample};
  const processor = new ViTImageProcessor({...resize, do_rescale: false, do_normalize: false});
  const {pixel_values} = await processor(picture);
  const got = Array.from(pixel_values.data.slice(size * size / 2, size * size / 2 + size));  // red, the middle row
  const told = values => values.slice(-8).join(' ');
  console.log(`${name}, 16 to ${size}, ${resample === 2 ? 'bilinear' : 'bicubic'}: ${told(got)}, Pillow ${told(right)}`);
  const picked = got.every((v, i) => v === row[i * 16 / size]);
  seen &&= size < 16 ? picked && got.some((v, i) => Math.abs(v - right[i]) > 20) : got.at(-1) === 128 && right.at(-1) === 255;
}
process.exit(seen ? 0 : 1);
END
node resize.mjs
