#!/usr/bin/python3
"""Times PGD (`hdecomp attack`) against PyTorch on one machine, in turn: 20 steps on a batch of photographs, full-size
VGG-16 with torchvision's seeded weights, converted by `hdecomp convert`.

    bench/time_attack.py [--build build] [--images 4] [--steps 20] [--threads 2] [--rounds 3]

Ours is the command's own time for the whole run over the photographs: decoding, the forward passes before and after
and the channels' peaks included, loading the model not. PyTorch's: the steps and a forward pass before and after, on
tensors that are there, parameters without gradients. Prints the medians, their ratio and whether both fool the
network on the same photographs. Needs PyTorch from 1.13 on and torchvision.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import torch
import torchvision

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PHOTOS = ["astronaut", "chelsea", "coffee", "portrait", "rocket"]
EPS = 4 / 255
MEAN, STD = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def attack(net, clean, steps):
    """The classes before and after."""
    with torch.no_grad():
        labels = net((clean - MEAN) / STD).argmax(1)
    x, size = clean.clone(), 2.5 * EPS / steps
    for _ in range(steps):
        x.requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(net((x - MEAN) / STD), labels, reduction="sum")
        gradient, = torch.autograd.grad(loss, x)
        with torch.no_grad():
            x = x + size * gradient.sign()
            x = torch.minimum(torch.maximum(x, clean - EPS), clean + EPS).clamp(0, 1)
    with torch.no_grad():
        return labels, net((x - MEAN) / STD).argmax(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not 1 <= options.images <= len(PHOTOS):
        parser.error(f"--images {options.images}: there are {len(PHOTOS)} photographs")
    hdecomp, dump = (os.path.join(options.build, *path) for path in (("tools", "hdecomp"), ("tests", "dump_tensors")))
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    net = torchvision.models.vgg16(weights=None).eval().requires_grad_(False)
    photos = [os.path.join(ROOT, "tools", "photos", name + ".jpg") for name in PHOTOS[:options.images]]
    with tempfile.TemporaryDirectory() as folder:
        weights, model, listed = (os.path.join(folder, name) for name in ("vgg16.pth", "vgg16.h5", "list.txt"))
        torch.save(net.state_dict(), weights)
        run(hdecomp, "convert", weights, "-o", model)
        os.remove(weights)
        inputs = []
        for photo in photos:
            run(dump, model, photo, os.path.join(folder, "dump.h5"))
            with h5py.File(os.path.join(folder, "dump.h5")) as file:
                inputs.append(torch.from_numpy(file["input"][()]))
            os.remove(os.path.join(folder, "dump.h5"))
        clean = ((torch.cat(inputs) * STD + MEAN) * 255).round() / 255
        with open(listed, "w") as file:
            file.write("".join(photo + "\n" for photo in photos))
        ours, theirs = [], []
        for r in range(options.rounds):
            results = os.path.join(folder, f"attack{r}.h5")
            answer = json.loads(run(hdecomp, "attack", "--list", listed, "--root", "/", "--model", model, "--start", "none",
                                    "--steps", str(options.steps), "--batch", str(options.images), "--device", "cpu",
                                    "--threads", str(options.threads), "--json", "-o", results))
            ours.append(answer["timings_ms"]["run"] / 1000)
            begun = time.perf_counter()
            labels, now = attack(net, clean, options.steps)
            theirs.append(time.perf_counter() - begun)
            with h5py.File(results) as file:
                same = bool((file["values/new_class"][()][:, 0] == now.numpy()).all()
                            and (file["decision"][()] == labels.numpy()).all())
            print(f"round {r + 1}: hdecomp {ours[-1]:.2f} s, PyTorch {theirs[-1]:.2f} s, "
                  f"{'the same classes' if same else 'OTHER CLASSES'}", flush=True)
    print(f"PGD of {options.steps} steps, VGG-16, {options.images} images, {options.threads} threads: hdecomp "
          f"{statistics.median(ours):.2f} s, PyTorch {torch.__version__} {statistics.median(theirs):.2f} s, "
          f"{statistics.median(theirs) / statistics.median(ours):.1f} times")


if __name__ == "__main__":
    main()
