"""How photographs become inputs by torchvision on PIL's images, to hold ours against."""
from typing import NamedTuple

import numpy as np
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode


def _both(size):
    return size if isinstance(size, tuple) else (size, size)


class InputRule(NamedTuple):
    """How a photograph becomes the input: resized to (both sides, where it is square), cropped to, normalised. A size is a
    number, or (height, width)."""
    size: int | tuple = 256
    crop: int | tuple = 224
    square: bool = False
    interpolation: InterpolationMode = InterpolationMode.BILINEAR
    mean: tuple = (0.485, 0.456, 0.406)
    std: tuple = (0.229, 0.224, 0.225)

    def error(self, photo, ours):
        """Our input against torchvision's on a PIL image, in units of a pixel's range (before mean and std)."""
        resize = torchvision.transforms.Resize(_both(self.size) if self.square else self.size, self.interpolation)
        view = torchvision.transforms.CenterCrop(self.crop)(resize(Image.open(photo).convert("RGB")))
        theirs = torchvision.transforms.ToTensor()(view).numpy()
        mean, std = (np.reshape(three, (3, 1, 1)) for three in (self.mean, self.std))
        return float(np.abs(ours[0] * std + mean - theirs).max() * 255)


TORCHVISION_RULE, BUNDLED_RULE = InputRule(), InputRule(128, 112, True)
CIFAR_RULE = InputRule(32, 32, True)


def published_rule(arch):
    """torchvision's preset for the first weights that it publishes; two of its nets scale the pixels to -1 to 1 themselves
    then (transform_input), which a net of seeded weights leaves to the input."""
    preset = next(iter(torchvision.models.get_model_weights(arch))).transforms()
    halves = (0.5, 0.5, 0.5)
    mean, std = (halves, halves) if arch in ("googlenet", "inception_v3") else (preset.mean, preset.std)
    return InputRule(preset.resize_size[0], preset.crop_size[0], False, preset.interpolation, mean, std)
