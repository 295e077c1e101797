"""What is damaged is refused in a line, and nothing is said when the process ends."""

import subprocess
import sys

import hdecomp
import pytest

# HDF5 1.10.8 keeps parts of such files, though it refuses them.
LOAD = """
import sys
import hdecomp
refused = 0
for path in sys.argv[1:]:
    try:
        hdecomp.Model.load(path)
    except hdecomp.UserError:
        refused += 1
print(refused)
"""

# A host that uses the same HDF5: the file that it has open is written at the end.
HOST = """
import sys
import h5py
own = h5py.File(sys.argv[2], "w")
import hdecomp
try:
    hdecomp.Model.load(sys.argv[1])
except hdecomp.UserError as fault:
    print("refused")
own["x"] = range(5)
"""


def damaged(folder):
    good = open(hdecomp.Model.bundled_path("vgg16-slim"), "rb").read()
    for at in (107, 123, 124, 135):  # around the root
        file = folder / f"{at}.h5"
        file.write_bytes(good[:at] + bytes([good[at] ^ 57]) + good[at + 1 :])
        yield str(file)


def test_a_process_ends_without_a_word(tmp_path):
    files = list(damaged(tmp_path))
    done = subprocess.run([sys.executable, "-c", LOAD, *files], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(files) and done.stderr == ""


def test_a_hosts_own_files_are_written(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    own = tmp_path / "own.h5"
    call = [sys.executable, "-c", HOST, next(damaged(tmp_path)), str(own)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n" and done.stderr == ""
    with h5py.File(own) as file:
        assert list(file["x"]) == [0, 1, 2, 3, 4]
