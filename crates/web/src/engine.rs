//! The exported class.
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ImageBitmap, Performance, WorkerGlobalScope};

use crate::{
    error, options,
    pixels::{CameraPicture, Reader},
    threads::Call,
    to_js,
};
use serfiq::{
    Assessment, BackendChoice, Engine as Core, ModelCard, ModelFile, ModelFiles, Score, Take, Watch, Watched,
    face::{AlignedCrop, Landmarks, align},
    frame::Frame,
    guide::{Instruction, Rule, Settings, rules},
    model::ModelError,
    report::{Milliseconds, Stopwatch},
    score::{Method, principal_plane},
};

/// Scores pictures and watches cameras. Takes one call at a time: the worker awaits each result before the next call.
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
    methods: Vec<&'static str>,
    default_method: &'static str,
    dropout: f64,
    calibrated: bool,
    percentiles: Option<PercentilesInfo>,
    trained_with_dropout: bool,
    version: &'static str,
    guide: GuideInfo,
}

/// How the scores of known faces are distributed.
#[derive(Serialize)]
struct PercentilesInfo {
    of: String,
    points: Vec<PercentilePoint>,
}

/// `percent` of the faces score lower.
#[derive(Serialize)]
struct PercentilePoint {
    percent: f64,
    raw: f64,
    quality: f64,
}

/// The rules and settings by which pictures are judged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GuideInfo {
    instructions: &'static [Instruction],
    rules: Vec<Rule>,
    defaults: Settings,
    of_photo: Settings,
}

/// The result for a single photo.
#[derive(Serialize)]
struct Photo {
    #[serde(flatten)]
    assessment: Assessment,
    milliseconds: Milliseconds,
    /// The landmarks that the standard's measures are taken from, in pixels; with these measures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    mesh: Option<Vec<[f32; 3]>>,
}

#[derive(Serialize)]
struct Jitter {
    #[serde(flatten)]
    score: Score,
    points: Vec<[f64; 2]>,
}

#[wasm_bindgen]
impl Engine {
    /// Loads a recogniser, the detector and, if it is given, the face mesh, and opens the backend `'auto' | 'webgpu' | 'cpu'`. Without a
    /// `card`, `name` is a built-in recogniser. With one, in TOML and possibly empty, it is the visitor's own, from a file called `name`.
    /// `onDeviceLost(message)` is called once if the GPU is lost later.
    pub async fn load(
        name: &str,
        recogniser: &[u8],
        card: Option<String>,
        detector: &[u8],
        landmarks: Option<Vec<u8>>,
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
            landmarks: landmarks.as_ref().map(|bytes| ModelFile { card: ModelCard::landmarks(), bytes }),
        };
        let mut core = Core::load(files, choice).await.map_err(error::of_engine)?;
        if let Some(lost) = core.take_gpu_lost() {
            spawn_local(async move {
                if let Some(message) = lost.await {
                    // An error thrown by the callback is ignored.
                    let _ = on_device_lost.call1(&JsValue::NULL, &message.into());
                }
            });
        }
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let clock = scope.performance().ok_or_else(|| error::with_code("internal", "this browser has no clock for workers"))?;
        Ok(Self { core, reader: Reader::new()?, clock })
    }

    /// Returns what the engine runs on: `{backend, adapter, fallbackReason, model, modelSha256, methods, defaultMethod, dropout,
    /// calibrated, percentiles, trainedWithDropout, version, guide}`.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let info = self.core.info();
        let methods = info.methods();
        to_js(&Info {
            backend: info.backend.name(),
            default_method: info.default_method().name(),
            adapter: info.adapter,
            fallback_reason: info.fallback_reason,
            model: info.model,
            model_sha256: info.model_sha256,
            methods,
            dropout: info.dropout,
            calibrated: info.calibrated,
            percentiles: self.percentiles(),
            trained_with_dropout: info.trained_with_dropout,
            version: env!("CARGO_PKG_VERSION"),
            guide: GuideInfo {
                instructions: Instruction::ALL,
                rules: rules(),
                defaults: Settings::default().for_scores(info.calibrated),
                of_photo: Settings::of_photo().for_scores(info.calibrated),
            },
        })
    }

    /// Decodes a JPEG, PNG or WebP file, finds its faces and scores each. Decoding here instead of in the browser gives the same
    /// pixels as on the command line. `settings` are those of the guide that judges the picture. With `standard`, it also has the
    /// measures of ISO/IEC 29794-5; with `explain`, why the score of the largest face is what it is.
    #[wasm_bindgen(js_name = scorePhoto)]
    pub async fn score_photo(
        &self,
        bytes: &[u8],
        options: JsValue,
        settings: JsValue,
        standard: JsValue,
        explain: JsValue,
    ) -> Result<JsValue, JsValue> {
        let stopwatch = self.stopwatch();
        let frame = Frame::decode(bytes).map_err(error::of_frame)?;
        self.score(&frame, options, settings, [standard, explain], stopwatch).await
    }

    /// As `scorePhoto`, for a bitmap, which stays open.
    #[wasm_bindgen(js_name = scorePicture)]
    pub async fn score_picture(
        &self,
        bitmap: &ImageBitmap,
        options: JsValue,
        settings: JsValue,
        standard: JsValue,
        explain: JsValue,
    ) -> Result<JsValue, JsValue> {
        let stopwatch = self.stopwatch();
        let frame = self.reader.read(bitmap, [bitmap.width(), bitmap.height()]).map_err(error::of_frame)?;
        self.score(&frame, options, settings, [standard, explain], stopwatch).await
    }

    /// Scores the largest face of a JPEG, PNG or WebP file, and shows how its embedding scatters: `{raw, quality, percentile,
    /// std_error, points}`. `points` has one `[x, y]` per dropout pass, in the plane of the largest scatter. `null` if there is no face.
    pub async fn jitter(&self, bytes: &[u8], options: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let info = self.core.info();
        let default = Method::MonteCarlo { passes: Method::DEFAULT_PASSES, seed: Method::DEFAULT_SEED };
        let Method::MonteCarlo { passes, seed } = options::method(options, default)? else {
            return Err(error::with_code("invalid-option", "only dropout passes scatter; expected the method 'mc'"));
        };
        let frame = Frame::decode(bytes).map_err(error::of_frame)?;
        let crops = self.core.crops(&frame).await.map_err(error::of_engine)?;
        let Some((_, crop)) = crops.first() else { return Ok(JsValue::NULL) };
        let embeddings = self.core.pass_embeddings(crop, passes, seed).await.map_err(error::of_engine)?;
        let points = principal_plane(&embeddings, info.dimension).map_err(|e| error::of_engine(ModelError::from(e).into()))?;
        let score = self.core.score_passes(&embeddings).map_err(error::of_engine)?;
        to_js(&Jitter { score, points })
    }

    /// Crops the face with these landmarks (x and y of each, ten numbers) from a bitmap, which stays open: 112 x 112 RGBA,
    /// row-major, as `ImageData` expects.
    #[wasm_bindgen(js_name = alignedCrop)]
    pub fn aligned_crop(&self, bitmap: &ImageBitmap, landmarks: &[f32]) -> Result<Vec<u8>, JsValue> {
        let (points, rest) = landmarks.as_chunks::<2>();
        let landmarks: Landmarks = (points.try_into().ok().filter(|_| rest.is_empty())).ok_or_else(|| {
            error::with_code("invalid-option", &format!("{} numbers are not five landmarks", landmarks.len()))
        })?;
        let frame = self.reader.read(bitmap, [bitmap.width(), bitmap.height()]).map_err(error::of_frame)?;
        let crop = align(&frame, &landmarks).map_err(|e| error::of_engine(e.into()))?;
        Ok(crop.rgb().as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect())
    }

    /// Scores an aligned face (112 x 112 RGB, row-major), as `{raw, quality, percentile, std_error}`.
    #[wasm_bindgen(js_name = scoreCrop)]
    pub async fn score_crop(&self, rgb: Vec<u8>, options: JsValue) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let method = options::method(options, self.core.info().default_method())?;
        let score = self.core.score_crop(&crop(rgb)?, method).await.map_err(error::of_engine)?;
        to_js(&score)
    }

    /// Returns the embedding, without dropout and not normalised, of an aligned face (112 x 112 RGB, row-major).
    pub async fn embed(&self, rgb: Vec<u8>) -> Result<Vec<f32>, JsValue> {
        let _call = Call::begin();
        self.core.embed(&crop(rgb)?).await.map_err(error::of_engine)
    }
}

