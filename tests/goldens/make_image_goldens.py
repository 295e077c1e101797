"""Writes the goldens of tests/runtime/preprocess_test.cpp and tests/runtime/image_test.cpp and the small JPEG files of
tests/runtime/image_hostile_test.cpp beside this file: resizes and JPEG decodes by PIL, network views by torchvision. Run it with Debian's /usr/bin/python3 (python3-pil, python3-numpy, python3-torchvision)."""

import argparse
import pathlib

import numpy
from PIL import Image
from torchvision import transforms

HERE = pathlib.Path(__file__).resolve().parent
PHOTOS = HERE.parent.parent / "tools" / "photos"

# (height, width) before and after, the same as in the test.
RESIZES = [
    ((40, 60), (20, 30)),
    ((33, 47), (20, 30)),
    ((7, 5), (20, 30)),
    ((20, 90), (20, 30)),
    ((90, 30), (20, 30)),
    ((1, 1), (4, 6)),
    ((200, 301), (19, 31)),
    ((20, 30), (21, 29)),
    ((3, 200), (30, 20)),
    ((127, 2), (13, 17)),
]

# Of these the test has the hashes alone, which print_hashes() prints.
HASHED_RESIZES = RESIZES + [((90, 131), (61, 89)), ((500, 375), (299, 224)), ((37, 41), (411, 37))]

VIEWS = {
    "shorter_side": [transforms.Resize(256), transforms.CenterCrop(224)],
    "square": [transforms.Resize((128, 128)), transforms.CenterCrop(112)],
}


def pattern(height, width):
    """The picture that the test makes by the same formula."""
    y, x, c = numpy.ogrid[:height, :width, :3]
    return ((y * 37 + x * 59 + c * 83 + y * x % 7 * 11) % 256).astype(numpy.uint8)


# The JPEG files whose decode is kept as a PNG.
DECODED = ["small_progressive", "small_422", "small_440", "narrow_420", "narrow_422", "narrow_filtered_420"]


def halve_chroma_vertically(path):
    """Makes a 4:2:2 file into a 4:4:0 one, which PIL can't write: as many blocks in another order."""
    data = bytearray(path.read_bytes())
    sampling = data.index(b"\xff\xc0") + 11
    assert data[sampling] == 0x21
    data[sampling] = 0x12
    path.write_bytes(data)


def fnv1a(data):
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 % 2**32
    return value


def print_hashes():
    for before, after in HASHED_RESIZES:
        picture = Image.fromarray(pattern(*before))
        hashes = [fnv1a(picture.resize(after[::-1], how).tobytes()) for how in (Image.BICUBIC, Image.NEAREST)]
        print("      {{{}, {}, {}, {}, 0x{:08x}, 0x{:08x}}},".format(*before, *after, *hashes))


# As DECODED, with the PNG's name in full.
LIBRARY_FILES = ["lossy.webp", "alpha.webp", "palette.gif", "two_frames.gif", "lzw.tif", "deflate_alpha.tif", "jpeg.tif",
                 "palette.tif", "grey.tif"]


def write_library_files(small):
    """Small WebP, GIF and TIFF files, and what PIL makes of them."""
    small = small.resize((23, 19))
    clear = small.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(small.size))
    small.save(HERE / "lossy.webp", quality=50)
    clear.save(HERE / "alpha.webp", lossless=True, exact=True)
    small.quantize(16).save(HERE / "palette.gif", transparency=3)
    small.quantize(8).save(HERE / "two_frames.gif", save_all=True, append_images=[small.rotate(180).quantize(8)])
    small.save(HERE / "lzw.tif", compression="tiff_lzw", tiffinfo={317: 2})
    clear.save(HERE / "deflate_alpha.tif", compression="tiff_adobe_deflate")
    small.save(HERE / "jpeg.tif", compression="jpeg", quality=60)
    small.quantize(16).save(HERE / "palette.tif", compression="packbits")
    small.convert("L").save(HERE / "grey.tif")
    for name in LIBRARY_FILES:
        Image.open(HERE / name).convert("RGB").save(HERE / "{}.png".format(name.replace(".", "_")), optimize=True)


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    print_hashes()
    for before, after in RESIZES:
        picture = Image.fromarray(pattern(*before)).resize(after[::-1], Image.BILINEAR)
        picture.save(HERE / "resize_{}x{}_to_{}x{}.ppm".format(*before, *after))
    for photo in ("chelsea", "coffee"):
        picture = Image.open(PHOTOS / f"{photo}.jpg").convert("RGB")
        for rule, steps in VIEWS.items():
            view = numpy.asarray(transforms.Compose(steps)(picture))
            # Every second pixel of the large view keeps the file small.
            step = view.shape[0] // 112
            Image.fromarray(view[::step, ::step]).save(HERE / f"view_{photo}_{rule}.png", optimize=True)
    small = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((45, 37))
    small.save(HERE / "small_progressive.jpg", quality=40, progressive=True)
    small.save(HERE / "small_422.jpg", quality=40, subsampling=1)
    small.convert("CMYK").save(HERE / "small_cmyk.jpg", quality=20)
    small.resize((48, 48)).save(HERE / "small_440.jpg", quality=40, subsampling=1)
    halve_chroma_vertically(HERE / "small_440.jpg")
    # So narrow that the decoder does not filter the chroma; and just not so.
    small.resize((4, 11)).save(HERE / "narrow_420.jpg", quality=60, subsampling=2)
    small.resize((3, 11)).save(HERE / "narrow_422.jpg", quality=60, subsampling=1)
    small.resize((5, 9)).save(HERE / "narrow_filtered_420.jpg", quality=60, subsampling=2)
    write_library_files(small)
    for name in DECODED:
        Image.open(HERE / f"{name}.jpg").convert("RGB").save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
