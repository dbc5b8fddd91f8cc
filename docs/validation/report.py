"""Write docs/validation/README.md: published beside simulated, misses included.

python -m docs.validation.report            print it
python -m docs.validation.report --write    write it
"""

from __future__ import annotations

import argparse

from docs.validation import clinical, contrasts, rat
from docs.validation.rows import HERE, observations, said
from docs.validation.simulated import SIMULATED
from vmatcore import preclinical

HEAD = """# Published beside simulated

Made by `python -m docs.validation.report --write`; a test keeps it up to date.
Simulated values are those of one reference subject, or of the published cohort
medians where a row names a cohort. *10 %*: within 10 % of the published value. *range*:
further away, but inside the published range, which may be wide (a label's span, a
standard deviation, percentiles of patients). *miss*: neither; it stays here.

`use` says what a row was for. *calibration*: the catalogue may be fitted to it.
*context*: it was only looked at. `status` *recalled* marks a published value
whose source was not checked. *input*: a trial's baseline, dose or error, which a fit needs.
"""

CONFLICTS = """## Known conflicts, and which side was taken

- Half-lives of alpha-HTBZ 7 h (E0096), beta-HTBZ 5 h (E0097) and d6-total-HTBZ 9.5 h
  (E0125) cannot be met together with 4.8 h for total HTBZ (E0118) and a ratio of 2.0
  (E0120). The first three were taken; the others are misses above.
- The area ratio of deutetrabenazine (E0121) and its paroxetine ratio (E0206) fix the two
  isotope effects. First pass makes the area ratio exceed the half-life ratio.
- Parent tetrabenazine: a bioavailability of 0.06 (E0091, E0092) would give about ten
  times the published peak of 0.3 ng/mL (E0138, for deutetrabenazine). 0.005 was taken;
  the parent then adds nothing to occupancy.
- Isomer shares (E0343 to E0346) against an alpha:beta ratio of 3 (E0137): the shares were taken.
- The clearance of (+)-alpha-HTBZ after valbenazine is apparent (28 to 31 L/h over an
  unknown true fraction formed); after tetrabenazine 32 L/h comes from recalled areas. If the
  bioavailability of 0.49 (E0001) holds, the true value after valbenazine is nearer 10 L/h.
- The isomer shares and the Ki of (+)-beta-HTBZ are recalled values, and three quarters of
  tetrabenazine's block comes from that isomer. How much they move is measured under *What the
  predictions rest on*: less than entry into the brain or the terminals in a level, far more in a
  contrast of drugs.
- Isomer shares in draws: the minor ones 1 to 10 %; the clearance of beta up to an alpha:beta ratio
  of 3 (E0137), and as far the other way. Absorbed fraction and clearances are drawn independently,
  though the published area ties them: intervals of tetrabenazine are rather too wide.
- Deutetrabenazine's absorbed fraction is taken as tetrabenazine's, 0.75, because deuterium does
  not change absorption; its label says at least 0.8 (E0127).
- The isomer shares (E0343 to E0346) were published for deutetrabenazine and stand for
  tetrabenazine. The absorbed fraction (E0093) is a lower bound taken as the value.
- Reserpine's plasma level has one published scale, a recalled peak (E0159), marked *used* above:
  the volume is scaled to it, so it is no test of the model.
- The extended-release peak (E0141) is a miss: its release curve is assumed.
"""


WHY_NOT = (
    "They are inputs (Ki, binding, model parameters), statements that name no simulated quantity, "
    "radioactivity instead of the drug, animals, or conditions that are not modelled "
    "(food with deutetrabenazine, transporters)."
)

#: Context rows that a parameter was scaled to, for want of any other: no test of anything.
USED_TO_SCALE = {"E0159"}


def verdict(row: dict[str, str], value: float) -> str:
    """Return "10 %", "range", "used" or "miss"."""
    if row["id"] in USED_TO_SCALE:
        return "used"
    if row["value"] and abs(value / float(row["value"]) - 1.0) <= 0.1:
        return "10 %"
    inside = bool(row["low"]) and float(row["low"]) <= value <= float(row["high"])
    return "range" if inside else "miss"


