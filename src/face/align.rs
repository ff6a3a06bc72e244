//! Rotates, scales and moves the face onto the template that ArcFace-style recognisers are trained on.

use super::{FaceError, Landmarks};
use crate::frame::Frame;

/// Where the five landmarks lie in an aligned crop (ArcFace's template for 112 x 112).
const TEMPLATE: [[f64; 2]; 5] =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

/// A face as the recogniser reads it: 112 x 112, RGB, 8 bits a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct AlignedCrop {
    rgb: Vec<u8>,
}

impl AlignedCrop {
    /// Width and height in pixels.
    pub const SIZE: u32 = 112;

    /// Accepts a frame that is already an aligned crop.
    ///
    /// # Errors
    /// [`FaceError::CropSize`] unless the frame is exactly 112 x 112.
    pub fn from_frame(frame: &Frame) -> Result<Self, FaceError> {
        if (frame.width(), frame.height()) != (Self::SIZE, Self::SIZE) {
            return Err(FaceError::CropSize { width: frame.width(), height: frame.height() });
        }
        Ok(Self { rgb: frame.rgb().to_vec() })
    }

    /// The samples, `[112, 112, 3]`.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

impl std::fmt::Debug for AlignedCrop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AlignedCrop({0} x {0})", Self::SIZE)
    }
}

/// Cuts a face out of a frame. Applies the similarity transform that brings the landmarks closest to the template (Umeyama's least
/// squares), sampled bilinearly, with 0 beyond the frame.
///
/// Uses only additions, multiplications and divisions of f64, which IEEE 754 defines to the bit, so every platform cuts the same pixels.
///
/// # Errors
/// [`FaceError::Landmarks`] for points that are not finite, coincide, or do not fit the template in any orientation.
pub fn align(frame: &Frame, landmarks: &Landmarks) -> Result<AlignedCrop, FaceError> {
    let to_template = Similarity::fit(&landmarks.map(|point| point.map(f64::from)), &TEMPLATE)
        .ok_or(FaceError::Landmarks { landmarks: *landmarks })?;
    let to_frame = to_template.inverse();
    let mut rgb = Vec::with_capacity(3 * (AlignedCrop::SIZE * AlignedCrop::SIZE) as usize);
    for y in 0..AlignedCrop::SIZE {
        for x in 0..AlignedCrop::SIZE {
            rgb.extend(sample(frame, to_frame.apply([f64::from(x), f64::from(y)])));
        }
    }
    Ok(AlignedCrop { rgb })
}

/// Where the corners of the crop that [`align`] cuts lie in the frame, in pixels: top left, top right, bottom right, bottom left. `None` where
/// it fails.
pub(crate) fn corners(landmarks: &Landmarks) -> Option<[[f32; 2]; 4]> {
    let to_frame = Similarity::fit(&landmarks.map(|point| point.map(f64::from)), &TEMPLATE)?.inverse();
    // Pixels are points in the middle of their areas.
    let [first, last] = [-0.5, f64::from(AlignedCrop::SIZE) - 0.5];
    Some(
        [[first, first], [last, first], [last, last], [first, last]]
            .map(|corner| to_frame.apply(corner).map(|value| value as f32)),
    )
}

/// `(x, y) -> (a x - b y + dx, b x + a y + dy)`: rotation and scale by the complex number `a + b i`, then a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Similarity {
    a: f64,
    b: f64,
    dx: f64,
    dy: f64,
}

impl Similarity {
    /// The least-squares fit, in closed form: in the plane, Umeyama's singular value decomposition reduces to two sums.
    /// `None` if the fit cannot be inverted.
    fn fit(from: &[[f64; 2]; 5], to: &[[f64; 2]; 5]) -> Option<Self> {
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (p[0] - from_mean[0], p[1] - from_mean[1]);
            let (qx, qy) = (q[0] - to_mean[0], q[1] - to_mean[1]);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (dot / spread, cross / spread);
        // A spread below one pixel is not a face. A mirrored face fits best with a scale near zero. Written so that NaN fails as well.
        let usable = spread >= 1.0 && a * a + b * b > 1e-12 && spread.is_finite();
        usable.then_some(Self {
            a,
            b,
            dx: to_mean[0] - (a * from_mean[0] - b * from_mean[1]),
            dy: to_mean[1] - (b * from_mean[0] + a * from_mean[1]),
        })
    }

    fn inverse(&self) -> Self {
        let squared = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / squared, -self.b / squared);
        Self { a, b, dx: -(a * self.dx - b * self.dy), dy: -(b * self.dx + a * self.dy) }
    }

    fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.a * x - self.b * y + self.dx, self.b * x + self.a * y + self.dy]
    }
}

fn mean(points: &[[f64; 2]; 5]) -> [f64; 2] {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / 5.0)
}

/// The colour interpolated from the four pixels around a point. Coordinates count from the centre of the first pixel.
fn sample(frame: &Frame, [x, y]: [f64; 2]) -> [u8; 3] {
    let (left, top) = (floor(x), floor(y));
    let (right_share, bottom_share) = (x - f64::from(left), y - f64::from(top));
    let mut sums = [0.0; 3];
    for (row, row_share) in [(top, 1.0 - bottom_share), (top.saturating_add(1), bottom_share)] {
        for (column, column_share) in [(left, 1.0 - right_share), (left.saturating_add(1), right_share)] {
            let Some(pixel) = pixel(frame, column, row) else { continue };
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += f64::from(*value) * (row_share * column_share);
            }
        }
    }
    sums.map(|sum| (sum + 0.5) as u8)
}

/// `value` rounded down, within 32 bits. `f64::floor` calls a library function, four times as slow, on targets not known to have an
/// instruction for it.
fn floor(value: f64) -> i32 {
    let towards_zero = value as i32;
    towards_zero.saturating_sub(i32::from(f64::from(towards_zero) > value))
}

fn pixel(frame: &Frame, column: i32, row: i32) -> Option<&[u8; 3]> {
    let (column, row) = (u32::try_from(column).ok()?, u32::try_from(row).ok()?);
    let is_inside = column < frame.width() && row < frame.height();
    let index = row as usize * frame.width() as usize + column as usize;
    if is_inside { frame.rgb().as_chunks::<3>().0.get(index) } else { None }
}
