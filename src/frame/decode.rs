use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::jpeg::{self, Incomplete};
use super::{Found, Frame, FrameError, check_size};

impl Frame {
    /// Decodes a JPEG, PNG or WebP of any bit depth and colour model; the format is detected from the bytes. Uses the first
    /// picture of an animation, turns it upright by its EXIF orientation and drops alpha.
    ///
    /// # Errors
    /// [`FrameError::Format`] for anything else, [`FrameError::TooLarge`], [`FrameError::Damaged`] and
    /// [`FrameError::CutShort`]. The size is checked before the pixels are decoded, so a small file cannot request a lot of
    /// memory.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let (format, name) = recognise(bytes)?;
        let damaged = |source: image::ImageError| FrameError::Damaged { format: name, source: source.into() };

        let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height)?;
        if format == ImageFormat::Jpeg {
            jpeg::check(bytes, [width, height]).map_err(|found| match found {
                Incomplete::NoEnd => FrameError::CutShort,
                Incomplete::Scan { .. } => FrameError::Damaged { format: name, source: found.into() },
            })?;
        }
        // A picture with unreadable EXIF data is still a picture.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        image.apply_orientation(orientation);
        let rgb = image.into_rgb8();
        Self::from_rgb(rgb.width(), rgb.height(), rgb.into_raw())
    }
}

fn recognise(bytes: &[u8]) -> Result<(ImageFormat, &'static str), FrameError> {
    let found = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => return Ok((ImageFormat::Jpeg, "JPEG")),
        Ok(ImageFormat::Png) => return Ok((ImageFormat::Png, "PNG")),
        Ok(ImageFormat::WebP) => return Ok((ImageFormat::WebP, "WebP")),
        Ok(other) => Found::Other(format!("{other:?}")),
        Err(_) if bytes.is_empty() => Found::Nothing,
        Err(_) if bytes.get(4..8) == Some(b"ftyp") => Found::Heic,
        Err(_) => Found::Unknown,
    };
    Err(FrameError::Format { found })
}
