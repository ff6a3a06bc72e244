//! How far the pose is off on heads that are turned by known angles: portraits as reliefs of the canonical face, seen from the side.
use std::fmt;

use image::{RgbImage, imageops};
use serfiq::{Engine, face::Mesh, frame::Frame, measure::Pose};

use crate::relief::{Relief, rotation};

/// A head's rotation: the image of its axes, as rows.
type Rotation = [[f64; 3]; 3];

/// A portrait's head, turned.
pub struct Turn {
    /// Yaw and pitch that its portrait was turned by, in degrees.
    pub by: [f64; 2],
    /// Yaw and pitch that it has then.
    pub expected: [f64; 2],
    pub found: Pose,
}

impl Turn {
    /// Of yaw and pitch, in degrees.
    pub fn error(&self) -> [f64; 2] {
        [f64::from(self.found.yaw) - self.expected[0], f64::from(self.found.pitch) - self.expected[1]]
    }

    /// Whether the head was both turned and nodded.
    pub fn is_both(&self) -> bool {
        !self.by.contains(&0.0)
    }
}

/// The landmarks of the largest face.
pub fn mesh(engine: &Engine, picture: &RgbImage) -> Option<Mesh> {
    let frame = Frame::from_rgb(picture.width(), picture.height(), picture.as_raw().clone()).unwrap();
    let faces = pollster::block_on(engine.detect(&frame, 640)).unwrap();
    pollster::block_on(engine.mesh(&frame, &faces.first()?.landmarks)).unwrap()
}

/// A portrait's head, turned by up to 40 degrees of yaw, by up to 30 of pitch, and by both: what it was turned by, and the pose found then.
pub struct Head(Vec<([f64; 2], Pose)>);

impl Head {
    /// `None` if no face is found in the portrait, or in one of the turned ones.
    pub fn of(engine: &Engine, portrait: &RgbImage) -> Option<Self> {
        let across = [-40.0, -30.0, -20.0, -10.0, 10.0, 20.0, 30.0, 40.0].map(|yaw| [yaw, 0.0]);
        let along = [-30.0, -20.0, -15.0, -10.0, 10.0, 15.0, 20.0, 30.0].map(|pitch| [0.0, pitch]);
        let both = [-30.0, -20.0, 20.0, 30.0].into_iter().flat_map(|yaw| [-15.0, -10.0, 10.0, 15.0].map(|pitch| [yaw, pitch]));
        let ahead = head(portrait, &mesh(engine, portrait)?);
        let relief = Relief::of(&ahead, &mesh(engine, &ahead)?, engine);
        let pose = |picture: &RgbImage| mesh(engine, picture).map(|mesh| Pose::of_mesh(&mesh));
        let found = across.into_iter().chain(along).chain(both).map(|by| Some((by, pose(&relief.turned(by))?)));
        let mut found = found.collect::<Option<Vec<_>>>()?;
        found.push(([0.0; 2], pose(&ahead)?));
        Some(Self(found))
    }

    /// Without the turns that lead further than 40 degrees.
    pub fn turns(&self) -> Vec<Turn> {
        self.turns_with_yaw(1.0)
    }

    /// The turns as they would be if all yaws were measured this many times as large, and pitches as they are.
    pub fn turns_with_yaw(&self, stretch: f32) -> Vec<Turn> {
        let found = || self.0.iter().map(|(by, pose)| (*by, Pose { yaw: stretch * pose.yaw, ..*pose }));
        // How the head is held in the portrait is not known. Each turn tells, turned back.
        let mut held = [[0.0; 3]; 3];
        for (by, pose) in found().filter(|(by, _)| by.contains(&0.0)) {
            let back = transposed_times(&rotation(by), &rotation_of(pose));
            held.iter_mut().flatten().zip(back.iter().flatten()).for_each(|(sum, value)| *sum += value);
        }
        let turns = found().filter(|(by, _)| *by != [0.0; 2]).map(|(by, found)| {
            let expected = yaw_and_pitch(&times(&rotation(by), &held));
            Turn { by, expected, found }
        });
        turns.filter(|turn| turn.expected.iter().all(|angle| angle.abs().round() <= 40.0)).collect()
    }
}

