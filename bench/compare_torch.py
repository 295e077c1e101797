#!/usr/bin/python3
"""Times saliency maps and the experiments on them against PyTorch on one machine's CPU, in turn; prints Markdown tables.

    bench/compare_torch.py --saliency [--quick] [--rounds 3] [--threads 2] [TASK ...]

Tasks: forward, gradient, smoothgrad and integrated-gradients of VGG-16 and ResNet-50, randomise of ResNet-18,
importance of VGG-16; all without names. Full size, seeded weights that `hdecomp init` makes, batch norm folded on both
sides, float32. A task is a process of its own on either side (build/bench/time_saliency, bench/torch_saliency.py), round
by round in turn; figures are medians, peak memory is the largest of a process's. --quick: few samples, one round, to
see that it runs. What the columns mean is in bench/README.md. Needs Debian's python3-torch and python3-h5py.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile

import numpy as np

from comparison_tables import print_table
from time_torch import PHOTO, ROOT, run, say

TASKS = [(net, task) for net in ("vgg16", "resnet50")
         for task in ("forward", "gradient", "smoothgrad", "integrated-gradients")]
TASKS += [("resnet18", "randomise"), ("vgg16", "importance")]
TARGETS = {"gradient": 4, "smoothgrad": 5, "integrated-gradients": 5, "randomise": 6, "importance": 5}
LONG = {"randomise", "importance"}  # once a round; the others several times
COLUMNS = ["net", "task", "PyTorch, ms", "ours, ms", "times faster", "asked", "in our forward passes",
           "peak memory: PyTorch, MiB", "ours, MiB", "ours / PyTorch's"]


class Side:
    """Runs of one task on one side."""

    def __init__(self, command):
        self.command, self.times, self.peak = command, [], 0

    def measure(self):
        found = json.loads(run(*self.command))
        self.times += found["ms"]
        self.peak = max(self.peak, found["peak_memory_kib"] / 1024)

    def median(self):
        return statistics.median(self.times)


class Comparison:
    def __init__(self, options, folder):
        self.options, self.folder, self.models, self.input = options, folder, {}, os.path.join(folder, "input.npy")

    def model(self, net):
        if net not in self.models:
            self.models[net] = os.path.join(self.folder, net + ".h5")
            run(os.path.join(self.options.build, "tools", "hdecomp"), "init", "--arch", net, "--seed", "0", "-o",
                self.models[net])
        if not os.path.exists(self.input):
            raw = os.path.join(self.folder, "input.f32")
            run(os.path.join(self.options.build, "bench", "time_saliency"), self.models[net], PHOTO, "forward",
                "--input", raw)
            np.save(self.input, np.fromfile(raw, np.float32).reshape(1, 3, 224, 224))
        return self.models[net]

    def sides(self, net, task):
        """Ours and PyTorch's."""
        o, model = self.options, self.model(net)
        once = task not in ("forward", "gradient")
        counts = ["--threads", str(o.threads), "--samples", str(o.samples), "--steps", str(o.steps),
                  "--repetitions", "1" if once else str(o.repetitions), "--warm-up", "0" if task in LONG else "1"]
        ours = [os.path.join(o.build, "bench", "time_saliency"), model, PHOTO, task, *counts,
                "--batch", str(o.batch if once else 1)]
        theirs = [sys.executable, os.path.join(ROOT, "bench", "torch_saliency.py"), model, self.input, task, *counts,
                  "--batch", str(o.torch_batch)]
        return Side(ours), Side(theirs)

    def row(self, net, task, forward):
        ours, theirs = self.sides(net, task)
        for _ in range(self.options.rounds):
            ours.measure()
            theirs.measure()
        say(f"{net} {task}: PyTorch {theirs.median():.1f} ms, ours {ours.median():.1f} ms")
        if task == "forward":
            forward[net] = ours.median()
        ahead = theirs.median() / ours.median()
        return [net, task, f"{theirs.median():.1f}", f"{ours.median():.1f}", f"{ahead:.2f}", TARGETS.get(task, ""),
                f"{ours.median() / forward[net]:.2f}" if net in forward else "", f"{theirs.peak:.0f}",
                f"{ours.peak:.0f}", f"{ours.peak / theirs.peak:.2f}"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="of those above")
    parser.add_argument("--saliency", action="store_true", help="what is compared: forward passes and trees are "
                        "time_torch.py's")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--threads", type=int, default=2, help="on both sides")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=5, help="of forward and gradient in a round")
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--steps", type=int, default=20, help="of importance's path")
    parser.add_argument("--batch", type=int, default=4, help="ours: inputs at a time, of samples and experiments")
    parser.add_argument("--torch-batch", type=int, default=10, help="PyTorch's")
    options = parser.parse_args()
    if not options.saliency:
        parser.error("give --saliency")
    if set(options.tasks) - {task for _, task in TASKS}:
        parser.error("tasks: " + ", ".join(dict.fromkeys(task for _, task in TASKS)))
    if options.quick:
        options.rounds, options.repetitions, options.samples, options.steps = 1, 1, 2, 2
    return options


def main():
    options = parse()
    rows, forward = [], {}
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options, folder)
        for net, task in TASKS:
            if not options.tasks or task in options.tasks:
                rows.append(comparison.row(net, task, forward))
    print_table(COLUMNS, rows)


if __name__ == "__main__":
    main()
