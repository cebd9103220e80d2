#!/usr/bin/env python3
"""Draws a stratified sample of mutants and scores a run.

    mutants.py draw SEED [--all] < list           one mutant a line, the strata's files in order
    mutants.py score population.txt outcomes.json...   table, score with its 95% bound, survivors

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
GROUPS = {
    "chips and statement": ("circuits/src/circuit/", "circuits/src/poseidon/"),
    "verifier": ("verifier/",),
    "engine and public table": ("circuits/",),
}


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


def at_least(found, viable):
    """One-sided 95% lower bound of the share found (Clopper-Pearson)."""
    if not found:
        return 0.0
    low, high = 0.0, found / viable
    for _ in range(60):
        p = (low + high) / 2
        tail = sum(
            math.comb(viable, k) * p**k * (1 - p) ** (viable - k)
            for k in range(found, viable + 1)
        )
        low, high = (p, high) if tail < 0.05 else (low, p)
    return low


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
    groups = {name: collections.Counter() for name in [*GROUPS, "all"]}
    for file, mutants in strata(population).items():
        seen = collections.Counter(results[m] for m in mutants if m in results)
        row = [len(mutants), sum(seen.values())] + [seen[kind] for kind in kinds]
        print(f"| {file} | " + " | ".join(map(str, row)) + " |")
        group = next(name for name, prefixes in GROUPS.items() if file.startswith(prefixes))
        for name in [group, "all"]:
            groups[name].update(dict(enumerate(row)))
    for name, row in groups.items():
        print(f"| **{name}** | " + " | ".join(str(row[i]) for i in range(6)) + " |")
    print()
    for name, row in groups.items():
        found, viable = row[2] + row[3], row[2] + row[3] + row[5]
        if viable:
            share, bound = found / viable, at_least(found, viable)
            print(f"{name}: {found} of {viable} viable found, {share:.1%}; at least {bound:.1%}")
    print("\nmissed:")
    for name in sorted(n for n, s in results.items() if s == "MissedMutant"):
        print(name)


if sys.argv[1] == "draw":
    listed = sys.stdin.read().splitlines()
    print("\n".join(draw(sys.argv[2], listed, "--all" in sys.argv)))
else:
    with open(sys.argv[2]) as names:
        score(names.read().splitlines(), sys.argv[3:])
