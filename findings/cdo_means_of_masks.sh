#!/usr/bin/env bash
# CDO's mean of a mask in bytes is 0 or 1: three quarters and a half of the map are all of it, a third of the time is none.
# Library: Climate Data Operators 2.1.1 (Debian 12: cdo 2.1.1-1+deb12u1), fldmean and timmean; the files are written by ncgen of netCDF 4.9.0
# (netcdf-bin 1:4.9.0-3+b1).
# Behaviour: fldmean and timmean are documented as means over a field and over time. Of a mask of 0 and 1 that is the share of ones, and of
# pixels in bytes a number between them. CDO computes it and stores it in the type of the input, with its scale, rounded: shares of 0.75
# and 0.5 are 1, and what agrees in one map of three is 0. Of pixels in bytes 202.25 is 202 and 1.5 is 1; of shorts with a
# scale of 0.01 the mean of 0.01 and 0.02 is 0.01, so that a mean over ten thousand cells has no more digits than one cell. Without a
# word; sums that don't fit stop with an error. The same map in floats is right. What helps: cdo -b F32.
# Seen, 2026-12-01, maps of 2 x 2, at three times; packed numbers as they are stored, in hundredths:
#   mask, fldmean: 1, 1, 0
#   mask, fldmean_F32: 0.75, 0.5, 0
#   mask, timmean: 1, 1, 0, 0
#   mask, timmean_F32: 0.6666667, 0.6666667, 0.3333333, 0
#   pixels, fldmean: 202, 1, 1
#   pixels, fldmean_F32: 202.25, 1.5, 0.75
#   pixels, timmean: 67, 34, 85, 86
#   pixels, timmean_F32: 67, 34, 85.33334, 86.33334
#   packed, fldmean: 1, 1, 1
#   packed, fldmean_F32: 0.015, 0.015, 0.0125
#   packed, timmean: 1, 1, 1, 2
#   packed, timmean_F32: 0.01, 0.01333333, 0.01333333, 0.02
#   floats, fldmean: 0.75, 0.5, 0
#   floats, fldmean_F32: 0.75, 0.5, 0
#   floats, timmean: 0.6666667, 0.6666667, 0.3333333, 0
#   floats, timmean_F32: 0.6666667, 0.6666667, 0.3333333, 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs cdo=2.1.1-1+deb12u1 netcdf-bin=1:4.9.0-3+b1
export PATH="$T/root/usr/bin:$PATH"

cat >maps.cdl <<'CDL'
netcdf maps {
dimensions: time = 3; lat = 2; lon = 2;
variables:
  double time(time); time:units = "days since 2000-01-01";
  double lat(lat); lat:units = "degrees_north";
  double lon(lon); lon:units = "degrees_east";
  ubyte mask(time, lat, lon);
  ubyte pixels(time, lat, lon);
  short packed(time, lat, lon); packed:scale_factor = 0.01;
  float floats(time, lat, lon);
data:
  time = 0, 1, 2; lat = -0.1, 0.1; lon = 0, 0.1;
  mask = 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0;
  pixels = 200, 100, 255, 254, 1, 2, 1, 2, 0, 0, 0, 3;
  packed = 1, 1, 2, 2, 1, 2, 1, 2, 1, 1, 1, 2;
  floats = 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0;
}
CDL
ncgen -4 -o maps.nc maps.cdl
cdo -s -fldmean maps.nc fldmean.nc 2>/dev/null
cdo -s -timmean maps.nc timmean.nc 2>/dev/null
cdo -s -b F32 -fldmean maps.nc fldmean_F32.nc 2>/dev/null
cdo -s -b F32 -timmean maps.nc timmean_F32.nc 2>/dev/null
for name in mask pixels packed floats; do
  for file in fldmean fldmean_F32 timmean timmean_F32; do
    echo "$name, $file: $(ncdump -v $name $file.nc | sed -n "/^ $name =/,/;/p" | tr -d '\n;' | sed "s/ $name = *//" | tr -s ' ' | sed 's/ $//')"
  done
done | tee seen
cat >expected <<'END'
mask, fldmean: 1, 1, 0
mask, fldmean_F32: 0.75, 0.5, 0
mask, timmean: 1, 1, 0, 0
mask, timmean_F32: 0.6666667, 0.6666667, 0.3333333, 0
pixels, fldmean: 202, 1, 1
pixels, fldmean_F32: 202.25, 1.5, 0.75
pixels, timmean: 67, 34, 85, 86
pixels, timmean_F32: 67, 34, 85.33334, 86.33334
packed, fldmean: 1, 1, 1
packed, fldmean_F32: 0.015, 0.015, 0.0125
packed, timmean: 1, 1, 1, 2
packed, timmean_F32: 0.01, 0.01333333, 0.01333333, 0.02
floats, fldmean: 0.75, 0.5, 0
floats, fldmean_F32: 0.75, 0.5, 0
floats, timmean: 0.6666667, 0.6666667, 0.3333333, 0
floats, timmean_F32: 0.6666667, 0.6666667, 0.3333333, 0
END
cmp -s seen expected
