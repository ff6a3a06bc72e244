//! Things that hide a part of a face, drawn over a picture by the face's 468 landmarks.

use image::{Rgb, RgbImage};
use serfiq::face::Mesh;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// A mask from below the eyes to under the chin.
    Mask,
    /// Dark glasses over both eyes.
    Sunglasses,
    /// A board over the half of the face that is on the left of the picture.
    Half,
}

/// The jaw from ear to ear, and what joins its ends over the nose.
const MASK: [usize; 22] =
    [93, 50, 195, 280, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132];
/// The outline on the left of the picture, and the middle of the face.
const HALF: [usize; 35] = [
    10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 175, 199, 200, 18, 17, 0, 164, 2,
    1, 4, 195, 6, 168, 8, 9, 151,
];
/// The corners of each eye.
const EYES: [[usize; 2]; 2] = [[33, 133], [362, 263]];

impl Cover {
    pub const ALL: [Self; 3] = [Self::Mask, Self::Sunglasses, Self::Half];

    /// Draws it, in a weave of one colour.
    pub fn draw(self, picture: &mut RgbImage, mesh: &Mesh) {
        let point = |index: usize| [mesh.points()[index][0], mesh.points()[index][1]];
        let outlines: Vec<Vec<[f32; 2]>> = match self {
            Self::Mask => vec![MASK.map(point).to_vec()],
            Self::Half => vec![HALF.map(point).to_vec()],
            Self::Sunglasses => EYES.map(|corners| lens(corners.map(point))).to_vec(),
        };
        let colour = match self {
            Self::Mask => [120.0, 170.0, 210.0],
            Self::Sunglasses => [22.0, 20.0, 24.0],
            Self::Half => [150.0, 120.0, 90.0],
        };
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if outlines.iter().any(|outline| is_inside(outline, [x as f32, y as f32])) {
                let weave = 1.0 + 0.08 * ((x as f32 * 0.9).sin() + (y as f32 * 0.7).sin());
                *pixel = Rgb(colour.map(|value: f32| (value * weave).round() as u8));
            }
        }
    }
}

/// An ellipse around an eye.
fn lens([outer, inner]: [[f32; 2]; 2]) -> Vec<[f32; 2]> {
    let (x, y) = (inner[0] - outer[0], inner[1] - outer[1]);
    let middle = [(outer[0] + inner[0]) / 2.0, (outer[1] + inner[1]) / 2.0];
    let around = (0..40).map(|step| (step as f32 / 40.0 * std::f32::consts::TAU).sin_cos());
    around
        .map(|(sin, cos)| [middle[0] + 0.95 * cos * x - 0.75 * sin * y, middle[1] + 0.95 * cos * y + 0.75 * sin * x])
        .collect()
}

/// Whether a point is inside a polygon: a ray from it crosses the outline an odd number of times.
fn is_inside(outline: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    let next = outline.iter().cycle().skip(1);
    let crossed = outline
        .iter()
        .zip(next)
        .filter(|([ax, ay], [bx, by])| (*ay > y) != (*by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax));
    crossed.count() % 2 == 1
}
