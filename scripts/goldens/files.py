"""Writing and checking the files: the command line that the programs share."""

import argparse
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "circuits" / "tests" / "goldens"


def main(files, description):
    """`files` maps a file name to a generator of its lines. Returns the exit
    status: 1 if --check found a difference."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the files")
    parser.add_argument(
        "--only", action="append", choices=sorted(files), help="one file; repeatable"
    )
    args = parser.parse_args()
    stale = []
    for name in args.only or files:
        data = "".join(f"{row}\n" for row in files[name]()).encode("ascii")
        path = args.out / name
        if args.check:
            same = path.is_file() and path.read_bytes() == data
            print(f"{name}: {'identical' if same else 'DIFFERENT'}", flush=True)
            if not same:
                stale.append(name)
        else:
            args.out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            count = data.count(b"\n") - 1
            print(f"{name}: {count} rows, {len(data)} bytes", flush=True)
    return 1 if stale else 0
