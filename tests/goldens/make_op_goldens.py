#!/usr/bin/env python3
"""Writes ops.h5, the values and gradients that PyTorch gives for small cases of every op.

Run with Debian's python3-torch (1.13) and python3-h5py:

    /usr/bin/python3 tests/goldens/make_op_goldens.py [OUTPUT]

Each tensor is a data set named OP.CASE.TENSOR: float32, positions int32. Inputs are drawn from fixed
seeds in float32 and computed with in float64, so a run gives the same file again (on another CPU a
softmax may change in its last bit). tests/*_test.cpp hold the cases' strides, paddings and groups too.
"""
import argparse
import zlib
from pathlib import Path

import h5py
import torch
import torch.nn.functional as F

# name: batch, in_channels, height, width, out_channels, kernel, stride, padding, groups
CONV_CASES = {
    "k1": (2, 5, 4, 5, 4, (1, 1), (1, 1), (0, 0), 1),
    "k1_stride2": (1, 16, 7, 5, 16, (1, 1), (2, 2), (0, 0), 1),
    "k3": (2, 4, 7, 5, 6, (3, 3), (1, 1), (1, 1), 1),
    "k3_wide": (1, 16, 5, 6, 16, (3, 3), (1, 1), (1, 1), 1),
    "k3_stride2": (2, 3, 9, 6, 5, (3, 3), (2, 2), (1, 1), 1),
    "k5x3": (2, 3, 8, 7, 4, (5, 3), (2, 1), (2, 0), 1),
    "k7_stride2": (1, 3, 11, 14, 2, (7, 7), (2, 2), (3, 3), 1),
    "k11_stride4": (1, 3, 15, 19, 2, (11, 11), (4, 4), (2, 2), 1),
    "groups2": (2, 4, 6, 5, 6, (3, 3), (1, 1), (1, 1), 2),
    "depthwise": (2, 6, 5, 7, 6, (3, 3), (2, 2), (1, 1), 6),
}
# name: shape, kernel, stride, padding
POOL_CASES = {
    "k2": ((2, 3, 7, 6), 2, 2, 0),
    "k3_stride2": ((1, 4, 7, 9), 3, 2, 0),
    "k3_stride2_pad1": ((2, 3, 7, 8), 3, 2, 1),
    "k3x2": ((1, 3, 6, 5), (3, 2), (1, 2), (1, 0)),
}
# name: shape, output size
ADAPTIVE_CASES = {
    "7_to_7": ((1, 2, 7, 7), (7, 7)),
    "3_to_2": ((2, 3, 3, 3), (2, 2)),
    "5_to_3": ((2, 2, 5, 5), (3, 3)),
    "13_to_6": ((1, 2, 13, 13), (6, 6)),
    "1_to_7": ((1, 3, 1, 1), (7, 7)),
    "3_to_7": ((2, 2, 3, 3), (7, 7)),
    "5x8_to_7x3": ((1, 2, 5, 8), (7, 3)),
    "global": ((2, 3, 5, 6), (1, 1)),
}


class Source:
    """Random tensors of one case: seeded by its name, so a new case leaves the others as they are."""

    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def uniform(self, *shape):
        """float32 numbers in [-1, 1), as float64."""
        return (torch.rand(shape, generator=self.generator) * 2 - 1).double()

    def whole(self, low, high, *shape):
        """Whole numbers from low to high - 1: many ties."""
        return torch.randint(low, high, shape, generator=self.generator).double()


def write(file, case, **tensors):
    for name, tensor in tensors.items():
        whole = tensor.dtype in (torch.int32, torch.int64)
        file[f"{case}.{name}"] = tensor.detach().to(torch.int32 if whole else torch.float32).numpy()


def gradient(x, y, dy):
    return torch.autograd.grad(y, x, dy, retain_graph=True)[0]


