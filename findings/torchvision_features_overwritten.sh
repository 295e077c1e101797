#!/usr/bin/env bash
# torchvision's feature extractor gives a convolution's map without its negative numbers, as soon as a second layer is asked for.
# Library: torchvision 0.14.1 (Debian 12: python3-torchvision 0.14.1-2), models.feature_extraction.create_feature_extractor, with PyTorch
# 1.13.1 (python3-torch 1.13.1+dfsg-4).
# Behaviour: documented is that it "creates a new graph module that returns intermediate nodes from a given model", each under its name.
# A node's output was expected to be the same whichever other nodes are returned. AlexNet, VGG and ResNet of torchvision have
# ReLUs that write over their input. With one node the graph ends there and its numbers are right; with a later one as
# well, the tensor that is returned went through the ReLU, too. So the map of a convolution or a batch norm that an explanation is
# made of has negative numbers or none, by what else is asked for. Nothing is said, neither in the documentation nor when it
# runs. What helps: inplace = False in every ReLU before the extractor is made.
# Seen, 2026-12-01, random weights; the node's output alone, and what is returned beside a later node:
#   alexnet features.0: alone from -2.57 to 2.23, beside classifier.6 from 0.00 to 2.23; with inplace=False equal
#   vgg11_bn features.1: alone from -1.52 to 1.41, beside features.4 from 0.00 to 1.41; with inplace=False equal
#   resnet18 layer1.0.conv1: alone from -2.14 to 1.87, beside fc from -2.14 to 1.87; with inplace=False equal
#   resnet18 layer1.0.bn1: alone from -2.05 to 2.60, beside fc from 0.00 to 2.60; with inplace=False equal
#   resnet18 layer1.0.bn2: alone from -2.73 to 2.35, beside fc from -2.73 to 2.35; with inplace=False equal
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4 python3-torchvision=0.14.1-2

cat >features.py <<'PY'
import sys
import warnings

import torch
import torchvision
from torchvision.models.feature_extraction import create_feature_extractor

warnings.simplefilter("ignore")
cases = [  # network, node, a later node, whether the node is the same beside it
    ("alexnet", "features.0", "classifier.6", False),
    ("vgg11_bn", "features.1", "features.4", False),
    ("resnet18", "layer1.0.conv1", "fc", True),
    ("resnet18", "layer1.0.bn1", "fc", False),
    ("resnet18", "layer1.0.bn2", "fc", True),
]
seen = True
torch.manual_seed(0)
photograph = torch.randn(1, 3, 64, 64)
for network, node, later, same in cases:
    model = getattr(torchvision.models, network)().eval()
    with torch.no_grad():
        alone = create_feature_extractor(model, [node])(photograph)[node]
        beside = create_feature_extractor(model, [node, later])(photograph)[node]
        for module in model.modules():
            if hasattr(module, "inplace"):
                module.inplace = False
        outside = create_feature_extractor(model, [node, later])(photograph)[node]
    print(f"{network} {node}: alone from {alone.min():.2f} to {alone.max():.2f}, beside {later} from {beside.min():.2f} to {beside.max():.2f}; "
          f"with inplace=False {'equal' if torch.equal(alone, outside) else 'not equal'}")
    seen &= torch.equal(alone, beside) == same
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s features.py
