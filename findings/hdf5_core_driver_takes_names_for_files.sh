#!/usr/bin/env bash
# HDF5 files in memory: whoever opens a second one under the same name gets the first one's content.
# Library: HDF5 1.10.8 (Debian 12: libhdf5-103-1, libhdf5-dev 1.10.8+repack1-1), core driver without a backing store,
# H5Pset_file_image.
# Behaviour: the bytes of a file image are its own, so the name given to H5Fopen was expected to say nothing (there is no
# file). While one image is open, another one opened under the same name is the first: the core driver compares files
# without a descriptor by their names, and H5Fopen shares what compares equal. No call fails; a program that names all its
# images alike reads wrong data as soon as two of its threads have one open. And a file of that name on the disk, whatever
# is in it, makes H5Fopen of the image fail. What helps: a name of its own for each image, which no file can have.
# Seen, 2026-11-29:
#   HDF5 1.10.8
#   opened one after the other: 1 2
#   opened at the same time, of one name: 1 1
#   opened at the same time, of two names: 1 2
#   opened beside a file of that name: refused
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs libhdf5-dev=1.10.8+repack1-1 libhdf5-103-1=1.10.8+repack1-1

cat >images.c <<'EOF'
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>

/* A whole file, as bytes, that has the attribute "number". */
static void* make(int number, size_t* size) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 4096, 0);
  hid_t file = H5Fcreate("made", H5F_ACC_TRUNC, H5P_DEFAULT, access), space = H5Screate(H5S_SCALAR);
  hid_t attribute = H5Acreate2(file, "number", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT, &number);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  *size = (size_t)H5Fget_file_image(file, NULL, 0);
  void* bytes = malloc(*size);
  H5Fget_file_image(file, bytes, *size);
  H5Fclose(file);
  H5Pclose(access);
  return bytes;
}

static hid_t open_image(const char* name, void* bytes, size_t size) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 4096, 0);
  H5Pset_file_image(access, bytes, size);
  hid_t file = H5Fopen(name, H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

static int number_of(hid_t file) {
  int number = 0;
  hid_t attribute = H5Aopen(file, "number", H5P_DEFAULT);
  H5Aread(attribute, H5T_NATIVE_INT, &number);
  H5Aclose(attribute);
  return number;
}

int main(void) {
  unsigned major, minor, release;
  size_t sizes[2];
  void* bytes[2] = {make(1, &sizes[0]), make(2, &sizes[1])};
  int seen[2];
  hid_t first, second;
  H5get_libversion(&major, &minor, &release);
  printf("HDF5 %u.%u.%u\n", major, minor, release);

  first = open_image("image", bytes[0], sizes[0]);
  seen[0] = number_of(first);
  H5Fclose(first);
  second = open_image("image", bytes[1], sizes[1]);
  seen[1] = number_of(second);
  H5Fclose(second);
  printf("opened one after the other: %d %d\n", seen[0], seen[1]);
  int right = seen[0] == 1 && seen[1] == 2;

  first = open_image("image", bytes[0], sizes[0]);
  second = open_image("image", bytes[1], sizes[1]);
  printf("opened at the same time, of one name: %d %d\n", number_of(first), number_of(second));
  right = right && number_of(first) == 1 && number_of(second) == 1;
  H5Fclose(first);
  H5Fclose(second);

  first = open_image("image 1", bytes[0], sizes[0]);
  second = open_image("image 2", bytes[1], sizes[1]);
  printf("opened at the same time, of two names: %d %d\n", number_of(first), number_of(second));
  right = right && number_of(first) == 1 && number_of(second) == 2;
  H5Fclose(first);
  H5Fclose(second);

  fclose(fopen("image", "w"));
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  first = open_image("image", bytes[0], sizes[0]);
  printf("opened beside a file of that name: %s\n", first < 0 ? "refused" : "opened");
  return right && first < 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
EOF
gcc -I"$T/root/usr/include/hdf5/serial" images.c -L"$L" -l:libhdf5_serial.so.103 -Wl,--allow-shlib-undefined -o images
LD_LIBRARY_PATH=$L ./images
