#!/usr/bin/env bash
# Brings what campaigns found into the committed corpora: of all inputs, the smallest set that reaches every edge
# reached, at most 40 a target and none above 8 KiB, beside the seeds and the inputs of past defects.
#
#   scripts/fuzz-corpus.sh [target...]
#
# The seeds themselves: cargo run --release -p zkmargin-fuzz-targets --bin fuzz-seeds
set -euo pipefail
cd "$(dirname "$0")/.."

work=$PWD/fuzz/target/campaign
listed=$(cd fuzz/fuzz_targets && ls ./*.rs | sed 's/^..//; s/\.rs$//')
for target in ${*:-$listed}; do
    binary=$(ls "$work"/build/*/release/"$target")
    merged=$(mktemp -d)
    "$binary" -merge=1 -set_cover_merge=1 -use_counters=0 "$merged" "fuzz/corpus/$target" "$work/corpus/$target" >/dev/null 2>&1
    find "fuzz/corpus/$target" -type f ! -name 'seed-*' ! -name 'found-*' -delete
    find "$merged" -type f -size -9k | sort | head -40 | while read -r file; do
        # What was chosen of the seeds is there already.
        for own in "fuzz/corpus/$target"/*-*; do
            cmp -s "$file" "$own" && continue 2
        done
        cp "$file" "fuzz/corpus/$target/"
    done
    rm -r "$merged"
    echo "$target $(find "fuzz/corpus/$target" -type f | wc -l) files"
done
