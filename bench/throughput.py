#!/usr/bin/python3
"""Times `hdecomp explain` and `hdecomp pcc` over many photographs, beside what their network alone takes.

    bench/throughput.py [MODEL.h5...] [--photos DIR] [--count 160] [--drawn 32] [--rounds 3] [--threads 2] [--before BUILD]

Without a model the bundled one; of --photos (shared/data/imagenet-sample) as many as --count says, of fewer some again
under other names. In every round each side runs in turn, in processes of its own:

alone      forward pass and tree of all stages (bench/time_tree), pcc's measure (bench/time_pcc), of photographs that are
           in memory already, in batches of four
explain    `hdecomp explain FOLDER`, --json, and --output-dir (of --drawn photographs: each gets some ten megapixels)
pcc        `hdecomp pcc FOLDER`, and as two ranks of mpirun, each with half the threads

A command runs over a quarter of the photographs and over all of them: images/s are those of the difference, so that
neither start nor planning count, and memory, MiB, is that of both runs, which is to be the same. Prints a Markdown table
of medians: images/s, the ratio to the work alone (of pcc's ranks: to one process), MiB. --before: another build's too.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from compare_onnx import ROOT, run
from first_answer import timed

BUNDLED = os.path.join(ROOT, "weights", "bundled", "squeezenet1_1-imagenet.h5")


def fill(folder, photos, count):
    """Links to `count` photographs, names in their order; the paths."""
    os.mkdir(folder)
    found = sorted(name for name in os.listdir(photos) if name.lower().endswith((".jpg", ".jpeg", ".png")))
    if not found:
        sys.exit(f"{photos}: no photographs there")
    step = max(1, len(found) // count)
    paths = []
    for i in range(count):
        name = found[i * step % len(found)]
        paths.append(os.path.join(folder, f"{i:05}_{name}"))
        os.symlink(os.path.realpath(os.path.join(photos, name)), paths[-1])
    return paths


def alone(options, model, paths):
    """Images/s of forward pass and tree, and of pcc's measure."""
    more = ["--device", "cpu", "--threads", str(options.threads), "--batch", "4"]
    program = os.path.join(options.build, "bench", "time_")
    trees = json.loads(run(program + "tree", model, *paths, *more, "--repetitions", str(len(paths) // 4)))["total_ms"]
    rows = json.loads(run(program + "pcc", model, *paths, *more))["ms"]
    return {"forward + tree": 4e3 * len(trees) / sum(trees), "pcc's measure": 1e3 * len(paths) / sum(rows)}


def command(options, build, model, few, many, *words, ranks=1, output=None):
    """Images/s between a run over few photographs and one over many, and the memory of both. `few`, `many`: (folder,
    count); `output`: the flag whose file or folder is made anew."""
    took, memory = [], []
    threads = str(max(1, options.threads // ranks))
    launcher = ["mpirun", "--allow-run-as-root", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []
    for folder, _ in (few, many):
        with tempfile.TemporaryDirectory() as place:
            target = [output, os.path.join(place, "made.h5" if output == "--output" else "made")] if output else []
            _, seconds, held = timed(*launcher, os.path.join(build, "tools", "hdecomp"), words[0], folder, *words[1:], *target,
                                     "--model", model, "--device", "cpu", "--threads", threads, named=3)
            took.append(seconds)
            memory.append(held)
    return (many[1] - few[1]) / (took[1] - took[0]), memory


def sides(options, model, build, folders):
    """name -> (what it is held against, a call that gives images/s and memory)."""
    few, many, few_drawn, drawn = folders

    def one(*words, **more):
        return lambda: command(options, build, model, *(more.pop("of", (few, many))), *words, **more)

    tree, rows = "forward + tree", "pcc's measure"
    return {
        "explain": (tree, one("explain")),
        "explain --json": (tree, one("explain", "--json")),
        "explain --output-dir": (tree, one("explain", of=(few_drawn, drawn), output="--output-dir")),
        "explain --output-dir --no-pictures": (tree, one("explain", "--no-pictures", output="--output-dir")),
        "pcc": (rows, one("pcc", output="--output")),
        "pcc, two ranks": ("pcc", one("pcc", output="--output", ranks=2)),
    }


def measure(options, model, folder):
    """(side, build's name) -> [images/s], -> [MiB of a run over few and one over many]."""
    counts = (options.count // 4, options.count, options.drawn // 4, options.drawn)
    names = [os.path.join(folder, str(i)) for i in range(4)]
    paths = [fill(name, options.photos, count) for name, count in zip(names, counts)]
    folders = list(zip(names, counts))
    rates, memory = {}, {}
    for _ in range(options.rounds):
        for name, rate in alone(options, model, paths[1]).items():
            rates.setdefault((name, "ours"), []).append(rate)
        for build in ["ours"] + (["before"] if options.before else []):
            of_build = options.build if build == "ours" else options.before
            for name, (_, call) in sides(options, model, of_build, folders).items():
                if options.only and name not in options.only:
                    continue
                rate, held = call()
                rates.setdefault((name, build), []).append(rate)
                memory.setdefault((name, build), []).append(held)
    return rates, memory


def cells(side, build, against, rates, memory):
    found = rates.get((side, build))
    if not found:
        return ["", "", ""]
    rate, held = statistics.median(found), memory[side, build]
    base = rates.get((against, build)) or rates[against, "ours"]
    few, many = (statistics.median(pair[i] for pair in held) for i in (0, 1))
    return [f"{rate:.1f}", f"{rate / statistics.median(base):.2f}", f"{few:.0f}, {many:.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="*")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--before", help="another build's commands, in the same run")
    parser.add_argument("--photos", default=os.path.join(os.environ.get("HDECOMP_SHARED", os.path.join(ROOT, "..", "shared")),
                                                         "data", "imagenet-sample"))
    parser.add_argument("--count", type=int, default=160, help="photographs")
    parser.add_argument("--drawn", type=int, default=32, help="photographs of --output-dir")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="some of the sides, by their names in the table")
    options = parser.parse_args()
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        os.environ.pop(name, None)
    builds = (["before"] if options.before else []) + ["ours"]
    columns = [f"{build}, {what}" for build in builds for what in ("images/s", "of alone", "MiB")]
    print("| net | side | alone, images/s | " + " | ".join(columns) + " |\n|---|---|" + "---:|" * (len(columns) + 1))
    for model in map(os.path.abspath, options.models or [BUNDLED]):
        with tempfile.TemporaryDirectory() as folder:
            rates, memory = measure(options, model, folder)
        for side, (against, _) in sides(options, model, options.build, [None] * 4).items():
            if not rates.get((side, "ours")):
                continue
            base = statistics.median(rates[against, "ours"]) if (against, "ours") in rates else float("nan")
            row = [value for build in builds for value in cells(side, build, against, rates, memory)]
            net = os.path.splitext(os.path.basename(model))[0]
            print(f"| {net} | {side} | {base:.1f} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
