"""CIFAR's ResNets (He et al. 2016, Section 4.2) in PyTorch, for tests/compare_torch.py to hold hdecomp against."""
import torch
from torch import nn


class Selection(nn.Module):
    """Shortcut A: every second pixel, between channels of zeros."""

    def __init__(self, before, after):
        super().__init__()
        self.padding = (0, 0, 0, 0, before, after)

    def forward(self, x):
        return nn.functional.pad(x[:, :, ::2, ::2], self.padding)


class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, option):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.shortcut = nn.Sequential()
        if stride != 1 and option == "A":
            more = channels - channels_in
            self.shortcut = Selection(more // 2, more - more // 2)
        elif stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        branch = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(branch + self.shortcut(x))


class CifarResNet(nn.Module):
    """`option`: "A" or "B", the shortcuts by stride and zeros or by 1x1 convolutions."""

    def __init__(self, layers, option, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        channels = 16
        for stage, width in enumerate((16, 32, 64), 1):
            blocks = []
            for i in range((layers - 2) // 6):
                blocks.append(Block(channels, width, 2 if i == 0 and stage > 1 else 1, option))
                channels = width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def seeded(layers, option):
    """With batch norms that do something."""
    torch.manual_seed(0)
    net = CifarResNet(layers, option)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
    return net.eval()


def trained(path):
    """akamaster/pytorch_resnet_cifar10's ResNet-20, a checkpoint of {'state_dict': {'module.*': ...}}."""
    net = CifarResNet(20, "A")
    state = torch.load(path, map_location="cpu")["state_dict"]
    net.load_state_dict({name.replace("module.", "", 1): value for name, value in state.items()})
    return net.eval()