/// The square around the head in a portrait, five times as long as its eyes are apart from corner to corner; scaled to 360 pixels.
fn head(portrait: &RgbImage, mesh: &Mesh) -> RgbImage {
    const SIDE: f32 = 360.0;
    let [right, left] = [33, 263].map(|outer| mesh.points()[outer]);
    let apart = (left[0] - right[0]).hypot(left[1] - right[1]);
    let middle = [(right[0] + left[0]) / 2.0, (right[1] + left[1]) / 2.0 + 0.4 * apart];
    let [from, to] = [-2.5, 2.5].map(|by| {
        let within = |axis: usize, end: u32| (middle[axis] + by * apart).clamp(0.0, end as f32) as u32;
        [within(0, portrait.width()), within(1, portrait.height())]
    });
    let cut = imageops::crop_imm(portrait, from[0], from[1], to[0] - from[0], to[1] - from[1]).to_image();
    let [width, height] = [cut.width(), cut.height()].map(|side| (side as f32 * SIDE / (5.0 * apart)) as u32);
    imageops::resize(&cut, width, height, imageops::FilterType::Triangle)
}

/// `a^T b`.
fn transposed_times(a: &Rotation, b: &Rotation) -> Rotation {
    std::array::from_fn(|row| std::array::from_fn(|column| (0..3).map(|index| a[index][row] * b[index][column]).sum()))
}

fn times(a: &Rotation, b: &Rotation) -> Rotation {
    transposed_times(&std::array::from_fn(|row| std::array::from_fn(|column| a[column][row])), b)
}

/// The rotation of a head: turned and nodded, then tilted.
fn rotation_of(pose: Pose) -> Rotation {
    let (sin, cos) = f64::from(pose.roll).to_radians().sin_cos();
    times(&[[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]], &rotation([pose.yaw, pose.pitch].map(f64::from)))
}

/// The yaw and pitch of a head, in degrees: where it looks, with its own horizontal axis level.
fn yaw_and_pitch(of: &Rotation) -> [f64; 2] {
    let [[across, _, x], [along, _, y], [.., z]] = *of;
    let (sin, cos) = (-along).atan2(across).sin_cos();
    let (aside, below) = (x * cos - y * sin, x * sin + y * cos);
    [aside.atan2(z), below.atan2(aside.hypot(z))].map(f64::to_degrees)
}

/// The share of yaw and of pitch that is measured: the median over the heads' turns by 20 degrees and more.
pub fn measured(turns: &[Turn]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let of_axis = turns.iter().filter(|turn| turn.by[axis].abs() >= 20.0 && turn.expected[axis].abs() >= 10.0);
        let mut shares: Vec<f64> = of_axis.map(|turn| 1.0 + turn.error()[axis] / turn.expected[axis]).collect();
        shares.sort_by(f64::total_cmp);
        shares[shares.len() / 2]
    })
}

/// The pitch error of heads that were only turned, as a multiple of the square of yaw, by least squares. Up to 45 degrees of yaw,
/// like the correction of pitch in `Pose`.
pub fn pitch_of_turn(turns: &[Turn]) -> f64 {
    let turned = turns.iter().filter(|turn| turn.by[1] == 0.0 && turn.found.yaw.abs() <= 45.0);
    let (mut products, mut squares) = (0.0, 0.0);
    for turn in turned {
        let square = f64::from(turn.found.yaw).powi(2);
        products += turn.error()[1] * square;
        squares += square * square;
    }
    products / squares
}

/// By how many degrees yaw and pitch of several turns are off.
pub struct Errors(Vec<[f64; 2]>);

impl<'a> FromIterator<&'a Turn> for Errors {
    fn from_iter<I: IntoIterator<Item = &'a Turn>>(turns: I) -> Self {
        Self(turns.into_iter().map(Turn::error).collect())
    }
}

impl Errors {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The error of yaw, and that of pitch, that this share of them do not exceed.
    pub fn at(&self, share: f64) -> [f64; 2] {
        [0, 1].map(|axis| {
            let mut sizes: Vec<f64> = self.0.iter().map(|error| error[axis].abs()).collect();
            sizes.sort_by(f64::total_cmp);
            sizes[(share * (sizes.len() - 1) as f64).round() as usize]
        })
    }

    /// How many turns have an angle that is off by more than this.
    pub fn beyond(&self, degrees: f64) -> usize {
        self.0.iter().filter(|error| error.iter().any(|error| error.abs() > degrees)).count()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, all] = [0.5, 0.95, 1.0].map(|share| self.at(share));
        write!(to, "{} turns, off by {half:.1?} (median), {most:.1?} (95 %), {all:.1?}", self.len())?;
        write!(to, "; {} by more than 5", self.beyond(5.0))
    }
}
