#!/usr/bin/env bash
# Debian's static HDF5 goes into a program, but not into a shared library.
# Library: HDF5 1.10.8 (Debian 12: libhdf5-dev 1.10.8+repack1-1), libhdf5_serial.a; GNU ld 2.40.
# Behaviour: an archive in a -dev package of Debian 12, whose compilers make position-independent code by default, was
# expected to link into a shared library. That default is for programs (PIE) and not enough: the archive takes its own
# variables to be in the same object, and the C library's `stderr` to be copied into the program. With its names hidden
# (--exclude-libs) the first is true again, the second never is. So whoever wants a plugin or a Python module without the
# shared HDF5 (which brings libcurl for its S3 driver) is refused by the linker. What helps: hidden names, and ld's --wrap
# for stderr and stdout, with copies that a constructor fills.
# Seen, 2026-11-29:
#   a program: linked
#   a shared library: relocation R_X86_64_PC32 against symbol `H5CX_init_g' can not be used when making a shared object
#   with hidden names: relocation R_X86_64_PC32 against symbol `stderr@@GLIBC_2.2.5' can not be used when making a shared object
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libhdf5-dev=1.10.8+repack1-1

cat >open.c <<'EOF'
#include <hdf5.h>
int opens(void) { return H5open() >= 0; }
EOF
echo 'int opens(void); int main(void) { return !opens(); }' >main.c
gcc -c -fPIC -I"$T/root/usr/include/hdf5/serial" open.c
gcc -c main.c
# All that the archive itself asks for, so that nothing else can be what is missing.
rest=("$L/libsz.a" "$L/libaec.a" "$L/libz.a" -lm -ldl -lpthread)
gcc open.o main.o "$L/libhdf5_serial.a" "${rest[@]}" -o program
./program && echo "a program: linked"
refused() {  # NAME SYMBOL FLAG...: what the linker says
  local name=$1 symbol=$2 said
  shift 2
  if gcc -shared "$@" open.o "$L/libhdf5_serial.a" "${rest[@]}" -o plugin.so 2>errors; then echo "$name: linked"; exit 1; fi
  said=$(grep -om1 "relocation R_X86_64_PC32 against symbol .$symbol' can not be used when making a shared object" errors) || { cat errors; exit 1; }
  echo "$name: $said"
}
refused "a shared library" '[A-Za-z0-9_]*'
refused "with hidden names" 'std[a-z]*@@GLIBC_2.2.5' -Wl,--exclude-libs,ALL
