//! Face locations and landmarks, and aligned crops as recognisers expect them.
//!
//! | module | owns |
//! |---|---|
//! | `align` | the aligned crop |
//! | `mesh` | the 468 landmarks, and the part of a picture in which they are found |
//! | `canonical` | an average face in space, from which the pose is known |
mod align;
mod canonical;
mod error;
mod mesh;

use crate::frame::Scale;

pub(crate) use align::corners;
pub use align::{AlignedCrop, align};
pub(crate) use canonical::CanonicalFace;
pub use error::FaceError;
pub use mesh::Mesh;
pub(crate) use mesh::MeshRegion;

/// Right eye, left eye, nose, right mouth corner, left mouth corner, as `[x, y]` in frame pixels. Right and left are the
/// person's: on an upright picture the points of each pair go from left to right.
pub type Landmarks = [[f32; 2]; 5];

/// Distance between the eyes in pixels.
pub fn inter_eye(&[right_eye, left_eye, ..]: &Landmarks) -> f32 {
    (left_eye[0] - right_eye[0]).hypot(left_eye[1] - right_eye[1])
}

/// A box in frame pixels. May extend beyond the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Left edge, in pixels from the left edge of the frame; below 0 for a face that extends beyond it.
    pub x: f32,
    /// Top edge, in pixels from the top edge of the frame; below 0 for a face that extends beyond it.
    pub y: f32,
    /// Width in pixels, including any part beyond the frame.
    pub width: f32,
    /// Height in pixels, including any part beyond the frame.
    pub height: f32,
}

impl Bounds {
    fn in_picture(self, scale: Scale) -> Self {
        let [x, y, width, height] = [self.x, self.y, self.width, self.height].map(|length| scale.in_picture(length));
        Self { x, y, width, height }
    }

    pub(crate) fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Intersection over union, in `[0, 1]`.
    pub(crate) fn overlap(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        let shared = width.max(0.0) * height.max(0.0);
        let either = self.area() + other.area() - shared;
        if either > 0.0 { shared / either } else { 0.0 }
    }
}

/// A face that the detector found.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Box around the face in frame pixels, without hair and ears.
    pub bounds: Bounds,
    /// The five landmarks in frame pixels, in the order of [`Landmarks`]: the detector's, or in an assessment those of the face mesh, if
    /// the engine has it.
    pub landmarks: Landmarks,
    /// The detector's score, 0.6 to 1.
    pub confidence: f32,
}

impl Face {
    /// The same face, shifted to the right and down.
    pub(crate) fn moved(&self, [across, down]: [f32; 2]) -> Self {
        let Bounds { x, y, .. } = self.bounds;
        let landmarks = self.landmarks.map(|[x, y]| [x + across, y + down]);
        Self { bounds: Bounds { x: x + across, y: y + down, ..self.bounds }, landmarks, confidence: self.confidence }
    }

    /// The same face with its five landmarks taken from the 468, if these are known.
    pub(crate) fn steadied(self, mesh: Option<&Mesh>) -> Self {
        Self { landmarks: mesh.map_or(self.landmarks, Mesh::landmarks), ..self }
    }

    /// The same face in the picture that the frame was copied from.
    pub fn in_picture(&self, scale: Scale) -> Self {
        let landmarks = self.landmarks.map(|point| point.map(|coordinate| scale.in_picture(coordinate)));
        Self { bounds: self.bounds.in_picture(scale), landmarks, confidence: self.confidence }
    }
}
