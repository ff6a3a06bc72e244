//! Distances between the landmarks of a face.

use crate::face::{Landmarks, Mesh};

/// Landmarks of the chin's lowest point.
const CHIN: usize = 152;
/// The corners of the eyes and of the mouth.
const RIGHT_EYE: [usize; 2] = [33, 133];
const LEFT_EYE: [usize; 2] = [362, 263];
const MOUTH: [usize; 2] = [61, 291];
/// Points of the upper lid, each with the one of the lower lid below it.
const RIGHT_LIDS: [[usize; 2]; 7] = [[246, 7], [161, 163], [160, 144], [159, 145], [158, 153], [157, 154], [173, 155]];
const LEFT_LIDS: [[usize; 2]; 7] = [[466, 249], [388, 390], [387, 373], [386, 374], [385, 380], [384, 381], [398, 382]];
/// Points of the inner edge of the upper lip, each with the one of the lower lip below it.
const LIPS: [[usize; 2]; 9] =
    [[191, 95], [80, 88], [81, 178], [82, 87], [13, 14], [312, 317], [311, 402], [310, 318], [415, 324]];
/// The jaw, from one ear to the other, and the brows: the outline of OFIQ's 98 landmarks. They end below the forehead and its
/// hair.
const OUTLINE: [usize; 35] = [
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356, 70, 63,
    105, 66, 107, 336, 296, 334, 293, 300, 46, 276,
];

/// A point of the frame: x to the right, y down, in pixels from the centre of the first.
pub(super) type Point = [f64; 2];

/// The two eyes of a face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eyes {
    pub(super) right: Point,
    pub(super) left: Point,
    /// Distance between them, above 0.
    pub(super) apart: f64,
}

impl Eyes {
    /// The centres of the mesh's eyes.
    pub(super) fn of_mesh(mesh: &Mesh) -> Option<Self> {
        Self::new(middle(mesh, RIGHT_EYE), middle(mesh, LEFT_EYE))
    }

    /// The detector's eyes.
    pub(super) fn of_landmarks([right, left, ..]: &Landmarks) -> Option<Self> {
        Self::new(right.map(f64::from), left.map(f64::from))
    }

    fn new(right: Point, left: Point) -> Option<Self> {
        let apart = distance(right, left);
        (apart > 0.0 && apart.is_finite()).then_some(Self { right, left, apart })
    }

    pub(super) fn middle(&self) -> Point {
        [0, 1].map(|axis| (self.right[axis] + self.left[axis]) / 2.0)
    }

    /// From the right eye to the left one: a vector of length 1.
    pub(super) fn across(&self) -> Point {
        [0, 1].map(|axis| (self.left[axis] - self.right[axis]) / self.apart)
    }
}

/// From the middle of the eyes to the chin, in pixels.
pub(super) fn eyes_to_chin(mesh: &Mesh, eyes: &Eyes) -> f64 {
    distance(eyes.middle(), at(mesh, CHIN))
}

/// How far eyes and mouth are open, in distances from the eyes to the chin; `None` for landmarks without extent.
pub(super) fn openings(mesh: &Mesh) -> Option<[f64; 2]> {
    let length = eyes_to_chin(mesh, &Eyes::of_mesh(mesh)?);
    (length > 0.0).then(|| [eye_opening(mesh), mouth_opening(mesh)].map(|opening| opening / length))
}

/// How far the less open eye is open, in pixels.
pub(super) fn eye_opening(mesh: &Mesh) -> f64 {
    opening(mesh, &RIGHT_LIDS).min(opening(mesh, &LEFT_LIDS))
}

/// How far the lips are apart, in pixels.
pub(super) fn mouth_opening(mesh: &Mesh) -> f64 {
    opening(mesh, &LIPS)
}

/// The middle of the corners of the mouth.
pub(super) fn mouth(mesh: &Mesh) -> Point {
    middle(mesh, MOUTH)
}

/// Jaw and brows.
pub(super) fn outline(mesh: &Mesh) -> Vec<Point> {
    OUTLINE.iter().map(|index| at(mesh, *index)).collect()
}

/// All landmarks.
pub(super) fn points(mesh: &Mesh) -> Vec<Point> {
    (0..Mesh::POINTS).map(|index| at(mesh, index)).collect()
}

fn at(mesh: &Mesh, index: usize) -> Point {
    let [x, y, _] = mesh.points()[index];
    [x, y].map(f64::from)
}

fn middle(mesh: &Mesh, [a, b]: [usize; 2]) -> Point {
    let (a, b) = (at(mesh, a), at(mesh, b));
    [0, 1].map(|axis| (a[axis] + b[axis]) / 2.0)
}

fn opening(mesh: &Mesh, pairs: &[[usize; 2]]) -> f64 {
    pairs.iter().map(|&[above, below]| distance(at(mesh, above), at(mesh, below))).fold(0.0, f64::max)
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
