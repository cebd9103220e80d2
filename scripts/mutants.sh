#!/usr/bin/env bash
# Mutation score of chips, statement, engine, public table and verifier: see
# docs/campaigns/mutants.md. Needs cargo-mutants and python3. Works on a copy of HEAD.
#
#   scripts/mutants.sh [--all] [--seed N] [--only REGEX] [--keep]
#
#   --all    the whole population instead of the seeded sample
#   --only   only mutants whose name matches (a Python regular expression)
#   --keep   add to the results of an earlier run instead of starting afresh
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD seed=2025 whole= only=. keep=
while [ $# -gt 0 ]; do
    case $1 in
    --all) whole=--all ;;
    --seed) seed=$2 && shift ;;
    --only) only=$2 && shift ;;
    --keep) keep=1 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
out=${MUTANTS_OUT:-$CARGO_TARGET_DIR/mutation}
[ "$keep" ] || rm -rf "$out"
mkdir -p "$out"

# In place, in a copy: dependencies stay built, builds are incremental.
tree=$out/tree
rm -rf "$tree" && mkdir "$tree"
git archive HEAD | tar -x -C "$tree"
cd "$tree"

# Stop at the first failing test; unstable in libtest, hence the variable, for tests alone.
host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
export "CARGO_TARGET_${host}_RUNNER=env RUSTC_BOOTSTRAP=1"
fast=(-Z unstable-options --fail-fast)
# A mutant that allocates without end.
ulimit -v 12000000

cargo mutants --workspace --list >"$out/population.txt"
python3 "$root/scripts/mutants.py" draw "$seed" $whole <"$out/population.txt" |
    grep -P "$only" >"$out/sample.txt" || true

# group NAME FILTER ARGS...: the sample's mutants that match FILTER, with these tests.
group() {
    local name=$1 filter=$2 select=()
    shift 2
    while IFS= read -r mutant; do
        select+=(-F "^$(printf %s "$mutant" | sed 's/[][\.*^$+?(){}|/-]/\\&/g')\$")
    done < <(grep -P "$filter" "$out/sample.txt")
    [ ${#select[@]} -gt 0 ] || return 0
    # Exit codes 2 and 3: some were missed or timed out.
    cargo mutants --workspace --in-place --baseline skip --timeout 240 --build-timeout 600 \
        --output "$out/$name" "${select[@]}" "$@" || [ $? -le 3 ]
}

# Circuits: the unit tests, which hold the adversarial ones; what they miss, all tests.
group circuits '^circuits/src/(circuit|poseidon)/' -C --lib -- -- "${fast[@]}"
group engine '^circuits/src/(?!circuit/|poseidon/)' -C --lib -- -- "${fast[@]}"
