"""Holds the scores of dump_tensors' file against ONNX Runtime's: compare.py RUN.mjs NET.onnx OURS.h5."""
import os
import subprocess
import sys

import h5py
import numpy

run, net, ours = sys.argv[1:4]
with h5py.File(ours) as file:
    image, scores = file["input"][...], file["scores"][...].ravel()
image.astype("<f4").tofile("input.f32")
dims = [str(n) for n in image.reshape(1, *image.shape[-3:]).shape]
subprocess.run(["node", run, net, "input.f32", "theirs.f32", *dims], check=True)
theirs = numpy.fromfile("theirs.f32", "<f4")
if theirs.min() >= 0 and abs(theirs.sum() - 1) < 1e-3:  # the file ends in a softmax
    scores = numpy.exp(scores - scores.max())
    scores /= scores.sum()
difference = numpy.abs(scores - theirs).max() / numpy.abs(theirs).max()
print(f"{os.path.basename(net)}: {difference:.1e} of the largest score")
sys.exit(difference > 1e-4)
