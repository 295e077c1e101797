"""Times ablation along one net's top-1 path against PyTorch, in turn, for time_torch.py."""
import statistics
import sys

import torch

from torch_ablation import TorchAblation
from torch_tree import TorchTree

TOLERANCE = 1e-3  # of the decision: how far the two sides' drops may lie apart
SIZES = {"cpu": (1, 4, 16, 64), "cuda": (32, 128, 512)}  # most channels in one of PyTorch's batches


class AblationComparison:
    """All in float32. `comparison`: time_torch.py's, of the net."""

    def __init__(self, comparison):
        self.comparison = comparison
        self.times, self.differences, self.steps = {}, [], []

    def add(self, name, *milliseconds):
        self.times.setdefault(name, []).extend(milliseconds)

    def medians(self):
        return {name: statistics.median(times) for name, times in self.times.items()}

    @property
    def channels(self):
        return sum(step["channels"] for step in self.steps)

    def measure(self, rounds, runs):
        """`runs` a round of everything but PyTorch's ablation."""
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        theirs = None
        for i in range(rounds):
            ours = self.comparison.ours("time_ablation", "float32", runs)
            self.steps = ours["steps"]
            for name in ("forward", "gap", "ablation"):
                self.add("our " + name, *ours[name + "_ms"])
            if theirs is None:
                theirs = TorchAblation(self.comparison.net, self.comparison.image, self.steps,
                                       SIZES[self.comparison.kind], self.comparison.timed)
                self.say(f"in batches of {', '.join(map(str, theirs.sizes))}")
            self.measure_torch(theirs, runs)
            self.say(f"round {i + 1} of {rounds}")

    def measure_torch(self, theirs, runs):
        net, image, timed = self.comparison.net, self.comparison.image, self.comparison.timed
        tree = TorchTree(net, image, chunk=1)
        theirs.gap(tree)
        self.comparison.torch_forward()
        for _ in range(runs):
            self.add("forward", timed(self.comparison.torch_forward)[1])
            self.add("gap", timed(lambda: theirs.gap(tree))[1])
        drops, milliseconds = timed(theirs.drops)
        self.add("ablation", milliseconds)
        self.differences += [abs(ours - of_torch) / step["value"] for step, row in zip(self.steps, drops)
                             for ours, of_torch in zip(step["drops"], row.tolist())]

    def faults(self):
        worst = max(self.differences, default=0)
        if worst <= TOLERANCE:
            return []
        return [f"{self.comparison.arch}: an ablated channel's drop differs from PyTorch's by {worst:.1e} of the decision"]

    def say(self, words):
        print(f"{self.comparison.arch}, ablation: {words}", file=sys.stderr, flush=True)
