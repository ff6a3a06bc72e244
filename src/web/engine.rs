//! The exported class.
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ImageBitmap, Performance, WorkerGlobalScope};

use super::{error, models_of_the_page, options, pixels::Reader, to_js};
use crate::{
    BackendChoice, Engine as Core, Faces, LIVE_LONG_SIDE, ModelFiles, PHOTO_LONG_SIDE, Role, ScoredFace,
    face::AlignedCrop,
    frame::Frame,
    report::{FaceReport, MethodReport, Status},
    score::Method,
};

/// Scores frames and photos. One call at a time: the worker waits for each answer before the next question.
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
    model: &'static str,
    methods: [&'static str; 2],
    default_method: &'static str,
    dropout: f64,
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
}

#[wasm_bindgen]
impl Engine {
    /// Loads both models and opens the backend `'auto' | 'webgpu' | 'cpu'`. `onDeviceLost(message)` is called once if the GPU
    /// is lost later.
    pub async fn load(
        recogniser: &[u8],
        detector: &[u8],
        backend: String,
        #[wasm_bindgen(js_name = onDeviceLost)] on_device_lost: js_sys::Function,
    ) -> Result<Engine, JsValue> {
        let choice: BackendChoice = options::backend(&backend)?;
        let name = models_of_the_page().find(|card| card.role == Role::Recogniser).map_or("", |card| card.name);
        let files = ModelFiles { name, recogniser, detector };
        let mut core = Core::load(files, choice).await.map_err(error::of_engine)?;
        if let Some(lost) = core.take_gpu_lost() {
            spawn_local(async move {
                if let Ok(message) = lost.await {
                    // Whatever the callback throws is its own affair.
                    let _ = on_device_lost.call1(&JsValue::NULL, &message.into());
                }
            });
        }
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let clock = scope.performance().ok_or_else(|| error::with_code("internal", "this browser gives a worker no clock"))?;
        Ok(Self { core, reader: Reader::new()?, clock })
    }

    /// What the engine runs on: `{backend, adapter, fallbackReason, model, methods, defaultMethod, dropout, version}`.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let info = self.core.info();
        to_js(&Info {
            backend: info.backend.name(),
            default_method: info.default_method().name(),
            adapter: info.adapter,
            fallback_reason: info.fallback_reason,
            model: info.model,
            methods: ["mc", "limit"],
            dropout: info.dropout,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// Finds the faces of a camera frame and scores the largest. Takes and closes the bitmap.
    #[wasm_bindgen(js_name = scoreFrame)]
    pub async fn score_frame(&self, bitmap: ImageBitmap, options: JsValue) -> Result<JsValue, JsValue> {
        let start = self.clock.now();
        // Before anything can fail: the bitmap is ours to close.
        let frame = self.reader.read(&bitmap)?;
        let method = options::method(options, self.core.info().default_method())?;
        self.answer(start, &frame, LIVE_LONG_SIDE, Faces::Largest, method).await
    }

    /// Decodes a JPEG, PNG or WebP file (here, not by the browser: the same pixels as on the command line), finds its faces
    /// and scores each.
    #[wasm_bindgen(js_name = scorePhoto)]
    pub async fn score_photo(&self, bytes: &[u8], options: JsValue) -> Result<JsValue, JsValue> {
        let start = self.clock.now();
        let method = options::method(options, self.core.info().default_method())?;
        let frame = Frame::decode(bytes).map_err(error::of_frame)?;
        self.answer(start, &frame, PHOTO_LONG_SIDE, Faces::All, method).await
    }

    /// Scores a face that is aligned already: 112 x 112 RGB, row-major, as `{raw, quality, std_error}`.
    #[wasm_bindgen(js_name = scoreCrop)]
    pub async fn score_crop(&self, rgb: Vec<u8>, options: JsValue) -> Result<JsValue, JsValue> {
        let method = options::method(options, self.core.info().default_method())?;
        let score = self.core.score_crop(&crop(rgb)?, method).await.map_err(error::of_engine)?;
        to_js(&score)
    }

    /// The embedding, without dropout and not normalised, of a face that is aligned already: 112 x 112 RGB, row-major.
    pub async fn embed(&self, rgb: Vec<u8>) -> Result<Vec<f32>, JsValue> {
        self.core.embed(&crop(rgb)?).await.map_err(error::of_engine)
    }

    async fn answer(
        &self,
        start: f64,
        frame: &Frame,
        long_side: u32,
        which: Faces,
        method: Method,
    ) -> Result<JsValue, JsValue> {
        let faces = self.core.detect(frame, long_side).await.map_err(error::of_engine)?;
        let detected = self.clock.now();
        let scored: Vec<ScoredFace> = self.core.score_faces(frame, faces, which, method).await.map_err(error::of_engine)?;
        let end = self.clock.now();
        to_js(&Answer {
            status: if scored.is_empty() { Status::NoFace } else { Status::Ok },
            width: frame.width(),
            height: frame.height(),
            method: MethodReport::new(&self.core.info(), method),
            milliseconds: Milliseconds { detect: detected - start, score: end - detected, total: end - start },
            faces: scored.iter().map(FaceReport::from).collect(),
        })
    }
}

fn crop(rgb: Vec<u8>) -> Result<AlignedCrop, JsValue> {
    let frame = Frame::from_rgb(AlignedCrop::SIZE, AlignedCrop::SIZE, rgb).map_err(error::of_frame)?;
    AlignedCrop::from_frame(&frame).map_err(|e| error::with_code("unreadable-image", &e.to_string()))
}
