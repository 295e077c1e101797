"""Class probabilities of described Keras models by hdecomp against TensorFlow.js, on images by chance: compare.py BUILD
[NET.h5...]. Without files the models of nets.mjs, in Keras 2's and Keras 3's form. Run where @tensorflow/tfjs is
installed."""
import argparse
import json
import os
import re
import subprocess
import sys

import numpy

import forms

here, tolerance, images = os.path.dirname(os.path.abspath(__file__)), 1e-5, 4
parser = argparse.ArgumentParser(description=__doc__.replace("\n", " "))
parser.add_argument("build", metavar="BUILD")
parser.add_argument("files", nargs="*", metavar="NET.h5")
options = parser.parse_args()
build, files = options.build, options.files
random = numpy.random.default_rng(0)


def ours(path, photos):
    """Their pixels are the network's input: of its size, 0 to 255."""
    flags = ["--mean", "0", "--std", "1", "--pixel-range", "255"]
    command = f"{build}/tools/hdecomp"
    subprocess.run([command, "convert", path, "-o", "net.h5", *flags], check=True, stdout=subprocess.DEVNULL)
    with open("photos.txt", "w") as file:
        file.write("\n".join(photos))
    done = subprocess.run([command, "classify", "--list", "photos.txt", "--model", "net.h5", "--top", "99", "--json"], check=True,
                          capture_output=True, text=True)
    for image in json.loads(done.stdout)["images"]:
        yield [entry["probability"] for entry in sorted(image["top"], key=lambda entry: entry["index"])]


def theirs(net, pixels):
    pixels.astype("float32").tofile("input.bin")
    subprocess.run(["node", f"{here}/run.mjs", net, "input.bin", "theirs.bin", *map(str, pixels.shape[1:])], check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    scores = numpy.fromfile("theirs.bin", "float32").reshape(len(pixels), -1)
    return scores if scores.shape[1] > 1 else numpy.concatenate([scores, 1 - scores], 1)


def difference(path, net):
    model, weights = forms.read_net(net)
    size = int(re.search(r'"batch_(?:input_)?shape": \[null, (\d+)', json.dumps(model))[1])
    photos, pixels = [f"photo{i}.ppm" for i in range(images)], random.integers(0, 256, (images, size, size, 3), "uint8")
    for photo, values in zip(photos, pixels):
        with open(photo, "wb") as file:
            file.write(b"P6 %d %d 255\n" % (size, size) + values.tobytes())
    if next(w for w in weights.values() if w.ndim == 4).shape[2] == 1:
        pixels = pixels @ numpy.array([[0.299], [0.587], [0.114]])
    answers = theirs(net, pixels)
    print(" ".join(f"{p:.4f}" for p in answers.max(1)), end="  ")  # that it is not always 1
    return float(numpy.abs(numpy.array(list(ours(path, photos))) - answers).max())


def cases():
    if not files:
        os.makedirs("made", exist_ok=True)
        subprocess.run(["node", f"{here}/nets.mjs", "made"], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for name in sorted("made/" + f[:-5] for f in os.listdir("made") if f.endswith(".json")):
            forms.write_h5(f"{name}.h5", *forms.read_net(name))
            forms.write_keras(f"{name}.keras", *forms.read_net(name))
            yield f"{name}.h5", name
            yield f"{name}.keras", name
    for path in files:
        forms.write_net("file", *forms.read_h5(path))
        yield path, "file"


worst = 0
for path, net in cases():
    error = difference(path, net)
    print(f"{os.path.basename(path)}: {error:.1e}", flush=True)
    worst = max(worst, error)
sys.exit(int(worst > tolerance))
