//! Size and position of a face in its frame.

use serde::Serialize;

use crate::{
    face::{Bounds, Face, inter_eye},
    frame::Frame,
};

/// The distance between the eyes is corrected up to this yaw, in degrees. Beyond it, the pose is too rough to divide by its cosine.
const MAX_YAW: f32 = 60.0;

/// Size and position of a face. Shares are of the frame's width or height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Framing {
    /// Distance between the eyes in pixels, as if the face looked straight ahead: divided by the cosine of the yaw, as ISO/IEC 29794-5
    /// defines.
    pub inter_eye: f32,
    /// The face's width or height as a share of the frame's, whichever share is larger; above 1 for a face larger than the frame.
    pub fill: f32,
    /// Minimum distance from the eyes and the mouth to the frame's edges, in distances between the eyes; below 0 if one of them is beyond.
    /// On the left and right, these are ISO/IEC 29794-5's measures of a cropped face. The box cannot be used: YuNet shrinks it to fit the
    /// frame.
    pub room: f32,
    /// From the frame's centre to the face's, as shares of the frame's width and height: -0.5 at the left and top edges of the picture, 0.5
    /// at the right and bottom ones. Right in the picture is to the person's left.
    pub offset: [f32; 2],
}

impl Framing {
    /// Measures a face that is turned by `yaw` degrees.
    pub fn of(frame: &Frame, face: &Face, yaw: f32) -> Self {
        let (across, down) = (frame.width() as f32, frame.height() as f32);
        let Bounds { x, y, width, height } = face.bounds;
        let [right_eye, left_eye, _, right_mouth, left_mouth] = face.landmarks;
        let edges = |[x, y]: [f32; 2]| x.min(across - x).min(y).min(down - y);
        let nearest = [right_eye, left_eye, right_mouth, left_mouth].map(edges).into_iter().fold(f32::INFINITY, f32::min);
        let between = inter_eye(&face.landmarks);
        Self {
            inter_eye: between / yaw.abs().min(MAX_YAW).to_radians().cos(),
            fill: (width / across).max(height / down),
            room: nearest / between,
            offset: [(x + width / 2.0) / across - 0.5, (y + height / 2.0) / down - 0.5],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face {
        bounds: Bounds { x: 80.0, y: 20.0, width: 40.0, height: 60.0 },
        landmarks: [[90.0, 40.0], [110.0, 40.0], [100.0, 51.0], [92.0, 60.0], [108.0, 60.0]],
        confidence: 0.9,
    };

    fn framing(face: &Face, yaw: f32) -> Framing {
        Framing::of(&Frame::from_rgb(200, 100, vec![0; 60_000]).unwrap(), face, yaw)
    }

    /// The same face elsewhere.
    fn moved(across: f32, down: f32) -> Face {
        let Bounds { x, y, .. } = FACE.bounds;
        Face {
            bounds: Bounds { x: x + across, y: y + down, ..FACE.bounds },
            landmarks: FACE.landmarks.map(|[x, y]| [x + across, y + down]),
            ..FACE
        }
    }

    #[test]
    fn by_hand() {
        assert_eq!(framing(&FACE, 0.0), Framing { inter_eye: 20.0, fill: 0.6, room: 2.0, offset: [0.0, 0.0] });
        // The right eye is 30 pixels from the left edge, the left eye 20 from the right one.
        assert_eq!(framing(&moved(-60.0, 0.0), 0.0).room, 1.5);
        assert_eq!(framing(&moved(70.0, 0.0), 0.0).room, 1.0);
        // The eyes are 10 pixels from the upper edge; then the mouth is 10 pixels beyond the lower one.
        assert_eq!(framing(&moved(0.0, -30.0), 0.0).room, 0.5);
        assert_eq!(framing(&moved(0.0, 50.0), 0.0).room, -0.5);
        assert_eq!(framing(&moved(-50.0, 25.0), 0.0).offset, [-0.25, 0.25]);
    }

    #[test]
    fn a_turned_face_is_no_smaller() {
        assert!((framing(&FACE, -45.0).inter_eye - 20.0 * 2.0_f32.sqrt()).abs() < 1e-3);
        assert_eq!(framing(&FACE, 90.0).inter_eye, framing(&FACE, 60.0).inter_eye);
    }
}
