"""Polynomials of the peers' circuits: N(d), its density and ln, as integers, for circom and Noir.

Every piece is the Chebyshev interpolant on its interval. The bounds that this prints (and build/tables.json keeps) are
of the rounded polynomials against mpmath, at 200 points of every interval.
"""

import json
import sys
from pathlib import Path

from mpmath import cos, log, lu_solve, matrix, mp, mpf, ncdf, npdf, pi

mp.dps = 50


def interpolant(function, low, width, degree):
    """Coefficients, lowest first, in the offset from the interval's middle."""
    middle, half = low + width / 2, width / 2
    nodes = [half * cos(pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
    powers = matrix(degree + 1, degree + 1)
    for i, node in enumerate(nodes):
        for j in range(degree + 1):
            powers[i, j] = node**j
    values = matrix([function(middle + node) for node in nodes])
    return list(lu_solve(powers, values))


def table(function, start, width, pieces, degree, bits, scale):
    """Integer rows: coefficient j in units 2^-scale of the value, for offsets in units 2^-bits."""
    rows = []
    for piece in range(pieces):
        exact = interpolant(function, mpf(start) + piece * mpf(width), mpf(width), degree)
        rows.append([int(mp.nint(c * mpf(2) ** (scale - bits * j))) for j, c in enumerate(exact)])
    return rows


def error(function, start, width, rows, bits, scale):
    worst = mpf(0)
    for piece, row in enumerate(rows):
        low = mpf(start) + piece * mpf(width)
        for i in range(201):
            offset = mpf(width) * (mpf(i) / 200 - mpf(1) / 2)
            offset = mp.nint(offset * mpf(2) ** bits)
            value = sum(c * offset**j for j, c in enumerate(row)) / mpf(2) ** scale
            x = low + mpf(width) / 2 + offset / mpf(2) ** bits
            worst = max(worst, abs(value - function(x)))
    return worst


def monomials(rows):
    """Row selection by bits without a one-hot vector: coefficients of the products of bits (a Moebius transform)."""
    out = [list(row) for row in rows]
    step = 1
    while step < len(out):
        for i in range(len(out)):
            if i & step:
                out[i] = [a - b for a, b in zip(out[i], out[i ^ step])]
        step *= 2
    return out


def circom_function(name, rows):
    body = ",\n        ".join("[" + ", ".join(str(c) for c in row) + "]" for row in monomials(rows))
    return f"function {name}() {{\n    return [\n        {body}\n    ];\n}}\n"


def noir_globals(name, rows):
    columns = list(zip(*rows))
    lines = []
    for j, column in enumerate(columns):
        values = ", ".join(str(c) for c in column)
        lines.append(f"pub global {name}_{j}: [Field; {len(rows)}] = [{values}];\n")
    return "".join(lines)


PIECES = {
    "circom": {
        # name: function, start, width, pieces, degree, offset bits, scale
        "normal": (ncdf, 0, 1, 8, 9, 14, 153),
        "density": (npdf, 0, 1, 8, 6, 14, 120),
        "logarithm": (log, 1, mpf(1) / 32, 32, 2, 18, 44),
    },
    "noir": {
        "normal": (ncdf, 0, mpf(1) / 8, 64, 4, 14, 76),
        "logarithm": (log, 1, mpf(1) / 32, 32, 2, 19, 48),
    },
}


def main(out):
    report = {}
    for tool, tables in PIECES.items():
        text = []
        for name, (function, start, width, pieces, degree, bits, scale) in tables.items():
            rows = table(function, start, width, pieces, degree, bits, scale)
            bound = error(function, start, width, rows, bits, scale)
            report[f"{tool} {name}"] = {"pieces": pieces, "degree": degree, "error": float(bound)}
            if tool == "circom":
                text.append(circom_function(name, rows))
            else:
                text.append(noir_globals(name.upper(), rows))
        path = out / ("tables.circom" if tool == "circom" else "tables.nr")
        head = "pragma circom 2.2.0;\n\n" if tool == "circom" else ""
        path.write_text(head + "\n".join(text))
    (out / "tables.json").write_text(json.dumps(report, indent=2) + "\n")
    for name, row in report.items():
        print(f"{name}: {row['pieces']} pieces of degree {row['degree']}, error {row['error']:.2g}", file=sys.stderr)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    main(folder)
