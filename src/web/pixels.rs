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

    /// The pixels of a bitmap, which stays open.
    pub(super) fn read(&self, bitmap: &ImageBitmap) -> Result<Frame, JsValue> {
        self.read_at(bitmap, bitmap.width(), bitmap.height())
    }

    /// A copy of a bitmap, which stays open, whose long side is `long_side` pixels at most; and how many times as large the bitmap
    /// is.
    pub(super) fn read_smaller(&self, bitmap: &ImageBitmap, long_side: u32) -> Result<(Frame, f32), JsValue> {
        let (width, height) = (bitmap.width(), bitmap.height());
        let long = width.max(height);
        if long <= long_side {
            return Ok((self.read(bitmap)?, 1.0));
        }
        let scale = f64::from(long_side) / f64::from(long);
        let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).max(1);
        Ok((self.read_at(bitmap, side(width), side(height))?, (1.0 / scale) as f32))
    }

    fn read_at(&self, bitmap: &ImageBitmap, width: u32, height: u32) -> Result<Frame, JsValue> {
        let pixels = self.pixels(bitmap, width, height);
        let pixels =
            pixels.map_err(|e| with_code("unreadable-image", &format!("the picture's pixels cannot be read: {e:?}")))?;
        Frame::from_rgba(width, height, &pixels).map_err(of_frame)
    }

    fn pixels(&self, bitmap: &ImageBitmap, width: u32, height: u32) -> Result<Vec<u8>, JsValue> {
        let (across, down) = (f64::from(width), f64::from(height));
        if (width, height) != (self.canvas.width(), self.canvas.height()) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        // What shines through a picture is black, and not the picture before.
        self.context.clear_rect(0.0, 0.0, across, down);
        self.context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, across, down)?;
        Ok(self.context.get_image_data(0.0, 0.0, across, down)?.data().0)
    }
}
