#!/usr/bin/python3
"""Holds `hdecomp sparse`, `importance`, `randomise` and `compare-models` against PyTorch in float64, written from their
definitions.

sparse, by both rankings: the class of each network of a tree's channels, and of the largest features', image by image;
its divergence and the channels kept. importance: the class's score after each method's first channels are filled,
which tells two rankings apart. randomise: correlations, SSIM and the rise of entropy at some of the steps, with
the same numbers drawn here (he_draws.py). compare-models: the same between two models; and of the maps that
`hdecomp saliency` writes, with their ties, to 1e-6. The random controls are not compared. One line an experiment; exit
code 1 if a figure is beyond its tolerance. Needs Debian's python3-torch and python3-h5py.

    tests/compare_experiments.py [--build build] [--other OTHER.h5] [NET.h5 PHOTO...]

Without a net: the bundled one, and two ResNet-18 with seeded weights.
"""
import argparse
import os
import sys
import tempfile

import h5py
import numpy as np
import torch

from channel_scores import importances
from compare_saliency import ROOT, TOP as MAP_TOP, Oracle, Tree, run
from folded_nets import FoldedNet
from he_draws import he_weights, stream_of
from map_likeness import likeness

TOP, STEPS = 4, 8  # a decision costs PyTorch a whole backward pass
TOLERANCE, SAME_MAPS = 1e-3, 1e-6
METHODS = ["gradient", "guided", "grad-cam", "gap"]
STEPS_APART = 4  # every how many of randomise's steps is compared


def input_of(model, photo, folder, tools):
    dump = os.path.join(folder, "dump.h5")
    run(tools["dump"], model, photo, dump)
    with h5py.File(dump) as file:
        return torch.from_numpy(file["input"][()]).double()


def steps_of(results):
    with h5py.File(results) as file:
        return [step.decode() for step in file["steps"]]


def values_of(verb, model, photos, folder, tools, *flags):
    listed, results = os.path.join(folder, "list.txt"), os.path.join(folder, verb + ".h5")
    with open(listed, "w") as file:
        file.write("".join(photo + "\n" for photo in photos))
    if os.path.exists(results):
        os.remove(results)
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
        chosen = [(child, peak) for neuron in level for child, _, peak in tree.step(depth, neuron)[:k]]
        kept[stage] = {neuron[0] for neuron, _ in chosen}
        level = {neuron for neuron, peak in chosen if peak > 0 and tree.value(depth + 1, neuron) > 0}
    return kept


def compare_sparse(model, photos, folder, tools, by):
    ours = values_of("sparse", model, photos, folder, tools, "--top", str(TOP), "--by", by)
    net, error, faults = FoldedNet(model), 0, []
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        full = net.run(image)["scores"][0]
        tree = Tree(net, image, int(full.argmax()), TOP, by=by)
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


def compare_importance(model, photos, folder, tools):
    net, error = FoldedNet(model), 0
    ours = values_of("importance", model, photos, folder, tools, "--top", str(TOP), "--steps", str(STEPS))
    stages = net.stages[::-1]
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        full = net.run(image)["scores"][0]
        decision = int(full.argmax())
        for s, by_method in enumerate(importances(net, image, decision, stages, TOP, STEPS)):
            for m, scores in enumerate(by_method):
                order = np.argsort(-scores, kind="stable")
                for k in (0, 2, 4):
                    if 2 ** k > len(order):
                        continue
                    changed = scores_without(net, image, {stages[s]: set(order[2 ** k:].tolist())})
                    expected = float(changed[decision] / full[decision])
                    error = max(error, abs(ours["score"][i, s, m, k] - expected))
    return {"score": error}, []


def map_of(oracle, method):
    return getattr(oracle, method.replace("-", "_"))().numpy()


def largest(errors, values, expected):
    """Takes in how far values are from the expected ones; where there is none there must be none."""
    for name, value in expected.items():
        apart = 0 if np.isnan(value) and np.isnan(values[name]) else abs(values[name] - value)
        errors[name] = max(errors.get(name, 0), apart if np.isfinite(apart) else np.inf)


def compare_models(model, photos, folder, tools, other):
    """Against PyTorch's maps, and against the maps that `hdecomp saliency` writes."""
    ours = values_of("compare-models", model, photos, folder, tools, "--other", other, "--methods", ",".join(METHODS),
                     "--top", str(MAP_TOP))
    errors, same = {}, {}

    def written(path, photo, method, decision):
        out = os.path.join(folder, "map.npy")
        top = ["--top", str(MAP_TOP)] if method == "gap" else []
        run(tools["hdecomp"], "saliency", photo, "--model", path, "--class", f"index:{decision}", "--method", method,
            *top, "--device", "cpu", "-o", out)
        return np.load(out)
    for i, photo in enumerate(photos):
        image = input_of(model, photo, folder, tools)
        before, after = (Oracle(FoldedNet(path), image, torch.zeros(1)) for path in (model, other))
        after.decision = before.decision
        for m, method in enumerate(METHODS):
            values = {name: ours[name][i, m] if name == "emprt" else ours[name][i, m, 0]
                      for name in ("absolute", "signed", "ssim", "emprt")}
            largest(errors, values, likeness(*(map_of(oracle, method) for oracle in (before, after))))
            maps = [written(path, photo, method, before.decision) for path in (model, other)]
            largest(same, values, likeness(*maps))
    faults = [f"of the same maps {name} differs by {error:.1e}" for name, error in same.items()
              if not error <= SAME_MAPS]
    return {**errors, "of the same maps": max(same.values())}, faults


