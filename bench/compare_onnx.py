#!/usr/bin/python3
"""Times hdecomp's forward pass against ONNX Runtime's on the same files, in turn, and our forward pass with its tree.

    bench/compare_onnx.py [--threads 2] [--rounds 5] [--runs 10] NET.onnx...

Batch 1, float32, both sides on the numbers that hdecomp makes of the photograph, ONNX Runtime 1.30 with all of its
optimisations (npm's onnxruntime-node, in HDECOMP_ORT or installed for the run). Each round starts both sides anew.
Prints a Markdown table of medians in milliseconds, then the geometric mean and the least of the ratios; tests/onnx/export.py makes the
nets. "tree / forward" counts multiply-adds of the tree of all stages, N = 3, over those of the forward pass.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PHOTO = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")


def run(*command, folder=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def measure(net, options, runtime, folder):
    """Medians of both sides, and what ours says of its last round."""
    model, image = os.path.join(folder, "net.h5"), os.path.join(folder, "image.f32")
    run(os.path.join(options.build, "tools", "hdecomp"), "convert", net, "-o", model)
    ours, trees, theirs = [], [], []
    for _ in range(options.rounds):
        said = json.loads(run(os.path.join(options.build, "bench", "time_tree"), model, PHOTO, "--device", "cpu", "--threads",
                              str(options.threads), "--repetitions", str(options.runs), "--input", image))
        ours += said["forward_ms"]
        trees += said["total_ms"]
        side = str(math.isqrt(os.path.getsize(image) // 12))
        theirs += json.loads(run("node", os.path.join(HERE, "time_onnx.mjs"), net, image, str(options.threads),
                                 str(options.runs), "1", "3", side, side, folder=runtime))
    return statistics.median(ours), statistics.median(theirs), statistics.median(trees), said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=10, help="of each side in a round")
    options = parser.parse_args()
    print("| net | ours | ONNX Runtime | ratio | forward + tree | decisions | tree / forward | peak MiB |\n"
          "|---|---:|---:|---:|---:|---:|---:|---:|")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        runtime = os.environ.get("HDECOMP_ORT", folder)
        if not os.path.isdir(os.path.join(runtime, "node_modules", "onnxruntime-node")):
            run("npm", "install", "--silent", "--ignore-scripts", "onnxruntime-node@1.30.0", folder=runtime)
        for net in options.nets:
            ours, theirs, tree, said = measure(os.path.abspath(net), options, runtime, folder)
            ratios.append(theirs / ours)
            work = said["tree_multiply_adds"] / said["forward_multiply_adds"]
            print(f"| {os.path.splitext(os.path.basename(net))[0]} | {ours:.1f} | {theirs:.1f} | {ratios[-1]:.2f} | {tree:.1f} "
                  f"| {said['decompositions']} | {work:.2f} | {said['peak_memory_kib'] / 1024:.0f} |", flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"\n{len(ratios)} nets, {options.threads} threads: {mean:.2f} times as fast as a geometric mean, at least "
          f"{min(ratios):.2f}")


if __name__ == "__main__":
    main()
