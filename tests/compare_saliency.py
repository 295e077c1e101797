#!/usr/bin/python3
"""Holds the maps of `hdecomp saliency` against PyTorch in float64, written from each method's definition: the largest
difference over the largest value of the map. One line a net; exit code 1 if a map is beyond 1e-4.

A map jumps where a ReLU's sum, or the difference of two inputs of a max-pool, is 0 but for rounding, and epsilon-LRP
where a sum is about epsilon: there no float32 network can have float64's map. So a map that is further off is held
against float64's way back over our own features instead, in which nothing jumps: within 1e-5 of that, and each layer of
ours within what rounding does to sums of so many terms (rounding_of), shows that rounding alone is the cause. The line names both.

SmoothGrad's noise goes to both sides as a file. Needs Debian's python3-torch and python3-h5py.

    tests/compare_saliency.py [--build build] [NET.h5 PHOTO]...

Without nets: the bundled model, and a ResNet-18 and a ResNet-50 with seeded weights.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import torch
import torch.nn.functional as F

from folded_nets import FoldedNet, Ops, cells_of_mean
from over_our_features import SAME_FEATURES, our_features

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOLERANCE = 1e-4
EPSILON = 1e-6
SAMPLES = 6
SAMPLED = ["--samples", str(SAMPLES)]
TOP = 3


class GuidedRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        x, = ctx.saved_tensors
        return gradient.clamp(min=0) * (x > 0)


class Guided(Ops):
    def relu(self, x):
        return GuidedRelu.apply(x)


class PassedRelu(torch.autograd.Function):
    @staticmethod
    def forward(_ctx, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(_ctx, relevance):
        return relevance


def stabilised(z):
    return z + EPSILON * torch.where(z < 0, -torch.ones_like(z), torch.ones_like(z))


def shared(x, forward, parts, total=sum):
    """`forward(x)`, whose relevance goes to x by `parts`: a part is an input made of x, its op, and whether its
    gradient is times that input. `total`: what relevance is divided by, of the parts' outputs."""
    class Share(torch.autograd.Function):
        @staticmethod
        def forward(_ctx, value):
            return forward(value)

        @staticmethod
        def backward(_ctx, relevance):
            with torch.enable_grad():
                inputs = [make(x.detach()).requires_grad_(True) for make, _, _ in parts]
                outputs = [op(value) for value, (_, op, _) in zip(inputs, parts)]
                share = (relevance / stabilised(total(outputs))).detach()
                gradients = torch.autograd.grad(outputs, inputs, [share] * len(outputs))
            return sum(gradient * (value.detach() if times else 1)
                       for gradient, value, (_, _, times) in zip(gradients, inputs, parts))
    return Share.apply(x)


class Relevance(Ops):
    def __init__(self, rule, features=None):
        super().__init__(features)
        self.rule, self.first = rule, True

    def whole(self, x, op, terms):
        """An op by the epsilon rule."""
        return self.taken(shared(x, op, [(lambda v: v.clone(), op, True)], lambda outputs: self.taken(outputs[0], terms)),
                          terms)

    def conv(self, x, weight, bias, stride, pad):
        def by(w, b):
            return lambda value: F.conv2d(value, w, b, stride, pad)
        whole, first, self.first, terms = by(weight, bias), self.first, False, weight[0].numel()
        if first and self.rule == "epsilon-plus-flat":
            return self.taken(shared(x, whole, [(torch.ones_like, by(torch.ones_like(weight), None), False)]), terms)
        if self.rule == "epsilon":
            return self.whole(x, whole, terms)
        return self.taken(shared(x, whole,
                                 [(lambda v: v.clamp(min=0), by(weight.clamp(min=0), bias.clamp(min=0)), True),
                                  (lambda v: v.clamp(max=0), by(weight.clamp(max=0), None), True)]), terms)

    def linear(self, x, weight, bias):
        return self.whole(x, lambda value: F.linear(value, weight, bias), weight[0].numel())

    def relu(self, x):
        return PassedRelu.apply(x)

    def add(self, a, b):
        return self.whole(torch.stack([a, b]), lambda value: value.sum(0), 2)

    def mean(self, x, size):
        return self.whole(x, lambda value: F.adaptive_avg_pool2d(value, size), cells_of_mean(x, size))