def compare_randomise(model, photos, folder, tools):
    """From the top down, He's draws, seed 0."""
    ours = values_of("randomise", model, photos, folder, tools, "--methods", ",".join(METHODS), "--top", str(MAP_TOP))
    steps, nodes = steps_of(os.path.join(folder, "randomise.h5")), node_names(model, photos[0], folder, tools)
    compared = {s for s in range(len(steps)) if s % STEPS_APART == 0} | {len(steps) - 1}
    net, errors = FoldedNet(model), {}
    images = [input_of(model, photo, folder, tools) for photo in photos]
    before = [Oracle(net, image, torch.zeros(1)) for image in images]
    old = [[map_of(oracle, method) for method in METHODS] for oracle in before]
    changed = FoldedNet(model)
    for s, step in enumerate(steps):
        shortcut = step.rsplit(".", 1)[0] + ".downsample"
        last = not any(later.startswith(step.rsplit(".", 1)[0] + ".") for later in steps[:s])
        for name in [step] + ([shortcut] if "." in step and last and shortcut in net.layers else []):
            weight, bias = changed.layers[name]
            stream = stream_of(stream_of(0, nodes.index(name)), 0)
            changed.layers[name] = (he_weights(tuple(weight.shape), stream), torch.zeros_like(bias))
        for i, image in enumerate(images if s in compared else []):
            oracle = Oracle(changed, image, torch.zeros(1))
            oracle.decision = before[i].decision
            scores = changed.run(image)["scores"][0]
            errors["score"] = max(errors.get("score", 0), abs(ours["score"][i, s] - float(scores[oracle.decision]))
                                  / float(scores.abs().max()))
            for m, method in enumerate(METHODS):
                values = {name: ours[name][i, m, s] for name in ("absolute", "signed", "ssim")}
                expected = likeness(old[i][m], map_of(oracle, method))
                rise = expected.pop("emprt")
                if s + 1 == len(steps):
                    values["emprt"], expected["emprt"] = ours["emprt"][i, m], rise
                largest(errors, values, expected)
    return errors, []


def node_names(model, photo, folder, tools):
    """The nodes of our graph in their order."""
    dump = os.path.join(folder, "dump.h5")
    run(tools["dump"], model, photo, dump)
    with h5py.File(dump) as file:
        return [name.decode() for name in file["nodes"][()]]


def report(name, errors, faults):
    """`errors`: each a figure that may be TOLERANCE, or a figure and what it may be."""
    errors = {what: error if isinstance(error, tuple) else (error, TOLERANCE) for what, error in errors.items()}
    faults += [f"{what} differs by {error:.1e}" for what, (error, most) in errors.items() if not error <= most]
    print(f"{name:26s} {'FAIL' if faults else 'ok':4s} "
          + "  ".join(f"{what} {error:.1e}" for what, (error, _) in errors.items()), flush=True)
    for fault in faults[:5]:
        print("   ", fault)
    return not faults


def all_of(name, model, photos, work, tools, other=None):
    right = True
    for by in ("contribution", "magnitude"):
        right &= report(f"sparse by {by}, {name}", *compare_sparse(model, photos, work, tools, by))
    right &= report(f"importance, {name}", *compare_importance(model, photos, work, tools))
    right &= report(f"randomise, {name}", *compare_randomise(model, photos, work, tools))
    if other:
        right &= report(f"compare-models, {name}", *compare_models(model, photos, work, tools, other))
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net", nargs="*", help="a model file and photographs")
    parser.add_argument("--other", help="a model of the same architecture, to compare with")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    options = parser.parse_args()
    tools = {"hdecomp": os.path.join(options.build, "tools", "hdecomp"),
             "dump": os.path.join(options.build, "tests", "dump_tensors")}
    with tempfile.TemporaryDirectory() as work:
        if options.net:
            model, photos = options.net[0], [os.path.abspath(photo) for photo in options.net[1:]]
            return 0 if all_of(os.path.basename(model), model, photos, work, tools, options.other) else 1
        photos = [os.path.join(ROOT, "tools", "photos", "portrait.jpg")]
        bundled = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
        seeded = []
        for seed in ("0", "5"):
            seeded.append(os.path.join(work, f"seeded{seed}.h5"))
            run(tools["hdecomp"], "init", "--arch", "resnet18", "--seed", seed, "--input-size", "96", "--classes", "10",
                "-o", seeded[-1])
        right = all_of("vgg16-slim", bundled, photos, work, tools)
        return 0 if all_of("resnet18", seeded[0], photos, work, tools, seeded[1]) and right else 1


if __name__ == "__main__":
    sys.exit(main())
