"""A drug of your own from a TOML file, with one parameter varied over its spread."""

from pathlib import Path

import vmatcore as vm

drug = vm.drugs.load(Path(__file__).with_name("own_drug.toml"))
low, high = drug.parameters["clearance"].spread
for clearance in (low, drug.parameters["clearance"].value, high):
    varied = drug.with_parameters({"clearance": clearance})
    run = vm.simulate("example 20 mg q12h x 14", drugs=[varied])
    found = run.metrics("occupancy")
    print(f"clearance {clearance:4.1f} L/h: VMAT2 held, trough {found.trough[0, 0]:.2f}")
