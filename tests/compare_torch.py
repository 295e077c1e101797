#!/usr/bin/python3
"""Holds hdecomp against PyTorch: logits, stage features, the gradient of every tree step, the whole tree.

For the bundled model and for full-size AlexNet, VGG-16, ResNet-18, ResNet-50, ResNeXt-50, Wide ResNet-50-2,
SqueezeNet 1.1, MobileNet v2 and v3, DenseNet-121, EfficientNet-B0, ShuffleNet v2, MNASNet, GoogLeNet and Inception v3
with seeded torchvision weights, saved by torch.save in both of its formats and converted by `hdecomp convert`; for
CIFAR's ResNet-20 with shortcuts of both kinds, trained where shared/ is; and one small VGG-16 in every form of file
that is read, whose trees must be the same. One line a net; exit code 1 if any figure is beyond its tolerance. Needs
Debian's python3-torch, python3-torchvision and python3-h5py.

For the bundled model and AlexNet also ablation's drops and their correlations with gAP (tests/compare_ablation.py), on
ten images; for the bundled model with the channels' means over those images, too.

    tests/compare_torch.py [--build build] [--models DIR] [--short] [NET ...]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
import torch
import torchvision
from PIL import Image

import cifar_resnet
import foreign_forms
from compare_ablation import compare_ablation, linked

# Largest error over largest value, for tensors: float32 sums of up to 25,088 terms in another order.
TENSOR_TOLERANCE = 1e-4
# Relative, for contributions; two contributions nearer than this may change places.
CONTRIBUTION_TOLERANCE = 1e-3
TOP = 3

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

VGG16_STAGES = {"conv1_2": 3, "conv2_2": 8, "conv3_3": 15, "conv4_3": 22, "conv5_3": 29}
VGG16_BN_STAGES = {"conv1_2": 5, "conv2_2": 12, "conv3_3": 22, "conv4_3": 32, "conv5_3": 42}
ALEXNET_STAGES = {"conv1": 1, "conv2": 4, "conv3": 7, "conv4": 9, "conv5": 11}
SQUEEZENET1_1_STAGES = {"conv1": 1, "fire3": 4, "fire5": 7, "fire9": 12}


def own_names(*names):
    return {name: name for name in names}


NAMED_STAGES = {
    "mobilenet_v2": own_names("features.1", "features.3", "features.6", "features.13", "features.18"),
    "mobilenet_v3_large": own_names("features.1", "features.3", "features.6", "features.12", "features.16"),
    "mobilenet_v3_small": own_names("features.0", "features.1", "features.3", "features.8", "features.12"),
    "efficientnet_b0": own_names("features.1", "features.2", "features.3", "features.5", "features.8"),
    "shufflenet_v2_x1_0": own_names("conv1", "stage2", "stage3", "conv5"),
    "mnasnet1_0": {"layers.6": "layers.7", "layers.8.2": "layers.8.2", "layers.9.2": "layers.9.2",
                   "layers.11.1": "layers.11.1", "layers.14": "layers.16"},
    "googlenet": own_names("conv1", "conv3", "inception3b", "inception4e", "inception5b"),
    "inception_v3": own_names("Conv2d_2b_3x3", "Conv2d_4a_3x3", "Mixed_5d", "Mixed_6e", "Mixed_7c"),
    "densenet121": {"conv0": "features.relu0", "denseblock1": "features.denseblock1",
                    "denseblock2": "features.denseblock2", "denseblock3": "features.denseblock3",
                    "norm5": "features.norm5"},
}


def slim_vgg16_bn(classes):
    """torchvision's vgg16_bn layout at a quarter of the width (see the README of the trained models)."""
    layout = [16, 16, "M", 32, 32, "M", 64, 64, 64, "M", 128, 128, 128, "M", 128, 128, 128, "M"]
    layers, channels = [], 3
    for width in layout:
        if width == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
            continue
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.BatchNorm2d(width),
                   torch.nn.ReLU()]
        channels = width
    net = torchvision.models.VGG(torch.nn.Sequential(*layers), num_classes=classes, init_weights=False)
    net.avgpool = torch.nn.AdaptiveAvgPool2d(3)
    net.classifier = torch.nn.Sequential(
        torch.nn.Linear(1152, 512), torch.nn.ReLU(), torch.nn.Dropout(),
        torch.nn.Linear(512, 512), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(512, classes))
    return net


