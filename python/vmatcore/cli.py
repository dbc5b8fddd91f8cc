"""The command line: the same words as the Python API, the same numbers."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

import vmatcore

if TYPE_CHECKING:
    from vmatcore.subject import Subject

Function = TypeVar("Function", bound=Callable[..., Any])

#: Days on the drug and days after the last of them, in the main job.
_DAYS_ON, _DAYS_OFF = 28, 28

_NOT_FOR_PATIENTS = "A research tool. Not for dosing patients."


class _Commands(click.Group):
    """A group whose commands answer a vmatcore error with one line and exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        from vmatcore.errors import VmatError

        try:
            return super().invoke(context)
        except VmatError as error:
            click.echo(f"error: {error}", err=True)
            context.exit(2)
        except BrokenPipeError:
            context.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version=vmatcore.__version__)
def main() -> None:
    """Simulate VMAT2 inhibitors from a dose to occupancy, content and signs.

    A research tool. Not for dosing patients.
    """


def _subject_options(function: Function) -> Function:
    """Add the options that describe the subject, and hand it on as one."""

    @functools.wraps(function)
    def with_subject(
        *, cyp2d6: str, weight_kg: float, condition: str | None, taken_with: tuple[str, ...],
        food: str, hepatic_impairment: str, **rest: Any,
    ) -> Any:  # fmt: skip
        from vmatcore.subject import Subject

        subject = Subject(
            cyp2d6=_score(cyp2d6),
            weight_kg=weight_kg,
            condition=condition,
            comedication=taken_with,
            food=food,
            hepatic_impairment=hepatic_impairment,
        )
        return function(subject=subject, **rest)

    wrapped: Any = with_subject
    for option in reversed(
        [
            click.option(
                "--cyp2d6", default="normal", show_default=True,
                help="poor, intermediate, normal or ultrarapid metaboliser, or an activity score.",
            ),
            click.option(
                "--weight-kg", type=float, default=70.0, show_default=True,
                help="Body weight; acts on valbenazine alone.",
            ),
            click.option(
                "--condition",
                help="'tardive dyskinesia' or \"Huntington's chorea\": benefit is then in points "
                "of AIMS or TMC, and valbenazine has the published medians of these patients; no "
                "other drug has any.",
            ),
            click.option(
                "--with", "taken_with", multiple=True, metavar="NAME",
                help="What else is taken, such as paroxetine; may be given again.",
            ),
            click.option(
                "--food", default="fasted", show_default=True,
                help="fasted or fed; acts on valbenazine alone.",
            ),
            click.option(
                "--hepatic-impairment", default="none", show_default=True,
                help="none, mild, moderate or severe.",
            ),
        ]
    ):  # fmt: skip
        wrapped = option(wrapped)
    result: Function = wrapped
    return result


def _molecular_options(function: Function) -> Function:
    """Add the options of the molecular level."""
    hours = click.option(
        "--molecular-at-h", type=float, multiple=True, metavar="HOUR",
        help="Follow single vesicles and synapses at this hour; may be given again.",
    )  # fmt: skip
    seed = click.option(
        "--seed", type=int, help="Of what is drawn; by default each draws and prints one."
    )
    return hours(seed(function))


def _score(cyp2d6: str) -> str | float:
    """Return an activity score as a number, a phenotype as it is."""
    try:
        return float(cyp2d6)
    except ValueError:
        return cyp2d6


