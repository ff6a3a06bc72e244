use serfiq_score::philox4x32_10;

/// A sequence of random numbers, the same for a seed on every machine.
pub(super) struct Random {
    key: [u32; 2],
    block: u64,
    words: [u32; 4],
    used: usize,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], block: 0, words: [0; 4], used: 4 }
    }

    fn word(&mut self) -> u32 {
        if self.used == self.words.len() {
            self.words = philox4x32_10([self.block as u32, (self.block >> 32) as u32, 0, 0], self.key);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Draws a number from 0 to 1, 1 excluded.
    pub(super) fn uniform(&mut self) -> f32 {
        // As many bits as an f32 holds.
        (self.word() >> 8) as f32 / 16_777_216.0
    }

    /// Shuffles the items.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = (u64::from(self.word()) * (end as u64 + 1)) >> 32;
            items.swap(end, other as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_words() {
        let mut random = Random::new(0);
        let words: Vec<u32> = (0..4).map(|_| random.word()).collect();
        assert_eq!(words, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_ne!(random.word(), words[0], "the next block differs");
    }

    #[test]
    fn uniform_numbers_fill_their_range() {
        let mut random = Random::new(3);
        let numbers: Vec<f32> = (0..10_000).map(|_| random.uniform()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        // The standard deviation of the mean is 0.003.
        assert!((numbers.iter().sum::<f32>() / 10_000.0 - 0.5).abs() < 0.015);
    }

    #[test]
    fn every_order_comes_up() {
        let mut random = Random::new(1);
        let mut seen = [0; 6];
        for _ in 0..600 {
            let mut items = [0, 1, 2];
            random.shuffle(&mut items);
            seen[items[0] * 2 + usize::from(items[1] > items[2])] += 1;
        }
        assert!(seen.iter().all(|&times| (60..140).contains(&times)), "{seen:?}");
    }
}
