//! The measures of a picture and of its largest face. `docs/guidance.md` gives the sources of the definitions.
//!
//! | module | owns |
//! |---|---|
//! | `framing` | size and position of the face |
//! | `pose` | direction of the face |
//! | `zones` | the parts of the picture that show the light on the face and around it |
//! | `light`, `colour` | amount of light; how much colour |
//! | `shape` | distances between the 468 landmarks |
//! | `sharpness` | sharpness |
//! | `standard` | the measures of ISO/IEC 29794-5, by its names |
mod colour;
mod framing;
mod light;
mod pose;
mod shape;
mod sharpness;
mod standard;
mod zones;

use serde::Serialize;

use crate::{
    explain::Cover,
    face::{Face, Landmarks, Mesh},
    frame::{Frame, Region, Scale},
};

pub use framing::Framing;
pub use light::{Light, light, mean_luminance};
pub use pose::Pose;
pub use sharpness::sharpness;
pub use standard::{StandardMeasure, StandardMeasures, StandardValue, Unassessed};
pub use zones::Zones;

/// The measures of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Measures {
    /// The light on the largest face, or on the whole picture if there is no face.
    pub light: Light,
    /// Sharpness of the largest face, or of the whole picture if there is no face; 0 to 1.
    pub sharpness: f32,
    /// The measures that need a face.
    pub face: Option<FaceMeasures>,
}

/// The measures of the largest face.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaceMeasures {
    /// Its landmarks, from which motion is measured.
    #[serde(skip)]
    pub landmarks: Landmarks,
    /// Its size and position.
    pub framing: Framing,
    /// The direction it faces.
    pub pose: Pose,
    /// Size of the second-largest face as a share of this one's, 0 to 1; 0 if this is the only face.
    pub rival: f32,
    /// How much lighter the surroundings are than the face, in stops: 1 for twice the light. `None` if no surroundings are in view.
    pub backlight: Option<f32>,
    /// How much lighter the person's left cheek is than the right, in stops; below 0 if the right is lighter. `None` if either is outside
    /// the frame.
    pub unevenness: Option<f32>,
    /// How colourful the face is: the chroma of its mean colour in CIELAB (D50), 0 for grey.
    pub chroma: f32,
    /// How far the less open eye is open, in distances from the eyes to the chin; `None` without the 468 landmarks.
    pub eyes_open: Option<f32>,
    /// How far the mouth is open, likewise.
    pub mouth_open: Option<f32>,
    /// What covers it, by what the recogniser finds in its parts; `None` for a face that was not scored, and for a recogniser whose card
    /// has no entries on covers.
    pub cover: Option<Cover>,
}

impl Measures {
    /// Measures a frame and the faces found in it, largest first; `mesh` has the largest one's 468 landmarks, if they are known. If the
    /// landmarks of the largest face do not form a face, it is ignored.
    pub fn of(frame: &Frame, faces: &[Face], mesh: Option<&Mesh>) -> Self {
        let pose = |face: &Face| mesh.map(Pose::of_mesh).or_else(|| Pose::of(&face.landmarks));
        let largest = faces.first().and_then(|face| Some((face, pose(face)?, Zones::of(frame, face))));
        let region = largest.and_then(|(.., zones)| zones.face).unwrap_or(Region::whole(frame));
        let on_it = light(region);
        let [eyes_open, mouth_open] = match mesh.and_then(shape::openings) {
            Some(openings) => openings.map(|opening| Some(opening as f32)),
            None => [None; 2],
        };
        Self {
            light: on_it,
            sharpness: sharpness(region),
            face: largest.map(|(face, pose, zones)| FaceMeasures {
                landmarks: face.landmarks,
                framing: Framing::of(frame, face, pose.yaw),
                pose,
                rival: rival(faces),
                backlight: mean_luminance(zones.surroundings.into_iter().flatten())
                    .map(|around| stops(around, on_it.luminance)),
                unevenness: zones.left_cheek.zip(zones.right_cheek).map(|(left, right)| {
                    let [left, right] = [left, right].map(|cheek| light(cheek).luminance);
                    stops(left, right)
                }),
                chroma: colour::chroma(region) as f32,
                eyes_open,
                mouth_open,
                cover: None,
            }),
        }
    }

    /// Converts the measures of a frame to the picture it was copied from. Only values in pixels change.
    pub fn in_picture(mut self, scale: Scale) -> Self {
        if let Some(face) = &mut self.face {
            face.landmarks = face.landmarks.map(|point| point.map(|coordinate| scale.in_picture(coordinate)));
            face.framing.inter_eye = scale.in_picture(face.framing.inter_eye);
        }
        self
    }
}

/// How much stronger one light is than another, in stops. A hundredth of the full light is added to both: otherwise noise in the dark would
/// produce large values.
fn stops(light: f32, than: f32) -> f32 {
    ((light + 0.01) / (than + 0.01)).log2()
}

