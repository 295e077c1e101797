"""The tree of evidence in PyTorch, one autograd.grad per decision or a level's decisions at once: what
time_torch.py times hdecomp against."""
import contextlib

import torch
import torchvision

try:
    from torch.func import vmap  # from PyTorch 2.0 on
except ImportError:
    from functorch import vmap

TOP = 3


def stage_modules(net):
    """The modules whose outputs are the stages' features, after their ReLU, first stage first."""
    if isinstance(net, torchvision.models.ResNet):
        return [net.relu, net.layer1, net.layer2, net.layer3, net.layer4]
    layers = list(net.features)
    relus = [i for i, layer in enumerate(layers) if isinstance(layer, torch.nn.ReLU)]
    if isinstance(net, torchvision.models.VGG):
        relus = [i for i in relus if isinstance(layers[i + 1], torch.nn.MaxPool2d)]
    return [layers[i] for i in relus]


@contextlib.contextmanager
def out_of_place(net):
    """No module of the net writes over its input: in-place ReLUs would change features that hooks keep. Afterwards they
    do so again, for what is timed without hooks."""
    modules = [module for module in net.modules() if getattr(module, "inplace", False)]
    for module in modules:
        module.inplace = False
    try:
        yield
    finally:
        for module in modules:
            module.inplace = True


class TorchTree:
    """One forward pass that keeps its graph, and the tree below its strongest class."""

    def __init__(self, net, image, chunk, modules=None):
        """`modules`: the stages', first stage first; those of stage_modules where they are not given."""
        self.chunk = chunk
        features = []
        hooks = [module.register_forward_hook(lambda _module, _input, output: features.append(output))
                 for module in modules or stage_modules(net)]
        with out_of_place(net):
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
