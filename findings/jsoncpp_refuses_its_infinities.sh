#!/usr/bin/env bash
# JsonCpp writes an infinity so that it can't read the file again: one overflowed score, and the whole tree is refused.
# Library: JsonCpp 1.9.5 (Debian 12: libjsoncpp25, libjsoncpp-dev 1.9.5-4), StreamWriterBuilder, FastWriter and CharReaderBuilder as they are.
# Behaviour: what the writer writes without an error was expected to be read by the reader beside it. JSON has no infinity. NaN is
# written as null. Infinity is written as 1e+9999, which JSON's grammar allows, so that a reader may have infinity of it. JsonCpp's own
# reader says "'1e+9999' is not a number" and gives nothing of the file, of which the other numbers are as they should be. The
# loss is noticed when the file is needed. The reader takes other numbers that don't fit: 1e-400 is 0. What helps: to look for
# infinities before writing, or useSpecialFloats and allowSpecialFloats on both sides (Infinity, which isn't JSON).
# Seen, 2026-12-01, a node with a score, written and read:
#   JsonCpp 1.9.5
#   {"neuron":7,"score":0.5}: read, score 0.5
#   {"neuron":7,"score":null}: read, score null
#   {"neuron":7,"score":1.0000000000000001e+300}: read, score 1.0000000000000001e+300
#   {"neuron":7,"score":Infinity}: read, score 1e+9999
#   {"neuron":7,"score":-Infinity}: read, score -1e+9999
#   {"neuron":7,"score":1e+9999}: refused, '1e+9999' is not a number.
#   {"neuron":7,"score":-1e+9999}: refused, '-1e+9999' is not a number.
#   [1e-400]: read, 0
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
debs libjsoncpp-dev=1.9.5-4

cat >scores.cpp <<'EOF'
#include <json/json.h>
#include <cmath>
#include <iostream>
#include <sstream>

/// Writes a node with this score and reads it again; whether the reader took it.
bool again(double score, bool special) {
  Json::Value node, read;
  node["neuron"] = 7;
  node["score"] = score;
  Json::StreamWriterBuilder writer;
  writer["indentation"] = "";
  writer["useSpecialFloats"] = special;
  Json::CharReaderBuilder reader;
  reader["allowSpecialFloats"] = special;
  const std::string text = Json::writeString(writer, node);
  std::istringstream stream(text);
  std::string error;
  const bool taken = Json::parseFromStream(reader, stream, &read, &error);
  std::cout << text << (taken ? ": read, score " + read["score"].toStyledString() : ": refused, " + error.substr(error.find('\'')));
  return taken && read["neuron"].asInt() == 7;
}

int main() {
  std::cout << "JsonCpp " << JSONCPP_VERSION_STRING << "\n";
  const bool right = again(0.5, false) && again(NAN, false) && again(1e300, false) && again(INFINITY, true) && again(-INFINITY, true);
  const bool infinite = again(INFINITY, false), negative = again(-INFINITY, false);
  Json::Value read;
  std::istringstream small("[1e-400]");
  std::string error;
  const bool underflow = Json::parseFromStream(Json::CharReaderBuilder(), small, &read, &error) && read[0].asDouble() == 0;
  std::cout << "[1e-400]: " << (underflow ? "read, 0\n" : "another thing\n");
  return right && underflow && !infinite && !negative ? 0 : 1;
}
EOF
g++ -std=c++17 -O1 -w -I"$T/root/usr/include/jsoncpp" -L"$L" scores.cpp -ljsoncpp -o scores
./scores
