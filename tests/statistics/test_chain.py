"""One walk through the chain: dose, plasma, occupancy, terminal, and then single molecules.

The averages of the molecular level are those of the mean field, and what is left
between the two signals falls as 1/synapses.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

import vmatcore as vm
from tests.statistics.budget import deterministic, statistical
from tests.statistics.gates import binomial_total, bounded_mean, mean_and_variance, power_law

REGIMEN = "valbenazine 40 mg q24h x 7 then 80 mg q24h x 5"
HOURS = {"first day": 5.0, "start of the second dose": 170.0, "steady": 283.0}
SYNAPSE = vm.Synapse.dopamine()
DORSAL = vm.Region.dorsal_striatum()


@functools.lru_cache(maxsize=1)
def walked(seed, hour, **many):
    """From the dose to the molecules of one hour, in one call."""
    return vm.simulate(REGIMEN, molecular_at_h=[hour], seed=seed, **many).molecular.of()


@statistical("chain/filling", cases=HOURS)
def test_the_contents_at_an_hour_have_the_mean_and_variance_of_the_mean_field(check, case):
    one = walked(check.seed, case, vesicles=40_000, synapses=1)
    mean = one.filling_mean.mean
    # Contents are Poisson under fast binding, whatever the drives did.
    mean_and_variance(
        one.filling.molecules * check.factor,
        mean=mean,
        variance=mean,
        fourth_moment=mean + 3.0 * mean**2,
        share=check.share,
    )


@statistical("chain/release", cases=HOURS)
def test_the_molecules_of_a_synapse_have_the_mean_of_the_mean_field_given_its_spikes(check, case):
    one = walked(check.seed, case, vesicles=1, synapses=12_000)
    starts = one.release.offsets[:-1].astype(int)
    quanta = np.add.reduceat(one.release.quanta, starts)
    # In a minute an active varicosity fuses about 50 vesicles; one in e^40 none.
    active = quanta > 0
    binomial_total(int(active.sum()), len(active), SYNAPSE.active_share, share=check.share / 3)
    for name, spread in (("quanta", 0.025), ("molecules", 0.028)):
        got = np.add.reduceat(getattr(one.release, name), starts)[active]
        want = np.add.reduceat(getattr(one.release_mean, name), starts)[active]
        values = got / (want / SYNAPSE.active_share) * check.factor
        assert values.var() < spread
        verdict = bounded_mean(
            values, mean=1.0, low=0.0, high=4.0, variance=spread, share=check.share / 3
        )
        assert verdict.catches < 0.05


#: Synapses of one tissue, and how many such tissues are averaged.
TISSUES = {125: 128, 500: 64, 2000: 32}
SECONDS = 12.0
LISTEN_S = 2.0
TANGENT = 1e-3
"""Part of the deviation along which the signal is linear to 1 in 1,000 of the gap."""

#: How far the slope may lie from -1 because the next order, 1/synapses^2, is there too.
NEXT_ORDER = 0.03


#: Whether the autoreceptor acts, and the sign of the gap. Uptake saturates, so the same release
#: in rarer and larger portions leaves more amine; the autoreceptor hears each portion while it
#: appears, and takes more than that away.
FEEDBACK = {"uptake alone": (False, 1.0), "with the autoreceptor": (True, -1.0)}


def a_tissue(one, molecules, first, count, *, feedback, region=DORSAL):
    """The mean amine of some of the synapses, if they were all that there are, in nmol/L."""
    offsets = one.release.offsets[first : first + count + 1]
    part = slice(int(offsets[0]), int(offsets[-1]))
    rows = vm.release.ReleaseMeanRows(
        time_s=one.release.time_s[part],
        duration_s=SECONDS,
        quanta=one.release_mean.quanta[part],
        molecules=molecules[part],
        offsets=offsets - offsets[0],
        provenance={},
    )
    start = one.signal_mean.provenance["start"]
    heard = vm.signal.simulate(rows, region, start=start, feedback=feedback)
    return float(heard.amine_nmol_l[heard.time_s > LISTEN_S].mean())


@functools.lru_cache(maxsize=len(TISSUES))
def synapses(seed, count):
    """So many synapses of a run, each with spikes of its own."""
    trains = vm.spikes.tonic_burst(duration_s=SECONDS, synapses=count, seed=seed)
    run = vm.simulate(REGIMEN)
    every = {"synapses": count, "vesicles": 1, "seed": seed, "train": trains}
    return vm.molecular.simulate(run, at_h=[283.0], **every).of()


def gaps(seed, factor, count, tissues, **settings):
    """Molecular minus mean-field amine of many tissues of one size, without its linear part.

    The amine is nearly linear in what the synapses release beyond their mean, and the mean of
    that part is 0, because the averages of release are those of the mean field. Taken off along
    the tangent, it leaves the gap with a tenth of its size as noise.
    """
    one = synapses(seed + count & (2**64 - 1), count * tissues)
    mean = one.release_mean.molecules
    beyond = one.release.molecules - mean
    values = []
    for first in range(0, count * tissues, count):
        expected = a_tissue(one, mean, first, count, **settings)
        linear = a_tissue(one, mean + TANGENT * beyond, first, count, **settings) - expected
        claimed = a_tissue(one, mean * factor, first, count, **settings)
        simulated = a_tissue(one, mean + beyond, first, count, **settings)
        values.append(simulated - claimed - linear / TANGENT)
    return np.array(values)


@statistical("chain/signal-gap", cases=FEEDBACK)
def test_the_gap_between_the_signals_falls_as_one_over_synapses(check, case):
    feedback, sign = case
    # In the twin the mean field is 5 % wrong: then a gap is left that does not fall.
    found = [gaps(check.seed, check.factor, *size, feedback=feedback) for size in TISSUES.items()]
    if check.factor == 1.0:
        assert all((sign * values > 0).all() for values in found)
    verdict = power_law(
        list(TISSUES), found, exponent=-1.0, tolerance=NEXT_ORDER, share=check.share
    )
    # The slope of a gap that falls as 1/sqrt(synapses), or not at all, is far outside.
    assert verdict.catches < 0.25


@deterministic
def test_without_saturation_and_autoreceptor_there_is_no_gap():
    linear = dataclasses.replace(DORSAL, uptake_nmol_l_s=0.0, loss_per_s=19.5, gain=0.0)
    values = gaps(1, 1.0, 125, 16, feedback=False, region=linear)
    assert np.abs(values).max() < 1e-8
