//! How uniform the background is.

use super::{
    hull::Hull,
    shape::{Eyes, Point},
};
use crate::{frame::Frame, measure::light::relative_luminance};

/// Columns and rows of the picture that is judged.
const SIZE: [usize; 2] = [354, 295];
/// Pixels of the judged picture per pixel of OFIQ's aligned picture. It shows the part above the chin, starting `LEFT` pixels from the
/// left edge.
const SCALE: f64 = 354.0 / 492.0;
const LEFT: f64 = 62.0;
/// The right eye in OFIQ's aligned picture, and the distance to the left one.
const RIGHT_EYE: Point = [251.0, 272.0];
const APART: f64 = 113.0;
/// Factor by which the landmarks' hull is enlarged to contain the head: the landmarks end at the hair and before the ears.
const HEAD: f64 = 1.6;
/// At least this share of the picture must be background.
const MIN_BACKGROUND: f64 = 0.01;
/// Maximum number of samples across a pixel, of a picture that is much larger.
const MAX_SAMPLES: usize = 8;

/// Mean length of the gradient, by Sobel's operator, of the luminance, 0 to 255, outside the head; `None` if hardly any background is in
/// view. `face` is the hull of all landmarks.
pub(super) fn gradient(frame: &Frame, eyes: &Eyes, face: Hull) -> Option<f64> {
    let across = eyes.across();
    let step = eyes.apart / APART;
    // From the judged picture, in pixels from its upper left corner, to the frame.
    let in_frame = |[column, row]: Point| {
        let (x, y) = (step * (column / SCALE + LEFT - RIGHT_EYE[0]), step * (row / SCALE - RIGHT_EYE[1]));
        [eyes.right[0] + x * across[0] - y * across[1], eyes.right[1] + x * across[1] + y * across[0]]
    };
    let head = face.enlarged(HEAD);
    let samples = ((step / SCALE).ceil() as usize).clamp(1, MAX_SAMPLES);
    let [columns, rows] = SIZE;
    let mut background: Vec<Option<f64>> = Vec::with_capacity(columns * rows);
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        let is_head = head.contains(in_frame([column as f64 + 0.5, row as f64 + 0.5]));
        let parts = (0..samples * samples).map(|part| {
            let within = |part: usize| (part as f64 + 0.5) / samples as f64;
            luminance(frame, in_frame([column as f64 + within(part % samples), row as f64 + within(part / samples)]))
        });
        let mean = || parts.sum::<Option<f64>>().map(|sum| sum / (samples * samples) as f64);
        background.push(if is_head { None } else { mean() });
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for (row, column) in (1..rows - 1).flat_map(|row| (1..columns - 1).map(move |column| (row, column))) {
        let around: Option<Vec<f64>> =
            (0..9).map(|at| background[(row + at / 3 - 1) * columns + column + at % 3 - 1]).collect();
        if let Some([a, b, c, d, _, e, f, g, h]) = around.as_deref() {
            let (x, y) = (c + 2.0 * e + h - a - 2.0 * d - f, f + 2.0 * g + h - a - 2.0 * b - c);
            sum += x.hypot(y);
            count += 1.0;
        }
    }
    (count >= MIN_BACKGROUND * (columns * rows) as f64).then(|| sum / count)
}

/// Luminance at a point, 0 to 255, bilinearly; `None` outside the frame.
fn luminance(frame: &Frame, [x, y]: Point) -> Option<f64> {
    let [most_x, most_y] = [frame.width(), frame.height()].map(|side| f64::from(side) - 1.0);
    if !(0.0..=most_x).contains(&x) || !(0.0..=most_y).contains(&y) {
        return None;
    }
    let (samples, _) = frame.rgb().as_chunks::<3>();
    let at = |x: f64, y: f64| 255.0 * f64::from(relative_luminance(samples[y as usize * frame.width() as usize + x as usize]));
    let [(left, right), (top, bottom)] =
        [(x, most_x), (y, most_y)].map(|(at, most)| (at.floor(), (at.floor() + 1.0).min(most)));
    let above = at(left, top) + (at(right, top) - at(left, top)) * (x - left);
    let below = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * (x - left);
    Some(above + (below - above) * (y - top))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A face in the middle of 400 x 400 pixels, with the eyes 40 pixels apart.
    fn judged(grey: impl Fn(u32, u32) -> u8) -> Option<f64> {
        let pixels = (0..400).flat_map(|y| (0..400).map(move |x| (x, y)));
        let frame = Frame::from_rgb(400, 400, pixels.flat_map(|(x, y)| [grey(x, y); 3]).collect()).unwrap();
        let eyes = Eyes::of_landmarks(&[[180.0, 180.0], [220.0, 180.0], [200.0; 2], [180.0, 230.0], [220.0, 230.0]]).unwrap();
        gradient(&frame, &eyes, Hull::of(vec![[160.0, 150.0], [240.0, 150.0], [240.0, 260.0], [160.0, 260.0]]).unwrap())
    }

    #[test]
    fn a_wall_is_uniform_and_a_shelf_is_not() {
        assert_eq!(judged(|_, _| 190), Some(0.0));
        let shelf = judged(|x, _| if x / 8 % 2 == 0 { 90 } else { 190 }).unwrap();
        let poster = judged(|x, _| if x / 8 % 2 == 0 { 170 } else { 190 }).unwrap();
        assert!(shelf > 3.0 * poster && poster > 1.0, "{shelf} {poster}");
    }

    #[test]
    fn the_face_itself_does_not_count() {
        let on_the_face = |x: u32, y: u32| (165..235).contains(&x) && (155..255).contains(&y);
        assert_eq!(judged(|x, y| if on_the_face(x, y) && x / 8 % 2 == 0 { 90 } else { 190 }), Some(0.0));
    }
}
