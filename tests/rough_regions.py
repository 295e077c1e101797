#!/usr/bin/python3
"""Makes rough segmentations of photographs that have none, to try `hdecomp context` and `concepts` on: figure and ground
by colour alone, nobody's annotation.

A pixel is of the figure where its colour is further from the median of the picture's border than Otsu's threshold of that
distance, after a median over 7 x 7 pixels. Folders are the names: the figure of accordion/image_0001.jpg is
"accordion", all else is "background" (0), written as OUT/accordion/image_0001.png beside OUT/names.txt.

    tests/rough_regions.py LIST.txt OUT          # the list's paths start from its own folder
"""
import argparse
import os

import numpy as np
from PIL import Image, ImageFilter


def otsu(values):
    """The threshold that sets the two sides' means furthest apart, weighted by their sizes."""
    counts, edges = np.histogram(values, 64)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(all="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return edges[1 + int(np.nanargmax(apart))]


def figure_of(path):
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(np.float64)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    distance = np.sqrt(((pixels - np.median(border, axis=0)) ** 2).sum(2))
    figure = Image.fromarray((distance > otsu(distance)).astype(np.uint8) * 255)
    return np.asarray(figure.filter(ImageFilter.MedianFilter(7))) > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", metavar="LIST.txt")
    parser.add_argument("out", metavar="OUT")
    options = parser.parse_args()
    listed, out = options.list, options.out
    paths = [line.split()[0] for line in open(listed) if line.strip()]
    names = sorted({os.path.basename(os.path.dirname(path)) for path in paths})
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "names.txt"), "w") as file:
        file.write("".join(name + "\n" for name in ["background", *names]))
    for path in paths:
        folder = os.path.dirname(path)
        labels = figure_of(os.path.join(os.path.dirname(listed), path)) * (1 + names.index(os.path.basename(folder)))
        os.makedirs(os.path.join(out, folder), exist_ok=True)
        Image.fromarray(labels.astype(np.uint8)).save(os.path.join(out, os.path.splitext(path)[0] + ".png"))


if __name__ == "__main__":
    main()
