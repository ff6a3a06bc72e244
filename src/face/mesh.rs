//! The face mesh: 468 landmarks of a face, and the part of a picture in which they are found.
use std::fmt;

use serfiq_kernels::cut::{Place, cut};

use super::{Bounds, CanonicalFace, Landmarks};
use crate::frame::{Frame, Region, Scale, resize};

/// Number of landmarks.
pub(crate) const POINTS: usize = 468;

/// Indices of landmarks. Right and left are the person's.
pub(crate) mod point {
    /// The corners of each eye.
    pub(crate) const RIGHT_EYE: [usize; 2] = [33, 133];
    pub(crate) const LEFT_EYE: [usize; 2] = [362, 263];
    /// The corners of the mouth, right and left.
    pub(crate) const MOUTH: [usize; 2] = [61, 291];
    /// The middle of each eye's lids, the upper first.
    pub(crate) const RIGHT_LIDS: [usize; 2] = [159, 145];
    pub(crate) const LEFT_LIDS: [usize; 2] = [386, 374];
    /// The tip of the nose and the point below it.
    pub(crate) const NOSE: [usize; 2] = [1, 4];
}

/// Mean offset of the detector's five landmarks from the mesh's, across and down, in distances between the eyes, over 772 faces of LFW.
/// Recognisers and their calibrations expect the detector's.
const DETECTED: [[f32; 2]; 5] = [[0.012, 0.0], [0.045, -0.002], [0.031, -0.007], [0.010, -0.031], [0.026, -0.017]];

/// 468 landmarks of a face, numbered as in MediaPipe's face mesh.
#[derive(Clone, PartialEq)]
pub struct Mesh {
    points: Vec<[f32; 3]>,
    /// The logit of "this is a face".
    logit: f32,
    rotation: [[f64; 3]; 3],
}

impl Mesh {
    /// Number of landmarks.
    pub const POINTS: usize = POINTS;

    /// From what the network finds in a crop: 468 points in pixels of the crop, and the logit. `None` if they do not form a face.
    pub(crate) fn found(points: &[[f32; 3]], logit: f32, region: &MeshRegion, canonical: &CanonicalFace) -> Option<Self> {
        Self::new(points.iter().map(|point| region.to_frame(*point)).collect(), logit, canonical)
    }

    /// From 468 points in pixels of the frame. `None` if they do not form a face.
    pub(crate) fn new(points: Vec<[f32; 3]>, logit: f32, canonical: &CanonicalFace) -> Option<Self> {
        // Observed points are nearer for smaller z.
        let seen: Vec<[f64; 3]> = points.iter().map(|&[x, y, z]| [x, y, -z].map(f64::from)).collect();
        let rotation = canonical.rotation_to(&seen)?;
        Some(Self { points, logit, rotation })
    }

    /// The landmarks, [`Mesh::POINTS`] of them: x and y in frame pixels, and z, the distance from the middle of the head in the same unit,
    /// smaller for points nearer to the camera.
    pub fn points(&self) -> &[[f32; 3]] {
        &self.points
    }

    /// How sure the network is that this is a face: above 0, a face is likelier than none. Upright faces have 10 to 35.
    pub fn logit(&self) -> f32 {
        self.logit
    }

    /// Whether the network takes it for a face, so that its landmarks can be relied on.
    pub(crate) fn is_face(&self) -> bool {
        self.logit > 0.0
    }

    /// Whether the network is sure that this is no face. Faces too blurred for it still have -9.
    pub(crate) fn is_denied(&self) -> bool {
        self.logit < -10.0
    }

    /// The mesh at this share of the way to another one of the same face. `None` if its points do not form a face.
    pub(crate) fn towards(&self, other: &Self, share: f32, canonical: &CanonicalFace) -> Option<Self> {
        let between = |a: f32, b: f32| a + share * (b - a);
        let points = self.points.iter().zip(&other.points).map(|(a, b)| std::array::from_fn(|axis| between(a[axis], b[axis])));
        Self::new(points.collect(), between(self.logit, other.logit), canonical)
    }

