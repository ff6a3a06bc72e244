use crate::Calibration;

/// How the scores of some faces are distributed: says what share of them a score exceeds. Belongs to one model, like raw scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Percentiles {
    of: String,
    /// A percentage of the faces, and the raw score that this percentage does not reach; both ascend.
    points: Vec<(f64, f64)>,
}

impl Percentiles {
    /// The usual percentages of a table: closer together at both ends.
    /// 0 is the lowest score, 100 the highest.
    pub const USUAL: [f64; 15] = [0.0, 1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 99.0, 100.0];

    /// A table of percentages and raw scores, with the name of the pictures. `None` unless it goes from 0 to 100 percent, the percentages
    /// rise, no raw score is lower than the one before, and all are finite.
    pub fn new(of: impl Into<String>, points: Vec<(f64, f64)>) -> Option<Self> {
        let (first, last) = (points.first()?.0, points.last()?.0);
        let rises = points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let is_finite = points.iter().all(|(percent, raw)| percent.is_finite() && raw.is_finite());
        (first == 0.0 && last == 100.0 && rises && is_finite).then(|| Self { of: of.into(), points })
    }

    /// Name of the pictures, such as `LFW, View 1`.
    pub fn of(&self) -> &str {
        &self.of
    }

    /// Percentages and raw scores, ascending, from 0 to 100 percent.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// The percentage of the faces whose score is lower than the raw score `raw`, 0 to 100. Between two points it is linear in the quality,
    /// so it can also be computed from qualities alone.
    pub fn percentile(&self, calibration: &Calibration, raw: f64) -> f64 {
        let quality = calibration.quality(raw);
        let known = |index: usize| {
            let (percent, raw) = self.points[index];
            (percent, calibration.quality(raw))
        };
        let above = self.points.partition_point(|(_, raw)| calibration.quality(*raw) < quality);
        match above {
            0 => 0.0,
            above if above == self.points.len() => 100.0,
            above => {
                let ((low, from), (high, to)) = (known(above - 1), known(above));
                low + (high - low) * (quality - from) / (to - from)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALIBRATION: Calibration = Calibration { alpha: 140.0, r: 0.8951 };

    fn table(points: &[(f64, f64)]) -> Percentiles {
        Percentiles::new("faces", points.to_vec()).unwrap()
    }

    #[test]
    fn a_point_of_the_table_has_its_own_percentage() {
        let table = table(&[(0.0, 0.85), (5.0, 0.8951), (50.0, 0.9108), (100.0, 0.93)]);
        for (percent, raw) in table.points() {
            assert!((table.percentile(&CALIBRATION, *raw) - percent).abs() < 1e-9, "{percent}");
        }
        assert_eq!(table.percentile(&CALIBRATION, 0.5), 0.0);
        assert_eq!(table.percentile(&CALIBRATION, 1.0), 100.0);
    }

    #[test]
    fn between_two_points_it_is_linear_in_the_quality() {
        let table = table(&[(0.0, 0.88), (40.0, 0.8951), (100.0, 0.92)]);
        let [low, high] = [0.88, 0.8951].map(|raw| CALIBRATION.quality(raw));
        // The raw score whose quality is halfway between the two.
        let quality = f64::midpoint(low, high);
        let raw = CALIBRATION.r + (quality / (100.0 - quality)).ln() / CALIBRATION.alpha;
        assert!((table.percentile(&CALIBRATION, raw) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn faces_with_the_same_score_are_not_exceeded_by_it() {
        let table = table(&[(0.0, 0.9), (50.0, 0.9), (60.0, 0.91), (100.0, 0.91)]);
        assert_eq!(table.percentile(&CALIBRATION, 0.9), 0.0);
        assert_eq!(table.percentile(&CALIBRATION, 0.91), 60.0);
        // One score for all: everything is either not above or above all of them.
        let one = Percentiles::new("faces", vec![(0.0, 0.9), (100.0, 0.9)]).unwrap();
        assert_eq!([0.89, 0.9, 0.91].map(|raw| one.percentile(&CALIBRATION, raw)), [0.0, 0.0, 100.0]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for points in [
            vec![],
            vec![(0.0, 0.9)],
            vec![(0.0, 0.8), (99.0, 0.9)],
            vec![(1.0, 0.8), (100.0, 0.9)],
            vec![(0.0, 0.9), (100.0, 0.8)],
            vec![(0.0, 0.8), (50.0, 0.85), (50.0, 0.86), (100.0, 0.9)],
            vec![(0.0, 0.8), (f64::NAN, 0.85), (100.0, 0.9)],
            vec![(0.0, 0.8), (50.0, f64::NAN), (100.0, 0.9)],
            vec![(0.0, f64::NEG_INFINITY), (100.0, 0.9)],
        ] {
            assert_eq!(Percentiles::new("faces", points.clone()), None, "{points:?}");
        }
    }

    proptest! {
        /// Whatever the table, percentiles lie between 0 and 100, and a higher score never has a lower one.
        #[test]
        fn a_higher_score_is_better_than_no_fewer_faces(
            mut raws in prop::collection::vec(0.0..1.0_f64, 15),
            alpha in 1.0..300.0_f64,
            r in 0.0..1.0_f64,
            mut scores in prop::collection::vec(0.0..=1.0_f64, 2..40),
        ) {
            raws.sort_by(f64::total_cmp);
            scores.extend(&raws);
            scores.sort_by(f64::total_cmp);
            let table = table(&Percentiles::USUAL.into_iter().zip(raws).collect::<Vec<_>>());
            let calibration = Calibration { alpha, r };
            let found: Vec<f64> = scores.iter().map(|raw| table.percentile(&calibration, *raw)).collect();
            prop_assert!(found.iter().all(|percentile| (0.0..=100.0).contains(percentile)), "{found:?}");
            // One unit in the last place: the quotient of an interpolation is rounded.
            prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{found:?}");
        }

        /// Each face that the table was made of exceeds its share of these faces, to within the distance of two points.
        #[test]
        fn it_is_the_share_of_the_faces_below(mut raws in prop::collection::vec(0.8..0.95_f64, 200..400), which in any::<prop::sample::Index>()) {
            raws.sort_by(f64::total_cmp);
            let at = |percent: f64| raws[(percent / 100.0 * (raws.len() - 1) as f64).round() as usize];
            let table = table(&Percentiles::USUAL.map(|percent| (percent, at(percent))));
            let index = which.index(raws.len());
            let share = 100.0 * index as f64 / (raws.len() - 1) as f64;
            prop_assert!((table.percentile(&CALIBRATION, raws[index]) - share).abs() <= 10.5);
        }
    }
}
