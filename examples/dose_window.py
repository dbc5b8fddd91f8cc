"""Benefit and harm of tetrabenazine and valbenazine over dose and over occupancy.

Writes dose-window.png where it is run, if matplotlib is installed.
"""

import vmatcore as vm
from vmatcore.errors import MissingExtraError

WEIGHTS = {"prolactin raised": 0.4}

for drug in ("tetrabenazine", "valbenazine"):
    found = vm.window(drug, condition="tardive dyskinesia", weights=WEIGHTS, days=14)
    print(found)
    print(f"  best of these: {found.best_mg_per_day():.3g} mg/d")

try:
    found.plot().savefig("dose-window.png", dpi=120)
except MissingExtraError as missing:
    print(missing)
