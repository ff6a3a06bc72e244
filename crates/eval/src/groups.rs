use super::{Weights, bootstrap::quantile};

/// An image with a known quality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupedImage {
    /// Larger is better.
    pub quality: f64,
    /// The subject it shows: any number unique to this subject.
    pub subject: usize,
    /// Which group it belongs to; groups are numbered from 0.
    pub group: usize,
}

/// Images whose qualities are compared group by group.
///
/// Methods that take [`Weights`] count an image as often as its subject was drawn; with every subject [once](Self::once), they
/// use the images as they are.
#[derive(Debug, Clone)]
pub struct Groups {
    /// By quality, lowest first.
    images: Vec<GroupedImage>,
    groups: usize,
    subjects: usize,
}

/// Why groups cannot be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupsError {
    /// Fewer than two groups have images.
    #[error("{found} of the groups has images with a quality; expected two or more")]
    OneGroup {
        /// How many groups have images.
        found: usize,
    },
    /// A quality is not a number.
    #[error("a quality is {value}; expected a finite number")]
    NotFinite {
        /// Its value.
        value: f64,
    },
}

/// One group's qualities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupSummary {
    /// How many images.
    pub images: usize,
    /// How many subjects they show.
    pub subjects: usize,
    /// How many subjects the images of all other groups show; a subject may be among both.
    pub other_subjects: usize,
    /// Mean quality.
    pub mean: f64,
    /// The qualities below which 5, 25, 50, 75 and 95 % of the images lie.
    pub quantiles: [f64; 5],
}

/// A group's qualities compared with those of all other images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Mean quality of the group minus that of the others.
    pub mean: f64,
    /// Cliff's delta, from -1 to 1: over all pairs of an image of the group and one of the others, how much more often the first is better
    /// than worse (Cliff: "Dominance statistics: ordinal analyses to answer ordinal questions", Psychological Bulletin, 1993).
    pub cliffs_delta: f64,
}

impl Groups {
    /// Takes the images of `groups` groups.
    ///
    /// # Errors
    /// Fewer than two groups with images; a quality that is not finite.
    pub fn new(images: Vec<GroupedImage>, groups: usize) -> Result<Self, GroupsError> {
        let found = (0..groups).filter(|group| images.iter().any(|image| image.group == *group)).count();
        if found < 2 {
            return Err(GroupsError::OneGroup { found });
        }
        if let Some(image) = images.iter().find(|image| !image.quality.is_finite()) {
            return Err(GroupsError::NotFinite { value: image.quality });
        }
        // Only subjects with an image are drawn.
        let known = distinct(images.iter().map(|image| image.subject));
        let renumbered = |image: GroupedImage| {
            let subject = known.partition_point(|known| *known < image.subject);
            GroupedImage { subject, ..image }
        };
        let mut images: Vec<GroupedImage> = images.into_iter().map(renumbered).collect();
        images.sort_by(|a, b| a.quality.total_cmp(&b.quality));
        Ok(Self { images, groups, subjects: known.len() })
    }

    /// How many subjects can be drawn.
    pub fn subjects(&self) -> usize {
        self.subjects
    }

    /// Every subject once.
    pub fn once(&self) -> Weights {
        Weights(vec![1.0; self.subjects])
    }

    /// The lowest and the highest quality of all.
    pub fn range(&self) -> (f64, f64) {
        (self.images[0].quality, self.images[self.images.len() - 1].quality)
    }

