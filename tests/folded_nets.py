"""VGG, ResNet and CIFAR's ResNet in float64 PyTorch from a model file of ours (batch norm folded in), with every op
replaceable: what the oracles of saliency maps and of the experiments on them run."""
import math

import h5py
import torch
import torch.nn.functional as F

from over_our_features import rounding_of


class Ops:
    """The plain network; a method of saliency overrides what it does otherwise on the way back. Given `features`, those of
    our network for the same inputs, each sum is ours in its value, so that float64 goes back over our float32 features:
    the same ReLUs are open and the same inputs lead max-pools. `rounding` is then how far a sum of ours was from the one
    of our own inputs in float64, over the layer's largest, at worst, and `share` of what rounding may do to its terms."""

    def __init__(self, features=None):
        self.features, self.rounding, self.share = features, 0, 0

    def taken(self, z, terms):
        if self.features is None:
            return z
        ours = self.of_ours(z.detach())
        error = float((ours - z.detach()).abs().max() / z.detach().abs().max())
        self.rounding, self.share = max(self.rounding, error), max(self.share, error / rounding_of(terms))
        return ours + (z - z.detach())  # ours to the last bit, so that equal inputs of a max-pool stay equal

    def of_ours(self, z):
        """The layer of ours that is `z`, or its ReLU: below 0 z itself then."""
        def apart(pair):
            feature, has_relu = pair
            return float((feature - (z.clamp(min=0) if has_relu else z)).abs().max())
        alike = [feature.reshape(z.shape) for feature in self.features if feature.numel() == z.numel()]
        feature, has_relu = min(((f, r) for f in alike for r in (False, True)), key=apart)
        return torch.where(feature > 0, feature, z.clamp(max=0)) if has_relu else feature

    def conv(self, x, weight, bias, stride, pad):
        return self.taken(F.conv2d(x, weight, bias, stride, pad), weight[0].numel())

    def linear(self, x, weight, bias):
        return self.taken(F.linear(x, weight, bias), weight[0].numel())

    def relu(self, x):
        return F.relu(x)

    def add(self, a, b):
        return self.taken(a + b, 2)

    def mean(self, x, size):
        return self.taken(F.adaptive_avg_pool2d(x, size), cells_of_mean(x, size))


def cells_of_mean(x, size):
    """Of the largest window of an adaptive average pool."""
    return math.prod(math.ceil(extent / size) + (extent % size > 0) for extent in x.shape[2:])


class FoldedNet:
    """Layers by our names, computed in `dtype`. `stages` are the names of the stages' ends, first to last."""

    def __init__(self, path, dtype=torch.float64):
        with h5py.File(path) as file:
            text = file.attrs["arch"]
            self.arch = text.decode() if isinstance(text, bytes) else str(text)
            self.pool = int(file.attrs["pool_size"]) if "pool_size" in file.attrs else 1
            self.mean, self.std = file.attrs["mean"][()], file.attrs["std"][()]
            self.dtype = dtype
            self.layers = {name: tuple(torch.from_numpy(layer[kind][()]).to(dtype) for kind in ("weight", "bias"))
                           for name, layer in self.groups(file["layers"])}
        self.small = self.arch.startswith("cifar_")  # three stages, a stem that keeps the size
        self.stages = ([f"conv{i}_{2 if i < 3 else 3}" for i in range(1, 6)] if self.arch.startswith("vgg16") else
                       ["conv1", "layer1", "layer2", "layer3"] + ["layer4"] * (not self.small))

    @staticmethod
    def groups(root):
        found = []
        root.visititems(lambda name, item: found.append((name.replace("/", "."), item))
                        if isinstance(item, h5py.Group) and "weight" in item else None)
        return found

    def weights(self):
        """The names of all layers with weights, in the order in which they are computed."""
        return list(self.layers)

    def run(self, x, ops=None, fill=None):
        """Features by stage, and "scores". `fill(stage, feature)` may put another in its place."""
        ops, features = ops or Ops(), {}

        def keep(stage, value):
            features[stage] = fill(stage, value) if fill else value
            return features[stage]
        run = self.run_vgg if self.arch.startswith("vgg16") else self.run_resnet
        features["scores"] = run(x, ops, keep)
        return features

    def run_vgg(self, x, ops, keep):
        for block, convs in enumerate([2, 2, 3, 3, 3], 1):
            for i in range(1, convs + 1):
                x = ops.relu(ops.conv(x, *self.layers[f"conv{block}_{i}"], 1, 1))
            x = F.max_pool2d(keep(f"conv{block}_{convs}", x), 2, 2)
        x = ops.mean(x, self.pool).flatten(1)  # LRP shares out by it also where the map has that size
        for name in ("fc6", "fc7"):
            x = ops.relu(ops.linear(x, *self.layers[name]))
        return ops.linear(x, *self.layers["fc8"])

    def run_resnet(self, x, ops, keep):
        x = keep("conv1", ops.relu(ops.conv(x, *self.layers["conv1"], *((1, 1) if self.small else (2, 3)))))
        x = x if self.small else F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, len(self.stages)):
            block = 0
            while f"layer{stage}.{block}.conv1" in self.layers:
                x = self.block(x, f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1, ops)
                block += 1
            x = keep(f"layer{stage}", x)
        return ops.linear(ops.mean(x, 1).flatten(1), *self.layers["fc"])

    def block(self, x, name, stride, ops):
        wide = f"{name}.conv3" in self.layers
        y = x
        for i in (1, 2, 3) if wide else (1, 2):
            weight, bias = self.layers[f"{name}.conv{i}"]
            here = stride if i == (2 if wide else 1) else 1
            y = ops.conv(y, weight, bias, here, weight.shape[2] // 2)
            y = y if i == (3 if wide else 2) else ops.relu(y)
        if f"{name}.downsample" in self.layers:
            x = ops.conv(x, *self.layers[f"{name}.downsample"], stride, 0)
        return ops.relu(ops.add(y, x))
