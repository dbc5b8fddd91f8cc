"""Two hours of a day on a drug, by the mean field and molecule by molecule, side by side."""

import vmatcore as vm

regimen = "tetrabenazine 25 mg q8h x 21"
run = vm.simulate(regimen, molecular_at_h=[146, 151.5], synapses=2000, vesicles=2000, seed=1)
print(run.molecular)

# Drug lowers what a vesicle holds; which vesicles fuse stays as it was.
normal, drugged = run.molecular.baseline.release, run.release[0][0]
print("\nfusions without drug and with it:", normal.quanta.sum(), drugged.quanta.sum())
print("the same ones:", bool((normal.quanta == drugged.quanta).all()))

# The two levels agree on averages; the signal of few synapses is noisy.
for synapses in (200, 2000):
    found = vm.molecular.simulate(run, at_h=[146], synapses=synapses, seed=2)
    simulated, expected = found.readouts["tonic"][0, 0]
    print(f"{synapses:5} synapses: tonic dopamine {simulated:.3f}, mean field {expected:.3f}")
