"""Clinical rows beside the outcome's predictions, with intervals, misses included."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import vmatcore as vm
from docs.validation import drawn
from docs.validation import outcome as fitted
from docs.validation.outcome import (
    AIM_TD,
    ARM_TD,
    FIRST_HD,
    HD,
    TETRABENAZINE,
    VALBENAZINE_40,
    VALBENAZINE_80,
    Treated,
)
from docs.validation.rows import observations
from vmatcore.outcome import effects
from vmatcore.outcome.day import last_day

KINECT_HD = ("valbenazine 40 mg q24h x 14 then 80 mg q24h x 70", HD)
#: E0602: 63.4 mg/d, in thirds.
EXTENSION = ("tetrabenazine 21.13 mg q8h x 84", HD)
#: No dose is given: TETRA-HD's mean stands in.
SERIES = TETRABENAZINE


class Chance(NamedTuple):
    """A row that no fit saw: a side effect in an arm, and placebo's row if it has one."""

    side_effect: str
    treated: tuple[Treated, ...]
    placebo: str | None
    people: int


#: People of a row that does not say how many.
_UNKNOWN = 100

CHANCES: dict[str, Chance] = {
    "E0410": Chance("somnolence", (VALBENAZINE_40, VALBENAZINE_80), "E0418", 262),
    "E0414": Chance("akathisia", (VALBENAZINE_40, VALBENAZINE_80), "E0419", 262),
    "E0438": Chance("somnolence", (VALBENAZINE_40, VALBENAZINE_80), None, 304),
    "E0450": Chance("somnolence", (KINECT_HD,), "E0451", 64),
    "E0482": Chance("akathisia", (FIRST_HD,), "E0483", 45),
    "E0490": Chance("depression", (FIRST_HD,), "E0491", 45),
    "E0494": Chance("depression", (FIRST_HD,), "E0495", 45),
    "E0496": Chance("depression", (TETRABENAZINE,), "E0497", 54),
    "E0531": Chance("depression", (TETRABENAZINE,), "E0493", 54),
    "E0532": Chance("depression", (TETRABENAZINE,), None, 104),
    "E0533": Chance("somnolence", (TETRABENAZINE,), None, _UNKNOWN),
    "E0535": Chance("depression", (TETRABENAZINE,), None, _UNKNOWN),
    "E0536": Chance("somnolence", (SERIES,), None, 448),
    "E0537": Chance("parkinsonism", (SERIES,), None, 448),
    "E0538": Chance("depression", (SERIES,), None, 448),
    "E0539": Chance("akathisia", (SERIES,), None, 448),
    "E0544": Chance("depression", (ARM_TD,), "E0545", 58),
    "E0603": Chance("somnolence", (EXTENSION,), None, 75),
    "E0604": Chance("depression", (EXTENSION,), None, 75),
    "E0607": Chance("akathisia", (EXTENSION,), None, 75),
    "E0609": Chance("parkinsonism", (SERIES,), None, 217),
}

#: Arms whose benefit has no row here: treatment, baseline row or score, scale.
ARMS: dict[str, tuple[Treated, str | float, str]] = {
    "KINECT 3, 40 mg": (VALBENAZINE_40, "E0373", "AIMS"),
    "KINECT-HD, 80 mg": (KINECT_HD, "I0005", "TMC"),
    "First-HD, mean 40 mg/d": (FIRST_HD, "E0469", "TMC"),
    "ARM-TD, mean 38 mg/d": (ARM_TD, "E0373", "AIMS"),
    "AIM-TD, 12 mg/d": (AIM_TD[0], "I0004", "AIMS"),
    "AIM-TD, 24 mg/d": (AIM_TD[1], "I0004", "AIMS"),
    "AIM-TD, 36 mg/d": (AIM_TD[2], "I0004", "AIMS"),
}

#: Rows that serve the outcome: fitted, shown, inputs, or named in the text.
INPUTS = {
    "E0369", "E0371", "E0372", "E0373", "E0379", "E0469", "E0471", "E0466",
    "E0467", "E0468", "E0602", "I0001", "I0002", "I0003", "I0004", "I0005", "I0006", "E0575",
    "E0586", "E0587", "E0588", "E0589", "E0592", "E0593",
    "E0427", "E0608",
}  # fmt: skip


def shown() -> set[str]:
    """Return every row that this page uses."""
    used = set(INPUTS) | set(CHANCES) | set(fitted.QTC) | {"E0374", "E0376", "E0599", "E0601"}
    used |= {row.placebo for row in CHANCES.values() if row.placebo}
    for arms in fitted.ARMS.values():
        used |= {arm.row for arm in arms} | {arm.placebo for arm in arms}
    return used


