#!/usr/bin/python3
"""Holds `hdecomp sparse`, `importance` and `compare-models` against PyTorch in float64, written from their definitions.

sparse: the class of each network of a tree's channels, and of the largest features', image by image; its divergence
and the channels kept. importance: the class's score after each method's first channels are filled, which tells two
rankings apart. compare-models: correlations, SSIM and the rise of entropy. The random controls are not compared. One
line an experiment; exit code 1 if a figure is beyond its tolerance. Needs Debian's python3-torch and python3-h5py.

    tests/compare_experiments.py [--build build]
"""
import argparse
import os
import sys
import tempfile

import h5py
import numpy as np
import torch

from compare_saliency import ROOT, Oracle, Relevance, Tree, run
from folded_nets import FoldedNet

TOP, STEPS = 4, 8  # a decision costs PyTorch a whole backward pass
TOLERANCE = 1e-3
METHODS = ["gradient", "guided", "grad-cam", "gap"]


def input_of(model, photo, folder, tools):
    dump = os.path.join(folder, "dump.h5")
    run(tools["dump"], model, photo, dump)
    with h5py.File(dump) as file:
        return torch.from_numpy(file["input"][()]).double()


def values_of(verb, model, photos, folder, tools, *flags):
    listed, results = os.path.join(folder, "list.txt"), os.path.join(folder, verb + ".h5")
    with open(listed, "w") as file:
        file.write("".join(photo + "\n" for photo in photos))
    run(tools["hdecomp"], verb, "--list", listed, "--root", "/", "--model", model, "--device", "cpu", *flags,
        "-o", results)
    with h5py.File(results) as file:
        assert (file["state"][()] == 1).all(), "an image was not measured"
        return {name: data[()].astype(np.float64) for name, data in file["values"].items()}


def scores_without(net, image, kept):
    """The scores with every channel of a stage that `kept` does not name set to 0."""
    def fill(stage, feature):
        if stage not in kept:
            return feature
        mask = torch.zeros(feature.shape[1], dtype=feature.dtype)
        mask[sorted(kept[stage])] = 1
        return feature * mask.reshape(1, -1, 1, 1)
    return net.run(image, fill=fill)["scores"][0]


def kept_by(tree, k):
    kept, level = {}, {tree.root}
    for depth, stage in enumerate(tree.levels[1:]):
        chosen = [child for neuron in level for child, _, _ in tree.step(depth, neuron)[:k]]
        kept[stage] = {neuron[0] for neuron in chosen}
        level = {neuron for neuron in chosen if tree.value(depth + 1, neuron) > 0}
    return kept


def compare_sparse(model, photos, folder, tools):
    ours = values_of("sparse", model, photos, folder, tools, "--top", str(TOP))
    net, error, faults = FoldedNet(model), 0, []
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        full = net.run(image)["scores"][0]
        tree = Tree(net, image, int(full.argmax()), TOP)
        p = torch.log_softmax(full, 0)
        for s in range(TOP.bit_length()):
            kept = kept_by(tree, 2 ** s)
            largest = {stage: set(np.argsort(-tree.features[stage][0].detach().mean((1, 2)).numpy(), kind="stable")
                                  [:len(channels)].tolist()) for stage, channels in kept.items()}
            for way, choice in [(0, kept), (2, largest)]:
                scores = scores_without(net, image, choice)
                divergence = float((p.exp() * (p - torch.log_softmax(scores, 0))).sum())
                error = max(error, abs(ours["divergence"][i, way, s] - divergence) / max(divergence, 1))
                if ours["match"][i, way, s] != int(scores.argmax() == full.argmax()):
                    faults.append(f"{photo}, k = {2 ** s}: another class than PyTorch's")
            for level, stage in enumerate(tree.levels[1:]):
                share = len(kept[stage]) / tree.features[stage].shape[1]
                if abs(ours["kept"][i, level, s] - share) > 1e-6:
                    faults.append(f"{photo}, k = {2 ** s}, {stage}: kept {ours['kept'][i, level, s]}, PyTorch {share}")
    return {"divergence": error}, faults


def path_scores(net, image, decision, stages):
    """Conductance, influence and influence times activation of each stage's channels."""
    along = (torch.arange(STEPS + 1).double() / STEPS).reshape(-1, 1, 1, 1)
    features = net.run((along * image).requires_grad_(True))
    outputs = [features[stage] for stage in stages]
    gradients = torch.autograd.grad(features["scores"][:, decision].sum(), outputs)
    weights = torch.ones(STEPS + 1, 1, 1, 1, dtype=torch.float64) / STEPS
    weights[0] = weights[-1] = 0.5 / STEPS
    found = []
    for y, g in zip(outputs, gradients):
        y = y.detach()
        mean = (weights * g).sum(0)
        found.append((((g[1:] + g[:-1]) / 2 * (y[1:] - y[:-1])).sum((0, 2, 3)), mean.sum((1, 2)),
                      (mean * y[-1]).sum((1, 2))))
    return found


