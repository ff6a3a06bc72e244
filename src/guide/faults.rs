use strum::VariantArray;

use super::Instruction;

/// How long each instruction was shown during an attempt.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    /// In milliseconds, in the order of [`Instruction::ALL`].
    shown_for: [f64; Instruction::VARIANTS.len()],
}

impl Default for Faults {
    fn default() -> Self {
        Self { shown_for: [0.0; Instruction::VARIANTS.len()] }
    }
}

impl Faults {
    /// Adds the milliseconds for which an instruction was shown.
    pub(super) fn add(&mut self, shown: Instruction, milliseconds: f64) {
        // Written so that a clock that runs backwards, or returns NaN, adds nothing.
        if milliseconds > 0.0 && milliseconds.is_finite() {
            self.shown_for[shown as usize] += milliseconds;
        }
    }

    /// The fault that was shown for longest; of several, the first in order of precedence. `None` if there was none.
    pub(super) fn longest(&self) -> Option<Instruction> {
        let faults = Instruction::ALL.iter().zip(self.shown_for).filter(|(one, _)| **one != Instruction::HoldStill);
        let longest =
            faults.filter(|(_, time)| *time > 0.0).reduce(|longest, next| if next.1 > longest.1 { next } else { longest });
        longest.map(|(instruction, _)| *instruction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Instruction::{HoldStill, NoFace, TooDark, TooFar};

    fn longest(shown: &[(Instruction, f64)]) -> Option<Instruction> {
        let mut faults = Faults::default();
        for (instruction, milliseconds) in shown {
            faults.add(*instruction, *milliseconds);
        }
        faults.longest()
    }

    #[test]
    fn the_fault_with_the_most_time_is_named() {
        assert_eq!(longest(&[]), None);
        assert_eq!(longest(&[(HoldStill, 9000.0)]), None);
        assert_eq!(longest(&[(HoldStill, 9000.0), (TooDark, 10.0)]), Some(TooDark));
        assert_eq!(longest(&[(TooDark, 600.0), (TooFar, 1000.0), (TooDark, 600.0)]), Some(TooDark));
        // In order of precedence, whichever came first.
        assert_eq!(longest(&[(TooDark, 600.0), (TooFar, 600.0)]), Some(TooFar));
        assert_eq!(longest(&[(NoFace, 0.0)]), None);
    }

    #[test]
    fn a_clock_that_goes_wrong_adds_nothing() {
        assert_eq!(longest(&[(TooDark, 1.0), (TooFar, -5.0), (TooFar, f64::NAN), (TooFar, f64::INFINITY)]), Some(TooDark));
    }
}
