//! The guide for JavaScript: one for each camera that is watched.
use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::{error::with_code, options, to_js};
use serfiq::{
    face::Tracker,
    guide::{Guidance, Guide as Core, Measures, Settings},
};

/// What has been seen of one camera. Frames are given to it through `Engine.watchFrame`.
#[wasm_bindgen]
pub struct Guide {
    // Shared while a frame is awaited, and only borrowed in between.
    core: RefCell<Core>,
    tracker: RefCell<Tracker>,
}

#[wasm_bindgen]
impl Guide {
    /// A guide with these settings; those left out, or all of `undefined`, are the defaults of `docs/guidance.md`.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<Guide, JsValue> {
        Ok(Self { core: RefCell::new(Core::new(read_settings(settings)?)), tracker: RefCell::default() })
    }
}

impl Guide {
    /// Where the faces were. Who takes it gives it back.
    pub(super) fn take_tracker(&self) -> Tracker {
        self.tracker.take()
    }

    pub(super) fn give_back(&self, tracker: Tracker) {
        self.tracker.replace(tracker);
    }

    pub(super) fn next(&self, frame: u32, time: f64, measures: &Measures, score: Option<f64>) -> Guidance {
        self.core.borrow_mut().next(frame, time, measures, score)
    }

    pub(super) fn is_worth_scoring(&self, measures: &Measures) -> bool {
        self.core.borrow().is_worth_scoring(measures)
    }
}

/// Settings of a guide, validated.
pub(super) fn read_settings(settings: JsValue) -> Result<Settings, JsValue> {
    if settings.is_undefined() || settings.is_null() {
        return Ok(Settings::default());
    }
    options::check_keys(&settings, &to_js(&Settings::default())?, "settings of the guide")?;
    serde_wasm_bindgen::from_value(settings)
        .map_err(|e| with_code("invalid-option", &format!("settings of the guide: {e}; docs/guidance.md lists them")))
}
