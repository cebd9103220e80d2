#!/usr/bin/env bash
# Runs fuzz targets and writes what they did into docs/campaigns/fuzz.md.
#
#   scripts/fuzz.sh                      every target, 1,000,000 executions each
#   scripts/fuzz.sh 20000 ptau verify    these targets, so many executions
#
# Needs the nightly toolchain and cargo-fuzz (cargo install cargo-fuzz). What a run finds beyond the committed corpus
# stays in fuzz/target/campaign; scripts/fuzz-corpus.sh brings it into the corpus. Ends with 1 if a target failed.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-1000000}
shift || true
seed=20261120
report=docs/campaigns/fuzz.md
work=$PWD/fuzz/target/campaign
listed=$(cd fuzz/fuzz_targets && ls ./*.rs | sed 's/^..//; s/\.rs$//')

# -O leaves debug assertions and overflow checks to the profile of fuzz/Cargo.toml. Tracing comparisons would cost the
# arithmetic more than it finds: dictionaries tell the text targets the words that count.
build() {
    cargo +nightly fuzz build -O --sanitizer none --no-trace-compares --target-dir "$work/build" "$1" >&2
    echo "$work/build/$(rustc +nightly -vV | sed -n 's/^host: //p')/release/$1"
}

options() {
    case $1 in
        # Lists of edits: no reader of them looks further.
        params | proving_key | verify | verify_file | verifying_key) echo -max_len=600 ;;
        account | context | policy | proof_file | snapshot) echo -dict=fuzz/dicts/model.dict ;;
        deribit | text) echo "-dict=fuzz/dicts/$1.dict" ;;
    esac
}

failed=0
for target in ${*:-$listed}; do
    binary=$(build "$target")
    corpus=$work/corpus/$target artifacts=$PWD/fuzz/artifacts/$target log=$work/$target.log
    mkdir -p "$corpus" "$artifacts"
    start=$(date +%s)
    # shellcheck disable=SC2046
    "$binary" "$corpus" "fuzz/corpus/$target" -runs="$runs" -seed=$seed -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$artifacts/" $(options "$target") >"$log" 2>&1 || failed=1
    seconds=$(($(date +%s) - start))
    stat() { sed -n "s/^stat::$1: *//p" "$log" | tail -1; }
    edges() { sed -n "s/.*$1 *cov: \([0-9]*\).*/\1/p" "$log" | tail -1; }
    count() { find "$artifacts" -name "$1" -newermt "@$start" | wc -l; }
    executions=$(stat number_of_executed_units)
    first=$(edges INITED) last=$(edges DONE)
    row="| $target | $executions | $seconds | $((executions / (seconds + (seconds == 0)))) | $(stat slowest_unit_time_sec) \
| $(stat peak_rss_mb) | $(count 'crash-*') | $(count 'timeout-*') | $(count 'oom-*') | ${last:-$first} | $((${last:-$first} - first)) | $(date -u +%F) |"
    if ! grep -q "^| $target | [0-9]" "$report"; then
        echo "$report has no row for $target" >&2
        exit 1
    fi
    # One writer at a time: two campaigns may run side by side.
    flock "$report" sed -i "s#^| $target | [0-9].*#$row#" "$report"
    echo "$row"
done
exit $failed
