//! What JavaScript may ask for, validated.
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};

use super::error::with_code;
use crate::{BackendChoice, score::Method};

const KEYS: [&str; 3] = ["method", "passes", "seed"];

/// `{method: 'mc' | 'limit', passes?: number, seed?: number}`.
#[derive(Deserialize)]
struct ScoreOptions {
    method: Option<String>,
    passes: Option<f64>,
    seed: Option<f64>,
}

/// Reads the options of a scoring call; `default` where they leave the method open.
pub(super) fn method(options: JsValue, default: Method) -> Result<Method, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(default);
    }
    check_keys(&options)?;
    let options: ScoreOptions =
        serde_wasm_bindgen::from_value(options).map_err(|e| with_code("invalid-option", &e.to_string()))?;
    let passes = whole("passes", options.passes, f64::from(u32::MAX))?.unwrap_or(u64::from(Method::DEFAULT_PASSES));
    let seed = whole("seed", options.seed, 9_007_199_254_740_991.0)?.unwrap_or(Method::DEFAULT_SEED);
    // The cast cannot lose anything: `whole` bounds it.
    let monte_carlo = Method::MonteCarlo { passes: passes as u32, seed };
    match options.method.as_deref() {
        Some("mc") => Ok(monte_carlo),
        Some("limit") => Ok(Method::Limit),
        None => Ok(match default {
            Method::Limit => Method::Limit,
            Method::MonteCarlo { .. } => monte_carlo,
        }),
        Some(other) => Err(with_code("invalid-option", &format!("method is '{other}'; expected 'mc' or 'limit'"))),
    }
}

/// A misspelt option would be ignored in silence: serde-wasm-bindgen looks only at the keys that it knows.
fn check_keys(options: &JsValue) -> Result<(), JsValue> {
    let object: &js_sys::Object =
        options.dyn_ref().ok_or_else(|| with_code("invalid-option", "the options are not an object"))?;
    let unknown =
        js_sys::Object::keys(object).iter().filter_map(|key| key.as_string()).find(|key| !KEYS.contains(&key.as_str()));
    match unknown {
        Some(key) => Err(with_code("invalid-option", &format!("there is no option '{key}'; expected {}", KEYS.join(", ")))),
        None => Ok(()),
    }
}

fn whole(name: &str, value: Option<f64>, most: f64) -> Result<Option<u64>, JsValue> {
    match value {
        None => Ok(None),
        Some(v) if v >= 0.0 && v <= most && v.fract() == 0.0 => Ok(Some(v as u64)),
        Some(v) => Err(with_code("invalid-option", &format!("{name} is {v}; expected a whole number from 0 to {most}"))),
    }
}

/// `'auto' | 'webgpu' | 'cpu'`.
pub(super) fn backend(name: &str) -> Result<BackendChoice, JsValue> {
    match name {
        "auto" => Ok(BackendChoice::Auto),
        "webgpu" => Ok(BackendChoice::WebGpu),
        "cpu" => Ok(BackendChoice::Cpu),
        other => Err(with_code("invalid-option", &format!("backend is '{other}'; expected 'auto', 'webgpu' or 'cpu'"))),
    }
}
