#!/usr/bin/env bash
# libvips reads and writes PFM pictures upside down.
# Library: libvips 8.14.1 (Debian 12: libvips-tools 8.14.1-3+deb12u3), beside netpbm 11.01.00 (netpbm 2:11.01.00-2).
# Behaviour: PFM is PGM's sister for floats, in which depth maps, optical flow and heat maps are stored (Middlebury, Sintel). Its rows
# go from the bottom to the top, as netpbm's man page pfm(5) says; those of PGM and PPM, from the top. libvips' one reader for all
# of them takes the rows as they come, and writes them so, too. Its own files it reads back as they were, those of others
# come out upside down. No warning. PGM is right. Elsewhere its own would be upside down, if they were not refused:
# behind "Pf" it writes a comment, as PGM may have, PFM not. What helps for reading: `vips flip IN OUT vertical`.
# Seen, 2026-12-01, a map whose upper row is 0.125 0.25 0.375 and whose lower one is 0.5 0.625 0.75:
#   vips-8.14.1
#   PFM read by netpbm, times 1000: 125 250 375 / 500 625 750
#   PFM read by libvips: 0.5 0.625 0.75 / 0.125 0.25 0.375
#   PGM read by libvips: 125 250 375 / 500 625 750
#   PFM written by libvips, read by libvips: 0.125 0.25 0.375 / 0.5 0.625 0.75
#   PFM written by libvips, read by netpbm: refused
#   the same without its comment: 500 625 750 / 125 250 375
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libvips-tools=8.14.1-3+deb12u3 netpbm=2:11.01.00-2
export PATH="$T/root/usr/bin:$PATH"

# All rows in a line, six digits of each number.
rows() { awk '{ for (i = 1; i <= NF; ++i) printf "%s%g", (i > 1 ? " " : (NR > 1 ? " / " : "")), $i }'; }
by_vips() { vips copy "$1" out.csv && rows <out.csv; }
by_netpbm() { pfmtopam -maxval=1000 "$1" 2>/dev/null | pamtable 2>/dev/null | rows; }
printf '125 250 375\n500 625 750\n' >rows.txt
{ echo "P2 3 2 1000"; cat rows.txt; } >map.pgm
pamtopfm -endian=little map.pgm >map.pfm
printf '0.125 0.25 0.375\n0.5 0.625 0.75\n' >map.csv
vips csvload map.csv map.v --separator " "
vips copy map.v made.pfm
sed 2d made.pfm >bare.pfm
refused=$(by_netpbm made.pfm)
{
  echo "PFM read by netpbm, times 1000: $(by_netpbm map.pfm)"
  echo "PFM read by libvips: $(by_vips map.pfm)"
  echo "PGM read by libvips: $(by_vips map.pgm)"
  echo "PFM written by libvips, read by libvips: $(by_vips made.pfm)"
  echo "PFM written by libvips, read by netpbm: ${refused:-refused}"
  echo "the same without its comment: $(by_netpbm bare.pfm)"
} >seen
vips --version
cat seen
cat >expected <<'END'
PFM read by netpbm, times 1000: 125 250 375 / 500 625 750
PFM read by libvips: 0.5 0.625 0.75 / 0.125 0.25 0.375
PGM read by libvips: 125 250 375 / 500 625 750
PFM written by libvips, read by libvips: 0.125 0.25 0.375 / 0.5 0.625 0.75
PFM written by libvips, read by netpbm: refused
the same without its comment: 500 625 750 / 125 250 375
END
cmp -s seen expected
