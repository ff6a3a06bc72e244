use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Frame;

/// The strides of the detector's coarsest grid: both sides of its input are multiples of this.
const MULTIPLE: u32 = 32;

/// A frame scaled down to the detector's input.
#[derive(Debug, Clone, PartialEq)]
pub struct Letterboxed {
    /// `[3, height, width]`: a plane each of blue, green and red, 0 to 255, padded with 0 at the right and the bottom.
    pub planes: Vec<f32>,
    /// A multiple of 32.
    pub width: u32,
    /// A multiple of 32.
    pub height: u32,
    /// Letterboxed pixels per frame pixel, in `(0, 1]`.
    pub scale: f32,
}

/// Scales a frame down so that its longer side is at most `long_side` (at least 1), and pads it to multiples of 32. Never
/// enlarges. Bilinear over all the pixels that each one covers: means of boxes would leave jagged edges at scales near 1, and
/// move YuNet's landmarks by up to 4 pixels.
pub fn letterbox(frame: &Frame, long_side: u32) -> Letterboxed {
    let longest = frame.width().max(frame.height());
    let scale = (f64::from(long_side.max(1)) / f64::from(longest)).min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let (width, height) = (scaled(frame.width()), scaled(frame.height()));

    if (width, height) == (frame.width(), frame.height()) {
        return pad::<3>(frame.rgb(), width, height, 1.0);
    }
    pad::<4>(&resize(frame, width, height), width, height, scale as f32)
}

/// The frame at another size, four bytes a pixel, of which the last says nothing. In one way natively and in the browser: two that
/// differ by a grey level find faces at other places, and scores move by up to 0.0002.
///
/// Both sizes are at least 1, and a frame has as many bytes as its size says, which is all that could be wrong.
fn resize(frame: &Frame, width: u32, height: u32) -> Vec<u8> {
    let mut pixels = vec![0; frame.rgb().len() / 3 * 4];
    for (to, from) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(frame.rgb().as_chunks::<3>().0) {
        to[..3].copy_from_slice(from);
    }
    let mut resized = Image::new(width, height, PixelType::U8x4);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    ImageRef::new(frame.width(), frame.height(), &pixels, PixelType::U8x4)
        .ok()
        .and_then(|source| Resizer::new().resize(&source, &mut resized, &options).ok())
        .expect("two pictures of four bytes a pixel, neither of them empty");
    resized.into_vec()
}

/// Planes of pixels of `N` bytes, which begin with red, green and blue.
fn pad<const N: usize>(pixels: &[u8], width: u32, height: u32, scale: f32) -> Letterboxed {
    let (padded_width, padded_height) = (width.next_multiple_of(MULTIPLE), height.next_multiple_of(MULTIPLE));
    let stride = padded_width as usize;
    let plane = stride * padded_height as usize;
    let mut planes = vec![0.0; 3 * plane];
    for (y, row) in pixels.chunks_exact(N * width as usize).enumerate() {
        for (x, pixel) in row.as_chunks::<N>().0.iter().enumerate() {
            for (channel, &sample) in pixel[..3].iter().rev().enumerate() {
                planes[channel * plane + y * stride + x] = f32::from(sample);
            }
        }
    }
    Letterboxed { planes, width: padded_width, height: padded_height, scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Frame::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn a_small_frame_is_only_padded() {
        let boxed = letterbox(&gradient(40, 10), 320);
        assert_eq!((boxed.width, boxed.height, boxed.scale), (64, 32, 1.0));
        let at = |channel: usize, y: usize, x: usize| boxed.planes[channel * 64 * 32 + y * 64 + x];
        assert_eq!([at(0, 9, 39), at(1, 9, 39), at(2, 9, 39)], [7.0, 9.0, 39.0]);
        assert_eq!([at(0, 10, 0), at(0, 0, 40)], [0.0, 0.0]);
    }

    #[test]
    fn a_large_frame_is_averaged() {
        // 2 x 2 pixels into one: columns 0 and 1 become 0.5, which rounds either way.
        let boxed = letterbox(&gradient(128, 64), 64);
        assert_eq!((boxed.width, boxed.height, boxed.scale), (64, 32, 0.5));
        for x in 0..64 {
            let red = boxed.planes[2 * 64 * 32 + x];
            assert!((red - (2.0 * x as f32 + 0.5)).abs() <= 0.5, "column {x}: {red}");
        }
    }

    #[test]
    fn every_shape_fits() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (321, 320), (319, 321), (1280, 720), (33, 1000)] {
            let boxed = letterbox(&gradient(width, height), 320);
            assert!(boxed.width <= 320 && boxed.height <= 320);
            assert_eq!((boxed.width % 32, boxed.height % 32), (0, 0));
            assert_eq!(boxed.planes.len(), 3 * (boxed.width * boxed.height) as usize);
            assert!(boxed.scale > 0.0 && boxed.scale <= 1.0);
        }
    }
}
