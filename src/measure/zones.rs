//! The parts of a frame that show the light on a face and around it.

use crate::{
    face::{Bounds, Face, inter_eye},
    frame::{Frame, Region},
};

/// The parts of a frame that belong to a face, clipped to the frame.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Zones<'a> {
    /// The face from its eyebrows to its chin: a square twice as wide as the distance between the eyes.
    pub face: Option<Region<'a>>,
    /// The cheek on the person's right: the zone by which ISO/IEC 29794-5 judges how even the light is. A square of 0.3 times the distance
    /// between the eyes, outward of the eye's centre, starting half-way between eyes and mouth.
    pub right_cheek: Option<Region<'a>>,
    /// The same on the person's left.
    pub left_cheek: Option<Region<'a>>,
    /// The areas on either side of the head and above it. Not below: clothes say nothing about the light.
    pub surroundings: [Option<Region<'a>>; 3],
}

impl<'a> Zones<'a> {
    /// Locates the zones from the landmarks, and the surroundings from the box.
    pub fn of(frame: &'a Frame, face: &Face) -> Self {
        let [right_eye, left_eye, _, right_mouth, left_mouth] = face.landmarks;
        let (eyes, mouth) = (middle(right_eye, left_eye), middle(right_mouth, left_mouth));
        let between = inter_eye(&face.landmarks);
        let square = |[x, y]: [f32; 2], side: f32| Region::within(frame, [x - side / 2.0, y - side / 2.0, side, side]);

        // In the face's own axes, so that the zones tilt with it; the squares stay upright.
        let outward = [0, 1].map(|axis| (left_eye[axis] - right_eye[axis]) / between);
        let downward = [0, 1].map(|axis| (mouth[axis] - eyes[axis]) / 2.0);
        let length = downward[0].hypot(downward[1]);
        let down = 1.0 + 0.15 * between / length;
        let cheek = |eye: [f32; 2], side: f32| {
            square([0, 1].map(|axis| eye[axis] + side * 0.15 * between * outward[axis] + down * downward[axis]), 0.3 * between)
        };
        Self {
            face: square(middle(eyes, mouth), 2.0 * between),
            right_cheek: cheek(right_eye, -1.0),
            left_cheek: cheek(left_eye, 1.0),
            surroundings: surroundings(&face.bounds).map(|bounds| Region::within(frame, bounds)),
        }
    }
}

/// `[x, y, width, height]` of the zones to the left of, to the right of and above the head. The box ends at the forehead and the cheeks, so
/// a margin is left for hair and ears.
fn surroundings(&Bounds { x, y, width, height }: &Bounds) -> [[f32; 4]; 3] {
    let [left, right] = [x - 0.2 * width, x + 1.2 * width];
    let (top, head) = (y - 0.75 * height, y - 0.3 * height);
    let bottom = y + height;
    [[left - width, top, width, bottom - top], [right, top, width, bottom - top], [left, top, right - left, head - top]]
}

fn middle(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [0, 1].map(|axis| (a[axis] + b[axis]) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Landmarks;

    const UPRIGHT: Landmarks = [[150.0, 120.0], [250.0, 120.0], [200.0, 170.0], [160.0, 220.0], [240.0, 220.0]];

    /// Red is the column, green the row.
    fn frame() -> Frame {
        Frame::from_rgb(256, 256, (0..=255).flat_map(|y| (0..=255).flat_map(move |x| [x, y, 0])).collect()).unwrap()
    }

    fn face(landmarks: Landmarks) -> Face {
        Face { bounds: Bounds { x: 100.0, y: 60.0, width: 80.0, height: 100.0 }, landmarks, confidence: 0.9 }
    }

    /// First and last column and row.
    fn ends(region: Option<Region<'_>>) -> [u8; 4] {
        let rows: Vec<&[u8]> = region.unwrap().rows().collect();
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        [first[0], last[last.len() - 3], first[1], last[last.len() - 2]]
    }

    #[test]
    fn cheeks_are_the_standards() {
        let frame = frame();
        let zones = Zones::of(&frame, &face(UPRIGHT));
        // 30 pixels wide, outward from columns 150 and 250, down from row 170.
        assert_eq!(ends(zones.right_cheek), [120, 149, 170, 199]);
        assert_eq!(ends(zones.left_cheek), [250, 255, 170, 199]);
        // Around the middle of eyes and mouth, (200, 170), cut at the frame's right edge.
        assert_eq!(ends(zones.face), [100, 255, 70, 255]);
    }

    #[test]
    fn surroundings_are_beside_and_above_the_head() {
        let frame = frame();
        let [left, right, above] = Zones::of(&frame, &face(UPRIGHT)).surroundings;
        assert_eq!(ends(left), [4, 83, 0, 159]);
        assert_eq!(ends(right), [196, 255, 0, 159]);
        assert_eq!(ends(above), [84, 195, 0, 29]);
    }

    #[test]
    fn zones_tilt_with_the_face() {
        let frame = frame();
        // A quarter turn about (128, 128): the person's right is at the top of the picture, the mouth to the left.
        let turned = UPRIGHT.map(|[x, y]| [128.0 - (y - 170.0), 128.0 + (x - 200.0)]);
        let zones = Zones::of(&frame, &face(turned));
        assert_eq!(ends(zones.right_cheek), [98, 127, 48, 77]);
        assert_eq!(ends(zones.left_cheek), [98, 127, 178, 207]);
    }

    #[test]
    fn nothing_is_around_a_face_that_fills_the_frame() {
        let frame = frame();
        let mut near = face(UPRIGHT);
        near.bounds = Bounds { x: 10.0, y: 0.0, width: 240.0, height: 300.0 };
        assert!(Zones::of(&frame, &near).surroundings.iter().all(Option::is_none));
    }
}
