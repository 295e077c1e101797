#!/usr/bin/env bash
# PyTorch writes ONNX files that compute something else than the network: circular padding comes from the wrong column.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), torch.onnx.export, run by ONNX Runtime 1.30.0 (npm:
# onnxruntime-node 1.30.0).
# Behaviour: the exporter is documented to raise an error for what it cannot express, and does for many operators. Of these it
# writes valid files, without a warning, that give other numbers:
#   padding_mode="circular"      of convolutions, as for panoramas: left and upper padding are the last columns and rows
#                                but one (x[-2:-1] in place of x[-1:]), so that the border of every map is wrong
#   F.pad(..., mode="circular")  the same, and of an uneven padding the sides are exchanged
#   // of integers               PyTorch rounds down, ONNX's Div towards zero: other cells of a grid for negative numbers
#   scatter_add                  below opset 16: of several values for one place the last stays, in place of their sum
# A convolution that pads with zeros, and torch.div(..., rounding_mode="floor") of the same integers, are right.
# Seen, 2026-11-30, of the row 1 2 3 4 5 6; the convolution gives each pixel's left neighbour:
#   zeros, a convolution: PyTorch 0 1 2 3 4 5, its file 0 1 2 3 4 5
#   circular, a convolution: PyTorch 6 1 2 3 4 5, its file 5 1 2 3 4 5
#   circular, F.pad by 2 and 1: PyTorch 5 6 1 2 3 4 5 6 1, its file 5 1 2 3 4 5 6 1 2
#   (x - 4) // 2, integers: PyTorch -2 -1 -1 0 0 1, its file -1 -1 0 0 0 1
#   the same by torch.div: PyTorch -2 -1 -1 0 0 1, its file -2 -1 -1 0 0 1
#   sums of pairs: PyTorch 3 7 11, its file 2 4 6
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'END'
import json
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")


class Of(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def left_neighbours(mode):
    """A convolution that gives each pixel's left neighbour."""
    layer = nn.Conv2d(1, 1, (1, 3), padding=(0, 1), padding_mode=mode, bias=False)
    layer.weight.data[:] = torch.tensor([1.0, 0.0, 0.0])
    return layer


halves = torch.tensor([0, 0, 1, 1, 2, 2])
nets = {
    "zeros, a convolution": left_neighbours("zeros"),
    "circular, a convolution": left_neighbours("circular"),
    "circular, F.pad by 2 and 1": Of(lambda x: F.pad(x, (2, 1, 0, 0), mode="circular")),
    "(x - 4) // 2, integers": Of(lambda x: ((x - 4).long() // 2).float()),
    "the same by torch.div": Of(lambda x: torch.div((x - 4).long(), 2, rounding_mode="floor").float()),
    "sums of pairs": Of(lambda x: torch.zeros(1, 1, 1, 3).scatter_add(3, halves.expand(1, 1, 1, 6), x)),
}
x = torch.arange(1.0, 7.0).reshape(1, 1, 1, 6)
right = {}
for name, net in nets.items():
    right[name] = net(x).flatten().tolist()
    sys.stdout = sys.stderr  # it tells of each file there
    torch.onnx.export(net, x, name.replace("/", "by") + ".onnx", opset_version=13, input_names=["x"], output_names=["y"])
    sys.stdout = sys.__stdout__
with open("right.json", "w") as file:
    json.dump(right, file)
END
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py 2>errors || { cat errors; exit 1; }

cat >run.mjs <<'END'
import fs from 'fs';
import ort from 'onnxruntime-node';

const right = JSON.parse(fs.readFileSync('right.json'));
const controls = ['zeros, a convolution', 'the same by torch.div'];
const told = values => values.map(v => +v.toFixed(2)).join(' ');
let seen = true;
for (const name in right) {
  const session = await ort.InferenceSession.create(`${name.replaceAll('/', 'by')}.onnx`);
  const {y} = await session.run({x: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [1, 1, 1, 6])});
  const got = Array.from(y.data);
  console.log(`${name}: PyTorch ${told(right[name])}, its file ${told(got)}`);
  const same = got.length === right[name].length && got.every((v, i) => Math.abs(v - right[name][i]) < 1e-4);
  seen &&= same === controls.includes(name);
}
process.exit(seen ? 0 : 1);
END
node run.mjs