    /// Summarises a group; `None` if it has no images.
    pub fn summary(&self, group: usize) -> Option<GroupSummary> {
        let qualities: Vec<f64> = self.of(group).map(|image| image.quality).collect();
        let others = self.images.iter().filter(|image| image.group != group);
        (!qualities.is_empty()).then(|| GroupSummary {
            images: qualities.len(),
            subjects: distinct(self.of(group).map(|image| image.subject)).len(),
            other_subjects: distinct(others.map(|image| image.subject)).len(),
            mean: qualities.iter().sum::<f64>() / qualities.len() as f64,
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|at| quantile(&qualities, at)),
        })
    }

    /// Returns the share of a group's images in each of `parts` equal parts of the [range](Self::range).
    pub fn histogram(&self, group: usize, parts: usize) -> Vec<f64> {
        let (lowest, highest) = self.range();
        let width = (highest - lowest) / parts as f64;
        let mut counts = vec![0.0; parts];
        for image in self.of(group) {
            // If all qualities are the same, they fall into the first part.
            let part = if width > 0.0 { ((image.quality - lowest) / width) as usize } else { 0 };
            counts[part.min(parts - 1)] += 1.0;
        }
        let all: f64 = counts.iter().sum();
        counts.iter().map(|count| count / all).collect()
    }

    /// Compares each group with the others; NaN for a group that was not drawn, or was drawn alone.
    pub fn differences(&self, weights: &Weights) -> Vec<Difference> {
        let mut of_each = vec![Sums::default(); self.groups];
        let mut of_all = Sums::default();
        for alike in self.images.chunk_by(|a, b| a.quality == b.quality) {
            let (below_all, mut alike_all) = (of_all.weight, 0.0);
            let mut alike_of = vec![0.0; if alike.len() > 1 { self.groups } else { 0 }];
            for image in alike.iter() {
                let weight = weights.0[image.subject];
                alike_all += weight;
                if let Some(of_group) = alike_of.get_mut(image.group) {
                    *of_group += weight;
                }
            }
            for image in alike {
                let weight = weights.0[image.subject];
                let below_others = below_all - of_each[image.group].weight;
                let alike_others = alike_of.get(image.group).map_or(0.0, |alike_group| alike_all - alike_group);
                of_each[image.group].wins += weight * (below_others + 0.5 * alike_others);
            }
            for image in alike {
                let weight = weights.0[image.subject];
                for sums in [&mut of_each[image.group], &mut of_all] {
                    sums.weight += weight;
                    sums.quality += weight * image.quality;
                }
            }
        }
        let beside_others = |of: &Sums| {
            let others = of_all.weight - of.weight;
            Difference {
                mean: of.quality / of.weight - (of_all.quality - of.quality) / others,
                cliffs_delta: 2.0 * of.wins / (of.weight * others) - 1.0,
            }
        };
        of_each.iter().map(beside_others).collect()
    }

    /// Returns each group's share of the lowest-quality images that make up a `fraction`, from 0 to 1, of all. If the cut falls
    /// among images of the same quality, the groups contribute in proportion. NaN where nothing was drawn.
    pub fn shares_of_lowest(&self, fraction: f64, weights: &Weights) -> Vec<f64> {
        let all: f64 = self.images.iter().map(|image| weights.0[image.subject]).sum();
        let (mut wanted, mut counts) = (fraction * all, vec![0.0; self.groups]);
        for alike in self.images.chunk_by(|a, b| a.quality == b.quality) {
            let here: f64 = alike.iter().map(|image| weights.0[image.subject]).sum();
            let part = if here > wanted { wanted / here } else { 1.0 };
            alike.iter().for_each(|image| counts[image.group] += part * weights.0[image.subject]);
            wanted -= part * here;
            if part < 1.0 {
                break;
            }
        }
        let taken: f64 = counts.iter().sum();
        counts.iter().map(|count| count / taken).collect()
    }

    fn of(&self, group: usize) -> impl Iterator<Item = &GroupedImage> {
        self.images.iter().filter(move |image| image.group == group)
    }
}

