//! The lumen of a vesicle that pays for its amine with protons.
//!
//! State: molecules of amine, protons and chloride ions that came in since 0 s.
//! pH follows from the protons and the buffer, the potential from the charges
//! and the capacitance. Every way in has its way back, and their ratio is the
//! one that thermodynamics asks for; so what balances, balances for good.

use crate::math::{exp, ln};
use crate::vesicle::{Segment, Size};
use crate::{Error, Result};

const LN_10: f64 = std::f64::consts::LN_10;

/// The V-ATPase: protons per s as a function of the potential and the proton-motive force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pump {
    /// Pumps in a vesicle; the mean of all vesicles, so it need not be whole.
    pub copies: f64,
    /// Protons that one pump moves per s at most.
    pub most_per_s: f64,
    /// Potential across the membrane at which half of that is left, in mV.
    pub half_mv: f64,
    /// Potential over which it falls e-fold beyond, in mV.
    pub slope_mv: f64,
    /// Proton-motive force at which pump and return are equal, in mV.
    pub stall_mv: f64,
    /// Force over which the return grows e-fold, in mV.
    pub stall_slope_mv: f64,
    /// Most protons that return through one pump relative to those that enter.
    pub stall_weight: f64,
}

/// What acidifies a vesicle of standard size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// The V-ATPase.
    pub pump: Pump,
    /// Protons that leak per s and mol/L of protons, both directions alike.
    pub leak_per_s: f64,
    /// Conductance of all chloride exchangers near balance: cycles per s and mV.
    pub exchange_per_s_mv: f64,
    /// The same far from it, per s and mV^3.
    pub exchange_far_per_s_mv3: f64,
    /// Driving force around which one goes over into the other, in mV.
    pub exchange_turn_mv: f64,
    /// And over which it does, in mV.
    pub exchange_slope_mv: f64,
    /// Protons that lower the pH by 1.
    pub buffer_protons: f64,
    /// Potential that one charge makes, in mV.
    pub charge_mv: f64,
    /// RT/F in mV.
    pub thermal_mv: f64,
    /// Potential of the outer surface of the membrane against the cytosol, in mV.
    pub surface_mv: f64,
    /// pH of the cytosol.
    pub cytosol_ph: f64,
    /// Chloride of the cytosol, as ions in a standard vesicle's volume.
    pub cytosol_chloride: f64,
    /// pH of the lumen at 0 s.
    pub start_ph: f64,
    /// Potential of the lumen against the cytosol at 0 s, in mV.
    pub start_mv: f64,
    /// Chloride ions of a standard vesicle at 0 s.
    pub start_chloride: f64,
    /// Protons that leave for each amine that enters.
    pub protons_per_amine: f64,
    /// The ratio of lumenal to cytosolic amine for which the law's efflux was stated.
    pub ceiling: f64,
    /// Molecules that one copy moves per s at most.
    pub turnover_per_s: f64,
}

impl Supply {
    /// Refuse what has no meaning.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value that is not finite, or not positive where it must be.
    pub fn check(&self) -> Result<()> {
        let positive = [
            ("slope_mv", self.pump.slope_mv),
            ("stall_slope_mv", self.pump.stall_slope_mv),
            ("exchange_slope_mv", self.exchange_slope_mv),
            ("buffer_protons", self.buffer_protons),
            ("charge_mv", self.charge_mv),
            ("thermal_mv", self.thermal_mv),
            ("ceiling", self.ceiling),
            ("turnover_per_s", self.turnover_per_s),
            ("cytosol_chloride", self.cytosol_chloride),
        ];
        let not_negative = [
            ("pump_copies", self.pump.copies),
            ("most_per_s", self.pump.most_per_s),
            ("stall_weight", self.pump.stall_weight),
            ("leak_per_s", self.leak_per_s),
            ("exchange_per_s_mv", self.exchange_per_s_mv),
            ("exchange_far_per_s_mv3", self.exchange_far_per_s_mv3),
            ("start_chloride", self.start_chloride),
            ("protons_per_amine", self.protons_per_amine),
        ];
        let finite = [
            ("half_mv", self.pump.half_mv),
            ("stall_mv", self.pump.stall_mv),
            ("exchange_turn_mv", self.exchange_turn_mv),
            ("surface_mv", self.surface_mv),
            ("cytosol_ph", self.cytosol_ph),
            ("start_ph", self.start_ph),
            ("start_mv", self.start_mv),
        ];
        let refuse = |rule: &str, found: Option<&(&str, f64)>| match found {
            Some(&(name, value)) => Err(Error::parameter(name, rule, value)),
            None => Ok(()),
        };
        let wrong = |item: &&(&str, f64)| !(item.1.is_finite() && item.1 > 0.0);
        refuse("must be finite and positive", positive.iter().find(wrong))?;
        let wrong = |item: &&(&str, f64)| !(item.1.is_finite() && item.1 >= 0.0);
        refuse("must be finite and not negative", not_negative.iter().find(wrong))?;
        refuse("must be finite", finite.iter().find(|item| !item.1.is_finite()))
    }

