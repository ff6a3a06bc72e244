//! What JavaScript may ask for, validated.
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use crate::{error::with_code, to_js};
use serfiq::{BackendChoice, score::Method};

/// `{method: 'mc' | 'limit', passes?: number, seed?: number}`.
#[derive(Default, Serialize, Deserialize)]
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
    check_keys(&options, &to_js(&ScoreOptions::default())?, "options")?;
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

/// Refuses keys that `known` has not, in the objects within too. A misspelt one would be ignored in silence: serde-wasm-bindgen
/// looks only at the keys that it knows.
pub(super) fn check_keys(given: &JsValue, known: &JsValue, what: &str) -> Result<(), JsValue> {
    let not_an_object = || with_code("invalid-option", &format!("the {what} are no object"));
    let keys = |of: &JsValue| Ok::<_, JsValue>(js_sys::Object::keys(of.dyn_ref::<js_sys::Object>().ok_or_else(not_an_object)?));
    let known_keys = keys(known)?;
    for key in keys(given)?.iter() {
        if !known_keys.includes(&key, 0) {
            let (key, known) = (key.as_string().unwrap_or_default(), String::from(known_keys.join(", ")));
            return Err(with_code("invalid-option", &format!("there is no '{key}' among the {what}; expected {known}")));
        }
        let inner = |of: &JsValue| js_sys::Reflect::get(of, &key);
        let (given, known) = (inner(given)?, inner(known)?);
        if known.is_object() && given.is_object() {
            check_keys(&given, &known, what)?;
        }
    }
    Ok(())
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

/// Which frames of a camera are scored: `'always'`, `'if-good'` for those with nothing else wrong, `'never'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scoring {
    Always,
    IfGood,
    Never,
}

pub(super) fn scoring(name: &str) -> Result<Scoring, JsValue> {
    match name {
        "always" => Ok(Scoring::Always),
        "if-good" => Ok(Scoring::IfGood),
        "never" => Ok(Scoring::Never),
        other => Err(with_code("invalid-option", &format!("scoring is '{other}'; expected 'always', 'if-good' or 'never'"))),
    }
}
