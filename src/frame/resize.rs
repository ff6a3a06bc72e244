use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedCroppedImage, TypedImage, TypedImageRef},
    pixels::U8x3,
};

use super::Region;

/// Resizes a part of a frame to `[width, height]` pixels, at least 1 each: bilinear, over all the pixels that each new one covers. Native and
/// browser builds share this code: a difference of one grey level moves the detected faces, and scores by up to 0.0002.
pub(crate) fn resize(region: Region<'_>, [width, height]: [u32; 2]) -> Vec<u8> {
    let frame = region.frame();
    let [left, top] = region.corner().map(|at| at as u32);
    let (region_width, region_height) = (region.width() as u32, region.height() as u32);
    let mut rgb = vec![0; 3 * width as usize * height as usize];
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    let source = TypedImageRef::<U8x3>::from_buffer(frame.width(), frame.height(), frame.rgb()).ok();
    source
        .and_then(|source| TypedCroppedImage::new(source, left, top, region_width, region_height).ok())
        .zip(TypedImage::<U8x3>::from_buffer(width, height, &mut rgb).ok())
        .and_then(|(source, mut target)| Resizer::new().resize_typed(&source, &mut target, &options).ok())
        .expect("a region lies within its frame, and both pictures have three bytes a pixel");
    rgb
}
