"""Small nets like those that people write themselves, each with the modules that its stages end with.

Attention over channels and cells, norms of groups and instances, response norms, blurs, generalised means, and the
ways of taking a map's two axes away; seeded, in inference mode, for pictures of 64 x 64.
"""
import torch
from torch import nn
from torch.nn import functional as F

from home_made_blocks import (Context, FocalModulation, Places, ResponseScale, SelectiveKernels, SpaceToDepth, SplitAttention,
                              StandardisedConv, TwoResolutions)

SIDE = 64


def conv(inputs, outputs, stride=1, norm=nn.BatchNorm2d):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), norm(outputs), nn.ReLU())


class Block(nn.Module):
    """A residual block with something between its second norm and its sum."""

    def __init__(self, width, norm=nn.BatchNorm2d, extra=None):
        super().__init__()
        self.first, self.second = conv(width, width, norm=norm), nn.Sequential(nn.Conv2d(width, width, 3, 1, 1), norm(width))
        self.extra, self.relu = extra or nn.Identity(), nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.extra(self.second(self.first(x))))


class Net(nn.Module):
    """Three stages and a head: to one number per channel, and a linear layer."""

    def __init__(self, block, head, norm=nn.BatchNorm2d, down=None):
        super().__init__()
        down = down or (lambda width: conv(width, 2 * width, 2, norm))
        self.stem, self.stage1 = conv(3, 16, 2, norm), block(16)
        self.down2, self.stage2 = down(16), block(32)
        self.down3, self.stage3 = down(32), block(64)
        self.head, self.fc = head, nn.Linear(64, 10)

    def forward(self, x):
        x = self.stage2(self.down2(self.stage1(self.stem(x))))
        return self.fc(self.head(self.stage3(self.down3(x))))