    /// How the canonical face is turned to fit the landmarks: x to the right, y down, z towards the viewer.
    pub(crate) fn rotation(&self) -> &[[f64; 3]; 3] {
        &self.rotation
    }

    /// The same mesh in the picture that the frame was copied from.
    pub(crate) fn in_picture(mut self, scale: Scale) -> Self {
        for coordinate in self.points.iter_mut().flatten() {
            *coordinate = scale.in_picture(*coordinate);
        }
        self
    }

    /// The region in which the same face is found in the next frame.
    pub(crate) fn region(&self) -> Option<MeshRegion> {
        let middle = |points: [usize; 2]| self.middle(&points);
        MeshRegion::new([middle(point::RIGHT_EYE), middle(point::LEFT_EYE)], middle(point::MOUTH))
    }

    /// Where the detector finds the five landmarks of a face like this on average. Its own depend on where in its grid the face lies, and
    /// move the score of an unchanged face several times as much as these do (`docs/performance.md`, "Repeatability").
    pub(crate) fn landmarks(&self) -> Landmarks {
        let eye = |[outer, inner]: [usize; 2], [upper, lower]: [usize; 2]| self.middle(&[outer, inner, upper, lower]);
        let right_eye = eye(point::RIGHT_EYE, point::RIGHT_LIDS);
        let left_eye = eye(point::LEFT_EYE, point::LEFT_LIDS);
        let [x, y] = [0, 1].map(|axis| left_eye[axis] - right_eye[axis]);
        let [right_mouth, left_mouth] = point::MOUTH.map(|corner| self.middle(&[corner]));
        let found = [right_eye, left_eye, self.middle(&point::NOSE), right_mouth, left_mouth];
        std::array::from_fn(|index| {
            let ([at_x, at_y], [across, down]) = (found[index], DETECTED[index]);
            [at_x + across * x - down * y, at_y + across * y + down * x]
        })
    }

    fn middle(&self, points: &[usize]) -> [f32; 2] {
        [0, 1].map(|axis| points.iter().map(|point| self.points[*point][axis]).sum::<f32>() / points.len() as f32)
    }
}

impl fmt::Debug for Mesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mesh({POINTS} points, logit {})", self.logit)
    }
}

/// A square part of a frame, turned so that the eyes are level in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MeshRegion {
    centre: [f32; 2],
    /// Pixels of the frame per pixel of the crop, to the right in the crop: `[x, y]` in the frame.
    step: [f32; 2],
}

impl MeshRegion {
    /// Width and height of the crop in pixels.
    pub(crate) const SIZE: u32 = 192;
    /// Side of the region in lengths of a face: the distance between the eyes, or from eyes to mouth, whichever is larger.
    const SIDE: f32 = 3.6;
    /// How far the centre is below the middle between eyes and mouth, as a share of their distance.
    const BELOW: f32 = 0.05;
    /// A region is as good for a face as the face's own if they differ by less than this share, in place, and in size and tilt.
    const NEAR: f32 = 0.06;
    /// From this share on, it is not used.
    const FAR: f32 = 0.08;
    /// A crop of a larger face is cut out of a copy that begins and ends at multiples of these pixels, and whose pixels have sides of
    /// multiples of a sixteenth. A copy that followed the region continuously would change its grid, and the landmarks by a tenth of a pixel of
    /// the crop, with every thousandth of a pixel by which two processors differ.
    const GRID: f32 = 16.0;
    const SHRINKS: f32 = 16.0;
    /// Two regions that differ by less than this share, in place and in size, are of the same face.
    const SAME: f32 = 0.3;

