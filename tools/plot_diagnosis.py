"""The figures of the paper's Section 4.2 for plot.py."""
import csv
import os
import warnings

import matplotlib.pyplot as plt
import numpy as np


def degrees(counts, labels):
    """Eq. 13 by channel: the largest class's share of all counts (images, channels); NaN of one never chosen."""
    by_class = np.stack([counts[labels == c].sum(0) for c in np.unique(labels)])
    with np.errstate(invalid="ignore"):
        return by_class.max(0) / by_class.sum(0)


def same_images(all_results):
    """Leaves of each file the images that all have measured. Their lists must be the same."""
    first, measured = all_results[0], np.all([results.measured for results in all_results], axis=0)
    for other in all_results[1:]:
        if other.listed != first.listed or (other.labels != first.labels).any():
            raise ValueError(f"{other.path}: is of other images than {first.path}; D can only be compared on the same ones")
    for results in all_results:
        kept = measured[results.measured]
        results.values = {name: values[kept] for name, values in results.values.items()}
        results.labels, results.images = results.labels[measured], int(kept.sum())


def draw_discriminate(*all_results):
    """Fig. 15, a colour a model: left the means over the channels and the chance level, right every channel."""
    same_images(all_results)
    figure, (means, every) = plt.subplots(1, 2, figsize=(11, 4))
    for m, results in enumerate(all_results):
        least, rounds = int(results.options["min_count"]), int(results.options["shuffles"])
        draws = np.random.default_rng(int(results.options["seed"]))
        orders = [draws.permutation(results.labels) for _ in range(rounds)]
        curve, chance, boxes = [], [], []
        for layer in results.layers[::-1]:
            counts = results.values["chosen_" + layer].astype(np.float64)
            counts = np.minimum(counts, 1) if results.options["count"] == "image" else counts
            enough = counts.sum(0) >= least
            own = degrees(counts[:, enough], results.labels)
            curve.append(own.mean() if len(own) else np.nan)
            chance.append(np.mean([degrees(counts[:, enough], order).mean() for order in orders]) if len(own) else np.nan)
            boxes.append(own)
        places, color = np.arange(len(curve)), f"C{m}"
        means.plot(places, curve, color=color, marker="o", label=results.name)
        means.plot(places, chance, color=color, linestyle=":", marker="o", markersize=3, label=results.name + ", by chance")
        width = 0.8 / len(all_results)
        drawn = every.boxplot(boxes, positions=places + (m + 0.5) * width - 0.4, widths=0.8 * width, sym="", patch_artist=True)
        for box in drawn["boxes"]:
            box.set(facecolor=color, alpha=0.4)
        for place, box in enumerate(boxes):
            every.plot(place + (m + 0.5) * width - 0.4 + (draws.random(len(box)) - 0.5) * 0.6 * width, box, ".", color=color,
                       markersize=2)
    most = max((results.layers for results in all_results), key=len)
    names = most[::-1] if len(all_results) == 1 else [f"stage {i + 1}" for i in range(len(most))]
    for axes in (means, every):
        axes.set_xticks(np.arange(len(names)), names)
        axes.set_ylim(0, 1.02)
    means.set_ylabel("discriminative degree D, mean over channels")
    every.set_ylabel("D of every channel")
    means.legend(fontsize=7)
    first = all_results[0]
    means.set_title(f"{first.images} images, channels chosen {first.options['min_count']} times and more", fontsize=9)
    return figure


KINDS = ["attacked class", "new class"]


def draw_attack(results):
    """Fig. 12b for the first image that was fooled, and Fig. 12c: means over all of them, by rank."""
    peaks, channels, fooled = results.values["peaks"], results.values["channels"], results.values["fooled"][:, 0] == 1
    if not fooled.any():
        raise ValueError(f"{results.path}: no image was fooled")
    figure, (one, means) = plt.subplots(1, 2, figsize=(10, 3.6))
    first = int(np.argmax(fooled))
    ranks = peaks.shape[2]
    with np.errstate(invalid="ignore"):
        every = np.nanmean(peaks[fooled].astype(np.float64), axis=0)
    for axes, shown in [(one, peaks[first]), (means, every)]:
        for kind, name in enumerate(KINDS):
            places = kind * (ranks + 1) + np.arange(ranks)
            axes.bar(places - 0.2, shown[kind, :, 0], 0.4, color=f"C{kind}", alpha=0.4, label=name + ", before")
            axes.bar(places + 0.2, shown[kind, :, 1], 0.4, color=f"C{kind}", label=name + ", after")
    places = [kind * (ranks + 1) + rank for kind in range(2) for rank in range(ranks)]
    numbers = ["-" if np.isnan(c) else str(int(c)) for c in channels[first, :2].ravel()]
    one.set_xticks(places, numbers)
    one.set_xlabel(f"channel of {results.layers[0]}")
    one.set_ylabel("maximum of the feature")
    one.set_title(results.listed_measured()[first], fontsize=9)
    means.set_xticks(places, [str(rank + 1) for rank in range(ranks)] * 2)
    means.set_xlabel("rank")
    means.set_title(f"mean over {int(fooled.sum())} of {int(np.nansum(results.values['right']))} attacked images", fontsize=9)
    means.legend(fontsize=7)
    return figure


def class_names(results):
    """By index, from the table beside the results; without it the indexes are the names."""
    table = os.path.splitext(results.path)[0] + ".labels.csv"
    if not os.path.exists(table):
        return {}
    with open(table, newline="") as file:
        return {int(row["class"]): row["name"] for row in csv.DictReader(file) if row["class"]}


SHOWN_CLASSES, SHOWN_LABELS = 6, 5


