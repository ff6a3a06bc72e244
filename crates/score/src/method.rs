/// How the score is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The paper's Algorithm 1: random dropout passes, whose masks follow from the seed alone.
    MonteCarlo {
        /// Number of passes, from [`MIN_PASSES`](crate::DropoutMasks::MIN_PASSES) to [`MAX_PASSES`](crate::DropoutMasks::MAX_PASSES).
        passes: u32,
        /// The seed of all masks.
        seed: u64,
    },
    /// The limit of Monte Carlo for many passes, in closed form. For affine heads only.
    Limit,
}

impl Method {
    /// The number of passes in the paper's experiments.
    pub const DEFAULT_PASSES: u32 = 100;
    /// The seed that is used when none is given.
    pub const DEFAULT_SEED: u64 = 0;

    /// The names of all methods, the paper's first.
    pub const NAMES: [&'static str; 2] = ["mc", "limit"];

    /// Returns the method of this name, with `passes` and `seed` where it has them; `None` for a name that is not one of
    /// [`NAMES`](Self::NAMES).
    pub fn named(name: &str, passes: u32, seed: u64) -> Option<Self> {
        [Self::MonteCarlo { passes, seed }, Self::Limit].into_iter().find(|method| method.name() == name)
    }

    /// Whether it needs the constant of a calibrated recogniser.
    pub fn needs_calibration(self) -> bool {
        matches!(self, Self::Limit)
    }

    /// The name in reports, on the command line and in JavaScript: `mc` or `limit`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MonteCarlo { .. } => "mc",
            Self::Limit => "limit",
        }
    }

    /// The number of dropout passes; `None` for the limit, which has none.
    pub fn passes(self) -> Option<u32> {
        match self {
            Self::MonteCarlo { passes, .. } => Some(passes),
            Self::Limit => None,
        }
    }

    /// The seed of the dropout masks; `None` for the limit, which has none.
    pub fn seed(self) -> Option<u64> {
        match self {
            Self::MonteCarlo { seed, .. } => Some(seed),
            Self::Limit => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_name() {
        for name in Method::NAMES {
            let method = Method::named(name, 20, 7).unwrap();
            assert_eq!((method.name(), method.passes().unwrap_or(20), method.seed().unwrap_or(7)), (name, 20, 7));
        }
        assert_eq!(Method::named("best", 20, 7), None);
    }
}
