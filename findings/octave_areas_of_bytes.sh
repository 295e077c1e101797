#!/usr/bin/env bash
# Octave's mean deviation of a picture in bytes is half of what it is, the area under a curve too small, and the Laplacian has no sign.
# Library: GNU Octave 7.3.0 (Debian 12: octave 7.3.0-2), mad, trapz, cumtrapz, del2.
# Behaviour: mean, var, std, center, zscore, skewness and kurtosis of integers are computed in doubles, and so is what these four give: a double.
# The same numbers as of double(x) were expected. Inside they subtract and add in the picture's own type, which stops at 0 and 255: mad has no
# pixel below the mean, so half of the deviation; trapz takes two neighbours that are 455 together for 255, so that a curve of
# scores in bytes, a row's profile or a histogram's area, loses what is bright; del2 has no negative curvature, and
# edges and blobs look alike. int16 and single are right. That the class is double hides it. No warning.
# Seen, 2026-12-01, of 0 100 200 255 3 7:
#   Octave 7.3.0
#   mean: double 94.167; uint8 (double) 94.167
#   std: double 111.25; uint8 (double) 111.25
#   center: double [-94.167 5.8333 105.83 160.83 -91.167 -87.167]; uint8 (double) [-94.167 5.8333 105.83 160.83 -91.167 -87.167]
#   mad: double 90.833; uint8 (double) 45.5
#   trapz: double 561.5; uint8 (double) 437.5
#   cumtrapz: double [0 50 200 427.5 556.5 561.5]; uint8 (double) [0 50 177.5 305 432.5 437.5]
#   del2: double [11.25 0 -11.25 -76.75 64 204.75]; uint8 (double) [36 25 14 0 64 128]
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs octave=7.3.0-2 libgraphicsmagick++-q16-12

cat >areas.m <<'M'
row = [0 100 200 255 3 7];
seen = strcmp(version, "7.3.0");
printf("Octave %s\n", version);
for name = {"mean", "std", "center", "mad", "trapz", "cumtrapz", "del2"}
  right = feval(name{1}, row);
  bytes = feval(name{1}, uint8(row));
  shorts = feval(name{1}, int16(row));
  differs = any(abs(bytes - right) > 0.5);
  printf("%s: double %s; uint8 (%s) %s\n", name{1}, mat2str(right, 5), class(bytes), mat2str(bytes, 5));
  seen &= differs == any(strcmp(name{1}, {"mad", "trapz", "cumtrapz", "del2"})) && all(abs(shorts - right) < 0.6) && isa(bytes, "double");
endfor
fid = fopen("seen", "w");
fputs(fid, num2str(seen));
fclose(fid);
M
export OCTAVE_HOME="$T/root/usr" LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$L/octave/7.3.0:$T/root/usr/lib"
"$T/root/usr/bin/octave-cli" --no-init-file -q areas.m 2>/dev/null || true
[ "$(cat seen)" = 1 ]
