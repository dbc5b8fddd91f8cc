"""What CYP2D6 does to each drug: VMAT2 trough in four phenotypes."""

import vmatcore as vm

PHENOTYPES = ("poor", "intermediate", "normal", "ultrarapid")
REGIMENS = {
    "tetrabenazine": "tetrabenazine 12.5 mg q8h x 84",
    "deutetrabenazine": "deutetrabenazine 12 mg q12h x 56",
    "valbenazine": "valbenazine 40 mg q24h x 28",
}

people = [vm.Subject(cyp2d6=phenotype) for phenotype in PHENOTYPES]
print(f"{'trough of VMAT2 held':22}" + "".join(f"{name:>14}" for name in PHENOTYPES))
for drug, regimen in REGIMENS.items():
    trough = vm.simulate(regimen, subjects=people).metrics("occupancy").trough[:, 0]
    print(f"{drug:22}" + "".join(f"{value:14.2f}" for value in trough))
