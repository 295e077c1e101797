#!/usr/bin/env python3
"""Writes guided.h5, PyTorch's guided backpropagation through two small networks down to the image.

Run with Debian's python3-torch (1.13) and python3-h5py:

    /usr/bin/python3 tests/goldens/make_guided_goldens.py [OUTPUT]

NET.CASE.neuron is (node, channel, y, x), the node counted as tests/runtime/guided_test.cpp builds the net;
NET.CASE.gradient is the whole (3, 24, 24) gradient, float32 of a float64 computation. Weights and image
are Noise's sequence, which the test repeats; the ReLU's backward is max(gradient, 0) where its output is
positive (Springenberg et al. 2015).
"""
import argparse
from pathlib import Path

import h5py
import torch
import torch.nn.functional as F

SIDE = 24


class Noise:
    """The values of a linear congruential generator in [-1, 1), exact in float32."""

    def __init__(self, seed):
        self.seed = seed

    def tensor(self, shape, scale=1.0):
        values = []
        for _ in range(torch.Size(shape).numel()):
            self.seed = (self.seed * 1664525 + 1013904223) % 2**32
            values.append(((self.seed >> 8) / 2**23 - 1) * scale)
        return torch.tensor(values, dtype=torch.float64).reshape(shape)


def weight_scale(fan_in):
    """The largest power of two within the bound sqrt(6 / fan_in) of He's uniform initialisation."""
    scale = 1.0
    while scale * scale * fan_in > 6:
        scale /= 2
    return scale


class GuidedRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.clamp(min=0)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient.clamp(min=0) * (y > 0)


class Net:
    """Appends nodes in the test's order; nodes[i] is node i's output."""

    def __init__(self, seed):
        self.noise = Noise(seed)
        self.image = self.noise.tensor((1, 3, SIDE, SIDE)).requires_grad_()
        self.nodes = [self.image]
        self.closest = 1.0  # of any value before a ReLU to 0: float32 must not turn its sign

    def append(self, value, relu):
        if relu:
            self.closest = min(self.closest, value.abs().min().item())
            value = GuidedRelu.apply(value)
        self.nodes.append(value)
        return len(self.nodes) - 1

    def weights(self, shape):
        weight = self.noise.tensor(shape, weight_scale(torch.Size(shape[1:]).numel()))
        return weight, self.noise.tensor(shape[:1], 0.0625)

    def conv(self, node, channels, size, stride, pad, relu):
        x = self.nodes[node]
        weight, bias = self.weights((channels, x.shape[1], size, size))
        return self.append(F.conv2d(x, weight, bias, stride, pad), relu)

    def linear(self, node, units, relu):
        x = self.nodes[node].flatten(1)
        weight, bias = self.weights((units, x.shape[1]))
        return self.append(F.linear(x, weight, bias)[:, :, None, None], relu)

    def max_pool(self, node, size, stride, pad):
        return self.append(F.max_pool2d(self.nodes[node], size, stride, pad), False)

    def average(self, node, size):
        return self.append(F.adaptive_avg_pool2d(self.nodes[node], size), False)

    def add(self, first, second):
        return self.append(self.nodes[first] + self.nodes[second], True)


def plain_net():
    """VGG's pattern: pairs of convolutions, pools, a hidden layer."""
    net = Net(1)
    node = net.conv(0, 6, 3, 1, 1, True)
    node = net.conv(node, 8, 3, 1, 1, True)
    node = net.max_pool(node, 2, 2, 0)
    first = net.conv(node, 10, 3, 1, 1, True)
    second = net.conv(first, 10, 3, 1, 1, True)
    node = net.max_pool(second, 2, 2, 0)
    node = net.average(node, 2)
    node = net.linear(node, 16, True)
    scores = net.linear(node, 5, False)
    return net, [(first, 0, 0), (second, 5, 4), (second, 11, 7), (scores, 0, 0)]


def residual_net():
    """ResNet's pattern: overlapping pool, an identity block, a block with a strided shortcut."""
    net = Net(2)
    node = net.conv(0, 8, 3, 1, 1, True)
    node = net.max_pool(node, 3, 2, 1)
    branch = net.conv(net.conv(node, 8, 3, 1, 1, True), 8, 3, 1, 1, False)
    first = net.add(branch, node)
    branch = net.conv(net.conv(first, 12, 3, 2, 1, True), 12, 3, 1, 1, False)
    shortcut = net.conv(first, 12, 1, 2, 0, False)
    second = net.add(branch, shortcut)
    node = net.average(second, 1)
    scores = net.linear(node, 5, False)
    return net, [(first, 0, 11), (first, 6, 5), (second, 2, 3), (scores, 0, 0)]


def write(file, name, net, cases):
    assert net.closest > 2e-6, net.closest
    for index, (node, y, x) in enumerate(cases):
        values = net.nodes[node][0, :, y, x]
        channel = int(values.argmax())
        assert values[channel] > 0
        (gradient,) = torch.autograd.grad(values[channel], net.image, retain_graph=True)
        file[f"{name}.{index}.neuron"] = torch.tensor([node, channel, y, x], dtype=torch.int32).numpy()
        file.create_dataset(f"{name}.{index}.gradient", data=gradient[0].float().numpy(),
                            compression="gzip", compression_opts=9, shuffle=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("guided.h5"))
    output = parser.parse_args().output
    with h5py.File(output, "w", libver="latest") as file:
        write(file, "plain", *plain_net())
        write(file, "residual", *residual_net())
    print(output, output.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