    /// The lumen at 0 s of a vesicle with a size and so many molecules.
    pub(super) fn lumen(&self, size: Size, molecules: f64) -> Lumen {
        Lumen { molecules, protons: 0.0, chloride: (self.start_chloride * size.volume).floor() }
    }
}

/// What is inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lumen {
    /// Molecules of amine.
    pub molecules: f64,
    /// Protons that came in since 0 s, less those that left.
    pub protons: f64,
    /// Chloride ions.
    pub chloride: f64,
}

/// Ways in and out, in the order of [`CHANGES`].
pub(super) const WAYS: usize = 9;

/// What one passage changes: molecules, protons, chloride. The protons of amine are those of the
/// supply, so they are stated as multiples of them.
pub(super) const CHANGES: [[f64; 4]; WAYS] = [
    [0.0, 1.0, 0.0, 0.0],  // the pump moves a proton in
    [0.0, -1.0, 0.0, 0.0], // and back
    [0.0, 1.0, 0.0, 0.0],  // a proton leaks in
    [0.0, -1.0, 0.0, 0.0], // or out
    [0.0, 1.0, 0.0, -2.0], // two chloride ions leave for a proton
    [0.0, -1.0, 0.0, 2.0], // and back
    [1.0, 0.0, -1.0, 0.0], // amine enters for protons
    [-1.0, 0.0, 1.0, 0.0], // and back
    [-1.0, 1.0, 0.0, 0.0], // amine leaks out as the neutral molecule and leaves its proton
];

impl Lumen {
    /// One passage through a way, or a fraction of one.
    #[inline]
    pub(super) fn change(&mut self, way: usize, amount: f64, supply: &Supply) {
        let [molecules, protons, for_amine, chloride] = CHANGES[way];
        self.molecules += amount * molecules;
        self.protons += amount * (protons + supply.protons_per_amine * for_amine);
        self.chloride += amount * chloride;
    }
}

/// A supply in one vesicle, with what its size decides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Membrane<'a> {
    pub supply: &'a Supply,
    start: Lumen,
    area: f64,
    buffer_protons: f64,
    charge_mv: f64,
    cytosol_chloride: f64,
    cytosol_protons: f64,
}

impl<'a> Membrane<'a> {
    pub(super) fn new(supply: &'a Supply, size: Size, start: Lumen) -> Self {
        let area = size.diameter * size.diameter;
        Self {
            supply,
            start,
            area,
            buffer_protons: supply.buffer_protons * size.volume,
            charge_mv: supply.charge_mv / area,
            cytosol_chloride: supply.cytosol_chloride * size.volume,
            cytosol_protons: exp(-LN_10 * supply.cytosol_ph),
        }
    }

    /// pH of the lumen.
    #[inline]
    pub(super) fn ph(&self, lumen: &Lumen) -> f64 {
        self.supply.start_ph - lumen.protons / self.buffer_protons
    }

    /// Potential of the lumen against the cytosol, in mV.
    #[inline]
    pub(super) fn potential_mv(&self, lumen: &Lumen) -> f64 {
        let amine = lumen.molecules - self.start.molecules;
        let chloride = lumen.chloride - self.start.chloride;
        self.supply.start_mv + self.charge_mv * (lumen.protons + amine - chloride)
    }

    /// Passages per s through every way.
    ///
    /// `working` copies carry amine at the rates of `segment`; `leak_per_s` is that of the amine.
    pub(super) fn rates(
        &self,
        lumen: &Lumen,
        segment: &Segment,
        working: f64,
        size: Size,
        leak_per_s: f64,
    ) -> [f64; WAYS] {
        let Supply { pump, thermal_mv, .. } = *self.supply;
        let (ph, inside_mv) = (self.ph(lumen), self.potential_mv(lumen));
        let across_mv = inside_mv - self.supply.surface_mv;
        let gradient_mv = thermal_mv * (LN_10 * (self.supply.cytosol_ph - ph));

        let back = exp((across_mv + gradient_mv - pump.stall_mv) / pump.stall_slope_mv);
        let slowed = 1.0 + exp((across_mv - pump.half_mv) / pump.slope_mv);
        let turns = pump.copies * pump.most_per_s / (slowed + pump.stall_weight * back);

        let pull = bernoulli(-(across_mv / thermal_mv));
        let through = self.supply.leak_per_s * self.area * pull;
        let leak_in = through * self.cytosol_protons * exp(-(inside_mv / thermal_mv));
        let leak_out = through * exp(-LN_10 * ph);

        let [exchange_in, exchange_out] = self.exchange(lumen.chloride, inside_mv, gradient_mv);

        // The law's efflux at the ceiling of this moment; exit saturates as entry does.
        let decades = (self.supply.protons_per_amine * gradient_mv
            + (self.supply.protons_per_amine - 1.0) * inside_mv)
            / thermal_mv;
        let scale = self.supply.ceiling * exp(-decades);
        let each = segment.efflux_per_s / size.volume * scale;
        let loaded = 1.0 + lumen.molecules * each / self.supply.turnover_per_s;
        let amine_in = working * segment.influx_per_s / loaded;
        let amine_out = lumen.molecules * (working * each) / loaded;

        [
            turns,
            turns * back,
            leak_in,
            leak_out,
            exchange_in,
            exchange_out,
            amine_in,
            amine_out,
            lumen.molecules * leak_per_s,
        ]
    }

