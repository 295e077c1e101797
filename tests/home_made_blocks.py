"""Blocks in the styles of timm's zoo, for the small nets of home_made.py: selective kernels, split attention, a context of
all cells, responses normalised over the map, branches of two resolutions, focal modulation, standardised weights, space to
depth, places and borders that go round the map.
"""
import torch
from torch import nn
from torch.nn import functional as F


class SelectiveKernels(nn.Module):
    """Two branches, weighed by a softmax for each channel (SKNet: Li et al. 2019)."""

    def __init__(self, width):
        super().__init__()
        self.small, self.large = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=2, dilation=2)
        self.squeeze, self.scores = nn.Conv2d(width, 8, 1), nn.Conv2d(8, 2 * width, 1)

    def forward(self, x):
        both = torch.stack([torch.relu(self.small(x)), torch.relu(self.large(x))], dim=1)
        one = both.sum(1).mean((2, 3), keepdim=True)
        scores = self.scores(torch.relu(self.squeeze(one)))
        weights = scores.view(x.size(0), 2, x.size(1), 1, 1).softmax(dim=1)
        return (both * weights).sum(dim=1)


class SplitAttention(nn.Module):
    """ResNeSt's (Zhang et al. 2020) of radix 2."""

    def __init__(self, width):
        super().__init__()
        self.conv, self.first, self.second = (nn.Conv2d(width, 2 * width, 3, padding=1, groups=2), nn.Conv2d(width, 8, 1),
                                              nn.Conv2d(8, 2 * width, 1))

    def forward(self, x):
        batch = x.size(0)
        x = torch.relu(self.conv(x))
        x = x.reshape(batch, 2, x.size(1) // 2, x.size(2), x.size(3))
        scores = self.second(torch.relu(self.first(x.sum(dim=1).mean((2, 3), keepdim=True))))
        weights = F.softmax(scores.view(batch, 1, 2, -1).transpose(1, 2), dim=1).reshape(batch, -1)
        return (x * weights.reshape(batch, 2, x.size(2), 1, 1)).sum(dim=1)


class Context(nn.Module):
    """GCNet's (Cao et al. 2019): a mean of all cells, weighed by a softmax over them, added to each."""

    def __init__(self, width):
        super().__init__()
        self.scores = nn.Conv2d(width, 1, 1)
        self.change = nn.Sequential(nn.Conv2d(width, 8, 1), nn.LayerNorm([8, 1, 1]), nn.ReLU(), nn.Conv2d(8, width, 1))

    def forward(self, x):
        batch, channels, height, width = x.shape
        weights = F.softmax(self.scores(x).view(batch, 1, height * width), dim=2).unsqueeze(-1)
        one = torch.matmul(x.view(batch, channels, height * width).unsqueeze(1), weights)
        return x + self.change(one.view(batch, channels, 1, 1))


class ResponseScale(nn.Module):
    """ConvNeXt v2's global response normalisation (Woo et al. 2023), channels last."""

    def __init__(self, width):
        super().__init__()
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.scale, self.shift = nn.Parameter(torch.full((2 * width,), 0.5)), nn.Parameter(torch.full((2 * width,), 0.1))

    def forward(self, x):
        x = F.gelu(self.wide(x.permute(0, 2, 3, 1)))
        size = x.norm(p=2, dim=(1, 2), keepdim=True)
        x = x + self.scale * (x * (size / (size.mean(dim=-1, keepdim=True) + 1e-6))) + self.shift
        return self.narrow(x).permute(0, 3, 1, 2)


class TwoResolutions(nn.Module):
    """HRNet's exchange (Wang et al. 2019): half of the size, and back by nearest or between neighbours."""

    def __init__(self, width, mode):
        super().__init__()
        self.down, self.low = nn.Conv2d(width, width, 3, 2, 1), nn.Conv2d(width, width, 3, padding=1)
        self.mode = mode

    def forward(self, x):
        low = self.low(torch.relu(self.down(x)))
        corners = None if self.mode == "nearest" else False
        return x + F.interpolate(low, scale_factor=2, mode=self.mode, align_corners=corners)


class FocalModulation(nn.Module):
    """Yang et al. 2022."""

    def __init__(self, width):
        super().__init__()
        self.width, self.start, self.gate = width, nn.Conv2d(width, 2 * width + 3, 1), nn.Conv2d(width, width, 1)
        self.layers = nn.ModuleList(nn.Conv2d(width, width, k, padding=k // 2, groups=width) for k in (3, 5))

    def forward(self, x):
        query, context, gates = torch.split(self.start(x), (self.width, self.width, 3), 1)
        total = 0
        for level, layer in enumerate(self.layers):
            context = F.gelu(layer(context))
            total = total + context * gates[:, level:level + 1]
        total = total + F.gelu(context.mean((2, 3), keepdim=True)) * gates[:, 2:]
        return query * self.gate(total)


class StandardisedConv(nn.Conv2d):
    """Weights whose mean is 0 and whose deviation is 1, times a gain (BiT, NFNet: Qiao et al. 2019, Brock et al. 2021)."""

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.gain = nn.Parameter(torch.full((self.out_channels, 1, 1, 1), 0.15))

    def forward(self, x):
        mean = self.weight.mean((1, 2, 3), keepdim=True)
        variance = self.weight.var((1, 2, 3), keepdim=True, unbiased=False)
        weight = (self.weight - mean) / torch.sqrt(variance + 1e-5) * self.gain
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


class SpaceToDepth(nn.Module):
    """TResNet's stem (Ridnik et al. 2021), of blocks of 2 x 2."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(4 * width, 2 * width, 3, padding=1), nn.LeakyReLU(1e-3))

    def forward(self, x):
        batch, channels, height, width = x.size()
        x = x.view(batch, channels, height // 2, 2, width // 2, 2).permute(0, 3, 5, 1, 2, 4).contiguous()
        return self.conv(x.view(batch, 4 * channels, height // 2, width // 2))


class Places(nn.Module):
    """CoordConv (Liu et al. 2018) with borders that go round the map, a learned map, and the map's mirror image."""

    def __init__(self, width, side):
        super().__init__()
        self.conv = nn.Conv2d(width + 2, width, 3)
        self.place = nn.Parameter(torch.randn(1, width, side, side) * 0.1)
        row = torch.linspace(-1, 1, side).expand(1, 1, side, side).clone()
        self.register_buffer("both", torch.cat((row, row.transpose(2, 3)), 1))

    def forward(self, x):
        x = torch.cat((x, self.both), 1)  # what PyTorch 1.13 writes of padding_mode="circular" has other border cells
        x = torch.cat((x[:, :, -1:], x, x[:, :, :1]), 2)
        x = self.conv(torch.cat((x[..., -1:], x, x[..., :1]), 3)) + self.place
        return torch.max(x, torch.flip(x, [3]) * 0.5)
