#!/usr/bin/python3
"""Compares precisions of ours with float32 on one device: times, peak memory, and what they change in a tree.

    bench/compare_precisions.py [--device cpu] [--precision bf16] [--rounds 9] [--threads 1] MODEL.h5...

In every round each precision runs in turn: build/bench/time_tree (forward pass, tree of all stages, N = 3) and a whole
process of `hdecomp explain` on tools/photos/chelsea.jpg. Medians over the rounds; "times faster" is the median of the
rounds' own ratios, so that a neighbour on the machine slows both sides of each. Changed are channels that float32's tree
chose and that precision's did not, counted while the decision above is the same.
"""
import argparse
import json
import os
import statistics
import sys

from compare_onnx import PHOTO, ROOT, run
from first_answer import timed
from tree_changes import changed_channels

sys.path.insert(1, os.path.join(ROOT, "tools"))
from tree_json import linked  # noqa: E402

TIMES = ("forward", "tree", "total")


def engine(options, precision):
    return ["--device", options.device, "--precision", precision, "--threads", str(options.threads)]


def measure(model, options, precision):
    """One round: the medians of time_tree's repetitions in ms, a process's seconds, and peak memory of both."""
    told = json.loads(run(os.path.join(options.build, "bench", "time_tree"), model, PHOTO, "--repetitions", "5",
                          *engine(options, precision)))
    measured = {name: statistics.median(told[name + "_ms"]) for name in TIMES}
    text, seconds, peak = timed(os.path.join(options.build, "tools", "hdecomp"), "explain", PHOTO, "--model", model, "--json",
                                *engine(options, precision))
    return (measured | {"explain, s": seconds, "MiB": peak, "time_tree, MiB": told["peak_memory_kib"] / 1024},
            linked(json.loads(text)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", metavar="MODEL.h5")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="bf16", help="one or more, separated by commas")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    columns = [*TIMES, "explain, s", "MiB", "time_tree, MiB"]
    print("| net | precision | forward, ms | tree, ms | forward + tree, ms | explain, s | its peak, MiB | time_tree's peak, MiB "
          "| channels changed |\n|---|---|" + "---:|" * 7)
    for model in options.models:
        rounds, trees = {}, {}
        precisions = ["float32", *options.precision.split(",")]
        for _ in range(options.rounds):
            for precision in precisions:
                measured, trees[precision] = measure(model, options, precision)
                rounds.setdefault(precision, []).append(measured)
        for precision in precisions:
            cells = []
            for column in columns:
                median = statistics.median(each[column] for each in rounds[precision])
                ratio = statistics.median(strict[column] / each[column]
                                          for strict, each in zip(rounds["float32"], rounds[precision]))
                cells.append(f"{median:.2f}" if column == "explain, s" else f"{median:.0f}" if "MiB" in column else f"{median:.1f}")
                if precision != "float32":
                    cells[-1] += f" ({ratio:.2f})"
            changed, chosen = changed_channels(trees[precision], trees["float32"])
            print("| " + " | ".join([os.path.basename(model).removesuffix(".h5"), precision, *cells, f"{changed} of {chosen}"]) +
                  " |", flush=True)


if __name__ == "__main__":
    main()
