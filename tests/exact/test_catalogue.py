"""The catalogue: complete, sourced, consistent; labels that can be taken as they stand."""

from dataclasses import replace

import pytest

import vmatcore as vm
from vmatcore import label, lipophilicity
from vmatcore.errors import ParameterError

DRUGS = vm.drugs.names()


def all_quantities():
    for name in DRUGS:
        drug = vm.drugs.get(name)
        yield from ((f"{name}.{key}", value) for key, value in drug.parameters.items())
        yield from ((f"{name}.isotope.{k}", v) for k, v in drug.isotope_effects.items())
        for condition, changed in drug.conditions.items():
            yield from ((f"{name}.{condition}.{k}", v) for k, v in changed.items())
    for name, moiety in vm.drugs.moieties().items():
        yield f"{name}.molar_mass", moiety.molar_mass
        yield f"{name}.fraction_unbound", moiety.fraction_unbound
        yield f"{name}.log_p", moiety.log_p
        for target, affinity in moiety.affinities.items():
            yield f"{name}.{target}", affinity.ki
    for key, value in vm.drugs.brain().items():
        yield f"brain.{key}", value
    for enzyme, table in vm.drugs.enzymes().items():
        yield from ((f"{enzyme}.{key}", value) for key, value in table.items())


def test_every_number_says_its_unit_source_and_status():
    count = 0
    for key, quantity in all_quantities():
        count += 1
        assert quantity.unit, key
        assert len(quantity.source) > 8, key
        low, high = quantity.spread
        assert low <= quantity.value <= high, key
        if quantity.status == "assumed":
            assert quantity.source, key
        if quantity.status == "recalled":
            assert "recalled" in quantity.source, key
        if "recalled" in quantity.source:
            assert quantity.status == "recalled", key
    assert count > 150


def test_calibrated_numbers_are_marked_as_derived():
    for key, quantity in all_quantities():
        if "calibrate.py" in quantity.source:
            assert quantity.status == "derived", key


@pytest.mark.parametrize("name", DRUGS)
def test_a_branch_is_a_share_and_what_it_leaves(name):
    drug = vm.drugs.get(name)
    shares = [(p.source, p.clearance, p.share) for p in drug.eliminations if p.share is not None]
    rests = [(p.source, p.clearance, p.rest_of) for p in drug.eliminations if p.rest_of is not None]
    assert sorted(shares) == sorted(rests)
    doses = [drug.parameters[dose.share].value for dose in drug.doses if dose.share is not None]
    assert sum(doses) == 1.0 or not doses


def test_changing_a_share_keeps_the_whole_clearance():
    changed = vm.drugs.get("valbenazine").with_parameters({"fraction_to_alpha": 0.35})
    one = vm.pk.simulate("valbenazine 40 mg").exposure_nmol_h_l(0, 2000)
    other = vm.pk.simulate("valbenazine 40 mg", drugs=[changed]).exposure_nmol_h_l(0, 2000)
    assert other[0, 0] == pytest.approx(one[0, 0], rel=1e-12)
    assert other[0, 1] == pytest.approx(one[0, 1] * 0.35 / 0.207, rel=1e-12)


def test_each_enantiomer_forms_only_its_own_pair():
    for name in ("tetrabenazine", "deutetrabenazine"):
        for path in vm.drugs.get(name).eliminations:
            if path.product is not None:
                assert path.source[:3] == path.product[:3]


def test_deutetrabenazine_is_declared_by_its_isotope_alone():
    light, heavy = vm.drugs.get("tetrabenazine"), vm.drugs.get("deutetrabenazine")
    assert heavy.eliminations == light.eliminations
    assert heavy.exchanges == light.exchanges
    different = {k for k in light.parameters if heavy.parameters[k] != light.parameters[k]}
    own = {"molar_mass", "absorption_rate", "absorption_lag", "fraction_absorbed"}
    assert different <= own
    fraction = "fraction_absorbed"
    assert heavy.parameters[fraction].value == light.parameters[fraction].value
    for moiety in heavy.moieties:
        twin = light.moiety(moiety.name.removeprefix("d6-"))
        assert moiety.affinities == twin.affinities
        # Six deuterium atoms for six hydrogen atoms.
        assert moiety.molar_mass.value - twin.molar_mass.value == pytest.approx(6.04, abs=0.05)


