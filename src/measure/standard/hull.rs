//! Convex hulls, and the pixels within.

use crate::measure::shape::Point;

/// A convex polygon.
pub(super) struct Hull {
    /// In the order in which the edges go round; at least three.
    corners: Vec<Point>,
}

impl Hull {
    /// The convex hull of some points, by Andrew's monotone chain; `None` if they lie on a line, or are not finite.
    pub(super) fn of(mut points: Vec<Point>) -> Option<Self> {
        if points.iter().flatten().any(|value| !value.is_finite()) {
            return None;
        }
        points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        let mut corners = chain(points.iter());
        corners.extend(chain(points.iter().rev()));
        (corners.len() >= 3).then_some(Self { corners })
    }

    /// In square pixels.
    pub(super) fn area(&self) -> f64 {
        self.edges().map(|[a, b]| a[0] * b[1] - a[1] * b[0]).sum::<f64>() / 2.0
    }

    /// Whether a point is within, or on an edge.
    pub(super) fn contains(&self, point: Point) -> bool {
        self.edges().all(|[a, b]| turn(a, b, point) >= 0.0)
    }

    /// The same polygon, larger by a factor, about the middle of its bounds.
    pub(super) fn enlarged(mut self, factor: f64) -> Self {
        let bounds = self.bounds();
        let middle = bounds.map(|[least, most]| (least + most) / 2.0);
        for corner in &mut self.corners {
            *corner = [0, 1].map(|axis| middle[axis] + factor * (corner[axis] - middle[axis]));
        }
        self
    }

    /// The least and the largest x, and y.
    pub(super) fn bounds(&self) -> [[f64; 2]; 2] {
        [0, 1].map(|axis| {
            let values = self.corners.iter().map(|corner| corner[axis]);
            values.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], value| [least.min(value), most.max(value)])
        })
    }

    fn edges(&self) -> impl Iterator<Item = [Point; 2]> + '_ {
        self.corners.iter().zip(self.corners.iter().cycle().skip(1)).map(|(a, b)| [*a, *b])
    }
}

/// One half of the hull, without its last point.
fn chain<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = chain[..]
            && turn(a, b, *point) <= 0.0
        {
            chain.pop();
        }
        chain.push(*point);
    }
    chain.pop();
    chain
}

/// Above 0 if the way from `a` over `b` to `c` turns from the x axis towards the y axis.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_a_square() {
        let points = vec![[0.0, 0.0], [4.0, 0.0], [2.0, 1.0], [4.0, 4.0], [0.0, 4.0], [2.0, 0.0], [4.0, 4.0]];
        let hull = Hull::of(points).unwrap();
        assert_eq!((hull.corners.len(), hull.area(), hull.bounds()), (4, 16.0, [[0.0, 4.0]; 2]));
        assert!(hull.contains([4.0, 2.0]) && !hull.contains([4.1, 2.0]));
        let larger = hull.enlarged(2.0);
        assert_eq!((larger.area(), larger.bounds()), (64.0, [[-2.0, 6.0]; 2]));
    }

    #[test]
    fn of_nothing_with_an_inside() {
        for points in [vec![], vec![[1.0, 2.0]; 5], vec![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], vec![[f64::NAN, 0.0]; 4]] {
            assert!(Hull::of(points.clone()).is_none(), "{points:?}");
        }
    }

    proptest! {
        #[test]
        fn every_point_is_within(points in prop::collection::vec(prop::array::uniform2(-50..50_i32), 3..40)) {
            let points: Vec<Point> = points.into_iter().map(|point| point.map(f64::from)).collect();
            if let Some(hull) = Hull::of(points.clone()) {
                prop_assert!(points.iter().all(|point| hull.contains(*point)) && hull.area() > 0.0);
            }
        }
    }
}
