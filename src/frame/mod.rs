//! Pixels in: a [`Frame`] is valid by construction, so that nothing behind it checks again. Measures of them: [`light()`] and
//! [`sharpness()`] of a [`Region`].

mod decode;
mod error;
mod letterbox;
mod light;
mod region;
mod sharpness;

use image::RgbImage;

pub use error::FrameError;
pub use letterbox::{Letterboxed, letterbox};
pub use light::{Light, light, mean_luminance};
pub use region::Region;
pub use sharpness::sharpness;

/// A picture: RGB, 8 bits a channel, rows from the top, `[height, width, 3]`, 1 to [`Frame::MAX_PIXELS`] pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pixels: RgbImage,
}

impl Frame {
    /// 64 megapixels: more than the cameras that take portraits have, and 192 MB of pixels.
    pub const MAX_PIXELS: u64 = 64_000_000;

    /// A frame from interleaved RGB, `[height, width, 3]`.
    ///
    /// # Errors
    /// [`FrameError::Empty`], [`FrameError::TooLarge`] or [`FrameError::Length`].
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, FrameError> {
        check_size(width, height)?;
        let (expected, found) = (byte_count(width, height, 3), rgb.len());
        RgbImage::from_raw(width, height, rgb)
            .filter(|_| found == expected)
            .map(|pixels| Self { pixels })
            .ok_or(FrameError::Length { width, height, channels: 3, expected, found })
    }

    /// A frame from interleaved RGBA with straight alpha, `[height, width, 4]`, as canvases give it. The alpha is dropped,
    /// as it is when a picture is decoded.
    ///
    /// # Errors
    /// As [`Frame::from_rgb`].
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Self, FrameError> {
        check_size(width, height)?;
        let (expected, found) = (byte_count(width, height, 4), rgba.len());
        if found != expected {
            return Err(FrameError::Length { width, height, channels: 4, expected, found });
        }
        Self::from_rgb(width, height, rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect())
    }

    /// Pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// The samples, `[height, width, 3]`.
    pub fn rgb(&self) -> &[u8] {
        self.pixels.as_raw()
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} x {})", self.width(), self.height())
    }
}

fn check_size(width: u32, height: u32) -> Result<(), FrameError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(FrameError::Empty { width, height }),
        pixels if pixels > Frame::MAX_PIXELS => Err(FrameError::TooLarge { width, height }),
        _ => Ok(()),
    }
}

/// Only after [`check_size`], so that the product fits into 32 bits.
fn byte_count(width: u32, height: u32, channels: usize) -> usize {
    width as usize * height as usize * channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rgba_loses_its_alpha_only() {
        let frame = Frame::from_rgba(2, 1, &[1, 2, 3, 0, 4, 5, 6, 255]).unwrap();
        assert_eq!((frame.width(), frame.height()), (2, 1));
        assert_eq!(frame.rgb(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn wrong_sizes_are_errors() {
        assert!(matches!(Frame::from_rgb(0, 4, vec![]), Err(FrameError::Empty { .. })));
        assert!(matches!(Frame::from_rgb(u32::MAX, u32::MAX, vec![]), Err(FrameError::TooLarge { .. })));
        assert!(matches!(Frame::from_rgb(2, 2, vec![0; 11]), Err(FrameError::Length { expected: 12, found: 11, .. })));
        assert!(matches!(Frame::from_rgba(2, 2, &[0; 12]), Err(FrameError::Length { expected: 16, .. })));
    }
}
