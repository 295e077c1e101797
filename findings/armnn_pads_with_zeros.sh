#!/usr/bin/env bash
# Arm NN's optimiser makes zeros of a Pad's value when a convolution comes after it.
# Library: Arm NN 20.08 (Debian 12: python3-pyarmnn 20.08-12, libarmnn-cpuref-backend22 20.08-12), its reference backend CpuRef.
# Behaviour: a Pad layer has a value for what it puts around a map, PadDescriptor.m_PadValue, as TensorFlow Lite's PADV2 has; a white frame or the
# lowest number. Optimize, which every network goes through, takes a Pad before a convolution away and gives its sizes to the
# convolution, whose own padding is zeros. It doesn't look at the value: every number along the
# map's border is another one, in silence. With a layer between the two, and with a value of 0, it is right.
# Seen, 2026-12-01, 3 x 3 sums over 1 to 9 with a frame of one cell:
#   0: 12 21 16 27 45 33 24 39 28 right 12 21 16 27 45 33 24 39 28
#   1, an activation between: 17 24 21 30 45 36 29 42 33 right 17 24 21 30 45 36 29 42 33
#   1: 12 21 16 27 45 33 24 39 28 right 17 24 21 30 45 36 29 42 33
#   -100: 12 21 16 27 45 33 24 39 28 right -488 -279 -484 -273 45 -267 -476 -261 -472
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-pyarmnn=20.08-12 libarmnn-cpuref-backend22=20.08-12

cat >pads.py <<'PY'
import os
import sys

import numpy as np
import pyarmnn as ann

options = ann.CreationOptions()
options.m_DynamicBackendsPath = os.path.abspath("root/usr/lib/x86_64-linux-gnu/armnn22")
runtime = ann.IRuntime(options)


def info(*shape):
    return ann.TensorInfo(ann.TensorShape(shape), ann.DataType_Float32)


def sums(value, between):
    """A Pad of one cell, perhaps a layer that changes nothing, and 3 x 3 sums, as Arm NN runs them."""
    network = ann.INetwork()
    pad = ann.PadDescriptor([(0, 0), (0, 0), (1, 1), (1, 1)])
    pad.m_PadValue = value
    kernel = np.ones((1, 1, 3, 3), np.float32)
    convolution = ann.Convolution2dDescriptor()
    convolution.m_StrideX = convolution.m_StrideY = 1
    convolution.m_DataLayout = ann.DataLayout_NCHW
    same = ann.ActivationDescriptor()
    same.m_Function, same.m_A, same.m_B = ann.ActivationFunction_Linear, 1.0, 0.0
    layers = [(network.AddInputLayer(0), info(1, 1, 3, 3)), (network.AddPadLayer(pad), info(1, 1, 5, 5))]
    if between:
        layers.append((network.AddActivationLayer(same), info(1, 1, 5, 5)))
    weights = ann.ConstTensor(info(1, 1, 3, 3), kernel)
    layers.append((network.AddConvolution2dLayer(convolution, weights, ann.ConstTensor()), info(1, 1, 3, 3)))
    layers.append((network.AddOutputLayer(0), None))
    for (above, shape), (below, _) in zip(layers, layers[1:]):
        above.GetOutputSlot(0).SetTensorInfo(shape)
        above.GetOutputSlot(0).Connect(below.GetInputSlot(0))
    optimised, _ = ann.Optimize(network, [ann.BackendId("CpuRef")], runtime.GetDeviceSpec(), ann.OptimizerOptions())
    identifier, _ = runtime.LoadNetwork(optimised)
    inputs = ann.make_input_tensors([(0, info(1, 1, 3, 3))], [numbers])
    outputs = ann.make_output_tensors([(0, runtime.GetOutputTensorInfo(identifier, 0))])
    runtime.EnqueueWorkload(identifier, inputs, outputs)
    return ann.workload_tensors_to_ndarray(outputs)[0].flatten().tolist()


numbers = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
seen = True
for value, between in ((0.0, False), (1.0, True), (1.0, False), (-100.0, False)):
    padded = np.pad(numbers[0, 0], 1, constant_values=value)
    right = [float(padded[r:r + 3, c:c + 3].sum()) for r in range(3) for c in range(3)]
    got = sums(value, between)
    print(f"{value:g}{', an activation between' if between else ''}:", *(f"{v:g}" for v in got), "right", *(f"{v:g}" for v in right))
    seen &= (got == right) == (value == 0 or between)
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s pads.py
