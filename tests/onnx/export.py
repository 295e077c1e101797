#!/usr/bin/python3
"""Exports torchvision nets with seeded weights to ONNX.

export.py FOLDER [NAME...]; NAME_96x160 is for that height and width, "rectangles" are a few of that kind."""
import argparse
import os
import re
import sys

import torch
import torchvision
from PIL import Image

NAMES = ["alexnet", "vgg16", "resnet18", "resnet50", "squeezenet1_1", "densenet121", "mobilenet_v2",
         "googlenet", "mobilenet_v3_small", "shufflenet_v2_x1_0", "efficientnet_b0", "mnasnet1_0",
         "regnet_y_400mf", "inception_v3", "convnext_tiny", "vgg16_bn", "resnext50_32x4d", "wide_resnet50_2"]
RECTANGLES = ["resnet18_96x160", "mobilenet_v3_small_160x96", "squeezenet1_1_95x160", "convnext_tiny_64x96"]


def parts(name):
    """The net's name and its input's height and width."""
    sized = re.fullmatch(r"(.*)_(\d+)x(\d+)", name)
    if sized and not hasattr(torchvision.models, name):  # resnext50_32x4d
        return sized[1], (int(sized[2]), int(sized[3]))
    return name, (299, 299) if name == "inception_v3" else (224, 224)


def photographs(size):
    """The bundled ones as a batch, normalised as ImageNet's."""
    folder = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "photos")
    prepare = torchvision.transforms.Compose([
        torchvision.transforms.Resize(size), torchvision.transforms.ToTensor(),
        torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jpg"))
    return torch.stack([prepare(Image.open(path).convert("RGB")) for path in paths])


def seeded(name, photos):
    """Batch norms get the statistics of the photographs: of other ones a deep net's scores are its last bias, whatever it
    sees, and a comparison of them sees nothing. Returns the net and how far its scores change with the photograph, of the
    largest."""
    torch.manual_seed(1)
    extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    net = getattr(torchvision.models, name)(**extra).eval()
    norms = [module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        torch.nn.init.uniform_(norm.weight, 0.5, 1)
        torch.nn.init.uniform_(norm.bias, 0, 0.5)  # without it a deep net makes much of rounding
        norm.momentum = None  # the mean of all batches, of which there is one
        norm.train()
    with torch.no_grad():
        net(photos)
        scores = net.eval()(photos)
    return net, float((scores - scores.mean(0)).abs().max() / scores.abs().max())


def export(name, folder):
    net, size = parts(name)
    net, change = seeded(net, photographs(size))
    if change < 1e-3:
        sys.exit(f"{name}: its scores change by {change:.1e} with the photograph; nothing could be told from them")
    torch.onnx.export(net, torch.zeros(1, 3, *size), os.path.join(folder, name + ".onnx"), opset_version=13)
    torch.save(net.state_dict(), os.path.join(folder, name + ".pth"))
    print(f"{name:26s} scores change by {change:.1e} of the largest with the photograph", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="that .onnx and .pth files are written into")
    parser.add_argument("names", nargs="*", metavar="NAME", help="nets; without any, 18")
    options = parser.parse_args()
    names = RECTANGLES if options.names == ["rectangles"] else options.names or NAMES
    unknown = [name for name in names if not hasattr(torchvision.models, parts(name)[0])]
    if unknown:
        parser.error(f"torchvision has no {', '.join(unknown)}")
    os.makedirs(options.folder, exist_ok=True)
    for name in names:
        export(name, options.folder)


if __name__ == "__main__":
    main()
