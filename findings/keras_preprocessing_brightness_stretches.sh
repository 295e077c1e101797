#!/usr/bin/env bash
# Keras' preprocessing changes a picture by a brightness of 1: it is stretched to 0..255 first, and black and white 0..1 pictures become bytes.
# Library: Keras-Preprocessing 1.1.0 (Debian 12: python3-keras-preprocessing 1.1.0+ds-1), as tf.keras had it, ImageDataGenerator and load_img.
# Behaviour: brightness_range is documented as the "range for picking a brightness shift value from", apart from rescaling, which has arguments
# of its own. A factor of 1 was expected to change nothing, 0.5 to halve. Each picture goes through array_to_img, which is to make
# something to look at: the largest number becomes white. So a dark photograph is as bright as a bright one before
# the factor is drawn, and the training never sees dark ones, whatever the range; maps of 0..1 come out as 0..255; a plain grey
# picture of 100 is white. The same network then sees other pictures in its test, which go without. load_img of a grey PNG of 16 bits (X-rays,
# depth) gives white for all that is above 255 of 65535. No warning.
# Seen, 2026-12-01:
#   Keras-Preprocessing 1.1.0
#   pixels 0 51 102 255, brightness 1: 0 51 102 255
#   pixels 0 50 100 255, brightness 0.5: 0 25 50 127
#   pixels 100 101 102 103, brightness 1: 247 250 252 255
#   pixels 10 20 30 40, brightness 0.5: 31 63 95 127
#   pixels 0 0.25 0.5 1, brightness 1: 0 63 127 255
#   pixels 100 100 100 100, brightness 1: 255 255 255 255
#   load_img, grayscale, of 1 255 256 1000 65535: 1 255 255 255 255
#   load_img, rgb, of 1 255 256 1000 65535: 1 255 255 255 255
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-keras-preprocessing=1.1.0+ds-1 python3-numpy python3-pil python3-scipy

cat >brightness.py <<'PY'
import sys

import keras_preprocessing
import numpy as np
from keras_preprocessing.image import ImageDataGenerator, img_to_array, load_img
from PIL import Image


def through(values, factor):
    """A picture of these pixels, as the generator gives it with one brightness."""
    picture = np.float32(values).reshape(1, 1, -1, 1)
    batch = next(ImageDataGenerator(brightness_range=(factor, factor)).flow(picture, batch_size=1)).ravel()
    print(f"pixels {' '.join(f'{value:g}' for value in values)}, brightness {factor}: {' '.join(f'{value:g}' for value in batch)}")
    return batch.tolist()


print("Keras-Preprocessing", keras_preprocessing.__version__)
seen = through([0, 51, 102, 255], 1) == [0, 51, 102, 255] and through([0, 50, 100, 255], 0.5) == [0, 25, 50, 127]
seen &= through([100, 101, 102, 103], 1) == [247, 250, 252, 255]
seen &= through([10, 20, 30, 40], 0.5)[3] > 100 and through([0, 0.25, 0.5, 1], 1)[3] == 255 and through([100, 100, 100, 100], 1)[0] != 100
depths = [1, 255, 256, 1000, 65535]
Image.fromarray(np.uint16([depths])).save("depth.png")
for mode in ("grayscale", "rgb"):
    read = img_to_array(load_img("depth.png", color_mode=mode))[0, :, 0].tolist()
    print(f"load_img, {mode}, of {' '.join(map(str, depths))}: {' '.join(f'{value:g}' for value in read)}")
    seen &= read == [1, 255, 255, 255, 255]
sys.exit(0 if seen else 1)
PY
"$T/root/usr/bin/python3.11" -E -s brightness.py
