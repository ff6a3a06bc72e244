//! Converts a browser's picture to a frame: from its bytes if given, or else through one reused canvas.
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{ImageData, OffscreenCanvas};

use crate::error::with_code;
use serfiq::{
    Picture,
    frame::{Frame, FrameError},
};

#[wasm_bindgen]
extern "C" {
    /// The 2d context of a canvas, with a `drawImage` for any source: web-sys has none for a `VideoFrame`.
    type Context;

    #[wasm_bindgen(method, catch, js_name = drawImage)]
    fn draw(this: &Context, picture: &JsValue, x: f64, y: f64, width: f64, height: f64) -> Result<(), JsValue>;

    #[wasm_bindgen(method, js_name = clearRect)]
    fn clear(this: &Context, x: f64, y: f64, width: f64, height: f64);

    #[wasm_bindgen(method, catch, js_name = getImageData)]
    fn pixels(this: &Context, x: f64, y: f64, width: f64, height: f64) -> Result<ImageData, JsValue>;
}

/// The canvas through which pixels are read.
pub(super) struct Reader {
    canvas: OffscreenCanvas,
    context: Context,
}

impl Reader {
    pub(super) fn new() -> Result<Self, JsValue> {
        Self::open().map_err(|e| with_code("internal", &format!("this browser has no 2D canvas for workers: {e:?}")))
    }

    fn open() -> Result<Self, JsValue> {
        let canvas = OffscreenCanvas::new(1, 1)?;
        // The pixels are read every frame, so they should stay in main memory, not go to the GPU and back.
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
        let context = canvas.get_context_with_context_options("2d", &options)?;
        let context = context.ok_or("getContext returned null")?;
        Ok(Self { context: context.unchecked_into(), canvas })
    }

    /// Reads the pixels of an `ImageBitmap` or a `VideoFrame`, which stays open, at `size`, `[width, height]`.
    pub(super) fn read(&self, picture: &JsValue, size: [u32; 2]) -> Result<Frame, FrameError> {
        let pixels = self.pixels(picture, size).map_err(|e| FrameError::Unreadable { reason: format!("{e:?}") })?;
        Frame::from_rgba(size[0], size[1], &pixels)
    }

    fn pixels(&self, picture: &JsValue, [width, height]: [u32; 2]) -> Result<Vec<u8>, JsValue> {
        let (across, down) = (f64::from(width), f64::from(height));
        if (width, height) != (self.canvas.width(), self.canvas.height()) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        // Transparent areas become black instead of showing the previous picture.
        self.context.clear(0.0, 0.0, across, down);
        self.context.draw(picture, 0.0, 0.0, across, down)?;
        Ok(self.context.pixels(0.0, 0.0, across, down)?.data().0)
    }
}

/// A camera's picture: an `ImageBitmap` or a `VideoFrame`, which stays open, or its bytes in RGBA.
pub(super) struct CameraPicture<'a> {
    pub(super) reader: &'a Reader,
    pub(super) source: &'a JsValue,
    /// `[width, height]` in pixels.
    pub(super) size: [u32; 2],
}

impl Picture for CameraPicture<'_> {
    fn size(&self) -> [u32; 2] {
        self.size
    }

    fn copy(&self, size: [u32; 2]) -> Result<Frame, FrameError> {
        match self.source.dyn_ref::<Uint8Array>() {
            Some(rgba) => Frame::from_rgba_resized(self.size, &rgba.to_vec(), size),
            None => self.reader.read(self.source, size),
        }
    }
}
