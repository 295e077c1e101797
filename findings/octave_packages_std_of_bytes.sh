#!/usr/bin/env bash
# Octave's standard deviation of a photograph in bytes is right until the statistics package is loaded; the NaN package's kurtosis of one is -3.
# Library: Octave's packages statistics 1.5.3 (Debian 12: octave-statistics 1.5.3-2) and nan 3.7.0 (octave-nan 3.7.0-3), GNU Octave 7.3.0
# (octave 7.3.0-2).
# Behaviour: `pkg load` puts a package's functions before Octave's own of the same name. They were expected to give the same of the same
# pixels, or more digits. Octave computes std, var, center, skewness and kurtosis of integers in doubles. The statistics package
# subtracts the mean in bytes, where all that is darker than it becomes 0: the deviation is too small, by a quarter here. The NaN
# package's center, skewness and kurtosis have no pixel below the mean, either, and stop at 255 when they square; its var of
# two pixels is 255 at most, and right of six. Of doubles and singles all agree. No warning: the class is double, only the
# numbers are others.
# Seen, 2026-12-01, of uint8([100 200]) and uint8([0 100 200 255 3 7]):
#   Octave 7.3.0
#    std: double 70.71, uint8 70.71; double 111.2, uint8 111.2;
#    var: double 5000, uint8 5000; double 1.238e+04, uint8 1.238e+04;
#    skewness: double 0, uint8 0; double 0.4919, uint8 0.4919;
#    kurtosis: double 1, uint8 1; double 1.567, uint8 1.567;
#    center: double [-50 50], uint8 [-50 50]; double [-94.17 5.833 105.8 160.8 -91.17 -87.17], uint8 [-94.17 5.833 105.8 160.8 -91.17 -87.17];
#   statistics-1.5.3 std: double 70.71, uint8 50; double 111.2, uint8 86.25;
#   statistics-1.5.3 var: double 5000, uint8 2500; double 1.238e+04, uint8 7439;
#   nan-3.7.0 std: double 70.71, uint8 15.97; double 111.2, uint8 111.2;
#   nan-3.7.0 var: double 5000, uint8 255; double 1.238e+04, uint8 1.238e+04;
#   nan-3.7.0 skewness: double 0, uint8 0.0007212; double 0.449, uint8 0.0001055;
#   nan-3.7.0 kurtosis: double -2.5, uint8 -3; double -1.694, uint8 -3;
#   nan-3.7.0 center: double [-50 50], uint8 [0 50]; double [-94.17 5.833 105.8 160.8 -91.17 -87.17], uint8 [0 6 106 161 0 0];
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs octave=7.3.0-2 octave-statistics=1.5.3-2 octave-nan=3.7.0-3 libgraphicsmagick++-q16-12

cat >shadows.m <<'M'
warning("off", "all");
rows = {[100 200], [0 100 200 255 3 7]};
names = {"std", "var", "skewness", "kurtosis", "center"};
seen = strcmp(version, "7.3.0");
printf("Octave %s\n", version);
for pack = {"", "statistics-1.5.3", "nan-3.7.0"}
  if (! isempty(pack{1}))
    folders = [genpath([OCTAVE_HOME "/share/octave/packages/" pack{1}]) genpath([OCTAVE_HOME "/lib/x86_64-linux-gnu/octave/packages/" pack{1}])];
    addpath(folders);
  endif
  for name = names(1:5 - 3 * strcmp(pack{1}, "statistics-1.5.3"))
    if (! isempty(pack{1}) && isempty(strfind(which(name{1}), pack{1})))
      continue;
    endif
    printf("%s %s:", pack{1}, name{1});
    differs = false;
    for row = rows
      right = feval(name{1}, row{1});
      bytes = double(feval(name{1}, uint8(row{1})));
      differs |= any(abs(bytes - right) > 0.0005);
      printf(" double %s, uint8 %s;", mat2str(right, 4), mat2str(bytes, 4));
    endfor
    printf("\n");
    seen &= differs == ! isempty(pack{1});
  endfor
  if (! isempty(pack{1}))
    rmpath(folders);
  endif
endfor
fid = fopen("seen", "w");
fputs(fid, num2str(seen));
fclose(fid);
M
export OCTAVE_HOME="$T/root/usr" LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$L/octave/7.3.0:$T/root/usr/lib"
"$T/root/usr/bin/octave-cli" --no-init-file -q shadows.m 2>/dev/null || true
[ "$(cat seen)" = 1 ]
