//! Light and colour of the face.

use super::hull::Hull;
use crate::{
    frame::Frame,
    measure::{
        colour::lab,
        light::relative_luminance,
        shape::{Eyes, Point},
    },
};

/// Side of a cheek's zone in distances between the eyes.
const CHEEK: f64 = 0.3;
/// CIELAB's a and b of skin.
const SKIN: [[f64; 2]; 2] = [[5.0, 25.0], [5.0, 35.0]];
/// How many pixels have each luminance, 0 to 255.
pub(super) struct Histogram {
    counts: [u32; 256],
    total: f64,
}

impl Histogram {
    /// Of the pixels of a face; `None` if more than half of it is outside the frame.
    pub(super) fn within(frame: &Frame, hull: &Hull) -> Option<Self> {
        let found = Self::of(pixels(frame, hull.bounds(), |point| hull.contains(point)));
        (found.total > 0.0 && found.total >= hull.area() / 2.0).then_some(found)
    }

    pub(super) fn of(pixels: impl Iterator<Item = [u8; 3]>) -> Self {
        let mut counts = [0; 256];
        for pixel in pixels {
            counts[(255.0 * relative_luminance(pixel)).round() as usize] += 1;
        }
        Self { counts, total: f64::from(counts.iter().sum::<u32>()) }
    }

    /// Each luminance, 0 to 1, and its share.
    fn shares(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.counts.iter().enumerate().map(|(luminance, count)| (luminance as f64 / 255.0, f64::from(*count) / self.total))
    }

    pub(super) fn mean(&self) -> f64 {
        self.shares().map(|(luminance, share)| luminance * share).sum()
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.shares().map(|(luminance, share)| share * (luminance - mean).powi(2)).sum()
    }

    /// The share of the luminances, 0 to 255, from the first to the last.
    pub(super) fn share(&self, [first, last]: [usize; 2]) -> f64 {
        f64::from(self.counts[first..=last].iter().sum::<u32>()) / self.total
    }

    /// In bits.
    pub(super) fn entropy(&self) -> f64 {
        self.shares().filter(|(_, share)| *share > 0.0).map(|(_, share)| -share * share.log2()).sum()
    }

    /// How much two histograms have in common, 0 to 1.
    pub(super) fn shared(&self, other: &Self) -> f64 {
        self.shares().zip(other.shares()).map(|((_, a), (_, b))| a.min(b)).sum()
    }
}

/// The pixels of a square beside the nose, outward of each eye and half-way down to the mouth: the person's right one and the left one. They are
/// turned with the face. `None` if either is partly outside the frame.
pub(super) fn cheeks(frame: &Frame, eyes: &Eyes, mouth: Point) -> Option<[Vec<[u8; 3]>; 2]> {
    let across = eyes.across();
    let down = [-across[1], across[0]];
    let middle = eyes.middle();
    let half_way = [0, 1].map(|axis| (mouth[axis] - middle[axis]) * down[axis] / 2.0).iter().sum::<f64>();
    let side = CHEEK * eyes.apart;
    let cheek = |eye: Point, outward: f64| {
        let place = |u: f64, v: f64| [0, 1].map(|axis| eye[axis] + outward * u * across[axis] + (half_way + v) * down[axis]);
        let square = Hull::of(vec![place(0.0, 0.0), place(side, 0.0), place(0.0, side), place(side, side)])?;
        let size = [frame.width(), frame.height()].map(|side| f64::from(side) - 0.5);
        let is_inside = square.bounds().iter().zip(size).all(|([least, most], size)| *least >= -0.5 && *most <= size);
        let found: Vec<_> = pixels(frame, square.bounds(), |point| square.contains(point)).collect();
        (is_inside && !found.is_empty()).then_some(found)
    };
    Some([cheek(eyes.right, -1.0)?, cheek(eyes.left, 1.0)?])
}

/// How far the mean colour of some pixels is from those of skin, in units of CIELAB; 0 within their range.
pub(super) fn distance_from_skin(pixels: impl Iterator<Item = [u8; 3]>) -> f64 {
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for pixel in pixels {
        let [a, b] = lab(pixel);
        sum = [sum[0] + a, sum[1] + b];
        count += 1.0;
    }
    let beyond = |axis: usize| {
        let (mean, [least, most]): (f64, _) = (sum[axis] / count, SKIN[axis]);
        (least - mean).max(mean - most).max(0.0)
    };
    beyond(0).hypot(beyond(1))
}

/// The pixels whose centres are within some bounds, in x and in y, and for which a condition holds.
fn pixels(frame: &Frame, bounds: [[f64; 2]; 2], holds: impl Fn(Point) -> bool) -> impl Iterator<Item = [u8; 3]> {
    let width = frame.width() as usize;
    let [columns, rows] = [(bounds[0], frame.width()), (bounds[1], frame.height())].map(|([least, most], size)| {
        // Conversions to integers keep to their range, and round towards zero.
        least.ceil().max(0.0) as usize..(most.floor() + 1.0).min(f64::from(size)).max(0.0) as usize
    });
    let places = rows.flat_map(move |row| columns.clone().map(move |column| (column, row)));
    let within = places.filter(move |(column, row)| holds([*column as f64, *row as f64]));
    let (samples, _) = frame.rgb().as_chunks::<3>();
    within.map(move |(column, row)| samples[row * width + column])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_by_hand() {
        // Half of the pixels are black, half of them white.
        let two = Histogram::of([[0; 3], [255; 3], [0; 3], [255; 3]].into_iter());
        assert_eq!((two.mean(), two.variance(), two.entropy()), (0.5, 0.25, 1.0));
        assert_eq!((two.share([0, 25]), two.share([26, 246]), two.share([247, 255])), (0.5, 0.0, 0.5));
        let black = Histogram::of([[0; 3]].into_iter());
        assert_eq!((black.entropy(), black.shared(&two), two.shared(&two)), (0.0, 0.5, 1.0));
    }

    #[test]
    fn skin_has_a_range_of_colours() {
        // A camera without colour.
        assert!((distance_from_skin([[120; 3], [80; 3]].into_iter()) - 50.0_f64.sqrt()).abs() < 0.01);
        assert_eq!(distance_from_skin([[200, 160, 140]].into_iter()), 0.0);
    }

    #[test]
    fn a_face_that_is_mostly_outside_is_not_judged() {
        let frame = Frame::from_rgb(10, 10, vec![90; 300]).unwrap();
        let square = |left: f64| Hull::of(vec![[left, 2.0], [left + 6.0, 2.0], [left, 8.0], [left + 6.0, 8.0]]).unwrap();
        assert!(Histogram::within(&frame, &square(-2.0)).is_some());
        assert!(Histogram::within(&frame, &square(-5.0)).is_none());
        assert!(Histogram::within(&frame, &square(50.0)).is_none());
    }
}
