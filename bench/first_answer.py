#!/usr/bin/python3
"""Times whole processes, from their start to the tree on stdout: `hdecomp explain PHOTO` and python3 with PyTorch doing
the same (imports, weights, photograph, forward pass, a tree of all stages, N = 3).

    bench/first_answer.py [--rounds 7] [--before BUILD] [--torch-rounds 1] [NET.pth...]

NET.pth: torchvision's weights under the net's name (tests/onnx/export.py writes such); without any, the bundled slim
VGG-16. In every round each program runs in turn, once with the model's file in the page cache and once without (dropped
by posix_fadvise, which needs no rights); PyTorch in --torch-rounds rounds, with it. `--before`: another build of ours,
on a model file that it converted itself. Prints a Markdown table of medians in seconds, and what the kernel says of
memory.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from compare_onnx import HERE, PHOTO, ROOT

TORCH = """
import sys
sys.path.insert(0, sys.argv[1])
import torch, torchvision
from PIL import Image
from torch_tree import TorchTree
name, weights, photo = sys.argv[2:5]
module = getattr(torchvision.models, name)()
module.load_state_dict(torch.load(weights))
module.eval()
for parameter in module.parameters():
    parameter.requires_grad_(False)
rule = torchvision.transforms
prepared = rule.Compose([rule.Resize(256), rule.CenterCrop(224), rule.ToTensor(),
                         rule.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])(Image.open(photo).convert("RGB"))
print(TorchTree(module, prepared[None], 1).build("naive"))
"""


def timed(*command, named=None):
    """What a program prints, the seconds it took, and the most memory that it held in MiB. `named`: how many words of the
    command a failure tells, all without it."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command[:named])}: it failed")
    return text, time.perf_counter() - begin, usage.ru_maxrss / 1024


def forget(path):
    """Drops a file's pages from the page cache."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def converted(build, net, folder):
    """The net as that build's model file; without a net its bundled one."""
    command = os.path.join(build, "tools", "hdecomp")
    if net is None:
        return os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
    path = os.path.join(folder, "%d.h5" % len(os.listdir(folder)))
    subprocess.run([command, "convert", net, "--arch", name_of(net), "-o", path], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return path


def name_of(net):
    return "vgg16-slim" if net is None else os.path.splitext(os.path.basename(net))[0]


def measure(net, options, folder):
    """(side, "warm" or "cold") -> [(seconds, MiB)]."""
    builds = {"ours": options.build} | ({"before": options.before} if options.before else {})
    models = {side: converted(build, net, folder) for side, build in builds.items()}
    times = {}
    for turn in range(options.rounds):
        for side, build in builds.items():
            for cache in ("warm", "cold"):
                if cache == "cold":
                    forget(models[side])
                _, *took = timed(os.path.join(build, "tools", "hdecomp"), "explain", PHOTO, "--model", models[side],
                                 "--device", "cpu", named=2)
                times.setdefault((side, cache), []).append(took)
        if net is not None and turn < options.torch_rounds:
            _, *took = timed("/usr/bin/python3", "-c", TORCH, HERE, name_of(net), net, PHOTO, named=2)
            times.setdefault(("PyTorch", "warm"), []).append(took)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--before", help="another build, in the same run")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--torch-rounds", type=int, default=1)
    options = parser.parse_args()
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        os.environ.pop(name, None)
    columns = [("ours", "warm"), ("ours", "cold")]
    columns += [("before", "warm"), ("before", "cold")] if options.before else []
    columns += [("PyTorch", "warm")] if options.nets and options.torch_rounds > 0 else []
    print("| net | " + " | ".join(f"{side}, {cache}" for side, cache in columns) + " | ours, MiB |\n|---|" +
          "---:|" * (len(columns) + 1))
    for net in map(os.path.abspath, options.nets) if options.nets else [None]:
        with tempfile.TemporaryDirectory() as folder:
            times = measure(net, options, folder)
        ours = statistics.median(took for took, _ in times["ours", "warm"])
        cells = []
        for column in columns:
            median = statistics.median(took for took, _ in times[column])
            cells.append(f"{median:.2f}" + (f" ({median / ours:.1f})" if column[0] != "ours" and column[1] == "warm" else ""))
        memory = statistics.median(held for _, held in times["ours", "warm"])
        print(f"| {name_of(net)} | " + " | ".join(cells) + f" | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
