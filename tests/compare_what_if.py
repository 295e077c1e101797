#!/usr/bin/python3
"""Holds `hdecomp what-if` against PyTorch and numpy in float64, written from its definitions.

The filled photograph, byte by byte, for each fill of pixels: 128, the mean colour, three means each way; the places of the
boxes of chance, by the seed and the pixels. Class scores before and after, and of each control: of the photographs filled
here, and of the network with channels set to 0 or to their means; contributions of the tree after. One line an experiment;
exit code 1 if a figure is beyond its tolerance. Needs Debian's python3-torch, python3-h5py and python3-pil.

    tests/compare_what_if.py [--build build] [NET.h5 PHOTO]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights.
"""
import json
import os
import sys

import numpy as np
import torch
from PIL import Image

from compare_diagnosis import pixels_of
from compare_experiments import input_of, report
from compare_patches import rule_of
from compare_saliency import run
from folded_nets import FoldedNet
from he_draws import MASK, mixes, stream_of
from two_nets import compare_nets

SCORES, CONTRIBUTIONS = 1e-5, 1e-4
CONTROLS, SEED = 4, 3


def rounded(mean):
    return np.floor(mean + 0.5)


def blurred(photo):
    """Three rounded means over 2 r + 1 pixels along rows, then columns; the rim's pixel counts on outside."""
    radius = max(min(photo.shape[:2]) // 16, 1)
    for axis in (1, 0) * 3:
        pad = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        wide = np.pad(photo, pad, mode="edge").astype(np.float64)
        parts = [np.take(wide, range(k, k + photo.shape[axis]), axis) for k in range(2 * radius + 1)]
        photo = rounded(sum(parts) / (2 * radius + 1))
    return photo


def filled(photo, box, fill):
    x, y, width, height = box
    with_what = {"grey": lambda: np.full_like(photo, 128), "blur": lambda: blurred(photo),
                 "mean": lambda: np.broadcast_to(rounded(photo.astype(np.float64).mean((0, 1))), photo.shape)}[fill]()
    photo = photo.copy()
    photo[y:y + height, x:x + width] = with_what[y:y + height, x:x + width]
    return photo


def boxes_of_chance(photo, within, size):
    """By FNV-1a of the pixels: each box's column and row, uniform over where it fits."""
    pixels = 0xcbf29ce484222325
    for byte in pixels_of(photo):
        pixels = ((pixels ^ byte) * 0x100000001b3) & MASK
    stream = stream_of(SEED, pixels)
    uniform = ((mixes((stream + 1) & MASK, 2 * CONTROLS) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0 ** -53
    room = [within[2] - size[0], within[3] - size[1]]
    place = [within[k % 2] + min(int(uniform[k] * (room[k % 2] + 1)), room[k % 2]) for k in range(2 * CONTROLS)]
    return [[place[2 * i], place[2 * i + 1], *size] for i in range(CONTROLS)]


def seen_of(rule, width, height):
    """The box of the photograph that the network's square comes from, outward to whole pixels."""
    square, size, crop = rule
    def side(pixels):
        resized = size if square else size * pixels // min(width, height)
        first = round((resized - crop) / 2)
        return int(np.floor(first * pixels / resized + 1e-9)), int(np.ceil((first + crop) * pixels / resized - 1e-9))
    (left, right), (top, bottom) = side(width), side(height)
    return [left, top, right - left, bottom - top]


def ask(tools, model, photo, *flags):
    return json.loads(run(tools["hdecomp"], "what-if", photo, "--model", model, "--device", "cpu", "--top", "2", "--depth",
                          "1", "--controls", str(CONTROLS), "--seed", str(SEED), "--json", *flags))


def probabilities(scores):
    p = np.exp(scores - scores.max())
    return p / p.sum()


class Errors:
    """The largest differences of scores over the largest score."""

    def __init__(self):
        self.scores, self.probabilities, self.faults = 0, 0, []

    def verdict(self, scores, ours):
        scores = scores.numpy()
        p = probabilities(scores)
        for one in ours.get("top", []) + [ours["decision"]]:
            self.scores = max(self.scores, abs(one["score"] - scores[one["index"]]) / np.abs(scores).max())
            self.probabilities = max(self.probabilities, abs(one["probability"] - p[one["index"]]))
        if "top" in ours and ours["top"][0]["index"] != scores.argmax():
            self.faults.append("another class is the likeliest")

    def control(self, scores, ours, decision):
        self.scores = max(self.scores, abs(ours["score"] - float(scores[decision])) / float(scores.abs().max()))
        if ours["predicted"] != int(scores.argmax()):
            self.faults.append("a control has another class")

    def done(self, **more):
        return {"scores": (self.scores, SCORES), "probabilities": (self.probabilities, SCORES), **more}, self.faults


def scores_of_pixels(net, model, pixels, folder, tools):
    path = os.path.join(folder, "filled.png")
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    with torch.no_grad():
        return net.run(input_of(model, path, folder, tools))["scores"][0]


def compare_region(model, photo, folder, tools, fill):
    net, errors = FoldedNet(model), Errors()
    pixels = np.asarray(Image.open(photo).convert("RGB"))
    height, width = pixels.shape[:2]
    box = [width // 3, height // 4, width // 4, height // 3]
    out = os.path.join(folder, "what-if")
    ours = ask(tools, model, photo, "--box", ",".join(map(str, box)), "--fill", fill, "-o", out)

    def scores_of(image):
        return scores_of_pixels(net, model, image, folder, tools)

    after = filled(pixels, box, fill)
    apart = int(np.abs(np.asarray(Image.open(os.path.join(out, "filled.png"))).astype(int) - after.astype(int)).max())
    errors.verdict(scores_of(pixels), ours["before"])
    errors.verdict(scores_of(after), ours["after"])
    decision = ours["before"]["decision"]["index"]
    given = [control["box"] for control in ours["control"]["each"]]
    if given != boxes_of_chance(photo, seen_of(rule_of(model), width, height), given[0][2:]):
        errors.faults.append("other boxes of chance")
    for control in ours["control"]["each"]:
        errors.control(scores_of(filled(pixels, control["box"], fill)), control, decision)
    changes = [control["probability"] - ours["before"]["decision"]["probability"] for control in ours["control"]["each"]]
    mean = abs(ours["control"]["mean_change"] - np.mean(changes))
    return errors.done(pixels=(apart, 0), mean=(mean, 1e-6))


def compare_off(model, photo, folder, tools, fill):
    net, errors = FoldedNet(model), Errors()
    image = input_of(model, photo, folder, tools)
    stage, above = net.stages[-2], net.stages[-1]
    off = f"{stage}:1,3,{above}:2"
    ours = ask(tools, model, photo, "--off", off, "--fill", fill)
    clean = net.run(image)

    def without(layers):
        channels = {layer["layer"]: layer["channels"] for layer in layers}
        def put(name, value):
            if name not in channels:
                return value
            value = value.clone()
            for k in channels[name]:
                value[:, k] = 0 if fill == "zero" else clean[name][0, k].mean().detach()
            return value
        return net.run(image.clone().requires_grad_(True), fill=put)

    errors.verdict(clean["scores"][0].detach(), ours["before"])
    after = without(ours["change"]["off"])
    errors.verdict(after["scores"][0].detach(), ours["after"])
    decision = ours["before"]["decision"]["index"]
    named = {layer["layer"]: sorted(layer["channels"]) for layer in ours["change"]["off"]}
    if named != {stage: [1, 3], above: [2]}:
        errors.faults.append(f"off are {named}")
    for control in ours["control"]["each"]:
        errors.control(without(control["off"])["scores"][0].detach(), control, decision)
    contributions = 0
    if ours["tree_after"]:
        below = after[above]
        alpha = (torch.autograd.grad(after["scores"][0, decision], below)[0] * below.detach())[0].mean((1, 2)).numpy()
        got = np.array(ours["tree_after"]["steps"][f"scores:{decision}@0,0"]["contributions"])
        contributions = np.abs(got - alpha).max() / np.abs(alpha).max()
    elif float(after["scores"][0, decision]) > 0:
        errors.faults.append("no tree after")
    return errors.done(contributions=(contributions, CONTRIBUTIONS))


def all_of(name, model, photos, work, tools):
    photo, right = photos[0], True
    for fill in ("grey", "blur", "mean"):
        right &= report(f"box, {fill}, {name}", *compare_region(model, photo, work, tools, fill))
    for fill in ("zero", "mean"):
        right &= report(f"off, {fill}, {name}", *compare_off(model, photo, work, tools, fill))
    return right


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of, ("chelsea",)))
