"""Channel ablation along a path of decisions in PyTorch, batched from the ablated stage on, and gAP along the same path:
what time_torch.py times hdecomp's ablation against."""
import torch
import torchvision

from torch_tree import stage_modules


def stage_pieces(net):
    """The net as modules in a row, each from one stage's features (the first from the image) to the next's, the last
    to the class scores."""
    if isinstance(net, torchvision.models.ResNet):
        row = [net.conv1, net.bn1, net.relu, net.maxpool, net.layer1, net.layer2, net.layer3, net.layer4, net.avgpool,
               torch.nn.Flatten(), net.fc]
    else:
        row = [*net.features, net.avgpool, torch.nn.Flatten(), net.classifier]
    ends, pieces = stage_modules(net), [[]]
    for module in row:
        pieces[-1].append(module)
        if any(module is end for end in ends):
            pieces.append([])
    return [torch.nn.Sequential(*piece) for piece in pieces]


class TorchAblation:
    """`steps`: bench/time_ablation's, from the class scores down, one for each stage. `sizes`: most channels that go
    through a piece together, to choose of by trial."""

    def __init__(self, net, image, steps, sizes, timed):
        self.steps = steps
        pieces = stage_pieces(net)
        self.pieces = pieces[:0:-1]  # the one above each step's lower stage
        features = [image]
        with torch.inference_mode():
            for piece in pieces[:-1]:
                features.append(piece(features[-1]))
        self.features = features[:0:-1]  # each step's lower stage
        self.sizes = [self.fastest(i, sizes, timed) for i in range(len(steps))]

    def values(self, i, feature):
        """Step i's decision for each of the lower stage's features (n, c, h, w)."""
        step = self.steps[i]
        output = self.pieces[i](feature)
        return output.reshape(*output.shape[:2], *(output.shape[2:] or (1, 1)))[:, step["channel"], step["y"], step["x"]]

    def filled(self, i, first, count):
        """Copies of a stage's features, channel first + j of copy j set to its mean."""
        feature = self.features[i]
        copies = feature.repeat(count, 1, 1, 1)
        row = torch.arange(count, device=feature.device)
        channel = row + first
        copies[row, channel] = feature[0, channel].mean((1, 2))[:, None, None]
        return copies

    @torch.inference_mode()
    def fastest(self, i, sizes, timed):
        """The size that takes the least time a channel: from the smallest on, until one is clearly slower."""
        trials, channels = {}, self.features[i].shape[1]
        for size in sorted({min(size, channels) for size in sizes}):
            try:
                trials[size] = min(timed(lambda: self.values(i, self.filled(i, 0, size)))[1] / size for _ in range(2))
            except RuntimeError:  # too large for the GPU's memory
                break
            if trials[size] > 1.3 * min(trials.values()):
                break
        return min(trials, key=trials.get)

    @torch.inference_mode()
    def drops(self):
        """For each step F(decision) - F(decision with channel k filled), over the channels; on the host."""
        result = []
        for i, size in enumerate(self.sizes):
            channels = self.features[i].shape[1]
            values = [self.values(i, self.features[i])]
            for first in range(0, channels, size):
                values.append(self.values(i, self.filled(i, first, min(size, channels - first))))
            values = torch.cat(values)
            result.append((values[0] - values[1:]).cpu().numpy())
        return result

    def gap(self, tree):
        """Eq. 3 to 5 for each step, one autograd.grad per decision of a TorchTree's forward pass; on the host."""
        result = []
        for step, above, below in zip(self.steps, tree.layers, tree.layers[1:]):
            decision = step["channel"], step["y"], step["x"]
            result += [[part.tolist() for part in evidence] for evidence in tree.naive(above, below, [decision])]
        return result
