#!/usr/bin/env bash
# gnuplot's statistics of a map with NaNs name the wrong pixel for its peak: each NaN before it moves the place by one.
# Library: gnuplot 5.4.4 (Debian 12: gnuplot-nox 5.4.4+dfsg1-2+b2), stats ... matrix.
# Behaviour: stats of a matrix is documented to give its size and the column and row of minimum and maximum (STATS_index_min_x, _y,
# STATS_index_max_x, _y). Undefined pixels, as of a correlation over constant activations or outside a mask, were expected to be left
# out, and the others to stay where they are. The NaNs are taken away first, and places are then counted through what is left: all
# that is behind a NaN is too far left, or at the end of the row above, and the size is too small. The peak's value is right. A warning
# says that there are undefined values, not what becomes of the places. Without a NaN it is right.
# Seen, 2026-12-01, a map of 6 columns and 5 rows, 9 at column 4, row 3, and -9 at column 1, row 4:
#   gnuplot 5.4 patchlevel 4
#   0 NaN: 6 x 5, maximum 9 at column 4, row 3, minimum -9 at column 1, row 4
#   1 NaN: 6 x 4, maximum 9 at column 3, row 3, minimum -9 at column 0, row 4
#   4 NaN: 6 x 4, maximum 9 at column 0, row 3, minimum -9 at column 3, row 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs gnuplot-nox=5.4.4+dfsg1-2+b2

map() {  # its second row's first $1 pixels are NaN
  awk -v missing="$1" 'BEGIN { for (y = 0; y < 5; ++y) for (x = 0; x < 6; ++x)
    printf "%s%s", y == 1 && x < missing ? "NaN" : x == 4 && y == 3 ? 9 : x == 1 && y == 4 ? -9 : (x + y) / 10, x < 5 ? " " : "\n" }'
}
GNUPLOT=$T/root/usr/bin/gnuplot-nox
"$GNUPLOT" --version
for missing in 0 1 4; do
  map $missing >map.txt
  echo "set print '-'; stats 'map.txt' matrix nooutput; print sprintf('$missing NaN: %d x %d, maximum %g at column %d, row %d, minimum %g at column %d, row %d',
    STATS_size_x, STATS_size_y, STATS_max, STATS_index_max_x, STATS_index_max_y, STATS_min, STATS_index_min_x, STATS_index_min_y)" | tr -d '\n' >stats.gp
  "$GNUPLOT" stats.gp 2>/dev/null
done | tee seen
cat >expected <<'EOF'
0 NaN: 6 x 5, maximum 9 at column 4, row 3, minimum -9 at column 1, row 4
1 NaN: 6 x 4, maximum 9 at column 3, row 3, minimum -9 at column 0, row 4
4 NaN: 6 x 4, maximum 9 at column 0, row 3, minimum -9 at column 3, row 3
EOF
cmp expected seen
