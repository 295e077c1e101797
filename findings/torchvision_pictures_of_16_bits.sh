#!/usr/bin/env bash
# torchvision takes pictures of 16 bits for others: TIFF's upper half becomes negative, or its upper byte is lost; white is black.
# Library: torchvision 0.14.1 (Debian 12: python3-torchvision 0.14.1-2), Pillow 9.4.0 (python3-pil 9.4.0-1.1+deb12u1); the files
# are written by tifffile 2023.2.3 (python3-tifffile 20230203-1).
# Behaviour: ToTensor scales pictures of 8 bits to 0..1 and is documented to return others as they are. Pillow opens a grey TIFF of
# 16 bits in mode "I;16", of a big-endian one (microscopes, satellites) in "I;16B", and has the right numbers. ToTensor makes
#   of I;16   int16: all above 32767 is negative, white is -1
#   of I;16B  bytes: the upper one is cut off and the lower one divided by 255, a float32 of 0..1 as of any photograph
# A PNG of the same numbers is right (int32, not scaled). And convert_image_dtype, which ConvertImageDtype uses, is documented to
# scale to the type's range: from float16 and from bfloat16 to uint8 white becomes 0, for 255.999 is 256 in them, which a
# byte has not. From float32 it is right. No error, no warning.
# Seen, 2026-12-01:
#   grey.png: Pillow I 1 300 32767 32768 40000 65535, ToTensor int32 1 300 32767 32768 40000 65535
#   little.tif: Pillow I;16 1 300 32767 32768 40000 65535, ToTensor int16 1 300 32767 -32768 -25536 -1
#   big.tif: Pillow I;16B 1 300 32767 32768 40000 65535, ToTensor float32 0.00392 0.173 1 0 0.251 1
#   float32 0 0.25 0.75 1 as uint8: 0 63 191 255
#   bfloat16 0 0.25 0.75 1 as uint8: 0 64 192 0
#   float16 0 0.25 0.75 1 as uint8: 0 64 192 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torchvision=0.14.1-2 python3-torch=1.13.1+dfsg-4 python3-pil=9.4.0-1.1+deb12u1 python3-tifffile=20230203-1

cat >pictures.py <<'PY'
import sys
import warnings

import numpy as np
import tifffile
import torch
from PIL import Image
from torchvision.transforms import functional

warnings.filterwarnings("ignore")
numbers = np.array([[1, 300, 32767, 32768, 40000, 65535]], np.uint16)
tifffile.imwrite("little.tif", numbers, byteorder="<")
tifffile.imwrite("big.tif", numbers, byteorder=">")
Image.fromarray(numbers).save("grey.png")
told = lambda values: " ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in values)
expected = {
    "grey.png": numbers[0].astype(int).tolist(),
    "little.tif": numbers[0].view(np.int16).tolist(),
    "big.tif": ((numbers[0] % 256) / np.float32(255)).tolist(),
}
seen = True
for name, values in expected.items():
    picture = Image.open(name)
    got = functional.to_tensor(picture)
    pillow = np.asarray(picture).ravel()
    print(f"{name}: Pillow {picture.mode} {told(pillow)}, ToTensor {str(got.dtype)[6:]} {told(got.flatten().tolist())}")
    seen &= np.array_equal(pillow, numbers[0]) and got.flatten().tolist() == values
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    grey = torch.tensor([0.0, 0.25, 0.75, 1.0]).to(dtype)
    got = functional.convert_image_dtype(grey, torch.uint8).tolist()
    print(f"{str(dtype)[6:]} 0 0.25 0.75 1 as uint8: {told(got)}")
    seen &= (got[-1] == 0) == (dtype != torch.float32)
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack "$T/root/usr/bin/python3.11" -E -s pictures.py
