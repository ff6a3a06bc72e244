//! A camera's way: frame after frame to what there is to say and do.
//!
//! | module | owns |
//! |---|---|
//! | `pace` | how much work a frame may be |
//! | `tracker` | where the faces were |
//!
//! Knows no clock: times come from the caller.
mod pace;
#[cfg(test)]
mod tests;
mod tracker;

use serde::Serialize;

use crate::{
    Assessment, Engine, EngineError, Quality,
    face::{Face, align},
    frame::{Frame, FrameError, Scale},
    guide::{Capture, Guidance, Guide, Instruction, Settings},
    measure::Measures,
    report::{FaceReport, Milliseconds, Stopwatch},
};
use pace::Pace;
use tracker::Tracker;

/// Long side of the copy in which the faces of a camera's whole frame are looked for, in pixels: they are near, and time is short.
pub const LIVE_LONG_SIDE: u32 = 320;
/// The same for the surroundings of a face that was in the frame before.
const NEAR_LONG_SIDE: u32 = 160;

/// A camera's frame, of which a copy is read: most cameras have more pixels than are looked at.
pub trait Picture {
    /// `[width, height]` in pixels.
    fn size(&self) -> [u32; 2];

    /// The picture in `[width, height]` pixels.
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

/// Which frames somebody asks to take now, whatever the guide takes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Any with a face that was scored.
    Scored,
    /// One that is accepted.
    Accepted,
}

/// Which frames are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scoring {
    Always,
    /// Those with nothing else wrong.
    IfGood,
    Never,
}

/// What is said of one frame of a camera, and what follows from it and those before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Watched {
    /// Of this frame by itself. Its largest face is scored, and on a slow machine not that of every frame.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// The one thing to say.
    pub instruction: Instruction,
    /// How fast the face moves, in distances between the eyes per second; `null` while that is not known.
    pub speed: Option<f64>,
    /// Whether a picture is taken by itself.
    pub capture: Capture,
    /// How long it took.
    pub milliseconds: Milliseconds,
    /// Number of this frame, from 0.
    pub frame: u32,
    /// The frames that may still be taken, by number: their pictures are to be kept, all others can go.
    pub keep: [Option<u32>; 3],
    /// Whether this frame is the one that was asked for by [`Take`].
    pub taken: bool,
}

/// One camera, and the person before it on the way to one picture.
#[derive(Debug, Clone)]
pub struct Watch {
    settings: Settings,
    guide: Guide,
    tracker: Tracker,
    pace: Pace,
    /// Number of the next frame.
    frames: u32,
    size: Option<[u32; 2]>,
}

impl Watch {
    /// Nothing is seen yet. `are_qualities` says whether scores will be qualities: then there is a default threshold.
    pub fn new(settings: Settings, are_qualities: bool) -> Self {
        let settings = settings.for_scores(are_qualities);
        let guide = Guide::new(settings.clone());
        Self { settings, guide, tracker: Tracker::default(), pace: Pace::default(), frames: 0, size: None }
    }

    /// Looks at the next frame. `time` is the frame's, in milliseconds by any clock that goes forwards; `stopwatch` was started when work on
    /// it began. `take` is what somebody asks for now; such a frame is scored however slow the machine is.
    ///
    /// # Errors
    /// [`EngineError::Frame`] if the pixels cannot be read; as [`Engine::detect`] and [`Quality::score`]. The watch goes on with the next
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
            // Another camera, or one that was turned: nobody is where they were.
            self.tracker = Tracker::default();
            self.guide.cut();
        }
        let scoring = if take.is_some() { Scoring::Always } else { self.pace.scoring(stopwatch.now()) };
        let scale = Scale::to_fit(size, self.pace.long_side());
        let copy = picture.copy(scale.copy())?;
        let faces = self.find(engine, &copy, time).await?;
        let measures = Measures::of(&copy, &faces).in_picture(scale);
        let detected = stopwatch.now();

        let is_scored = match scoring {
            Scoring::Always => true,
            Scoring::IfGood => self.guide.is_worth_scoring(&measures),
            Scoring::Never => false,
        };
        let score = match faces.first().filter(|_| is_scored) {
            Some(largest) => Some(quality.score(engine, &align(&copy, &largest.landmarks)?).await?),
            None => None,
        };
        let mut scores = [score].into_iter();
        let reports: Vec<FaceReport> =
            faces.iter().map(|face| FaceReport::new(&face.in_picture(scale), scores.next().flatten())).collect();
        let scored = stopwatch.now();

        let frame = self.frames;
        self.frames = self.frames.wrapping_add(1);
        let judged = reports.first().and_then(FaceReport::judged);
        let Guidance { instruction, issues, speed, capture, keep } = self.guide.next(frame, time, &measures, judged);
        let method = quality.report(&engine.info());
        let assessment = Assessment::new(method, size.map(Some), reports, Some(measures), issues, &self.settings);
        let milliseconds = stopwatch.took(detected, scored);
        self.pace.took(scored, milliseconds, score.is_some());
        let taken = match take {
            Some(Take::Scored) => score.is_some(),
            Some(Take::Accepted) => assessment.accepted,
            None => false,
        };
        Ok(Watched { assessment, instruction, speed, capture, milliseconds, frame, keep, taken })
    }

    /// The faces of a frame, largest first. The largest is looked for near its last place, and there as finely however far away it is; the
    /// others are where they were when the whole frame was looked at last.
    async fn find(&mut self, engine: &Engine, copy: &Frame, time: f64) -> Result<Vec<Face>, EngineError> {
        if !self.tracker.is_due(time) && self.find_near(engine, copy).await? {
            return Ok(self.tracker.faces());
        }
        self.tracker.see(time, engine.detect(copy, LIVE_LONG_SIDE).await?);
        // A face that is found again, near its place, has the same landmarks whichever way it was found first.
        self.find_near(engine, copy).await?;
        Ok(self.tracker.faces())
    }

    /// Whether the largest face is near its last place.
    async fn find_near(&mut self, engine: &Engine, copy: &Frame) -> Result<bool, EngineError> {
        let Some(region) = self.tracker.surroundings(copy) else { return Ok(false) };
        Ok(self.tracker.follow(engine.detect_in(region, NEAR_LONG_SIDE).await?))
    }
}
