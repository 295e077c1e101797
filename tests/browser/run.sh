#!/usr/bin/env bash
# Installs what the browser tests need and runs them on a build that is there: run.sh [FILE.test.mjs ...].
set -euo pipefail
cd "$(dirname "$0")"
for file in "$@"; do
  [[ $file == *.test.mjs ]] || { echo "usage: run.sh [FILE.test.mjs...]" >&2; exit 2; }
done

root=$(cd ../.. && pwd)
export HDECOMP_BUILD="${HDECOMP_BUILD:-$root/build}"
"$root/tools/setup.sh" browser
place=$HDECOMP_BUILD/browser
mkdir -p "$place"
if ! cmp -s package.json "$place/package.json" || [ ! -d "$place/node_modules" ]; then
  cp package.json "$place/"
  npm install --prefix "$place" --no-audit --no-fund --silent
fi
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(*.test.mjs)
# What waits for ever fails: all of them take two to four minutes.
exec timeout 20m node --test --test-concurrency=1 "${tests[@]}"
