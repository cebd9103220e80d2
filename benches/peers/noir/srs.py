"""A reference string for Barretenberg from this machine's ptau: bn254_g1.dat, bn254_g2.dat.

    python noir/srs.py build/ptau_14.ptau build/noir/crs [--patch BB build/noir/bb]

bb proves with any string, but verifies only under its own ceremony's G2 point, which stands in the program beside its SHA-256.
--patch writes a copy of bb with the local point in both places, for the check of the proofs. Where there is a network none of this is
needed: bb fetches its string.
"""

import argparse
import hashlib
import struct
from pathlib import Path

# tau G2 of Aztec's ceremony, x and y, each coordinate's real part first.
CEREMONY = bytes.fromhex(
    "0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0"
    "260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1"
    "22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55"
    "04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4"
)
# BN254's base field.
P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
RADIX = pow(2, -256, P)


def sections(data):
    """Bytes by section of a ptau file."""
    count = struct.unpack_from("<I", data, 8)[0]
    found, at = {}, 12
    for _ in range(count):
        kind, size = struct.unpack_from("<IQ", data, at)
        found[kind] = data[at + 12 : at + 12 + size]
        at += 12 + size
    return found


def element(data):
    """A coordinate from Montgomery form, little-endian, to plain big-endian."""
    return (int.from_bytes(data, "little") * RADIX % P).to_bytes(32, "big")


def elements(data):
    return [element(data[i : i + 32]) for i in range(0, len(data), 32)]


def patched(program, point):
    """The program with another G2 point; both constants must stand in it once."""
    for old, new in ((CEREMONY, point), (hashlib.sha256(CEREMONY).digest(), hashlib.sha256(point).digest())):
        if program.count(old) != 1:
            raise SystemExit("bb: the ceremony's G2 point is not where this script expects it")
        program = program.replace(old, new)
    return program


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptau", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patch", nargs=2, type=Path, metavar=("BB", "COPY"))
    arguments = parser.parse_args()
    found = sections(arguments.ptau.read_bytes())
    # Section 2: tau^i G1; section 3: tau^i G2, of which the second is tau G2.
    arguments.folder.mkdir(parents=True, exist_ok=True)
    (arguments.folder / "bn254_g1.dat").write_bytes(b"".join(elements(found[2])))
    x0, x1, y0, y1 = elements(found[3][128:256])
    g2 = x0 + x1 + y0 + y1
    (arguments.folder / "bn254_g2.dat").write_bytes(g2)
    if arguments.patch:
        source, copy = arguments.patch
        copy.write_bytes(patched(source.read_bytes(), g2))
        copy.chmod(0o755)


if __name__ == "__main__":
    main()
