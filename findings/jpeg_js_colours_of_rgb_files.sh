#!/usr/bin/env bash
# jpeg-js takes the red, green and blue of an RGB JPEG for brightness and colour differences.
# Library: jpeg-js 0.4.4 (npm), as image-js and Jimp use it; the files are written by libjpeg-turbo's cjpeg 2.1.5 (Debian 12:
# libjpeg-turbo-progs 1:2.1.5-2), and read back by its djpeg.
# Behaviour: a JPEG may hold red, green and blue as they are, which keeps sharp coloured edges (cjpeg -rgb, figures and scans); the
# marker "Adobe" with transform 0 says so. jpeg-js has a comment that this marker comes before its default, and then asks
# whether transform is other than 0 alone: 0 is as if there were no marker, and the three are turned from YCbCr to RGB once
# more. Of a photograph all colours are wrong, its size is right, there is no error, and a network gives some class. What
# helps: decode(..., {colorTransform: false}), which makes a mess of all others.
# Seen, 2026-12-01, pixels of plain pictures, right by djpeg:
#   red, YCbCr: right 220 30 40, jpeg-js 219 30 40
#   red, RGB: right 220 30 40, jpeg-js 96 255 46
#   green, YCbCr: right 19 200 59, jpeg-js 19 200 59
#   green, RGB: right 20 200 60, jpeg-js 0 43 147
#   skin, YCbCr: right 230 181 151, jpeg-js 229 180 151
#   skin, RGB: right 230 180 150, jpeg-js 255 196 255
#   grey, YCbCr: right 200 200 200, jpeg-js 200 200 200
#   grey, RGB: right 200 200 200, jpeg-js 255 123 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libjpeg-turbo-progs=1:2.1.5-2
npm i --ignore-scripts --silent --no-audit --no-fund jpeg-js@0.4.4

cat >run.mjs <<'JS'
import fs from 'node:fs';
import {execFileSync} from 'node:child_process';
import jpeg from 'jpeg-js';

const [bin, libraries] = process.argv.slice(2);
const tool = (name, ...args) => execFileSync(`${bin}/${name}`, args, {env: {LD_LIBRARY_PATH: libraries}});
let seen = true;
for (const [name, colour] of Object.entries({red: [220, 30, 40], green: [20, 200, 60], skin: [230, 180, 150], grey: [200, 200, 200]})) {
  fs.writeFileSync('plain.ppm', Buffer.concat([Buffer.from('P6 16 16 255\n'), Buffer.from(Array(256).fill(colour).flat())]));
  for (const [kind, options] of Object.entries({YCbCr: [], RGB: ['-rgb']})) {
    tool('cjpeg', '-quality', '100', ...options, '-outfile', 'plain.jpg', 'plain.ppm');
    const right = tool('djpeg', 'plain.jpg').subarray(-3);
    const got = jpeg.decode(fs.readFileSync('plain.jpg'), {useTArray: true}).data.subarray(0, 3);
    const off = Math.max(...right.map((v, i) => Math.abs(v - got[i])));
    console.log(`${name}, ${kind}: right ${right.join(' ')}, jpeg-js ${got.join(' ')}`);
    seen &&= kind === 'RGB' ? off > 40 : off < 4;
    if (kind === 'RGB') {
      const helped = jpeg.decode(fs.readFileSync('plain.jpg'), {useTArray: true, colorTransform: false}).data;
      seen &&= right.every((v, i) => Math.abs(v - helped[i]) < 4);
    }
  }
}
process.exit(seen ? 0 : 1);
JS
node run.mjs "$T/root/usr/bin" "$L"
