#!/usr/bin/python3
"""Holds hdecomp against PyTorch: logits, stage features, the gradient of every tree step, the whole tree.

For the bundled slim VGG-16 and for full-size AlexNet, VGG-16, ResNet-18, ResNet-50, ResNeXt-50, Wide ResNet-50-2,
SqueezeNet 1.1, MobileNet v2 and v3, DenseNet-121, EfficientNet-B0, ShuffleNet v2, MNASNet, GoogLeNet and Inception v3
with seeded torchvision weights, saved by torch.save in both of its formats and converted by `hdecomp convert`; for
RegNet, ConvNeXt-tiny and the small nets of tests/home_made.py as the graphs of their ONNX files; for ResNet-18 and MobileNet v3 on inputs that are no squares; for CIFAR's ResNet-20 with shortcuts of both kinds, trained
where shared/ is; and one small VGG-16 in every form of file that is read, whose trees must be the same. One line a net;
exit code 1 if any figure is beyond its tolerance. A tree that is, because a ReLU or a max-pool of the net gives way to
rounding, is held against float64's way back over our own features (tests/over_our_features.py) and must be within 1e-5
of that; a second line has the figures. Needs Debian's python3-torch, python3-torchvision and python3-h5py.

For that slim VGG-16 and AlexNet also ablation's drops and their correlations with gAP (tests/compare_ablation.py), on
ten images; for the slim VGG-16 with the channels' means over those images, too.

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
import onnx
import torch
import torchvision

import cifar_resnet
import foreign_forms
import home_made
from compare_ablation import compare_ablation, linked
from input_rules import BUNDLED_RULE, CIFAR_RULE, TORCHVISION_RULE, InputRule, published_rule
from over_our_features import TreeOverOurFeatures
from torch_oracle import (CONTRIBUTION_TOLERANCE, NAMED_STAGES, TENSOR_TOLERANCE, Oracle, TreeComparison, relative_error,
                          stage_modules)

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def vgg_features(layout, batch_norm):
    """torchvision's make_layers for inputs of three channels: widths, and "M" for a max-pool."""
    layers, channels = [], 3
    for width in layout:
        if width == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
            continue
        norm = [torch.nn.BatchNorm2d(width)] if batch_norm else []
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1), *norm, torch.nn.ReLU()]
        channels = width
    return torch.nn.Sequential(*layers)


def vgg_classifier(inputs, hidden, classes):
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden[0]), torch.nn.ReLU(), torch.nn.Dropout(),
        torch.nn.Linear(*hidden), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(hidden[1], classes))


