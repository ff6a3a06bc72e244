//! The exported class.
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ImageBitmap, Performance, WorkerGlobalScope};

use crate::{
    error,
    guide::{Guide, read_settings},
    options::{self, Scoring},
    pixels::Reader,
    threads::Call,
    to_js,
};
use serfiq::{
    BackendChoice, Engine as Core, Faces, ModelCard, ModelFile, ModelFiles, PHOTO_LONG_SIDE, Score, ScoredFace,
    face::{AlignedCrop, Landmarks, align},
    frame::Frame,
    guide::{self, Guidance, Instruction, Measures},
    model::ModelError,
    report::{FaceReport, MethodReport, Status},
    score::{Method, principal_plane},
};

/// Scores and watches. One call at a time: the worker waits for each answer before the next question.
#[wasm_bindgen]
pub struct Engine {
    core: Core,
    reader: Reader,
    clock: Performance,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    backend: &'static str,
    adapter: Option<String>,
    fallback_reason: Option<String>,
    model: String,
    model_sha256: String,
    methods: &'static [&'static str],
    default_method: &'static str,
    dropout: f64,
    calibrated: bool,
    trained_with_dropout: bool,
    version: &'static str,
}

#[derive(Serialize)]
struct Milliseconds {
    detect: f64,
    score: f64,
    total: f64,
}

#[derive(Serialize)]
struct Answer {
    status: Status,
    width: u32,
    height: u32,
    #[serde(flatten)]
    method: MethodReport,
    milliseconds: Milliseconds,
    faces: Vec<FaceReport>,
    measures: Measures,
}

/// A camera's frame, and what follows from it and those before.
#[derive(Serialize)]
struct Watched {
    #[serde(flatten)]
    answer: Answer,
    #[serde(flatten)]
    guidance: Guidance,
}

/// A picture that stands alone, and what is wrong with it.
#[derive(Serialize)]
struct Judged {
    #[serde(flatten)]
    answer: Answer,
    instruction: Instruction,
    passes_checks: bool,
}

#[derive(Serialize)]
struct Jitter {
    #[serde(flatten)]
    score: Score,
    points: Vec<[f64; 2]>,
}

#[wasm_bindgen]
impl Engine {
    /// Loads a recogniser and the detector, and opens the backend `'auto' | 'webgpu' | 'cpu'`. Without a `card` the recogniser is the
    /// one called `name` that comes along; with one, in TOML, be it empty, it is the visitor's own, in a file called `name`.
    /// `onDeviceLost(message)` is called once if the GPU is lost later.
    pub async fn load(
        name: &str,
        recogniser: &[u8],
        card: Option<String>,
        detector: &[u8],
        backend: String,
        #[wasm_bindgen(js_name = onDeviceLost)] on_device_lost: js_sys::Function,
    ) -> Result<Engine, JsValue> {
        let choice: BackendChoice = options::backend(&backend)?;
        let card = match card {
            Some(card) => ModelCard::own(name, recogniser, Some(&card)).map_err(error::of_card)?,
            None => ModelCard::recogniser(name).cloned().ok_or_else(|| {
                error::with_code("invalid-option", &format!("no recogniser called '{name}' comes with this engine"))
            })?,
        };
        let files = ModelFiles {
            recogniser: ModelFile { card: &card, bytes: recogniser },
            detector: ModelFile { card: ModelCard::detector(), bytes: detector },
        };
        let mut core = Core::load(files, choice).await.map_err(error::of_engine)?;
        if let Some(lost) = core.take_gpu_lost() {
            spawn_local(async move {
                if let Some(message) = lost.await {
                    // Whatever the callback throws is its own affair.
                    let _ = on_device_lost.call1(&JsValue::NULL, &message.into());
                }
            });
        }
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let clock = scope.performance().ok_or_else(|| error::with_code("internal", "this browser gives a worker no clock"))?;
        Ok(Self { core, reader: Reader::new()?, clock })
    }