class Head(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class ChannelAttention(nn.Module):
    """CBAM's, as its authors' code has it (Woo et al. 2018)."""

    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(width, width // 4), nn.ReLU(), nn.Linear(width // 4, width))

    def forward(self, x):
        size = (x.size(2), x.size(3))
        gate = self.layers(F.avg_pool2d(x, size, stride=size)) + self.layers(F.max_pool2d(x, size, stride=size))
        return x * torch.sigmoid(gate).unsqueeze(2).unsqueeze(3).expand_as(x)


class CellAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x):
        both = torch.cat((torch.max(x, 1)[0].unsqueeze(1), torch.mean(x, 1).unsqueeze(1)), 1)
        return x * torch.sigmoid(self.conv(both))


class SqueezeAndExcitation(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, width // 4), nn.Mish(), nn.Linear(width // 4, width), nn.Hardsigmoid())

    def forward(self, x):
        batch, channels, _, _ = x.size()
        gate = self.layers(F.adaptive_avg_pool2d(x, 1).view(batch, channels)).view(batch, channels, 1, 1)
        return x * gate.expand_as(x)


class EfficientAttention(nn.Module):
    """ECA (Wang et al. 2020): a convolution along the channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        row = F.adaptive_avg_pool2d(x, 1).squeeze(-1).transpose(-1, -2)
        return x * torch.sigmoid(self.conv(row).transpose(-1, -2).unsqueeze(-1)).expand_as(x)


class GeneralisedMean(nn.Module):
    """GeM (Radenovic, Tolias and Chum 2019)."""

    def __init__(self):
        super().__init__()
        self.power = nn.Parameter(torch.tensor([2.5]))

    def forward(self, x):
        mean = F.avg_pool2d(x.clamp(min=1e-4).pow(self.power), (x.size(-2), x.size(-1)))
        return mean.pow(1 / self.power).flatten(1)


class Blurred(nn.Module):
    """A stride behind a fixed blur of mirrored borders (Zhang 2019)."""

    def __init__(self, width):
        super().__init__()
        self.conv, self.pad = conv(width, 2 * width), nn.ReflectionPad2d((1, 2, 1, 2))
        row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        self.register_buffer("kernel", (row[:, None] * row)[None, None].repeat(2 * width, 1, 1, 1))

    def forward(self, x):
        x = self.pad(self.conv(x))
        return F.conv2d(x, self.kernel, stride=2, groups=x.shape[1])


class ResponseNet(nn.Module):
    """AlexNet's beginning as its paper has it: response norms, groups; one norm of even size."""

    def __init__(self):
        super().__init__()
        self.stage1 = nn.Sequential(nn.Conv2d(3, 24, 7, 2, 2), nn.ReLU())
        self.norm1, self.pool = nn.LocalResponseNorm(5, 0.5, 0.75, 2), nn.MaxPool2d(3, 2)
        self.stage2, self.norm2 = nn.Sequential(nn.Conv2d(24, 32, 5, 1, 2, groups=2), nn.ReLU()), nn.LocalResponseNorm(4, 0.5)
        self.stage3 = nn.Sequential(nn.Conv2d(32, 48, 3, 1, 1, groups=2), nn.ReLU())
        self.dropout, self.fc = nn.Dropout(), nn.Linear(48 * 7 * 7, 10)

    def forward(self, x):
        x = self.norm2(self.stage2(self.pool(self.norm1(self.stage1(x)))))
        x = F.max_pool2d(self.stage3(self.pool(x)), 1)
        return self.fc(self.dropout(x.view(-1, x.shape[1] * x.shape[2] * x.shape[3])))


def mean_head():
    return Head(lambda x: x.mean((2, 3)))


def both_attentions(width):
    return Block(width, extra=nn.Sequential(ChannelAttention(width), CellAttention()))


def groups(width):
    return nn.GroupNorm(8, width)


def instances(width):
    return nn.InstanceNorm2d(width, affine=True)


NETS = {
    "attention": lambda: Net(both_attentions, Head(lambda x: F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0])),
    "group norm": lambda: Net(lambda width: Block(width, groups), Head(lambda x: x.mean(-1).mean(-1)), groups),
    "instance norm": lambda: Net(lambda width: Block(width, instances), Head(lambda x: x.mean(2).mean(2)), instances),
    "excitation": lambda: Net(lambda width: Block(width, extra=SqueezeAndExcitation(width)),
                              Head(lambda x: x.flatten(2).max(-1)[0])),
    "efficient attention": lambda: Net(lambda width: Block(width, extra=EfficientAttention()),
                                       Head(lambda x: x.mean((2, 3)))),
    "blurs": lambda: Net(Block, Head(lambda x: F.normalize(F.adaptive_max_pool2d(x, 1).squeeze(-1).squeeze(-1))), down=Blurred),
    "generalised mean": lambda: Net(Block, GeneralisedMean()),
    "response norm": ResponseNet,
    "selective kernels": lambda: Net(lambda width: Block(width, extra=SelectiveKernels(width)), mean_head()),
    "split attention": lambda: Net(lambda width: Block(width, extra=SplitAttention(width)), mean_head(), down=SpaceToDepth),
    "context": lambda: Net(lambda width: Block(width, extra=Context(width)), mean_head()),
    "response scale": lambda: Net(lambda width: Block(width, extra=ResponseScale(width)), mean_head()),
    "two resolutions": lambda: Net(lambda width: Block(width, extra=TwoResolutions(width, "nearest")), mean_head()),
    "between neighbours": lambda: Net(lambda width: Block(width, extra=TwoResolutions(width, "bilinear")), mean_head()),
    "focal modulation": lambda: Net(lambda width: Block(width, extra=FocalModulation(width)), mean_head()),
    "standardised": lambda: Net(lambda width: Block(width, groups, StandardisedConv(width, width, 3, padding=1)), mean_head(), groups),
    "places": lambda: Net(lambda width: Block(width, extra=Places(width, 32 * 16 // width)), mean_head()),
}
STAGES = ["stage1", "stage2", "stage3"]


def net(name):
    torch.manual_seed(0)
    made = NETS[name]()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
    return made.eval()
