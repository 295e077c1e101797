#!/usr/bin/env bash
# netcdfjs gives more pixels than a mask has, and each of them in an array of its own, so that no pixel is false.
# Library: netcdfjs 4.0.0 (npm); the file is written, and read back rightly, by netCDF4 1.6.2 (Debian 12: python3-netcdf4
# 1.6.2-1+b1).
# Behaviour: getDataVariable is documented to "retrieve the data for a given variable". In classic netCDF a variable takes a
# multiple of 4 bytes of the file, the last of which may be nothing, and its bytes are signed. netcdfjs counts numbers by the bytes
# that are taken, so that of bytes and shorts up to three come after the last pixel: a mask of 7 x 7 has 52, and a variable with a
# record for each image has such a number in every record. Each byte is an array of one number, which is true in JavaScript also
# if the number is 0, and -1 is 255. float and int are right.
# Seen, 2026-12-01, numbers of 3 x 3:
#   mask (byte): 12 numbers, [1] [0] [0] [0] [1] [0] [0] [0] [1] [129] [129] [129]; true for 12, right for 3
#   relevance (byte): 12 numbers, [252] [253] [254] [255] [0] [1] [2] [3] [4] [129] [129] [129]
#   depth (short): 10 numbers, -400 -300 -200 -100 0 100 200 300 400 -32767
#   heat (float): 9 numbers, 0 0.125 0.25 0.375 0.5 0.625 0.75 0.875 1
#   records (short): 2 numbers, 1,2,3,4 4,5,6,0; of each the fourth is what lies in the gap
#   netCDF4: mask 9, relevance 9 from -4 to 4, depth 9, heat 9, records 2 of 3
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs python3-netcdf4=1.6.2-1+b1
npm i --ignore-scripts --silent --no-audit --no-fund netcdfjs@4.0.0

cat >maps.py <<'END'
import netCDF4
import numpy as np

with netCDF4.Dataset("maps.nc", "w", format="NETCDF3_CLASSIC") as file:
    for name, size in (("image", None), ("y", 3), ("x", 3)):
        file.createDimension(name, size)
    counts = np.arange(9).reshape(3, 3)
    for name, kind, values in (("mask", "i1", np.eye(3)), ("relevance", "i1", counts - 4), ("depth", "i2", counts * 100 - 400), ("heat", "f4", counts / 8)):
        file.createVariable(name, kind, ("y", "x"))[:] = values
    file.createVariable("records", "i2", ("image", "x"))[:] = [[1, 2, 3], [4, 5, 6]]
    file.createVariable("scores", "f4", ("image",))[:] = [0.5, 0.25]
with netCDF4.Dataset("maps.nc") as file:
    v = {name: variable[:] for name, variable in file.variables.items()}
    print(f"netCDF4: mask {v['mask'].size}, relevance {v['relevance'].size} from {v['relevance'].min()} to {v['relevance'].max()},",
          f"depth {v['depth'].size}, heat {v['heat'].size}, records {len(v['records'])} of {v['records'][0].size}")
END
cat >read.mjs <<'END'
import fs from 'fs';
import {NetCDFReader} from 'netcdfjs';
const file = new NetCDFReader(fs.readFileSync('maps.nc'));
const data = {};
for (const name of ['mask', 'relevance', 'depth', 'heat', 'records']) {
  const numbers = data[name] = file.getDataVariable(name), kind = file.variables.find((v) => v.name === name).type;
  const shown = numbers.map((n) => (kind === 'byte' ? JSON.stringify(n) : String(n))).join(' ');
  const truth = name === 'mask' ? `; true for ${numbers.filter(Boolean).length}, right for 3` : '';
  console.log(`${name} (${kind}): ${numbers.length} numbers, ${shown}${truth}`);
}
const seen = data.mask.length === 12 && data.mask.filter(Boolean).length === 12 && data.relevance[3][0] === 255 && data.depth.length === 10 &&
    data.depth[8] === 400 && data.heat.length === 9 && data.heat[8] === 1 && data.records[1].length === 4 && data.records[1][2] === 6;
process.exit(seen ? 0 : 1);
END
"$T/root/usr/bin/python3.11" -E -s maps.py >right
node read.mjs
cat right
grep -q "from -4 to 4, depth 9, heat 9, records 2 of 3" right
