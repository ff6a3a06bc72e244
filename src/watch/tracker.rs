use crate::{
    face::{Bounds, Face, MeshRegion},
    frame::{Frame, Region},
};

/// Side of the square in which a face is searched for again, relative to the longer side of its box: room to move by half of its size
/// to either side between two frames.
const ROOM: f32 = 2.0;
/// Milliseconds after which the whole frame is searched again: another person may have come.
const WHOLE_EVERY: f64 = 500.0;
/// How far, as a share of its side, the square may be off from the face, in place and in size, before it moves with it. While it stays, a
/// face that holds still is found in the same place: the detector's landmarks depend on where its search begins.
const SLACK: f32 = 0.1;
/// Minimum overlap (IoU) of a face with its last place. With less overlap it is another face, or the face was lost.
const MIN_OVERLAP: f32 = 0.3;

/// The faces of a camera, followed from frame to frame.
#[derive(Debug, Clone, Default)]
pub(super) struct Tracker {
    /// Largest first.
    faces: Vec<Face>,
    /// When the whole frame was last searched.
    whole: Option<f64>,
    /// Centre and side of the square in which the largest face was last searched for.
    square: Option<[f32; 3]>,
    /// The region of the largest face's 468 landmarks, matching its bounds. `None` once the bounds come from a detector.
    mesh: Option<MeshRegion>,
}

impl Tracker {
    /// The known faces, largest first.
    pub(super) fn faces(&self) -> Vec<Face> {
        self.faces.clone()
    }

    /// Whether the whole frame must be searched: no face is tracked, or another person may have come. `time` is in milliseconds.
    pub(super) fn is_due(&self, time: f64) -> bool {
        // Written so that a clock that runs backwards, or returns NaN, makes it due.
        let fresh = self.whole.is_some_and(|whole| (0.0..WHOLE_EVERY).contains(&(time - whole)));
        self.faces.is_empty() || !fresh
    }

