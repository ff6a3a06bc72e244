//! The direction of a face: from its 468 landmarks, or from the detector's five if there are no others.

use serde::Serialize;

use crate::face::{Landmarks, Mesh};

/// The landmarks of a face, in units of the distance between the eyes: x to the right and y down as the picture shows it, z out of the
/// face. A face looks straight ahead if the plane of its eyes and mouth corners is parallel to the picture.
const FACE: [[f64; 3]; 5] = {
    let points =
        [[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, NOSE_DOWN, NOSE_OUT], [-MOUTH, MOUTH_DOWN, 0.0], [MOUTH, MOUTH_DOWN, 0.0]];
    let mean = [0.0, (NOSE_DOWN + 2.0 * MOUTH_DOWN) / 5.0, NOSE_OUT / 5.0];
    let mut centred = points;
    let mut point = 0;
    while point < 5 {
        let mut axis = 0;
        while axis < 3 {
            centred[point][axis] -= mean[axis];
            axis += 1;
        }
        point += 1;
    }
    centred
};
// Fitted to YuNet's landmarks: medians over the faces that look ahead, of 774 in LFW. The protrusion of the nose follows from how the
// apparent distance between the eyes shrinks as the nose moves off centre.
const NOSE_DOWN: f64 = 0.55;
const NOSE_OUT: f64 = 0.49;
const MOUTH: f64 = 0.43;
const MOUTH_DOWN: f64 = 0.97;

// The share of a turn that the face mesh shows: its network finds landmarks too near to those of a face that looks ahead. For yaw, 549 faces
// of LFW say 1 / 1.37 (with a standard error of 0.05): the distance between the eyes, as the detector sees it, shrinks with the cosine of the
// true yaw. Portraits turned as reliefs (`tests/native/mesh.rs`) say 1 / 1.42. Pitch is from the reliefs alone. The third is the median over
// 772 faces of LFW, most of which look ahead.
const YAW_SHOWN: f64 = 1.0 / 1.4;
const PITCH_SHOWN: f64 = 1.0 / 1.2;
const PITCH_AHEAD: f64 = 3.7;
// A face that turns seems to look down: by this times the square of its yaw, fitted to 477 heads of LFW turned as reliefs. Beyond the turns
// of the fit it stays as it is there.
const PITCH_OF_TURN: f64 = 0.00184;
const MAX_TURN: f64 = 45.0;

/// Direction of a face in degrees, each from -180 to 180; all 0 for one that looks into the camera.
///
/// From 468 landmarks, most angles up to 40 degrees are within 5, and half of them within 2 (`docs/guidance.md`, "Pose"). From five it is a
/// rough estimate: every face is treated as average. A person's own nose and mouth shift pitch by some degrees and scale yaw by some percent;
/// a smile, which lifts the corners of the mouth, looks like a lowered chin; a tilt is underestimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pose {
    /// Turned to the person's left if positive.
    pub yaw: f32,
    /// Looking down if positive.
    pub pitch: f32,
    /// Tilted towards the person's right shoulder if positive: the slope of the line between the eyes.
    pub roll: f32,
}

impl Pose {
    /// Reads the direction off the rotation that fits the canonical face to the landmarks.
    pub fn of_mesh(mesh: &Mesh) -> Self {
        let [[across, _, ahead_x], [along, _, ahead_y], [.., ahead_z]] = *mesh.rotation();
        let roll = (-along).atan2(across);
        let (sin, cos) = roll.sin_cos();
        // As for five landmarks, with the line between the eyes level.
        let (aside, below) = (ahead_x * cos - ahead_y * sin, ahead_x * sin + ahead_y * cos);
        let yaw = aside.atan2(ahead_z).to_degrees() / YAW_SHOWN;
        let of_turn = PITCH_OF_TURN * yaw.abs().min(MAX_TURN).powi(2);
        let pitch = (below.atan2(aside.hypot(ahead_z)).to_degrees() - PITCH_AHEAD) / PITCH_SHOWN - of_turn;
        Self { yaw: yaw as f32, pitch: pitch as f32, roll: roll.to_degrees() as f32 }
    }

