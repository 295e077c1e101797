"""The numbers that hdecomp draws: SplitMix64, Box and Muller, He's weights."""
import numpy as np
import torch

MASK = 2 ** 64 - 1


def mix(n):
    z = (n * 0x9e3779b97f4a7c15) & MASK
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
    return z ^ (z >> 31)


def mixes(first, count):
    """mix() of `count` numbers from `first` on."""
    with np.errstate(over="ignore"):
        z = (np.arange(count, dtype=np.uint64) + np.uint64(first)) * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return z ^ (z >> np.uint64(31))


def stream_of(seed, number):
    return mix((mix(seed) + number) & MASK)


def he_weights(shape, stream):
    """Normal, of variance 2 / fan-in."""
    count = int(np.prod(shape))
    uniform = ((mixes((stream + 1) & MASK, count + count % 2) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0 ** -53
    radius = np.sqrt(2 / (count / shape[0])) * np.sqrt(-2 * np.log(uniform[::2]))
    angle = 2 * np.pi * uniform[1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return torch.from_numpy(pairs.ravel()[:count].astype(np.float32).astype(np.float64)).reshape(shape)
