use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// Pixels of four bytes, of which the last says nothing, as a picture of another size. In one way natively and in the browser: two that
/// differ by a grey level find faces at other places, and scores move by up to 0.0002.
///
/// Both sizes are at least 1, and there are as many bytes as `from` says, which is all that could be wrong.
pub(crate) fn resize(pixels: &[u8], from: [u32; 2], to: [u32; 2]) -> Vec<u8> {
    let mut resized = Image::new(to[0], to[1], PixelType::U8x4);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    ImageRef::new(from[0], from[1], pixels, PixelType::U8x4)
        .ok()
        .and_then(|source| Resizer::new().resize(&source, &mut resized, &options).ok())
        .expect("two pictures of four bytes a pixel, neither of them empty");
    resized.into_vec()
}
