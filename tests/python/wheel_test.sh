#!/usr/bin/env bash
# Makes a wheel of what a build folder holds and uses it from elsewhere: wheel_test.sh PYTHON SOURCE BUILD.
set -euo pipefail
[[ $# -eq 3 && $1 != -* ]] || { echo "usage: wheel_test.sh PYTHON SOURCE BUILD" >&2; exit 2; }
python=$1 source=$2 build=$3
"$python" -c 'import setuptools, wheel, pip, numpy' 2>/dev/null || {
  echo "skipped: $python has no pip, wheel, setuptools or numpy; tools/setup.sh test installs them"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

export PIP_ROOT_USER_ACTION=ignore
HDECOMP_BUILD=$build "$python" -m pip wheel --quiet --no-build-isolation --no-deps --no-index --disable-pip-version-check \
  -w "$scratch/wheels" "$source/tools/python"
wheel=$(echo "$scratch"/wheels/hdecomp-*.whl)
[[ "$wheel" == *-linux_*.whl ]]
"$python" -m pip install --quiet --no-deps --no-index --disable-pip-version-check --target "$scratch/site" "$wheel"
cd "$scratch"
PYTHONPATH=$scratch/site "$python" - "$source/tools/photos/chelsea.jpg" <<'END'
import sys
import hdecomp
assert hdecomp.__file__.startswith(sys.path[1]), (hdecomp.__file__, sys.path)
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "libhdecomp" in line}
assert len(loaded) == 1 and loaded.pop().startswith(sys.path[1] + "/hdecomp/"), "the library is not the wheel's"
tree = hdecomp.Explainer(device="cpu").explain(sys.argv[1])
assert tree.decision.name == "Egyptian cat", tree
print(tree)
END
