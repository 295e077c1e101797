#!/usr/bin/env bash
# Installs from Debian's packages what hdecomp needs and the machine lacks: setup.sh [build|test|package|compare|browser|format|fuzz].
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libdnnl-dev libhdf5-dev libstb-dev libzip-dev zlib1g-dev libssl-dev
  nlohmann-json3-dev libcli11-dev libcpp-httplib-dev
  libwebp-dev libgif-dev libtiff-dev libmatio-dev)  # the last four may lack: their file formats are refused then
usage() { echo "usage: setup.sh [build|test|package|compare|browser|format|fuzz]" >&2; exit 2; }
[ $# -le 1 ] || usage
case "${1:-build}" in
  build) ;;
  format) packages=(clang-format) ;;
  fuzz) packages+=(clang) ;;
  package) packages+=(dpkg-dev libaec-dev libmd-dev debootstrap lintian) ;;
  test) packages+=(dpkg-dev libgtest-dev libgmock-dev libbenchmark-dev libopenmpi-dev openmpi-bin
    pybind11-dev python3-pybind11 python3-dev python3-numpy python3-pil python3-pytest python3-pip python3-wheel poppler-utils) ;;
  compare) packages+=(python3-torch python3-torchvision python3-onnx libonnx-testdata python3-h5py python3-pil python3-scipy python3-matplotlib) ;;
  browser) packages+=(chromium)
    command -v npm >/dev/null || packages+=(nodejs npm) ;;
  *) usage ;;
esac

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: run as root, or install sudo, to get: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