/// Returns the distinct numbers, in order.
fn distinct(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[derive(Debug, Clone, Default)]
struct Sums {
    weight: f64,
    quality: f64,
    /// Pairs in which the group's image is better than one of the others; ties count half.
    wins: f64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Images, each of a different subject.
    fn groups(images: &[(f64, usize)]) -> Groups {
        let image = |(subject, &(quality, group)): (usize, &(f64, usize))| GroupedImage { quality, subject, group };
        Groups::new(images.iter().enumerate().map(image).collect(), 3).unwrap()
    }

    #[test]
    fn by_hand() {
        let all = groups(&[(0.1, 0), (0.2, 1), (0.2, 0), (0.4, 1), (0.6, 1)]);
        assert_eq!(all.range(), (0.1, 0.6));
        let [first, second, third] = [0, 1, 2].map(|group| all.summary(group));
        let first = first.unwrap();
        assert_eq!((first.images, first.subjects, first.other_subjects), (2, 2, 3));
        assert!((first.mean - 0.15).abs() < 1e-12 && (first.quantiles[2] - 0.15).abs() < 1e-12);
        assert!((second.unwrap().mean - 0.4).abs() < 1e-12 && third.is_none());

        let differences = all.differences(&all.once());
        assert!((differences[0].mean + 0.25).abs() < 1e-12);
        // Of six pairs the first group wins none, and one is a tie.
        assert!((differences[0].cliffs_delta - (2.0 * 0.5 / 6.0 - 1.0)).abs() < 1e-12);
        assert!((differences[1].cliffs_delta + differences[0].cliffs_delta).abs() < 1e-12);
        assert!(differences[2].mean.is_nan() && differences[2].cliffs_delta.is_nan());

        let shares = |fraction| all.shares_of_lowest(fraction, &all.once());
        assert_eq!(shares(1.0), [0.4, 0.6, 0.0]);
        assert_eq!(shares(0.2), [1.0, 0.0, 0.0]);
        // The first, and half of the two equal ones.
        assert_eq!(shares(0.4), [0.75, 0.25, 0.0]);
        assert_eq!(all.histogram(1, 2), [1.0 / 3.0, 2.0 / 3.0]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let image = |quality, group| GroupedImage { quality, subject: 0, group };
        let one = Groups::new(vec![image(0.1, 1), image(0.2, 1)], 2).unwrap_err();
        assert_eq!(one, GroupsError::OneGroup { found: 1 });
        let not_a_number = Groups::new(vec![image(f64::NAN, 1), image(0.2, 0)], 2).unwrap_err();
        assert!(matches!(not_a_number, GroupsError::NotFinite { .. }));
    }

    #[test]
    fn those_are_drawn_of_whom_there_is_an_image() {
        let image = |quality, subject, group| GroupedImage { quality, subject, group };
        let all = Groups::new(vec![image(0.1, 70, 0), image(0.2, 3, 1), image(0.3, 70, 1), image(0.4, 3, 1)], 2).unwrap();
        assert_eq!(all.subjects(), 2);
        let summary = all.summary(1).unwrap();
        assert_eq!((summary.images, summary.subjects, summary.other_subjects), (3, 2, 1));
        // Only subject 3 is drawn, twice.
        let shares = all.shares_of_lowest(1.0, &Weights(vec![2.0, 0.0]));
        assert_eq!(shares, [0.0, 1.0]);
        assert!(all.differences(&Weights(vec![2.0, 0.0])).iter().all(|difference| difference.mean.is_nan()));
    }

    #[test]
    fn images_of_one_quality_are_in_one_part() {
        let all = groups(&[(0.5, 0), (0.5, 1), (0.5, 1)]);
        assert_eq!(all.histogram(1, 3), [1.0, 0.0, 0.0]);
        assert_eq!(all.differences(&all.once())[0], Difference { mean: 0.0, cliffs_delta: 0.0 });
    }

    proptest! {
        #[test]
        fn delta_is_that_of_all_pairs(images in prop::collection::vec((0..6_u8, 0..3_usize, 0..3_u8), 2..30)) {
            let plain: Vec<(f64, usize)> = images.iter().map(|(quality, group, _)| (f64::from(*quality), *group)).collect();
            prop_assume!(plain.iter().any(|image| image.1 != plain[0].1));
            let all = groups(&plain);
            let weights = Weights(images.iter().map(|(_, _, weight)| f64::from(*weight)).collect());
            // One entry for each time that an image counts.
            let copies: Vec<(f64, usize)> = images.iter().zip(&plain).flat_map(|(of, image)| vec![*image; of.2.into()]).collect();
            for (group, difference) in all.differences(&weights).into_iter().enumerate() {
                let (ours, others): (Vec<_>, Vec<_>) = copies.iter().partition(|image| image.1 == group);
                let signs = ours.iter().flat_map(|a: &(f64, usize)| others.iter().map(move |b: &(f64, usize)| (a.0 > b.0, a.0 < b.0)));
                let sum: f64 = signs.map(|(better, worse)| f64::from(u8::from(better)) - f64::from(u8::from(worse))).sum();
                let expected = sum / (ours.len() * others.len()) as f64;
                let mean = |of: &[(f64, usize)]| of.iter().map(|image| image.0).sum::<f64>() / of.len() as f64;
                prop_assert!(expected.is_nan() == difference.cliffs_delta.is_nan());
                prop_assert!(expected.is_nan() || (difference.cliffs_delta - expected).abs() < 1e-9);
                prop_assert!(expected.is_nan() || (difference.mean - (mean(&ours) - mean(&others))).abs() < 1e-9);
            }
        }

        #[test]
        fn shares_make_a_whole(
            images in prop::collection::vec((0..6_u8, 0..3_usize), 2..30),
            fraction in 0.01..=1.0_f64,
        ) {
            let images: Vec<(f64, usize)> = images.into_iter().map(|(quality, group)| (f64::from(quality), group)).collect();
            prop_assume!(images.iter().any(|image| image.1 != images[0].1));
            let all = groups(&images);
            let shares = all.shares_of_lowest(fraction, &all.once());
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{:?}", shares);
        }
    }
}
