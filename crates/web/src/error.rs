//! Errors as JavaScript expects them: an `Error` with a `code` to act on and a sentence to show.
use serfiq::{
    CardError, EngineError,
    frame::FrameError,
    model::{ImportError, ModelError},
    score::ScoreError,
};
use wasm_bindgen::JsValue;

/// Returns an `Error` with this `code` and `message`.
pub(super) fn with_code(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// Returns an `Error` for a picture that cannot be read, with a `reason` besides: its name in `www/package/errors.js`.
fn unreadable(error: &FrameError, message: &str) -> JsValue {
    let value = with_code("unreadable-image", message);
    let _ = js_sys::Reflect::set(&value, &"reason".into(), &error.reason().into());
    value
}

pub(super) fn of_engine(error: EngineError) -> JsValue {
    if let EngineError::Frame(frame) = &error {
        return unreadable(frame, &error.to_string());
    }
    let code = match &error {
        EngineError::Model(ModelError::Import(ImportError::Hash(_))) => "model-hash",
        EngineError::Model(
            ModelError::Import(_) | ModelError::Outputs { .. } | ModelError::Normalisation { .. } | ModelError::Cells { .. },
        ) => "model-invalid",
        EngineError::Model(ModelError::NoWebGpu(_)) => "webgpu-unavailable",
        EngineError::Model(ModelError::GpuLost(_) | ModelError::Device(_)) => "gpu-lost",
        EngineError::Model(
            ModelError::Score(ScoreError::Passes { .. })
            | ModelError::Uncalibrated { .. }
            | ModelError::NoGrid { .. }
            | ModelError::NeedsCpu { .. },
        ) => "invalid-option",
        EngineError::Model(ModelError::Score(_)) | EngineError::Face(_) => "not-finite",
        _ => "internal",
    };
    with_code(code, &error.to_string())
}

pub(super) fn of_card(error: CardError) -> JsValue {
    let code = match &error {
        CardError::OtherFile(_) => "model-hash",
        _ => "invalid-option",
    };
    with_code(code, &error.to_string())
}

pub(super) fn of_frame(error: FrameError) -> JsValue {
    unreadable(&error, &error.to_string())
}