def stage_modules(net, arch):
    """Stage name -> the module whose output is the stage's feature, after its ReLU."""
    if "resne" in arch:
        stages = [f"layer{i}" for i in range(1, 5) if hasattr(net, f"layer{i}")]
        return {"conv1": net.relu, **{stage: getattr(net, stage) for stage in stages}}
    if arch in NAMED_STAGES:  # by torchvision's module, where it has another name than the stage
        return {name: net.get_submodule(module) for name, module in NAMED_STAGES[arch].items()}
    places = {"alexnet": ALEXNET_STAGES, "squeezenet1_1": SQUEEZENET1_1_STAGES, "vgg16": VGG16_STAGES,
              "vgg16_bn": VGG16_BN_STAGES}[arch]
    return {name: net.features[place] for name, place in places.items()}


class Oracle:
    """One cached forward pass in PyTorch, and gradients from any neuron of it."""

    def __init__(self, net, arch, image):
        for module in net.modules():
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False  # in-place would overwrite the features that hooks keep
        self.features = {}
        hooks = [module.register_forward_hook(self.keep(name)) for name, module in stage_modules(net, arch).items()]
        image = image.clone().requires_grad_(True)  # so that parameters need no gradients
        for parameter in net.parameters():
            parameter.requires_grad_(False)
        self.features["scores"] = net(image).reshape(1, -1, 1, 1)
        for hook in hooks:
            hook.remove()
        order = {name: i for i, name in enumerate(stage_modules(net, arch))}
        self.levels = ["scores"] + sorted(order, key=order.get, reverse=True)

    def keep(self, name):
        def hook(_module, _input, output):
            self.features[name] = output
        return hook

    def gradient(self, layer, channel, y, x, below):
        decision = self.features[layer][0, channel, y, x]
        return torch.autograd.grad(decision, self.features[below], retain_graph=True)[0][0].detach()

    def decompose(self, gradient, below):
        """One gAP step: alpha (Eq. 4), and each channel's peak and its place (Eq. 5)."""
        a = gradient * self.features[below][0].detach()
        peak, place = a.flatten(1).max(1)
        return a.double().mean((1, 2)).numpy(), peak.numpy(), place.numpy()


def relative_error(ours, theirs):
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


