"""What a comparison with PyTorch runs: the net that it is given, or the bundled slim VGG-16 and a ResNet-18 with seeded
weights."""
import argparse
import os
import tempfile

from compare_saliency import ROOT, run


def compare_nets(doc, all_of, names=("portrait", "chelsea", "coffee"), more=lambda work: []):
    """all_of(name, model file, photographs, folder to work in, our programs) says whether all is right; the exit code.

    `names`: bundled photographs; `more(work)`: paths of further ones.
    """
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("net", nargs="*", help="a model file and photographs")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    options = parser.parse_args()
    tools = {"hdecomp": os.path.join(options.build, "tools", "hdecomp"),
             "dump": os.path.join(options.build, "tests", "dump_tensors")}
    with tempfile.TemporaryDirectory() as work:
        if options.net:
            photos = [os.path.abspath(photo) for photo in options.net[1:]]
            return 0 if all_of(os.path.basename(options.net[0]), options.net[0], photos, work, tools) else 1
        photos = [os.path.join(ROOT, "tools", "photos", name + ".jpg") for name in names] + more(work)
        bundled = os.path.join(ROOT, "weights", "bundled", "vgg16_bn-caltech101-slim.h5")
        seeded = os.path.join(work, "seeded.h5")
        run(tools["hdecomp"], "init", "--arch", "resnet18", "--seed", "0", "--input-size", "96", "--classes", "10", "-o", seeded)
        right = all_of("vgg16-slim", bundled, photos, work, tools)
        return 0 if all_of("resnet18", seeded, photos, work, tools) and right else 1
