#!/usr/bin/python3
"""PyTorch's side of compare_torch.py: one task on one net, timed in a process of its own; prints one JSON object.

    bench/torch_saliency.py MODEL.h5 INPUT.npy TASK [--repetitions 3] [--threads 2] [--batch 10] [--samples 50]

float32, batch norm folded, parameters without gradients. The methods are those of the oracles in tests/.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(ROOT, "tests"))
from channel_scores import importances  # noqa: E402
from compare_saliency import Oracle  # noqa: E402
from folded_nets import FoldedNet  # noqa: E402
from map_likeness import entropy, ranks, ssim  # noqa: E402

TOP = 3
ABLATED = [1, 2, 4, 8, 16, 32, 64]
WAYS = 7  # of ranking channels, the random one with them


class Sampled(Oracle):
    """The oracle with its samples in batches."""

    def __init__(self, net, image, options):
        super().__init__(net, image, torch.zeros(1))
        self.options = options

    def mean_gradient(self, write):
        total = torch.zeros_like(self.image[0], dtype=torch.float64)
        for first in range(0, self.options.samples, self.options.batch):
            inputs = write(range(first, min(first + self.options.batch, self.options.samples)))
            total += self.score_gradient(inputs).double().sum(0)
        return (total / self.options.samples).float()

    def smoothgrad(self):
        random = torch.Generator().manual_seed(0)
        deviation = 0.15 * (self.image.max() - self.image.min())

        def noisy(samples):
            return self.image + deviation * torch.randn(len(samples), *self.image.shape[1:], generator=random)
        return self.mean_gradient(noisy)

    def integrated_gradients(self):
        def midpoints(samples):
            along = (torch.tensor(list(samples)) + 0.5) / self.options.samples
            return along.reshape(-1, 1, 1, 1) * self.image
        return self.image[0] * self.mean_gradient(midpoints)

    def all_maps(self):
        return [getattr(self, method)().double().numpy()
                for method in ("gradient", "smoothgrad", "guided", "integrated_gradients", "gap")]


def randomise(oracle):
    """As `hdecomp randomise` does without other images: the maps before, of the second class, and after each step."""
    net, own = oracle.net, dict(oracle.net.layers)
    names = [name for name in net.weights() if not name.endswith("downsample")]
    before = [summed(map_) for map_ in oracle.all_maps()]
    decision, scores = oracle.decision, net.run(oracle.image)["scores"][0]
    oracle.decision = int(scores.topk(2).indices[1])
    second, figures = oracle.all_maps(), []
    figures.append([similarity(old, summed(new)) for old, new in zip(before, second)])
    oracle.decision = decision
    for name in names[::-1]:
        drawn = [name] + ([name.rsplit(".", 1)[0] + ".downsample"] if name.endswith("conv2") else [])
        for layer in set(drawn) & set(net.layers):
            weight, bias = net.layers[layer]
            net.layers[layer] = (torch.randn(weight.shape) * (2 / weight[0].numel()) ** 0.5, torch.zeros_like(bias))
        figures.append([similarity(old, summed(new)) for old, new in zip(before, oracle.all_maps())])
    net.layers = own
    return figures


def summed(map_):
    size, signed = np.abs(map_).sum(0), map_.sum(0)
    return size, signed, ranks(size.ravel()), ranks(signed.ravel())


def similarity(old, new):
    return (np.corrcoef(old[2], new[2])[0, 1], np.corrcoef(old[3], new[3])[0, 1],
            ssim(old[0], new[0]), entropy(new[0]))


class FromStage(FoldedNet):
    """VGG-16 from one of its stages on."""

    def scores_from(self, stage, x):
        block = int(stage[4])
        x = F.max_pool2d(x, 2, 2)
        for later, convs in [(3, 3), (4, 3), (5, 3)] if block >= 2 else [(2, 2), (3, 3), (4, 3), (5, 3)]:
            if later <= block:
                continue
            for i in range(1, convs + 1):
                x = F.relu(F.conv2d(x, *self.layers[f"conv{later}_{i}"], 1, 1))
            x = F.max_pool2d(x, 2, 2)
        x = x.flatten(1)
        for name in ("fc6", "fc7"):
            x = F.relu(F.linear(x, *self.layers[name]))
        return F.linear(x, *self.layers["fc8"])


def importance(oracle, options):
    """As `hdecomp importance` does: six rankings and a random one of each stage, the first channels of each set to
    their mean over the map, the scores after it."""
    net, stages, found = oracle.net, oracle.net.stages[::-1], []
    by_stage = importances(net, oracle.image, oracle.decision, stages, TOP, options.steps)
    with torch.inference_mode():
        features = net.run(oracle.image)
        for stage, scores in zip(stages, by_stage):
            feature = features[stage]
            orders = [np.argsort(-one, kind="stable") for one in scores]
            orders.append(np.random.default_rng(0).permutation(feature.shape[1]))
            assert len(orders) == WAYS
            items = [order[:n] for order in orders for n in ABLATED]
            means = feature.mean((2, 3), keepdim=True)
            for first in range(0, len(items), options.batch):
                part = items[first:first + options.batch]
                maps = feature.repeat(len(part), 1, 1, 1)
                for one, channels in zip(maps, part):
                    one[channels.copy()] = means[0, channels.copy()]
                found.append(net.scores_from(stage, maps).numpy())
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("input", help="the network's input, .npy")
    parser.add_argument("task")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=10, help="inputs at a time")
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    net = FromStage(options.model, torch.float32)
    oracle = Sampled(net, torch.from_numpy(np.load(options.input)), options)

    def forward():
        with torch.inference_mode():
            net.run(oracle.image)
    tasks = {"forward": forward, "importance": lambda: importance(oracle, options),
             "randomise": lambda: randomise(oracle)}
    body = tasks.get(options.task) or getattr(oracle, options.task.replace("-", "_"))
    times = []
    for i in range(-options.warm_up, options.repetitions):
        begin = time.perf_counter()
        body()
        if i >= 0:
            times.append(1e3 * (time.perf_counter() - begin))
    with open("/proc/self/status", encoding="ascii") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
    print(json.dumps({"ms": times, "peak_memory_kib": peak}))


if __name__ == "__main__":
    main()
