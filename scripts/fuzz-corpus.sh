#!/usr/bin/env bash
# Brings what campaigns found into the committed corpora, beside the seeds and the inputs of past defects: of all inputs
# the forty that together reach most, chosen greedily by the edges that each adds.
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
    "$binary" -set_cover_merge=1 -use_counters=0 "$merged" "fuzz/corpus/$target" "$work/corpus/$target" >/dev/null 2>&1
    find "fuzz/corpus/$target" -type f ! -name 'seed-*' ! -name 'found-*' -delete
    # Written in the order of choice: the first reach most.
    ls -tr "$merged" | sed -n 1,40p | while read -r name; do
        file=$merged/$name
        # What was chosen of the seeds is there already.
        for own in "fuzz/corpus/$target"/*-*; do
            cmp -s "$file" "$own" && continue 2
        done
        cp "$file" "fuzz/corpus/$target/"
    done
    rm -r "$merged"
    echo "$target $(find "fuzz/corpus/$target" -type f | wc -l) files"
done
