#!/usr/bin/python3
"""Times hdecomp against PyTorch on one machine, in turn: forward pass and the tree of all stages, N = 3, batch 1.

    bench/compare_torch.py [--build build] [--threads 2] [--rounds 7] [--naive-rounds 3] [NET ...]

Nets: vgg16, alexnet, resnet18, resnet50, full size, with torchvision's seeded weights, saved by torch.save and converted
by `hdecomp convert`; both sides get the very numbers that hdecomp makes of the photograph. Prints Markdown tables of
medians; what the columns mean is in bench/README.md. Exit code 1 if the trees differ in their number of decisions.
Needs Debian's python3-torch (which holds functorch) and python3-torchvision.

PyTorch's side, eval mode, parameters without gradients:
  forward   net(image) under torch.inference_mode().
  naive     one forward pass that keeps its graph, then one autograd.grad per distinct decision, to the stage below.
  batched   the same, with a level's decisions as one batched backward pass: functorch.vmap over autograd.grad, which
            folds the decisions into the convolutions' batch and reads the one cached forward pass. Single trials of two other
            ways were slower: autograd.grad(is_grads_batched=True) (tried on ResNet-18 and AlexNet), and running the
            stage again on the features expanded to a batch, which adds that forward pass (these and VGG-16). A level
            goes in chunks of decisions, since large batches were slower on some nets; a trial before the rounds takes
            the fastest of CHUNKS for the net (named on stderr). Eq. 3 to 5 go by chunk, too. Batching does not always
            pay on a CPU: "naive" can be the faster of the two.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import functorch
import numpy as np
import torch
import torchvision

NETS = ("vgg16", "alexnet", "resnet18", "resnet50")
TOP = 3
FORWARDS_A_ROUND = 3
CHUNKS = (2, 8, 16, 64)  # most decisions in one batched backward pass
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PHOTO = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")


def stage_modules(net):
    """The modules whose outputs are the stages' features, after their ReLU, first stage first."""
    if isinstance(net, torchvision.models.ResNet):
        return [net.relu, net.layer1, net.layer2, net.layer3, net.layer4]
    layers = list(net.features)
    relus = [i for i, layer in enumerate(layers) if isinstance(layer, torch.nn.ReLU)]
    if isinstance(net, torchvision.models.VGG):
        relus = [i for i in relus if isinstance(layers[i + 1], torch.nn.MaxPool2d)]
    return [layers[i] for i in relus]


