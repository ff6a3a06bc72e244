//! Watches a camera: turns each frame into an instruction and the state of the capture.
//!
//! | module | owns |
//! |---|---|
//! | `pace` | how much work a frame may take |
//! | `tracker` | the last known places of the faces |
//!
//! Has no clock: times come from the caller.
mod pace;
#[cfg(test)]
mod tests;
mod tracker;

use serde::Serialize;

use crate::{
    Assessment, Engine, EngineError, Quality,
    face::{Face, Mesh, MeshRegion, align},
    frame::{Frame, FrameError, Scale},
    guide::{Capture, Guidance, Guide, Instruction, Settings},
    measure::Measures,
    report::{FaceReport, Milliseconds, Stopwatch},
};
use pace::Pace;
use tracker::Tracker;

/// Long side, in pixels, of the copy in which a camera's whole frame is searched for faces: they are near, and time is short.
const LIVE_LONG_SIDE: u32 = 320;
/// As [`LIVE_LONG_SIDE`], for the surroundings of a face found in the previous frame.
const NEAR_LONG_SIDE: u32 = 160;

/// A camera's frame, read as a scaled copy: most cameras have more pixels than are needed.
pub trait Picture {
    /// `[width, height]` in pixels.
    fn size(&self) -> [u32; 2];

    /// Returns the picture scaled to `[width, height]` pixels.
    ///
    /// # Errors
    /// Pixels that cannot be read.
    fn copy(&self, size: [u32; 2]) -> Result<Frame, FrameError>;
}

impl Picture for Frame {
    fn size(&self) -> [u32; 2] {
        [self.width(), self.height()]
    }

    fn copy(&self, size: [u32; 2]) -> Result<Frame, FrameError> {
        self.resized(size)
    }
}

/// Which frames to take on request, whatever the guide captures automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Any frame with a scored face.
    Scored,
    /// Any accepted frame.
    Accepted,
}

/// Which frames are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scoring {
    Always,
    /// Frames with nothing else wrong.
    IfGood,
    Never,
}

/// The result for one frame of a camera, and what follows from it and the frames before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Watched {
    /// Of this frame on its own. Only its largest face is scored; on a slow machine not in every frame.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// The one instruction to show.
    pub instruction: Instruction,
    /// Speed of the face, in distances between the eyes per second; `null` while unknown.
    pub speed: Option<f64>,
    /// State of the automatic capture.
    pub capture: Capture,
    /// Time taken.
    pub milliseconds: Milliseconds,
    /// Number of this frame, from 0.
    pub frame: u32,
    /// Numbers of the frames that may still be captured. Keep their pictures; discard all others.
    pub keep: [Option<u32>; 3],
    /// Whether this frame satisfies the [`Take`] request.
    pub taken: bool,
}

/// One camera, and the guidance of one person to one picture.
#[derive(Debug, Clone)]
pub struct Watch {
    settings: Settings,
    guide: Guide,
    tracker: Tracker,
    /// Where the 468 landmarks were last found.
    mesh_region: Option<MeshRegion>,
    pace: Pace,
    /// Number of the next frame.
    frames: u32,
    size: Option<[u32; 2]>,
}

impl Watch {
    /// Starts without any frame. `are_qualities` says whether scores are qualities, which have a default threshold.
    pub fn new(settings: Settings, are_qualities: bool) -> Self {
        let settings = settings.for_scores(are_qualities);
        let guide = Guide::new(settings.clone());
        let (tracker, pace) = Default::default();
        Self { settings, guide, tracker, mesh_region: None, pace, frames: 0, size: None }
    }

    /// Processes the next frame. `time` is the frame's, in milliseconds, by any clock that runs forwards. `stopwatch` must be started when
    /// work on the frame begins. While `take` holds a pending request, every frame is scored, however slow the machine is.
    ///
    /// # Errors
    /// [`EngineError::Frame`] if the pixels cannot be read; as [`Engine::detect`] and [`Quality::score`]. The watch continues with the next
    /// frame.
    pub async fn next(
        &mut self,
        engine: &Engine,
        picture: &impl Picture,
        time: f64,
        quality: &impl Quality,
        take: Option<Take>,
        stopwatch: &Stopwatch<impl Fn() -> f64>,
    ) -> Result<Watched, EngineError> {
        let size = picture.size();
        if self.size.replace(size).is_some_and(|before| before != size) {
            // The camera was switched or turned: known places no longer apply.
            (self.tracker, self.mesh_region) = Default::default();
            self.guide.cut();
        }
        let scoring = if take.is_some() { Scoring::Always } else { self.pace.scoring(stopwatch.now()) };
        let scale = Scale::to_fit(size, self.pace.long_side());
        let copy = picture.copy(scale.copy())?;
        let (faces, mesh) = self.find_faces(engine, &copy, time).await?;
        let mut measures = Measures::of(&copy, &faces, mesh.as_ref()).in_picture(scale);
        let detected = stopwatch.now();

        let is_scored = match scoring {
            Scoring::Always => true,
            Scoring::IfGood => self.guide.is_worth_scoring(&measures),
            Scoring::Never => false,
        };
        let score = match faces.first().filter(|_| is_scored) {
            Some(largest) => {
                let (score, cover) = quality.score_and_cover(engine, &align(&copy, &largest.landmarks)?).await?;
                if let Some(face) = &mut measures.face {
                    face.cover = cover;
                }
                Some(score)
            }
            None => None,
        };
        let report = |(index, face): (usize, &Face)| FaceReport::new(&face.in_picture(scale), score.filter(|_| index == 0));
        let reports: Vec<FaceReport> = faces.iter().enumerate().map(report).collect();
        let scored = stopwatch.now();

        let frame = self.frames;
        self.frames = self.frames.wrapping_add(1);
        let judged = reports.first().and_then(FaceReport::judged);
        let Guidance { instruction, issues, speed, capture, keep } = self.guide.next(frame, time, &measures, judged);
        let method = quality.report(&engine.info());
        let assessment = Assessment::new(method, size.map(Some), reports, Some(measures), issues, &self.settings);
        let assessment = Assessment { mesh: mesh.map(|mesh| mesh.in_picture(scale)), ..assessment };
        let milliseconds = stopwatch.took(detected, scored);
        self.pace.took(scored, milliseconds, score.is_some());
        let taken = match take {
            Some(Take::Scored) => score.is_some(),
            Some(Take::Accepted) => assessment.accepted,
            None => false,
        };
        Ok(Watched { assessment, instruction, speed, capture, milliseconds, frame, keep, taken })
    }

