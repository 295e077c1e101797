#!/usr/bin/env bash
# Debian packages of a build: package_test.sh BUILD looks at what is in them. package_test.sh BUILD --install installs them
# in a bare Debian of this release (root and debootstrap; downloads), runs there the command, the manual page, completions and
# tests/example, and prints how much they bring: of a build without oneDNN less than 25 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
usage() { echo "usage: package_test.sh BUILD [--install]" >&2; exit 2; }
[[ $# -ge 1 && $# -le 2 && $1 != -* && "${2:---install}" == --install ]] || usage
source=$PWD build=$(realpath "$1") mode=${2:-}
scratch=$(mktemp -d)
trap 'rm -rf --one-file-system "$scratch"' EXIT

fail() { echo "package_test.sh: $*" >&2; exit 1; }

# make_packages PACKER_FLAG...: into $scratch/packages
make_packages() {
  (cd "$build" && cpack -G DEB -B "$scratch/packages" "$@") >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "cpack failed"; }
}

# on OPTION: yes or no, as the build was configured
on() { grep -q "^$1:BOOL=ON" "$build/CMakeCache.txt" && echo yes || echo no; }

# field PACKAGE NAME: out of its control file
field() { dpkg-deb --field "$scratch/packages/$1"_*.deb "$2"; }

# holds PACKAGE PATH...: each a path as dpkg-deb lists it, or an expression
holds() {
  local package=$1 path
  shift
  dpkg-deb --contents "$scratch/packages/$package"_*.deb | awk '{ print $6 }' >"$scratch/$package.list"
  for path in "$@"; do
    grep -qE "^\./usr/$path\$" "$scratch/$package.list" || fail "$package holds no $path: $(cat "$scratch/$package.list")"
  done
}

# All that lintian finds but that CPack calls ldconfig in a script of its own, and that what was not configured for /usr
# has its libraries in lib/, without the processor's name.
check_with_lintian() {
  command -v lintian >/dev/null || return 0
  lintian --allow-root --suppress-tags maintscript-calls-ldconfig,pkg-config-unavailable-for-cross-compilation "$scratch"/packages/*.deb >"$scratch/log" 2>&1 || true
  ! grep -E '^[EW]:' "$scratch/log" || fail "lintian finds faults"
}

check_contents() {
  local version soname library package
  version=$(sed -n 's/^project(hdecomp VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  soname=$(objdump -p "$build/runtime/libhdecomp.so" | awk '$1 == "SONAME" { print $2 }')
  library=libhdecomp${soname#libhdecomp.so.}
  for package in "$library" hdecomp-data hdecomp libhdecomp-dev; do
    [ "$(field "$package" Version)" = "$version" ] || fail "$package is of another version than $version"
    holds "$package" "share/doc/$package/copyright" "share/doc/$package/changelog.gz"
  done
  holds "$library" "lib/(.*/)?$soname" "lib/(.*/)?libhdecomp.so.$version"
  holds hdecomp-data share/hdecomp/squeezenet1_1-imagenet.h5 share/hdecomp/vgg16_bn-caltech101-slim.h5 share/hdecomp/photos/chelsea.jpg
  holds hdecomp bin/hdecomp share/man/man1/hdecomp.1.gz share/bash-completion/completions/hdecomp \
    share/zsh/vendor-completions/_hdecomp share/doc/hdecomp/README.md share/doc/hdecomp/weights/FORMAT.md
  holds libhdecomp-dev include/hdecomp/hdecomp.h include/hdecomp.h include/hdecomp/c/experiments.h 'lib/(.*/)?libhdecomp.so' 'lib/(.*/)?pkgconfig/hdecomp.pc' \
    'lib/(.*/)?cmake/hdecomp/hdecomp-config.cmake'
  grep -q '\.so' "$scratch/hdecomp.list" && fail "the command's package holds a library"
  case $(on HDECOMP_ONEDNN)$(field "$library" Depends) in
    yes*libdnnl2*) ;;
    no*libdnnl2*|yes*) fail "$library asks for oneDNN or does not: $(field "$library" Depends)" ;;
  esac
  for package in hdecomp libhdecomp-dev; do
    case $(field "$package" Depends) in *"$library (= $version)"*) ;; *) fail "$package does not ask for its library" ;; esac
  done
  [ "$(field hdecomp-data Architecture)" = all ] || fail "hdecomp-data is of one architecture"
  dpkg-deb --fsys-tarfile "$scratch/packages/hdecomp"_*.deb | tar -x -C "$scratch" ./usr/bin/hdecomp
  ! objdump -p "$scratch/usr/bin/hdecomp" | grep -E 'RPATH|RUNPATH' || fail "the command looks for libraries beside itself"
  echo "packages of $version:"
  (cd "$scratch/packages" && stat -c '  %s bytes %n' ./*.deb)
}

in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }

install_in_root() {
  root=$scratch/root
  . /etc/os-release
  debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "${HDECOMP_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$scratch/log" 2>&1 ||
    { tail -5 "$scratch/log"; fail "debootstrap failed"; }
  mkdir "$root/packages"
  cp "$scratch"/packages/*.deb "$root/packages/"
  cp "$source/tests/example/"* "$root/packages/"
  in_root dpkg-query -W -f '${Package}\n' | sort >"$scratch/before"
  in_root sh -c 'apt-get install -y --no-install-recommends /packages/hdecomp_*.deb /packages/libhdecomp[0-9]*.deb /packages/hdecomp-data_*.deb' \
    >"$scratch/log" 2>&1 || { tail -20 "$scratch/log"; fail "the packages do not install"; }
  in_root dpkg-query -W -f '${Package}\n' | sort >"$scratch/after"
  echo "installed beside a bare Debian:"
  comm -13 "$scratch/before" "$scratch/after" | while read -r package; do
    printf '%s %s\n' "$package" "$(bytes_of "$package")"
  done | sort -k2 -nr >"$scratch/brought"
  awk '{ sum += $2; printf "  %-28s %6.2f MB\n", $1, $2 / 1e6 }
    END { printf "  %-28s %6.2f MB\n", NR " packages", sum / 1e6 }' "$scratch/brought"
  [ "$(on HDECOMP_ONEDNN)" = yes ] || awk '{ sum += $2 } END { exit sum >= 25e6 }' "$scratch/brought" || fail "25 MB and more"
  grep -E '^Need to get' "$scratch/log"
}

# The files of an installed package. (Its Installed-Size counts links as what they lead to, where CPack made it.)
bytes_of() {
  in_root dpkg-query -L "$1" | while read -r path; do
    [ -L "$root$path" ] || [ ! -f "$root$path" ] || stat -c %s "$root$path"
  done | awk '{ sum += $1 } END { print sum + 0 }'
}

use_in_root() {
  in_root sh -e -c 'hdecomp classify /usr/share/hdecomp/photos/chelsea.jpg --top 1; hdecomp explain /usr/share/hdecomp/photos/*.jpg --depth 1 --output-dir /tmp/out; test -s /tmp/out/index.html' \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "the command does not run"; }
  grep -q 'Egyptian cat' "$scratch/log" || fail "no cat: $(cat "$scratch/log")"
  in_root sh -c 'apt-get install -y --no-install-recommends man-db zsh bash-completion g++ cmake make pkg-config /packages/libhdecomp-dev_*.deb' \
    >"$scratch/log" 2>&1 || { tail -20 "$scratch/log"; fail "the development package does not install"; }
  if compgen -G "$root/packages/python3-hdecomp_*.deb" >/dev/null; then
    in_root sh -c 'apt-get install -y --no-install-recommends /packages/python3-hdecomp_*.deb' >"$scratch/log" 2>&1 ||
      { tail -20 "$scratch/log"; fail "the Python package does not install"; }
    in_root python3 -c 'import hdecomp; print(hdecomp.Explainer)' >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "Python cannot import it"; }
  fi
  in_root sh -c 'man hdecomp | col -b' >"$scratch/man" 2>&1
  grep -q -- '--merge-overlaps' "$scratch/man" || fail "the manual page lacks flags: $(head -20 "$scratch/man")"
  in_root bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader hdecomp; complete -p hdecomp' >/dev/null ||
    fail "bash knows no completion"
  in_root zsh -c 'autoload -U compinit; compinit -u; [ "$_comps[hdecomp]" = _hdecomp ] && autoload +X _hdecomp' || fail "zsh knows no completion"
  in_root sh -e -c 'cmake -S /packages -B /tmp/build >/dev/null; cmake --build /tmp/build >/dev/null; /tmp/build/example /usr/share/hdecomp/photos/chelsea.jpg
    g++ -std=c++20 /packages/example.cpp $(pkg-config --cflags --libs hdecomp) -o /tmp/example; /tmp/example /usr/share/hdecomp/photos/chelsea.jpg' \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "the example does not build and run"; }
  [ "$(grep -c '^Egyptian cat' "$scratch/log")" = 2 ] || fail "the example finds no cat: $(cat "$scratch/log")"
  [ "$(in_root pkg-config --modversion hdecomp)" = "$(field hdecomp Version)" ] || fail "pkg-config knows another version"
}

case $mode in
  "") make_packages -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip
    check_contents ;;
  --install) make_packages
    check_contents
    check_with_lintian
    install_in_root
    use_in_root
    echo "installed and used in a bare Debian" ;;
  *) fail "usage: package_test.sh BUILD [--install]" ;;
esac
