#!/usr/bin/python3
"""Runs ONNX's own tests of single nodes (Debian's libonnx-testdata) as classifiers of an image.

Each of a test's features is cut out of the image by a Slice and a Conv of zeros and ones, image by image of its batch;
weights are initialisers; the output becomes scores by a Gemm with the identity. So values are the test's own. Tests of
integers, of ranks that no feature has, and of ops without a rule are counted apart. Prints a table by op; exit code 1
if a result differs from the test's by more than 1e-5 of its largest value. Needs Debian's python3-onnx.

    tests/onnx/node_tests.py [--build build] [--data DIR] [--verbose] [TEST...]
"""
import argparse
import collections
import glob
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The inputs that an exporter would write as constants.
WEIGHTS = {"BatchNormalization": range(1, 5), "Clip": [1, 2], "Conv": [1, 2], "ConvTranspose": [1, 2], "Dropout": [1, 2],
           "Expand": [1], "Gather": [1], "Gemm": [1, 2], "GroupNormalization": [1, 2], "InstanceNormalization": [1, 2],
           "LayerNormalization": [1, 2], "MatMul": [1], "Pad": [1, 2, 3], "Pow": [1], "PRelu": [1], "ReduceL1": [1],
           "ReduceL2": [1], "ReduceMax": [1], "ReduceMean": [1], "ReduceSum": [1], "ReduceSumSquare": [1], "Reshape": [1],
           "Resize": [1, 2, 3], "Slice": range(1, 5), "Split": [1], "Squeeze": [1], "Tile": [1], "Unsqueeze": [1],
           "Upsample": [1], "Where": [0]}
