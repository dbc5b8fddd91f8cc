"""Any linear compartment system, for many subjects in one call."""

import numpy as np

import vmatcore as vm

rng = np.random.default_rng(1)
clearance_l_h = 7.2 * np.exp(rng.normal(0.0, 0.3, size=1000))
graph = vm.pk.Graph(
    compartments=["depot", "plasma", "tissue"],
    flows=[
        vm.pk.Flow("depot", "plasma", rate_per_h=1.0),
        vm.pk.Flow("plasma", "tissue", rate_per_h=10.0 / 60.0),
        vm.pk.Flow("tissue", "plasma", rate_per_h=10.0 / 40.0),
        vm.pk.Flow("plasma", None, rate_per_h=clearance_l_h / 60.0),
    ],
    readouts=[vm.pk.Readout("plasma mg/L", "plasma", per_amount=1 / 60.0)],
)
doses = [vm.pk.Input("depot", 80.0, time_h=24.0 * day) for day in range(28)]
infusion = [vm.pk.Input("plasma", 20.0, time_h=0.0, duration_h=2.0)]
values = vm.pk.solve(graph, inputs=doses + infusion, time_h=np.arange(0.0, 673.0))
low, middle, high = np.quantile(values[:, 0, -1], [0.05, 0.5, 0.95])
print(f"{values.shape}: last trough {middle:.3f} mg/L ({low:.3f} to {high:.3f})")
