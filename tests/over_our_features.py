"""A PyTorch network in float64 that goes back over our own float32 features: what shows that a gradient far from
PyTorch's float32 one differs by rounding alone.

A gradient jumps where a ReLU's sum, or the difference of two inputs of a max-pool, is 0 but for rounding: there two
float32 networks need not agree. Over the same features nothing can jump."""
import contextlib
import os

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from torch_oracle import Oracle, TreeComparison

SAME_FEATURES = 1e-5  # of gradients over the same features: the largest error over the largest value
MATCH = 1e-4  # a result further off is no layer of ours


def rounding_of(terms):
    """How far float32's sum of a layer's n terms is from the exact one, over the largest sum z. Each of n additions rounds
    by a number of standard deviation u / sqrt(3) of the sum so far, u = 2^-24, at most, and these sums grow as the square
    root: sqrt(k / n) z. Independent, they add up to z u / sqrt(3) sqrt(n / 2), thrice that at most: 5.0e-6 for 512
    channels of 3 x 3, 3.8e-7 for 3. Winograd's sums are shorter, and what its transforms multiply is within it."""
    return 3 * 2 ** -24 * (terms / 6) ** 0.5


def our_features(model, folder, tools):
    """A function: every layer of ours for float32 inputs, as float64."""
    inputs, out = os.path.join(folder, "inputs.npy"), os.path.join(folder, "nodes.h5")

    def of(values):
        np.save(inputs, values.numpy())
        tools["run"](tools["dump"], model, inputs, out)
        with h5py.File(out) as file:
            return [torch.from_numpy(node[()]).double() for node in file["nodes"].values()]
    return of


class OverOurFeatures(TorchFunctionMode):
    """While it is entered, the result of each function that is a layer of ours gets our value and keeps its own gradient.
    `rounding`: how far a layer of ours was from float64's of our own input, at worst; `share`: of what rounding may do
    to its terms, at worst. A tensor's `terms` are those that float32 added up since a layer of ours; through a function
    whose terms are not known, as many as the net's widest layer has. `strange`: kinks whose input is no layer of ours,
    whose side is therefore float64's."""

    # Ours end later: batch norm is folded in, and may be all but the identity, so that these would be taken for another.
    NO_LAYERS = (F.conv2d, torch.conv2d, F.batch_norm)
    CLIPS = {F.relu: (0, np.inf), torch.relu: (0, np.inf), F.relu6: (0, 6)}
    MAX_POOLS = (F.max_pool2d, torch.max_pool2d)

    NORM_TERMS = 4  # float32 rounds a batch norm's factor, its product, its offset and their sum
    SUMS = (torch.add, torch.Tensor.add, torch.Tensor.add_, torch.Tensor.__add__, torch.Tensor.__iadd__)
    MEANS = (F.adaptive_avg_pool2d, torch.mean, torch.Tensor.mean)
    MOVES = (torch.flatten, torch.Tensor.flatten, torch.cat, F.dropout, torch.Tensor.view, torch.Tensor.reshape)

    def __init__(self, features, widest):
        super().__init__()
        self.features, self.widest = features, widest
        self.rounding, self.share, self.strange = 0, 0, []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is F.hardtanh:
            return self.clip(args[0], *(list(args[1:3]) or [kwargs.get("min_val", -1), kwargs.get("max_val", 1)]))
        if func in self.CLIPS:
            return self.clip(args[0], *self.CLIPS[func])
        if func in self.MAX_POOLS and not self.is_ours(args[0]):
            self.strange.append(f"a max-pool of {tuple(args[0].shape)}")
        result = func(*args, **kwargs)
        if isinstance(result, torch.Tensor):
            result.terms = self.terms(func, args, kwargs, result)
        if (isinstance(result, torch.Tensor) and result.dtype == torch.float64 and result.dim() in (2, 4) and
                func not in self.NO_LAYERS):
            ours, error = self.nearest(result)
            if error <= MATCH:
                return self.taken(result, ours, error)
        return result

    def terms(self, func, args, kwargs, result):
        """Of the function and of what it reads."""
        flat = [part for arg in args for part in (arg if isinstance(arg, (list, tuple)) else [arg])]
        before = [getattr(part, "terms", 0) for part in flat if isinstance(part, torch.Tensor)]
        if func in (F.conv2d, torch.conv2d, F.linear):
            return before[0] + args[1][0].numel()
        if func is F.batch_norm:
            return before[0] + self.NORM_TERMS
        if func in self.SUMS:
            return sum(before) + 2
        if func in self.MEANS:
            return before[0] + args[0].numel() // result.numel()
        if func is F.avg_pool2d:
            size = kwargs.get("kernel_size", args[1] if len(args) > 1 else None)
            return before[0] + (size ** 2 if isinstance(size, int) else int(np.prod(size)))
        if func in self.MOVES or func in self.MAX_POOLS:
            return max(before)
        return self.widest

    def nearest(self, z):
        """The layer of ours nearest to `z`, and how far it is over z's largest value."""
        alike = [feature.reshape(z.shape) for feature in self.features if feature.numel() == z.numel()]
        if not alike:
            return None, np.inf
        errors = [float((feature - z.detach()).abs().max()) for feature in alike]
        least = int(np.argmin(errors))
        return alike[least], errors[least] / max(float(z.detach().abs().max()), np.finfo(np.float32).tiny)

    def is_ours(self, z):
        return any(feature.numel() == z.numel() and torch.equal(feature.reshape(z.shape), z.detach())
                   for feature in self.features)

    def taken(self, z, value, error):
        self.rounding = max(self.rounding, error)
        self.share = max(self.share, error / rounding_of(max(z.terms, 1)))
        return value + (z - z.detach())  # ours to the last bit, so that equal inputs of a max-pool stay equal

    def clip(self, z, low, high):
        """Ours says on which side of its bounds each sum was: PyTorch passes a gradient between them, bounds excluded."""
        ours, error = self.nearest(z.clamp(low, high))
        if error > MATCH:
            self.strange.append(f"a ReLU of {tuple(z.shape)}, {error:.1e} from the nearest layer")
            return z.clamp(low, high)
        inside = ((ours > low) & (ours < high)).double()
        clipped = z.detach().clamp(low, high) + (z - z.detach()) * inside
        clipped.terms = getattr(z, "terms", self.widest)
        return self.taken(clipped, ours, error)


@contextlib.contextmanager
def doubled(net):
    """`net` in float64, for a while."""
    try:
        yield net.double()
    finally:
        net.float()


class TreeOverOurFeatures:
    """A tree of ours held against float64's way back over our own features: `says` what came of it, `proven` whether
    rounding alone makes it differ from PyTorch's."""

    def __init__(self, net, arch, model, image, dump, root, folder, tools):
        widest = max(weight[0].numel() for weight in net.parameters() if weight.dim() > 1)
        over = OverOurFeatures(our_features(model, folder, tools)(image), widest)
        with doubled(net):
            with over:
                oracle = Oracle(net, arch, image.double())
            tree = TreeComparison(oracle, dump)
            tree.compare(root)
        self.says = (f"over our features gradients {tree.gradient_error:.1e}  contributions {tree.contribution_error:.1e}"
                     f"  swaps {tree.swaps}, they {over.rounding:.1e}, {over.share:.2f} of rounding's")
        self.faults = tree.faults + [f"no layer of ours: {kink}" for kink in over.strange]
        self.proven = (not self.faults and tree.gradient_error <= SAME_FEATURES and
                       tree.contribution_error <= SAME_FEATURES and 0 < over.share <= 1)
