use super::ScoreError;
use super::philox::philox4x32_10;

/// The dropout masks `z_k` of every pass: a pure function of the seed, so that every backend, platform and run draws the same, and the
/// score of a still face does not change.
///
/// Feature `index` of pass `pass` belongs to word `index % 4` of Philox4x32-10 under the key (low, high half of the seed)
/// and the counter `(index / 4, pass, 0, 0)`; it is kept when that word is at least `round(p * 2^32)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DropoutMasks {
    key: [u32; 2],
    passes: u32,
    features: usize,
    /// 33 bits, since `round(p * 2^32)` reaches 2^32.
    threshold: u64,
    scale: f32,
}

impl DropoutMasks {
    /// Two passes make the first pair.
    pub const MIN_PASSES: u32 = 2;
    /// The number of pairs grows with the square of the passes.
    pub const MAX_PASSES: u32 = 1000;

    /// Masks for `passes` dropout passes (2 to 1000) over `features` values, each dropped with probability `p` (0 and 1
    /// excluded).
    pub fn new(seed: u64, passes: u32, features: usize, p: f64) -> Result<Self, ScoreError> {
        if !(Self::MIN_PASSES..=Self::MAX_PASSES).contains(&passes) {
            return Err(ScoreError::Passes { passes });
        }
        if !(p > 0.0 && p < 1.0) {
            return Err(ScoreError::Probability { p });
        }
        if features == 0 {
            return Err(ScoreError::NoFeatures);
        }
        Ok(Self {
            key: [seed as u32, (seed >> 32) as u32],
            passes,
            features,
            threshold: (p * 4_294_967_296.0).round() as u64,
            scale: (1.0 / (1.0 - p)) as f32,
        })
    }

    /// The number of passes.
    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// The number of features that each pass masks.
    pub fn features(&self) -> usize {
        self.features
    }

    /// All masks, `[passes, features]` row by row, each value 0 (dropped) or `1 / (1 - p)` (kept).
    pub fn scaled(&self) -> Vec<f32> {
        let mut masks = Vec::with_capacity(self.passes as usize * self.features);
        for pass in 0..self.passes {
            for four in 0..self.features.div_ceil(4) {
                let kept = self.kept_of_four(pass, four);
                let width = (self.features - 4 * four).min(4);
                masks.extend((0..width).map(|bit| if kept >> bit & 1 == 1 { self.scale } else { 0.0 }));
            }
        }
        masks
    }

    /// The factor `1 / (1 - p)` of kept features.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Returns which of the features `4 * four` to `4 * four + 3` pass `pass` keeps: a bit each, the lowest for the first, 0
    /// beyond the last feature.
    pub fn kept_of_four(&self, pass: u32, four: usize) -> u8 {
        let words = philox4x32_10([four as u32, pass, 0, 0], self.key);
        let bits = words.into_iter().take(self.features.saturating_sub(4 * four)).enumerate();
        bits.fold(0, |kept, (bit, word)| kept | u8::from(self.keeps_word(word)) << bit)
    }

    /// Returns which features a pass keeps: 1 for each of them, 0 for the others.
    pub fn kept(&self, pass: u32) -> Vec<u8> {
        let fours = (0..self.features.div_ceil(4)).flat_map(|four| {
            let kept = self.kept_of_four(pass, four);
            [0, 1, 2, 3].map(|bit| kept >> bit & 1)
        });
        fours.take(self.features).collect()
    }

    /// Whether pass `pass` keeps feature `index`.
    pub fn keeps(&self, pass: u32, index: usize) -> bool {
        self.kept_of_four(pass, index / 4) >> (index % 4) & 1 == 1
    }

    fn keeps_word(&self, word: u32) -> bool {
        u64::from(word) >= self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_holds_what_the_single_answers_say() {
        // 10 features: the last block of four is cut short.
        let masks = DropoutMasks::new(0x0123_4567_89ab_cdef, 3, 10, 0.4).unwrap();
        let scaled = masks.scaled();
        assert_eq!(scaled.len(), 30);
        for pass in 0..3 {
            for index in 0..10 {
                let expected = if masks.keeps(pass, index) { (1.0 / 0.6) as f32 } else { 0.0 };
                assert_eq!(scaled[pass as usize * 10 + index], expected);
            }
        }
    }

    #[test]
    fn nothing_beyond_the_last_feature_is_kept() {
        // 10 features: the last group of four holds two. The head on the CPU has no sums for the others.
        let masks = DropoutMasks::new(1, 100, 10, 0.1).unwrap();
        let last: Vec<u8> = (0..100).map(|pass| masks.kept_of_four(pass, 2)).collect();
        assert!(last.contains(&0b11) && last.iter().all(|kept| kept >> 2 == 0));
        assert_eq!(masks.kept_of_four(0, 3), 0);
    }

    #[test]
    fn the_first_words_follow_the_published_generator() {
        // Key and counter 0: the first published vector; at p = 0.6 its words 0x6627e8d5 and 0x9b00dbd8 .. decide.
        let published = [0x6627_e8d5_u32, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8];
        for p in [0.3, 0.5, 0.62, 0.8] {
            let masks = DropoutMasks::new(0, 2, 4, p).unwrap();
            for (index, word) in published.into_iter().enumerate() {
                assert_eq!(masks.keeps(0, index), f64::from(word) / 4_294_967_296.0 >= p);
            }
        }
    }

    #[test]
    fn drops_about_the_share_that_was_asked_for() {
        let masks = DropoutMasks::new(7, 100, 5_000, 0.4).unwrap();
        let dropped = masks.scaled().iter().filter(|&&value| value == 0.0).count();
        // 500,000 draws: the standard deviation of the share is 0.0007.
        // Always the same masks; the standard error is 0.0007.
        assert!((dropped as f64 / 500_000.0 - 0.4).abs() < 0.003);
    }

    #[test]
    fn wrong_arguments_are_errors() {
        assert_eq!(DropoutMasks::new(0, 1, 8, 0.4), Err(ScoreError::Passes { passes: 1 }));
        assert_eq!(DropoutMasks::new(0, 1001, 8, 0.4), Err(ScoreError::Passes { passes: 1001 }));
        assert_eq!(DropoutMasks::new(0, 2, 0, 0.4), Err(ScoreError::NoFeatures));
        for p in [0.0, 1.0, -0.1, f64::INFINITY] {
            assert_eq!(DropoutMasks::new(0, 2, 8, p), Err(ScoreError::Probability { p }));
        }
        assert!(DropoutMasks::new(0, 2, 8, f64::NAN).is_err());
    }
}
