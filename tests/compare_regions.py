#!/usr/bin/python3
"""Holds `hdecomp context` against PyTorch and numpy in float64, and `hdecomp concepts` against numpy over our own features,
written from their definitions.

The photographs' segmentations are made here and written by scipy.io (LabelMap, uint16, compressed), PIL (a palette, grey
of 8 and 16 bits, TIFF) and as an outline of Caltech-101; PIL brings them to what the network sees. By label: how many
activation maps have it, exactly, and the sum of their intersections over union, which the results file keeps as float32.
Of each channel of each stage end: the threshold, the label of the largest intersection over union and that, all exactly.
One line a way of labelling; exit code 1 if a figure differs. Needs Debian's python3-torch, python3-h5py, python3-pil
and python3-scipy.

    tests/compare_regions.py [--build build] [NET.h5 PHOTO...]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights.
"""
import os
import sys

import h5py
import numpy as np
import scipy.io
import torch
from PIL import Image

from compare_experiments import input_of, report, values_of
from compare_saliency import Tree, run
from folded_nets import FoldedNet
from two_nets import compare_nets

DEPTH, TOP = 2, 3
NAMES, VOID = 459, 255  # void has a name here as well: 459 names are 1 to 459
ROUNDED = 2.0 ** -23  # of a float32
SHARE, EVERY = 0.005, 3  # of the concepts; of the channels


class MapTree(Tree):
    """Keeps each step's activation maps beside its channels."""

    def maps(self, level, neuron):
        below = self.features[self.levels[level + 1]]
        decision = self.features[self.levels[level]][(0, *neuron)]
        a = torch.autograd.grad(decision, below, retain_graph=True)[0][0] * below[0].detach()
        return [(child, a[child[0]].numpy()) for child, _, _ in self.step(level, neuron)]


