use serfiq_eval::{Interval, largest_unseen_rate};

/// The two ends of an interval.
pub fn ends(interval: Option<Interval>) -> Option<[f64; 2]> {
    interval.map(|Interval { low, high }| [low, high])
}

/// Returns the interval of an error rate over `pairs` pairs, from its resampled interval. If none or all of the pairs are
/// errors, every resample agrees; the open end is then the rate that chance could have hidden.
pub fn of_rate(rate: f64, pairs: f64, resampled: Option<Interval>) -> Option<[f64; 2]> {
    let [low, high] = ends(resampled)?;
    Some(match rate {
        0.0 => [0.0, largest_unseen_rate(pairs)],
        1.0 => [1.0 - largest_unseen_rate(pairs), 1.0],
        _ => [low, high],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_are_all_alike_are_not_sure_of_it() {
        let resampled = |low, high| Some(Interval { low, high });
        assert_eq!(of_rate(0.2, 300.0, resampled(0.1, 0.3)), Some([0.1, 0.3]));
        let [low, high] = of_rate(0.0, 300.0, resampled(0.0, 0.0)).unwrap();
        assert!(low == 0.0 && (high - 0.00994).abs() < 1e-5, "{high}");
        assert_eq!(of_rate(1.0, 300.0, resampled(1.0, 1.0)), Some([1.0 - high, 1.0]));
        assert_eq!(of_rate(0.0, 300.0, None), None, "none was asked for");
    }
}