    /// Around a face that the detector found; `None` if its landmarks coincide or are not finite.
    pub(crate) fn of(&[right_eye, left_eye, _, [right_x, right_y], [left_x, left_y]]: &Landmarks) -> Option<Self> {
        Self::new([right_eye, left_eye], [(right_x + left_x) / 2.0, (right_y + left_y) / 2.0])
    }

    fn new([right_eye, left_eye]: [[f32; 2]; 2], mouth: [f32; 2]) -> Option<Self> {
        let eyes = [0, 1].map(|axis| (right_eye[axis] + left_eye[axis]) / 2.0);
        let across = [0, 1].map(|axis| left_eye[axis] - right_eye[axis]);
        let down = [0, 1].map(|axis| mouth[axis] - eyes[axis]);
        let between = across[0].hypot(across[1]);
        let side = Self::SIDE * between.max(down[0].hypot(down[1]));
        let centre = [0, 1].map(|axis| eyes[axis] + (0.5 + Self::BELOW) * down[axis]);
        // Written so that NaN fails as well.
        let usable = between > 0.0 && side.is_finite() && centre.iter().all(|at| at.is_finite());
        usable.then(|| Self { centre, step: across.map(|length| length / between * side / Self::SIZE as f32) })
    }

    /// How much a face needs another look in its `own` region: 0 if `self` is as good, 1 if it is not.
    pub(crate) fn need_of_another(&self, own: &Self) -> f32 {
        let apart = self.apart(own).max((self.step[0] - own.step[0]).hypot(self.step[1] - own.step[1]) / self.per_pixel());
        ((apart - Self::NEAR) / (Self::FAR - Self::NEAR)).clamp(0.0, 1.0)
    }

    /// Whether both are of the same face.
    pub(crate) fn is_of_same_face(&self, other: &Self) -> bool {
        self.apart(other) < Self::SAME && (self.per_pixel() - other.per_pixel()).abs() < Self::SAME * self.per_pixel()
    }

    /// How far their centres are apart, as a share of the side.
    fn apart(&self, other: &Self) -> f32 {
        let apart = (self.centre[0] - other.centre[0]).hypot(self.centre[1] - other.centre[1]);
        apart / (Self::SIZE as f32 * self.per_pixel())
    }

    /// The bounds of a face with this region after it has moved to another: as far away, and as much larger or smaller.
    pub(crate) fn moved(&self, bounds: Bounds, to: &Self) -> Bounds {
        let larger = to.per_pixel() / self.per_pixel();
        let [x, y] = [0, 1].map(|axis| to.centre[axis] + larger * ([bounds.x, bounds.y][axis] - self.centre[axis]));
        Bounds { x, y, width: larger * bounds.width, height: larger * bounds.height }
    }

    /// Pixels of the frame per pixel of the crop.
    fn per_pixel(&self) -> f32 {
        self.step[0].hypot(self.step[1])
    }

    /// Converts a point of the crop, in pixels from its upper left corner, to frame pixels, which count from the centre of the first.
    fn to_frame(self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let middle = Self::SIZE as f32 / 2.0;
        let (across, down) = (x - middle, y - middle);
        let [cos, sin] = self.step;
        [self.centre[0] + across * cos - down * sin, self.centre[1] + across * sin + down * cos, z * cos.hypot(sin)]
    }

