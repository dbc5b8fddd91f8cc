"""Switching from reserpine to tetrabenazine: what the label's 20 days of waiting do."""

import numpy as np

import vmatcore as vm

reserpine = vm.Regimen.parse("reserpine 0.25 mg q24h x 60")
stopped_h = 24.0 * 60

for wait_d in (0, 5, 20):
    tetrabenazine = vm.Regimen.parse("tetrabenazine 12.5 mg q12h x 28")
    switch = reserpine + tetrabenazine.delay(stopped_h + 24.0 * wait_d)
    first_two_weeks = stopped_h + 24.0 * wait_d + np.arange(0.0, 14 * 24.0, 0.5)
    held = vm.simulate(switch).read(first_two_weeks).occupancy
    print(
        f"after {wait_d:2} days: reserpine still holds {held.bound[0, 0]:.2f}; "
        f"highest total in two weeks {held.vmat2.max():.2f}"
    )
