use super::{Comparisons, SimilarityThreshold, Weights};

/// What a quality threshold keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// Share of the images that have at least this quality.
    pub images: f64,
    /// Share of the mated comparisons whose images both have that quality.
    pub mated: f64,
    /// The false non-match rate of those; NaN if there are none.
    pub fnmr: f64,
}

impl Comparisons {
    /// Returns the highest image quality that, as a threshold, keeps at least a `share`, from 0 to 1, of the images.
    pub fn quality_that_keeps(&self, share: f64) -> f64 {
        let discarded = ((1.0 - share) * self.images.len() as f64 * (1.0 + 1e-9)) as usize;
        self.images[discarded.min(self.images.len() - 1)].quality
    }

    /// Returns what each quality threshold keeps, at one threshold of the recogniser.
    pub fn kept(&self, qualities: &[f64], threshold: SimilarityThreshold) -> Vec<Kept> {
        self.weighted_kept(qualities, threshold, &self.once())
    }

    /// The same in a resample, at its own threshold of the recogniser; all NaN where no non-mated comparison was drawn.
    pub fn resampled_kept(&self, qualities: &[f64], fmr: f64, weights: &Weights) -> Vec<Kept> {
        match self.weighted_threshold(fmr, weights, f64::NEG_INFINITY) {
            Some(threshold) => self.weighted_kept(qualities, threshold, weights),
            None => vec![Kept { images: f64::NAN, mated: f64::NAN, fnmr: f64::NAN }; qualities.len()],
        }
    }

    fn weighted_kept(&self, qualities: &[f64], threshold: SimilarityThreshold, weights: &Weights) -> Vec<Kept> {
        let images = sums_from_each(self.images.iter().map(|image| weights.of_image(image)));
        let mated = sums_from_each(self.mated.iter().map(|comparison| weights.of_mated(comparison)));
        let missed = sums_from_each(self.mated.iter().map(|comparison| match comparison.similarity <= threshold.above {
            true => weights.of_mated(comparison),
            false => 0.0,
        }));
        let kept = |&quality: &f64| {
            let image = self.images.partition_point(|image| image.quality < quality);
            let comparison = self.mated.partition_point(|comparison| comparison.quality < quality);
            Kept {
                images: images[image] / images[0],
                mated: mated[comparison] / mated[0],
                fnmr: missed[comparison] / mated[comparison],
            }
        };
        qualities.iter().map(kept).collect()
    }
}

/// Returns the suffix sums of the values, with a 0 at the end.
fn sums_from_each(values: impl DoubleEndedIterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    sums.extend(values.rev().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    }));
    sums.reverse();
    sums
}

#[cfg(test)]
mod tests {
    use super::{super::Comparison, *};

    /// Five images of three people.
    fn comparisons() -> Comparisons {
        let pair = |a, b, mated, similarity| Comparison { images: [a, b], mated, similarity };
        let pairs = [pair(0, 1, true, 0.2), pair(2, 3, true, 0.9), pair(1, 2, false, 0.1), pair(3, 4, false, 0.3)];
        Comparisons::new(&pairs, &[0.1, 0.2, 0.3, 0.4, 0.5]).unwrap()
    }

    #[test]
    fn by_hand() {
        let all = comparisons();
        let threshold = all.threshold(0.5).unwrap();
        let kept = all.kept(&[0.0, 0.1, 0.2, 0.35, 0.6], threshold);
        // Similarities above 0.1 match: none of the mated ones is missed.
        assert_eq!(kept[0], Kept { images: 1.0, mated: 1.0, fnmr: 0.0 });
        assert_eq!(kept[1], kept[0]);
        assert_eq!(kept[2], Kept { images: 0.8, mated: 0.5, fnmr: 0.0 });
        assert_eq!((kept[3].images, kept[3].mated), (0.4, 0.0));
        assert!(kept[3].fnmr.is_nan() && kept[4].images == 0.0);
        let strict = all.kept(&[0.0, 0.2], SimilarityThreshold { above: 0.3, fmr: 0.0 });
        assert_eq!((strict[0].fnmr, strict[1].fnmr), (0.5, 0.0));
    }

    #[test]
    fn a_share_of_the_images_is_kept() {
        let all = comparisons();
        for (share, quality) in [(1.0, 0.1), (0.8, 0.2), (0.79, 0.2), (0.6, 0.3), (0.2, 0.5), (0.0, 0.5)] {
            assert_eq!(all.quality_that_keeps(share), quality, "{share}");
        }
    }

    #[test]
    fn subjects_count_as_often_as_they_were_drawn() {
        let all = comparisons();
        let mut weights = all.once();
        // The first person twice, the second not at all.
        weights.0[0] = 2.0;
        weights.0[1] = 0.0;
        let kept = all.weighted_kept(&[0.15, 0.0], SimilarityThreshold { above: 0.3, fmr: 0.0 }, &weights);
        assert_eq!(kept[0].images, 3.0 / 5.0, "one image of the first person twice, and that of the third");
        assert_eq!((kept[1].mated, kept[1].fnmr), (1.0, 1.0));
    }
}
