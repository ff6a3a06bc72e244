//! The measures of ISO/IEC 29794-5:2025 that need no network beyond the detector and the face mesh. `docs/measures.md` lists them, and says
//! where they differ from OFIQ, the standard's reference implementation.
//!
//! | module | owns |
//! |---|---|
//! | `name` | the measures' names |
//! | `hull` | the pixels of the face |
//! | `light` | light and colour of the face |
//! | `background` | how uniform the background is |
//! | `quality` | from native values to qualities |
mod background;
mod hull;
mod light;
mod name;
mod quality;

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use self::{
    hull::Hull,
    light::{Histogram, cheeks, distance_from_skin},
};
use super::{
    Pose,
    shape::{self, Eyes},
};
use crate::{
    face::{Face, Mesh},
    frame::Frame,
};

pub use name::StandardMeasure;

/// Luminances, 0 to 255, that are under- and over-exposed.
const UNDER_EXPOSED: [usize; 2] = [0, 25];
const OVER_EXPOSED: [usize; 2] = [247, 255];
/// The distance between the eyes is corrected up to this yaw, in degrees. Beyond it, hardly anything of the far eye is visible.
const MAX_YAW: f64 = 60.0;

/// The value of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StandardValue {
    /// In the unit that [`StandardMeasure`] gives.
    pub native: f64,
    /// From 0 to 100; 100 is best.
    pub quality: u8,
}

/// Why a measure has no value. OFIQ writes -1 instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Unassessed {
    /// There is no face in the picture.
    NoFace,
    /// The measure needs the 468 landmarks, and the face has none: the engine is without the face mesh, or the mesh did not recognise a face.
    NoLandmarks,
    /// The measured area is outside the picture.
    OutOfPicture,
}

impl Unassessed {
    /// The name in reports and in JavaScript: `no_face` and so on.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The measures of one picture. In JSON, an object with an entry for each: `{native, quality, unassessed, approximate}`.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardMeasures([Result<StandardValue, Unassessed>; StandardMeasure::ALL.len()]);

impl StandardMeasures {
    /// Measures a picture by its largest face. `faces` are all that were found, largest first; `mesh` has the largest one's 468 landmarks.
    pub fn of(frame: &Frame, faces: &[Face], mesh: Option<&Mesh>) -> Self {
        let subject = faces.first().map(|face| Subject::new(frame, face, faces.get(1), mesh));
        Self(StandardMeasure::ALL.map(|measure| {
            let native = subject.as_ref().ok_or(Unassessed::NoFace)?.measured(measure)?;
            Ok(StandardValue { native, quality: quality::quality(measure, native) })
        }))
    }

    /// The value of a measure.
    ///
    /// # Errors
    /// [`Unassessed`], if it could not be measured.
    pub fn get(&self, measure: StandardMeasure) -> Result<StandardValue, Unassessed> {
        self.0[measure as usize]
    }

    /// All measures, in OFIQ's order.
    pub fn iter(&self) -> impl Iterator<Item = (StandardMeasure, Result<StandardValue, Unassessed>)> + '_ {
        StandardMeasure::ALL.into_iter().zip(self.0.iter().copied())
    }
}

impl Serialize for StandardMeasures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry {
            native: Option<f64>,
            quality: Option<u8>,
            unassessed: Option<Unassessed>,
            approximate: bool,
        }
        serializer.collect_map(self.iter().map(|(measure, value)| {
            let entry = Entry {
                native: value.ok().map(|value| value.native),
                quality: value.ok().map(|value| value.quality),
                unassessed: value.err(),
                approximate: measure.is_approximate(),
            };
            (measure.name(), entry)
        }))
    }
}

/// The largest face of a picture, and what several measures need of it.
struct Subject<'a> {
    frame: &'a Frame,
    /// Area of the second face as a share of this one's.
    rival: f64,
    eyes: Option<Eyes>,
    mesh: Option<Meshed<'a>>,
}

/// The data derived from the 468 landmarks.
struct Meshed<'a> {
    mesh: &'a Mesh,
    pose: Pose,
    /// Distance from the middle of the eyes to the chin, in pixels, above 0.
    length: f64,
    /// The luminance of the face; `None` if too little of it is in the picture.
    light: Option<Histogram>,
    /// The pixels of the cheeks; `None` if either is not in the picture.
    cheeks: Option<[Vec<[u8; 3]>; 2]>,
}

