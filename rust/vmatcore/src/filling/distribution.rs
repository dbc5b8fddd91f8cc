//! The probability of every content, to 1e-10 in total variation.

use super::cohort::{Binding, Cohort, Start};
use super::master;
use crate::parallel::Work;
use crate::random::binomial::Survival;
use crate::random::window::Window;
use crate::vesicle::passage::Passage;
use crate::vesicle::{Kind, Size};
use crate::{Error, Result};

/// How the distribution is computed; each checks the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Binomial and Poisson laws convolved: linear laws with fast binding.
    Convolution,
    /// The master equation by uniformisation: any law.
    Uniformisation,
}

/// Probabilities of the contents from `lowest` on.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub lowest: u64,
    pub chances: Vec<f64>,
}

/// Probabilities, (molecules, time), row-major.
#[derive(Debug, Clone)]
pub struct Table {
    /// One more than the largest content.
    pub molecules: usize,
    /// One row for each content, one column for each read.
    pub values: Vec<f64>,
}

/// Laws wider than this are refused: the convolution would take hours.
const WIDEST: usize = 1 << 22;

/// Whether the convolution holds for a cohort.
#[must_use]
pub fn has_closed_form(cohort: &Cohort) -> bool {
    cohort.law.kind() != Kind::Crowded && cohort.binding == Binding::Fast
}

/// The distribution at every read; all vesicles of the cohort must be alike.
///
/// # Errors
/// [`Error::Parameter`] for a method that does not hold, a cohort whose vesicles differ, or laws
/// too wide; [`Error::Memory`] beyond `most_bytes`; [`Error::Cancelled`].
pub fn probabilities(
    cohort: &Cohort,
    method: Method,
    most_bytes: u64,
    work: &Work<'_>,
) -> Result<Table> {
    if cohort.supply.is_some() {
        let rule = "must be without a proton supply for a distribution";
        return Err(Error::parameter("law", rule, "one with it"));
    }
    if matches!(cohort.start, Start::Each(_)) {
        let rule = "must be one number for all vesicles of a distribution";
        return Err(Error::parameter("start", rule, "one for each"));
    }
    let times = cohort.time_s.len() as u64;
    let bytes = |molecules: u64| {
        // The table, and beside it its columns while they are made.
        molecules.saturating_mul(times).saturating_mul(2 * size_of::<f64>() as u64)
    };
    let refuse = |molecules: u64| Error::Memory {
        what: "the distribution of contents".into(),
        bytes: bytes(molecules),
    };
    let mut molecules = 0;
    let mut columns = Vec::new();
    let mut take = |column: Column| -> Result<()> {
        molecules = molecules.max(column.lowest + column.chances.len() as u64);
        if bytes(molecules) > most_bytes {
            return Err(refuse(molecules));
        }
        columns.push(column);
        Ok(())
    };
    match method {
        Method::Convolution => convolved(cohort, work, &mut take)?,
        Method::Uniformisation => master::solve(cohort, work, &mut take)?,
    }
    let mut values = Vec::new();
    let length = (molecules * times) as usize;
    values.try_reserve_exact(length).map_err(|_| refuse(molecules))?;
    values.resize(length, 0.0);
    for (time, column) in columns.iter().enumerate() {
        for (i, &chance) in column.chances.iter().enumerate() {
            values[(column.lowest as usize + i) * times as usize + time] = chance;
        }
    }
    Ok(Table { molecules: molecules as usize, values })
}

/// The law of the content at 0 s.
pub(super) fn at_start(cohort: &Cohort) -> Result<Column> {
    match cohort.start {
        Start::Same(value) => Ok(Column { lowest: u64::from(value), chances: vec![1.0] }),
        Start::Full => {
            let mean = cohort.full_mean(cohort.law.copies(), Size::STANDARD)?;
            match cohort.law.capacity() {
                Some(places) => {
                    let taken = mean / f64::from(places);
                    binomial(u64::from(places), Survival::from_probability(taken))
                }
                None => poisson(mean),
            }
        }
        Start::Each(_) => Err(Error::parameter("start", "must be one number", "several")),
    }
}

fn convolved(
    cohort: &Cohort,
    work: &Work<'_>,
    take: &mut impl FnMut(Column) -> Result<()>,
) -> Result<()> {
    if !has_closed_form(cohort) {
        let rule = "must be \"uniformisation\" unless the law is linear and binding fast";
        return Err(Error::parameter("method", rule, "\"convolution\""));
    }
    let mut course = super::course::begin(cohort, 0)?;
    let mut passage = Passage::NONE;
    let mut now = 0.0;
    for &time_s in &cohort.time_s {
        work.check()?;
        passage = passage.then(&Passage::along(&mut course, now, time_s, work)?);
        now = time_s;
        take(after(cohort, &passage, work)?)?;
    }
    Ok(())
}

/// The law of the content after a passage from the start.
fn after(cohort: &Cohort, passage: &Passage, work: &Work<'_>) -> Result<Column> {
    let stay = Survival { stay: passage.stay, leave: passage.leave };
    match (cohort.law.capacity(), &cohort.start) {
        (Some(places), Start::Same(value)) => {
            let come = Survival { stay: passage.come, leave: passage.miss };
            let (old, free) = (u64::from(*value), u64::from(places - *value));
            convolution(&binomial(old, stay)?, &binomial(free, come)?, work)
        }
        (Some(places), _) => {
            let taken = cohort.full_mean(1.0, Size::STANDARD)? / f64::from(places);
            let still = taken * passage.stay + (1.0 - taken) * passage.come;
            let gone = taken * passage.leave + (1.0 - taken) * passage.miss;
            binomial(u64::from(places), Survival { stay: still, leave: gone })
        }
        (None, Start::Same(value)) => {
            convolution(&binomial(u64::from(*value), stay)?, &poisson(passage.come)?, work)
        }
        (None, _) => {
            let full = cohort.full_mean(cohort.law.copies(), Size::STANDARD)?;
            poisson(full * passage.stay + passage.come)
        }
    }
}

fn poisson(mean: f64) -> Result<Column> {
    if mean == 0.0 {
        return Ok(Column { lowest: 0, chances: vec![1.0] });
    }
    column(Window::poisson(mean, WIDEST))
}

fn binomial(trials: u64, survival: Survival) -> Result<Column> {
    if trials == 0 || survival.stay <= 0.0 {
        return Ok(Column { lowest: 0, chances: vec![1.0] });
    }
    if survival.leave <= 0.0 {
        return Ok(Column { lowest: trials, chances: vec![1.0] });
    }
    column(Window::binomial(trials, survival, WIDEST))
}

fn column(window: Option<Window>) -> Result<Column> {
    let Window { lowest, chances } = window.map(Window::normalised).ok_or_else(|| {
        let rule = format!("must spread over at most {WIDEST} contents for a distribution");
        Error::parameter("law", rule, "one that spreads wider")
    })?;
    Ok(Column { lowest, chances })
}

fn convolution(left: &Column, right: &Column, work: &Work<'_>) -> Result<Column> {
    let mut chances = vec![0.0; left.chances.len() + right.chances.len() - 1];
    for (i, &one) in left.chances.iter().enumerate() {
        if i % 1024 == 0 {
            work.check()?;
        }
        let out = &mut chances[i..i + right.chances.len()];
        for (sum, &other) in out.iter_mut().zip(&right.chances) {
            *sum += one * other;
        }
    }
    Ok(Column { lowest: left.lowest + right.lowest, chances })
}
