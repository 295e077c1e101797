#!/usr/bin/python3
"""Draws results files (tools/RESULTS_FORMAT.md) as the paper's figures, each as SVG and PNG.

    tools/plot.py RESULTS.h5 ... [--output-dir DIR]

pcc: the means of Table 1 as bars. masking: Fig. 6. distribution: Fig. 7, the curves and the counts. sparse: Fig. 9.
importance: Fig. 10. randomise and compare-models: Fig. 8. discriminate: Fig. 15, all such files in one figure, which
is named after all of them. attack: Fig. 12b and c. context: Fig. 14, with the classes' names of the table beside the
results. class-graph: what reaches each level, and how many channels. what-ifs: Fig. 11 over the images. Files are named after the results; without --output-dir they go beside them. Needs Debian's python3-matplotlib and python3-h5py.
"""
import argparse
import os
import sys
import warnings

try:
    import h5py
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
except ImportError as fault:
    sys.exit(f"plot.py: Python's {fault.name} is missing; on Debian: apt install python3-matplotlib python3-h5py, "
             "then run it with /usr/bin/python3")

from plot_diagnosis import draw_attack, draw_class_graph, draw_context, draw_discriminate, draw_what_ifs

STRATEGIES = ["mean of A (AA)", "maximum of A (MA)", "mean of G (AG)", "maximum of G (MG)",
              "sum of G x (F - fill) (AF)"]
MEASURED = 1
VERSION = 2