impl<'a> Subject<'a> {
    fn new(frame: &'a Frame, face: &Face, second: Option<&Face>, mesh: Option<&'a Mesh>) -> Self {
        let area = f64::from(face.bounds.area());
        let rival = second.map_or(0.0, |second| (f64::from(second.bounds.area()) / area).min(1.0));
        let eyes = mesh.map_or_else(|| Eyes::of_landmarks(&face.landmarks), Eyes::of_mesh);
        let mesh = mesh.zip(eyes.as_ref()).and_then(|(mesh, eyes)| Meshed::new(frame, mesh, eyes));
        Self { frame, rival: if rival.is_finite() { rival } else { 0.0 }, eyes, mesh }
    }

    /// The native value of a measure.
    fn measured(&self, measure: StandardMeasure) -> Result<f64, Unassessed> {
        use StandardMeasure as M;
        let eyes = self.eyes.as_ref().ok_or(Unassessed::NoFace);
        let mesh = self.mesh.as_ref().ok_or(Unassessed::NoLandmarks);
        let light = mesh.and_then(|mesh| mesh.light.as_ref().ok_or(Unassessed::OutOfPicture));
        let cheeks = mesh.and_then(|mesh| mesh.cheeks.as_ref().ok_or(Unassessed::OutOfPicture));
        let [width, height] = [self.frame.width(), self.frame.height()].map(f64::from);
        // Pixels count from the centre of the first, half a pixel from the edge.
        let (from_left, from_top) = (|x: f64| x + 0.5, |y: f64| y + 0.5);
        Ok(match measure {
            M::BackgroundUniformity => {
                let face = Hull::of(shape::points(mesh?.mesh)).ok_or(Unassessed::NoLandmarks)?;
                background::gradient(self.frame, eyes?, face).ok_or(Unassessed::OutOfPicture)?
            }
            M::IlluminationUniformity => {
                let [right, left] = cheeks?.each_ref().map(|cheek| Histogram::of(cheek.iter().copied()));
                right.shared(&left)
            }
            M::LuminanceMean => light?.mean(),
            M::LuminanceVariance => light?.variance(),
            M::UnderExposurePrevention => light?.share(UNDER_EXPOSED),
            M::OverExposurePrevention => light?.share(OVER_EXPOSED),
            M::DynamicRange => light?.entropy(),
            M::NaturalColour => distance_from_skin(cheeks?.iter().flatten().copied()),
            M::SingleFacePresent => self.rival,
            M::EyesOpen => shape::eye_opening(mesh?.mesh) / mesh?.length,
            M::MouthClosed => shape::mouth_opening(mesh?.mesh) / mesh?.length,
            M::InterEyeDistance => eyes?.apart / f64::from(mesh?.pose.yaw).abs().min(MAX_YAW).to_radians().cos(),
            M::HeadSize => mesh?.length / height,
            M::LeftwardCropOfTheFaceImage => from_left(eyes?.right[0].min(eyes?.left[0])) / eyes?.apart,
            M::RightwardCropOfTheFaceImage => (width - from_left(eyes?.right[0].max(eyes?.left[0]))) / eyes?.apart,
            M::MarginAboveOfTheFaceImage => from_top(eyes?.middle()[1]) / mesh?.length,
            M::MarginBelowOfTheFaceImage => (height - from_top(eyes?.middle()[1])) / mesh?.length,
            M::HeadPoseYaw => mesh?.pose.yaw.into(),
            M::HeadPosePitch => mesh?.pose.pitch.into(),
            M::HeadPoseRoll => mesh?.pose.roll.into(),
        })
    }
}

impl<'a> Meshed<'a> {
    /// `None` for landmarks without extent.
    fn new(frame: &Frame, mesh: &'a Mesh, eyes: &Eyes) -> Option<Self> {
        let length = shape::eyes_to_chin(mesh, eyes);
        let hull = Hull::of(shape::outline(mesh))?;
        (length > 0.0 && length.is_finite()).then(|| Self {
            mesh,
            pose: Pose::of_mesh(mesh),
            length,
            light: Histogram::within(frame, &hull),
            cheeks: cheeks(frame, eyes, shape::mouth(mesh)),
        })
    }
}
