use super::Instruction;

/// The instruction that is shown, for long enough to be read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown(Option<(Instruction, f64)>);

impl Shown {
    /// The instruction on screen; `None` before the first.
    pub(super) fn current(self) -> Option<Instruction> {
        self.0.map(|(instruction, _)| instruction)
    }

    /// Shows `next`, unless the current instruction is younger than `least` milliseconds.
    pub(super) fn next(&mut self, time: f64, next: Instruction, least: u32) -> Instruction {
        match self.0 {
            Some((shown, since)) if shown == next || (0.0..least.into()).contains(&(time - since)) => shown,
            _ => {
                self.0 = Some((next, time));
                next
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Instruction::{HoldStill, NoFace, TooFar};

    #[test]
    fn an_instruction_stays() {
        let mut shown = Shown::default();
        let said = [
            (0.0, NoFace),
            (300.0, TooFar),
            (599.0, HoldStill),
            (600.0, TooFar),
            (700.0, TooFar),
            (1150.0, NoFace),
            (1200.0, NoFace),
        ]
        .map(|(time, next)| shown.next(time, next, 600));
        assert_eq!(said, [NoFace, NoFace, NoFace, TooFar, TooFar, TooFar, NoFace]);
    }

    #[test]
    fn a_clock_that_goes_backwards_holds_nothing_up() {
        let mut shown = Shown::default();
        shown.next(1e6, NoFace, 600);
        assert_eq!(shown.next(5.0, TooFar, 600), TooFar);
        assert_eq!(shown.next(f64::NAN, HoldStill, 600), HoldStill);
        assert_eq!(shown.next(10.0, NoFace, 600), NoFace);
    }
}