class Oracle:
    """Computes as its net does. `features`: our features of float32 inputs, where float64 is to go back over those."""

    def __init__(self, net, image, noise, features=None):
        self.net, self.features = net, features
        self.image, self.noise = image.to(net.dtype), noise.to(net.dtype)
        self.decision = int(net.run(self.image)["scores"].argmax())
        self.rounding = self.share = 0

    def ops(self, image, kind=Ops, *arguments):
        return kind(*arguments, self.features(image.float()) if self.features else None)

    def score_gradient(self, image, kind=Ops, *arguments, seed=None):
        image, ops = image.clone().requires_grad_(True), self.ops(image, kind, *arguments)
        score = self.net.run(image, ops)["scores"][:, self.decision]
        self.rounding, self.share = max(self.rounding, ops.rounding), max(self.share, ops.share)
        return torch.autograd.grad(score, image, seed(score) if seed else torch.ones_like(score))[0].detach()

    def gradient(self):
        return self.score_gradient(self.image)[0]

    def gradient_x_input(self):
        return (self.score_gradient(self.image) * self.image)[0]

    def guided(self):
        return self.score_gradient(self.image, Guided)[0]

    def smoothgrad(self):
        deviation = float(np.float32(0.15 * float(self.image.max() - self.image.min())))
        return self.score_gradient(self.image + deviation * self.noise).mean(0)

    def path_start(self, start):
        if start == "zero":
            return torch.zeros_like(self.image)
        if start == "black":
            plane = torch.from_numpy(-self.net.mean / self.net.std).float().double().reshape(1, 3, 1, 1)  # as ours
            return plane.expand_as(self.image)
        deviation = self.image.shape[3] / 20
        radius = math.ceil(3 * deviation)
        weights = torch.exp(-0.5 * (torch.arange(-radius, radius + 1).double() / deviation) ** 2)
        weights = (weights / weights.sum()).float().double().reshape(1, 1, -1)  # as ours
        planes = F.pad(self.image[0][:, None], [radius] * 4, "replicate")
        planes = F.conv2d(planes, weights[:, :, None, :]).float().double()  # ours are float32 in between
        return F.conv2d(planes, weights[:, :, :, None]).float().double()[:, 0][None]

    def integrated_gradients(self, start="zero"):
        begin = self.path_start(start)
        of_image = (2 * torch.arange(SAMPLES).double() + 1).reshape(-1, 1, 1, 1)
        points = ((2 * SAMPLES - of_image) * begin + of_image * self.image) / (2 * SAMPLES)  # (k + 1/2) / m on the way
        mean = self.score_gradient(points).mean(0)
        return ((self.image - begin) * mean)[0]

    def last_stage(self):
        features = self.net.run(self.image.clone().requires_grad_(True), self.ops(self.image))
        feature = features[self.net.stages[-1]]
        gradient = torch.autograd.grad(features["scores"][0, self.decision], feature)[0]
        return feature.detach(), gradient

    def grad_cam(self):
        feature, gradient = self.last_stage()
        return (gradient.mean((2, 3), keepdim=True) * feature).sum(1)

    def gap_cam(self):
        feature, gradient = self.last_stage()
        return (gradient * feature).sum(1)

    def lrp(self, rule="epsilon-plus"):
        return self.score_gradient(self.image, Relevance, rule, seed=lambda score: score.detach())[0]

    def gap(self, how="leaf"):
        """The tree walked by gAP, then each last neuron's gradient to the pixels."""
        tree, leaves = Tree(self.net, self.image, self.decision, TOP, self.ops(self.image)), {}

        def walk(level, neuron, weight):
            for child, share, peak in tree.step(level, neuron):
                value = tree.value(level + 1, child)
                factor = {"leaf": 1, "weighted": share, "chain": peak / value}[how]
                if level + 2 == len(tree.levels):
                    leaves[child] = leaves.get(child, 0) + weight * factor
                elif value > 0:
                    walk(level + 1, child, weight * factor)
        walk(0, (self.decision, 0, 0), 1)
        last = tree.features[tree.levels[-1]]
        total = sum(weight * last[(0, *neuron)] for neuron, weight in leaves.items())
        return torch.autograd.grad(total, tree.image)[0][0]


