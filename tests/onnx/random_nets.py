#!/usr/bin/python3
"""Holds random networks (random_net.py), spelt as exporters spell them, against ONNX Runtime, its optimiser off.

Every layer within 1e-4 of its largest value (compare.py
says of which tensor); what is refused is counted by its line, and a part that must not be is a fault. Exit code 1 if one
differs. Needs node, npm and Debian's python3-onnx; HDECOMP_ORT names a folder with npm's onnxruntime-node.

    tests/onnx/random_nets.py [--build build] [--first 0] [--count 200]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare import ROOT, error, feature_of, largest_error, runtime_folder, tensors_of  # noqa: E402
from random_net import Net  # noqa: E402

LIMIT = 1e-4


class Pipe:
    """A program that answers each line with a line of JSON."""

    def __init__(self, command, folder=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def features_of(model, path, folder, size, theirs):
    onnx.save(model, path)
    answer = theirs.ask(f"{path} {folder}/input {folder} 1 3 {size[0]} {size[1]}")
    return {output["name"]: np.fromfile(os.path.join(folder, f"{i}.bin"), output["type"])
            for i, output in enumerate(answer)}


def check(seed, folder, ours, theirs):
    """ok, refused or DIFFERS; and why."""
    net = Net(seed)
    model, path = net.model(), os.path.join(folder, "net.onnx")
    onnx.save(model, path)
    image = net.random.normal(0, 1, (1, 3, *net.size)).astype(np.float32)
    image.tofile(os.path.join(folder, "input.float32"))
    answer = ours.ask(f"{path} {folder}/input.float32 {folder} {net.size[0]} {net.size[1]}")
    if "layers" not in answer:
        return "refused", answer.get("refused", str(answer)).split(": ", 1)[-1]
    layers = answer["layers"]
    tensor_of = tensors_of(model, layers)
    features = features_of(model, path, folder, net.size, theirs)
    worst, where = largest_error(layers, tensor_of, features)
    off = error(feature_of(layers[-1]), features["scores"])
    if not off <= worst:
        worst, where = off, "scores"
    if not worst <= LIMIT:
        return "DIFFERS", f"{where} by {worst:.1e}: " + " ".join(node.op_type for node in net.nodes)
    return "ok", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    counts, lines = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as own, tempfile.TemporaryDirectory() as folder:
        theirs = Pipe(["node", os.path.join(HERE, "run.mjs")], runtime_folder(own))
        ours = Pipe([os.path.join(options.build, "tests", "layers_of")])
        for seed in range(options.first, options.first + options.count):
            result, why = check(seed, folder, ours, theirs)
            counts[result] += 1
            if result == "refused":
                lines[why.split(": ", 1)[-1] + " (" + why.split("'")[-2] + ")"] += 1
            elif result != "ok":
                print(f"net {seed}: {result} {why}", flush=True)
        ours.close()
        theirs.close()
    for line, count in lines.most_common():
        print(f"{count:5d} refused: {line}")
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return 1 if counts["DIFFERS"] else 0


if __name__ == "__main__":
    sys.exit(main())