    /// Cuts the crop out of a frame: red, green and blue, `[3, 192, 192]`, each value replaced by its level; 0 beyond the frame. A larger
    /// face is first scaled down to the size of the crop, over all the pixels that each new one covers, and then rotated bilinearly.
    pub(crate) fn crop(&self, frame: &Frame, levels: &[f32; 256]) -> Vec<f32> {
        const SIDE: usize = MeshRegion::SIZE as usize;
        let mut planes = vec![levels[0]; 3 * SIDE * SIDE];
        let [x, y, _] = self.to_frame([0.5, 0.5, 0.0]);
        let [cos, sin] = self.step;
        let upright = Place { first: [x, y], across: [cos, sin], down: [-sin, cos] };
        let shrink = (self.per_pixel() * Self::SHRINKS).floor() / Self::SHRINKS;
        if shrink <= 1.0 {
            cut(
                frame.rgb().as_chunks().0,
                [frame.height() as usize, frame.width() as usize],
                &upright,
                levels,
                [SIDE, SIDE],
                &mut planes,
            );
        } else if let Some(around) = self.around(frame) {
            let size = [around.width(), around.height()].map(|side| side as f32);
            let copied = size.map(|side| ((side / shrink).round() as u32).max(1));
            let copy = resize(around, copied);
            // From the frame's pixels to the copy's; both count from the centre of the first.
            let share = [0, 1].map(|axis| copied[axis] as f32 / size[axis]);
            let scaled = |step: [f32; 2]| [step[0] * share[0], step[1] * share[1]];
            let first = [0, 1].map(|axis| (upright.first[axis] - around.corner()[axis] + 0.5) * share[axis] - 0.5);
            let place = Place { first, across: scaled(upright.across), down: scaled(upright.down) };
            let [width, height] = copied.map(|side| side as usize);
            cut(copy.as_chunks().0, [height, width], &place, levels, [SIDE, SIDE], &mut planes);
        }
        planes
    }

