#!/usr/bin/env bash
# Mutation score of chips, statement, engine, public table and verifier: see
# docs/campaigns/mutants.md. Needs cargo-mutants and python3. Works on a copy of HEAD.
#
#   scripts/mutants.sh [--all] [--seed N] [--only REGEX]
#
#   --all    the whole population instead of the seeded sample
#   --only   only mutants whose name matches (a Perl regular expression)
set -euo pipefail
{ # Read whole before it starts.
cd "$(dirname "$0")/.."
root=$PWD seed=2025 whole= only=.
while [ $# -gt 0 ]; do
    case $1 in
    --all) whole=--all ;;
    --seed) seed=$2 && shift ;;
    --only) only=$2 && shift ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
out=${MUTANTS_OUT:-$CARGO_TARGET_DIR/mutation}
rm -rf "$out" && mkdir -p "$out"

# In place, in a copy: dependencies stay built, builds are incremental.
tree=$out/tree
mkdir "$tree"
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

# group NAME LIST ARGS...: the mutants in LIST, with these tests.
group() {
    local name=$1 list=$2 select=()
    shift 2
    while IFS= read -r mutant; do
        select+=(-F "^$(printf %s "$mutant" | sed 's/[][\.*^$+?(){}|/-]/\\&/g')\$")
    done <"$list"
    [ ${#select[@]} -gt 0 ] || return 0
    # Exit codes 2 and 3: some were missed or timed out. Anything else ends the campaign.
    cargo mutants --workspace --in-place --baseline skip --timeout 900 --build-timeout 3600 \
        --output "$out/$name" "${select[@]}" "$@" || [[ $? == [23] ]]
}
of() { grep -P "$1" "$out/sample.txt" >"$out/$2.txt" || true; }

missed() {
    local list=$1
    shift
    for group; do cat "$out/$group/mutants.out/missed.txt" 2>/dev/null || true; done >"$out/$list.txt"
}

# Circuits: the unit tests, which hold the malicious provers; what they miss meets the tests on
# samples, goldens and references; what these miss, the verifier's tests, which pin keys and
# verify proofs. The verifier's two slowest tests come last.
of '^circuits/src/(circuit|poseidon)/' 1-chips
of '^verifier/' 2-verifier
of '^circuits/src/(?!circuit/|poseidon/)' 3-engine
group 1-chips "$out/1-chips.txt" -C --lib -- -- "${fast[@]}"
group 2-verifier "$out/2-verifier.txt" -C --tests -- -- "${fast[@]}" \
    --skip another_verifier_refuses_another_instance --skip every_byte_flipped_is_noticed
group 3-engine "$out/3-engine.txt" -C --lib -- -- "${fast[@]}"
missed 4-circuits 1-chips 3-engine
group 4-circuits "$out/4-circuits.txt" -C --tests -- -- "${fast[@]}"
missed 5-rest 2-verifier 4-circuits
group 5-rest "$out/5-rest.txt" --test-package zkmargin-verifier -C --tests -- -- "${fast[@]}"

python3 "$root/scripts/mutants.py" score "$out/population.txt" "$out"/[1-5]-*/mutants.out/outcomes.json
exit
}