def benefit(treated: Treated, score: float, driver: str = "d2") -> tuple[float, float, float]:
    """Return arm minus placebo in points: value, and the interval of every constant."""
    half = vm.outcome.sources("half_effect")[driver].value
    value = -score * effects.share_of_score(effects.drive(fitted.levels(*treated), driver), half)
    return float(value[0]), *drawn.ends(drawn.benefits(treated, score, driver))


def of_the_half_effect(treated: Treated, score: float) -> tuple[float, float]:
    """Return the interval of the benefit that draws of the half-effect alone give."""
    fall = effects.drive(fitted.levels(*treated), "d2")
    return drawn.ends(-score * fall / (drawn.half_effects("d2") + fall))


def chance(row: Chance) -> tuple[float, float, float]:
    """Return a predicted chance in per cent, and its interval."""
    known = None if row.placebo is None else float(observations()[row.placebo]["value"]) / 100.0
    rest = vm.outcome.sources("placebo")[row.side_effect].value if known is None else known
    peaked = row.side_effect in ("akathisia", "somnolence")
    hazard = vm.outcome.sources("hazard")[row.side_effect + ("_convex" if peaked else "")]
    arm = fitted.Arm("", "", row.treated)
    kind = "convex" if peaked else "linear"
    value = 100.0 * fitted.chance(arm, row.side_effect, kind, hazard.value, rest)
    return value, *drawn.ends(drawn.chances(row.treated, row.side_effect, known))


def verdict(observed: float, predicted: tuple[float, float, float], error: float) -> str:
    """Return "met" within two standard errors, "interval" inside the interval, or "miss".

    The error is that of an observation if the prediction were true.
    """
    if abs(observed - predicted[0]) <= 1.96 * error:
        return "met"
    return "interval" if min(predicted[1:]) <= observed <= max(predicted[1:]) else "**miss**"


def _responders(treated: Treated) -> tuple[float, float, float, float]:
    run = vm.simulate(treated[0], subject=vm.Subject(condition=treated[1]))
    found = vm.outcome.interval(run, draws=drawn.DRAWS, seed=drawn.SEED)
    three = (found.value, found.low, found.high)
    value, low, high = (100.0 * float(one.responders[0]) for one in three)
    return value, low, high, 100.0 * found.value.responders_placebo


def _line(row: str, what: str, predicted: tuple[float, float, float], error: float) -> str:
    found = observations()[row]
    observed = float(found["value"])
    low, high = sorted(predicted[1:])
    spread = "none" if low == high else f"{low:.3g} to {high:.3g}"
    return (
        f"| {row} | {found['use']} | {found['drug']} | {what} | {observed:.3g} | "
        f"{predicted[0]:.3g} | {spread} | {verdict(observed, predicted, error)} |"
    )


def _predictions() -> Iterator[str]:
    responders = _responders(VALBENAZINE_80)
    people = fitted.people("E0391")
    error = 100.0 * math.sqrt(0.4 * 0.6 / people)
    yield _line("E0374", "KINECT 3, 80 mg: half or more of AIMS gone, %", responders[:3], error)
    placebo = (responders[3],) * 3
    yield _line("E0376", "KINECT 3, placebo: the same, %", placebo, 100 * math.sqrt(0.08 / 76))
    extension = observations()["E0601"]
    rest = -vm.outcome.sources(HD)["placebo_fall"].value
    change = tuple(rest + one for one in benefit(EXTENSION, fitted.number("I0001")))
    spread = float(extension["high"]) - float(extension["value"])
    yield _line(
        "E0601",
        "TETRA-HD extension: TMC change, placebo's at week 12 included, points",
        (change[0], change[1], change[2]),
        spread / math.sqrt(45.0),
    )
    for row, one in CHANCES.items():
        p = chance(one)
        share = min(max(p[0] / 100.0, 1e-6), 1.0)
        error = 100.0 * math.sqrt(share * (1.0 - share) / one.people)
        what = observations()[row]["quantity"].split(" (")[0]
        yield _line(row, f"{one.side_effect}: {what}, %", p, error)
    single = vm.simulate("tetrabenazine 25 mg", until_h=24)
    single_dose = vm.outcome.interval(
        single, condition=HD, at_h=6.0, draws=drawn.DRAWS, seed=drawn.SEED
    )
    three = (single_dose.value, single_dose.low, single_dose.high)
    ratio, low, high = (float(one.prolactin[0]) for one in three)
    yield _line("E0599", "prolactin over rest, mean of 6 h", (ratio, low, high), 0.25)


