#!/usr/bin/python3
"""Holds `hdecomp patches` against PyTorch and numpy in float64, written from its definition.

By activation: the maximum of F over each channel's map and its place. By contribution: the largest alpha (Eq. 4) of the
channel over the distinct decisions of the tree of the most probable class, and where A = G * F is largest (Eq. 5). Then
the K largest a channel, one an image, ties to the earlier image: the same images, values and places, all of them, but
where float64's own values are nearer to each other than float32's rounding (counted as swaps). The boxes come from the
kernels' sizes and the resize, in whole numbers; the crops are held against PIL's of the same box. The list has one
photograph twice, so that there are ties. One line a run; exit code 1 if a figure is beyond its tolerance. Needs
Debian's python3-torch, python3-h5py and python3-pil.

    tests/compare_patches.py [--build build] [NET.h5 PHOTO...]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights.
"""
import io
import math
import os
import shutil
import sys
from fractions import Fraction

import h5py
import numpy as np
import torch
from PIL import Image

from compare_experiments import input_of, report
from compare_saliency import ROOT, TOP, Tree, run
from folded_nets import FoldedNet
from two_nets import compare_nets

KEEP, SIDE = 3, 32
SAME = 1e-5      # of a layer's largest value: float32 against float64
CROPS = 4        # of 255, the mean over a crop of the difference in brightness: JPEG


def rule_of(model):
    """Whether the photograph becomes a square, resize, and crop."""
    with h5py.File(model) as file:
        return file.attrs["resize"] == b"square", int(file.attrs["resize_size"]), int(file.attrs["crop"])


def patches_of(model, photos, folder, tools, by):
    listed, results = os.path.join(folder, "list.txt"), os.path.join(folder, "patches.h5")
    with open(listed, "w") as file:
        file.write("".join(photo + "\n" for photo in photos))
    if os.path.exists(results):
        os.remove(results)
    run(tools["hdecomp"], "patches", "--list", listed, "--root", "/", "--model", model, "--device", "cpu", "--by", by,
        "--top", str(KEEP), *(["--tree-top", str(TOP)] if by == "contribution" else []), "--side", str(SIDE), "-o", results)
    with h5py.File(results) as file:
        assert (file["state"][()] == 1).all(), "an image was not measured"
        assert [name.decode() for name in file["images"]] == photos, "other images"
        begin, jpeg = file["crops/begin"][()], file["crops/jpeg"][()]
        crops = [jpeg[begin[i]:begin[i + 1]].tobytes() for i in range(len(begin) - 1)]
        return {layer: {name: data[()] for name, data in group.items()} for layer, group in file["patches"].items()}, crops


def activations(tree):
    maps = {stage: tree.features[stage][0].detach() for stage in tree.levels[1:]}
    return {stage: [(feature.flatten(1).max(1)[0].numpy(), feature.numpy())] for stage, feature in maps.items()}


def contributions(tree):
    """Of each stage, for each of its distinct decisions above: alpha of every channel, and A."""
    found, level = {}, [tree.root]
    for depth, stage in enumerate(tree.levels[1:]):
        found[stage], below = [], {}
        for neuron in level:
            decision = tree.features[tree.levels[depth]][(0, *neuron)]
            feature = tree.features[stage]
            a = (torch.autograd.grad(decision, feature, retain_graph=True)[0][0] * feature[0].detach()).numpy()
            found[stage].append((np.where(a.max((1, 2)) > 0, a.mean((1, 2)), 0), a))
            for child, _, _ in tree.step(depth, neuron):
                if tree.value(depth + 1, child) > 0:
                    below[child] = None
        level = list(below)
    return found


def kernels_to(arch, stage):
    """(kernel, stride, padding) of what lies between the pixels and a stage's end."""
    kernels = []
    if arch.startswith("vgg16"):
        for block in range(1, 6):
            kernels += [(3, 1, 1)] * (2 if block < 3 else 3)
            if stage == f"conv{block}_{2 if block < 3 else 3}":
                return kernels
            kernels.append((2, 2, 0))
    kernels.append((7, 2, 3))
    if stage == "conv1":
        return kernels
    kernels.append((3, 2, 1))
    for layer in range(1, 5):
        for block in range(2):
            kernels += [(3, 2 if block == 0 and layer > 1 else 1, 1), (3, 1, 1)]
        if stage == f"layer{layer}":
            return kernels
    raise ValueError(stage)


def field_of(arch, stage, place, crop):
    """[begin, end) of the input's pixels on one axis."""
    begin, end = place, place + 1
    for kernel, stride, pad in reversed(kernels_to(arch, stage)):
        begin, end = begin * stride - pad, (end - 1) * stride - pad + kernel
    return max(begin, 0), min(end, crop)


def side_of(pixels, other, rule):
    """What a side of the photograph is resized to, and the first pixel of the crop."""
    square, size, crop = rule
    resized = size if square or pixels <= other else int(size * pixels / other)
    return resized, int(round((resized - crop) / 2.0))


