#!/usr/bin/env python3
"""Pastes the documents' command lines one after the other, as somebody would who has a photograph and a folder of them.

The lines of each section of the README and of the documents that it leads to run in a new folder with links to the tree's own, with `photo.jpg`, each of the
bundled photographs in turn, and `photos/`, all of them in two folders. A line counts that ends with code 0. Those that name
files which nobody but their owner has, or that take hours, are counted as left out; scripts under tests/ have
their own runs.

    tests/readme_lines.py [--build build] [--photo NAME...] [--only WORD]
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

source = Path(__file__).resolve().parents[1]
documents = ("README.md", "tools/README.md", "weights/CONVERTING.md", "tools/EXPERIMENTS.md", "tools/DIAGNOSIS.md")

# What a line needs that is not in the repository.
owned = re.compile(
    r"\.\./shared|ILSVRC|VOC2012|caltech101|\b(net|caffe_vgg|checkpoint|resnet50)\.pth|(net|text)\.onnx|keras\.h5|"
    r"_infer\.onnx|upside_down\.h5|resnet18(-slim)?\.h5|resnet\.h5|(true|permuted|labels|vgg|concepts|context|pascal|patches)\.h5|sample\.txt|few\.txt"
)
lasting = re.compile(r"\bserve\b|^mpirun|^tests/|^pip |^\./tools|^git |^sudo |^cmake |^g\+\+")


def sections():
    """The command lines that can run here, a list for each section, and how many are left out."""
    can, cannot = [[]], 0
    for line in "\n".join((source / document).read_text(encoding="utf-8") for document in documents).splitlines():
        if line.startswith("#"):
            can.append([])
        if not re.match(r"    (hdecomp|tools/plot\.py) ", line):
            continue
        command = re.sub(r"\s+#.*$", "", line.strip())
        if owned.search(command) or lasting.search(command):
            cannot += 1
        else:
            can[-1].append(command)
    return [commands for commands in can if commands], cannot


def folder_for(photo, build, where):
    for name in ("tools", "weights", "tests"):
        (where / name).symlink_to(source / name)
    (where / "build").symlink_to(build)
    shutil.copy(source / "tools/photos" / photo, where / "photo.jpg")
    for i, each in enumerate(sorted((source / "tools/photos").glob("*.jpg"))):  # a folder's name may be a label
        inside = where / "photos" / ("Egyptian cat", "espresso")[i % 2]
        inside.mkdir(parents=True, exist_ok=True)
        shutil.copy(each, inside / each.name)


def paste(commands, photo, build):
    """The lines that fail, with their last words."""
    failed = []
    with tempfile.TemporaryDirectory() as name:
        where = Path(name)
        folder_for(photo, build, where)
        path = f"{build}/tools:/usr/bin:{os.environ['PATH']}"
        for command in commands:
            done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=where, capture_output=True, text=True,
                                  env={**os.environ, "PATH": path})
            if done.returncode != 0:
                failed.append((command, (done.stderr or done.stdout).strip().splitlines()[-1:]))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", type=Path)
    parser.add_argument("--photo", nargs="*", help="names in tools/photos; all without it")
    parser.add_argument("--only", default="", help="lines with this word alone")
    given = parser.parse_args()
    parts, left_out = sections()
    parts = [[command for command in part if given.only in command] for part in parts]
    if not any(parts):
        sys.exit(f"no line of the documents has {given.only!r} in it")
    photos = given.photo or sorted(path.name for path in (source / "tools/photos").glob("*.jpg"))
    faults = 0
    for i, photo in enumerate(photos):  # what has no photo.jpg in it is the same for each
        asked = [[command for command in part if i == 0 or "photo.jpg" in command] for part in parts]
        failed = [fault for part in asked for fault in paste(part, photo, given.build.resolve())]
        faults += len(failed)
        count = sum(map(len, asked))
        print(f"{photo}: {count - len(failed)} of {count} lines")
        for command, words in failed:
            print(f"  {command}\n    {' '.join(words)}")
    print(f"{left_out} lines are left out: they name files that are not in the repository")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