def test_extended_release_is_absorbed_more_slowly_and_is_otherwise_the_same_drug():
    plain, slow = vm.drugs.get("deutetrabenazine"), vm.drugs.get("deutetrabenazine-xr")
    rate = "absorption_rate"
    assert slow.parameters[rate].value < plain.parameters[rate].value
    assert {k for k in plain.parameters if slow.parameters[k] != plain.parameters[k]} == {rate}
    assert slow.isotope_effects == plain.isotope_effects


def test_valbenazine_feeds_the_same_moiety_as_tetrabenazine():
    active = vm.drugs.get("valbenazine").moiety("(+)-alpha-HTBZ")
    assert active == vm.drugs.get("tetrabenazine").moiety("(+)-alpha-HTBZ")
    assert [m.name for m in vm.drugs.get("valbenazine").moieties] == [
        "valbenazine", "(+)-alpha-HTBZ",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"), [(n, k) for n in DRUGS for k in vm.drugs.get(n).label if k != "source"]
)
def test_every_label_regimen_can_be_taken_for_eight_weeks(name, kind):
    assert kind in label.KINDS
    regimen = label.regimen(name, kind, days=56)
    assert regimen.drugs == (name,)
    assert 55 * 24 <= regimen.last_dose_h < 56 * 24


# Daily maximum in mg: US labels (Xenazine 100, poor metabolisers 50; Austedo 48 and 36;
# Ingrezza 80 and 40), and 0.5 for reserpine in hypertension.
DAILY_MAXIMUM = {
    "tetrabenazine": (100.0, 50.0),
    "deutetrabenazine": (48.0, 36.0),
    "deutetrabenazine-xr": (48.0, 36.0),
    "valbenazine": (80.0, 40.0),
    "reserpine": (0.5, None),
}


@pytest.mark.parametrize("name", DRUGS)
def test_no_label_regimen_exceeds_the_daily_maximum(name):
    usual, poor = DAILY_MAXIMUM[name]
    for kind in set(label.KINDS) & set(vm.drugs.get(name).label):
        regimen = label.regimen(name, kind, days=42)
        for day in range(42):
            window = (24.0 * day, 24.0 * (day + 1))
            taken = sum(d.dose_mg for d in regimen.doses() if window[0] <= d.time_h < window[1])
            assert taken <= (poor if kind.endswith("metaboliser") else usual) + 1e-9, (kind, day)


@pytest.mark.parametrize("name", DRUGS)
def test_titration_starts_at_the_starting_dose_and_reaches_the_usual_one(name):
    titration = label.regimen(name, "titration", days=70).doses()
    assert titration[0].dose_mg == label.regimen(name, "start", days=7).doses()[0].dose_mg
    assert titration[-1].dose_mg == label.regimen(name, "usual", days=70).doses()[-1].dose_mg


def test_with_parameters_marks_the_new_number_and_leaves_the_catalogue_alone():
    before = vm.drugs.get("valbenazine").parameters["clearance"].value
    changed = vm.drugs.get("valbenazine").with_parameters({"clearance": 10.0})
    assert changed.parameters["clearance"].status == "assumed"
    assert changed.parameters["clearance"].source == "set by the user"
    assert vm.drugs.get("valbenazine").parameters["clearance"].value == before
    # A condition's own value must not hide the new one.
    sick = vm.Subject(condition="tardive dyskinesia")
    one = vm.pk.simulate("valbenazine 80 mg", drugs=[changed], subject=sick)
    other = vm.pk.simulate("valbenazine 80 mg", subject=sick)
    assert one.plasma_nmol_l[0, 0, 48] > other.plasma_nmol_l[0, 0, 48]


def test_what_is_read_needs_a_volume_and_the_order_of_compartments_does_not_matter():
    drug = vm.drugs.get("valbenazine")
    turned = replace(drug, compartments=drug.compartments[::-1])
    assert {place.name for place in turned.compartments} == {p.name for p in drug.compartments}
    moiety = lipophilicity.probe(2.0).moieties[0]
    with pytest.raises(ParameterError, match="compartment 'plasma' is read and needs a `volume`"):
        vm.drugs.Drug(
            name="own",
            summary="",
            parameters={"molar_mass": moiety.molar_mass},
            doses=(vm.drugs.Dose(compartment="gut"),),
            compartments=(
                vm.drugs.Compartment(name="gut"),
                vm.drugs.Compartment(name="plasma", moiety="probe"),
            ),
            moieties=(moiety,),
        )
