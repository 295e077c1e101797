"""Holds the scores of dump_tensors' file against ONNX Runtime's: compare.py RUN.mjs NET.onnx OURS.h5."""
import os
import subprocess
import sys

import h5py
import numpy

run, net, ours = sys.argv[1:4]
with h5py.File(ours) as file:
    image, scores = file["input"][...], file["scores"][...].ravel()
for kind in "float32", "float16":
    image.astype(kind).tofile(f"input.{kind}")
    if os.path.exists(f"theirs.{kind}"):
        os.remove(f"theirs.{kind}")
dims = [str(n) for n in image.reshape(1, *image.shape[-3:]).shape]
subprocess.run(["node", run, net, "input", "theirs", *dims], check=True)
kind = "float32" if os.path.exists("theirs.float32") else "float16"
theirs = numpy.fromfile(f"theirs.{kind}", kind).astype("float32")
if theirs.min() >= 0 and abs(theirs.sum() - 1) < 1e-3:  # the file ends in a softmax
    scores = numpy.exp(scores - scores.max())
    scores /= scores.sum()
difference = numpy.abs(scores - theirs).max() / numpy.abs(theirs).max()
print(f"{os.path.basename(net)}: {difference:.1e} of the largest score")
sys.exit(int(difference > (1e-4 if kind == "float32" else 1e-3)))  # halves are rounded in every layer