class TorchTree:
    """One forward pass that keeps its graph, and the tree below its strongest class."""

    def __init__(self, net, image, chunk):
        self.chunk = chunk
        features = []
        hooks = [module.register_forward_hook(lambda _module, _input, output: features.append(output))
                 for module in stage_modules(net)]
        scores = net(image.clone().requires_grad_(True))
        for hook in hooks:
            hook.remove()
        self.layers = [scores.reshape(1, -1, 1, 1)] + features[::-1]  # the levels, top down

    def naive_steps(self, above, below, decisions):
        for channel, y, x in decisions:
            gradient, = torch.autograd.grad(above[0, channel, y, x], below, retain_graph=True)
            yield from self.evidence(gradient, below)

    def batched_steps(self, above, below, decisions):
        for begin in range(0, len(decisions), self.chunk):
            chosen = torch.tensor(decisions[begin:begin + self.chunk])
            one_hot = torch.zeros(len(chosen), *above.shape)
            one_hot[torch.arange(len(chosen)), 0, chosen[:, 0], chosen[:, 1], chosen[:, 2]] = 1
            gradient = functorch.vmap(
                lambda g: torch.autograd.grad(above, below, g, retain_graph=True)[0])(one_hot)
            yield from self.evidence(gradient[:, 0], below)

    def evidence(self, gradient, below):
        """Eq. 3 to 5 for gradients (decisions, c, h, w): each decision's chosen channels and their peaks' places."""
        with torch.no_grad():
            a = gradient * below
            alpha, place = a.mean((2, 3)), a.flatten(2).argmax(2)
            best, channels = alpha.topk(TOP)
            places = place.gather(1, channels)
        width = below.shape[3]
        for row in zip(best.tolist(), channels.tolist(), places.tolist()):
            yield [(c, p // width, p % width) for value, c, p in zip(*row) if value > 0]

    def build(self, steps):
        """The tree's distinct nodes, level by level, and how many decisions were decomposed."""
        decisions = [(int(self.layers[0].argmax()), 0, 0)]
        nodes, count = [set(decisions)], 0
        for above, below in zip(self.layers, self.layers[1:]):
            values = above.detach()
            decisions = sorted(d for d in set(decisions) if values[(0, *d)] > 0)  # Eq. 1
            count += len(decisions)
            decisions = [child for children in steps(above, below, decisions) for child in children]
            nodes.append(set(decisions))
        return nodes, count


def timed(body):
    """What `body` returns, and its milliseconds."""
    begin = time.perf_counter()
    result = body()
    return result, 1000 * (time.perf_counter() - begin)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def tree_nodes(root):
    """The distinct nodes of our tree.json, level by level."""
    levels, nodes = [], [root]
    while nodes:
        levels.append({(node["channel"], node.get("y", 0), node.get("x", 0)) for node in nodes})
        nodes = [child for node in nodes for child in node.get("children", [])]
    return levels


class Comparison:
    """One net on both sides, measured in turn."""

    def __init__(self, arch, options, folder):
        self.arch, self.options = arch, options
        self.time_tree = os.path.join(options.build, "bench", "time_tree")
        torch.manual_seed(0)
        self.net = getattr(torchvision.models, arch)(weights=None).eval().requires_grad_(False)
        weights, self.model = os.path.join(folder, "net.pth"), os.path.join(folder, "net.h5")
        torch.save(self.net.state_dict(), weights)
        self.hdecomp = os.path.join(options.build, "tools", "hdecomp")
        run(self.hdecomp, "convert", weights, "-o", self.model)
        os.remove(weights)
        image = os.path.join(folder, "input.f32")
        self.ours = json.loads(run(self.time_tree, self.model, PHOTO, "1", str(options.threads), image))
        pixels = np.fromfile(image, np.float32)
        side = round((len(pixels) / 3) ** 0.5)
        self.image = torch.from_numpy(pixels.reshape(1, 3, side, side))
        self.times = {name: [] for name in ("forward", "naive", "batched", "our forward", "our tree", "our total")}
        self.trees, self.faults, self.chunk = {}, [], CHUNKS[0]

    def torch_forward(self):
        with torch.inference_mode():
            return self.net(self.image)

    def torch_tree(self, way):
        tree = TorchTree(self.net, self.image, self.chunk)
        return tree.build({"naive": tree.naive_steps, "batched": tree.batched_steps}[way])

    def measure_ours(self):
        self.ours = json.loads(run(self.time_tree, self.model, PHOTO, str(FORWARDS_A_ROUND), str(self.options.threads)))
        self.times["our forward"] += self.ours["forward_ms"]
        self.times["our tree"] += self.ours["tree_ms"]
        self.times["our total"] += [f + t for f, t in zip(self.ours["forward_ms"], self.ours["tree_ms"])]

    def measure_torch(self, way):
        self.trees[way], ms = timed(lambda: self.torch_tree(way))
        self.times[way].append(ms)

    def choose_chunk(self):
        trials = {}
        for self.chunk in CHUNKS[:1] + CHUNKS:  # the first run warms up and is measured again
            trials[self.chunk] = timed(lambda: self.torch_tree("batched"))[1]
        self.chunk = min(trials, key=trials.get)
        print(f"{self.arch}: batched in chunks of {self.chunk}", file=sys.stderr, flush=True)

    def measure(self):
        self.choose_chunk()
        for i in range(self.options.rounds):
            self.measure_ours()
            self.torch_forward()  # the threads wake up
            self.times["forward"] += [timed(self.torch_forward)[1] for _ in range(FORWARDS_A_ROUND)]
            self.measure_torch("batched")
            if i < self.options.naive_rounds:
                self.measure_torch("naive")
            print(f"{self.arch}, round {i + 1} of {self.options.rounds}", file=sys.stderr, flush=True)
        self.medians = {name: statistics.median(times) for name, times in self.times.items()}

    def check(self):
        """Whether all trees have as many decisions; says how many nodes differ, if any do."""
        ours = tree_nodes(json.loads(run(self.hdecomp, "explain", PHOTO, "--model", self.model, "--json"))["root"])
        for way, (nodes, count) in self.trees.items():
            if count != self.ours["decompositions"]:
                self.faults.append(f"{count} decisions in PyTorch ({way}), {self.ours['decompositions']} in hdecomp")
            differ = sum(len(a ^ b) for a, b in zip(nodes, ours))
            if differ or len(nodes) != len(ours):
                print(f"{self.arch}: {differ} nodes differ between PyTorch ({way}) and hdecomp", file=sys.stderr)
        for fault in self.faults:
            print(f"{self.arch}: {fault}", file=sys.stderr)
        return not self.faults

    def times_row(self):
        m = self.medians
        return [self.arch, self.ours["decompositions"], *map("{:.1f}".format, (m["forward"], m["our forward"])),
                f"{m['forward'] / m['our forward']:.2f}", f"{m['our tree']:.1f}",
                *(f"{m['our tree'] / m[name]:.2f}" for name in ("forward", "our forward")),
                *(f"{m[name]:.0f}" for name in ("naive", "batched", "our total")),
                *(f"{m[name] / m['our total']:.1f}" for name in ("naive", "batched"))]

    def work_row(self):
        m, forward, tree = self.medians, self.ours["forward_multiply_adds"], self.ours["tree_multiply_adds"]
        return [self.arch, f"{forward / 1e9:.2f}", f"{tree / 1e9:.2f}", f"{tree / forward:.2f}",
                *(f"{2e-6 * forward / m[name]:.0f}" for name in ("forward", "our forward")),
                f"{2e-6 * tree / m['our tree']:.0f}", f"{self.ours['peak_memory_kib'] / 1024:.0f}"]


TIMES_COLUMNS = ["net", "decisions", "forward: PyTorch, ms", "ours, ms", "times faster", "tree beyond forward: ours, ms",
                 "/ PyTorch's forward", "/ our forward", "forward + tree: PyTorch naive, ms", "PyTorch batched, ms",
                 "ours, ms", "times faster than naive", "than batched"]
WORK_COLUMNS = ["net", "multiply-adds, 10^9: forward", "tree", "tree / forward", "GFLOP/s: forward, PyTorch",
                "forward, ours", "tree, ours", "our peak memory, MiB"]


def print_table(columns, rows):
    for cells in [columns, ["---"] * len(columns), *rows]:
        print("| " + " | ".join(map(str, cells)) + " |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="*", metavar="NET", help="of " + ", ".join(NETS) + "; all by default")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--threads", type=int, default=2, help="on both sides")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--naive-rounds", type=int, default=3, help="rounds that build the naive tree too")
    options = parser.parse_args()
    if set(options.nets) - set(NETS):
        parser.error("nets: " + ", ".join(NETS))
    if min(options.rounds, options.naive_rounds, options.threads) < 1:
        parser.error("--rounds, --naive-rounds and --threads are at least 1")
    torch.set_num_threads(options.threads)
    done, same = [], True
    for arch in options.nets or NETS:
        with tempfile.TemporaryDirectory() as folder:
            comparison = Comparison(arch, options, folder)
            comparison.measure()
            same &= comparison.check()
        done.append((comparison.times_row(), comparison.work_row()))
    print(f"PyTorch {torch.__version__}, {options.threads} threads on both sides, medians of "
          f"{options.rounds} rounds (naive: {min(options.naive_rounds, options.rounds)})\n")
    print_table(TIMES_COLUMNS, [times for times, _ in done])
    print_table(WORK_COLUMNS, [work for _, work in done])
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
