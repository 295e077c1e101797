"""Holds ablation and its correlations with gAP against PyTorch; tests/compare_torch.py runs it.

For every decision of an image's top-1 path: the drop of each channel of the stage below (`hdecomp ablate`) against
PyTorch runs with that channel set to its mean, and the five correlations of `hdecomp pcc` against PyTorch's gradients.
Where asked for, also the drops with each channel set to its mean over all images (`hdecomp means`), as PyTorch has it.
Where PyTorch would take too long, all that holds for the first images; of the others the drops of a share of the
channels, another share for each, so that together they have every channel.
"""
import json
import os
import sys
import tempfile

import h5py
import numpy as np
import torch

from torch_oracle import write_nothing_in_place

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
from tree_json import linked  # noqa: E402

# Largest error over the largest drop: each is the difference of two runs.
DROP_TOLERANCE = 1e-3
CORRELATION_TOLERANCE = 1e-3
CHANNELS_AT_ONCE = 64
SHARE = 8  # every 8th channel of the images that are not compared whole


class Reached(Exception):
    """Ends a run at the decision's layer; args[0] is its output."""


def stop(_module, _input, output):
    raise Reached(output)


class Ablation:
    """Runs a net with channels of one stage filled: a hook puts the filled copies in place of its output."""

    def __init__(self, net, modules, oracle, image):
        write_nothing_in_place(net)
        self.net, self.modules, self.oracle, self.image = net, modules, oracle, image

    def values(self, decision, below, filled):
        """The decision's value for each of the `filled` features (n, c, h, w) of a stage."""
        layer, channel, y, x = decision
        hooks = [self.modules[below].register_forward_hook(lambda *_: filled)]
        if layer != "scores":
            hooks.append(self.modules[layer].register_forward_hook(stop))
        try:
            with torch.no_grad():
                output = self.net(self.image).reshape(len(filled), -1, 1, 1)
        except Reached as reached:
            output = reached.args[0]
        for hook in hooks:
            hook.remove()
        return output[:, channel, y, x]

    def drops(self, decision, below, channels, fills=None):
        """Of some channels, each set to its own mean, or to its number in `fills`."""
        feature = self.oracle.features[below].detach()
        whole = self.values(decision, below, feature)
        drops = []
        for first in range(0, len(channels), CHANNELS_AT_ONCE):
            some = channels[first:first + CHANNELS_AT_ONCE]
            filled = feature.repeat(len(some), 1, 1, 1)
            for i, k in enumerate(some):
                filled[i, k] = feature[0, k].mean() if fills is None else fills[k]
            drops.append(whole - self.values(decision, below, filled))
        return torch.cat(drops).numpy().astype(np.float64)

    def correlations(self, decision, below, drops):
        """AA, MA, AG, MG, AF; a NaN where an estimate or the drops are constant."""
        gradient = self.oracle.gradient(*decision, below)
        feature = self.oracle.features[below][0].detach()
        a = gradient * feature
        above_mean = gradient * (feature - feature.mean((1, 2), keepdim=True))
        estimates = [a.mean((1, 2)), a.flatten(1).max(1)[0].clamp(min=0), gradient.mean((1, 2)),
                     gradient.flatten(1).max(1)[0], above_mean.sum((1, 2))]
        with np.errstate(invalid="ignore"):
            return [np.corrcoef(estimate.double().numpy(), drops)[0, 1] for estimate in estimates]


def path_of(node):
    """The decisions of a tree of one channel a level, from above."""
    while node["children"]:
        yield node["layer"], node["channel"], node["y"], node["x"]
        node = node["children"][0]


def spelling(decision):
    layer, channel, y, x = decision
    return f"class:{channel}" if layer == "scores" else f"{layer}:{channel}@{y},{x}"


def drops_of(tools, photo, question):
    return json.loads(tools["run"](tools["hdecomp"], "ablate", photo, *question, "--json"))["drops"]


def relative_error(ours, theirs, channels):
    """Of `theirs`, which are of some channels, over the largest drop of all."""
    return float(np.abs(np.take(ours, channels) - theirs).max() / np.abs(ours).max())