def slim_vgg16_bn(classes):
    """torchvision's vgg16_bn layout at a quarter of the width (see the README of the trained models)."""
    layout = [16, 16, "M", 32, 32, "M", 64, 64, 64, "M", 128, 128, 128, "M", 128, 128, 128, "M"]
    net = torchvision.models.VGG(vgg_features(layout, True), num_classes=classes, init_weights=False)
    net.avgpool = torch.nn.AdaptiveAvgPool2d(3)
    net.classifier = vgg_classifier(1152, (512, 512), classes)
    return net


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def compare(name, arch, net, model, photo, rule, tools):
    """Prints one line; returns whether all is within tolerance."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "dump.h5")
        run(tools["dump"], model, photo, out)
        with h5py.File(out) as dump:
            image = torch.from_numpy(dump["input"][()])
            # None: another mean and deviation than ImageNet's, which the other nets compare.
            pixel_error = 0 if rule is None else rule.error(photo, dump["input"][()])
            oracle = Oracle(net.eval(), arch, image)
            scores = relative_error(dump["scores"][()].ravel(), oracle.features["scores"].detach().numpy().ravel())
            features = max(relative_error(dump["features/" + stage][()], oracle.features[stage].detach().numpy())
                           for stage in oracle.levels[1:])
            comparison = TreeComparison(oracle, dump)
            root = linked(json.loads(dump["tree"][0].decode()))
            comparison.compare(root)
            if not comparison.gradient_error <= TENSOR_TOLERANCE:
                comparison.faults.append(f"gradients differ by {comparison.gradient_error:.1e}")
            if not comparison.contribution_error <= CONTRIBUTION_TOLERANCE:
                comparison.faults.append(f"contributions differ by {comparison.contribution_error:.1e}")
            ours = TreeOverOurFeatures(net, arch, model, image, dump, root, folder, tools) if comparison.faults else None
    faults = [] if ours is None or ours.proven else comparison.faults + ours.faults
    if round(pixel_error, 2) > 2:
        faults.append(f"the input differs from PIL's by {pixel_error:.2f} levels")
    for what, error in [("scores", scores), ("features", features)]:
        if not error <= TENSOR_TOLERANCE:
            faults.append(f"{what} differ by {error:.1e}, more than {TENSOR_TOLERANCE:.0e}")
    print(f"{name:22s} {'FAIL' if faults else 'ok':4s} class {root['channel']:3d}  steps {len(comparison.steps):3d}"
          f"  scores {scores:.1e}  features {features:.1e}  gradients {comparison.gradient_error:.1e}"
          f"  contributions {comparison.contribution_error:.1e}  swaps {comparison.swaps}"
          f"  input {pixel_error:.0f}/255", flush=True)
    if ours is not None:
        print(f"    {ours.says}: {'rounding' if ours.proven else 'NOT rounding'}", flush=True)
    for fault in faults[:5]:
        print("   ", fault)
    return not faults


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
        right = compare(arch, arch, net, zipped + ".h5", photo, published_rule(arch), tools)
        if arch == "alexnet" and photos:
            right &= compare_ablation(f"{arch}, ablation", net, zipped + ".h5", photos, tools, torch_side(arch),
                                      whole=2)
        if not same_tree(zipped + ".h5", legacy + ".h5", photo, tools):
            print("    the legacy .pth gives another tree than the zip .pth")
            return False
        return right


def with_statistics(net):
    """Batch norms with statistics of their own, so that folding them is seen."""
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return net.eval()


def export_onnx(net, path, height=224, width=None):
    """Batch norms stay nodes: PyTorch would fold them itself, in float32."""
    torch.onnx.export(net, torch.zeros(1, 3, height, width or height), path, opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def compare_onnx_graph(arch, photo, tools):
    """A net as the general graph that its ONNX file says, by the file's own names."""
    torch.manual_seed(0)
    net = with_statistics(getattr(torchvision.models, arch)())
    with tempfile.TemporaryDirectory() as folder:
        export_onnx(net, os.path.join(folder, "net.onnx"))
        model = os.path.join(folder, "net.h5")
        run(tools["hdecomp"], "convert", os.path.join(folder, "net.onnx"), "-o", model, "--arch", "graph")
        return compare(f"{arch}, ONNX", f"{arch} as graph", net, model, photo, TORCHVISION_RULE, tools)


def compare_home_made(name, photo, tools):
    """A net of tests/home_made.py as the graph that its ONNX file says. A stage is the last node of its module."""
    net, rule = home_made.net(name), InputRule(home_made.SIDE + 10, home_made.SIDE)
    with tempfile.TemporaryDirectory() as folder:
        path, model = os.path.join(folder, "net.onnx"), os.path.join(folder, "net.h5")
        export_onnx(net, path, home_made.SIDE)
        of_file = onnx.load(path).graph.node
        ends = {stage: [node.name for node in of_file if node.name.startswith(f"/{stage}/")][-1]
                for stage in home_made.STAGES}
        run(tools["hdecomp"], "convert", path, "-o", model, "--arch", "graph", "--resize", str(rule.size), "--crop",
            str(rule.crop), "--stages", ",".join(ends.values()))
        with h5py.File(model) as file:
            nodes = [json.loads(node) for node in file["nodes"][()]]
        NAMED_STAGES[name] = {node["name"]: stage for stage, end in ends.items() for node in nodes
                              if end in (node["name"], *node.get("also", []))}
        return compare(name, name, net, model, photo, rule, tools)


def compare_rectangle(arch, size, photo, tools):
    """A net for `size`, (height, width): stretched from its ONNX file, cropped out of a shorter side from its .pth."""
    torch.manual_seed(0)
    net = with_statistics(getattr(torchvision.models, arch)())
    text, side, right = "x".join(map(str, size)), max(size) + 20, True
    with tempfile.TemporaryDirectory() as folder:
        onnx, pth, model = (os.path.join(folder, "net." + end) for end in ("onnx", "pth", "h5"))
        export_onnx(net, onnx, *size)
        torch.save(net.state_dict(), pth)
        for path, flags, rule in [(onnx, ["--resize", text], InputRule(size, size, True)),
                                  (pth, ["--resize", str(side), "--crop", text], InputRule(side, size))]:
            run(tools["hdecomp"], "convert", path, "-o", model, *flags)
            right &= compare(f"{arch}, {text}", arch, net, model, photo, rule, tools)
    return right