    /// Fits the average face to the landmarks as seen by a distant camera: the first step of DeMenthon and Davis, "Model-based object pose
    /// in 25 lines of code" (IJCV 15, 1995). The image of the face's three axes, by least squares, is two rows of a rotation matrix, each
    /// stretched. The third row is perpendicular to them.
    ///
    /// `None` for points that form no face: not finite, coincident or on a line.
    pub fn of(landmarks: &Landmarks) -> Option<Self> {
        let points = landmarks.map(|point| point.map(f64::from));
        let [right_eye, left_eye, ..] = points;
        let roll = (right_eye[1] - left_eye[1]).atan2(left_eye[0] - right_eye[0]);
        let (sin, cos) = roll.sin_cos();
        // With the line between the eyes level, yaw shifts the nose sideways and pitch shifts it down.
        let upright = points.map(|[x, y]| [x * cos - y * sin, x * sin + y * cos]);
        let [across, down] = [0, 1].map(|axis| fit(&upright.map(|point| point[axis])));
        let [width, height] = [across, down].map(|[x, y, z]| (x * x + y * y + z * z).sqrt());
        // In pixels between the eyes. Written so that NaN fails as well.
        let usable = width >= 1.0 && height >= 1.0 && width.is_finite() && height.is_finite();
        usable.then(|| {
            let towards = (across[0] * down[1] - across[1] * down[0]) / (width * height);
            let (aside, below) = (across[2] / width, down[2] / height);
            let degrees = |radians: f64| radians.to_degrees() as f32;
            Self { yaw: degrees(aside.atan2(towards)), pitch: degrees(below.atan2(aside.hypot(towards))), roll: degrees(roll) }
        })
    }
}