def conv(file):
    for name, (n, c, h, w, out, kernel, stride, padding, groups) in CONV_CASES.items():
        source = Source("conv." + name)
        x = source.uniform(n, c, h, w).requires_grad_()
        weight, bias = source.uniform(out, c // groups, *kernel), source.uniform(out)
        y = F.conv2d(x, weight, bias, stride, padding, groups=groups)
        dy = source.uniform(*y.shape)
        write(file, "conv." + name, x=x, weight=weight, bias=bias, y=y, dy=dy,
              dx=gradient(x, y, dy), dx_relu=gradient(x, y.relu(), dy))


def linear(file):
    source = Source("linear.map")
    x = source.uniform(3, 4, 5, 2).requires_grad_()
    weight, bias = source.uniform(7, 40), source.uniform(7)
    y = F.linear(torch.flatten(x, 1), weight, bias)
    dy = source.uniform(*y.shape)
    write(file, "linear.map", x=x, weight=weight, bias=bias, y=y, dy=dy,
          dx=gradient(x, y, dy), dx_relu=gradient(x, y.relu(), dy))


def pool(file):
    for name, (shape, kernel, stride, padding) in POOL_CASES.items():
        source = Source("pool." + name)
        x = source.whole(-4, 0, *shape).requires_grad_()  # ties, and padding that would win as 0
        y, argmax = F.max_pool2d(x, kernel, stride, padding, return_indices=True)
        mean = F.avg_pool2d(x, kernel, stride, padding)
        dy = source.uniform(*y.shape)
        write(file, "pool." + name, x=x, dy=dy, max=y, argmax=argmax, dx_max=gradient(x, y, dy),
              mean=mean, dx_mean=gradient(x, mean, dy))
    for name, (shape, size) in ADAPTIVE_CASES.items():
        source = Source("adaptive." + name)
        x = source.uniform(*shape).requires_grad_()
        y = F.adaptive_avg_pool2d(x, size)
        dy = source.uniform(*y.shape)
        write(file, "adaptive." + name, x=x, y=y, dy=dy, dx=gradient(x, y, dy))


def elementwise(file):
    source = Source("elementwise")
    a, b = source.uniform(2, 2, 3, 5).requires_grad_(), source.uniform(2, 2, 3, 5)
    dy = source.uniform(2, 2, 3, 5)
    write(file, "elementwise", a=a, b=b, dy=dy, relu=a.relu(),
          dx_relu=gradient(a, a.relu(), dy), sum=a + b, sum_relu=(a + b).relu(),
          da_sum_relu=gradient(a, (a + b).relu(), dy))


def softmax(file):
    for name, scale in {"small": 1.0, "large": 100.0}.items():
        source = Source("softmax." + name)
        x = (source.uniform(4, 11) * scale).float().double().requires_grad_()
        y = torch.softmax(x, 1)
        dy = source.uniform(4, 11)
        write(file, "softmax." + name, x=x, y=y, dy=dy, dx=gradient(x, y, dy))


def gap_reduce(file):
    for name, (h, w) in {"5x7": (5, 7), "16x17": (16, 17)}.items():
        source = Source("gap_reduce." + name)
        feature = source.uniform(1, 3, h, w).relu()
        g = source.uniform(2, 3, h, w)
        g[1, 2] = -g[1, 2].abs()  # no positive A
        a = (g * feature).flatten(2)
        peak, position = a.max(2)
        none = peak <= 0
        position[none] = -1
        write(file, "gap_reduce." + name, gradient=g, feature=feature, alpha=a.mean(2),
              peak=peak.clamp(min=0), position=position, mean_gradient=g.flatten(2).mean(2),
              max_gradient=g.flatten(2).max(2)[0])


def topk(file):
    for name, count in {"n5": 5, "n12": 12}.items():
        source = Source("topk." + name)
        alpha = source.whole(-3, 4, 4, 12)  # ties
        values, channels = torch.sort(alpha, dim=1, descending=True, stable=True)
        channels[values <= 0] = -1
        write(file, "topk." + name, alpha=alpha, channels=channels[:, :count])


def create_without_times(path):
    """An HDF5 file in the compact newest format, less its time stamps: the same bytes every time."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_obj_track_times(False)
    return h5py.File(h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, creation, access))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("ops.h5"))
    output = parser.parse_args().output
    with h5py.File(output, "w") as file:
        for op in (conv, linear, pool, elementwise, softmax, gap_reduce, topk):
            op(file)


if __name__ == "__main__":
    main()
