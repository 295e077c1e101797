#!/usr/bin/env bash
# torchvision writes ONNX files in which every region of a detector is read half a cell away.
# Library: torchvision 0.14.1 (Debian 12: python3-torchvision 0.14.1-2), torch.onnx.export of PyTorch 1.13.1 (python3-torch
# 1.13.1+dfsg-4), run by ONNX Runtime 1.30.0 (npm: onnxruntime-node 1.30.0).
# Behaviour: roi_align takes "aligned", false unless told otherwise, as torchvision's Faster R-CNN and Mask R-CNN have it; true moves
# the regions by half a cell. ONNX's RoiAlign has no such setting before opset 16 and means false. From opset 16 on there is
# coordinate_transformation_mode, and where it is left out it means true. The exporter writes no such attribute into any opset: the
# same code gives a right file in opset 11 to 15 and another network in opset 16. For aligned=True it is the other way round,
# and the exporter warns (in opset 16, too); here it says nothing. Checker and shape inference see no fault. What helps: to
# set coordinate_transformation_mode to "output_half_pixel" in the file.
# Seen, 2026-12-01, a map whose cells are 10 x row + column, the region from 1, 1 to 5, 5 in 2 x 2 parts:
#   aligned=false, opset 11: torchvision 22 24 42 44, its file 22 24 42 44
#   aligned=false, opset 15: torchvision 22 24 42 44, its file 22 24 42 44
#   aligned=false, opset 16: torchvision 22 24 42 44, its file 16.5 18.5 36.5 38.5
#   aligned=true, opset 11: torchvision 16.5 18.5 36.5 38.5, its file 22 24 42 44, warned
#   aligned=true, opset 15: torchvision 16.5 18.5 36.5 38.5, its file 22 24 42 44, warned
#   aligned=true, opset 16: torchvision 16.5 18.5 36.5 38.5, its file 16.5 18.5 36.5 38.5, warned
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torchvision=0.14.1-2 python3-torch=1.13.1+dfsg-4 python3-onnx=1.12.0-2+b4
npm i --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0

cat >nets.py <<'PY'
import json
import sys
import warnings

import onnx
import torch
from torchvision.ops import roi_align

region = torch.tensor([[0.0, 1.0, 1.0, 5.0, 5.0]])


class Regions(torch.nn.Module):
    def __init__(self, aligned):
        super().__init__()
        self.aligned = aligned

    def forward(self, x):
        return roi_align(x, region, (2, 2), sampling_ratio=2, aligned=self.aligned)


x = (10 * torch.arange(8.0).view(-1, 1) + torch.arange(8.0)).view(1, 1, 8, 8)
nets = []
for aligned in (False, True):
    for opset in (11, 15, 16):
        name = f"{aligned}{opset}.onnx"
        sys.stdout = sys.stderr  # it tells of each file there
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.onnx.export(Regions(aligned), x, name, opset_version=opset, input_names=["x"], output_names=["y"])
        sys.stdout = sys.__stdout__
        onnx.checker.check_model(onnx.load(name), full_check=True)
        warned = any("aligned" in str(w.message) for w in caught)
        nets.append(dict(name=name, aligned=aligned, opset=opset, warned=warned, right=Regions(aligned)(x).flatten().tolist()))
with open("nets.json", "w") as file:
    json.dump(dict(x=x.flatten().tolist(), nets=nets), file)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s nets.py 2>errors || { cat errors; exit 1; }

cat >run.mjs <<'JS'
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const {x, nets} = JSON.parse(fs.readFileSync('nets.json'));
let seen = true;
for (const {name, aligned, opset, warned, right} of nets) {
  const session = await ort.InferenceSession.create(name);
  const got = Array.from((await session.run({x: new ort.Tensor('float32', Float32Array.from(x), [1, 1, 8, 8])})).y.data);
  const same = got.every((v, i) => Math.abs(v - right[i]) < 1e-3);
  console.log(`aligned=${aligned}, opset ${opset}: torchvision ${right.join(' ')}, its file ${got.join(' ')}${warned ? ', warned' : ''}`);
  seen &&= same === (aligned ? opset === 16 : opset < 16) && (aligned || !warned);
}
process.exit(seen ? 0 : 1);
JS
node run.mjs
