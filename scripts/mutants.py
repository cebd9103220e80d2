#!/usr/bin/env python3
"""Draws a stratified sample of mutants and scores a run.

    mutants.py draw SEED [--all] < list           one mutant a line, the strata's files in order
    mutants.py score population.txt outcomes.json...   table, score, 95% interval, survivors

A mutant's place in its file's order is the SHA-256 of "SEED mutant", so that a larger sample
contains the smaller one.
"""

import collections
import hashlib
import json
import math
import sys

# Share of each file's mutants, first match wins; at least FLOOR of each file.
RATES = [
    ("verifier/src/verify.rs", 1.0),
    ("verifier/src/proof.rs", 1.0),
    ("verifier/", 0.2),
    ("circuits/src/circuit/", 0.12),
    ("circuits/src/poseidon/", 0.12),
    ("", 0.08),
]
FLOOR = 4


def strata(names):
    files = collections.OrderedDict()
    for name in names:
        files.setdefault(name.split(":", 1)[0], []).append(name)
    return files


def draw(seed, names, whole):
    for file, mutants in strata(names).items():
        rate = next(rate for prefix, rate in RATES if file.startswith(prefix))
        count = len(mutants) if whole else max(FLOOR, math.ceil(rate * len(mutants)))
        place = lambda m: hashlib.sha256(f"{seed} {m}".encode()).digest()
        yield from sorted(mutants, key=place)[:count]


def score(population, outcomes):
    results = {}
    for path in outcomes:
        with open(path) as file:
            for outcome in json.load(file)["outcomes"]:
                if isinstance(outcome["scenario"], dict):
                    # A later run of the same mutant, with more tests, replaces the earlier.
                    results[outcome["scenario"]["Mutant"]["name"]] = outcome["summary"]
    kinds = ["CaughtMutant", "Timeout", "Unviable", "MissedMutant"]
    print("| file | population | tried | caught | timed out | unviable | missed |")
    print("|---|---|---|---|---|---|---|")
    total = collections.Counter()
    estimate, variance, weight = 0.0, 0.0, 0.0
    for file, mutants in strata(population).items():
        seen = collections.Counter(results[m] for m in mutants if m in results)
        row = [len(mutants), sum(seen.values())] + [seen[kind] for kind in kinds]
        print(f"| {file} | " + " | ".join(map(str, row)) + " |")
        total.update(dict(enumerate(row)))
        found, missed = seen["CaughtMutant"] + seen["Timeout"], seen["MissedMutant"]
        viable = found + missed
        if viable:
            # Unviable mutants are out of the population in proportion.
            size = len(mutants) * viable / sum(seen.values())
            estimate += size * found / viable
            weight += size
            # Laplace's share: a file without survivors is not certain.
            p = (found + 1) / (viable + 2)
            variance += size * size * (1 - viable / size) * p * (1 - p) / viable
    print("| **all** | " + " | ".join(str(total[i]) for i in range(6)) + " |")
    tried = total[2] + total[3] + total[5]
    print(f"\nviable {tried}, found {total[2] + total[3]}: {(total[2] + total[3]) / tried:.1%}")
    half = 1.96 * math.sqrt(variance) / weight
    print(f"estimate for the population {estimate / weight:.1%} +- {half:.1%}")
    print("\nmissed:")
    for name in sorted(n for n, s in results.items() if s == "MissedMutant"):
        print(name)


if sys.argv[1] == "draw":
    listed = sys.stdin.read().splitlines()
    print("\n".join(draw(sys.argv[2], listed, "--all" in sys.argv)))
else:
    with open(sys.argv[2]) as names:
        score(names.read().splitlines(), sys.argv[3:])