def importances(net, image, decision, stages):
    """By stage, by method in the file's order but for the random one: a number for each channel."""
    tree = Tree(net, image, decision, TOP)
    of_tree, level = {stage: np.zeros(tree.features[stage].shape[1]) for stage in stages}, {tree.root: 1.0}
    for depth, stage in enumerate(tree.levels[1:]):
        below = {}
        for neuron, weight in level.items():
            for child, share, _ in tree.step(depth, neuron):
                of_tree[stage][child[0]] += weight * share
                if tree.value(depth + 1, child) > 0:
                    below[child] = below.get(child, 0) + weight * share
        level = below
    features = net.run(image.clone().requires_grad_(True))
    gradients = torch.autograd.grad(features["scores"][0, decision], [features[stage] for stage in stages])
    relevant = net.run(image.clone().requires_grad_(True), Relevance("epsilon-plus"))
    score = relevant["scores"][0, decision]
    relevance = torch.autograd.grad(score, [relevant[stage] for stage in stages], score.detach())
    path = path_scores(net, image, decision, stages)
    return [[of_tree[stage], (gradients[s] * features[stage].detach())[0].sum((1, 2)).numpy(),
             *(one.numpy() for one in path[s]), relevance[s][0].sum((1, 2)).numpy()]
            for s, stage in enumerate(stages)]


def compare_importance(model, photos, folder, tools):
    net, error = FoldedNet(model), 0
    ours = values_of("importance", model, photos, folder, tools, "--top", str(TOP), "--steps", str(STEPS))
    stages = net.stages[::-1]
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        full = net.run(image)["scores"][0]
        decision = int(full.argmax())
        for s, by_method in enumerate(importances(net, image, decision, stages)):
            for m, scores in enumerate(by_method):
                order = np.argsort(-scores, kind="stable")
                for k in (0, 2, 4):
                    if 2 ** k > len(order):
                        continue
                    changed = scores_without(net, image, {stages[s]: set(order[2 ** k:].tolist())})
                    expected = float(changed[decision] / full[decision])
                    error = max(error, abs(ours["score"][i, s, m, k] - expected))
    return {"score": error}, []


def ranks(values):
    """From 1 on; equal values share the average."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def ssim(a, b):
    a, b = (torch.from_numpy(np.abs(m) / np.abs(m).max())[None, None] for m in (a, b))

    def mean(x):
        return torch.nn.functional.avg_pool2d(x, 7, 1)
    m, n, scale = mean(a), mean(b), 49 / 48
    va, vb, cov = ((mean(x * y) - mean(x) * mean(y)) * scale for x, y in ((a, a), (b, b), (a, b)))
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return float(((2 * m * n + c1) * (2 * cov + c2) / ((m * m + n * n + c1) * (va + vb + c2))).mean())


def entropy(values):
    counts = np.histogram(values, bins=100)[0]
    shares = counts[counts > 0] / values.size
    return float(-(shares * np.log(shares)).sum())


def compare_models(model, photos, folder, tools):
    other, errors = os.path.join(folder, "other.h5"), {"absolute": 0, "signed": 0, "ssim": 0, "emprt": 0}
    run(tools["hdecomp"], "init", "--arch", "resnet18", "--seed", "5", "--input-size", "96", "--classes", "10",
        "-o", other)
    ours = values_of("compare-models", model, photos, folder, tools, "--other", other, "--methods", ",".join(METHODS))
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        before, after = (Oracle(FoldedNet(path), image, torch.zeros(1)) for path in (model, other))
        after.decision = before.decision
        for m, method in enumerate(METHODS):
            old, new = (getattr(oracle, method.replace("-", "_"))().numpy() for oracle in (before, after))
            size = [np.abs(one).sum(0) for one in (old, new)]
            expected = {"absolute": np.corrcoef(ranks(size[0].ravel()), ranks(size[1].ravel()))[0, 1],
                        "signed": np.corrcoef(ranks(old.sum(0).ravel()), ranks(new.sum(0).ravel()))[0, 1],
                        "emprt": entropy(size[1]) / entropy(size[0]) - 1}
            if size[0].shape[0] >= 7:
                expected["ssim"] = ssim(*size)
            for name, value in expected.items():
                got = ours[name][i, m] if name == "emprt" else ours[name][i, m, 0]
                errors[name] = max(errors[name], abs(got - value))
    return errors, []


def report(name, errors, faults):
    faults += [f"{what} differs by {error:.1e}" for what, error in errors.items() if not error <= TOLERANCE]
    print(f"{name:24s} {'FAIL' if faults else 'ok':4s} "
          + "  ".join(f"{what} {error:.1e}" for what, error in errors.items()), flush=True)
    for fault in faults[:5]:
        print("   ", fault)
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    options = parser.parse_args()
    tools = {"hdecomp": os.path.join(options.build, "tools", "hdecomp"),
             "dump": os.path.join(options.build, "tests", "dump_tensors")}
    folder = os.path.join(ROOT, "tools", "photos")
    photos = [os.path.join(folder, name + ".jpg") for name in ("portrait",)]
    bundled, right = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5"), True
    with tempfile.TemporaryDirectory() as work:
        right &= report("sparse, vgg16-slim", *compare_sparse(bundled, photos, work, tools))
        right &= report("importance, vgg16-slim", *compare_importance(bundled, photos, work, tools))
        seeded = os.path.join(work, "seeded.h5")
        run(tools["hdecomp"], "init", "--arch", "resnet18", "--seed", "0", "--input-size", "96", "--classes", "10",
            "-o", seeded)
        right &= report("compare-models, resnet18", *compare_models(seeded, photos, work, tools))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
