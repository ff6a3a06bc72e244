//! How a face lies in its frame.

use serde::Serialize;

use super::{Bounds, Face, Landmarks};
use crate::frame::Frame;

/// Up to this yaw, in degrees, the distance between the eyes is corrected; beyond it, the pose is too rough to divide by its
/// cosine.
const MOST_YAW: f32 = 60.0;

/// How large a face is, and where. Shares are of the frame's width or height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Framing {
    /// Distance between the eyes in pixels, as it would be if the face looked straight ahead: by the definition of ISO/IEC
    /// 29794-5, divided by the cosine of the yaw.
    pub inter_eye: f32,
    /// The face's width or height as a share of the frame's, whichever share is larger; above 1 for a face that is larger.
    pub fill: f32,
    /// The share of the face's box that lies within the frame, 0 to 1.
    pub visible: f32,
    /// From the frame's centre to that of the face, as shares of the frame's width and height: -0.5 at the left and the top
    /// edge of the picture, 0.5 at the right and the bottom one. Right in the picture is to the person's left.
    pub offset: [f32; 2],
}

impl Framing {
    /// Of a face that is turned by `yaw` degrees.
    pub fn of(frame: &Frame, face: &Face, yaw: f32) -> Self {
        let (across, down) = (frame.width() as f32, frame.height() as f32);
        let Bounds { x, y, width, height } = face.bounds;
        let inside = Bounds { x: 0.0, y: 0.0, width: across, height: down };
        let area = face.bounds.area();
        Self {
            inter_eye: inter_eye(&face.landmarks) / yaw.abs().min(MOST_YAW).to_radians().cos(),
            fill: (width / across).max(height / down),
            visible: if area > 0.0 { face.bounds.shared(&inside) / area } else { 0.0 },
            offset: [(x + width / 2.0) / across - 0.5, (y + height / 2.0) / down - 0.5],
        }
    }
}

/// Distance between the eyes in pixels.
pub fn inter_eye(&[right_eye, left_eye, ..]: &Landmarks) -> f32 {
    (left_eye[0] - right_eye[0]).hypot(left_eye[1] - right_eye[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, y: f32, width: f32, height: f32) -> Face {
        let landmarks = [[0.0, 0.0], [30.0, 40.0], [0.0; 2], [0.0; 2], [0.0; 2]];
        Face { bounds: Bounds { x, y, width, height }, landmarks, confidence: 0.9 }
    }

    fn framing(face: &Face, yaw: f32) -> Framing {
        Framing::of(&Frame::from_rgb(200, 100, vec![0; 60_000]).unwrap(), face, yaw)
    }

    #[test]
    fn by_hand() {
        let found = framing(&face(80.0, 20.0, 40.0, 60.0), 0.0);
        assert_eq!(found, Framing { inter_eye: 50.0, fill: 0.6, visible: 1.0, offset: [0.0, 0.0] });
        // Half of it is beyond the left edge, and a twelfth of the rest beyond the lower one.
        let found = framing(&face(-20.0, 45.0, 40.0, 60.0), 0.0);
        assert!((found.visible - 11.0 / 24.0).abs() < 1e-6);
        assert_eq!(found.offset, [-0.5, 0.25]);
        assert_eq!(framing(&face(300.0, 0.0, 40.0, 60.0), 0.0).visible, 0.0);
    }

    #[test]
    fn a_turned_face_is_no_smaller() {
        let face = face(80.0, 20.0, 40.0, 60.0);
        assert!((framing(&face, -45.0).inter_eye - 50.0 * 2.0_f32.sqrt()).abs() < 1e-3);
        assert_eq!(framing(&face, 90.0).inter_eye, framing(&face, 60.0).inter_eye);
    }
}