    /// The region to search for the largest face; `None` if no face is tracked.
    pub(super) fn surroundings<'a>(&mut self, frame: &'a Frame) -> Option<Region<'a>> {
        let Bounds { x, y, width, height } = self.faces.first()?.bounds;
        let wanted = [x + width / 2.0, y + height / 2.0, ROOM * width.max(height)];
        let is_near = |square: &[f32; 3]| square.iter().zip(wanted).all(|(has, wants)| (has - wants).abs() < SLACK * square[2]);
        let [x, y, side] = self.square.filter(is_near).unwrap_or(wanted);
        self.square = Some([x, y, side]);
        Region::within(frame, [x - side / 2.0, y - side / 2.0, side, side])
    }

    /// Stores the faces of a whole frame, largest first.
    pub(super) fn see(&mut self, time: f64, faces: Vec<Face>) {
        (self.faces, self.whole, self.mesh) = (faces, Some(time), None);
    }

    /// Drops the largest face, which the face mesh denies.
    pub(super) fn deny(&mut self) {
        self.faces.remove(0);
        self.mesh = None;
    }

    /// Stores the region of the largest face's 468 landmarks, so that they can be followed.
    pub(super) fn hold(&mut self, mesh: Option<MeshRegion>) {
        self.mesh = mesh;
    }

    /// Moves the largest face with the region of its 468 landmarks; returns whether it is still the same face, and still the largest.
    pub(super) fn follow_mesh(&mut self, now: Option<MeshRegion>) -> bool {
        let Some(((before, now), largest)) = self.mesh.take().zip(now).zip(self.faces.first_mut()) else { return false };
        if !before.is_of_same_face(&now) {
            return false;
        }
        largest.bounds = before.moved(largest.bounds, &now);
        self.mesh = Some(now);
        self.faces.iter().all(|face| face.bounds.area() <= self.faces[0].bounds.area())
    }

    /// Updates the largest face from the faces in its [`surroundings`](Self::surroundings); returns whether it is among them.
    pub(super) fn follow(&mut self, near: Vec<Face>) -> bool {
        let Some(largest) = self.faces.first_mut() else { return false };
        let overlap = |face: &Face| face.bounds.overlap(&largest.bounds);
        let Some(same) = near.into_iter().max_by(|a, b| overlap(a).total_cmp(&overlap(b))) else { return false };
        if overlap(&same) < MIN_OVERLAP {
            return false;
        }
        *largest = same;
        self.mesh = None;
        self.faces.sort_by(|a, b| b.bounds.area().total_cmp(&a.bounds.area()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, side: f32) -> Face {
        let bounds = Bounds { x, y: 100.0, width: side, height: side };
        Face { bounds, landmarks: [[x, 100.0]; 5], confidence: 0.9 }
    }

    #[test]
    fn the_whole_frame_is_looked_at_now_and_then() {
        let mut tracker = Tracker::default();
        assert!(tracker.is_due(0.0));
        tracker.see(0.0, vec![face(100.0, 80.0)]);
        assert!(!tracker.is_due(0.0) && !tracker.is_due(499.0) && tracker.is_due(500.0));
        assert!(tracker.is_due(-1.0) && tracker.is_due(f64::NAN));
        tracker.see(600.0, vec![]);
        assert!(tracker.is_due(601.0), "no face is tracked");
    }

    #[test]
    fn a_face_is_looked_for_around_its_place_within_the_frame() {
        let frame = Frame::from_rgb(320, 240, vec![0; 320 * 240 * 3]).unwrap();
        let mut tracker = Tracker::default();
        assert!(tracker.surroundings(&frame).is_none());
        tracker.see(0.0, vec![face(100.0, 80.0)]);
        let region = tracker.surroundings(&frame).unwrap();
        assert_eq!((region.corner(), region.width(), region.height()), ([60.0, 60.0], 160, 160));
        tracker.see(0.0, vec![face(290.0, 80.0)]);
        let region = tracker.surroundings(&frame).unwrap();
        assert_eq!((region.corner(), region.width(), region.height()), ([250.0, 60.0], 70, 160));
    }

    #[test]
    fn the_square_stays_until_the_face_leaves_its_middle() {
        let frame = Frame::from_rgb(640, 480, vec![0; 640 * 480 * 3]).unwrap();
        let mut tracker = Tracker::default();
        let mut square = |x: f32, side: f32| {
            tracker.see(0.0, vec![face(x, side)]);
            let region = tracker.surroundings(&frame).unwrap();
            (region.corner()[0], region.width())
        };
        assert_eq!(square(100.0, 80.0), (60.0, 160));
        assert_eq!((square(110.0, 80.0), square(94.0, 86.0)), ((60.0, 160), (60.0, 160)));
        assert_eq!(square(120.0, 80.0), (80.0, 160));
        assert_eq!(square(120.0, 100.0), (70.0, 200));
    }

    #[test]
    fn the_same_face_is_followed_and_the_others_stay() {
        let mut tracker = Tracker::default();
        tracker.see(0.0, vec![face(100.0, 80.0), face(250.0, 60.0)]);
        assert!(tracker.follow(vec![face(160.0, 90.0), face(110.0, 78.0)]));
        assert_eq!(tracker.faces(), [face(110.0, 78.0), face(250.0, 60.0)]);
        // A face that has become smaller than another is no longer the largest.
        assert!(tracker.follow(vec![face(112.0, 55.0)]));
        assert_eq!(tracker.faces(), [face(250.0, 60.0), face(112.0, 55.0)]);
    }

    /// The region of landmarks around a face of this place and side.
    fn region(x: f32, side: f32) -> Option<MeshRegion> {
        let at = |across: f32, down: f32| [x + across * side, 100.0 + down * side];
        MeshRegion::of(&[at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8)])
    }

    #[test]
    fn a_face_moves_with_its_landmarks() {
        let mut tracker = Tracker::default();
        assert!(!tracker.follow_mesh(region(100.0, 80.0)), "no face was tracked");
        tracker.see(0.0, vec![face(100.0, 80.0), face(250.0, 60.0)]);
        assert!(!tracker.follow_mesh(region(100.0, 80.0)), "its landmarks were not known");
        tracker.hold(region(100.0, 80.0));
        assert!(tracker.follow_mesh(region(110.0, 80.0)) && tracker.follow_mesh(region(115.0, 80.0)));
        assert!((tracker.faces()[0].bounds.x - 115.0).abs() < 0.01 && tracker.faces()[1] == face(250.0, 60.0));
        assert!(!tracker.follow_mesh(region(220.0, 80.0)), "the landmarks of another face");
        assert!(!tracker.follow_mesh(None));
        tracker.hold(region(115.0, 80.0));
        assert!(!tracker.follow_mesh(region(125.0, 59.0)), "another face is larger now");
    }

    /// Otherwise the face would move twice.
    #[test]
    fn where_a_detector_has_found_a_face_its_old_landmarks_do_not_count() {
        let mut tracker = Tracker::default();
        tracker.see(0.0, vec![face(100.0, 80.0)]);
        tracker.hold(region(100.0, 80.0));
        assert!(tracker.follow(vec![face(110.0, 80.0)]));
        assert!(!tracker.follow_mesh(region(110.0, 80.0)));
        assert_eq!(tracker.faces(), [face(110.0, 80.0)]);
    }

    #[test]
    fn what_is_no_face_is_not_followed() {
        let mut tracker = Tracker::default();
        tracker.see(0.0, vec![face(100.0, 80.0), face(250.0, 60.0)]);
        tracker.deny();
        tracker.hold(region(250.0, 60.0));
        assert!(tracker.follow_mesh(region(255.0, 60.0)));
        assert!(tracker.faces().len() == 1 && (tracker.faces()[0].bounds.x - 255.0).abs() < 0.01);
        tracker.deny();
        assert!(tracker.faces().is_empty() && tracker.is_due(0.0));
    }

    #[test]
    fn another_face_is_not_the_same() {
        let mut tracker = Tracker::default();
        assert!(!tracker.follow(vec![face(100.0, 80.0)]), "no face was tracked");
        tracker.see(0.0, vec![face(100.0, 80.0)]);
        assert!(!tracker.follow(vec![]) && !tracker.follow(vec![face(190.0, 80.0)]));
        assert_eq!(tracker.faces(), [face(100.0, 80.0)]);
    }
}