@main.command()
@click.option("--days", type=float, default=_DAYS_ON, show_default=True, help="Days on the drug.")
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path),
    default="vmatcore-report", show_default=True, help="Folder for the figure and the tables.",
)  # fmt: skip
@click.option("--figure/--no-figure", default=True, help="Whether to draw the figure.")
@_molecular_options
@_subject_options
def compare(
    *, days: float, output: Path, figure: bool, molecular_at_h: tuple[float, ...],
    seed: int | None, subject: Subject,
) -> None:  # fmt: skip
    """Compare the four drugs at label doses: tables here, a figure in a folder."""
    from vmatcore import label
    from vmatcore.comparison import compare as compare_regimens

    arms = ("reserpine", "tetrabenazine", "deutetrabenazine", "valbenazine")
    # A label that limits people without CYP2D6, by genotype or by an inhibitor, is kept to.
    limited = "maximum_poor_metaboliser"
    kinds = {
        name: limited if not subject.activity("CYP2D6") and limited in _label_of(name) else "usual"
        for name in arms
    }
    regimens = {name: label.regimen(name, kinds[name], days=days) for name in arms}
    _make_folder(output)
    result = compare_regimens(
        regimens,
        until_h=24.0 * (days + _DAYS_OFF),
        subject=subject,
        molecular_at_h=molecular_at_h or None,
        seed=seed,
    )
    click.echo(f"Four VMAT2 inhibitors at label doses, {days:g} days. {_NOT_FOR_PATIENTS}\n")
    for name, regimen in regimens.items():
        click.echo(f"  {name:17} {regimen}")
    click.echo()
    click.echo(result.table())
    for name in result:
        if result[name].molecular is not None:
            click.echo(f"\n{name}: {result[name].molecular}")
    written = [_write_readings(result, output / "compare.csv")]
    if figure:
        written += _write_figure(result.plot(), output)
    click.echo("\nWritten: " + ", ".join(str(path) for path in written))


def _label_of(name: str) -> Mapping[str, str]:
    """Return the label regimens of a drug."""
    from vmatcore import drugs as catalogue

    return catalogue.get(name).label


def _write_figure(drawing: Any, folder: Path) -> list[Path]:
    """Write a figure in two formats; return the paths."""
    from vmatcore.errors import FileFormatError

    paths = [folder / f"compare.{ending}" for ending in ("png", "svg")]
    for path in paths:
        try:
            drawing.savefig(path, dpi=150)
            drawing.set_layout_engine("none")  # the first writing has placed everything
        except OSError as error:
            raise FileFormatError(f"cannot write {str(path)!r}: {error.strerror}") from None
    return paths


def _make_folder(folder: Path) -> None:
    from vmatcore.errors import FileFormatError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"cannot make {str(folder)!r}: {error.strerror}") from None


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    import csv

    from vmatcore.errors import FileFormatError

    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        raise FileFormatError(f"cannot write {str(path)!r}: {error.strerror}") from None
    return path


def _write_readings(result: Any, path: Path) -> Path:
    """Write every number of the tables, one a row, unrounded."""
    columns = ("arm", "item", "metric", "value", "low", "high", "unit", "kind")
    rows = ([getattr(reading, column) for column in columns] for reading in result.readings())
    return _write_csv(path, columns, rows)


@main.command()
@click.argument("regimen")
@click.option("--every-h", type=float, default=0.5, show_default=True, help="Distance of reads.")
@click.option("--until-h", type=float, help="Last read; by default the last interval's end.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the time course to this CSV file.",
)
@_molecular_options
@click.option("--threads", type=int, help="Threads; all cores by default.")
@_subject_options
def simulate(
    *, regimen: str, every_h: float, until_h: float | None, output: Path | None,
    molecular_at_h: tuple[float, ...], seed: int | None, threads: int | None, subject: Subject,
) -> None:  # fmt: skip
    """Simulate a REGIMEN, such as "tetrabenazine 25 mg q8h x 42"."""
    from vmatcore.chain import simulate as simulate_regimen
    from vmatcore.comparison import Comparison

    run = simulate_regimen(
        regimen,
        every_h=every_h,
        until_h=until_h,
        subject=subject,
        molecular_at_h=molecular_at_h or None,
        seed=seed,
        threads=threads,
    )
    click.echo(f"{run.regimen}\n")
    click.echo(Comparison(runs={"this regimen": run}).table())
    if run.molecular is not None:
        click.echo(f"\n{run.molecular}")
    if output is not None:
        _write_course(run, output)
        click.echo(f"\nWritten: {output}")