def data_set_means(net, model, photos, folder, tools, torch_side):
    """By stage, PyTorch's mean of each channel over all photographs."""
    sums = {}
    for photo in photos:
        oracle, _ = torch_side(net, input_of(model, photo, folder, tools))
        for stage in oracle.levels[1:]:
            sums[stage] = sums.get(stage, 0) + oracle.features[stage].detach()[0].double().mean((1, 2)).numpy()
    return {stage: total / len(photos) for stage, total in sums.items()}


def input_of(model, photo, folder, tools):
    dump = os.path.join(folder, "dump.h5")
    tools["run"](tools["dump"], model, photo, dump)
    with h5py.File(dump) as file:
        return torch.from_numpy(file["input"][()])


def compare_ablation(name, net, model, photos, tools, torch_side, whole=None, with_means=False):
    """Prints one line; returns whether all is within tolerance. `torch_side`: net, image -> oracle, modules. `whole`:
    how many of the photos are compared in all channels, if not all of them."""
    whole = len(photos) if whole is None else whole
    drop_error, correlation_error, faults, decisions, filled_error = 0.0, 0.0, [], 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        results, listed = os.path.join(folder, "pcc.h5"), os.path.join(folder, "list.txt")
        with open(listed, "w") as file:
            file.write("".join(photo + "\n" for photo in photos))
        tools["run"](tools["hdecomp"], "pcc", "--list", listed, "--root", "/", "--model", model, "-o", results)
        with h5py.File(results) as file:
            ours, states = file["values/correlation"][()], file["state"][()]
        means_file = os.path.join(folder, "means.h5")
        if with_means:
            tools["run"](tools["hdecomp"], "means", "--list", listed, "--root", "/", "--model", model, "-o", means_file)
            means = data_set_means(net, model, photos, folder, tools, torch_side)
        for i, photo in enumerate(photos):
            if states[i] != 1:
                faults.append(f"{photo} was not measured")
                continue
            image = input_of(model, photo, folder, tools)
            oracle, modules = torch_side(net, image)
            ablation = Ablation(net, modules, oracle, image)
            tree = json.loads(tools["run"](tools["hdecomp"], "explain", photo, "--model", model, "--top", "1", "--json"))
            for level, decision in enumerate(path_of(linked(tree))):
                below = oracle.levels[level + 1]
                question = ["--model", model, "--from", spelling(decision), "--to", below]
                drops = drops_of(tools, photo, question)
                channels = range(len(drops)) if i < whole else range(i % SHARE, len(drops), SHARE)
                theirs = ablation.drops(decision, below, channels)
                drop_error = max(drop_error, relative_error(drops, theirs, channels))
                if with_means:
                    filled = drops_of(tools, photo, [*question, "--fill", means_file])
                    expected = ablation.drops(decision, below, channels, means[below])
                    filled_error = max(filled_error, relative_error(filled, expected, channels))
                decisions += 1
                if i >= whole:
                    continue
                expected = ablation.correlations(decision, below, theirs)
                if (np.isnan(expected) != np.isnan(ours[i, level])).any():
                    faults.append(f"{spelling(decision)} -> {below}: {ours[i, level]}, PyTorch {expected}")
                correlation_error = max(correlation_error, float(np.nanmax(np.abs(expected - ours[i, level]))))
    if not drop_error <= DROP_TOLERANCE:
        faults.append(f"drops differ by {drop_error:.1e}, more than {DROP_TOLERANCE:.0e}")
    if not filled_error <= DROP_TOLERANCE:
        faults.append(f"drops with the data set's means differ by {filled_error:.1e}, more than {DROP_TOLERANCE:.0e}")
    if not correlation_error <= CORRELATION_TOLERANCE:
        faults.append(f"correlations differ by {correlation_error:.1e}, more than {CORRELATION_TOLERANCE:.0e}")
    filled = f"  drops with means {filled_error:.1e}" if with_means else ""
    print(f"{name:22s} {'FAIL' if faults else 'ok':4s} images {len(photos)}  decisions {decisions}"
          f"  drops {drop_error:.1e}{filled}  correlations {correlation_error:.1e}", flush=True)
    for fault in faults[:5]:
        print("   ", fault)
    return not faults
