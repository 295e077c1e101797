#!/usr/bin/python3
"""Holds `hdecomp class-graph`, and the reach and surrogates of `explain --surrogate`, against PyTorch in float64, written
from their definitions.

Each photograph's tree is grown there; down it the products of shares are added up by the channels at both ends of each
edge; then the trees of a class: how many have the edge and the channel, exactly, and the mean of their weights. Once each
photograph for its own most probable class, once for the class that has a
positive score on most, so that its graph is a sum. Of each
level of every tree: the sum of the products that reach it, the channels chosen, and the class and its probability with all
other channels of that stage 0. One line an experiment; exit code 1 if a figure is beyond its tolerance. Needs Debian's
python3-torch and python3-h5py.

    tests/compare_class_graph.py [--build build] [NET.h5 PHOTO...]

Without a net: the bundled slim VGG-16, and a ResNet-18 with seeded weights.
"""
import json
import os
import sys
from collections import defaultdict

import torch

from compare_experiments import input_of, report, scores_without
from compare_saliency import TOP, Tree, run
from folded_nets import FoldedNet
from two_nets import compare_nets

SAME = 1e-5  # of a level's largest weight: float32 against float64


def edges_of(tree):
    """By level, {(channel above, channel below): weight}."""
    levels, decisions = [], {tree.root: 1.0}
    for depth in range(len(tree.levels) - 1):
        edges, below = defaultdict(float), defaultdict(float)
        for neuron, weight in decisions.items():
            for child, share, _ in tree.step(depth, neuron):
                edges[neuron[0], child[0]] += weight * share
                if tree.value(depth + 1, child) > 0:
                    below[child] += weight * share
        levels.append(edges)
        decisions = below
    return levels


def added_up(trees):
    """Of each level {(above, below): (trees, mean weight)} and {channel: trees}."""
    levels = []
    for edges in zip(*trees):
        ends = {end for one in edges for end in one}
        channels = [{below for _, below in one} for one in edges]
        levels.append(({end: (sum(end in one for one in edges), sum(one.get(end, 0) for one in edges) / len(trees)) for end in ends},
                       {c: sum(c in one for one in channels) for c in set().union(*channels)}))
    return levels


def graphs_of(model, photos, folder, tools, *flags):
    listed, results = os.path.join(folder, "list.txt"), os.path.join(folder, "graph.h5")
    with open(listed, "w") as file:
        file.write("".join(photo + "\n" for photo in photos))
    if os.path.exists(results):
        os.remove(results)
    return json.loads(run(tools["hdecomp"], "class-graph", "--list", listed, "--root", "/", "--model", model, "--device", "cpu",
                          "--top", str(TOP), "--share", "1", "--json", *flags, "-o", results))["graphs"]


def compare_graphs(trees_by_class, ours):
    apart, faults, edges = 0, [], 0
    if {graph["class"]: graph["trees"] for graph in ours} != {of: len(trees) for of, trees in trees_by_class.items()}:
        return {"weights": (0, SAME)}, ["other classes than PyTorch's"]
    for graph in ours:
        for level, (expected, channels) in zip(graph["levels"], added_up(trees_by_class[graph["class"]])):
            where = f"class {graph['class']}, {level['layer']}"
            got = {(edge["above"], edge["below"]): edge for edge in level["edges"]}
            if {end: edge["trees"] for end, edge in got.items()} != {end: count for end, (count, _) in expected.items()}:
                faults.append(f"{where}: other edges than PyTorch's")
                continue
            if {node["channel"]: node["trees"] for node in level["channels"]} != channels:
                faults.append(f"{where}: other channels than PyTorch's")
            largest = max(weight for _, weight in expected.values())
            edges += len(got)
            apart = max([apart] + [abs(got[end]["weight"] - weight) / largest for end, (_, weight) in expected.items()])
            apart = max(apart, abs(level["reach"] - sum(weight for _, weight in expected.values())))
    print(f"    {edges} edges")
    return {"weights": (apart, SAME)}, faults


def compare_levels(net, image, tree, model, photo, tools):
    ours = json.loads(run(tools["hdecomp"], "explain", photo, "--model", model, "--device", "cpu", "--top", str(TOP), "--surrogate",
                          "--json"))
    reach, probabilities, faults = 0, 0, []
    for level, edges in zip(ours["levels"], edges_of(tree)):
        chosen = {below for _, below in edges}
        reach = max(reach, abs(level["reach"] - sum(edges.values())))
        scores = scores_without(net, image, {level["layer"]: chosen})
        p, surrogate = torch.softmax(scores, 0), level["surrogate"]
        best = int(scores.argmax())
        if level["channels"] != len(chosen):
            faults.append(f"{photo}, {level['layer']}: {level['channels']} channels, PyTorch {len(chosen)}")
        if surrogate["top"]["index"] != best or surrogate["same"] != (best == tree.root[0]):
            faults.append(f"{photo}, {level['layer']}: class {surrogate['top']['index']}, PyTorch {best}")
        probabilities = max(probabilities, abs(surrogate["probability"] - float(p[tree.root[0]])),
                            abs(surrogate["top"]["probability"] - float(p[best])))
    if len(ours["levels"]) != len(tree.levels) - 1:
        faults.append(f"{photo}: {len(ours['levels'])} levels")
    return reach, probabilities, faults


def all_of(name, model, photos, work, tools):
    net, own, images, worst, faults = FoldedNet(model), defaultdict(list), [], [0, 0], []
    for photo in photos:
        image = input_of(model, photo, work, tools)
        tree = Tree(net, image, int(net.run(image)["scores"].argmax()), TOP)
        images.append(image)
        own[tree.root[0]].append(edges_of(tree))
        reach, probabilities, wrong = compare_levels(net, image, tree, model, photo, tools)
        worst, faults = [max(worst[0], reach), max(worst[1], probabilities)], faults + wrong
    right = report(f"levels, {name}", {"reach": (worst[0], SAME), "probabilities": (worst[1], SAME)}, faults)
    right &= report(f"own classes, {name}", *compare_graphs(own, graphs_of(model, photos, work, tools)))
    scores = torch.stack([net.run(image)["scores"][0] for image in images])
    best = int((scores > 0).sum(0).argmax())
    trees = {best: [edges_of(Tree(net, image, best, TOP)) for image, row in zip(images, scores) if row[best] > 0]}
    return right & report(f"one class, {name}", *compare_graphs(trees, graphs_of(model, photos, work, tools, "--class", f"index:{best}")))


if __name__ == "__main__":
    sys.exit(compare_nets(__doc__, all_of, ("portrait", "chelsea", "coffee", "rocket", "astronaut")))