class TreeComparison:
    """Walks our tree, recomputing each distinct decision with PyTorch."""

    def __init__(self, oracle, dump):
        self.oracle, self.dump = oracle, dump
        self.steps, self.gradient_error, self.contribution_error = {}, 0.0, 0.0
        self.swaps, self.faults = 0, []

    def step(self, node, below):
        key = (node["layer"], node["channel"], node.get("y", 0), node.get("x", 0))
        if key not in self.steps:
            gradient = self.oracle.gradient(*key, below)
            self.steps[key] = self.oracle.decompose(gradient, below)
            gradient = gradient.numpy()
            window = self.dump["gradients/%s:%d@%d,%d" % key]
            top, left = window.attrs["origin"]
            ours = np.zeros_like(gradient)
            ours[:, top:top + window.shape[1], left:left + window.shape[2]] = window
            self.gradient_error = max(self.gradient_error, relative_error(ours, gradient))
        return self.steps[key]

    def compare(self, node, level=0):
        below = self.oracle.levels[level + 1]
        alpha, peak, place = self.step(node, below)
        width = self.oracle.features[below].shape[3]
        best = [c for c in np.argsort(-alpha, kind="stable")[:TOP] if alpha[c] > 0]
        ours = [child["channel"] for child in node["children"]]
        where = f"{node['layer']}:{node['channel']}"
        if len(best) != len(ours):
            self.faults.append(f"{where}: {len(ours)} supporting channels, PyTorch {len(best)}")
        for child, theirs in zip(node["children"], best):
            channel = child["channel"]
            difference = abs(child["contribution"] - alpha[channel]) / abs(alpha[channel])
            self.contribution_error = max(self.contribution_error, difference)
            if channel != theirs:
                self.swaps += 1
                if abs(alpha[channel] - alpha[theirs]) > CONTRIBUTION_TOLERANCE * alpha[theirs]:
                    self.faults.append(f"{where}: channel {channel}, PyTorch {theirs}")
            if child["y"] * width + child["x"] != place[channel]:
                self.faults.append(f"{where} -> {channel}: peak at ({child['y']}, {child['x']}), PyTorch "
                                   f"({place[channel] // width}, {place[channel] % width})")
            elif abs(child["peak"] - peak[channel]) > CONTRIBUTION_TOLERANCE * abs(peak[channel]):
                self.faults.append(f"{where} -> {channel}: peak {child['peak']}, PyTorch {peak[channel]}")
            value = self.oracle.features[below][0, channel, child["y"], child["x"]]
            if value <= 0:  # a product of two negative factors: no decision of its own (Eq. 1)
                if child["children"]:
                    self.faults.append(f"{where} -> {channel}: decomposed, but its value is {value:.2g}")
            elif level + 2 < len(self.oracle.levels):
                self.compare(child, level + 1)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def pil_error(photo, rule_size, crop, square, ours):
    """Our input against torchvision's on a PIL image, in units of a pixel's range (before mean and std)."""
    resize = torchvision.transforms.Resize((rule_size, rule_size) if square else rule_size)
    view = torchvision.transforms.CenterCrop(crop)(resize(Image.open(photo).convert("RGB")))
    theirs = torchvision.transforms.ToTensor()(view).numpy()
    std = np.array([0.229, 0.224, 0.225]).reshape(3, 1, 1)
    mean = np.array([0.485, 0.456, 0.406]).reshape(3, 1, 1)
    return float(np.abs(ours[0] * std + mean - theirs).max() * 255)


# How a photograph becomes the input: resized to (both sides, where it is square), cropped to.
TORCHVISION_RULE, BUNDLED_RULE, CIFAR_RULE = (256, 224, False), (128, 112, True), (32, 32, True)


def compare(name, arch, net, model, photo, rule, tools):
    """Prints one line; returns whether all is within tolerance."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "dump.h5")
        run(tools["dump"], model, photo, out)
        with h5py.File(out) as dump:
            image = torch.from_numpy(dump["input"][()])
            # None: another mean and deviation than ImageNet's, which the other nets compare.
            pixel_error = 0 if rule is None else pil_error(photo, *rule, dump["input"][()])
            oracle = Oracle(net.eval(), arch, image)
            scores = relative_error(dump["scores"][()].ravel(), oracle.features["scores"].detach().numpy().ravel())
            features = max(relative_error(dump["features/" + stage][()], oracle.features[stage].detach().numpy())
                           for stage in oracle.levels[1:])
            comparison = TreeComparison(oracle, dump)
            root = linked(json.loads(dump["tree"][0].decode()))
            comparison.compare(root)
    if round(pixel_error, 2) > 2:
        comparison.faults.append(f"the input differs from PIL's by {pixel_error:.2f} levels")
    for what, error in [("scores", scores), ("features", features), ("gradients", comparison.gradient_error)]:
        if not error <= TENSOR_TOLERANCE:
            comparison.faults.append(f"{what} differ by {error:.1e}, more than {TENSOR_TOLERANCE:.0e}")
    if not comparison.contribution_error <= CONTRIBUTION_TOLERANCE:
        comparison.faults.append(f"contributions differ by {comparison.contribution_error:.1e}")
    print(f"{name:22s} {'FAIL' if comparison.faults else 'ok':4s} class {root['channel']:3d}  steps {len(comparison.steps):3d}"
          f"  scores {scores:.1e}  features {features:.1e}  gradients {comparison.gradient_error:.1e}"
          f"  contributions {comparison.contribution_error:.1e}  swaps {comparison.swaps}"
          f"  input {pixel_error:.0f}/255", flush=True)
    for fault in comparison.faults[:5]:
        print("   ", fault)
    return not comparison.faults


def torch_side(arch):
    """What compare_ablation needs of PyTorch for an image: the oracle, and each stage's module."""
    return lambda net, image: (Oracle(net.eval(), arch, image), stage_modules(net, arch))


