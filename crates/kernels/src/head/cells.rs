//! How the features lie on a grid of cells.

/// Channels that [`Cells::gather`] moves at once.
const BLOCK: usize = 16;

/// How the features of a network lie on a grid: each cell has the same number of channels. Features that form no grid are one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells {
    /// Number of cells.
    pub count: usize,
    /// Number of features in each cell.
    pub channels: usize,
    /// Whether a channel's values of all cells follow each other, as in PyTorch; otherwise a cell's values of all channels do.
    pub channels_first: bool,
}

impl Cells {
    /// One cell with all features.
    pub fn one(features: usize) -> Self {
        Self { count: 1, channels: features, channels_first: false }
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        self.count * self.channels
    }

    /// Distance between the features of neighbouring cells, and of neighbouring channels.
    pub fn strides(&self) -> [usize; 2] {
        if self.channels_first { [1, self.count] } else { [self.channels, 1] }
    }

    /// Index of the feature of a cell and a channel.
    pub fn feature(&self, cell: usize, channel: usize) -> usize {
        let [of_cell, of_channel] = self.strides();
        cell * of_cell + channel * of_channel
    }

    /// Index of every feature, cell by cell.
    pub fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let cells = *self;
        (0..cells.count).flat_map(move |cell| (0..cells.channels).map(move |channel| cells.feature(cell, channel)))
    }

    /// Place of every feature, cell by cell, and its index. In blocks of channels, so that reads and writes stay in the cache.
    pub(super) fn places(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let cells = *self;
        (0..cells.channels).step_by(BLOCK).flat_map(move |first| {
            let block = first..cells.channels.min(first + BLOCK);
            (0..cells.count).flat_map(move |cell| {
                block.clone().map(move |channel| [cell * cells.channels + channel, cells.feature(cell, channel)])
            })
        })
    }

    /// Values of the features, cell by cell.
    pub fn gather<T: Copy + Default>(&self, values: &[T]) -> Vec<T> {
        if !self.channels_first {
            return values.to_vec();
        }
        let mut gathered = vec![T::default(); values.len()];
        // In blocks, so that reads and writes stay in the L1 cache.
        for first in (0..self.channels).step_by(BLOCK) {
            for (cell, to) in gathered.chunks_exact_mut(self.channels).enumerate() {
                let from = values[first * self.count + cell..].iter().step_by(self.count);
                to[first..].iter_mut().take(BLOCK).zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        gathered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_by_cell() {
        // Two cells of three channels.
        let [first, last] = [true, false].map(|channels_first| Cells { count: 2, channels: 3, channels_first });
        assert_eq!(first.gather(&["a0", "b0", "a1", "b1", "a2", "b2"]), ["a0", "a1", "a2", "b0", "b1", "b2"]);
        assert_eq!(last.gather(&["a0", "a1", "a2", "b0", "b1", "b2"]), ["a0", "a1", "a2", "b0", "b1", "b2"]);
        let many = Cells { count: 49, channels: 37, channels_first: true };
        let values: Vec<usize> = (0..many.features()).collect();
        assert_eq!(many.gather(&values), many.order().collect::<Vec<_>>());
        assert_eq!((first.features(), Cells::one(5).features(), Cells::one(5).feature(0, 4)), (6, 5, 4));
    }
}
