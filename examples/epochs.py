"""Months of illness, treatment and withdrawal: signs of four conditions, and what feeds them.

A hypothesis. Prints severities and, with matplotlib, draws epochs.png.
"""

import numpy as np

import vmatcore as vm

TREATED, AFTER = 84, 84

run = vm.simulate(
    f"valbenazine 40 mg q24h x 7 then 80 mg q24h x {TREATED - 7}",
    until_h=24 * (TREATED + AFTER),
    every_h=1,
)
found = run.plasticity
print(found)

# The same without what feeds one epoch into the next.
still = vm.epochs.simulate(run, adaptation=vm.epochs.Adaptation(gain=0), activity_feedback=0)
last = found.ill_epochs + TREATED - 1
for name in vm.plasticity.Condition.names():
    on, two, four = found.severity(name)[0, [last, last + 14, last + 28]]
    print(f"{name}: {on:.2f} on the last day, {two:.2f} and {four:.2f} two and four weeks later")

try:
    from matplotlib.figure import Figure
except ImportError:
    print("install matplotlib for the figure")
else:
    colours = ("#E69F00", "#0072B2", "#009E73", "#D55E00")
    figure = Figure(figsize=(11.0, 6.4), layout="constrained")
    signs, memory, receptors = figure.subplots(3, 1, sharex=True, height_ratios=(2.0, 1.0, 1.0))
    ends = found.day[1:]
    for name, colour in zip(vm.plasticity.Condition.names(), colours, strict=True):
        signs.plot(ends, found.severity(name)[0], color=colour, label=name)
    signs.set_ylabel("severity,\n1 before the drug")
    signs.set_ylim(0.0, 1.15)
    signs.set_title("a hypothesis: no constant of memory was fitted to a patient", fontsize=10)
    for result, line, label in ((found, "-", "with feedback"), (still, ":", "without")):
        memory.plot(result.day, result.engram[0], line, color="black", label=label)
        receptors.plot(result.day, result.receptor_number[0], line, color="#0072B2")
    receptors.plot(ends, found.tone[0], color="#CC79A7", label="tone, with feedback")
    receptors.plot([], [], color="#0072B2", label="D2 receptors")
    memory.set_ylabel("engram, G - N")
    receptors.set_ylabel("relative to rest")
    receptors.set_xlabel("days since the first dose")
    for axes in (signs, memory, receptors):
        axes.axvspan(0, TREATED, color="0.93", linewidth=0)
        axes.legend(frameon=False, loc="upper left" if axes is memory else "lower left")
        axes.set_xlim(found.day[0], found.day[-1])
    signs.text(TREATED / 2, 1.07, "valbenazine 40, then 80 mg", ha="center", fontsize=9)
    signs.text(found.day[0] / 2, 1.07, "ill, no drug", ha="center", fontsize=9)
    receptors.set_xticks(np.arange(-196, ends[-1] + 1, 28))
    figure.savefig("epochs.png", dpi=110)
    print("wrote epochs.png")
