#!/usr/bin/python3
"""Holds the verbs of Section 4.2 against PyTorch and numpy in float64, written from their definitions.

discriminate: which channels the decisions of each tree choose, exactly; the channels' mean features; D, balanced and by
chance, and class selectivity of every channel, which the command writes with six digits. --versus: contributions and
drops of the difference of two scores. attack: each step from our own image before it, so that a sign that float32
rounds to the other side does not lead away; how many pixels go elsewhere, and how small their gradient is; losses and
peaks of the attacked image; the random start. One line an experiment; exit code 1 if a figure is beyond its tolerance.
Needs Debian's python3-torch, python3-h5py and python3-pil.

    tests/compare_diagnosis.py [--build build] [NET.h5 PHOTO...]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights.
"""
import csv
import json
import os
import sys

import h5py
import numpy as np
import torch
from PIL import Image

from compare_experiments import input_of, report, steps_of, values_of
from compare_saliency import TOP, Tree, run
from folded_nets import FoldedNet
from he_draws import MASK, mixes, stream_of
from two_nets import compare_nets

MIN_COUNT, SHUFFLES, SEED, STEPS = 2, 3, 4, 4
FEATURES, DIGITS = 1e-5, 0.6e-6


def shuffled(labels, stream):
    """Fisher and Yates, as ours: place i takes one of the places 0 to i."""
    labels = labels.copy()
    uniform = ((mixes((stream + 1) & MASK, len(labels)) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0 ** -53
    for i in range(len(labels) - 1, 0, -1):
        at = min(int(uniform[i] * (i + 1)), i)
        labels[i], labels[at] = labels[at], labels[i]
    return labels


def statistics(counts, features, labels):
    """D, D of balanced classes, Morcos' selectivity, by channel."""
    classes = np.unique(labels)
    n = np.stack([counts[labels == c].sum(0) for c in classes])
    rate = n / np.array([(labels == c).sum() for c in classes])[:, None]
    mean = np.stack([features[labels == c].mean(0) for c in classes])
    most = mean.max(0)
    rest = (mean.sum(0) - most) / max(len(classes) - 1, 1)
    with np.errstate(all="ignore"):
        selectivity = np.where((most > 0) & (most + rest > 0) & (len(classes) > 1), (most - rest) / (most + rest), np.nan)
        return n.max(0) / n.sum(0), rate.max(0) / rate.sum(0), selectivity


def chosen_by(tree):
    """By stage the number of distinct decisions that choose each channel."""
    counts, level = [], [tree.root]
    for depth, stage in enumerate(tree.levels[1:]):
        found, below = np.zeros(tree.features[stage].shape[1]), {}
        for neuron in level:
            for child, _, _ in tree.step(depth, neuron):
                found[child[0]] += 1
                if tree.value(depth + 1, child) > 0:
                    below[child] = None
        counts.append(found)
        level = list(below)
    return counts


def compare_discriminate(model, photos, folder, tools):
    labels = np.array([i % 3 for i in range(len(photos))])
    listed = os.path.join(folder, "labels.txt")
    with open(listed, "w") as file:
        file.write("".join(f"{label}\n" for label in labels))
    ours = values_of("discriminate", model, photos, folder, tools, "--labels", listed, "--min-count", str(MIN_COUNT),
                     "--shuffles", str(SHUFFLES), "--seed", str(SEED))
    net, faults, apart = FoldedNet(model), [], 0
    stages = [step.split("->")[1] for step in steps_of(os.path.join(folder, "discriminate.h5"))]
    counts, means = {stage: [] for stage in stages}, {stage: [] for stage in stages}
    for photo in photos:
        image = input_of(model, photo, folder, tools)
        tree = Tree(net, image, int(net.run(image)["scores"].argmax()), TOP)
        for stage, count in zip(stages, chosen_by(tree)):
            counts[stage].append(count)
            means[stage].append(tree.features[stage][0].detach().mean((1, 2)).numpy())
    with open(os.path.join(folder, "discriminate.channels.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    digits = 0
    for stage in stages:
        count, mean = np.stack(counts[stage]), np.stack(means[stage])
        if not (ours["chosen_" + stage] == count).all():
            faults.append(f"{stage}: other channels are chosen")
        apart = max(apart, np.abs(ours["feature_" + stage] - mean).max() / np.abs(mean).max())
        mean = ours["feature_" + stage]  # so that what is left is the digits alone
        d, balanced, selectivity = statistics(count, mean, labels)
        chance = np.mean([statistics(count, mean, shuffled(labels, stream_of(SEED, s)))[0] for s in range(SHUFFLES)], axis=0)
        written = [row for row in rows if row["layer"] == stage]
        for column, expected in [("D", d), ("D balanced", balanced), ("D by chance", chance),
                                 ("class selectivity", selectivity)]:
            got = np.array([np.nan if row[column] == "-" else float(row[column]) for row in written])
            if (np.isnan(got) != np.isnan(expected)).any():
                faults.append(f"{stage}: {column} is missing, or should be")
            digits = max(digits, np.nanmax(np.abs(got - expected)))
        if [int(row["chosen"]) for row in written] != count.sum(0).astype(int).tolist():
            faults.append(f"{stage}: other sums of counts")
    return {"features": (apart, FEATURES), "D and selectivity": (digits, DIGITS)}, faults


def second_class(net, image):
    order = net.run(image)["scores"][0].argsort(descending=True)
    return int(order[0]), int(order[1])


def compare_versus(model, photo, folder, tools):
    net, errors = FoldedNet(model), {}
    image = input_of(model, photo, folder, tools)
    one, other = second_class(net, image)
    stage = net.stages[-1]
    ours = json.loads(run(tools["hdecomp"], "ablate", photo, "--model", model, "--device", "cpu", "--from", f"class:{one}",
                          "--versus", str(other), "--fill", "zero", "--to", stage, "--json"))
    feature = net.run(image.clone().requires_grad_(True))
    difference = feature["scores"][0, one] - feature["scores"][0, other]
    below = feature[stage]
    alpha = (torch.autograd.grad(difference, below)[0] * below.detach())[0].mean((1, 2)).numpy()
    got = np.array(ours["step"]["contributions"])
    errors["contributions"] = (np.abs(got - alpha).max() / np.abs(alpha).max(), 1e-4)
    drops = []
    for channel in range(len(alpha)):
        def fill(name, value, k=channel):
            if name != stage:
                return value
            value = value.clone()
            value[:, k] = 0
            return value
        with torch.no_grad():
            scores = net.run(image, fill=fill)["scores"][0]
        drops.append(float(difference) - float(scores[one] - scores[other]))
    errors["drops"] = (np.abs(np.array(ours["drops"]) - drops).max() / np.abs(drops).max(), 1e-3)
    value = ours["decision"]["value"]
    errors["decision"] = (abs(value - float(difference)) / abs(float(difference)), 1e-4)
    return errors, []


def pixels_of(photo):
    """What our hash is of."""
    return np.asarray(Image.open(photo).convert("RGB")).tobytes()


def start_of(photo, count, seed, restart, eps):
    """Our random start: uniform within eps, by the seed, FNV-1a of the pixels and the restart."""
    pixels = 0xcbf29ce484222325
    for byte in pixels_of(photo):
        pixels = ((pixels ^ byte) * 0x100000001b3) & MASK
    stream = stream_of(stream_of(seed, pixels), restart)
    uniform = ((mixes((stream + 1) & MASK, count) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0 ** -53
    return (2 * uniform - 1) * eps


def compare_attack(model, photo, folder, tools):
    eps, size = 4 / 255, 1.5 / 255
    net, faults = FoldedNet(model), []
    mean, std = (torch.from_numpy(v).double().reshape(1, 3, 1, 1) for v in (net.mean, net.std))
    image = input_of(model, photo, folder, tools)
    clean = ((image * std + mean) * 255).round() / 255
    label = int(net.run(image)["scores"].argmax())
    loss_of = torch.nn.CrossEntropyLoss()

    def ours(steps, start="none", by=size):
        results, out = os.path.join(folder, "attack.h5"), os.path.join(folder, "attack")
        if os.path.exists(results):
            os.remove(results)
        run(tools["hdecomp"], "attack", photo, "--model", model, "--device", "cpu", "--steps", str(steps), "--step", str(by),
            "--start", start, "--top", "1", "-o", results, "--output-dir", out)
        planes = torch.from_numpy(np.load(os.path.join(out, "adversarial.npy"))).double()[None]
        with h5py.File(results) as file:
            return planes, {field: data[()][0] for field, data in file["values"].items()}

    before, elsewhere, smallest = clean, 0, 0
    for k in range(1, STEPS + 1):
        after, row = ours(k)
        x = ((before - mean) / std).requires_grad_(True)
        gradient = torch.autograd.grad(loss_of(net.run(x)["scores"], torch.tensor([label])), x)[0]
        expected = before + size * gradient.sign()
        expected = torch.minimum(torch.maximum(expected, clean - eps), clean + eps).clamp(0, 1)
        apart = (expected - after).abs() > 1e-6
        elsewhere = max(elsewhere, float(apart.double().mean()))
        if apart.any():
            smallest = max(smallest, float(gradient[apart].abs().max() / gradient.abs().max()))
        if float((after - clean).abs().max()) > eps + 1e-6:
            faults.append(f"step {k}: beyond eps")
        before = after
    scores = {name: net.run((planes - mean) / std) for name, planes in (("clean", clean), ("after", after))}
    loss = [float(loss_of(scores[name]["scores"], torch.tensor([label]))) for name in ("clean", "after")]
    now = int(scores["after"]["scores"].argmax())
    peaks = {name: features[net.stages[-1]][0].flatten(1).max(1)[0].numpy() for name, features in scores.items()}
    error = 0
    for rank in range(4) if row["fooled"][0] == 1 else []:
        for kind, (index, planes) in enumerate([(label, clean), (now, clean), (now, after)]):
            feature = net.run(((planes - mean) / std).requires_grad_(True))
            below = feature[net.stages[-1]]
            a = torch.autograd.grad(feature["scores"][0, index], below)[0][0] * below[0].detach()
            channel = int(np.argsort(-a.mean((1, 2)).numpy(), kind="stable")[rank])
            if row["channels"][kind, rank] != channel:
                faults.append(f"channel {rank} of kind {kind} is {row['channels'][kind, rank]}, PyTorch's {channel}")
                continue
            for t, name in enumerate(("clean", "after")):
                error = max(error, abs(float(row["peaks"][kind, rank, t]) - peaks[name][channel]) / peaks[name].max())
    if row["new_class"][0] != now or row["fooled"][0] != (now != label):
        faults.append(f"the class is {row['new_class'][0]}, PyTorch's {now}")
    # From the start itself: a step of 0 is none.
    started, _ = ours(STEPS, "random")
    got, _ = ours(1, "random", 1e-12)
    start = start_of(photo, clean.numel(), 0, 0, eps).reshape(clean.shape)
    expected = (clean + torch.from_numpy(start)).clamp(0, 1)
    return {"pixels elsewhere": (elsewhere, 1e-2), "their gradients": (smallest, 1e-4),
            "loss": (max(abs(row["loss"][t] - loss[t]) / max(loss[t], 1e-3) for t in (0, 1)), 1e-3), "peaks": (error, 1e-5),
            "random start": (float((got - expected).abs().max()), 1e-6),
            "beyond eps": (max(0, float((started - clean).abs().max()) - eps), 1e-6)}, faults


def all_of(name, model, photos, work, tools):
    right = report(f"discriminate, {name}", *compare_discriminate(model, photos, work, tools))
    right &= report(f"versus, {name}", *compare_versus(model, photos[0], work, tools))
    return report(f"attack, {name}", *compare_attack(model, photos[0], work, tools)) and right


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of))
