use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// Resizes a picture of four bytes a pixel, the last of them unused. Native and browser builds share this code: a difference of one grey
/// level moves the detected faces, and scores by up to 0.0002.
///
/// Both sizes must be at least 1, and the bytes must match `from`; nothing else can fail.
pub(crate) fn resize(pixels: &[u8], from: [u32; 2], to: [u32; 2]) -> Vec<u8> {
    let mut resized = Image::new(to[0], to[1], PixelType::U8x4);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    ImageRef::new(from[0], from[1], pixels, PixelType::U8x4)
        .ok()
        .and_then(|source| Resizer::new().resize(&source, &mut resized, &options).ok())
        .expect("both pictures have four bytes a pixel and are not empty");
    resized.into_vec()
}