class Tree:
    """gAP from a class score down the stages; each decision is decomposed once. By magnitude a channel counts by |alpha|,
    also one whose A is nowhere above 0."""

    def __init__(self, net, image, decision, top, ops=None, by="contribution"):
        self.image, self.top, self.by, self.steps = image.clone().requires_grad_(True), top, by, {}
        self.features = net.run(self.image, ops)
        self.features["scores"] = self.features["scores"].reshape(1, -1, 1, 1)
        self.levels, self.root = ["scores"] + net.stages[::-1], (decision, 0, 0)

    def value(self, level, neuron):
        return float(self.features[self.levels[level]][(0, *neuron)])

    def step(self, level, neuron):
        """Its supporting features in the level below, by falling contribution: neuron, share, maximum of A."""
        if (level, neuron) not in self.steps:
            below = self.features[self.levels[level + 1]]
            decision = self.features[self.levels[level]][(0, *neuron)]
            a = torch.autograd.grad(decision, below, retain_graph=True)[0][0] * below[0].detach()
            alpha = a.mean((1, 2))
            peak, place = a.flatten(1).max(1)
            rank = alpha.abs() if self.by == "magnitude" else alpha
            chosen = [k for k in np.argsort(-rank.numpy(), kind="stable")[:self.top] if rank[k] > 0]
            width, positive = a.shape[2], float(alpha.clamp(min=0).sum())
            self.steps[level, neuron] = [((int(k), int(place[k]) // width, int(place[k]) % width),
                                          float(alpha[k]) / positive, float(peak[k])) for k in chosen]
        return self.steps[level, neuron]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


# Our flags, and the oracle's method with its arguments.
MAPS = [("gradient", [], "gradient", ()), ("gradient-x-input", [], "gradient_x_input", ()),
        ("guided", [], "guided", ()), ("smoothgrad", ["NOISE"], "smoothgrad", ()),
        *[("integrated-gradients", ["--baseline", start], "integrated_gradients", (start,))
          for start in ("zero", "black", "blur")],
        ("grad-cam", [], "grad_cam", ()), ("gap-cam", [], "gap_cam", ()),
        *[("lrp", ["--lrp-rule", rule], "lrp", (rule,)) for rule in ("epsilon", "epsilon-plus", "epsilon-plus-flat")],
        *[("gap", ["--gap-sum", how], "gap", (how,)) for how in ("leaf", "weighted", "chain")]]


def relative_error(got, expected):
    return float(np.abs(got - expected).max() / np.abs(expected).max())


def compare(name, model, photo, tools):
    """Prints one line; returns whether all maps are within tolerance."""
    net, faults, errors = FoldedNet(model), [], []
    with tempfile.TemporaryDirectory() as folder:
        dump, ours, noise = (os.path.join(folder, file) for file in ("dump.h5", "map.npy", "noise.npy"))
        run(tools["dump"], model, photo, dump)
        with h5py.File(dump) as file:
            image = torch.from_numpy(file["input"][()])
        numbers = np.random.default_rng(0).standard_normal((SAMPLES, *image.shape[1:])).astype(np.float32)
        np.save(noise, numbers)
        oracle = Oracle(net, image, torch.from_numpy(numbers))
        for method, flags, theirs, arguments in MAPS:
            flags = ["--noise-file", noise] if flags == ["NOISE"] else flags
            counts = {"gap": ["--top", str(TOP)], "smoothgrad": SAMPLED, "integrated-gradients": SAMPLED}.get(method, [])
            run(tools["hdecomp"], "saliency", photo, "--model", model, "--method", method, *counts, *flags,
                *tools["flags"], "-o", ours)
            expected = getattr(oracle, theirs)(*arguments).numpy()
            got = np.load(ours).reshape(expected.shape)
            error = relative_error(got, expected)
            errors.append(f"{' '.join((method, *arguments))} {error:.1e}")
            if not error <= TOLERANCE:
                same = Oracle(net, image, torch.from_numpy(numbers), our_features(model, folder, tools))
                rest = relative_error(got, getattr(same, theirs)(*arguments).numpy())
                errors[-1] += f" (over our features {rest:.1e}, they {same.rounding:.1e}, {same.share:.2f} of rounding's)"
                if not (rest <= SAME_FEATURES and 0 < same.share <= 1):
                    faults.append(errors[-1])
    print(f"{name:22s} {'FAIL' if faults else 'ok':4s} class {oracle.decision}  {'  '.join(errors)}", flush=True)
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="*", help="model files and photographs, in turn")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    tools = {"hdecomp": os.path.join(options.build, "tools", "hdecomp"),
             "dump": os.path.join(options.build, "tests", "dump_tensors"), "run": run,
             "flags": ["--device", options.device]}
    photos = os.path.join(ROOT, "tools", "photos")
    right = True
    for model, photo in zip(options.nets[::2], options.nets[1::2]):
        right &= compare(os.path.basename(model), model, photo, tools)
    if not options.nets:
        bundled = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
        for photo in ("portrait", "chelsea"):
            right &= compare(f"vgg16-slim, {photo}", bundled, os.path.join(photos, photo + ".jpg"), tools)
        for arch, size in (("resnet18", "96"), ("resnet50", "96"), ("cifar_resnet20", "32")):
            with tempfile.TemporaryDirectory() as folder:
                model = os.path.join(folder, arch + ".h5")
                run(tools["hdecomp"], "init", "--arch", arch, "--seed", "0", "--input-size", size, "-o", model)
                right &= compare(f"{arch}, seeded", model, os.path.join(photos, "chelsea.jpg"), tools)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
