#!/usr/bin/env bash
# FlatBuffers' JSON has six digits after the point, whatever the number: a scale of 2e-7 becomes 0.0.
# Library: FlatBuffers 2.0.8 (Debian 12: flatbuffers-compiler, libflatbuffers-dev 2.0.8+dfsg1-2), flatc --json and --binary.
# Behaviour: flatc converts between binary files and JSON in both directions, which is the way to look into a TensorFlow Lite model, and to
# change it. Numbers were expected to come back, or nearly: 9 digits name a float, 17 a double. Floats are printed with six digits
# after the point and doubles with twelve, zeros dropped: what is large has digits enough, what is small has none. The scales of
# quantised biases (a weight's times an activation's, 1e-5 and less), an epsilon of 1e-7 and small weights are 0.0 or have one digit; in the model
# that is made of the JSON every such bias is 0. No warning, no setting for it.
# Seen, 2026-12-01, in the file, in its JSON, and in the file that is made of the JSON:
#   flatc version 2.0.8
#   binary: 0.0123456791 3.34559991e-05 1.45670003e-06 2.00000002e-07 1.00000001e-10 123456.789 9.9999999999999995e-08 1e-13
#   JSON: {"scale":[0.012346,0.000033,0.000001,0.0,0.0,123456.789062],"epsilon":[0.0000001,0.0]}
#   binary of the JSON: 0.0123460004 3.30000003e-05 9.99999997e-07 0 0 123456.789 9.9999999999999995e-08 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs flatbuffers-compiler=2.0.8+dfsg1-2 libflatbuffers-dev=2.0.8+dfsg1-2
FLATC=$T/root/usr/bin/flatc

cat >model.fbs <<'EOF'
table Quantization { scale:[float]; epsilon:[double]; }
root_type Quantization;
EOF
echo '{"scale": [0.0123456789, 3.3456e-5, 1.4567e-6, 2e-7, 1e-10, 123456.789], "epsilon": [1e-7, 1e-13]}' >model.json
cat >show.cpp <<'EOF'
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include "model_generated.h"

int main(int, char** files) {
  std::ifstream file(files[1], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Quantization* model = GetQuantization(bytes.data());
  for (const float scale : *model->scale()) printf("%.9g ", double(scale));
  for (const double epsilon : *model->epsilon()) printf("%.17g ", epsilon);
}
EOF
"$FLATC" --version
"$FLATC" --cpp model.fbs
g++ -std=c++17 -O1 -I"$T/root/usr/include" -I. show.cpp -o show
"$FLATC" --binary model.fbs model.json
mkdir text again
"$FLATC" --json --raw-binary --strict-json -o text model.fbs -- model.bin
"$FLATC" --binary -o again model.fbs text/model.json
first=$(./show model.bin) json=$(tr -d ' \n' <text/model.json) second=$(./show again/model.bin)
printf 'binary: %s\nJSON: %s\nbinary of the JSON: %s\n' "$first" "$json" "$second"
[ "$first" = "0.0123456791 3.34559991e-05 1.45670003e-06 2.00000002e-07 1.00000001e-10 123456.789 9.9999999999999995e-08 1e-13 " ]
[ "$json" = '{"scale":[0.012346,0.000033,0.000001,0.0,0.0,123456.789062],"epsilon":[0.0000001,0.0]}' ]
[ "$second" = "0.0123460004 3.30000003e-05 9.99999997e-07 0 0 123456.789 9.9999999999999995e-08 0 " ]
