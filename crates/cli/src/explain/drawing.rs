use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult, RgbImage};
use serfiq::explain::Explanation;
use serfiq::frame::Frame;

use crate::picture::PictureError;

/// The colour of the veil, and its opacity where nothing is read: the face stays recognisable. The web page has the same.
const INK: [f32; 3] = [24.0, 32.0, 64.0];
const MOST: f32 = 0.72;
/// Long side, in pixels, of the pictures in a page.
const LONG_SIDE: u32 = 800;
const JPEG_QUALITY: u8 = 88;

/// A picture with and without a veil over unread parts, small enough for a page.
#[derive(Debug)]
pub struct Drawing {
    /// A JPEG file.
    pub photo: Vec<u8>,
    /// As `photo`; `None` without a face, or if the card has no usual values.
    pub veiled: Option<Vec<u8>>,
    /// Width and height of both.
    pub size: [u32; 2],
}

pub fn for_page(frame: &Frame, explanation: Option<&Explanation>) -> Result<Drawing, PictureError> {
    let long_side = frame.width().max(frame.height());
    let scale = (f64::from(LONG_SIDE) / f64::from(long_side)).min(1.0);
    let size = [frame.width(), frame.height()].map(|side| ((f64::from(side) * scale).round() as u32).max(1));
    let small = frame.resized(size)?;
    let scale = frame.width() as f32 / size[0] as f32;
    let veiled = explanation.and_then(|explanation| veil(&small, explanation, scale));
    Ok(Drawing { photo: jpeg(&pixels(&small))?, veiled: veiled.as_ref().map(jpeg).transpose()?, size })
}

/// The picture with the veil, in its own size, as a PNG file; `None` if the card has no usual values.
pub fn png(frame: &Frame, explanation: &Explanation) -> Result<Option<Vec<u8>>, PictureError> {
    let Some(veiled) = veil(frame, explanation, 1.0) else { return Ok(None) };
    let (width, height) = veiled.dimensions();
    encode(|file| PngEncoder::new(file).write_image(&veiled, width, height, ExtendedColorType::Rgb8)).map(Some)
}

/// Draws the veil; `scale` is the size of a pixel of `frame` in pixels of the explained picture.
fn veil(frame: &Frame, explanation: &Explanation, scale: f32) -> Option<RgbImage> {
    explanation.reading.as_ref()?;
    let mut picture = pixels(frame);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let place = [x, y].map(|place| (place as f32 + 0.5) * scale - 0.5);
        let share = MOST * explanation.unread_at(place).unwrap_or(0.0);
        pixel
            .0
            .iter_mut()
            .zip(INK)
            .for_each(|(value, ink)| *value = (f32::from(*value) * (1.0 - share) + ink * share).round() as u8);
    }
    Some(picture)
}

fn pixels(frame: &Frame) -> RgbImage {
    RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).expect("a frame has all of its pixels")
}

fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, PictureError> {
    encode(|file| JpegEncoder::new_with_quality(file, JPEG_QUALITY).encode_image(picture))
}

fn encode(write: impl FnOnce(&mut Cursor<Vec<u8>>) -> ImageResult<()>) -> Result<Vec<u8>, PictureError> {
    let mut file = Cursor::new(Vec::new());
    write(&mut file).map_err(PictureError::Drawn)?;
    Ok(file.into_inner())
}
