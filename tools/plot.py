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
from plot_section_4_1 import draw_distribution, draw_importance, draw_masking, draw_pcc, draw_randomise, draw_sparse

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
