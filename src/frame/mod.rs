//! Pixels in. A [`Frame`] is valid by construction, so later stages need no checks. Knows nothing of models.

mod decode;
mod error;
mod jpeg;
mod region;
mod resize;
mod scale;

use image::RgbImage;

pub use error::{Found, FrameError};
pub use region::Region;
pub(crate) use resize::resize;
pub use scale::Scale;

/// A picture: RGB, 8 bits a channel, rows from the top, `[height, width, 3]`, 1 to [`Frame::MAX_PIXELS`] pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pixels: RgbImage,
}

impl Frame {
    /// 64 megapixels: more than portrait cameras have, and 192 MB of pixels.
    pub const MAX_PIXELS: u64 = 64_000_000;

    /// Makes a frame from interleaved RGB, `[height, width, 3]`.
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

    /// Makes a frame from interleaved RGBA with straight alpha, `[height, width, 4]`, as canvases provide it. The alpha is dropped, as in
    /// decoding.
    ///
    /// # Errors
    /// As [`Frame::from_rgb`].
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Self, FrameError> {
        check_rgba(width, height, rgba)?;
        let mut rgb = vec![0; byte_count(width, height, 3)];
        for (to, from) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(rgba.as_chunks::<4>().0) {
            to.copy_from_slice(&from[..3]);
        }
        Self::from_rgb(width, height, rgb)
    }

    /// As [`Frame::from_rgba`], resized: bilinear, over all the pixels that each new one covers.
    ///
    /// # Errors
    /// As [`Frame::from_rgb`], for either size.
    pub fn from_rgba_resized([width, height]: [u32; 2], rgba: &[u8], to: [u32; 2]) -> Result<Self, FrameError> {
        if to == [width, height] {
            return Self::from_rgba(width, height, rgba);
        }
        check_rgba(width, height, rgba)?;
        check_size(to[0], to[1])?;
        Self::from_rgba(width, height, rgba)?.resized(to)
    }

    /// Returns a copy turned to the right by a quarter.
    pub(crate) fn turned(&self) -> Self {
        Self { pixels: image::imageops::rotate90(&self.pixels) }
    }

    /// Returns a copy resized to `[width, height]` pixels: bilinear, over all the pixels that each new one covers.
    ///
    /// # Errors
    /// [`FrameError::Empty`] or [`FrameError::TooLarge`], for the copy.
    pub fn resized(&self, to: [u32; 2]) -> Result<Self, FrameError> {
        let from = [self.width(), self.height()];
        if to == from {
            return Ok(self.clone());
        }
        check_size(to[0], to[1])?;
        Self::from_rgb(to[0], to[1], resize(Region::whole(self), to))
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels, at least 1.
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

fn check_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<(), FrameError> {
    check_size(width, height)?;
    match (byte_count(width, height, 4), rgba.len()) {
        (expected, found) if found != expected => Err(FrameError::Length { width, height, channels: 4, expected, found }),
        _ => Ok(()),
    }
}

/// Call only after [`check_size`], which ensures that the product fits into 32 bits.
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
    fn another_size_shows_the_same() {
        let rgba: Vec<u8> = (0..40 * 20).flat_map(|pixel| [(pixel % 40 * 6) as u8, (pixel / 40 * 12) as u8, 9, 255]).collect();
        let frame = Frame::from_rgba_resized([40, 20], &rgba, [20, 10]).unwrap();
        assert_eq!((frame.width(), frame.height()), (20, 10));
        for (pixel, rgb) in
            frame.rgb().as_chunks::<3>().0.iter().enumerate().filter(|(pixel, _)| (1..19).contains(&(pixel % 20)))
        {
            let (x, y) = (pixel % 20, pixel / 20);
            assert!(rgb[0].abs_diff((x * 12 + 3) as u8) <= 2 && rgb[2] == 9, "{x} {y}: {rgb:?}");
        }
        assert_eq!(Frame::from_rgba_resized([40, 20], &rgba, [40, 20]).unwrap(), Frame::from_rgba(40, 20, &rgba).unwrap());
        assert_eq!(Frame::from_rgba(40, 20, &rgba).unwrap().resized([20, 10]).unwrap(), frame);
        assert!(matches!(frame.resized([0, 10]), Err(FrameError::Empty { .. })));
        assert!(matches!(Frame::from_rgba_resized([40, 21], &rgba, [20, 10]), Err(FrameError::Length { .. })));
        assert!(matches!(Frame::from_rgba_resized([40, 20], &rgba, [0, 10]), Err(FrameError::Empty { .. })));
    }

    #[test]
    fn wrong_sizes_are_errors() {
        assert!(matches!(Frame::from_rgb(0, 4, vec![]), Err(FrameError::Empty { .. })));
        assert!(matches!(Frame::from_rgb(u32::MAX, u32::MAX, vec![]), Err(FrameError::TooLarge { .. })));
        assert!(matches!(Frame::from_rgb(2, 2, vec![0; 11]), Err(FrameError::Length { expected: 12, found: 11, .. })));
        assert!(matches!(Frame::from_rgba(2, 2, &[0; 12]), Err(FrameError::Length { expected: 16, .. })));
    }
}