/// Fits one coordinate of the five landmarks as a linear function of the model's three, by least squares; returns the coefficients.
fn fit(values: &[f64; 5]) -> [f64; 3] {
    let [x, y, z] = [0, 1, 2].map(|axis| FACE.iter().zip(values).map(|(point, value)| point[axis] * value).sum::<f64>());
    let product = |a: usize, b: usize| FACE.iter().map(|point| point[a] * point[b]).sum::<f64>();
    let (xx, yy, zz, yz) = (product(0, 0), product(1, 1), product(2, 2), product(1, 2));
    // The model is symmetric, so x is independent of y and z.
    let determinant = yy * zz - yz * yz;
    [x / xx, (y * zz - z * yz) / determinant, (z * yy - y * yz) / determinant]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A face with its own proportions, seen by a camera at `away` times the distance between its eyes.
    fn photographed(face: [[f64; 3]; 5], pose: [f64; 3], away: f64) -> Landmarks {
        let [(yaw_sin, yaw_cos), (pitch_sin, pitch_cos), (roll_sin, roll_cos)] =
            pose.map(|degrees: f64| degrees.to_radians().sin_cos());
        face.map(|[x, y, z]| {
            let (y, z) = (y * pitch_cos + z * pitch_sin, z * pitch_cos - y * pitch_sin);
            let (x, z) = (x * yaw_cos + z * yaw_sin, z * yaw_cos - x * yaw_sin);
            let (x, y) = (x * roll_cos + y * roll_sin, y * roll_cos - x * roll_sin);
            let scale = 100.0 * away / (away - z);
            [(300.0 + scale * x) as f32, (200.0 + scale * y) as f32]
        })
    }

    const FAR: f64 = 1e6;

    fn seen(pose: [f64; 3], away: f64) -> Pose {
        Pose::of(&photographed(FACE, pose, away)).unwrap()
    }

    #[test]
    fn directions_are_the_persons() {
        // The nose is nearer to the eye on the right of the picture, which is the person's left.
        let to_the_left = [[0.0, 0.0], [80.0, 0.0], [60.0, 50.0], [5.0, 100.0], [75.0, 100.0]];
        assert!(Pose::of(&to_the_left).unwrap().yaw > 10.0);
        // The nose is close to the mouth.
        let down = [[0.0, 0.0], [100.0, 0.0], [50.0, 80.0], [10.0, 100.0], [90.0, 100.0]];
        assert!(Pose::of(&down).unwrap().pitch > 10.0);
        // The eye on the left of the picture, which is the person's right, is the lower one.
        let to_the_right_shoulder = [[0.0, 20.0], [100.0, 0.0], [60.0, 60.0], [30.0, 120.0], [100.0, 100.0]];
        assert!((Pose::of(&to_the_right_shoulder).unwrap().roll - 11.31).abs() < 0.01);
    }

    #[test]
    fn points_that_are_no_face_have_no_pose() {
        let mut not_a_number = photographed(FACE, [0.0; 3], FAR);
        not_a_number[2][0] = f32::NAN;
        let mut endless = photographed(FACE, [0.0; 3], FAR);
        endless[0][1] = f32::INFINITY;
        let line = std::array::from_fn(|index| [10.0 * index as f32, 0.0]);
        for points in [[[5.0, 5.0]; 5], not_a_number, endless, line] {
            assert_eq!(Pose::of(&points), None, "{points:?}");
        }
    }

    /// At arm's length, ten times the distance between the eyes, the nose is magnified; the error stays within a few degrees.
    #[test]
    fn perspective_costs_little() {
        let mut worst = [0.0_f64; 2];
        for yaw in (-60..=60).step_by(10).map(f64::from) {
            for pitch in (-30..=30).step_by(10).map(f64::from) {
                let found = seen([yaw, pitch, 0.0], 10.0);
                worst[0] = worst[0].max((f64::from(found.yaw) - yaw).abs());
                worst[1] = worst[1].max((f64::from(found.pitch) - pitch).abs());
            }
        }
        println!("worst errors of yaw and pitch from near, in degrees: {worst:?}");
        assert!(worst[0] < 8.0 && worst[1] < 8.0, "{worst:?}");
    }

    /// The further a face turns, the larger the angle, even at close range.
    #[test]
    fn more_is_more() {
        let yaws: Vec<f32> = (-70..=70).map(|yaw| seen([f64::from(yaw), 0.0, 0.0], 8.0).yaw).collect();
        assert!(yaws.windows(2).all(|pair| pair[0] < pair[1]), "{yaws:?}");
        let pitches: Vec<f32> = (-50..=50).map(|pitch| seen([0.0, f64::from(pitch), 0.0], 8.0).pitch).collect();
        assert!(pitches.windows(2).all(|pair| pair[0] < pair[1]), "{pitches:?}");
    }

    /// Real faces are not average. The nose varies by a fifth; mouths and noses sit higher or lower.
    #[test]
    fn other_faces_cost_more() {
        let mut worst = [0.0_f64; 2];
        for (nose_out, nose_down, mouth_down) in [0.8, 1.0, 1.2].into_iter().flat_map(|out| {
            [-0.04, 0.0, 0.04].into_iter().flat_map(move |nose| [-0.08, 0.0, 0.08].map(move |mouth| (out, nose, mouth)))
        }) {
            let mut face = FACE;
            face[2][2] += NOSE_OUT * (nose_out - 1.0);
            face[2][1] += nose_down;
            face[3][1] += mouth_down;
            face[4][1] += mouth_down;
            for yaw in [-25.0, 0.0, 25.0] {
                let found = Pose::of(&photographed(face, [yaw, 0.0, 0.0], 10.0)).unwrap();
                worst[0] = worst[0].max((f64::from(found.yaw) - yaw).abs());
                worst[1] = worst[1].max(f64::from(found.pitch).abs());
            }
        }
        println!("worst errors of yaw and pitch of other faces, in degrees: {worst:?}");
        assert!(worst[0] < 8.0 && worst[1] < 14.0, "{worst:?}");
    }

    proptest! {
        /// Seen from afar, the average face's pose is recovered, whatever the angles.
        #[test]
        fn a_known_pose_is_found(yaw in -80.0..80.0_f64, pitch in -60.0..60.0_f64, roll in -170.0..170.0_f64) {
            let found = seen([yaw, pitch, roll], FAR);
            for (found, expected) in [(found.yaw, yaw), (found.pitch, pitch), (found.roll, roll)] {
                prop_assert!((f64::from(found) - expected).abs() < 0.05, "{found} is not {expected}");
            }
        }

        /// A mirrored face has the same angles, with yaw and roll to the other side.
        #[test]
        fn mirrored(yaw in -60.0..60.0_f64, pitch in -40.0..40.0_f64, roll in -80.0..80.0_f64) {
            let points = photographed(FACE, [yaw, pitch, roll], 12.0);
            let [right_eye, left_eye, nose, right_mouth, left_mouth] = points.map(|[x, y]| [600.0 - x, y]);
            let mirrored = Pose::of(&[left_eye, right_eye, nose, left_mouth, right_mouth]).unwrap();
            let found = Pose::of(&points).unwrap();
            for (ours, theirs) in [(found.yaw, -mirrored.yaw), (found.pitch, mirrored.pitch), (found.roll, -mirrored.roll)] {
                prop_assert!((ours - theirs).abs() < 0.05, "{ours} {theirs}");
            }
        }
    }
}
