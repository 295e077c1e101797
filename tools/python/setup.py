"""A wheel of the Python package with the engine and the bundled models inside.

    pip wheel --no-build-isolation --no-deps -w DIR tools/python

CMake builds it in build-wheel/ of the source tree; HDECOMP_BUILD names a folder where it is built already. The wheel is
for the Python that builds it, and for machines with the libraries that the engine was linked with (oneDNN, HDF5, ...).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

source = Path(__file__).resolve().parents[2]
work = source / "build-wheel"
work.mkdir(exist_ok=True)
version = re.search(r"project\(hdecomp VERSION ([0-9.]+)", (source / "CMakeLists.txt").read_text()).group(1)


def built():
    """The folder that CMake has built the package in."""
    if os.environ.get("HDECOMP_BUILD"):
        return os.environ["HDECOMP_BUILD"]
    configure = ["cmake", "-S", source, "-B", work, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_UNITY_BUILD=ON"]
    configure += ["-DHDECOMP_BUILD_TESTS=OFF", "-DHDECOMP_BUILD_BENCH=OFF", "-DPython_EXECUTABLE=" + sys.executable]
    subprocess.run(configure, check=True)
    subprocess.run(["cmake", "--build", work, "--parallel", str(os.cpu_count()), "--target", "hdecomp_python"], check=True)
    return work


class BuildWithEngine(build_py):
    def run(self):
        super().run()
        package = Path(self.build_lib).resolve() / "hdecomp"
        subprocess.run(["cmake", "--install", built(), "--component", "wheel", "--strip", "--prefix", package], check=True)


class EngineDistribution(Distribution):
    def has_ext_modules(self):
        return True


setup(
    name="hdecomp",
    version=version,
    description="Explains a CNN's decision as a tree of evidence (gAP)",
    license="MIT",
    python_requires=">=3.9",
    install_requires=["numpy"],
    packages=["hdecomp"],
    package_data={"hdecomp": ["*.pyi", "py.typed"]},
    distclass=EngineDistribution,
    cmdclass={"build_py": BuildWithEngine},
    options={"build": {"build_base": str(work / "package")}, "egg_info": {"egg_base": str(work)}},
)
