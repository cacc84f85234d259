"""
usage: python run_training.py CASE [--root ADDRESS] [--scratch FOLDER]

The trainer's own program over samples that are prepared already (training_case.py): job, events, exit statuses and signals as always.
"""

from __future__ import annotations

import sys
from pathlib import Path

from serac_sft import __main__ as program
from serac_sft import stages
from training_case import prepared_of

if __name__ == "__main__":
    case = Path(sys.argv[1])
    stages.prepare = lambda _context, _base: prepared_of(case)
    arguments = ["--root", str(case / "root"), "--scratch", str(case / "scratch"), "--device", "cpu"]
    sys.exit(program.main([*arguments, "--template", str(case / "template.jinja"), *sys.argv[2:]]))
