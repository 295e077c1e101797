"""How alike two saliency maps are, from the definitions: Spearman's correlation, SSIM, the rise of entropy."""
import numpy as np
import torch


def ranks(values):
    """From 1 on; equal values share the average."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def ssim(a, b):
    a, b = (torch.from_numpy(np.abs(m) / np.abs(m).max())[None, None] for m in (a, b))

    def mean(x):
        return torch.nn.functional.avg_pool2d(x, 7, 1)
    m, n, scale = mean(a), mean(b), 49 / 48
    va, vb, cov = ((mean(x * y) - mean(x) * mean(y)) * scale for x, y in ((a, a), (b, b), (a, b)))
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return float(((2 * m * n + c1) * (2 * cov + c2) / ((m * m + n * n + c1) * (va + vb + c2))).mean())


def entropy(values):
    counts = np.histogram(values, bins=100)[0]
    shares = counts[counts > 0] / values.size
    return float(-(shares * np.log(shares)).sum())


def likeness(old, new):
    """Of two maps (channels, h, w), by the experiments' names."""
    size = [np.abs(one.astype(np.float64)).sum(0) for one in (old, new)]
    sums = [one.astype(np.float64).sum(0) for one in (old, new)]

    def correlation(a, b):
        if a.min() == a.max() or b.min() == b.max():
            return np.nan
        return np.corrcoef(ranks(a.ravel()), ranks(b.ravel()))[0, 1]
    found = {"absolute": correlation(*size), "signed": correlation(*sums),
             "emprt": entropy(size[1]) / entropy(size[0]) - 1 if entropy(size[0]) > 0 else np.nan}
    if size[0].shape[0] >= 7 and size[0].max() > 0 and size[1].max() > 0:
        found["ssim"] = ssim(*size)
    return found
