#!/usr/bin/env python3
"""Every golden file, one process.

python make.py              write all of them to circuits/tests/goldens/
python make.py --check      write nothing; exit 1 if a file differs
python make.py --out DIR    write (or check) in another folder
python make.py --only FILE  one file; repeatable
"""

import sys

import american
import black76
import european
import everlasting
import files
import power
import swaps

PROGRAMS = (black76, european, everlasting, american, power, swaps)
FILES = {name: rows for program in PROGRAMS for name, rows in program.FILES.items()}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "every golden file"))