def ten_photos(shared):
    """The bundled photographs and, where the data set is, an image of each of the first classes of its list."""
    folder = os.path.join(ROOT, "tools", "photos")
    photos = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jpg"))
    listed = os.path.join(shared, "data", "caltech101", "val.txt")
    if os.path.exists(listed):
        by_class = {}
        with open(listed) as lines:
            for line in lines.read().split():
                by_class.setdefault(os.path.dirname(line), os.path.join(os.path.dirname(listed), line))
        photos += list(by_class.values())
    return [os.path.abspath(photo) for photo in photos[:10]]


def same_tree(model, other, photo, tools):
    """Whether two model files give the same tree, to the last digit."""
    trees = [json.loads(run(tools["hdecomp"], "explain", photo, "--model", m, "--json")) for m in (model, other)]
    for tree in trees:
        del tree["timings_ms"]
    return trees[0] == trees[1]


def compare_torchvision(arch, photo, photos, tools):
    """`photos`: to compare AlexNet's ablation on; none where they are empty."""
    torch.manual_seed(0)
    net = getattr(torchvision.models, arch)(weights=None)
    with tempfile.TemporaryDirectory() as folder:
        zipped, legacy = os.path.join(folder, "zip"), os.path.join(folder, "legacy")
        torch.save(net.state_dict(), zipped + ".pth")
        run(tools["hdecomp"], "convert", zipped + ".pth", "-o", zipped + ".h5")
        os.remove(zipped + ".pth")
        torch.save(net.state_dict(), legacy + ".pth", _use_new_zipfile_serialization=False)
        run(tools["hdecomp"], "convert", legacy + ".pth", "-o", legacy + ".h5")
        os.remove(legacy + ".pth")
        if arch.startswith("densenet"):  # its last ReLU as a module, so that a hook can see it
            net.features.norm5 = torch.nn.Sequential(net.features.norm5, torch.nn.ReLU())
            net.forward = lambda x: net.classifier(net.features(x).mean((2, 3)))
        right = compare(arch, arch, net, zipped + ".h5", photo, TORCHVISION_RULE, tools)
        if arch == "alexnet" and photos:
            right &= compare_ablation(f"{arch}, ablation", net, zipped + ".h5", photos, tools, torch_side(arch),
                                      whole=2)
        if not same_tree(zipped + ".h5", legacy + ".h5", photo, tools):
            print("    the legacy .pth gives another tree than the zip .pth")
            return False
        return right


def compare_cifar(name, net, checkpoint, photo, tools):
    """`checkpoint`: the file with the net's weights; saved here where it is None."""
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "net.h5")
        if checkpoint is None:
            checkpoint = os.path.join(folder, "net.pth")
            torch.save(net.state_dict(), checkpoint)
        run(tools["hdecomp"], "convert", checkpoint, "-o", model)
        return compare(name, "cifar_resnet20", net, model, photo, CIFAR_RULE, tools)