def picture_of(photo, seed):
    """Labels of blocks and a disc, in the photograph's size, 0 and 459 among them."""
    width, height = Image.open(photo).size
    draws = np.random.default_rng(seed)
    labels = np.kron(draws.choice([0, 1, 2, 7, 44, VOID, 300, NAMES], (5, 4)),
                     np.ones((-(-height // 5), -(-width // 4)), int))[:height, :width]
    y, x = np.mgrid[:height, :width]
    labels[(y - height / 2) ** 2 + (x - width / 2) ** 2 < min(height, width) ** 2 / 9] = 12
    return labels.astype(np.uint16)


def save_mat(labels, path):
    scipy.io.savemat(path + ".mat", {"LabelMap": labels}, do_compression=True)


def save_palette(labels, path):
    image = Image.fromarray((labels % 256).astype(np.uint8), "P")
    image.putpalette([(i * 37 + c * 91) % 256 for i in range(256) for c in range(3)])
    image.save(path + ".png")


def save_grey(labels, path):
    Image.fromarray((labels % 256).astype(np.uint8)).save(path + ".png")


def save_grey_16(labels, path):
    Image.fromarray(labels).save(path + ".png")


def save_tiff(labels, path):
    Image.fromarray(labels).save(path + ".tif", compression="tiff_lzw")


WAYS = [("mat", save_mat, 65536), ("palette", save_palette, 256), ("grey", save_grey, 256), ("grey16", save_grey_16, 65536),
        ("tiff", save_tiff, 65536)]


def seen_of(labels, rule):
    """Resize and crop as torchvision's on PIL images, by nearest neighbour."""
    height, width = labels.shape
    size, crop = rule["size"], rule["crop"]
    if rule["resize"] == "square":
        new = (size, size)
    else:
        new = (size, int(size * width / height)) if height <= width else (int(size * height / width), size)
    image = Image.fromarray(labels.astype(np.int32), "I").resize(new[::-1], Image.NEAREST)
    top, left = (int(round((side - crop) / 2.0)) for side in new)
    return np.asarray(image)[top:top + crop, left:left + crop]


def rule_of(model):
    with h5py.File(model) as file:
        return {"resize": file.attrs["resize"].decode(), "size": int(file.attrs["resize_size"]),
                "crop": int(file.attrs["crop"])}


def iou_of(mask, seen, label):
    region = seen == label
    return (mask & region).sum() / (mask | region).sum()


def label_of(a, threshold, seen, labels):
    """The lowest label of the largest IoU, and that; None of a mask without any region."""
    side = len(seen)
    place = np.arange(side) * a.shape[0] // side, np.arange(side) * a.shape[1] // side
    mask = (a > threshold * a.max())[np.ix_(*place)]
    ious = [iou_of(mask, seen, label) if (seen == label).any() else 0 for label in labels]
    best = int(np.argmax(ious))
    return (best, ious[best]) if ious[best] > 0 else (None, 0)


def expected_of(tree, threshold, seen, labels):
    """By level the maps with each label, the last those with none, and the sums of their IoUs."""
    level, found = [tree.root], []
    for depth in range(DEPTH):
        maps, ious, below = np.zeros(len(labels) + 1), np.zeros(len(labels)), {}
        for neuron in level:
            for child, a in tree.maps(depth, neuron):
                label, iou = label_of(a, threshold, seen, labels)
                maps[len(labels) if label is None else label] += 1
                if label is not None:
                    ious[label] += iou
                if tree.value(depth + 1, child) > 0:
                    below[child] = None
        found.append((maps, ious))
        level = list(below)
    return found


def compare_context(model, photos, folder, tools, pictures, regions, labels, trees, *flags):
    """`pictures`: by photo the labels; `labels`: what has a name."""
    errors, faults, rule = 0, [], rule_of(model)
    for threshold in (0.5, 0):
        ours = values_of("context", model, photos, folder, tools, "--regions", regions, "--mask-threshold", str(threshold),
                         "--depth", str(DEPTH), "--top", str(TOP), *flags)
        for i, (labelled, tree) in enumerate(zip(pictures, trees)):
            seen = seen_of(labelled, rule)
            area = np.array([(seen == label).mean() for label in labels])
            errors = max(errors, np.abs(ours["area"][i] - area).max())
            for stage, (maps, ious) in zip(tree.levels[1:], expected_of(tree, threshold, seen, labels)):
                if (ours["maps_" + stage][i] != maps).any():
                    faults.append(f"{os.path.basename(photos[i])}, {stage}: other labels above {threshold}")
                errors = max(errors, (np.abs(ours["iou_" + stage][i] - ious) / np.maximum(ious, 1)).max())
    return {"IoU": (errors, ROUNDED)}, faults


def threshold_of(values, share):
    """The lowest number of eight significant bits, no more than 16 octaves below the largest one at or below the maximum,
    that at most `share` of the values are at least; and no more than that largest one; 0 where nothing is above 0."""
    if values.max() <= 0:
        return np.float32(0)
    bins = np.unique(values[values > 0].view(np.uint32) >> 16)
    ends = np.unique(np.concatenate([bins, bins + 1, [max(int(bins.max()) - 2047, 0)]]))
    ends = (ends[ends >= int(bins.max()) - 2047].astype(np.uint32) << 16).view(np.float32)
    top = ends[ends <= values.max()].max()
    fits = [end for end in ends if (values >= end).sum() <= share * values.size]
    return min(fits[0], top)


def concept_of(maps, threshold, seen, labels):
    """Over all images: the lowest label of the largest IoU, and that; -1 where no pixel is of any."""
    both, areas, mask = np.zeros(len(labels)), np.zeros(len(labels)), 0
    for a, picture in zip(maps, seen):
        side = len(picture)
        place = np.arange(side) * a.shape[0] // side, np.arange(side) * a.shape[1] // side
        above = (a >= threshold)[np.ix_(*place)] if threshold > 0 else np.zeros_like(picture, bool)
        mask += above.sum()
        for k, label in enumerate(labels):
            both[k] += (above & (picture == label)).sum()
            areas[k] += (picture == label).sum()
    ious = np.divide(both, mask + areas - both, out=np.zeros(len(labels)), where=both > 0)
    best = int(np.argmax(ious))
    return (best, ious[best]) if ious[best] > 0 else (-1, 0.0)


def compare_concepts(model, photos, folder, tools, pictures, regions, names, labels):
    listed, output = os.path.join(folder, "list.txt"), os.path.join(folder, "concepts.h5")
    with open(listed, "w") as file:
        file.write("".join(photo + "\n" for photo in photos))
    run(tools["hdecomp"], "concepts", "--list", listed, "--root", "/", "--model", model, "--device", "cpu", "--regions", regions,
        "--region-names", names, "--share", str(SHARE), "-o", output)
    features, rule, faults, worst = [], rule_of(model), [], 0
    for photo in photos:
        dump = os.path.join(folder, "dump.h5")
        run(tools["dump"], model, photo, dump)
        with h5py.File(dump) as file:
            features.append({name: data[()] for name, data in file["features"].items()})
    seen = [seen_of(picture, rule) for picture in pictures]
    present = [label for label in labels if any((picture == label).any() for picture in seen)]
    place = {label: k for k, label in enumerate(labels)}
    channels = 0
    with h5py.File(output) as file:
        for stage, ours in file["layers"].items():
            maps = np.stack([each[stage].reshape(each[stage].shape[-3:]) for each in features])
            for c in range(0, maps.shape[1], EVERY):
                threshold = threshold_of(maps[:, c].ravel(), SHARE)
                best, iou = concept_of(maps[:, c], threshold, seen, present)
                best = -1 if best < 0 else place[present[best]]
                channels += 1
                if ours["threshold"][c] != threshold or ours["region"][c] != best or ours["iou"][c] != iou:
                    faults.append(f"{stage}:{c}: {ours['threshold'][c]} {ours['region'][c]} {ours['iou'][c]}, "
                                  f"numpy's {threshold} {best} {iou}")
                worst = max(worst, abs(ours["iou"][c] - iou))
    if channels == 0:
        faults.append("no channel")
    return {"IoU": (worst, 0)}, faults


def outline_of(height, width):
    """A star's corners in MATLAB's coordinates, and what is inside by the even-odd rule."""
    angle = np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2, 0.18, 0.45) * min(height, width)
    points = np.stack([width / 2 + radius * np.sin(angle), height / 2 - radius * np.cos(angle)])
    y, x = np.mgrid[1:height + 1, 1:width + 1].astype(float)
    inside = np.zeros((height, width), bool)
    for (x0, y0), (x1, y1) in zip(points.T, np.roll(points, -1, 1).T):
        if y0 == y1:
            continue
        crosses = (np.minimum(y0, y1) <= y) & (y < np.maximum(y0, y1))
        inside ^= crosses & (x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x)
    return points, inside


def save_outline(path, height, width):
    points, inside = outline_of(height, width)
    left, top = np.floor(points.min(1))
    right, bottom = np.ceil(points.max(1))
    scipy.io.savemat(path, {"box_coord": np.array([[top, bottom, left, right]]),
                            "obj_contour": points - np.array([[left], [top]])}, do_compression=True)
    return inside


def compare_outlines(model, photos, work, tools, trees):
    """Photographs in a category's folder, as Caltech-101 has them."""
    images, regions = os.path.join(work, "star"), os.path.join(work, "outlines")
    os.makedirs(images, exist_ok=True)
    os.makedirs(os.path.join(regions, "star"), exist_ok=True)
    pictures, listed = [], []
    for i, photo in enumerate(photos):
        listed.append(os.path.join(images, f"image_{i:04d}.jpg"))
        if not os.path.exists(listed[-1]):
            os.symlink(photo, listed[-1])
        width, height = Image.open(photo).size
        pictures.append(save_outline(os.path.join(regions, "star", f"annotation_{i:04d}.mat"), height, width).astype(np.uint16))
    return compare_context(model, listed, work, tools, pictures, regions, [0, 1], trees, "--region-kind", "caltech-101")


def all_of(name, model, photos, work, tools):
    net, right = FoldedNet(model), True
    trees = []
    for photo in photos:
        image = input_of(model, photo, work, tools)
        trees.append(MapTree(net, image, int(net.run(image)["scores"].argmax()), TOP))
    names = os.path.join(work, "names.txt")
    for way, save, range_ in WAYS:
        regions = os.path.join(work, way)
        os.makedirs(regions, exist_ok=True)
        labels = list(range(1, NAMES + 1) if range_ > NAMES else range(1, 255))
        with open(names, "w") as file:
            file.write("".join(f"thing {label}\n" for label in labels))
        pictures = [(picture_of(photo, i) % range_).astype(np.uint16) for i, photo in enumerate(photos)]
        for picture, photo in zip(pictures, photos):
            save(picture, os.path.join(regions, os.path.splitext(os.path.basename(photo))[0]))
        kind = ["--region-kind", "pascal-context-459"] if len(labels) == NAMES else []
        right &= report(f"context by {way}, {name}", *compare_context(model, photos, work, tools, pictures, regions, labels,
                                                                      trees, "--region-names", names, *kind))
        if way == "mat":
            right &= report(f"concepts by {way}, {name}", *compare_concepts(model, photos, work, tools, pictures, regions, names,
                                                                            labels))
    return report(f"context by outline, {name}", *compare_outlines(model, photos, work, tools, trees)) and right


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of))