def _write_course(run: Any, path: Path) -> None:
    """Write one subject's time course: plasma by moiety, the targets, content and signals."""
    held = run.occupancy
    columns = ["time_h"]
    columns += [f"{moiety.name} plasma ng/mL" for moiety in run.pk.moieties]
    columns += ["VMAT2 held", *(f"{target} held" for target in held.off_target)]
    values = [run.pk.time_h, *run.pk.plasma_ng_ml[0], held.vmat2[0]]
    values += [off_target[0] for off_target in held.off_target.values()]
    if not any(course.steady_state for course in run.regimen.courses):
        signal = run.signal
        columns += [f"{site} content" for site in signal.content]
        columns += [f"{site} outside" for site in signal.amine]
        columns += ["D2 activation", "burst at D1", "dip"]
        values += [one[0] for part in (signal.content, signal.amine) for one in part.values()]
        values += [signal.d2[0], signal.burst[0], signal.dip[0]]
    _write_csv(path, columns, ([float(v) for v in row] for row in zip(*values, strict=True)))


@main.command()
@click.argument("name", required=False)
def drugs(name: str | None) -> None:
    """List the drugs, or every parameter of the drug NAME with its source."""
    from vmatcore import drugs as catalogue

    if name is None:
        for known in catalogue.names():
            click.echo(f"{known:20} {catalogue.get(known).summary}")
        click.echo(f"{'brain':20} laws of brain entry")
        click.echo(f"{'enzymes':20} activity of enzymes by phenotype")
        return
    for title, quantities in _quantities(name).items():
        click.echo(f"\n{title}")
        for key, quantity in quantities.items():
            low, high = quantity.spread
            spread = "" if low == high else f" ({low:g} to {high:g})"
            click.echo(f"  {key}: {quantity.value:g} {quantity.unit}{spread} [{quantity.status}]")
            click.echo(f"      {quantity.source}")


def _quantities(name: str) -> dict[str, dict[str, Any]]:
    """Return every number of a drug under headings."""
    from vmatcore import drugs as catalogue

    if name == "brain":
        return {"brain entry": dict(catalogue.brain())}
    if name == "enzymes":
        return {f"activity of {key}": dict(table) for key, table in catalogue.enzymes().items()}
    drug = catalogue.get(name)
    found: dict[str, dict[str, Any]] = {f"{drug.name}: {drug.summary}": dict(drug.parameters)}
    if drug.isotope_effects:
        found["clearance divided by (isotope effect)"] = dict(drug.isotope_effects)
    for condition, changed in drug.conditions.items():
        found[f"in {condition}"] = dict(changed)
    for moiety in drug.moieties:
        numbers: dict[str, Any] = {}
        for key in ("molar_mass", "fraction_unbound", "log_p", "irreversible_on"):
            if getattr(moiety, key) is not None:
                numbers[key] = getattr(moiety, key)
        if moiety.recovery_half_time is not None:
            numbers["recovery_half_time"] = moiety.recovery_half_time
        for target, affinity in moiety.affinities.items():
            numbers[f"Ki at {target}" + (", at least" if affinity.at_least else "")] = affinity.ki
        found[f"moiety {moiety.name}"] = numbers
    return found


@main.command()
def doctor() -> None:
    """Say what is installed and what this machine can do."""
    from vmatcore import diagnosis

    for key, value in diagnosis.facts().items():
        click.echo(f"{key:22} {value}")


@main.command()
def selftest() -> None:
    """Check that this machine gives the same bits as every other."""
    from vmatcore import diagnosis

    wrong = diagnosis.wrong_hashes()
    count = len(diagnosis.golden())
    if wrong:
        click.echo(f"error: {len(wrong)} of {count} golden hashes differ: {', '.join(wrong)}")
        sys.exit(1)
    click.echo(f"{count} golden hashes are equal")
