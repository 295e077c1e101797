"""PyTorch's side of a tree: a network's stages, gradients from any neuron, and a tree of ours walked beside them."""
import numpy as np
import torch

# Largest error over largest value, for tensors: float32 sums of up to 25,088 terms in another order.
TENSOR_TOLERANCE = 1e-4
# Relative, for contributions; two contributions nearer than this may change places.
CONTRIBUTION_TOLERANCE = 1e-3
TOP = 3

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
    **{arch: {"stem": "stem", **{f"block{i}": f"trunk_output.block{i}" for i in range(1, 5)}}
       for arch in ("regnet_x_400mf", "regnet_y_400mf")},
    # By the names that an ONNX file's stages get.
    "regnet_y_400mf as graph": {"stem.0": "stem", "add1": "trunk_output.block1", "add4": "trunk_output.block2",
                                "add10": "trunk_output.block3", "add16": "trunk_output.block4"},
    "convnext_tiny as graph": {"layer_norm5": "features.2.0", "layer_norm9": "features.4.0", "layer_norm19": "features.6.0",
                               "add18": "features.7"},
}


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


def write_nothing_in_place(net):
    """Else an activation would overwrite the features that hooks keep, or put in place of them."""
    for module in net.modules():
        if hasattr(module, "inplace"):
            module.inplace = False


class Oracle:
    """One cached forward pass in PyTorch, and gradients from any neuron of it."""

    def __init__(self, net, arch, image):
        write_nothing_in_place(net)
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
