#!/usr/bin/python3
"""Holds every layer of ONNX files against ONNX Runtime, its optimiser off, on one photograph.

A layer's feature is the tensor of the file that has its last name; the file's own output is the scores, before a
softmax or behind it. Within 1e-4 of the largest value of each, 1e-3 where the file computes in halves, which ONNX
Runtime rounds in every layer. One line a net; exit code 1 if one is beyond. Needs node, npm and Debian's python3-onnx;
HDECOMP_ORT names a folder with npm's onnxruntime-node, else it is installed for the time of the run, without its
download scripts.

    tests/onnx/compare.py [--build build] [--image FILE] NET.onnx...
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def photograph(path, height, width):
    pixels = np.asarray(Image.open(path).convert("RGB").resize((width, height)), np.float64) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1)[None].astype(np.float32)


def image_input(model):
    constants = {tensor.name for tensor in model.graph.initializer}
    return next(value for value in model.graph.input if value.name not in constants)


def channels_last(dims):
    return dims[1] not in (1, 3) and dims[3] in (1, 3)


def size_of(dims):
    """Height and width; a side that is open is as the other, or of 224 pixels."""
    height, width = dims[1:3] if channels_last(dims) else dims[2:4]
    return height or width or 224, width or height or 224


def as_their_input(image, dims):
    """Grey, or channels last, as the file has it."""
    if 1 in (dims[1], dims[3]) and 3 not in (dims[1], dims[3]):
        image = np.tensordot(image, np.array([0.299, 0.587, 0.114], np.float32), (1, 0))[:, None]
    return image.transpose(0, 2, 3, 1) if channels_last(dims) else image


class Theirs:
    def __init__(self, runtime):
        self.runtime = runtime

    def run(self, model, image, folder):
        """Every tensor that is an output of the model, by its name."""
        path = os.path.join(folder, "model.onnx")
        onnx.save(model, path)
        for kind in "float32", "float16":
            image.astype(kind).tofile(os.path.join(folder, f"input.{kind}"))
        done = subprocess.run(["node", os.path.join(HERE, "run.mjs"), path, os.path.join(folder, "input"), folder,
                               *map(str, image.shape)], cwd=self.runtime, stdout=subprocess.PIPE, check=True, text=True)
        return {output["name"]: np.fromfile(os.path.join(folder, f"{i}.bin"), output["type"]).astype(np.float32)
                for i, output in enumerate(json.loads(done.stdout))}


def softmax(scores):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def error(ours, theirs):
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-30))


def tensors_of(model, layers):
    """The tensor of the file that each layer is, by the layer's place; all of them become outputs of the model."""
    made = {output for node in model.graph.node for output in node.output}
    tensor_of = {}
    for i, layer in enumerate(layers):
        named = [name for name in layer["names"] if name in made]
        if named:
            tensor_of[i] = named[-1]
    for name in sorted(set(tensor_of.values()) - {output.name for output in model.graph.output}):
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return tensor_of


def feature_of(layer):
    return np.fromfile(layer["file"], np.float32)


def largest_error(layers, tensor_of, features):
    """And the tensor that has it."""
    worst, where = 0.0, ""
    for i, name in tensor_of.items():
        ours = feature_of(layers[i])
        off = error(ours, features[name]) if ours.size == features[name].size else np.inf
        if not off <= worst:
            worst, where = off, name
    return worst, where


def compare(path, image_file, program, theirs):
    model = onnx.load(path)
    dims = [d.dim_value for d in image_input(model).type.tensor_type.shape.dim]
    height, width = size_of(dims)
    image = photograph(image_file, height, width)
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "image.f32")
        image.tofile(plain)
        program.stdin.write(f"{os.path.abspath(path)} {plain} {folder} {height} {width}\n")
        program.stdin.flush()
        answer = json.loads(program.stdout.readline())
        if "layers" not in answer:
            print(f"{os.path.basename(path)}: {answer}")
            return False
        layers, scores = answer["layers"], model.graph.output[0].name
        tensor_of = tensors_of(model, layers)
        features = theirs.run(model, as_their_input(image, dims), folder)
        halves = any(tensor.data_type == onnx.TensorProto.FLOAT16 for tensor in model.graph.initializer)
        limit = 1e-3 if halves else 1e-4
        worst, where = largest_error(layers, tensor_of, features)
        stages = sum(layers[i]["stage"] for i in tensor_of)
        ours, last = feature_of(layers[-1]), features[scores]
        if last.min() >= 0 and abs(last.sum() - 1) < 1e-3:
            ours = softmax(ours)
        off = error(ours, last)
        ends = sum(layer["stage"] for layer in layers)
    right = off <= limit and worst <= limit and stages == ends
    print(f"{os.path.basename(path):34s} {'ok' if right else 'FAIL':4s}  scores {off:.1e}  {len(tensor_of):3d} of "
          f"{len(layers):3d} layers, {stages} of {ends} stages {worst:.1e} ({where})", flush=True)
    return right


def runtime_folder(own):
    """HDECOMP_ORT, or `own`, with onnxruntime-node in it."""
    runtime = os.environ.get("HDECOMP_ORT", own)
    if not os.path.isdir(os.path.join(runtime, "node_modules", "onnxruntime-node")):
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "onnxruntime-node@1.30.0"], cwd=runtime,
                       check=True)
    return runtime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--image", default=os.path.join(ROOT, "tools", "photos", "chelsea.jpg"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        theirs = Theirs(runtime_folder(own))
        program = subprocess.Popen([os.path.join(options.build, "tests", "layers_of")], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        right = all([compare(net, options.image, program, theirs) for net in options.nets])
        program.stdin.close()
        program.wait()
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
