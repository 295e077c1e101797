#!/usr/bin/python3
"""Holds the rows of `hdecomp what-ifs` against PyTorch and numpy in float64, written from their definitions.

Of each photograph: the channel of the last stage with the largest alpha above 0; the photograph's pixels under its mask, or
in the receptive field of A's peak, filled here; the channel set to 0 or its mean; the most probable class before and after
and whether it is the label, exactly; probabilities and scores of the class in question and of the label. Of the changes of
chance, whose boxes and channels `hdecomp what-if` lists for the same seed (tests/compare_what_if.py holds those against their
definition): how many change the class, give the label and end as low, exactly, and their means. Last what the table by
channel makes of the rows: how many classes change, are mended and are spoiled. One line an experiment; exit code 1 if a
figure is beyond its tolerance. Needs Debian's python3-torch, python3-h5py and python3-pil.

    tests/compare_what_ifs.py [--build build] [NET.h5 PHOTO...]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights, on three bundled photographs and two of
HDECOMP_SHARED's, where that is there.
"""
import csv
import glob
import os
import sys

import numpy as np
import torch
from PIL import Image

from compare_experiments import input_of, report, values_of
from compare_patches import box_of, field_of, rule_of, side_of
from compare_saliency import ROOT
from compare_what_if import CONTROLS, SEED, ask, filled, probabilities, scores_of_pixels
from folded_nets import FoldedNet
from two_nets import compare_nets

SAME = 1e-5  # of the largest score, and of probabilities
THRESHOLD = 0.5


class Decision:
    """What the network says of a photograph, and of the class its last stage's channel that supports it most."""

    def __init__(self, net, image):
        self.net, self.image, self.layer = net, image, net.stages[-1]
        features = net.run(image.clone().requires_grad_(True))
        self.scores = features["scores"][0].detach().numpy()
        self.index = int(self.scores.argmax())
        below = features[self.layer]
        self.a = (torch.autograd.grad(features["scores"][0, self.index], below)[0] * below.detach())[0]
        self.feature = below.detach()
        alpha = self.a.mean((1, 2)).numpy()
        self.channel = int(alpha.argmax())
        order = np.sort(alpha)
        self.gap = (order[-1] - order[-2]) / order[-1]

    def without(self, channels, fill):
        """The scores with channels of that stage set to 0 or to their means."""
        def put(name, value):
            if name != self.layer:
                return value
            value = value.clone()
            for k in channels:
                value[:, k] = 0 if fill == "zero" else self.feature[0, k].mean()
            return value
        with torch.no_grad():
            return self.net.run(self.image, fill=put)["scores"][0].numpy()


def cells_under(pixels, other, rule, cells):
    """Of each pixel of a side the cell of the map over its centre, -1 for none."""
    crop = rule[2]
    resized, first = side_of(pixels, other, rule)
    sample = (np.arange(pixels) + 0.5) * resized / pixels - first
    inside = (sample >= 0) & (sample < crop)
    return np.where(inside, np.minimum((sample * cells / crop).astype(int), cells - 1), -1)


def mask_of(a, photo, rule):
    """The photograph's pixels under the cells of A above the threshold."""
    height, width = photo.shape[:2]
    rows, columns = (cells_under(side, other, rule, cells)
                     for side, other, cells in ((height, width, a.shape[0]), (width, height, a.shape[1])))
    on = (a > THRESHOLD * a.max()) & (a > 0)
    return (rows[:, None] >= 0) & (columns[None] >= 0) & on[rows[:, None], columns[None]]


def field_mask(net, decision, photo, rule):
    """The pixels in the receptive field of A's peak."""
    a = decision.a[decision.channel].numpy()
    y, x = np.unravel_index(a.argmax(), a.shape)
    fields = [field_of(net.arch, decision.layer, int(place), rule[2]) for place in (y, x)]
    height, width = photo.shape[:2]
    top, left, rows, columns = box_of((width, height), rule, fields)
    mask = np.zeros((height, width), bool)
    mask[top:top + rows, left:left + columns] = True
    return mask


class Errors:
    """A row against what PyTorch says."""

    def __init__(self, ours):
        self.ours, self.apart, self.faults = ours, 0, []

    def exact(self, image, field, expected):
        if np.ravel(self.ours[field][image]).tolist() != [float(value) for value in np.ravel(expected)]:
            self.faults.append(f"image {image}: {field} {self.ours[field][image]}, not {expected}")

    def near(self, image, field, expected, largest=1):
        self.apart = max(self.apart, np.abs(np.ravel(self.ours[field][image]) - np.ravel(expected)).max() / largest)

    def as_low(self, image, above, rounding):
        """How many controls end as low; those that differ by less than rounding may count or not: a mean changes next to
        nothing where only sums follow."""
        least, most = (np.float32(np.mean(above <= by)) for by in (-rounding, rounding))
        share = float(self.ours["control_as_low"][image].item())
        if not least <= share <= most:
            self.faults.append(f"image {image}: control_as_low {share}, not {least} to {most}")

    def row(self, image, decision, label, after, controls):
        before, index, largest = decision.scores, decision.index, np.abs(decision.scores).max()
        pair, p = (before, after), [probabilities(scores) for scores in (before, after)]
        self.exact(image, "decision_class", index)
        self.exact(image, "channel", decision.channel)
        self.exact(image, "predicted", [scores.argmax() for scores in pair])
        self.exact(image, "correct", [scores.argmax() == label for scores in pair])
        self.near(image, "score", [scores[index] for scores in pair], largest)
        self.near(image, "probability", [one[index] for one in p])
        self.near(image, "label_probability", [one[label] for one in p])
        said = np.array([scores.argmax() for scores in controls])
        for field, share in (("control_changes", said != index), ("control_correct", said == label)):
            self.exact(image, field, np.float32(np.mean(share)))
        self.as_low(image, np.array([scores[index] for scores in controls]) - after[index], SAME * largest)
        self.near(image, "control_score", np.mean([scores[index] for scores in controls]), largest)
        self.near(image, "control_probability", np.mean([probabilities(scores)[index] for scores in controls]))