def compare_onnx_family(arch, photo, tools):
    """Through ONNX a net gives the tree of its .pth, to the last digit."""
    side = published_rule(arch).crop
    torch.manual_seed(0)
    net = with_statistics(getattr(torchvision.models, arch)())
    with tempfile.TemporaryDirectory() as folder:
        models = []
        for form in ("net.pth", "net.onnx"):
            path = os.path.join(folder, form)
            torch.save(net.state_dict(), path) if form.endswith("pth") else export_onnx(net, path, side)
            models.append(path + ".h5")
            run(tools["hdecomp"], "convert", path, "-o", models[-1], "--mean", "0.5", "--std", "0.25")
            os.remove(path)
        same = same_tree(*models, photo, tools)
    print(f"{arch + ', ONNX':22s} {'ok' if same else 'FAIL':4s} the tree of its .pth", flush=True)
    return same


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
    net = torchvision.models.VGG(vgg_features(layout, False), num_classes=10)
    net.classifier = vgg_classifier(16 * 7 * 7, (24, 20), 10)
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
    if not options.nets or "vgg16-slim" in options.nets:
        if os.path.exists(trained):
            state = torch.load(trained)
            net = slim_vgg16_bn(len(state["classifier.6.bias"]))
            net.load_state_dict(state)
            bundled = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
            for photo in ("portrait", "chelsea", "coffee"):
                path = os.path.join(ROOT, "tools", "photos", photo + ".jpg")
                right &= compare(f"vgg16-slim, {photo}", "vgg16_bn", net, bundled, path, BUNDLED_RULE, tools)
            right &= compare_ablation("vgg16-slim, ablation", net, bundled, photos, tools, torch_side("vgg16_bn"),
                                      with_means=True)
        else:
            print(f"vgg16-slim: skipped, {trained} is missing (HDECOMP_SHARED)")
    chelsea = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")
    full_size = ["alexnet", "resnet18", "resnet50", "squeezenet1_1"]
    if not options.short:
        full_size += ["vgg16", "resnext50_32x4d", "wide_resnet50_2",
                      *(arch for arch in NAMED_STAGES if not arch.endswith(" as graph"))]
    for option in "AB":
        if not options.nets or "cifar_resnet20" in options.nets:
            right &= compare_cifar(f"cifar_resnet20 {option}", cifar_resnet.seeded(20, option), None, chelsea, tools)
    real = os.path.join(options.models, "real", "cifar10-resnet20.th")
    if os.path.exists(real) and (not options.nets or "cifar_resnet20" in options.nets):
        right &= compare_cifar("cifar_resnet20, trained", cifar_resnet.trained(real), real, chelsea, tools)
    if not options.nets or "forms" in options.nets:
        right &= compare_forms(chelsea, tools)
    onnx_families = ["alexnet", "resnet50", "mobilenet_v3_small"]
    if not options.short:
        onnx_families += ["vgg16", "vgg16_bn", "resnet18", "resnext50_32x4d", "squeezenet1_1", "densenet121", "googlenet",
                          "inception_v3", "mobilenet_v2", "shufflenet_v2_x1_0", "mnasnet1_0", "efficientnet_b0",
                          "regnet_y_400mf", "wide_resnet50_2"]
    onnx_graphs = ["regnet_y_400mf", "convnext_tiny"]
    for arch in onnx_families:
        if not options.nets or "onnx" in options.nets:
            right &= compare_onnx_family(arch, chelsea, tools)
    for arch in onnx_graphs:
        if not options.nets or "onnx" in options.nets or arch in options.nets:
            right &= compare_onnx_graph(arch, chelsea, tools)
    for name in home_made.NETS:
        if not options.nets or "home-made" in options.nets or name in options.nets:
            right &= compare_home_made(name, chelsea, tools)
    if not options.nets or "rectangles" in options.nets:
        right &= compare_rectangle("resnet18", (96, 160), chelsea, tools)
        right &= compare_rectangle("mobilenet_v3_small", (160, 96), chelsea, tools)
    for arch in full_size:
        if not options.nets or arch in options.nets:
            right &= compare_torchvision(arch, chelsea, [] if options.short else photos, tools)
    print(f"{'all within tolerance' if right else 'NOT within tolerance'}, {time.time() - begin:.0f} s")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
