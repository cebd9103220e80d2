"""Measures every peer on one portfolio, interleaved: a table on stdout, all samples in build/results.json.

    build/venv/bin/python run.py [--runs N] [--seed N]

run.sh builds what this runs. Where a tool is a library, its process reads its keys, makes one proof to warm up and measures the second;
bb is a program, measured as it is called.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from decimal import Decimal, getcontext
from pathlib import Path

from tabulate import tabulate

getcontext().prec = 50
HERE = Path(__file__).parent
BB = "node_modules/@aztec/bb.js/build/amd64-linux/bb"
CRS = ["-t", "evm", "-c", "build/noir/crs"]
SECONDS = ["witness", "prove", "verify"]
OURS = "zkmargin"


def target(manifest, name):
    """Where cargo put a program."""
    command = ["cargo", "metadata", "--no-deps", "--format-version=1", "--manifest-path", manifest]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return Path(metadata["target_directory"]) / "release" / name


def run(command):
    """Runs a program: its last line as JSON if it is, its seconds on the wall and on processors, its peak memory."""
    start = time.monotonic()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} failed ({child.returncode}):\n{out}{err}")
    lines = [line for line in out.splitlines() if line.startswith("{")]
    result = json.loads(lines[-1]) if lines else {}
    return result, {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}


def groth16(command):
    def measure():
        result, used = run(command)
        row = {name: result[name] for name in [*SECONDS, "prove_cpu", "proof_bytes"]}
        return {**row, "peak_mib": used["peak_mib"]}

    return measure


def noir():
    solved, used = run(["node", "noir/solve.mjs"])
    proof = ["-b", "build/noir/margin.json", "-w", "build/noir/witness.gz", "-k", "build/noir/out/vk", "-o", "build/noir/out"]
    _, proved = run([BB, "prove", *CRS, *proof])
    parts = ["-k", "build/noir/out/vk", "-p", "build/noir/out/proof", "-i", "build/noir/out/public_inputs"]
    _, verified = run(["build/noir/bb", "verify", *CRS, *parts])
    return {
        "witness": solved["witness"],
        "prove": proved["seconds"],
        "prove_cpu": proved["cpu"],
        "verify": verified["seconds"],
        "proof_bytes": Path("build/noir/out/proof").stat().st_size,
        "peak_mib": proved["peak_mib"],
        "witness_peak_mib": used["peak_mib"],
    }


def worst_error(portfolio, calls):
    """The greatest error of a price, as a fraction of its forward. A put has its call's error, by parity."""
    worst = Decimal(0)
    for slot, prices in zip(portfolio["slots"], calls):
        forwards = portfolio["expiries"][slot["expiry"]]["forwards"]
        for price, (call, _), forward in zip(prices, slot["reference"], forwards):
            worst = max(worst, abs(Decimal(price) / 100 - Decimal(call)) / Decimal(forward))
    return float(worst)


def size(*paths):
    return sum(Path(path).stat().st_size for path in paths)


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return {"cpu": names[0] if names else platform.processor(), "cpus": len(names), "load": os.getloadavg()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.chdir(HERE)
    before = machine()
    run([sys.executable, "statement/portfolio.py", "--seed", arguments.seed, "-o", "build/portfolio.json"])
    portfolio = json.loads(Path("build/portfolio.json").read_text(), parse_float=Decimal)
    inputs, _ = run(["node", "inputs.mjs"])
    run([BB, "write_vk", *CRS, "-b", "build/noir/margin.json", "-o", "build/noir/out"])

    book = [target("../../Cargo.toml", "book"), "build/portfolio.json"]
    arkworks = [target("arkworks/Cargo.toml", "peer-arkworks"), "build/circom/margin.zkey"]
    arkworks += ["build/circom/margin_js/margin.wasm", "build/circom/input.json"]
    peers = {
        OURS: groth16(book),
        "circom, arkworks Groth16": groth16(arkworks),
        "circom, snarkjs Groth16": groth16(["node", "circom/groth16.mjs"]),
        "Noir, Barretenberg": noir,
    }
    samples = {name: [] for name in peers}
    names = list(peers)
    for i in range(arguments.runs):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            samples[name].append(peers[name]())
        print(f"run {i + 1} of {arguments.runs}", file=sys.stderr)

    # The same statement: the same commitment, which each tool's hash has to give.
    ours, _ = run(book)
    if ours["commitment"] != inputs["commitment"]:
        raise SystemExit("the circuits commit to different values")
    circom = worst_error(portfolio, run(["node", "circom/prices.mjs"])[0]["calls"])
    errors = {
        OURS: worst_error(portfolio, ours["calls"]),
        "circom, arkworks Groth16": circom,
        "circom, snarkjs Groth16": circom,
        "Noir, Barretenberg": worst_error(portfolio, run(["node", "noir/solve.mjs", "prices"])[0]["calls"]),
    }
    zkey, verifying = size("build/circom/margin.zkey"), size("build/circom/verification_key.json")
    keys = {
        OURS: [ours["proving_key_bytes"], ours["verifying_key_bytes"]],
        "circom, arkworks Groth16": [zkey, verifying],
        "circom, snarkjs Groth16": [zkey, verifying],
        "Noir, Barretenberg": [size("build/noir/margin.json"), size("build/noir/out/vk")],
    }
    report = {"machine": {"before": before, "after": machine()}, "seed": arguments.seed, "runs": arguments.runs, "peers": {}}
    for name, rows in samples.items():
        medians = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        # Ratios within a run, then their median: what drifts over the runs cancels.
        for key, parts in (("prove", ["prove"]), ("cpu", ["prove_cpu"]), ("both", ["witness", "prove"])):
            totals = [[sum(row[part] for part in parts) for row in samples[n]] for n in (name, OURS)]
            medians[f"{key}_ratio"] = statistics.median(a / b for a, b in zip(*totals))
        sizes = {"proving_key_bytes": keys[name][0], "verifying_key_bytes": keys[name][1]}
        report["peers"][name] = {**medians, **sizes, "price_error": errors[name], "samples": rows}
    Path("build/results.json").write_text(json.dumps(report, indent=1) + "\n")
    print_table(report)


def print_table(report):
    head = ["", "witness ms", "prove ms", "ratio", "prove CPU ms", "ratio", "witness + prove, ratio", "verify ms", "proof B"]
    head += ["peak MiB", "key B", "price error / F"]
    rows = []
    for name, r in report["peers"].items():
        milliseconds = [f"{1000 * r[key]:.1f}" for key in SECONDS]
        rows.append(
            [name, milliseconds[0], milliseconds[1], f"{r['prove_ratio']:.2f}", f"{1000 * r['prove_cpu']:.0f}"]
            + [f"{r['cpu_ratio']:.2f}", f"{r['both_ratio']:.2f}", milliseconds[2]]
            + [f"{r['proof_bytes']:,.0f}", f"{r['peak_mib']:.0f}", f"{r['proving_key_bytes']:,}", f"{r['price_error']:.1e}"]
        )
    print(tabulate(rows, headers=head, tablefmt="github", disable_numparse=True))


if __name__ == "__main__":
    main()
