//! Watching a camera, for JavaScript.
use std::cell::RefCell;

use serfiq::{Take, Watch as Core, guide::Settings};
use wasm_bindgen::prelude::*;

use crate::{engine::Engine, error::with_code, options, pixels::CameraPicture, to_js};

/// The state of watching one camera.
#[wasm_bindgen]
pub struct Watch {
    /// `None` while a frame is being processed.
    core: RefCell<Option<Core>>,
}

#[wasm_bindgen]
impl Watch {
    /// Starts watching a camera with `engine` and the settings of its guide. Omitted settings, or all for `undefined`, are the
    /// defaults of `docs/guidance.md`.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &Engine, settings: JsValue) -> Result<Watch, JsValue> {
        let core = Core::new(options::settings(settings, Settings::default())?, engine.is_calibrated());
        Ok(Self { core: RefCell::new(Some(core)) })
    }

    /// Processes the next frame, and returns the library's `Watched`. `picture` is an `ImageBitmap` or a `VideoFrame` of this size,
    /// which stays open, or its bytes in RGBA. `time` is the frame's, in milliseconds. `take` is `'scored'` or `'accepted'` to
    /// request such a frame.
    #[expect(clippy::too_many_arguments, reason = "JavaScript's, of different types")]
    pub async fn next(
        &self,
        engine: &Engine,
        picture: &JsValue,
        width: u32,
        height: u32,
        time: f64,
        take: Option<String>,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let take = take.as_deref().map(self::take).transpose()?;
        let picture = CameraPicture { reader: engine.reader(), source: picture, size: [width, height] };
        let busy = || with_code("internal", "this camera's previous frame is still being processed");
        let mut core = self.core.borrow_mut().take().ok_or_else(busy)?;
        let watched = engine.watch(&mut core, &picture, time, take, options).await;
        self.core.replace(Some(core));
        to_js(&watched?)
    }
}

fn take(name: &str) -> Result<Take, JsValue> {
    match name {
        "scored" => Ok(Take::Scored),
        "accepted" => Ok(Take::Accepted),
        other => Err(with_code("invalid-option", &format!("take is '{other}'; expected 'scored' or 'accepted'"))),
    }
}