def box_of(photo_size, rule, fields):
    """The photograph's pixels that touch a part of the input: y, x, height, width."""
    width, height = photo_size
    box = []
    for pixels, other, (begin, end) in ((height, width, fields[0]), (width, height, fields[1])):
        resized, first = side_of(pixels, other, rule)
        scale = Fraction(pixels, resized)
        box.append((math.floor((first + begin) * scale), math.ceil((first + end) * scale)))
    (top, bottom), (left, right) = box
    return [top, left, min(bottom, height) - top, min(right, width) - left]


def crop_error(jpeg, view, fields):
    """How far a crop is from PIL's of the same part of the view."""
    crop = Image.open(io.BytesIO(jpeg))
    if max(crop.size) != SIDE:
        return math.inf
    (top, bottom), (left, right) = fields
    level, size = view, view.size
    while min(level.size) >= 2 * SIDE and max(bottom - top, right - left) * level.size[0] // size[0] >= 2 * SIDE:
        level = level.resize((level.size[0] // 2, level.size[1] // 2), Image.BILINEAR)  # as ours: from halves
    scale = level.size[0] / size[0]
    expected = level.resize(crop.size, Image.BILINEAR, box=tuple(scale * side for side in (left, top, right, bottom)))
    return float(np.abs(np.asarray(crop.convert("L"), float) - np.asarray(expected.convert("L"), float)).mean())


def compare(model, photos, folder, tools, by):
    ours, crops = patches_of(model, photos, folder, tools, by)
    net, rule, faults = FoldedNet(model), rule_of(model), []
    mean, std = (np.array(v, float).reshape(3, 1, 1) for v in (net.mean, net.std))
    found, views = [], []
    for photo in photos:
        image = input_of(model, photo, folder, tools)
        tree = Tree(net, image, int(net.run(image)["scores"].argmax()), TOP)
        found.append((activations if by == "activation" else contributions)(tree))
        pixels = ((image[0].numpy() * std + mean) * 255).round().clip(0, 255).astype(np.uint8)
        views.append(Image.fromarray(pixels.transpose(1, 2, 0)))
    apart, swaps, patches, colours = 0, 0, 0, 0
    for stage, got in ours.items():
        best = np.stack([np.max([value for value, _ in one[stage]], axis=0) for one in found])  # (images, channels)
        largest = best.max()
        for channel in range(best.shape[1]):
            order = [i for i in np.argsort(-best[:, channel], kind="stable") if best[i, channel] > 0][:KEEP]
            listed = [i for i in got["image"][channel] if i >= 0]
            if len(listed) != len(order) and not (best[:, channel] < SAME * largest).any():
                faults.append(f"{stage}:{channel}: {len(listed)} patches, PyTorch's {len(order)}")
            if len(set(listed)) != len(listed):
                faults.append(f"{stage}:{channel}: an image twice")
            for rank, image in enumerate(listed):
                value, patches = float(got["value"][channel, rank]), patches + 1
                error = abs(value - best[image, channel]) / largest
                apart = max(apart, error)
                if rank < len(order) and image != order[rank]:
                    swaps += 1
                    if abs(best[order[rank], channel] - best[image, channel]) > 2 * SAME * largest:
                        faults.append(f"{stage}:{channel}: image {image} in place of {order[rank]}")
                y, x = got["place"][channel, rank]
                # The decision that the value is of may be another one but for rounding: any that has it will do.
                at = [a[channel, y, x] >= a[channel].max() - SAME * np.abs(a).max() for v, a in found[image][stage]
                      if abs(v[channel] - best[image, channel]) <= 2 * SAME * largest]
                if not any(at):
                    faults.append(f"{stage}:{channel}, image {image}: the peak is not at {y}, {x}")
                fields = [field_of(net.arch, stage, int(place), rule[2]) for place in (y, x)]
                expected = box_of(Image.open(photos[image]).size, rule, fields)
                if got["box"][channel, rank].tolist() != expected:
                    faults.append(f"{stage}:{channel}, image {image}: box {got['box'][channel, rank]}, not {expected}")
                if channel % 8 == 0:
                    colours = max(colours, crop_error(crops[got["crop"][channel, rank]], views[image], fields))
    print(f"    {patches} patches, {swaps} swaps within rounding")
    return {"values": (apart, SAME), "crops": (colours, CROPS)}, faults


def all_of(name, model, photos, work, tools):
    right = True
    for by in ("activation", "contribution"):
        right &= report(f"patches by {by}, {name}", *compare(model, photos, work, tools, by))
    return right


def once_more(work):
    """One of the photographs in another file."""
    again = os.path.join(work, "again.jpg")
    shutil.copy(os.path.join(ROOT, "tools", "photos", "chelsea.jpg"), again)
    return [again]


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of, ("portrait", "chelsea", "coffee", "rocket", "astronaut"), once_more))
