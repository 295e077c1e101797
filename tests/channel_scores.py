"""What PyTorch gives for the importance of a net's channels, by each method of `hdecomp importance`."""
import numpy as np
import torch

from compare_saliency import Relevance, Tree


def path_scores(net, image, decision, stages, steps):
    """Conductance, influence and influence times activation of each stage's channels."""
    along = (torch.arange(steps + 1, dtype=image.dtype) / steps).reshape(-1, 1, 1, 1)
    features = net.run((along * image).requires_grad_(True))
    outputs = [features[stage] for stage in stages]
    gradients = torch.autograd.grad(features["scores"][:, decision].sum(), outputs)
    weights = torch.ones(steps + 1, 1, 1, 1, dtype=image.dtype) / steps
    weights[0] = weights[-1] = 0.5 / steps
    found = []
    for y, g in zip(outputs, gradients):
        y = y.detach()
        mean = (weights * g).sum(0)
        found.append((((g[1:] + g[:-1]) / 2 * (y[1:] - y[:-1])).sum((0, 2, 3)), mean.sum((1, 2)),
                      (mean * y[-1]).sum((1, 2))))
    return found


def importances(net, image, decision, stages, top, steps):
    """By stage, by method in the file's order but for the random one: a number for each channel."""
    tree = Tree(net, image, decision, top)
    of_tree, level = {stage: np.zeros(tree.features[stage].shape[1]) for stage in stages}, {tree.root: 1.0}
    for depth, stage in enumerate(tree.levels[1:]):
        below = {}
        for neuron, weight in level.items():
            for child, share, _ in tree.step(depth, neuron):
                of_tree[stage][child[0]] += weight * share
                if tree.value(depth + 1, child) > 0:
                    below[child] = below.get(child, 0) + weight * share
        level = below
    features = net.run(image.clone().requires_grad_(True))
    gradients = torch.autograd.grad(features["scores"][0, decision], [features[stage] for stage in stages])
    relevant = net.run(image.clone().requires_grad_(True), Relevance("epsilon-plus"))
    score = relevant["scores"][0, decision]
    relevance = torch.autograd.grad(score, [relevant[stage] for stage in stages], score.detach())
    path = path_scores(net, image, decision, stages, steps)
    return [[of_tree[stage], (gradients[s] * features[stage].detach())[0].sum((1, 2)).numpy(),
             *(one.numpy() for one in path[s]), relevance[s][0].sum((1, 2)).numpy()]
            for s, stage in enumerate(stages)]
