"""The figures of the paper's Section 4.1 for plot.py."""
import matplotlib.pyplot as plt
import numpy as np

STRATEGIES = ["mean of A (AA)", "maximum of A (MA)", "mean of G (AG)", "maximum of G (MG)",
              "sum of G x (F - fill) (AF)"]


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
