//! The expected content, without chance.
//!
//! For linear laws it is exact: of each number of working copies, the share of
//! vesicles and their part of the mean obey linear equations. Where molecules
//! inside slow the carrier it is the rate equation's content, which differs
//! from the mean by a term of the order of the relative variance.

use super::cohort::{Binding, Cohort, Start};
use super::copies::Copies;
use super::{protons, rate_equation};
use crate::math::exp;
use crate::parallel::Work;
use crate::vesicle::passage::Passage;
use crate::vesicle::{Kind, Rates, Size};
use crate::{Error, Result};

/// Terms of the exponential series span this much of rate times time.
const SPAN: f64 = 32.0;
/// Terms smaller than this, relative to the sum, are left out.
const SMALLEST: f64 = 1e-18;

/// What the vesicles of one class hold: their share, and their part of the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    share: f64,
    content: f64,
}

impl super::copies::Class for Part {
    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn add(&mut self, share: f64, other: &Self) {
        self.share += share * other.share;
        self.content += share * other.content;
    }
}

/// The expected content at every read.
///
/// # Errors
/// [`Error::Parameter`] for a cohort with spread, or with copies that switch under a law that is
/// not linear; [`Error::Cancelled`].
pub fn expected(cohort: &Cohort, work: &Work<'_>) -> Result<Vec<f64>> {
    if cohort.supply.is_some() {
        let reads = protons::expected(cohort, work)?;
        return Ok(reads.into_iter().map(|[molecules, ..]| molecules).collect());
    }
    if cohort.law.kind() == Kind::Crowded && matches!(cohort.binding, Binding::Telegraph { .. }) {
        let rule = "must be \"ssa\" or a distribution for copies that switch under a law that is \
                    not linear";
        return Err(Error::parameter("method", rule, "\"mean\""));
    }
    let (mut copies, chances) = Copies::new(cohort)?;
    let start = match &cohort.start {
        Start::Same(value) => f64::from(*value),
        Start::Each(values) => {
            values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
        }
        Start::Full => cohort.full_mean(cohort.law.copies(), Size::STANDARD)?,
    };
    let mut parts: Vec<Part> =
        chances.iter().map(|&share| Part { share, content: share * start }).collect();
    let mut means = Vec::with_capacity(cohort.time_s.len());
    let (mut now, mut segment) = (0.0, 0);
    for &time_s in &cohort.time_s {
        loop {
            work.check()?;
            let until_s = cohort.law.segments()[segment].until_s;
            let end = if until_s < time_s { until_s } else { time_s };
            advance(cohort, &copies, &mut parts, segment, end - now, work)?;
            now = end;
            if until_s > time_s {
                break;
            }
            segment += 1;
            copies.enter(segment, &mut parts);
        }
        means.push(parts.iter().map(|part| part.content).sum());
    }
    Ok(means)
}

fn advance(
    cohort: &Cohort,
    copies: &Copies<'_>,
    parts: &mut [Part],
    segment: usize,
    span_s: f64,
    work: &Work<'_>,
) -> Result<()> {
    if span_s <= 0.0 {
        return Ok(());
    }
    if matches!(cohort.binding, Binding::Telegraph { .. }) {
        return switch(copies, parts, segment, span_s, work);
    }
    for (class, part) in parts.iter_mut().enumerate() {
        if part.share == 0.0 {
            continue;
        }
        let rates = copies.rates(class, segment);
        part.content = if cohort.law.kind() == Kind::Crowded {
            part.share * rate_equation(&rates, part.content / part.share, span_s, work)?
        } else {
            let passage = Passage::over(&rates, span_s);
            let room = if rates.places > 0.0 {
                part.share * rates.places - part.content
            } else {
                part.share
            };
            part.content * passage.stay + room * passage.come
        };
    }
    Ok(())
}

/// Shares and parts of the mean while copies switch: the exponential series of a matrix made
/// non-negative by a shift, so that nothing cancels.
fn switch(
    copies: &Copies<'_>,
    parts: &mut [Part],
    segment: usize,
    span_s: f64,
    work: &Work<'_>,
) -> Result<()> {
    let classes = parts.len();
    let rates: Vec<Rates> = (0..classes).map(|class| copies.rates(class, segment)).collect();
    let moves: Vec<(f64, f64)> =
        (0..classes).map(|class| copies.switches(class, segment)).collect();
    let leaving = |class: usize| moves[class].0 + moves[class].1 + rates[class].loss_per_s();
    let shift = (0..classes).map(leaving).fold(0.0, f64::max);
    let steps = (shift * span_s / SPAN).ceil().max(1.0);
    let step_s = span_s / steps;
    let (mut term, mut next) = (parts.to_vec(), parts.to_vec());
    for _ in 0..steps as u64 {
        work.check()?;
        term.copy_from_slice(parts);
        let mut order = 1.0;
        loop {
            let factor = step_s / order;
            let (mut largest_term, mut largest_sum) = (0.0_f64, 0.0_f64);
            for class in 0..classes {
                let (gain, lose) = moves[class];
                let here = term[class];
                let rest = shift - gain - lose;
                let mut share = rest * here.share;
                let mut content = (rest - rates[class].loss_per_s()) * here.content
                    + rates[class].influx_per_s * here.share;
                if class > 0 {
                    share += moves[class - 1].0 * term[class - 1].share;
                    content += moves[class - 1].0 * term[class - 1].content;
                }
                if class + 1 < classes {
                    share += moves[class + 1].1 * term[class + 1].share;
                    content += moves[class + 1].1 * term[class + 1].content;
                }
                next[class] = Part { share: factor * share, content: factor * content };
                parts[class].share += next[class].share;
                parts[class].content += next[class].content;
                largest_term = largest_term.max(next[class].share + next[class].content);
                largest_sum = largest_sum.max(parts[class].share + parts[class].content);
            }
            std::mem::swap(&mut term, &mut next);
            order += 1.0;
            if order > shift * step_s && largest_term <= SMALLEST * largest_sum {
                break;
            }
        }
        let shrink = exp(-(shift * step_s));
        for part in parts.iter_mut() {
            part.share *= shrink;
            part.content *= shrink;
        }
    }
    Ok(())
}

/// The content of the rate equation after a span.
fn rate_equation(rates: &Rates, start: f64, span_s: f64, work: &Work<'_>) -> Result<f64> {
    let fastest = rates.loss_per_s() + rates.influx_per_s / (1.0 + start);
    let first_s = if fastest > 0.0 { 0.01 / fastest } else { span_s };
    let slope = |[content]: [f64; 1]| [rates.birth(content) - rates.death(content)];
    rate_equation::advance(slope, [start], span_s, first_s, work).map(|[content]| content)
}
