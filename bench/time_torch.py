#!/usr/bin/python3
"""Times hdecomp against PyTorch on one machine, in turn: forward pass, the tree of all stages, N = 3, and the ablation
of every channel of every stage along the top-1 path.

    bench/time_torch.py [--device cuda] [--precision float32,tf32,bf16] [--rounds 7] [--naive-rounds 3] [NET ...]

Nets: vgg16, alexnet, resnet18, resnet50, full size, with torchvision's seeded weights, saved by torch.save and
converted by `hdecomp convert`; both sides get the very numbers that hdecomp makes of the photograph. Prints Markdown
tables of medians; what the columns mean is in bench/README.md. Exit code 1 if the trees differ in their number of
decisions in float32, or an ablated channel's drop by more than 1e-3 of its decision. Needs PyTorch from 1.13 on (with functorch or torch.func), torchvision and NumPy.

PyTorch's side, eval mode, parameters without gradients:
  forward   net(image) under torch.inference_mode().
  naive     one forward pass that keeps its graph, then one autograd.grad per distinct decision, to the stage below.
  batched   the same, with a level's decisions as one batched backward pass: vmap over autograd.grad, which folds the
            decisions into the convolutions' batch and reads the one cached forward pass. Single trials on a CPU of two
            other ways were slower: autograd.grad(is_grads_batched=True) (tried on ResNet-18 and AlexNet), and running
            the stage again on the features expanded to a batch, which adds that forward pass (these and VGG-16). A
            level goes in chunks of decisions, since large batches were slower on some nets; a trial before the rounds
            takes the fastest of the chunk sizes for the net (named on stderr). Eq. 3 to 5 go by chunk, too. Batching
            does not always pay on a CPU: "naive" can be the faster of the two.
  ablation  in float32 alone, in torch_ablation.py: for each decision of the path the features of the stage below it
            many times over, one channel of each set to its mean, from there up to the decision's layer under
            torch.inference_mode(). The fastest of a few batch sizes for each stage, by a trial. gAP beside it: one
            autograd.grad for each of the same decisions, after the forward pass.
A level's results reach the host together. On a GPU every time ends with torch.cuda.synchronize, cuDNN may time its
algorithms (torch.backends.cudnn.benchmark), and TF32 is off for our float32 and on for our other precisions.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
import torchvision

from ablation_comparison import AblationComparison
from comparison_tables import (ABLATION_COLUMNS, TARGET_COLUMNS, TIMES_COLUMNS, WORK_COLUMNS, ablation_row, print_table,
                               target_rows, times_row, work_row)
from torch_tree import TorchTree
from tree_changes import changed_channels, tree_nodes

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
from tree_json import linked  # noqa: E402

NETS = ("vgg16", "alexnet", "resnet18", "resnet50")
PRECISIONS = ("float32", "tf32", "bf16", "fp16")
RUNS_A_ROUND = {"cpu": 3, "cuda": 30}  # of everything but PyTorch's trees
CHUNKS = {"cpu": (2, 8, 16, 64), "cuda": (8, 32, 128, 512)}  # most decisions in one batched backward pass
MANY = {"cpu": 4, "cuda": 32}  # images at a time for throughput
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PHOTO = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")


def run(*command):
    """What one of our programs prints; tools/gpu_check.sh says where its libraries are."""
    environment = dict(os.environ)
    if "HDECOMP_LIBRARY_PATH" in environment:
        environment["LD_LIBRARY_PATH"] = environment["HDECOMP_LIBRARY_PATH"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Measured:
    """One net in one precision of ours: milliseconds of all repetitions by name."""

    def __init__(self):
        self.times, self.trees, self.ours, self.many = {}, {}, {}, {}
        self.changed, self.chosen = 0, 0

    def add(self, name, *milliseconds):
        self.times.setdefault(name, []).extend(milliseconds)

    def medians(self):
        return {name: statistics.median(times) for name, times in self.times.items()}


class Comparison:
    """One net on both sides, measured in turn."""

    def __init__(self, arch, options, folder):
        self.arch, self.options = arch, options
        self.kind = options.device.split(":")[0]
        self.hdecomp = os.path.join(options.build, "tools", "hdecomp")
        torch.manual_seed(0)
        net = getattr(torchvision.models, arch)(weights=None).eval().requires_grad_(False)
        weights, self.model = os.path.join(folder, "net.pth"), os.path.join(folder, "net.h5")
        torch.save(net.state_dict(), weights)
        run(self.hdecomp, "convert", weights, "-o", self.model)
        os.remove(weights)
        image = os.path.join(folder, "input.f32")
        self.time_ours("float32", 1, 1, "--input", image)
        pixels = np.fromfile(image, np.float32)
        side = round((len(pixels) / 3) ** 0.5)
        self.image = torch.from_numpy(pixels.reshape(1, 3, side, side)).to(options.device)
        self.net = net.to(options.device)
        self.chunk = CHUNKS[self.kind][0]
        self.measured = {precision: Measured() for precision in options.precision}
        self.ablation = AblationComparison(self)

    def ours(self, program, precision, repetitions, *more):
        return json.loads(run(os.path.join(self.options.build, "bench", program), self.model, PHOTO,
                              "--repetitions", str(repetitions), "--threads", str(self.options.threads),
                              "--device", self.options.device, "--precision", precision, *more))

    def time_ours(self, precision, batch, repetitions, *more):
        return self.ours("time_tree", precision, repetitions, "--batch", str(batch), *more)

    def timed(self, body):
        """What `body` returns, and its milliseconds."""
        self.wait()
        begin = time.perf_counter()
        result = body()
        self.wait()
        return result, 1000 * (time.perf_counter() - begin)

    def wait(self):
        if self.kind == "cuda":
            torch.cuda.synchronize(self.options.device)

    def torch_forward(self):
        with torch.inference_mode():
            return self.net(self.image)

    def torch_tree(self, way):
        """The tree, the milliseconds of its forward pass, and those after it."""
        tree, forward = self.timed(lambda: TorchTree(self.net, self.image, self.chunk))
        built, after = self.timed(lambda: tree.build(way))
        return built, forward, after

    def choose_chunk(self):
        trials, sizes = {}, CHUNKS[self.kind]
        for self.chunk in sizes[:1] + sizes + sizes:  # each once to warm up, the first before all
            try:
                _, _, trials[self.chunk] = self.torch_tree("batched")
            except RuntimeError as fault:  # too large for the GPU's memory
                say(f"{self.arch}: chunks of {self.chunk}: {str(fault).splitlines()[0]}")
                trials.pop(self.chunk, None)
        self.chunk = min(trials, key=trials.get)
        say(f"{self.arch}: batched in chunks of {self.chunk}")

    def measure_ours(self, precision):
        measured = self.measured[precision]
        measured.ours = ours = self.time_ours(precision, 1, RUNS_A_ROUND[self.kind])
        for name in ("forward", "tree", "total"):
            measured.add("our " + name, *ours[name + "_ms"])

    def measure_torch(self, precision, naive):
        measured = self.measured[precision]
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision != "float32"
        for _ in range(3):  # threads wake up, algorithms are chosen
            self.torch_forward()
        measured.add("forward", *(self.timed(self.torch_forward)[1] for _ in range(RUNS_A_ROUND[self.kind])))
        for way in ("batched", "naive") if naive else ("batched",):
            if self.kind == "cuda":
                self.torch_tree(way)  # algorithms are chosen for the precision
            measured.trees[way], forward, after = self.torch_tree(way)
            measured.add(way, forward + after)
            measured.add(way + " tree", after)

    def measure(self):
        torch.backends.cudnn.benchmark = True
        self.choose_chunk()
        for i in range(self.options.rounds):
            for precision in self.options.precision:
                self.measure_ours(precision)
                self.measure_torch(precision, i < self.options.naive_rounds)
            say(f"{self.arch}, round {i + 1} of {self.options.rounds}")
        for precision, measured in self.measured.items():
            many = self.time_ours(precision, MANY[self.kind], RUNS_A_ROUND[self.kind])
            measured.many = {name: 1000 * many["batch"] / statistics.median(many[name + "_ms"])
                             for name in ("forward", "total")}
        self.ablation.measure(self.options.ablation_rounds, RUNS_A_ROUND[self.kind])
        self.compare_trees()

    def our_tree(self, precision):
        return linked(json.loads(run(self.hdecomp, "explain", PHOTO, "--model", self.model, "--device",
                                     self.options.device, "--precision", precision, "--json")))

    def compare_trees(self):
        """Our trees with float32's and with PyTorch's; a fault is another number of decisions in float32."""
        self.faults, expected = self.ablation.faults(), self.our_tree("float32")
        for precision, measured in self.measured.items():
            tree = self.our_tree(precision)
            measured.changed, measured.chosen = changed_channels(tree, expected)
            for way, (nodes, count) in measured.trees.items():
                where = f"{self.arch}, {precision}: PyTorch ({way})"
                if count != measured.ours["decompositions"]:
                    line = f"{where} has {count} decisions, hdecomp {measured.ours['decompositions']}"
                    say(line)
                    self.faults += [line] if precision == "float32" else []
                ours = tree_nodes(tree)
                differ = sum(len(a ^ b) for a, b in zip(nodes, ours))
                if differ or len(nodes) != len(ours):
                    say(f"{where} and hdecomp differ in {differ} nodes")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="*", metavar="NET", help="of " + ", ".join(NETS) + "; all by default")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:INDEX, on both sides")
    parser.add_argument("--precision", help="ours, of " + ", ".join(PRECISIONS) + ", separated by commas; "
                        "by default float32, on a GPU float32,tf32")
    parser.add_argument("--threads", type=int, default=2, help="on both sides")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--naive-rounds", type=int, default=3, help="rounds that build the naive tree too")
    parser.add_argument("--ablation-rounds", type=int, default=1, help="rounds of ablation; 0: leave it out")
    parser.add_argument("--json", metavar="FILE", help="where to write the tables as JSON, too")
    options = parser.parse_args()
    on_cpu = options.device == "cpu"
    options.precision = (options.precision or ("float32" if on_cpu else "float32,tf32")).split(",")
    if set(options.nets) - set(NETS):
        parser.error("nets: " + ", ".join(NETS))
    if set(options.precision) - set(PRECISIONS) or (on_cpu and set(options.precision) - {"float32", "bf16"}):
        parser.error("--precision: " + ", ".join(PRECISIONS) + "; on the CPU float32 and bf16")
    if min(options.rounds, options.naive_rounds, options.threads) < 1:
        parser.error("--rounds, --naive-rounds and --threads are at least 1")
    if options.ablation_rounds < 0:
        parser.error("--ablation-rounds is at least 0")
    if not on_cpu and not torch.cuda.is_available():
        parser.error(f"--device {options.device}: PyTorch {torch.__version__} finds no GPU")
    return options


def title(options):
    device = "CPU" if options.device == "cpu" else torch.cuda.get_device_name(options.device)
    return (f"PyTorch {torch.__version__}, {device}, {options.threads} threads on both sides, medians of "
            f"{options.rounds} rounds (naive: {min(options.naive_rounds, options.rounds)}, ablation: {options.ablation_rounds}), "
            f"images/s in batches of {MANY[options.device.split(':')[0]]}")


class Results:
    """The tables of the nets done so far."""

    def __init__(self, options):
        self.options, self.faults = options, []
        self.times, self.work, self.ablation, self.targets = [], [], [], []

    def add(self, comparison):
        self.times += [times_row(comparison, precision) for precision in self.options.precision]
        self.work += [work_row(comparison, precision) for precision in self.options.precision]
        if self.options.ablation_rounds:
            self.ablation.append(ablation_row(comparison))
        self.targets += target_rows(comparison, MANY["cuda"])
        self.faults += comparison.faults
        if self.options.json:
            with open(self.options.json, "w", encoding="utf-8") as file:
                contents = {"title": title(self.options), "tables": self.tables(), "faults": self.faults}
                json.dump(contents, file, indent=1)

    def tables(self):
        pairs = ((TIMES_COLUMNS, self.times), (WORK_COLUMNS, self.work), (ABLATION_COLUMNS, self.ablation),
                 (TARGET_COLUMNS, self.targets))
        return [{"columns": columns, "rows": rows} for columns, rows in pairs if rows]


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    results = Results(options)
    for arch in options.nets or NETS:
        with tempfile.TemporaryDirectory() as folder:
            comparison = Comparison(arch, options, folder)
            comparison.measure()
        results.add(comparison)
    print(title(options) + "\n")
    for table in results.tables():
        print_table(**table)
    return 1 if results.faults else 0


if __name__ == "__main__":
    sys.exit(main())
