//! An `ImageBitmap` to a frame, through one canvas that is kept.
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use super::error::{of_frame, with_code};
use crate::frame::Frame;

/// The canvas through which pixels are read.
pub(super) struct Reader {
    canvas: OffscreenCanvas,
    context: OffscreenCanvasRenderingContext2d,
}

impl Reader {
    pub(super) fn new() -> Result<Self, JsValue> {
        Self::open().map_err(|e| with_code("internal", &format!("this browser gives a worker no 2d canvas: {e:?}")))
    }

    fn open() -> Result<Self, JsValue> {
        let canvas = OffscreenCanvas::new(1, 1)?;
        // The pixels are read every frame: they should stay in main memory, not go to the GPU and back.
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
        let context = canvas.get_context_with_context_options("2d", &options)?;
        let context = context.ok_or("getContext returned null")?;
        Ok(Self { context: context.dyn_into()?, canvas })
    }

    /// Takes and closes the bitmap.
    pub(super) fn read(&self, bitmap: &ImageBitmap) -> Result<Frame, JsValue> {
        let (width, height) = (bitmap.width(), bitmap.height());
        let pixels = self.pixels(bitmap, width, height);
        bitmap.close();
        let pixels =
            pixels.map_err(|e| with_code("unreadable-image", &format!("the picture's pixels cannot be read: {e:?}")))?;
        Frame::from_rgba(width, height, &pixels).map_err(of_frame)
    }

    fn pixels(&self, bitmap: &ImageBitmap, width: u32, height: u32) -> Result<Vec<u8>, JsValue> {
        if (width, height) != (self.canvas.width(), self.canvas.height()) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        self.context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0)?;
        Ok(self.context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height))?.data().0)
    }
}