def _fit_lines() -> Iterator[str]:
    for driver in vm.outcome.DRIVERS:
        fit = fitted.fit_half_effect(driver)
        for arm, (observed, found, error) in fit.residuals.items():
            yield (
                f"| {driver} | {fit.value:.3g} ({fit.low:.3g} to {fit.high:.3g}) | {arm} | "
                f"{observed:.2f} ({error:.2f}) | {found:.2f} | {observed - found:+.2f} | "
                f"{(observed - found) / error:+.1f} |"
            )


def _input_lines() -> Iterator[str]:
    for row in sorted(INPUTS):
        found = observations()[row]
        if found["unit"] in ("AIMS points", "TMC points", "mg/d"):
            what = f"{found['drug']}, {found['quantity']}"
            yield (
                f"| {row} | {found['use']} | {what} | {found['value']} {found['unit']} | "
                f"{found['status']} |"
            )


def _hazard_lines() -> Iterator[str]:
    for name, hazards in (
        ("akathisia", vm.outcome.HAZARDS),
        ("somnolence", vm.outcome.HAZARDS),
        ("depression", ("linear",)),
    ):
        for hazard in hazards:
            fit = fitted.fit_hazard(name, hazard)
            for row, (observed, found, error) in fit.residuals.items():
                entry = observations()[row]
                yield (
                    f"| {name}, {hazard} | {row} | {entry['drug']}, {entry['quantity']} | "
                    f"{observed:.1f} | {found:.1f} | {(observed - found) / error:+.1f} |"
                )
    for metabolite in (True, False):
        for row, (observed, found, error) in fitted.fit_slope(metabolite).residuals.items():
            entry = observations()[row]
            yield (
                f"| QTc, ms | {row} | {entry['drug']}, {entry['condition'].split(' ;')[0]} | "
                f"{observed:.1f} | {found:.1f} | {(observed - found) / error:+.1f} |"
            )


def _arm_lines() -> Iterator[str]:
    for name, (treated, score, scale) in ARMS.items():
        points = fitted.number(score) if isinstance(score, str) else score
        cells = []
        for driver in vm.outcome.DRIVERS:
            value, low, high = benefit(treated, points, driver)
            cells.append(f"{value:.1f} ({low:.1f} to {high:.1f})")
        yield f"| {name} | {scale} {points:g} | {' | '.join(cells)} |"


def _widths() -> tuple[float, float]:
    """Return how much wider than of the half-effect alone the intervals are, least and most."""
    found = []
    for treated, *_ in ARMS.values():
        low, high = drawn.ends(drawn.benefits(treated, 100.0, "d2"))
        alone = of_the_half_effect(treated, 100.0)
        found.append((high - low) / abs(alone[1] - alone[0]))
    return min(found), max(found)


def _excess(regimen: str, name: str, hazard: str, *, d2: bool = True) -> float:
    """Return per cent beyond placebo in the reference subject, with or without D2 block."""
    day = fitted.levels(regimen, None)
    if not d2:
        bare = fitted.without_d2("tetrabenazine")
        run = vm.simulate(regimen, drugs=[bare])
        day = last_day([run.occupancy], float(run.pk.time_h[-1]))[0]
    rate = vm.outcome.sources("hazard")[f"{name}_{hazard}"].value
    rest = vm.outcome.sources("placebo")[name].value
    escape = effects.frail(rate * effects.exposure(day, name, hazard), 0.0)
    return 100.0 * (float(effects.with_placebo(rest, escape)[0]) - rest)


def _contrast_lines() -> Iterator[str]:
    tetrabenazine, equal = "tetrabenazine 25 mg q8h x 84", "valbenazine 15.69 mg q24h x 28"
    slow = "tetrabenazine 25 mg q12h x 56", "deutetrabenazine 12.5 mg q12h x 56"
    for hazard in vm.outcome.HAZARDS:
        yield (
            f"| akathisia, {hazard} | equal mean occupancy | "
            f"tetrabenazine {_excess(tetrabenazine, 'akathisia', hazard):.3f}, without its D2 "
            f"block {_excess(tetrabenazine, 'akathisia', hazard, d2=False):.3f} | "
            f"valbenazine {_excess(equal, 'akathisia', hazard):.3f} |"
        )
    for name in ("akathisia", "somnolence"):
        for hazard in vm.outcome.HAZARDS:
            yield (
                f"| {name}, {hazard} | equal area of total HTBZ | "
                f"tetrabenazine {_excess(slow[0], name, hazard):.3f} | "
                f"deutetrabenazine {_excess(slow[1], name, hazard):.3f} |"
            )


