//! Takes times in turn, so that other load on the machine affects all contenders alike.
use std::{thread, time::Duration};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::program::Program;
use crate::step::Step;

/// Some engines' threads keep spinning briefly after a run; the pause keeps that out of the next contender's time.
const PAUSE: Duration = Duration::from_millis(20);

/// One job of one contender.
pub struct Entry {
    /// Such as `serfiq` or `onnxruntime, 2 threads`.
    pub contender: &'static str,
    pub job: &'static str,
    /// Index of the program that does it.
    pub program: usize,
    /// The line to send it.
    pub question: String,
}

/// A contender's answer to one run.
#[derive(Deserialize)]
pub struct Answer {
    pub milliseconds: f64,
    /// The result: an embedding, the embeddings of all dropout passes, a raw score, or the best face's confidence.
    pub values: Vec<f64>,
}

/// Milliseconds of every counted run of a job, in round order.
#[derive(Debug, Serialize)]
pub struct Times {
    pub contender: &'static str,
    pub job: &'static str,
    pub milliseconds: Vec<f64>,
}

/// Asks every entry in turn, reversing the order every other round. The `warm_ups` before the first round do not count.
pub fn in_turn(
    name: &'static str,
    programs: &mut [Program],
    entries: &[Entry],
    warm_ups: u32,
    rounds: u32,
) -> Result<Vec<Times>> {
    let step = Step::start(name);
    step.say(format_args!("{rounds} rounds of {} timings", entries.len()));
    let mut ask = |entry: &Entry| programs[entry.program].ask::<Answer>(&entry.question);
    let mut values = Vec::with_capacity(entries.len());
    for entry in entries {
        for _ in 1..warm_ups {
            ask(entry)?;
        }
        values.push(ask(entry)?.values);
    }
    agree(entries, &values)?;
    let times = alternate(rounds, entries.len(), |index| Ok(ask(&entries[index])?.milliseconds))?;
    step.done("timed");
    let of_entry = |(entry, milliseconds): (&Entry, _)| Times { contender: entry.contender, job: entry.job, milliseconds };
    Ok(entries.iter().zip(times).map(of_entry).collect())
}

/// Calls `time` for each contender in every round, reversing the order every other round.
pub fn alternate(rounds: u32, contenders: usize, mut time: impl FnMut(usize) -> Result<f64>) -> Result<Vec<Vec<f64>>> {
    let mut milliseconds = vec![Vec::new(); contenders];
    for round in 0..rounds {
        let forwards = 0..contenders;
        let order: Vec<usize> = if round % 2 == 0 { forwards.collect() } else { forwards.rev().collect() };
        for contender in order {
            thread::sleep(PAUSE);
            milliseconds[contender].push(time(contender)?);
        }
    }
    Ok(milliseconds)
}

impl Times {
    pub fn rounds(&self) -> usize {
        self.milliseconds.len()
    }

    pub fn median(&self) -> f64 {
        quantile(&self.milliseconds, 0.5)
    }

    /// The first and third quartiles.
    pub fn quartiles(&self) -> [f64; 2] {
        [0.25, 0.75].map(|q| quantile(&self.milliseconds, q))
    }

    /// This time relative to another.
    pub fn over(&self, other: &Times) -> Ratio {
        let pairs: Vec<f64> = self.milliseconds.iter().zip(&other.milliseconds).map(|(ours, theirs)| ours / theirs).collect();
        Ratio { of_medians: self.median() / other.median(), of_pairs: quantile(&pairs, 0.5) }
    }
}

/// How many times as long a contender takes.
pub struct Ratio {
    /// Ratio of the two medians.
    pub of_medians: f64,
    /// Median of the per-round ratios, which the machine's other load disturbs less.
    pub of_pairs: f64,
}

/// Returns the value below which a share `q` of the values lies, interpolated if necessary; NaN for no values.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// Checks that all contenders computed the same: times of different results cannot be compared.
fn agree(entries: &[Entry], values: &[Vec<f64>]) -> Result<()> {
    for (first, first_values) in entries.iter().zip(values) {
        for (other, other_values) in entries.iter().zip(values).filter(|(other, _)| other.job == first.job) {
            if let Err(difference) = compare(first_values, other_values) {
                bail!("{} and {} do not agree on {}: {difference}", first.contender, other.contender, first.job);
            }
        }
    }
    Ok(())
}

fn compare(a: &[f64], b: &[f64]) -> Result<(), String> {
    match (a.len(), b.len()) {
        (0, _) | (_, 0) => Err("there is no result".into()),
        (1, _) | (_, 1) => {
            let (a, b) = (as_score(a), as_score(b));
            if (a - b).abs() <= 1e-3 { Ok(()) } else { Err(format!("{a} and {b} differ by more than 0.001")) }
        }
        (a_length, b_length) if a_length != b_length => Err(format!("{a_length} and {b_length} numbers")),
        _ => {
            let cosine = cosine(a, b);
            if cosine >= 0.9999 { Ok(()) } else { Err(format!("cosine {cosine}, expected at least 0.9999")) }
        }
    }
}

/// Returns a score as it is; for embeddings of [`PASSES`](super::graphs::PASSES) dropout passes, their raw score.
fn as_score(values: &[f64]) -> f64 {
    if let &[score] = values {
        return score;
    }
    let embeddings: Vec<&[f64]> = values.chunks_exact((values.len() / super::graphs::PASSES).max(1)).collect();
    let pairs = embeddings.iter().enumerate().flat_map(|(i, a)| embeddings[..i].iter().map(move |b| cosine(a, b)));
    let distances: Vec<f64> = pairs.map(|cosine| (2.0 - 2.0 * cosine).max(0.0).sqrt()).collect();
    2.0 / (1.0 + (distances.iter().sum::<f64>() / distances.len() as f64).exp())
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(milliseconds: &[f64]) -> Times {
        Times { contender: "", job: "", milliseconds: milliseconds.to_vec() }
    }

    #[test]
    fn every_other_round_goes_backwards() {
        let mut order = Vec::new();
        let time = |contender| {
            order.push(contender);
            Ok(order.len() as f64)
        };
        assert_eq!(alternate(2, 3, time).unwrap(), [[1.0, 6.0], [2.0, 5.0], [3.0, 4.0]]);
        assert_eq!(order, [0, 1, 2, 2, 1, 0]);
    }

    #[test]
    fn quantiles_lie_between_values() {
        assert_eq!(times(&[4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(times(&[5.0, 1.0, 3.0, 2.0, 4.0]).quartiles(), [2.0, 4.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_machine_that_slows_down_does_not_change_the_ratio_of_pairs() {
        let (ours, theirs) = (times(&[1.0, 10.0, 100.0]), times(&[2.0, 20.0, 200.0]));
        assert_eq!(ours.over(&theirs).of_pairs, 0.5);
        assert_eq!(ours.over(&theirs).of_medians, 0.5);
    }

    #[test]
    fn results_must_agree() {
        assert!(compare(&[1.0, 2.0], &[2.0, 4.0]).is_ok(), "an embedding's length does not matter");
        assert!(compare(&[1.0, 2.0], &[2.0, 1.0]).is_err());
        assert!(compare(&[0.9], &[0.9005]).is_ok() && compare(&[0.9], &[0.902]).is_err());
        assert!(compare(&[0.9], &[f64::NAN]).is_err() && compare(&[], &[]).is_err());
    }

    #[test]
    fn passes_that_agree_have_a_score_of_one() {
        let still = [1.0, 2.0].repeat(super::super::graphs::PASSES);
        assert!((as_score(&still) - 1.0).abs() < 1e-6);
    }
}