impl Engine {
    /// Whether scores have qualities.
    pub(super) fn is_calibrated(&self) -> bool {
        self.core.info().calibrated
    }

    fn percentiles(&self) -> Option<PercentilesInfo> {
        let (table, calibration) = (self.core.percentiles()?, self.core.calibration()?);
        let point = |&(percent, raw): &(f64, f64)| PercentilePoint { percent, raw, quality: calibration.quality(raw) };
        Some(PercentilesInfo { of: table.of().into(), points: table.points().iter().map(point).collect() })
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Processes the next frame of a camera.
    pub(super) async fn watch(
        &self,
        watch: &mut Watch,
        picture: &CameraPicture<'_>,
        time: f64,
        take: Option<Take>,
        options: JsValue,
    ) -> Result<Watched, JsValue> {
        let _call = Call::begin();
        let stopwatch = self.stopwatch();
        let method = options::method(options, self.core.info().default_method())?;
        watch.next(&self.core, picture, time, &method, take, &stopwatch).await.map_err(error::of_engine)
    }

    /// Finds, scores and judges the faces of a single picture.
    async fn score(
        &self,
        frame: &Frame,
        options: JsValue,
        settings: JsValue,
        [standard, explain]: [JsValue; 2],
        stopwatch: Stopwatch<impl Fn() -> f64>,
    ) -> Result<JsValue, JsValue> {
        let _call = Call::begin();
        let method = options::method(options, self.core.info().default_method())?;
        let settings = options::settings(settings, Settings::of_photo())?;
        let standard = options::flag("standardMeasures", &standard)?;
        let explain = options::flag("explain", &explain)?;
        let assessed = self.core.assess_timed(frame, &method, &settings, &stopwatch).await;
        let (mut assessment, milliseconds) = assessed.map_err(error::of_engine)?;
        let mut mesh = None;
        if standard {
            assessment = assessment.with_standard_measures(frame);
            mesh = assessment.mesh.as_ref().map(|mesh| mesh.points().to_vec());
        }
        if explain {
            assessment = self.core.explain(assessment, frame).await.map_err(error::of_engine)?;
        }
        to_js(&Photo { assessment, milliseconds, mesh })
    }

    fn stopwatch(&self) -> Stopwatch<impl Fn() -> f64> {
        Stopwatch::start(|| self.clock.now())
    }
}

fn crop(rgb: Vec<u8>) -> Result<AlignedCrop, JsValue> {
    let frame = Frame::from_rgb(AlignedCrop::SIZE, AlignedCrop::SIZE, rgb).map_err(error::of_frame)?;
    AlignedCrop::from_frame(&frame).map_err(|e| error::with_code("unreadable-image", &e.to_string()))
}