    /// What the engine runs on: `{backend, adapter, fallbackReason, model, modelSha256, methods, defaultMethod, dropout, calibrated,
    /// trainedWithDropout, version}`.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let info = self.core.info();
        to_js(&Info {
            backend: info.backend.name(),
            default_method: info.default_method().name(),
            adapter: info.adapter,
            fallback_reason: info.fallback_reason,
            model: info.model,
            model_sha256: info.model_sha256,
            methods: if info.calibrated { &["mc", "limit"] } else { &["mc"] },
            dropout: info.dropout,
            calibrated: info.calibrated,
            trained_with_dropout: info.trained_with_dropout,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// Finds the faces of a camera's frame, measures it and, as `scoring` says, scores its largest face; then asks `guide` what
    /// there is to say and do. `frame` is its number, by which the guide names the frames to keep; `time` is in milliseconds.
    /// `picture` is an `ImageBitmap` or a `VideoFrame` of this size, which stays open, or its bytes in RGBA. It is looked at in a copy whose long side has
    /// `longSide` pixels at most; places and distances are in its own.
    #[wasm_bindgen(js_name = watchFrame)]
    #[expect(clippy::too_many_arguments, reason = "JavaScript's, of different types")]
    pub async fn watch_frame(
        &self,
        guide: &Guide,
        picture: &JsValue,
        width: u32,
        height: u32,
        frame: u32,
        time: f64,
        #[wasm_bindgen(js_name = longSide)] long_side: u32,
        scoring: &str,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let start = self.clock.now();
        let method = options::method(options, self.core.info().default_method())?;
        let scoring = options::scoring(scoring)?;
        let (copy, enlarged) = self.reader.read_smaller(picture, [width, height], long_side)?;
        let mut tracker = guide.take_tracker();
        let faces = self.core.detect_next(&copy, time, &mut tracker).await.map_err(error::of_engine)?;
        guide.give_back(tracker);
        let measures = Measures::of(&copy, &faces).enlarged(enlarged);
        let detected = self.clock.now();
        let which = match scoring {
            Scoring::Always => Faces::Largest,
            Scoring::IfGood if guide.is_worth_scoring(&measures) => Faces::Largest,
            Scoring::IfGood | Scoring::Never => Faces::None,
        };
        let mut scored = self.core.score_faces(&copy, faces, which, method).await.map_err(error::of_engine)?;
        scored.iter_mut().for_each(|scored| scored.face = scored.face.enlarged(enlarged));
        let guidance = guide.next(frame, time, &measures, score_for_guide(&scored));
        let clock = [start, detected, self.clock.now()];
        let answer = self.answer((width, height), clock, method, &scored, measures);
        to_js(&Watched { answer, guidance })
    }

    /// Decodes a JPEG, PNG or WebP file (here, not by the browser: the same pixels as on the command line), finds its faces
    /// and scores each. `settings` are those of a guide, which says what is wrong with the picture.
    #[wasm_bindgen(js_name = scorePhoto)]
    pub async fn score_photo(&self, bytes: &[u8], options: JsValue, settings: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let start = self.clock.now();
        let frame = Frame::decode(bytes).map_err(error::of_frame)?;
        self.score(start, &frame, options, settings).await
    }

    /// The same of a bitmap, which stays open.
    #[wasm_bindgen(js_name = scorePicture)]
    pub async fn score_picture(&self, bitmap: &ImageBitmap, options: JsValue, settings: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let start = self.clock.now();
        let frame = self.reader.read(bitmap, [bitmap.width(), bitmap.height()])?;
        self.score(start, &frame, options, settings).await
    }

    /// The largest face of a JPEG, PNG or WebP file, and how its embedding moves: `{raw, quality, std_error, points}`, where
    /// `points` has a place `[x, y]` in the plane in which it moves most for each dropout pass. `null` if there is no face.
    pub async fn jitter(&self, bytes: &[u8], options: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let info = self.core.info();
        let default = Method::MonteCarlo { passes: Method::DEFAULT_PASSES, seed: Method::DEFAULT_SEED };
        let Method::MonteCarlo { passes, seed } = options::method(options, default)? else {
            return Err(error::with_code("invalid-option", "only dropout passes move: expected the method 'mc'"));
        };
        let frame = Frame::decode(bytes).map_err(error::of_frame)?;
        let faces = self.core.detect(&frame, PHOTO_LONG_SIDE).await.map_err(error::of_engine)?;
        let Some(face) = faces.first() else { return Ok(JsValue::NULL) };
        let crop = align(&frame, &face.landmarks).map_err(|e| error::of_engine(e.into()))?;
        let embeddings = self.core.pass_embeddings(&crop, passes, seed).await.map_err(error::of_engine)?;
        let points = principal_plane(&embeddings, info.dimension).map_err(|e| error::of_engine(ModelError::from(e).into()))?;
        let score = self.core.score_passes(&embeddings).map_err(error::of_engine)?;
        to_js(&Jitter { score, points })
    }

    /// The face with these landmarks (x and y of each, ten numbers) cut out of a bitmap, which stays open: 112 x 112 RGBA,
    /// row-major, as an `ImageData` wants it.
    #[wasm_bindgen(js_name = alignedCrop)]
    pub fn aligned_crop(&self, bitmap: &ImageBitmap, landmarks: &[f32]) -> Result<Vec<u8>, JsValue> {
        let (points, rest) = landmarks.as_chunks::<2>();
        let landmarks: Landmarks = (points.try_into().ok().filter(|_| rest.is_empty()))
            .ok_or_else(|| error::with_code("invalid-option", &format!("{} numbers are no five landmarks", landmarks.len())))?;
        let crop = align(&self.reader.read(bitmap, [bitmap.width(), bitmap.height()])?, &landmarks)
            .map_err(|e| error::of_engine(e.into()))?;
        Ok(crop.rgb().as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect())
    }

    /// Scores a face that is aligned already: 112 x 112 RGB, row-major, as `{raw, quality, std_error}`.
    #[wasm_bindgen(js_name = scoreCrop)]
    pub async fn score_crop(&self, rgb: Vec<u8>, options: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let method = options::method(options, self.core.info().default_method())?;
        let score = self.core.score_crop(&crop(rgb)?, method).await.map_err(error::of_engine)?;
        to_js(&score)
    }

    /// The embedding, without dropout and not normalised, of a face that is aligned already: 112 x 112 RGB, row-major.
    pub async fn embed(&self, rgb: Vec<u8>) -> Result<Vec<f32>, JsValue> {
        let _call = Call::begin();
        self.core.embed(&crop(rgb)?).await.map_err(error::of_engine)
    }

    /// Finds, scores and judges the faces of a picture that stands alone.
    async fn score(&self, start: f64, frame: &Frame, options: JsValue, settings: JsValue) -> Result<JsValue, JsValue> {
        let method = options::method(options, self.core.info().default_method())?;
        let mut guide = guide::Guide::new(read_settings(settings)?);
        let faces = self.core.detect(frame, PHOTO_LONG_SIDE).await.map_err(error::of_engine)?;
        let measures = Measures::of(frame, &faces);
        let detected = self.clock.now();
        let scored = self.core.score_faces(frame, faces, Faces::All, method).await.map_err(error::of_engine)?;
        let Guidance { instruction, passes_checks, .. } = guide.next(0, 0.0, &measures, score_for_guide(&scored));
        let clock = [start, detected, self.clock.now()];
        let answer = self.answer((frame.width(), frame.height()), clock, method, &scored, measures);
        to_js(&Judged { answer, instruction, passes_checks })
    }

    fn answer(
        &self,
        (width, height): (u32, u32),
        [start, detected, end]: [f64; 3],
        method: Method,
        scored: &[ScoredFace],
        measures: Measures,
    ) -> Answer {
        Answer {
            status: if scored.is_empty() { Status::NoFace } else { Status::Ok },
            width,
            height,
            method: MethodReport::new(&self.core.info(), method),
            milliseconds: Milliseconds { detect: detected - start, score: end - detected, total: end - start },
            faces: scored.iter().map(FaceReport::from).collect(),
            measures,
        }
    }
}

/// The largest face's score on the guide's scale: its quality, or, of a recogniser that is not calibrated, the raw score.
fn score_for_guide(scored: &[ScoredFace]) -> Option<f64> {
    let score = scored.first()?.score?;
    Some(score.quality.unwrap_or(score.raw))
}

fn crop(rgb: Vec<u8>) -> Result<AlignedCrop, JsValue> {
    let frame = Frame::from_rgb(AlignedCrop::SIZE, AlignedCrop::SIZE, rgb).map_err(error::of_frame)?;
    AlignedCrop::from_frame(&frame).map_err(|e| error::with_code("unreadable-image", &e.to_string()))
}