    /// Cycles per s of two chloride ions against a proton: proton in, and proton out.
    fn exchange(&self, chloride: f64, inside_mv: f64, gradient_mv: f64) -> [f64; 2] {
        let supply = self.supply;
        let least = if chloride > 1.0 { chloride } else { 1.0 };
        let ratio = ln(self.cytosol_chloride / least);
        let drive_mv = 3.0 * inside_mv + gradient_mv + 2.0 * supply.thermal_mv * ratio;
        let turned = (drive_mv + supply.exchange_turn_mv) / supply.exchange_slope_mv;
        let near = 1.0 / (1.0 + exp(-2.0 * turned));
        let far = (1.0 - near) * supply.exchange_far_per_s_mv3 * (drive_mv * drive_mv);
        let cycles = (near * supply.exchange_per_s_mv + far) * supply.thermal_mv * self.area;
        let push = drive_mv / supply.thermal_mv;
        let proton_in = if chloride < 2.0 { 0.0 } else { cycles * bernoulli(push) };
        [proton_in, cycles * bernoulli(-push)]
    }
}

/// x/(e^x - 1): the share of a symmetric flow that runs against a force.
fn bernoulli(x: f64) -> f64 {
    if (-1e-5..1e-5).contains(&x) { 1.0 - 0.5 * x } else { x / (exp(x) - 1.0) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A 40 nm vesicle at 35 °C with the numbers of the published model of acidification.
    pub(crate) fn published() -> Supply {
        Supply {
            pump: Pump {
                copies: 1.4,
                most_per_s: 127.9,
                half_mv: 106.4,
                slope_mv: 35.9,
                stall_mv: 323.2,
                stall_slope_mv: 31.38,
                stall_weight: 0.808,
            },
            leak_per_s: 3.7233e7,
            exchange_per_s_mv: 0.6,
            exchange_far_per_s_mv3: 3e-5,
            exchange_turn_mv: 250.0,
            exchange_slope_mv: 75.0,
            buffer_protons: 807.2,
            charge_mv: 3.1874,
            thermal_mv: 26.554,
            surface_mv: -50.0,
            cytosol_ph: 7.4,
            cytosol_chloride: 100.9,
            start_ph: 6.6,
            start_mv: 0.0,
            start_chloride: 2219.8,
            protons_per_amine: 2.0,
            ceiling: 8.66e4,
            turnover_per_s: 2.0,
        }
    }

    #[test]
    fn the_share_against_a_force_is_smooth_and_balanced() {
        for x in [-30.0, -1.0, -1.1e-5, -0.9e-5, 0.0, 0.9e-5, 1.1e-5, 2.0, 30.0] {
            // B(-x) = B(x) e^x: the two directions balance.
            let (against, along) = (bernoulli(x), bernoulli(-x));
            assert!((along - against * exp(x)).abs() <= 1e-9 * along, "{x}");
            assert!((along - against - x).abs() < 1e-9 * (1.0 + along), "{x}");
        }
    }

    #[test]
    fn a_cycle_of_charges_changes_no_potential_but_by_its_net_charge() {
        let supply = published();
        let start = supply.lumen(Size::STANDARD, 10.0);
        let membrane = Membrane::new(&supply, Size::STANDARD, start);
        let charge = |way: usize| {
            let mut lumen = start;
            lumen.change(way, 1.0, &supply);
            (membrane.potential_mv(&lumen) - membrane.potential_mv(&start)) / supply.charge_mv
        };
        let charges: Vec<f64> = (0..WAYS).map(|way| charge(way).round()).collect();
        assert_eq!(charges, [1.0, -1.0, 1.0, -1.0, 3.0, -3.0, -1.0, 1.0, 0.0]);
    }

    #[test]
    fn at_the_ceiling_of_its_gradient_as_much_amine_enters_as_leaves() {
        let supply = published();
        let segment = Segment {
            until_s: f64::INFINITY,
            active: 1.0,
            influx_per_s: 1.3,
            efflux_per_s: 1.3 / (8.66e4 * 0.05346),
            crowding: 0.0,
        };
        let start = supply.lumen(Size::STANDARD, 0.0);
        let membrane = Membrane::new(&supply, Size::STANDARD, start);
        // 0.05346 molecules are the cytosol's amine in this volume.
        let force = supply.thermal_mv * LN_10 * (7.4 - 6.6);
        let ceiling = exp((2.0 * force + 0.0) / supply.thermal_mv);
        let full = Lumen { molecules: ceiling * 0.05346, ..start };
        // The charge of the amine is taken off again by chloride.
        let full = Lumen { chloride: start.chloride + full.molecules, ..full };
        let rates = membrane.rates(&full, &segment, 10.0, Size::STANDARD, 0.0);
        assert!((rates[6] / rates[7] - 1.0).abs() < 1e-9, "{rates:?}");
    }
}