class Results:
    @staticmethod
    def opened(path):
        """h5py's own errors name no file where it is there and no HDF5 file."""
        if os.path.isfile(path) and not h5py.is_hdf5(path):
            raise ValueError(f"{path}: is no results file of hdecomp")
        return h5py.File(path, "r")

    def __init__(self, path):
        with self.opened(path) as file:
            if file.attrs.get("format", b"") != b"hdecomp-results":
                raise ValueError(f"{path}: is no results file of hdecomp")
            if file.attrs["format_version"] != VERSION:
                raise ValueError(f"{path}: results version {file.attrs['format_version']}; this draws version {VERSION}")
            self.experiment = file.attrs["experiment"].decode()
            self.steps = [step.decode() for step in file["steps"]]
            measured = file["state"][()] == MEASURED
            self.path, self.name = path, os.path.splitext(os.path.basename(path))[0]
            self.listed, self.measured = [name.decode() for name in file["images"]], measured
            self.labels = file["labels"][()]  # of all that are listed
            self.options = {name: value.decode() for name, value in file["options"].attrs.items()}
            self.values = {name: data[()][measured] for name, data in file["values"].items()}
        self.images = int(measured.sum())
        if self.images == 0:
            raise ValueError(f"{path}: no image is measured yet")
        self.layers = [step.split("->")[-1] for step in self.steps]

    def listed_measured(self):
        return [name for name, there in zip(self.listed, self.measured) if there]

    def mean(self, field):
        """Over the images, of what is not NaN."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a place without a value stays NaN
            return np.nanmean(self.values[field].astype(np.float64), axis=0)


def draw_pcc(results):
    figure, axes = plt.subplots(figsize=(8, 4))
    means, width = results.mean("correlation"), 0.8 / len(STRATEGIES)
    for i, strategy in enumerate(STRATEGIES):
        axes.bar(np.arange(len(results.steps)) + (i - (len(STRATEGIES) - 1) / 2) * width, means[:, i], width, label=strategy)
    axes.set_xticks(np.arange(len(results.steps)), results.steps, fontsize=8)
    axes.set_ylabel("Pearson's correlation with ablation")
    axes.set_ylim(top=1)
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.08))
    axes.set_title(f"mean over {results.images} images")
    return figure


def draw_masking(results):
    figure, all_axes = plt.subplots(1, len(results.steps), figsize=(3.2 * len(results.steps), 3), sharey=True)
    for t, axes in enumerate(np.atleast_1d(all_axes)):
        for color, (field, label) in enumerate([("most_important", "most important"),
                                                ("least_important", "least important")]):
            for ranking, line, ranked in [("", "-", ""), ("_mean", "--", ", above the mean")]:
                curve = results.mean(field + ranking)[t]
                there = np.isfinite(curve)
                axes.plot(2 ** np.arange(len(curve))[there], 100 * curve[there], line, color=f"C{color}", marker="o",
                          markersize=3, label=label + ranked)
        axes.axhline(0, color="0.7", linewidth=0.8)
        axes.set_xscale("log", base=2)
        axes.set_title(results.steps[t], fontsize=9)
        axes.set_xlabel("channels masked")
    np.atleast_1d(all_axes)[0].set_ylabel("change of the decision, %")
    np.atleast_1d(all_axes)[0].legend(fontsize=7, loc="lower left")
    return figure


def draw_distribution(results):
    count = len(results.steps)
    figure, all_axes = plt.subplots(1, count + 1, figsize=(3.2 * (count + 1), 3))
    for t, layer in enumerate(results.layers):
        for field, label in [("gap_", "gAP"), ("drop_", "ablation")]:
            all_axes[t].plot(100 * results.mean(field + layer), label=label)
        all_axes[t].set_title(results.steps[t], fontsize=9)
        all_axes[t].set_xlabel("channels, sorted")
    all_axes[0].set_ylabel("contribution, % of the decision")
    all_axes[0].legend(fontsize=8)
    counts = all_axes[count]
    places = np.arange(count)
    counts.bar(places - 0.27, [results.values["gap_" + layer].shape[1] for layer in results.layers], 0.27, label="all")
    counts.bar(places, results.mean("activated"), 0.27, label="activated")
    counts.bar(places + 0.27, results.mean("overlapping"), 0.27, label="overlapping")
    counts.set_xticks(places, results.layers, fontsize=7, rotation=30)
    counts.set_title("channels", fontsize=9)
    counts.legend(fontsize=8)
    return figure


SPARSE_WAYS = ["gAP", "random channels", "largest features"]


def draw_sparse(results):
    figure, all_axes = plt.subplots(1, 3, figsize=(11, 3.2))
    sizes = 2 ** np.arange(results.values["match"].shape[2])
    ways = [SPARSE_WAYS[0] + (", by |alpha|" if results.options.get("by") == "magnitude" else ""), *SPARSE_WAYS[1:]]
    for axes, field, label in [(all_axes[0], "match", "match rate"), (all_axes[1], "correct", "accuracy")]:
        for curve, way in zip(results.mean(field), ways):
            axes.plot(sizes, curve, marker="o", markersize=3, label=way)
        axes.set_ylabel(label)
        axes.set_ylim(0, 1)
    full = results.mean("full_correct")[0]
    if np.isfinite(full):
        all_axes[1].axhline(full, color="0.4", linestyle="--", linewidth=0.8, label="full network")
    for curve, layer in zip(results.mean("kept"), results.layers):
        all_axes[2].plot(sizes, curve, marker="o", markersize=3, label=layer)
    all_axes[2].set_ylabel("share of channels kept")
    for axes in all_axes:
        axes.set_xscale("log", base=2)
        axes.set_xlabel("k")
        axes.legend(fontsize=7)
    return figure


IMPORTANCE_METHODS = ["gAP, tree", "gAP, from the class", "conductance", "influence", "influence x activation", "LRP",
                      "random"]


def draw_importance(results):
    count = len(results.steps)
    figure, all_axes = plt.subplots(1, count, figsize=(3.2 * count, 3.4), sharey=True, squeeze=False)
    labelled = np.isfinite(results.mean("full_correct")[0])
    curves = results.mean("correct" if labelled else "match")
    for t, axes in enumerate(all_axes[0]):
        for curve, method in zip(curves[t], IMPORTANCE_METHODS):
            axes.plot(2 ** np.arange(len(curve)), curve, ":" if method == "random" else "-", marker="o", markersize=3,
                      label=method)
        axes.set_xscale("log", base=2)
        axes.set_title(results.layers[t], fontsize=9)
        axes.set_xlabel("channels ablated")
    all_axes[0][0].set_ylabel("accuracy" if labelled else "match rate")
    all_axes[0][0].legend(fontsize=6)
    return figure


def draw_over_sizes(results, sizes, axes):
    """The mean over all steps against N of gap's tree. `sizes`: N by the method's place."""
    order = sorted(sizes, key=sizes.get)
    for field, label in [("absolute", "magnitudes"), ("signed", "signed")]:
        axes.plot([sizes[m] for m in order], np.nanmean(results.mean(field), axis=1)[order], marker="o", markersize=3, label=label)
    axes.plot([sizes[m] for m in order], results.mean("control_absolute")[order, 0], "k:",
              label="another image, magnitudes")
    axes.set_xscale("log", base=2)
    axes.set_xticks([sizes[m] for m in order], [str(sizes[m]) for m in order])
    axes.set_xlabel("N of gap's tree")
    axes.set_title("Spearman, mean over all steps", fontsize=9)
    axes.legend(fontsize=7)


def draw_randomise(results):
    methods = results.options["methods"].split(",")
    sizes = {m: int(method.split("N=")[1]) for m, method in enumerate(methods) if "N=" in method}
    count = 4 if len(sizes) > 1 else 3
    figure, all_axes = plt.subplots(1, count, figsize=(13 * count / 3, 3.8), sharey=True)
    if count == 4:
        draw_over_sizes(results, sizes, all_axes[3])
    places = np.arange(len(results.steps))
    for axes, field in zip(all_axes, ["absolute", "signed", "ssim"]):
        means, values = results.mean(field), results.values[field]
        for m, method in enumerate(methods):
            spread = np.nanstd(values[:, m].astype(np.float64), axis=0) if np.isfinite(means[m]).any() else 0
            axes.errorbar(places, means[m], spread, marker="o", markersize=3, capsize=2, linewidth=1, label=method)
        axes.axhline(0, color="0.7", linewidth=0.8)
        axes.set_xticks(places, results.steps, fontsize=6, rotation=60, ha="right")
        axes.set_title({"absolute": "Spearman, magnitudes", "signed": "Spearman, signed", "ssim": "SSIM"}[field],
                       fontsize=9)
    all_axes[0].legend(fontsize=7)
    return figure


DRAWINGS = {"pcc": draw_pcc, "masking": draw_masking, "distribution": draw_distribution,
            "sparse": draw_sparse, "importance": draw_importance,
            "randomise": draw_randomise, "compare-models": draw_randomise, "discriminate": draw_discriminate,
            "attack": draw_attack, "context": draw_context,
            "class-graph": draw_class_graph, "what-ifs": draw_what_ifs}
TOGETHER = {"discriminate"}  # experiments whose files are in one figure


def draw(group, folder):
    first = group[0]
    if first.experiment not in DRAWINGS:
        raise ValueError(f"{first.path}: no drawing of the experiment {first.experiment}")
    figure = DRAWINGS[first.experiment](*group)
    figure.tight_layout()
    stem = os.path.join(folder or os.path.dirname(first.path), "+".join(results.name for results in group))
    for ending, options in [(".svg", {"metadata": {"Date": None}}), (".png", {"dpi": 150})]:
        figure.savefig(stem + ".part" + ending, **options)
        os.replace(stem + ".part" + ending, stem + ending)
        print("wrote", stem + ending)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="+", help="files that hdecomp's experiments wrote")
    parser.add_argument("--output-dir", default="")
    options = parser.parse_args()
    matplotlib.rcParams["svg.hashsalt"] = "hdecomp"  # so that the same results give the same SVG
    try:
        if options.output_dir:
            os.makedirs(options.output_dir, exist_ok=True)
        groups = []
        for results in map(Results, options.results):
            together = [group for group in groups if group[0].experiment == results.experiment]
            if together and results.experiment in TOGETHER:
                together[0].append(results)
            else:
                groups.append([results])
        for group in groups:
            draw(group, options.output_dir)
    except (OSError, ValueError, KeyError) as fault:
        print(f"plot.py: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
