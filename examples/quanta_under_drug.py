"""A VMAT2 inhibitor shrinks the quantum; sites, chance and fusions stay as they are."""

import vmatcore as vm

synapse = vm.Synapse(sites=6, probability=0.4)
train = vm.spikes.regular(rate_hz=20, duration_s=0.5)
normal = vm.Vesicle().content()

print("occupancy binding       n [95 %]         p [95 %]            q [95 %]   fusions  <10 %")
for binding in ("fast", "irreversible"):
    for occupancy in (0.0, 0.5, 0.8, 0.9):
        content = vm.FillingContent(vm.Vesicle(), active=1 - occupancy, binding=binding)
        rel = vm.release.simulate(
            synapse, train, content=content, synapses=4000, seed=1, keep="fusions"
        )
        held = rel.fusion_molecules
        found = vm.release.estimate(rel, quantum_cv=held.std() / held.mean())
        n, p, q = found.sites, found.probability, found.quantum
        print(
            f"{occupancy:9.1f} {binding:12s} {n.value:4.1f} [{n.low:.1f}, {n.high:.1f}]"
            f"  {p.value:.2f} [{p.low:.2f}, {p.high:.2f}]"
            f"  {q.value:5.0f} [{q.low:.0f}, {q.high:.0f}]"
            f"  {rel.quanta.mean():.4f}  {(held < 0.1 * normal).mean():5.1%}"
        )