/// The ratio of sides, not of areas.
fn rival(faces: &[Face]) -> f32 {
    match faces {
        [largest, second, ..] if largest.bounds.area() > 0.0 => (second.bounds.area() / largest.bounds.area()).sqrt(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Bounds;

    const FACE: Face = Face {
        bounds: Bounds { x: 100.0, y: 80.0, width: 120.0, height: 150.0 },
        landmarks: [[130.0, 140.0], [190.0, 140.0], [160.0, 172.0], [134.0, 204.0], [186.0, 204.0]],
        confidence: 0.9,
    };

    /// 320 x 320 pixels, each a grey.
    fn frame(grey: impl Fn(u32, u32) -> u8) -> Frame {
        let pixels = (0..320).flat_map(|y| (0..320).map(move |x| (x, y)));
        Frame::from_rgb(320, 320, pixels.flat_map(|(x, y)| [grey(x, y); 3]).collect()).unwrap()
    }

    fn face_of(frame: &Frame) -> FaceMeasures {
        Measures::of(frame, &[FACE], None).face.unwrap()
    }

    #[test]
    fn light_and_sharpness_need_no_face() {
        let found = Measures::of(&frame(|x, y| if (x < 160) == (y < 160) { 0 } else { 255 }), &[], None);
        assert_eq!(found.face, None);
        assert!((found.light.luminance - 0.5).abs() < 1e-6 && found.sharpness > 0.8, "{found:?}");
    }

    #[test]
    fn a_face_without_a_pose_is_none() {
        let nowhere = Face { landmarks: [[5.0, 5.0]; 5], ..FACE };
        assert_eq!(Measures::of(&frame(|_, _| 90), &[nowhere], None).face, None);
    }

    #[test]
    fn light_from_behind_is_seen() {
        let inside = |x: u32, y: u32| (90..230).contains(&x) && (70..240).contains(&y);
        // 188 is 0.503 of the light, 99 is 0.125 of it.
        let backlit = frame(|x, y| if inside(x, y) { 99 } else { 188 });
        let found = face_of(&backlit);
        assert!((found.backlight.unwrap() - (0.513_f32 / 0.135).log2()).abs() < 0.05, "{found:?}");
        assert!(Measures::of(&backlit, &[FACE], None).light.luminance < 0.13);
        let from_the_front = face_of(&frame(|x, y| if inside(x, y) { 188 } else { 99 }));
        assert!((from_the_front.backlight.unwrap() + found.backlight.unwrap()).abs() < 0.1);
        assert_eq!(face_of(&frame(|_, _| 0)).backlight, Some(0.0));
    }

    #[test]
    fn light_from_the_side_is_seen() {
        // The person's left is the picture's right.
        let from_the_left = face_of(&frame(|x, _| if x < 160 { 99 } else { 188 })).unevenness.unwrap();
        assert!((from_the_left - (0.513_f32 / 0.135).log2()).abs() < 0.05, "{from_the_left}");
        let from_the_right = face_of(&frame(|x, _| if x < 160 { 188 } else { 99 })).unevenness.unwrap();
        assert!((from_the_right + from_the_left).abs() < 1e-5);
    }

    #[test]
    fn a_smaller_copy_measures_the_same() {
        let texture = |x: u32, y: u32| ((x / 8 * 37 + y / 8 * 91) % 251) as u8;
        let half = Face {
            bounds: Bounds { x: 50.0, y: 40.0, width: 60.0, height: 75.0 },
            landmarks: FACE.landmarks.map(|point| point.map(|coordinate| coordinate / 2.0)),
            ..FACE
        };
        let whole = Measures::of(&frame(texture), &[FACE], None);
        let copy = (0..160).flat_map(|y| (0..160).map(move |x| (2 * x, 2 * y)));
        let copy = Frame::from_rgb(160, 160, copy.flat_map(|(x, y)| [texture(x, y); 3]).collect()).unwrap();
        let (whole, copy) =
            (whole.face.unwrap(), Measures::of(&copy, &[half], None).in_picture(Scale::to_fit([320, 320], 160)).face.unwrap());
        assert_eq!(copy.landmarks, whole.landmarks);
        assert!((copy.framing.inter_eye - whole.framing.inter_eye).abs() < 1e-3);
        assert_eq!((copy.framing.fill, copy.framing.offset), (whole.framing.fill, whole.framing.offset));
    }

    #[test]
    fn only_faces_of_size_are_rivals() {
        let half = Face { bounds: Bounds { width: 60.0, height: 75.0, ..FACE.bounds }, ..FACE };
        let found = Measures::of(&frame(|_, _| 90), &[FACE, half], None).face.unwrap();
        assert!((found.rival - 0.5).abs() < 1e-6);
        assert_eq!(face_of(&frame(|_, _| 90)).rival, 0.0);
    }
}