    /// Finds the faces of a frame, largest first, and the 468 landmarks of the largest. Drops detections that the face mesh
    /// denies.
    async fn find_faces(&mut self, engine: &Engine, copy: &Frame, time: f64) -> Result<(Vec<Face>, Option<Mesh>), EngineError> {
        if !self.tracker.is_due(time)
            && let Some(mesh) = self.follow_mesh(engine, copy).await?
        {
            return Ok((steadied(self.tracker.faces(), &mesh), Some(mesh)));
        }
        let mut faces = self.find(engine, copy, time).await?;
        while let Some(largest) = faces.first() {
            let mesh = self.find_mesh(engine, copy, largest).await?;
            if !mesh.as_ref().is_some_and(Mesh::is_denied) {
                let Some(mesh) = mesh.filter(Mesh::is_face) else { return Ok((faces, None)) };
                self.tracker.hold(mesh.region());
                return Ok((steadied(faces, &mesh), Some(mesh)));
            }
            self.tracker.deny();
            faces.remove(0);
        }
        self.mesh_region = None;
        Ok((faces, None))
    }

    /// Finds the 468 landmarks of the largest face where they were in the last frame: as long as they follow the face, the detector is not
    /// run. `None` if they do not, or if another face is the largest now.
    async fn follow_mesh(&mut self, engine: &Engine, copy: &Frame) -> Result<Option<Mesh>, EngineError> {
        let Some(region) = self.mesh_region else { return Ok(None) };
        let Some((mesh, region)) = engine.mesh_in(copy, region).await? else { return Ok(None) };
        let follows = mesh.is_face() && self.tracker.follow_mesh(mesh.region());
        self.mesh_region = follows.then_some(region);
        Ok(follows.then_some(mesh))
    }

    /// Finds the 468 landmarks of a face, in the region of the last frame if they were this face's. The region is kept until the face
    /// leaves its middle, so that a face that holds still is found in the same place.
    async fn find_mesh(&mut self, engine: &Engine, copy: &Frame, face: &Face) -> Result<Option<Mesh>, EngineError> {
        let Some(detected) = MeshRegion::of(&face.landmarks) else { return Ok(None) };
        let region = self.mesh_region.filter(|known| known.is_of_same_face(&detected)).unwrap_or(detected);
        let (mesh, region) = engine.mesh_in(copy, region).await?.unzip();
        self.mesh_region = region;
        Ok(mesh)
    }

    /// Finds the faces of a frame, largest first. The largest is searched for near its last place, at the same relative resolution whatever
    /// its distance. The others keep their places from the last search of the whole frame.
    async fn find(&mut self, engine: &Engine, copy: &Frame, time: f64) -> Result<Vec<Face>, EngineError> {
        if !self.tracker.is_due(time) && self.find_near(engine, copy).await? {
            return Ok(self.tracker.faces());
        }
        self.tracker.see(time, engine.detect(copy, LIVE_LONG_SIDE).await?);
        // Searching again near its place makes a face's landmarks independent of how it was first found.
        self.find_near(engine, copy).await?;
        Ok(self.tracker.faces())
    }

    /// Searches for the largest face near its last place; returns whether it is there.
    async fn find_near(&mut self, engine: &Engine, copy: &Frame) -> Result<bool, EngineError> {
        let Some(region) = self.tracker.surroundings(copy) else { return Ok(false) };
        Ok(self.tracker.follow(engine.detect_in(region, NEAR_LONG_SIDE).await?))
    }
}

/// The faces, with the landmarks of the largest taken from its mesh.
fn steadied(mut faces: Vec<Face>, mesh: &Mesh) -> Vec<Face> {
    if let Some(largest) = faces.first_mut() {
        *largest = largest.clone().steadied(Some(mesh));
    }
    faces
}
