#!/usr/bin/env bash
# Runs c_api_test beside files that the command makes: run.sh COMMAND TEST SOURCE [ROUNDS].
set -euo pipefail
[[ $# -ge 3 && $1 != -* ]] || { echo "usage: run.sh COMMAND TEST SOURCE [ROUNDS]" >&2; exit 2; }
command=$1 test=$2 source=$3
shift 3
model=$source/weights/bundled/vgg16_bn-caltech101-slim.h5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A folder of two photographs, of 8 x 8 pixels and a large one, and of what is none; what the small one's pixels show.
mkdir -p "$scratch"/{photos/{faces_easy,cup},regions/cup,told}
cp "$source/tools/photos/portrait.jpg" "$scratch/photos/faces_easy/"
echo "no photograph" >"$scratch/photos/bad.jpg"
{
  printf 'P5 8 8 255\n'
  for ((i = 0; i < 64; ++i)); do printf "\\x$(printf %x $((64 + i * i % 150)))"; done
} >"$scratch/photos/cup/small.pgm"
base64 -d >"$scratch/regions/cup/small.png" <<<"iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAE0lEQVR42mNghAIGPAwmKMDDAAALiABhqtRSnAAAAABJRU5ErkJggg=="
printf 'sky\nground\n' >"$scratch/names.txt"
# One whose EXIF tag says that the camera was on its side.
mkdir "$scratch/turned"
{
  head -c 2 "$source/tools/photos/portrait.jpg"
  printf '\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'
  tail -c +3 "$source/tools/photos/portrait.jpg"
} >"$scratch/turned/turned.jpg"

say() { "$command" "$@" --model "$model" --device cpu >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }; }
tell() { say "$2" "$scratch/photos" -o "$scratch/told/$1.h5" "${@:3}"; }
"$command" init --arch squeezenet1_1 --seed 3 --classes 7 --input-size 64 -o "$scratch/told/init.h5" >/dev/null
tell pcc pcc --fill zero
tell class-graph class-graph --depth 2 --output-dir "$scratch/told/graphs"
tell attack attack --steps 2 --eps 0.01
tell pixels what-ifs --controls 2 --fill blur --region field --at conv5_3:70
tell channels what-ifs --controls 2 --off top --seed 3
tell randomise randomise --methods gradient,gap --by block --top 1,2 --draw torch
tell compare-models compare-models --methods gradient --other "$model"
tell means means
tell patches patches --layers conv5_3 --by contribution --top 2
tell concepts concepts --layers conv5_3 --regions "$scratch/regions" --region-names "$scratch/names.txt" --min-iou 0
tell context context --regions "$scratch/regions" --region-names "$scratch/names.txt" --depth 1 --html
for photo in "$source"/tools/photos/*.jpg; do echo "$photo faces_easy"; done >"$scratch/list.txt"
say patches --list "$scratch/list.txt" -o "$scratch/patches.h5"
say concepts --patches "$scratch/patches.h5" -o "$scratch/names.h5"

say explain "$source/tools/photos/portrait.jpg" --top 2 --pictures all --colours dusk --svg --pdf --html --maps h5 \
  --output-dir "$scratch/told/tree"
say explain "$source/tools/photos/portrait.jpg" --top 2 --depth 2 --signed --html --no-pictures --output-dir "$scratch/told/signed"
# One of its photographs is none: it ends with 2.
(say explain "$scratch/photos" --top 2 --depth 2 --html --output-dir "$scratch/told/photos") >/dev/null || true
say means "$scratch/turned" --exif -o "$scratch/told/turned.h5"
say pcc "$scratch/turned" --exif -o "$scratch/told/turned-pcc.h5"
for end in png npy; do
  say saliency "$source/tools/photos/portrait.jpg" --method grad-cam -o "$scratch/told/map.$end"
done

# It ends without a word.
"$test" "$model" "$source/tools/photos/portrait.jpg" "$scratch" "$@" 2>"$scratch/log" && ! [ -s "$scratch/log" ] ||
  { cat "$scratch/log" >&2; exit 1; }
