use super::{ScoreError, unit_rows::unit_rows};

/// Enough for the directions to settle visually. The points are a true projection onto any plane.
const ROUNDS: usize = 100;

/// Projects the normalised embeddings of all dropout passes onto a plane, for display: relative to their mean, in the two
/// directions in which they scatter most (principal components). Returns one point `[along the first, along the second]` per
/// pass, in the embedding space's unit, so that the clouds of two pictures are comparable. The wider the cloud, the lower the
/// score.
///
/// `embeddings` is `[passes, dim]` row by row, not necessarily normalised.
///
/// # Errors
/// As [`monte_carlo`](super::monte_carlo()).
pub fn principal_plane(embeddings: &[f32], dim: usize) -> Result<Vec<[f64; 2]>, ScoreError> {
    let mut points = unit_rows(embeddings, dim)?;
    let passes = points.len() / dim;
    let mean: Vec<f64> = (0..dim).map(|at| points.iter().skip(at).step_by(dim).sum::<f64>() / passes as f64).collect();
    for point in points.chunks_exact_mut(dim) {
        point.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
    }
    let first = widest(&points, dim, None);
    let second = widest(&points, dim, Some(&first));
    Ok(on_own_axes(points.chunks_exact(dim).map(|point| [dot(point, &first), dot(point, &second)]).collect()))
}

/// Rotates the points so that they scatter most along the first axis, and their coordinates are uncorrelated. If two directions scatter
/// almost equally, the power method settles on neither.
fn on_own_axes(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let sum = |of: fn(&[f64; 2]) -> f64| points.iter().map(of).sum::<f64>();
    let (excess, together) = (sum(|[x, y]| x * x - y * y), sum(|[x, y]| x * y));
    let (sine, cosine) = (0.5 * (2.0 * together).atan2(excess)).sin_cos();
    points.iter().map(|[x, y]| [cosine * x + sine * y, cosine * y - sine * x]).collect()
}

/// Returns the direction in which the points scatter most, orthogonal to `across` if given, by the power method. Its length is 0
/// where they do not scatter.
fn widest(points: &[f64], dim: usize, across: Option<&[f64]>) -> Vec<f64> {
    // The farthest point lies somewhere in that direction.
    let mut start: Vec<f64> = vec![0.0; dim];
    for point in points.chunks_exact(dim) {
        let point = without(point, across);
        if dot(&point, &point) > dot(&start, &start) {
            start = point;
        }
    }
    let mut direction = normalised(start);
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; dim];
        for point in points.chunks_exact(dim) {
            let along = dot(point, &direction);
            next.iter_mut().zip(point).for_each(|(sum, value)| *sum += along * value);
        }
        direction = normalised(without(&next, across));
    }
    direction
}

/// Returns the part of `vector` orthogonal to a direction of length 1.
fn without(vector: &[f64], direction: Option<&[f64]>) -> Vec<f64> {
    match direction {
        Some(direction) => {
            let along = dot(vector, direction);
            vector.iter().zip(direction).map(|(value, part)| value - along * part).collect()
        }
        None => vector.to_vec(),
    }
}

fn normalised(vector: Vec<f64>) -> Vec<f64> {
    let length = dot(&vector, &vector).sqrt();
    // A length this small is rounding error, not a direction.
    let scale = if length > 1e-150 { 1.0 / length } else { 0.0 };
    vector.into_iter().map(|value| value * scale).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_that_do_not_scatter_are_one_point() {
        let points = principal_plane(&[0.6, 0.0, 0.8].repeat(7), 3).unwrap();
        assert!(points.iter().flatten().all(|coordinate| coordinate.abs() < 1e-12), "{points:?}");
    }

    #[test]
    fn by_hand() {
        // A cross around (0, 0, 1): long along x, short along y.
        let point = |x: f32, y: f32| [x, y, (1.0 - x * x - y * y).sqrt()];
        let cross = [point(0.3, 0.0), point(-0.3, 0.0), point(0.0, 0.1), point(0.0, -0.1)].concat();
        let points = principal_plane(&cross, 3).unwrap();
        for ([x, y], (long, short)) in points.into_iter().zip([(0.3, 0.0), (0.3, 0.0), (0.0, 0.1), (0.0, 0.1)]) {
            assert!((x.abs() - long).abs() < 1e-6 && (y.abs() - short).abs() < 1e-6, "{x} {y}");
        }
    }

    #[test]
    fn wrong_shapes_are_errors() {
        assert!(matches!(principal_plane(&[1.0; 5], 2), Err(ScoreError::Shape { .. })));
        assert!(matches!(principal_plane(&[1.0, 0.0, 0.0, 0.0], 2), Err(ScoreError::Zero { .. })));
    }

    proptest! {
        /// A projection: no two points are further apart in the plane than in space, and the mean is in the middle.
        #[test]
        fn distances_do_not_grow(values in prop::collection::vec(-1.0..1.0_f32, 5 * 8)) {
            let Ok(units) = unit_rows(&values, 8) else { return Ok(()) };
            let points = principal_plane(&values, 8).unwrap();
            for axis in [0, 1] {
                prop_assert!(points.iter().map(|point| point[axis]).sum::<f64>().abs() < 1e-9);
            }
            for i in 0..5 {
                for j in 0..i {
                    let seen = (points[i][0] - points[j][0]).hypot(points[i][1] - points[j][1]);
                    let apart: f64 = (0..8).map(|at| (units[i * 8 + at] - units[j * 8 + at]).powi(2)).sum();
                    prop_assert!(seen <= apart.sqrt() + 1e-9);
                }
            }
        }

        /// The first axis is the wider one.
        #[test]
        fn the_first_axis_is_the_widest(values in prop::collection::vec(-1.0..1.0_f32, 6 * 4)) {
            let Ok(points) = principal_plane(&values, 4) else { return Ok(()) };
            prop_assert!(spread(&points, 0) >= spread(&points, 1) - 1e-12);
        }
    }

    fn spread(points: &[[f64; 2]], axis: usize) -> f64 {
        points.iter().map(|point| point[axis] * point[axis]).sum()
    }

    /// The second direction was once found first.
    #[test]
    fn two_directions_that_are_almost_alike() {
        let values: [f32; 24] = [
            -0.19641823,
            0.9200268,
            0.06583026,
            -0.8935684,
            0.27272916,
            0.11030327,
            -0.41405222,
            0.20748651,
            0.44619712,
            0.41844907,
            0.30627254,
            -0.8618817,
            -0.4805147,
            0.9132146,
            0.123593494,
            0.8939045,
            -0.83208424,
            -0.29279512,
            0.4163177,
            0.072376855,
            -0.6789744,
            -0.20459473,
            -0.60066116,
            -0.65884477,
        ];
        let points = principal_plane(&values, 4).unwrap();
        let together: f64 = points.iter().map(|[x, y]| x * y).sum();
        assert!(spread(&points, 0) >= spread(&points, 1) && together.abs() < 1e-12, "{points:?}");
    }
}