    /// The part of a frame that the crop reads; `None` if it lies beyond.
    fn around<'a>(&self, frame: &'a Frame) -> Option<Region<'a>> {
        /// Pixels of the crop around the region that its outermost points are interpolated from.
        const MARGIN: f32 = 2.0;
        let half = Self::SIZE as f32 / 2.0 * (self.step[0].abs() + self.step[1].abs()) + MARGIN * self.per_pixel();
        let [left, top] = self.centre.map(|at| ((at - half) / Self::GRID).floor() * Self::GRID);
        let [right, bottom] = self.centre.map(|at| ((at + half) / Self::GRID).ceil() * Self::GRID);
        Region::within(frame, [left, top, right - left, bottom - top])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [f32; 256] = {
        let mut levels = [0.0; 256];
        let mut value = 0;
        while value < 256 {
            levels[value] = value as f32;
            value += 1;
        }
        levels
    };
    const FACE: Landmarks = [[100.0, 100.0], [160.0, 100.0], [130.0, 130.0], [105.0, 170.0], [155.0, 170.0]];

    #[test]
    fn the_region_is_around_the_face() {
        let region = MeshRegion::of(&FACE).unwrap();
        // 70 pixels from eyes to mouth, and 60 between the eyes.
        assert_eq!(region.centre, [130.0, 100.0 + 0.55 * 70.0]);
        assert!((192.0 * region.step[0] - 3.6 * 70.0).abs() < 1e-3 && region.step[1] == 0.0);
        let turned = FACE.map(|[x, y]| [-y, x]);
        let turned = MeshRegion::of(&turned).unwrap();
        assert_eq!(turned.centre, [-region.centre[1], region.centre[0]]);
        assert_eq!(turned.step, [0.0, region.step[0]]);
    }

    #[test]
    fn points_that_are_no_face_have_no_region() {
        assert_eq!(MeshRegion::of(&[[5.0; 2]; 5]), None);
        for (place, value) in [(0, f32::NAN), (1, f32::INFINITY), (3, f32::NAN), (4, f32::NEG_INFINITY)] {
            let mut points = FACE;
            points[place][0] = value;
            assert_eq!(MeshRegion::of(&points), None, "{points:?}");
        }
    }

    #[test]
    fn a_region_serves_while_the_face_is_near() {
        let region = MeshRegion::of(&FACE).unwrap();
        let need = |change: fn([f32; 2]) -> [f32; 2]| region.need_of_another(&MeshRegion::of(&FACE.map(change)).unwrap());
        let near = |change: fn([f32; 2]) -> [f32; 2]| need(change) == 0.0;
        assert!(near(|point| point) && near(|[x, y]| [x + 12.0, y - 8.0]));
        assert!(need(|[x, y]| [x + 25.0, y]) == 1.0 && need(|[x, y]| [x, y - 25.0]) == 1.0);
        // 0.07 of 252 pixels: half-way.
        assert!((need(|[x, y]| [x + 17.64, y]) - 0.5).abs() < 0.01);
        assert!(near(|[x, y]| [1.05 * x - 6.5, 1.05 * y - 7.0]) && !near(|[x, y]| [1.2 * x - 26.0, 1.2 * y - 28.0]));
        assert!(!near(|[x, y]| [x - 0.2 * (y - 140.0), y + 0.2 * (x - 130.0)]), "tilted by 11 degrees");
        let tilted = MeshRegion::of(&FACE.map(|[x, y]| [x - 0.4 * (y - 140.0), y + 0.4 * (x - 130.0)])).unwrap();
        assert!(region.is_of_same_face(&tilted));
        let beside = MeshRegion::of(&FACE.map(|[x, y]| [x + 60.0, y])).unwrap();
        assert!(region.is_of_same_face(&beside) && region.need_of_another(&beside) == 1.0);
        assert!(!region.is_of_same_face(&MeshRegion::of(&FACE.map(|[x, y]| [x + 90.0, y])).unwrap()));
    }

    #[test]
    fn bounds_move_with_the_region() {
        let bounds = Bounds { x: 80.0, y: 70.0, width: 100.0, height: 140.0 };
        let region = MeshRegion::of(&FACE).unwrap();
        let to = MeshRegion::of(&FACE.map(|[x, y]| [0.5 * x + 7.0, 0.5 * y - 3.0])).unwrap();
        let Bounds { x, y, width, height } = region.moved(bounds, &to);
        for (found, expected) in [(x, 47.0), (y, 32.0), (width, 50.0), (height, 70.0)] {
            assert!((found - expected).abs() < 1e-4, "{found} and {expected}");
        }
    }

    /// Red counts the columns, green the rows.
    fn ramp() -> Frame {
        Frame::from_rgb(250, 250, (0..250).flat_map(|y| (0..250).flat_map(move |x| [x, y, 7])).collect()).unwrap()
    }

    #[test]
    fn the_crop_shows_what_its_points_say() {
        for (tilt, size) in [(0.0_f32, 0.7), (0.3, 0.7), (-1.2, 0.5), (0.0, 1.2), (0.3, 1.2)] {
            let (sin, cos) = tilt.sin_cos();
            let about = |[x, y]: [f32; 2]| {
                let (x, y) = (size * (x - 130.0), size * (y - 130.0));
                [125.0 + x * cos - y * sin, 125.0 + x * sin + y * cos]
            };
            let region = MeshRegion::of(&FACE.map(about)).unwrap();
            let crop = region.crop(&ramp(), &LEVELS);
            for (column, row) in [(40, 40), (96, 96), (100, 60), (60, 130)] {
                let [x, y, _] = region.to_frame([column as f32 + 0.5, row as f32 + 0.5, 0.0]);
                let [red, green, blue] = [0, 1, 2].map(|channel| crop[(channel * 192 + row) * 192 + column]);
                assert!((red - x).abs() < 1.2 && (green - y).abs() < 1.2 && blue == 7.0, "{x} {y}: {red} {green} {blue}");
            }
        }
    }

    #[test]
    fn beyond_the_frame_is_black() {
        let region = MeshRegion::of(&FACE.map(|[x, y]| [x - 1000.0, y])).unwrap();
        assert!(region.crop(&ramp(), &LEVELS).iter().all(|value| *value == 0.0));
        let region = MeshRegion::of(&FACE.map(|[x, y]| [x, 1e20 * y])).unwrap();
        assert!(region.crop(&ramp(), &LEVELS).iter().all(|value| *value == 0.0));
    }
}
