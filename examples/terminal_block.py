"""A block of VMAT2 in a dopamine terminal: what the cytosol refills, and what MAO decides.

Prints the contents and, with matplotlib, draws terminal.png.
"""

import numpy as np

import vmatcore as vm

shares = (0.5, 0.25, 0.1)
settled_h = [0.0, 5000.0]

print("active VMAT2   content, cytosol clamped   content, free   cytosolic dopamine")
for active in shares:
    clamped = vm.terminal.simulate(active=active, time_h=settled_h, clamp_cytosol=True)
    free = vm.terminal.simulate(active=active, time_h=settled_h)
    print(
        f"{active:12.2f}   {clamped.content[0, -1]:24.2f}   {free.content[0, -1]:13.2f}   "
        f"{free.cytosol[0, -1]:12.1f} times"
    )

mao_per_h = np.geomspace(1.0, 1000.0, 25)
terminals = vm.Terminal.default().with_values({"mao_per_h": mao_per_h})
scan = {
    active: (
        vm.terminal.simulate(active=active, terminal=terminals, time_h=settled_h),
        vm.terminal.simulate(
            active=active, terminal=terminals, time_h=settled_h, clamp_cytosol=True
        ),
    )
    for active in shares
}
free, clamped = scan[0.25]
refilled = free.content[:, -1] - clamped.content[:, -1]
print(
    f"at 0.25 the cytosol refills most ({refilled.max():.2f}) at an MAO of "
    f"{mao_per_h[refilled.argmax()]:.0f} per h, and {refilled[-1]:.3f} at 1000 per h"
)

try:
    from matplotlib.figure import Figure
except ImportError:
    print("install matplotlib for the figure")
else:
    colours = ("#0072B2", "#D55E00", "#009E73")
    figure = Figure(figsize=(11.0, 3.6), layout="constrained")
    time, content, cytosol = figure.subplots(1, 3)
    minutes = np.linspace(0.0, 180.0, 181)
    for active, colour in zip(shares, colours, strict=True):
        for held, line in ((False, "-"), (True, ":")):
            run = vm.terminal.simulate(active=active, time_h=minutes / 60.0, clamp_cytosol=held)
            label = f"{active:g} of VMAT2 works" if not held else None
            time.plot(minutes, run.content[0], line, color=colour, label=label)
        free, clamped = scan[active]
        content.semilogx(mao_per_h, free.content[:, -1], "-", color=colour)
        content.semilogx(mao_per_h, clamped.content[:, -1], ":", color=colour)
        cytosol.loglog(mao_per_h, free.cytosol_umol_l[:, -1], "-", color=colour)
    cytosol.loglog(mao_per_h, free.resting["cytosol"], "--", color="black", label="no block")
    time.set_xlabel("time after the block, min")
    time.set_ylabel("content, relative to rest")
    content.set_ylabel("settled content, relative to rest")
    cytosol.set_ylabel("settled cytosolic dopamine, umol/L")
    for axes in (content, cytosol):
        axes.set_xlabel("MAO, per h")
        axes.axvline(10.0, color="grey", linewidth=0.5)
    time.set_ylim(0.0, 1.0)
    content.set_ylim(0.0, 1.0)
    lines, labels = time.get_legend_handles_labels()
    rest, label = cytosol.get_legend_handles_labels()
    title = "dotted: cytosol clamped"
    cytosol.legend(lines + rest, labels + label, frameon=False, title=title, loc="lower left")
    figure.savefig("terminal.png", dpi=110)
    print("wrote terminal.png")
