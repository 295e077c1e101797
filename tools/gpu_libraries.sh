# What gpu_check.sh and gpu_pack.sh share: the programs, and the libraries that they need beside the system's. To be
# sourced, with $root the checkout or the unpacked parcel and $build its build folder.
# shellcheck shell=bash

programs=(tests/hdecomp_tests bench/kernel_bench bench/forward_bench bench/time_{tree,ablation} tools/hdecomp)

refuse() {
  echo "${0##*/}: $*" >&2
  exit 2
}

is_packed() { [ -e "$root/source_dir" ]; }

# The value of a CMake cache entry of the build.
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" 2>/dev/null; }

# A number that a C header defines: defined NAME HEADER.
defined() { sed -n "s/^#define $1 *\([0-9][0-9]*\).*/\1/p" "$2" 2>/dev/null; }

# The files of cuBLAS and cuDNN that the programs load; none for a build without CUDA.
cuda_libraries() {
  local cublas cudnn
  if is_packed; then cat "$root/cuda_libraries"; return; fi
  cublas=$(defined CUBLAS_VER_MAJOR "$(cached CUBLAS_INCLUDE_DIR)/cublas_api.h")
  cudnn=$(defined CUDNN_MAJOR "$(cached CUDNN_INCLUDE_DIR)/cudnn_version.h")
  [ -n "$cublas" ] && [ -n "$cudnn" ] || return 0
  printf '%s\n' "libcublas.so.$cublas" "libcublasLt.so.$cublas" "libcudnn.so.$cudnn"
}

# Folders that may hold CUDA's libraries: CUDA's own, then those of Python's packages.
cuda_folder_candidates() {
  local cuda=${CUDA_HOME:-/usr/local/cuda} path
  printf '%s\n' "$cuda/lib64" "$cuda/lib" "$cuda/targets/x86_64-linux/lib"
  python3 -c 'import sys; print("\n".join(path for path in sys.path if path))' 2>/dev/null | while read -r path; do
    printf '%s\n' "$path"/nvidia/*/lib
  done
}

# The packed libraries and, for each CUDA library that ldconfig does not know, the first folder that has it. Where none
# has, the programs say so themselves.
library_path() {
  local path=${LD_LIBRARY_PATH:-} candidates known name folder
  ! is_packed || path=$root/lib${path:+:$path}
  candidates=$(cuda_folder_candidates)
  known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
  for name in $(cuda_libraries); do
    [[ $known != *"$name "* ]] || continue
    folder=$(while read -r folder; do [ ! -e "$folder/$name" ] || { echo "$folder"; break; }; done <<<"$candidates")
    [[ -z $folder || :$path: == *":$folder:"* ]] || path+=${path:+:}$folder
  done
  echo "$path"
}

# Sets `runner`, which goes before a program's file. Python keeps its own libraries: time_torch.py takes
# HDECOMP_LIBRARY_PATH for the programs that it calls.
find_runner() {
  HDECOMP_LIBRARY_PATH=$(library_path)
  export HDECOMP_LIBRARY_PATH
  runner=(env LD_LIBRARY_PATH="$HDECOMP_LIBRARY_PATH")
}
