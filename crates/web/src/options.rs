//! Options from JavaScript, validated.
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use crate::{error::with_code, to_js};
use serfiq::{BackendChoice, guide::Settings, score::Method};

/// `{method: 'mc' | 'limit', passes?: number, seed?: number}`.
#[derive(Default, Serialize, Deserialize)]
struct ScoreOptions {
    method: Option<String>,
    passes: Option<f64>,
    seed: Option<f64>,
}

/// Reads the options of a scoring call; `default` if they name no method.
pub(super) fn method(options: JsValue, default: Method) -> Result<Method, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(default);
    }
    check_keys(&options, &to_js(&ScoreOptions::default())?, "options")?;
    let options: ScoreOptions =
        serde_wasm_bindgen::from_value(options).map_err(|e| with_code("invalid-option", &e.to_string()))?;
    let passes = whole("passes", options.passes, f64::from(u32::MAX))?.unwrap_or(u64::from(Method::DEFAULT_PASSES));
    let seed = whole("seed", options.seed, 9_007_199_254_740_991.0)?.unwrap_or(Method::DEFAULT_SEED);
    let name = options.method.as_deref().unwrap_or(default.name());
    // The cast is lossless: `whole` bounds the value.
    Method::named(name, passes as u32, seed).ok_or_else(|| {
        let known = Method::NAMES.map(|name| format!("'{name}'")).join(" or ");
        with_code("invalid-option", &format!("method is '{name}'; expected {known}"))
    })
}

/// Rejects keys that are not in `known`, also in nested objects. A misspelt key would be silently ignored: serde-wasm-bindgen reads
/// only the keys that it knows.
pub(super) fn check_keys(given: &JsValue, known: &JsValue, what: &str) -> Result<(), JsValue> {
    let not_an_object = || with_code("invalid-option", &format!("the {what} are not an object"));
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

/// Parses `'auto' | 'webgpu' | 'cpu'`.
pub(super) fn backend(name: &str) -> Result<BackendChoice, JsValue> {
    match name {
        "auto" => Ok(BackendChoice::Auto),
        "webgpu" => Ok(BackendChoice::WebGpu),
        "cpu" => Ok(BackendChoice::Cpu),
        other => Err(with_code("invalid-option", &format!("backend is '{other}'; expected 'auto', 'webgpu' or 'cpu'"))),
    }
}

/// Validates an option that is on or off; off if it is omitted.
pub(super) fn flag(name: &str, given: &JsValue) -> Result<bool, JsValue> {
    match given.as_bool() {
        Some(value) => Ok(value),
        None if given.is_undefined() || given.is_null() => Ok(false),
        None => Err(with_code("invalid-option", &format!("{name} is not true or false"))),
    }
}

/// Validates the settings of a guide; omitted ones are those of `base`.
pub(super) fn settings(given: JsValue, base: Settings) -> Result<Settings, JsValue> {
    if given.is_undefined() || given.is_null() {
        return Ok(base);
    }
    // `base` omits the score's threshold where it depends on the recogniser, but it may be given.
    check_keys(&given, &to_js(&base.clone().for_scores(true))?, "settings of the guide")?;
    let merged: js_sys::Object = to_js(&base)?.unchecked_into();
    js_sys::Object::assign(&merged, &given.unchecked_into());
    serde_wasm_bindgen::from_value(merged.into())
        .map_err(|e| with_code("invalid-option", &format!("settings of the guide: {e}; docs/guidance.md lists them")))
}
