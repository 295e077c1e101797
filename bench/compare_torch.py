#!/usr/bin/python3
"""Times hdecomp against PyTorch on one machine, in turn: forward pass and the tree of all stages, N = 3.

    bench/compare_torch.py [--device cuda] [--precision float32,tf32,bf16] [--rounds 7] [--naive-rounds 3] [NET ...]

Nets: vgg16, alexnet, resnet18, resnet50, full size, with torchvision's seeded weights, saved by torch.save and
converted by `hdecomp convert`; both sides get the very numbers that hdecomp makes of the photograph. Prints Markdown
tables of medians; what the columns mean is in bench/README.md. Exit code 1 if the trees differ in their number of
decisions in float32. Needs PyTorch from 1.13 on (with functorch or torch.func), torchvision and NumPy.

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

try:
    from torch.func import vmap  # from PyTorch 2.0 on
except ImportError:
    from functorch import vmap

NETS = ("vgg16", "alexnet", "resnet18", "resnet50")
PRECISIONS = ("float32", "tf32", "bf16", "fp16")
TOP = 3
RUNS_A_ROUND = {"cpu": 3, "cuda": 30}  # of everything but PyTorch's trees
CHUNKS = {"cpu": (2, 8, 16, 64), "cuda": (8, 32, 128, 512)}  # most decisions in one batched backward pass
MANY = {"cpu": 4, "cuda": 32}  # images at a time for throughput
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

    def naive(self, above, below, decisions):
        for channel, y, x in decisions:
            gradient, = torch.autograd.grad(above[0, channel, y, x], below, retain_graph=True)
            yield self.evidence(gradient, below)

    def batched(self, above, below, decisions):
        for begin in range(0, len(decisions), self.chunk):
            chosen = torch.tensor(decisions[begin:begin + self.chunk], device=above.device)
            one_hot = torch.zeros(len(chosen), *above.shape, device=above.device)
            row = torch.arange(len(chosen), device=above.device)
            one_hot[row, 0, chosen[:, 0], chosen[:, 1], chosen[:, 2]] = 1
            gradient = vmap(lambda g: torch.autograd.grad(above, below, g, retain_graph=True)[0])(one_hot)
            yield self.evidence(gradient[:, 0], below)

    @staticmethod
    def evidence(gradient, below):
        """Eq. 3 to 5 for gradients (decisions, c, h, w): contributions, channels and peaks of the chosen."""
        with torch.no_grad():
            a = gradient * below
            alpha, place = a.mean((2, 3)), a.flatten(2).argmax(2)
            best, channels = alpha.topk(TOP)
            return best, channels, place.gather(1, channels)

    @staticmethod
    def positive(above, decisions):
        """Eq. 1: only these are decomposed."""
        if not decisions:
            return []
        index = torch.tensor(decisions, device=above.device)
        values = above.detach()[0, index[:, 0], index[:, 1], index[:, 2]].tolist()
        return [decision for decision, value in zip(decisions, values) if value > 0]

    def build(self, way):
        """The tree's distinct nodes, level by level, and how many decisions were decomposed."""
        decisions = [(int(self.layers[0].argmax()), 0, 0)]
        nodes, count = [set(decisions)], 0
        for above, below in zip(self.layers, self.layers[1:]):
            decisions = self.positive(above, sorted(set(decisions)))
            count += len(decisions)
            parts = list(getattr(self, way)(above, below, decisions))
            width, decisions = below.shape[3], []
            for rows in zip(*(torch.cat(part).tolist() for part in zip(*parts))):
                decisions += [(c, p // width, p % width) for value, c, p in zip(*rows) if value > 0]
            nodes.append(set(decisions))
        return nodes, count


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


def place(node):
    return node["channel"], node.get("y", 0), node.get("x", 0)


def tree_nodes(root):
    """The distinct nodes of our tree.json, level by level."""
    levels, nodes = [], [root]
    while nodes:
        levels.append({place(node) for node in nodes})
        nodes = [child for node in nodes for child in node.get("children", [])]
    return levels


def changed_channels(actual, expected):
    """(changed, chosen): the channels that `expected` chose, going down where both decompose the same decision, and
    those of them that `actual` did not choose there."""
    ours = {node["channel"]: node for node in actual.get("children", [])}
    changed = chosen = 0
    for child in expected.get("children", []):
        same = ours.get(child["channel"])
        chosen += 1
        changed += same is None
        if same is not None and place(same) == place(child):
            below = changed_channels(same, child)
            changed, chosen = changed + below[0], chosen + below[1]
    return changed, chosen


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
        self.time_tree = os.path.join(options.build, "bench", "time_tree")
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

    def time_ours(self, precision, batch, repetitions, *more):
        return json.loads(run(self.time_tree, self.model, PHOTO, "--repetitions", str(repetitions),
                              "--threads", str(self.options.threads), "--device", self.options.device,
                              "--precision", precision, "--batch", str(batch), *more))

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
        self.compare_trees()

    def our_tree(self, precision):
        return json.loads(run(self.hdecomp, "explain", PHOTO, "--model", self.model, "--device", self.options.device,
                              "--precision", precision, "--json"))["root"]

    def compare_trees(self):
        """Our trees with float32's and with PyTorch's; a fault is another number of decisions in float32."""
        self.faults, expected = [], self.our_tree("float32")
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

    def times_row(self, precision):
        measured = self.measured[precision]
        m = measured.medians()
        return [self.arch, precision, measured.ours["decompositions"],
                *(f"{m[name]:.2f}" for name in ("forward", "our forward")),
                f"{m['forward'] / m['our forward']:.2f}", f"{m['our tree']:.2f}",
                *(f"{m['our tree'] / m[name]:.2f}" for name in ("forward", "our forward")),
                *(f"{m[name]:.1f}" for name in ("naive", "batched")), f"{m['our total']:.2f}",
                *(f"{m[name] / m['our total']:.1f}" for name in ("naive", "batched")),
                *(f"{m[name + ' tree'] / m['our tree']:.1f}" for name in ("naive", "batched"))]

    def work_row(self, precision):
        measured = self.measured[precision]
        m, ours, many = measured.medians(), measured.ours, measured.many
        forward, tree = ours["forward_multiply_adds"], ours["tree_multiply_adds"]
        return [self.arch, precision, f"{forward / 1e9:.2f}", f"{tree / 1e9:.2f}", f"{tree / forward:.2f}",
                *(f"{2e-6 * forward / m[name]:.0f}" for name in ("forward", "our forward")),
                f"{2e-6 * tree / m['our tree']:.0f}", *(f"{many[name]:.1f}" for name in ("forward", "total")),
                f"{many['total'] / many['forward']:.2f}", f"{measured.changed} of {measured.chosen}",
                f"{ours['peak_memory_kib'] / 1024:.0f}"]

    def target_rows(self):
        """What a GPU is to reach on VGG-16."""
        if self.arch != "vgg16" or self.kind != "cuda":
            return []
        rows = []
        for precision, measured in self.measured.items():
            m, many = measured.medians(), measured.many

            def target(what, reached, bound, at_least=True, name=precision):
                met = reached >= bound if at_least else reached <= bound
                rows.append([f"VGG-16, {name}: {what}", f"{'at least' if at_least else 'at most'} {bound:g}",
                             f"{reached:.3g}", "met" if met else "missed"])
            target("tree, times faster than PyTorch naive", m["naive tree"] / m["our tree"], 50)
            target("tree, times faster than PyTorch batched", m["batched tree"] / m["our tree"], 20)
            if precision == "float32":
                target("forward + tree at batch 1, ms (on an H100)", m["our total"], 1.5, at_least=False)
            target(f"images/s at batch {MANY['cuda']}, forward + tree / forward", many["total"] / many["forward"], 0.8)
        return rows


TIMES_COLUMNS = ["net", "precision", "decisions", "forward: PyTorch, ms", "ours, ms", "times faster",
                 "tree beyond forward: ours, ms", "/ PyTorch's forward", "/ our forward",
                 "forward + tree: PyTorch naive, ms", "PyTorch batched, ms", "ours, ms", "times faster than naive",
                 "than batched", "tree alone: times faster than naive", "than batched"]
WORK_COLUMNS = ["net", "precision", "multiply-adds, 10^9: forward", "tree", "tree / forward",
                "GFLOP/s: forward, PyTorch", "forward, ours", "tree, ours", "images/s, batched: forward",
                "forward + tree", "/ forward", "channels unlike float32's", "our peak memory on the host, MiB"]
TARGET_COLUMNS = ["target", "asked", "reached", ""]


def print_table(columns, rows):
    for cells in [columns, ["---"] * len(columns), *rows]:
        print("| " + " | ".join(map(str, cells)) + " |")
    print(flush=True)


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
    parser.add_argument("--json", metavar="FILE", help="where to write the tables as JSON, too")
    options = parser.parse_args()
    on_cpu = options.device == "cpu"
    options.precision = (options.precision or ("float32" if on_cpu else "float32,tf32")).split(",")
    if set(options.nets) - set(NETS):
        parser.error("nets: " + ", ".join(NETS))
    if set(options.precision) - set(PRECISIONS) or (on_cpu and options.precision != ["float32"]):
        parser.error("--precision: " + ", ".join(PRECISIONS) + "; on the CPU float32 alone")
    if min(options.rounds, options.naive_rounds, options.threads) < 1:
        parser.error("--rounds, --naive-rounds and --threads are at least 1")
    if not on_cpu and not torch.cuda.is_available():
        parser.error(f"--device {options.device}: PyTorch {torch.__version__} finds no GPU")
    return options


def title(options):
    device = "CPU" if options.device == "cpu" else torch.cuda.get_device_name(options.device)
    return (f"PyTorch {torch.__version__}, {device}, {options.threads} threads on both sides, medians of "
            f"{options.rounds} rounds (naive: {min(options.naive_rounds, options.rounds)}), "
            f"images/s in batches of {MANY[options.device.split(':')[0]]}")


class Results:
    """The tables of the nets done so far."""

    def __init__(self, options):
        self.options, self.faults = options, []
        self.times, self.work, self.targets = [], [], []

    def add(self, comparison):
        self.times += map(comparison.times_row, self.options.precision)
        self.work += map(comparison.work_row, self.options.precision)
        self.targets += comparison.target_rows()
        self.faults += comparison.faults
        if self.options.json:
            with open(self.options.json, "w", encoding="utf-8") as file:
                contents = {"title": title(self.options), "tables": self.tables(), "faults": self.faults}
                json.dump(contents, file, indent=1)

    def tables(self):
        pairs = (TIMES_COLUMNS, self.times), (WORK_COLUMNS, self.work), (TARGET_COLUMNS, self.targets)
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