def compare_forms(photo, tools):
    """A small VGG-16 in every form of file gives the tree of its plain state dict, to the last digit."""
    torch.manual_seed(0)
    layout = [4, 4, "M", 8, 8, "M", 8, 8, 8, "M", 12, 12, 12, "M", 16, 16, 16, "M"]
    layers, channels = [], 3
    for width in layout:
        if width == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
        else:
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.ReLU()]
            channels = width
    net = torchvision.models.VGG(torch.nn.Sequential(*layers), num_classes=10)
    net.classifier = torch.nn.Sequential(
        torch.nn.Linear(16 * 7 * 7, 24), torch.nn.ReLU(), torch.nn.Dropout(),
        torch.nn.Linear(24, 20), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(20, 10))
    rule = ["--resize", "224x224", "--crop", "224", "--mean", "0.5", "--std", "0.25", "--channel-order", "rgb",
            "--pixel-range", "1"]
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain")
        torch.save(net.state_dict(), plain + ".pth")
        run(tools["hdecomp"], "convert", plain + ".pth", "-o", plain + ".h5", *rule)
        right = compare("small vgg16", "vgg16", net, plain + ".h5", photo, None, tools)
        state = net.state_dict()
        for name, path in [*foreign_forms.torch_forms(state, folder), *foreign_forms.keras_forms(state, 7, folder)]:
            model = os.path.join(folder, "form.h5")
            run(tools["hdecomp"], "convert", path, "-o", model, *rule)
            same = same_tree(plain + ".h5", model, photo, tools)
            right &= same
            print(f"    {'ok  ' if same else 'FAIL'} as {name}", flush=True)
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="*", default=[])
    parser.add_argument("--short", action="store_true", help="without what takes longest: VGG-16, AlexNet's ablation")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    shared = os.environ.get("HDECOMP_SHARED", os.path.join(ROOT, "..", "shared"))
    parser.add_argument("--models", help="folder with the bundled model's .pth", default=os.path.join(shared, "models"))
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    tools = {"hdecomp": os.path.join(options.build, "tools", "hdecomp"),
             "dump": os.path.join(options.build, "tests", "dump_tensors"), "run": run}
    right, begin, photos = True, time.time(), ten_photos(shared)
    trained = os.path.join(options.models, "vgg16_bn-caltech101-slim.pth")
    if not options.nets or "bundled" in options.nets:
        if os.path.exists(trained):
            state = torch.load(trained)
            net = slim_vgg16_bn(len(state["classifier.6.bias"]))
            net.load_state_dict(state)
            bundled = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
            for photo in ("portrait", "chelsea", "coffee"):
                path = os.path.join(ROOT, "tools", "photos", photo + ".jpg")
                right &= compare(f"bundled, {photo}", "vgg16_bn", net, bundled, path, BUNDLED_RULE, tools)
            right &= compare_ablation("bundled, ablation", net, bundled, photos, tools, torch_side("vgg16_bn"),
                                      with_means=True)
        else:
            print(f"bundled: skipped, {trained} is missing (HDECOMP_SHARED)")
    chelsea = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")
    full_size = ["alexnet", "resnet18", "resnet50", "squeezenet1_1"]
    if not options.short:
        full_size += ["vgg16", "resnext50_32x4d", "wide_resnet50_2", *NAMED_STAGES]
    for option in "AB":
        if not options.nets or "cifar_resnet20" in options.nets:
            right &= compare_cifar(f"cifar_resnet20 {option}", cifar_resnet.seeded(20, option), None, chelsea, tools)
    real = os.path.join(options.models, "real", "cifar10-resnet20.th")
    if os.path.exists(real) and (not options.nets or "cifar_resnet20" in options.nets):
        right &= compare_cifar("cifar_resnet20, trained", cifar_resnet.trained(real), real, chelsea, tools)
    if not options.nets or "forms" in options.nets:
        right &= compare_forms(chelsea, tools)
    for arch in full_size:
        if not options.nets or arch in options.nets:
            right &= compare_torchvision(arch, chelsea, [] if options.short else photos, tools)
    print(f"{'all within tolerance' if right else 'NOT within tolerance'}, {time.time() - begin:.0f} s")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