ELEMENTWISE = {"Abs", "Add", "Celu", "Clip", "Cos", "Div", "Dropout", "Elu", "Erf", "Exp", "HardSigmoid", "HardSwish",
               "Identity", "LeakyRelu", "Log", "Max", "Min", "Mish", "Mul", "PRelu", "Pow", "Reciprocal", "Relu", "Selu",
               "Sigmoid", "Sin", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Tanh"}


class NoImage(Exception):
    """A test that is none of a network of images."""


def supported_ops(program):
    """From the line that refuses an op."""
    model = helper.make_model(helper.make_graph(
        [helper.make_node("Nothing", ["x"], ["y"])], "g", [helper.make_tensor_value_info("x", 1, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", 1, None)]), opset_imports=[helper.make_opsetid("", 13)])
    return program.run(model, np.zeros((1, 3, 8, 8), np.float32))["refused"].split("supported are ")[1].split(", ")


class Program:
    def __init__(self, build, folder):
        self.folder = folder
        self.process = subprocess.Popen([os.path.join(build, "tests", "layers_of")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def run(self, model, image):
        path, pixels = os.path.join(self.folder, "net.onnx"), os.path.join(self.folder, "image.f32")
        onnx.save(model, path)
        image.astype(np.float32).tofile(pixels)
        self.process.stdin.write(f"{path} {pixels} {self.folder} {image.shape[2]} {image.shape[3]}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def scores(self, model, image):
        """Or None and why they are refused."""
        answer = self.run(model, image)
        if "layers" not in answer:
            return None, answer.get("refused") or answer["fault"]
        return np.fromfile(answer["layers"][-1]["file"], np.float32), ""


class Wrapped:
    """A network of one image around a test's nodes."""

    def __init__(self):
        self.nodes, self.constants, self.blocks, self.rows = [], [], [], 0

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def feature(self, name, values):
        """(c, h, w), or (units,)."""
        flat = values.ndim == 1
        c, h, w = values.shape if not flat else (len(values), 1, 1)
        k = math.ceil(math.sqrt(c / 3))
        weight, block = np.zeros((c, 3, k, k), np.float32), np.zeros((3, k * h, k * w), np.float32)
        for i in range(c):
            plane, y, x = i % 3, i // 3 // k, i // 3 % k
            weight[i, plane, y, x] = 1
            block[plane, y::k, x::k] = values[i].reshape(h, w)
        ends = self.constant(name + ".ends", np.array([self.rows + k * h, k * w], np.int64))
        self.nodes += [helper.make_node("Slice", ["image", self.constant(name + ".first", np.array([self.rows, 0])), ends,
                                                  self.constant(name + ".axes", np.array([2, 3]))], [name + ".block"]),
                       helper.make_node("Conv", [name + ".block", self.constant(name + ".weight", weight)],
                                        [name + ".map" if flat else name], strides=[k, k], kernel_shape=[k, k])]
        if flat:
            self.nodes.append(helper.make_node("Flatten", [name + ".map"], [name]))
        self.blocks.append(block)
        self.rows += k * h

    def model(self, nodes, output, count, opset):
        size = max(self.rows, *(block.shape[2] for block in self.blocks), 1)
        image, row = np.zeros((1, 3, size, size), np.float32), 0
        for block in self.blocks:
            image[0, :, row:row + block.shape[1], :block.shape[2]] = block
            row += block.shape[1]
        ends = [helper.make_node("Flatten", [output], ["flat"]),
                helper.make_node("Gemm", ["flat", self.constant("identity", np.eye(count, dtype=np.float32))], ["scores"])]
        graph = helper.make_graph(self.nodes + list(nodes) + ends, "g",
                                  [helper.make_tensor_value_info("image", 1, list(image.shape))],
                                  [helper.make_tensor_value_info("scores", 1, [1, count])], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", max(opset, 10))]), image


def loaded(pattern):
    arrays = []
    for i in range(len(glob.glob(pattern.replace("#", "*")))):
        tensor = onnx.TensorProto()
        with open(pattern.replace("#", str(i)), "rb") as file:
            tensor.ParseFromString(file.read())
        try:
            arrays.append(numpy_helper.to_array(tensor))
        except (ValueError, TypeError, UnicodeDecodeError) as fault:  # a sequence, or none
            raise NoImage("what is no tensor") from fault
    return arrays


def images_of(model, inputs, weights, expected):
    """One (features by name, constants by name, expected) for each image of the batch."""
    names = [value.name for value in model.graph.input]
    elementwise = all(node.op_type in ELEMENTWISE for node in model.graph.node)
    features = {name: array for i, (name, array) in enumerate(zip(names, inputs)) if i not in weights}
    constants = {name: array for i, (name, array) in enumerate(zip(names, inputs)) if i in weights}
    if any(array.dtype != np.float32 for array in features.values()) or expected.dtype != np.float32:
        raise NoImage("numbers other than float32")
    ranks = {array.ndim for array in features.values()}
    if ranks == {4} and len({a.shape[0] for a in features.values()} | {expected.shape[0]}) == 1:
        for i in range(expected.shape[0]):
            yield {name: array[i] for name, array in features.items()}, constants, expected[i]
    elif ranks == {2} and not elementwise and len({a.shape[0] for a in features.values()} | {expected.shape[0]}) == 1:
        for i in range(expected.shape[0]):
            yield {name: array[i] for name, array in features.items()}, constants, expected[i]
    elif elementwise and max(ranks) <= 3:  # as (c, h, w), one image
        yield ({name: array.reshape((1,) * (3 - array.ndim) + array.shape) for name, array in features.items()},
               constants, expected)
    else:
        raise NoImage(f"features of {sorted(ranks)} axes")


def run_test(folder, supported, program):
    """passed, refused, differs or no image; and why."""
    model = onnx.load(os.path.join(folder, "model.onnx"))
    ops = [node.op_type for node in model.graph.node]
    if any(op not in supported for op in ops) or not ops:
        return None, ""
    data = os.path.join(folder, "test_data_set_0")
    weights = WEIGHTS.get(ops[0], [])
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    try:
        inputs, outputs = loaded(data + "/input_#.pb"), loaded(data + "/output_#.pb")
        for features, constants, expected in images_of(model, inputs, weights, outputs[0]):
            net = Wrapped()
            for name, values in features.items():
                net.feature(name, values)
            for name, values in constants.items():
                net.constant(name, values)
            wrapped, image = net.model(model.graph.node, model.graph.output[0].name, expected.size, opset)
            scores, refusal = program.scores(wrapped, image)
            if scores is None:
                return "refused", refusal.split(": ", 1)[-1]
            off = np.abs(scores - expected.ravel()).max() / max(np.abs(expected).max(), 1e-30)
            if not off <= 1e-5:
                return "differs", f"by {off:.1e} of the largest value"
        return "passed", ""
    except NoImage as why:
        return "no image", str(why)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--data", default="/usr/share/libonnx-testdata/data/node")
    parser.add_argument("--verbose", action="store_true", help="a line for each test that did not pass")
    options = parser.parse_args()
    if not os.path.isdir(options.data):
        sys.exit(f"{options.data} is missing: apt-get install libonnx-testdata")
    by_op, all_counts = collections.defaultdict(collections.Counter), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.build, folder)
        supported = supported_ops(program)
        for test in options.tests or sorted(os.listdir(options.data)):
            result, why = run_test(os.path.join(options.data, test), supported, program)
            if result is None:
                continue
            op = onnx.load(os.path.join(options.data, test, "model.onnx")).graph.node[0].op_type
            by_op[op][result] += 1
            all_counts[result] += 1
            if options.verbose and result != "passed" or result == "differs":
                print(f"{test}: {result}: {why}", flush=True)
        program.process.stdin.close()
        program.process.wait()
    kinds = ["passed", "refused", "no image", "differs"]
    print(f"{'op':22s}" + "".join(f"{kind:>10s}" for kind in kinds))
    for op, counts in sorted(by_op.items()):
        print(f"{op:22s}" + "".join(f"{counts[kind]:10d}" for kind in kinds))
    print(f"{len(by_op)} of {len(supported)} ops".ljust(22) + "".join(f"{all_counts[kind]:10d}" for kind in kinds))
    return 1 if all_counts["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