def draw_context(results):
    """Fig. 14: of the classes with the most images, how often the maps of the lowest stage have each label."""
    layer, names = results.layers[-1], class_names(results)
    labels = [line.split(": ", 1)[1] for line in results.options["region_names"].split("\n")] + ["no region"]
    classes = results.values["decision_class"][:, 0].astype(int)
    found, counts = np.unique(classes, return_counts=True)
    most = found[np.argsort(-counts, kind="stable")][:SHOWN_CLASSES]
    figure, all_axes = plt.subplots(1, len(most), figsize=(2.6 * len(most), 2.4), squeeze=False)
    for axes, index in zip(all_axes[0], most):
        maps = results.values["maps_" + layer][classes == index].astype(np.float64).sum(0)
        order = np.argsort(-maps, kind="stable")[:SHOWN_LABELS]
        order = order[maps[order] > 0]
        axes.barh(np.arange(len(order)), 100 * maps[order] / maps.sum())
        axes.set_yticks(np.arange(len(order)), [labels[at] for at in order], fontsize=7)
        axes.invert_yaxis()
        axes.set_title(f"{names.get(index, f'class {index}')}, {(classes == index).sum()} images", fontsize=8)
        axes.set_xlabel("% of the maps", fontsize=7)
    figure.suptitle(f"{layer}, {results.options['mask']}", fontsize=8)
    return figure


def draw_what_ifs(results):
    """Left, of all images and of those that were wrong and right before: how often another class comes, and how often it is
    the label, by the change and by chance. Right: by how much the class's probability falls in each image, beside chance."""
    values = {name: data.astype(np.float64) for name, data in results.values.items()}
    changed = ~np.isnan(values["predicted"][:, 1])
    if not changed.any():
        raise ValueError(f"{results.path}: no image was changed")
    before = values["correct"][:, 0]
    groups = [("all", changed), ("wrong before", changed & (before == 0)), ("right before", changed & (before == 1))]
    groups = [(name, images) for name, images in groups if images.any() and (name == "all" or (images != changed).any())]
    other = np.where(changed, values["predicted"][:, 0] != values["predicted"][:, 1], np.nan)
    bars = [("class changes", other, values["control_changes"][:, 0]),
            ("is the label then", values["correct"][:, 1], values["control_correct"][:, 0])]
    figure, (shares, falls) = plt.subplots(1, 2, figsize=(9, 3.4))
    for b, (name, own, chance) in enumerate(bars):
        places = np.arange(len(groups)) + 0.45 * b - 0.22
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # without labels there is no mean
            shares.bar(places - 0.1, [np.nanmean(own[images]) for _, images in groups], 0.2, color=f"C{b}", label=name)
            shares.bar(places + 0.1, [np.nanmean(chance[images]) for _, images in groups], 0.2, color=f"C{b}", alpha=0.4,
                       label=name + ", chance")
    shares.set_xticks(np.arange(len(groups)), [f"{name}: {images.sum()}" for name, images in groups], fontsize=8)
    shares.set_ylabel("share of the images")
    shares.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    fall = 100 * (values["probability"][:, 0] - values["probability"][:, 1])
    by_chance = 100 * (values["probability"][:, 0] - values["control_probability"][:, 0])
    for name, images in groups[1:] or groups:
        falls.plot(by_chance[images], fall[images], ".", markersize=4, label=name)
    falls.axline((0, 0), slope=1, color="grey", linewidth=0.7)
    falls.set_xlabel("points that the class falls by, chance", fontsize=8)
    falls.set_ylabel("points that the class falls by", fontsize=8)
    falls.legend(fontsize=7)
    what = results.options.get("off", "what " + results.options.get("at", "") + " looks at")
    figure.suptitle(f"{what}, {results.options['fill']}", fontsize=9)
    return figure


def graph_names(results):
    """As class_names, from the table of edges."""
    table = os.path.splitext(results.path)[0] + ".edges.csv"
    if not os.path.exists(table):
        return {}
    with open(table, newline="") as file:
        return {int(row["class"]): row["name"] for row in csv.DictReader(file)}


def draw_class_graph(results):
    """What reaches each level, over all images; and of the classes with the most images how many channels of a level their
    trees have, as a mean over a tree, and all together."""
    names, places = graph_names(results), np.arange(len(results.layers))
    edges = [results.values["edges_" + layer].astype(np.float64) for layer in results.layers]
    figure, (reach, channels) = plt.subplots(1, 2, figsize=(9, 3))
    reach.boxplot([np.nansum(level[..., 2], axis=1) for level in edges], positions=places, flierprops={"markersize": 2})
    reach.set_yscale("log")
    reach.set_title("of the positive evidence, over images", fontsize=9)
    classes = results.values["decision_class"][:, 0].astype(int)
    found, counts = np.unique(classes, return_counts=True)
    for index in found[np.argsort(-counts, kind="stable")][:SHOWN_CLASSES]:
        own = [level[classes == index, :, 1] for level in edges]
        label = f"{names.get(index, f'class {index}')}, {(classes == index).sum()} trees"
        line, = channels.plot(places, [len(np.unique(level[~np.isnan(level)])) for level in own], marker="o", markersize=3, label=label)
        channels.plot(places, [np.mean([len(np.unique(tree[~np.isnan(tree)])) for tree in level]) for level in own],
                      linestyle=":", color=line.get_color())
    channels.set_yscale("log")
    channels.set_title("channels of all trees of a class, and of one (dotted)", fontsize=9)
    channels.legend(fontsize=7)
    for axes in (reach, channels):
        axes.set_xticks(places, results.layers, fontsize=7)
    return figure
