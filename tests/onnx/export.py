#!/usr/bin/python3
"""Exports torchvision nets with seeded weights to ONNX: export.py FOLDER [NAME...]; NAME_96x160 is for that height and
width."""
import os
import re
import sys

import torch
import torchvision

NAMES = ["alexnet", "vgg16", "resnet18", "resnet50", "squeezenet1_1", "densenet121", "mobilenet_v2",
         "googlenet", "mobilenet_v3_small", "shufflenet_v2_x1_0", "efficientnet_b0", "mnasnet1_0",
         "regnet_y_400mf", "inception_v3", "convnext_tiny", "vgg16_bn", "resnext50_32x4d", "wide_resnet50_2",
         "resnet18_96x160", "mobilenet_v3_small_160x96", "squeezenet1_1_95x160", "convnext_tiny_64x96"]


def parts(name):
    """The net's name and its input's height and width."""
    sized = re.fullmatch(r"(.*)_(\d+)x(\d+)", name)
    if sized and not hasattr(torchvision.models, name):  # resnext50_32x4d
        return sized[1], (int(sized[2]), int(sized[3]))
    return name, (299, 299) if name == "inception_v3" else (224, 224)


def seeded(name):
    """Batch norms get statistics of their own, so that folding them is seen."""
    torch.manual_seed(1)
    extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    net = getattr(torchvision.models, name)(**extra)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return net.eval()


folder, names = sys.argv[1], sys.argv[2:] or NAMES
os.makedirs(folder, exist_ok=True)
for name in names:
    net, size = parts(name)
    net = seeded(net)
    torch.onnx.export(net, torch.zeros(1, 3, *size), os.path.join(folder, name + ".onnx"), opset_version=13)
    torch.save(net.state_dict(), os.path.join(folder, name + ".pth"))
    print(name, flush=True)