def labels_for(decisions):
    """Of every second photograph the class that the network says, of the others the next one."""
    return [(one.index + i % 2) % len(one.scores) for i, one in enumerate(decisions)]


def table_faults(folder, rows):
    """Of the table by channel: how many images each changed, whose class that changed, mended and spoiled."""
    with open(os.path.join(folder, "what-ifs.channels.csv"), newline="") as file:
        table = {int(line["channel"]): [int(line[head]) for head in ("images", "class changes", "mended", "spoiled")]
                 for line in csv.DictReader(file)}
    before, after = rows["correct"].T == 1
    kinds = np.stack([np.ones(len(before), int), rows["predicted"][:, 0] != rows["predicted"][:, 1], ~before & after,
                      before & ~after])
    channels = rows["channel"].ravel().astype(int)
    counted = {channel: kinds[:, channels == channel].sum(1).tolist() for channel in set(channels.tolist())}
    return [] if table == counted else [f"the table by channel has {table}, the rows {counted}"]


def measure(model, photos, labels, folder, tools, *flags):
    listed = os.path.join(folder, "labels.txt")
    with open(listed, "w") as file:
        file.write("".join(f"{label}\n" for label in labels))
    return values_of("what-ifs", model, photos, folder, tools, "--labels", listed, "--controls", str(CONTROLS), "--seed",
                     str(SEED), *flags)


def compare_regions(model, photos, folder, tools, net, decisions, region, fill):
    rule = rule_of(model)
    labels = labels_for(decisions)
    errors = Errors(measure(model, photos, labels, folder, tools, "--region", region, "--fill", fill))

    def scores_of(pixels):
        return scores_of_pixels(net, model, pixels, folder, tools).numpy()

    for i, (photo, decision) in enumerate(zip(photos, decisions)):
        pixels = np.asarray(Image.open(photo).convert("RGB"))
        height, width = pixels.shape[:2]
        mask = (mask_of(decision.a[decision.channel].numpy(), pixels, rule) if region == "mask" else
                field_mask(net, decision, pixels, rule))
        everything = filled(pixels, [0, 0, width, height], fill)
        after = scores_of(np.where(mask[..., None], everything, pixels))
        told = ask(tools, model, photo, "--at", f"{decision.layer}:{decision.channel}", "--region", region, "--fill", fill)
        if told["change"]["pixels"] != mask.sum():
            errors.faults.append(f"image {i}: {told['change']['pixels']} pixels, not {mask.sum()}")
        controls = [scores_of(filled(pixels, one["box"], fill)) for one in told["control"]["each"]]
        errors.row(i, decision, labels[i], after, controls)
    return {"scores": (errors.apart, SAME)}, errors.faults + table_faults(folder, errors.ours)


def compare_off(model, photos, folder, tools, decisions, fill):
    labels = labels_for(decisions)
    errors = Errors(measure(model, photos, labels, folder, tools, "--off", "top", "--fill", fill))
    for i, (photo, decision) in enumerate(zip(photos, decisions)):
        told = ask(tools, model, photo, "--off", f"{decision.layer}:{decision.channel}", "--fill", fill)
        controls = [decision.without(one["off"][0]["channels"], fill) for one in told["control"]["each"]]
        errors.row(i, decision, labels[i], decision.without([decision.channel], fill), controls)
        if not np.isnan(errors.ours["filled"][i]).all():
            errors.faults.append(f"image {i}: pixels are filled")
    return {"scores": (errors.apart, SAME)}, errors.faults + table_faults(folder, errors.ours)


def all_of(name, model, photos, work, tools):
    net = FoldedNet(model)
    decisions = [Decision(net, input_of(model, photo, work, tools)) for photo in photos]
    clear = [i for i, one in enumerate(decisions) if one.gap > SAME]  # of the others rounding picks the channel
    photos, decisions = [photos[i] for i in clear], [decisions[i] for i in clear]
    right = True
    for region, fill in (("mask", "grey"), ("mask", "blur"), ("field", "mean")):
        right &= report(f"{region}, {fill}, {name}", *compare_regions(model, photos, work, tools, net, decisions, region, fill))
    for fill in ("zero", "mean"):
        right &= report(f"off, {fill}, {name}", *compare_off(model, photos, work, tools, decisions, fill))
    print(f"    {len(photos)} photographs")
    return right


def shared_photos(_work):
    data = os.path.join(os.environ.get("HDECOMP_SHARED", os.path.join(ROOT, "..", "shared")), "data")
    sample = sorted(glob.glob(os.path.join(data, "imagenet-sample", "*.jpg")))
    held_out = sorted(glob.glob(os.path.join(data, "caltech101", "bonsai", "*.jpg")))
    return [os.path.abspath(path) for path in sample[:1] + held_out[:1]]


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of, ("chelsea", "portrait", "rocket"), shared_photos))
