# What .ci/run and tests/nightly.sh share: steps whose time is taken, and what is printed at the end.

step_rows=()

# Sets `processor` to the processor seconds of all commands so far, in tenths.
take_processor_time() {
  local file
  file=$(mktemp)
  times >"$file"
  processor=$(tr 'ms' '  ' <"$file" | awk '{ sum += 60 * $1 + $2 + 60 * $3 + $4 } END { printf "%d", 10 * sum }')
  rm "$file"
}

# step NAME COMMAND...
step() {
  local name=$1 processor before=$SECONDS processor_before
  shift
  echo
  echo "== $name ($(date +%T))"
  take_processor_time
  processor_before=$processor
  step_running=$name
  "$@"
  step_running=
  take_processor_time
  row "$name" "$((SECONDS - before))" "$((processor - processor_before))"
}

# side_by_side FUNCTION...: all at once, each with its output in one piece.
side_by_side() {
  local name folder failed=0
  folder=$(mktemp -d)
  for name in "$@"; do
    (
      before=$SECONDS
      trap 'echo "== $name: $((SECONDS - before)) s"' EXIT
      "$name"
    ) >"$folder/$name" 2>&1 &
    echo $! >"$folder/$name.process"
  done
  for name in "$@"; do
    wait "$(cat "$folder/$name.process")" || { failed=1; echo "== $name: FAILED"; }
    cat "$folder/$name"
  done
  rm -r "$folder"
  return "$failed"
}

row() {
  step_rows+=("$(printf '%-28s %6d s %6d.%d s' "$1" "$2" "$(($3 / 10))" "$(($3 % 10))")")
  echo "== $1: $2 s, of processors $(($3 / 10)) s"
}

print_steps() {
  local code=$?
  printf '\n%-28s %8s %10s\n' step time processors
  [ ${#step_rows[@]} -eq 0 ] || printf '%s\n' "${step_rows[@]}"
  [ $code -eq 0 ] || echo "${step_running:-$0}: FAILED"
  printf '%-28s %6d s\n' total "$SECONDS"
}
trap print_steps EXIT

# The closing lines of the tests' runners, from ctest's log and from files.
closing_lines() {
  local log
  for log in "$@"; do
    grep -hE '^\[  (PASSED|FAILED)  \] [0-9]+ test|tests passed, [0-9]+ tests failed' "$log"
  done
}

# holds_cuda_code LIBRARY CODE...
holds_cuda_code() {
  local library=$1 code
  shift
  for code in nv_fatbin "$@"; do
    grep -aq "$code" "$library" || { echo "$library holds no $code" >&2; return 1; }
  done
}

has_nvcc() { command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ]; }