@cache
def text() -> str:
    """Return the section."""
    predictions = list(_predictions())
    misses = sum("**miss**" in line for line in predictions)
    d2 = fitted.fit_half_effect("d2")
    least, most = _widths()
    return f"""## Trials in people

Doses are the trials' mean doses at their ends, subjects the typical one of the condition.
Intervals are 95 %. Those of a fit are of the fitted number alone, widened by the misfit where arms
disagree. Those of a prediction carry every constant with a spread as well: kinetics, binding, Ki,
brain entry, the terminals, placebo rates. Concomitant antipsychotics (85.5 % of KINECT 3, E0379)
are not modelled.

### One number for AIMS and TMC

Arm minus placebo in points; standard errors in brackets. One half-effect for two arms and two
scales cannot meet both, and nothing else was fitted.

| driver | half-effect (95 %) | arm | observed | fitted | residual | standard errors |
| --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(_fit_lines())}

With the fall of D2 activation, the design's driver, the two arms disagree (chi-square
{d2.chi_square:.1f} with one degree of freedom). Valbenazine 80 mg holds far more VMAT2 here than
tetrabenazine 63 mg a day and yet does about as much. The release ratio does worse. Mean occupancy,
which saturates, meets both. Two arms cannot tell a wrong driver from a wrong exposure: the
share of the isomers and the Ki of (+)-beta-HTBZ, on which tetrabenazine's occupancy rests, are
recalled values; how far that goes is measured below.

Scores, doses and arms behind the two:

| row | use | what | value | status |
| --- | --- | --- | --- | --- |
{chr(10).join(_input_lines())}

### Side effects

Per cent; the placebo rate of each trial is given, with half an event added. Each hazard is one
number.

| effect | row | arm | observed | fitted | standard errors |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(_hazard_lines())}

The hazards do not meet the rates: tetrabenazine in Huntington's disease brings far more
akathisia, somnolence and depression than any drug in tardive dyskinesia, and the model says the
opposite, since valbenazine 80 mg lowers every amine further. The populations, doses titrated
to tolerance and what was asked differ too; none of this is modelled. Read the chances as the
direction of a contrast, not as a rate.

### Contrasts of side effects

Per cent beyond placebo in the reference subject, at doses with equal mean occupancy (25 mg of
tetrabenazine every 8 h, 15.69 mg of valbenazine a day) or equal area (25 mg of tetrabenazine,
12.5 mg of deutetrabenazine, every 12 h).

| effect, hazard | matched by | | |
| --- | --- | --- | --- |
{chr(10).join(_contrast_lines())}

What remains of the first contrast without D2 block is tetrabenazine's peaks and troughs. Flat
deutetrabenazine costs less akathisia only if peaks cost more than their mean. For somnolence the
contrast does not appear at an equal area: serotonin's content follows occupancy over a day, and
mean occupancy is higher where the level is flatter.

### Predictions

*met*: the observed value is within the two standard errors that it would have if the prediction
were true; *interval*: it is only inside the interval of the prediction; *miss*: neither. Rows
marked *calibration* here were not used by a fit, because they overlap with others or no number was
fitted to them. The standard errors of small arms are wide: predicted 10 % beside observed 2.2 % of
45 people is met.

| row | use | drug | what | observed | predicted | interval | verdict |
| --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(predictions)}

{misses} misses of {len(predictions)}. Open-label series of months are compared with a model of
some weeks, and their doses are not given: the mean dose of TETRA-HD stands in; where the number of
people is not given either (E0533, E0535), 100 are taken. Depression in TETRA-HD is 14.8 % in one
source, which was fitted, and 19 % in another (E0531). The rates of the open-label ARC-HD (E0586 to
E0589, E0592, E0593) span years, and E0608 counts shares of adverse events, not of people: they have
no counterpart. No relation of side effects with deutetrabenazine's exposure was found (E0575); the
model has a weak one. Four weeks after a year of valbenazine AIMS had moved back towards its start
(E0427, a direction without a size): here benefit is gone by then, and of a sign that memory drives
a part is still missing (see Epochs on the model page).

### Arms without a row here

Arm minus placebo in points, by driver: what each trial could separate. With the fall of D2
activation the intervals are {least:.2f} to {most:.2f} times as wide as the half-effect alone would
make them.

| arm | baseline | d2 | log_release | occupancy |
| --- | --- | --- | --- | --- |
{chr(10).join(_arm_lines())}

{drawn.text()}"""