def rows_table() -> str:
    """Return every row that can be simulated, as a table."""
    found = observations()
    lines = [
        "| row | use | status | drug | what | published | range | simulated | ratio | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    verdicts = []
    for key in sorted(SIMULATED):
        row, value = found[key], SIMULATED[key]()
        verdicts.append(verdict(row, value))
        shown = verdicts[-1].replace("miss", "**miss**")
        spread = f"{row['low']} to {row['high']}" if row["low"] else ""
        published = f"{float(row['value']):g}" if row["value"] else ""
        ratio = f"{value / float(row['value']):.2f}" if row["value"] else ""
        lines.append(
            f"| {key} | {row['use']} | {row['status']} | {row['drug']} | "
            f"{said(row).replace('|', '/')} | {published} | {spread} | {value:.3g} | "
            f"{ratio} | {shown} |"
        )
    rest = sorted(set(found) - set(SIMULATED) - set(rat.SHOWN) - clinical.shown())
    lines.append(f"\nRows without a simulation: {', '.join(rest)}. {WHY_NOT}")
    counts = [f"{verdicts.count(name)} {name}" for name in ("10 %", "range", "used", "miss")]
    lines.append(f"\nIn all {len(verdicts)} rows: {', '.join(counts)}.")
    return "\n".join(lines)


def contrasts_text() -> str:
    """Return the contrasts as text and tables."""
    follows = [
        "| drug | largest over the last dosing interval | from 6 h after the last dose |",
        "| --- | --- | --- |",
    ]
    for drug, regimen in contrasts.REVERSIBLE.items():
        during, after = contrasts.largest_lag_difference(regimen)
        follows.append(f"| {drug} | {during:.3f} | {after:.3f} |")
    outlasts = [
        "| recovery half-time, d | plasma, h | occupancy, h | occupancy outlasts plasma by, h |",
        "| --- | --- | --- | --- |",
    ]
    for days, (plasma, held, longer) in contrasts.reserpine_outlasts_by_h().items():
        outlasts.append(f"| {days:g} | {plasma:.0f} | {held:.0f} | {longer:+.0f} |")
    washed = ["| target | days | 90 % interval | strongest driver |", "| --- | --- | --- | --- |"]
    for name, back in contrasts.reserpine_washout().items():
        driver, strength = next(iter(back.drivers.items()))
        washed.append(
            f"| {name} | {back.hours[0] / 24:.1f} | {back.low_h[0] / 24:.1f} to "
            f"{back.high_h[0] / 24:.1f} | {driver} ({strength:+.2f}) |"
        )
    d2 = contrasts.d2_at_equal_vmat2()
    weak = f"{d2['ratio_weakest']:.0f}"
    flat = contrasts.flatness_at_equal_area()
    return f"""## Contrasts

### Reversible occupancy follows plasma

Difference between VMAT2 occupancy and what the plasma of that moment would hold by
itself. It is the delay of brain entry (half-time about 0.4 h), nothing else.

{chr(10).join(follows)}

### Reserpine outlasts itself

0.25 mg a day for 28 days; hours after the last dose until a tenth of the mean of the
last day. The recovery half-time is assumed, so the whole range is shown.

{chr(10).join(outlasts)}

### Reserpine's washout beside the label's

The labels of tetrabenazine and deutetrabenazine ask for at least
{contrasts.LABEL_WASHOUT_D:g} days after reserpine (E0243, E0263). After 0.25 mg a day for 28
days, with every constant that has a spread drawn 50 times:

{chr(10).join(washed)}

Intervals begin at 0 where a draw binds so little that the target is never left: the rate of
binding in man is assumed, from 0.01 to 3.7 L/nmol/h. The label names occupancy's time scale, not a
content; no human course of content after reserpine was found.

### Valbenazine spares D2

At an equal mean VMAT2 occupancy of {100 * d2["vmat2"]:.1f} % (tetrabenazine 25 mg q8h; valbenazine
{d2["valbenazine_mg"]:.1f} mg a day):

| | D2 held | ratio, at least |
| --- | --- | --- |
| valbenazine, at most | {100 * d2["valbenazine_at_most"]:.2f} % | |
| tetrabenazine, by its recalled Ki | {100 * d2["tetrabenazine"]:.1f} % | {d2["ratio"]:.0f} |
| with each Ki at its weak end | {100 * d2["tetrabenazine_weakest"]:.1f} % | {weak} |

Tetrabenazine's Ki at D2 are recalled, not checked, and the ends of their spread are assumed. On
valbenazine's side it is a bound, because only a lower bound of its Ki at D2 is published (above
5,000 nM). At label doses the load S = sum C_u/Ki of valbenazine is
{contrasts.load_ratio_at_label_doses():.1f} times tetrabenazine's.

### Deutetrabenazine is flatter at equal exposure

Total HTBZ, both twice daily; {flat["deutetrabenazine_mg"]:.1f} mg of deutetrabenazine has
{flat["area_ratio"]:.3f} times the area of 25 mg of tetrabenazine. Peak to trough
{flat["deutetrabenazine"]:.2f} against {flat["tetrabenazine"]:.2f}: a ratio of {flat["ratio"]:.2f}.
With tetrabenazine's own tablet, so by the isotope alone, the ratio is
{contrasts.isotope_alone():.2f}.
"""


def rats_text() -> str:
    """Return the rows of rats."""
    constants = ", ".join(f"{name} {q.value:g} {q.unit}" for name, q in preclinical.RAT.items())
    return f"""## Rats

One dose is one exposure, and the exposure is assumed; three numbers are fitted to the five
contents after reserpine marked *fitted*, one to tetrabenazine's dose for half
({constants}). With whole vesicles renewed the same constants miss less than with copies
renewed, for dopamine above all, but no single renewal meets both 16 % serotonin and 10 %
dopamine at 24 h and 50 % noradrenaline at 5 d, and 0.1 mg/kg does less than was seen. Two
calibration rows have no number to meet: VMAT2 protein unchanged (E0660), which renewal of
protein alone would not give, and [3H]TBZOH binding only moderately back at 30 d (E0661),
which a half-time of a week contradicts.

{rat.table(observations())}
"""


def text() -> str:
    """Return the whole page."""
    return "\n".join(
        [
            HEAD,
            contrasts_text(),
            rats_text(),
            clinical.text(),
            "## Row by row\n",
            rows_table(),
            "",
            CONFLICTS,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    page = text()
    if parser.parse_args().write:
        (HERE / "README.md").write_text(page, encoding="utf-8")
    else:
        print(page)


if __name__ == "__main__":
    main()
