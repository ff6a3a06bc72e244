use crate::{
    frame::{Region, Scale, resize},
    model::Normalisation,
};

/// Both sides of the input are multiples of the stride of the coarsest grid.
const MULTIPLE: u32 = super::STRIDES[2];

/// A region of a frame, scaled down to the detector's input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Letterboxed {
    /// `[3, height, width]`: three planes, normalised, padded with black at the right and the bottom.
    pub(super) planes: Vec<f32>,
    /// A multiple of 32.
    pub(super) width: u32,
    /// A multiple of 32.
    pub(super) height: u32,
    /// Letterboxed pixels per frame pixel, in `(0, 1]`.
    pub(super) scale: f32,
}

/// Scales a region down so that its longer side is at most `long_side` (at least 1), and pads it to multiples of 32. Never enlarges.
/// Bilinear over all the pixels that each new one covers: box means would leave jagged edges at scales near 1, and move YuNet's landmarks
/// by up to 4 pixels.
pub(super) fn letterbox(region: Region<'_>, long_side: u32, normalisation: Normalisation) -> Letterboxed {
    // A frame's sides fit into 32 bits.
    let from = [region.width(), region.height()].map(|side| side as u32);
    let scale = Scale::to_fit(from, long_side);
    let to = scale.copy();
    if to == from {
        return pad(region.rows(), to, 1.0, normalisation);
    }
    let resized = resize(region, to);
    pad(resized.chunks_exact(3 * to[0] as usize), to, scale.factor(), normalisation)
}

/// Makes padded planes from rows of red, green and blue.
fn pad<'a>(
    rows: impl Iterator<Item = &'a [u8]>,
    [width, height]: [u32; 2],
    scale: f32,
    normalisation: Normalisation,
) -> Letterboxed {
    let (padded_width, padded_height) = (width.next_multiple_of(MULTIPLE), height.next_multiple_of(MULTIPLE));
    let stride = padded_width as usize;
    let plane = stride * padded_height as usize;
    let mut planes = vec![normalisation.of(0); 3 * plane];
    let (first, rest) = planes.split_at_mut(plane);
    let (green, third) = rest.split_at_mut(plane);
    let (red, blue) = if normalisation.is_bgr { (third, first) } else { (first, third) };
    let planes_of_rows = red.chunks_exact_mut(stride).zip(green.chunks_exact_mut(stride)).zip(blue.chunks_exact_mut(stride));
    for (((red, green), blue), row) in planes_of_rows.zip(rows) {
        let pixels = red.iter_mut().zip(green).zip(blue).zip(row.as_chunks::<3>().0);
        for (((red, green), blue), pixel) in pixels {
            [*red, *green, *blue] = [pixel[0], pixel[1], pixel[2]].map(|value| normalisation.of(value));
        }
    }
    Letterboxed { planes, width: padded_width, height: padded_height, scale }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    const BGR: Normalisation = Normalisation { is_bgr: true, ..Normalisation::NONE };

    fn gradient(width: u32, height: u32) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Frame::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn a_small_frame_is_only_padded() {
        let boxed = letterbox(Region::whole(&gradient(40, 10)), 320, BGR);
        assert_eq!((boxed.width, boxed.height, boxed.scale), (64, 32, 1.0));
        let at = |channel: usize, y: usize, x: usize| boxed.planes[channel * 64 * 32 + y * 64 + x];
        assert_eq!([at(0, 9, 39), at(1, 9, 39), at(2, 9, 39)], [7.0, 9.0, 39.0]);
        assert_eq!([at(0, 10, 0), at(0, 0, 40)], [0.0, 0.0]);
    }

    #[test]
    fn the_card_says_order_and_range_also_of_the_padding() {
        let normalisation = Normalisation { is_bgr: false, mean: 10.0, scale: 0.5 };
        let boxed = letterbox(Region::whole(&gradient(40, 10)), 320, normalisation);
        let at = |channel: usize, y: usize, x: usize| boxed.planes[channel * 64 * 32 + y * 64 + x];
        assert_eq!([at(0, 9, 39), at(1, 9, 39), at(2, 9, 39)], [14.5, -0.5, -1.5]);
        assert_eq!([at(0, 10, 0), at(0, 0, 40)], [-5.0, -5.0]);
    }

    #[test]
    fn a_large_frame_is_averaged() {
        // 2 x 2 pixels into one: columns 0 and 1 become 0.5, which rounds either way.
        let boxed = letterbox(Region::whole(&gradient(128, 64)), 64, BGR);
        assert_eq!((boxed.width, boxed.height, boxed.scale), (64, 32, 0.5));
        for x in 0..64 {
            let red = boxed.planes[2 * 64 * 32 + x];
            assert!((red - (2.0 * x as f32 + 0.5)).abs() <= 0.5, "column {x}: {red}");
        }
    }

    #[test]
    fn a_region_is_scaled_alone() {
        let region = |frame| letterbox(Region::within(frame, [10.0, 20.0, 64.0, 32.0]).unwrap(), 32, BGR);
        let alone = (20..52).flat_map(|y| (10..74).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        let alone = Frame::from_rgb(64, 32, alone).unwrap();
        assert_eq!(region(&gradient(128, 64)), letterbox(Region::whole(&alone), 32, BGR));
    }

    #[test]
    fn every_shape_fits() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (321, 320), (319, 321), (1280, 720), (33, 1000)] {
            let boxed = letterbox(Region::whole(&gradient(width, height)), 320, BGR);
            assert!(boxed.width <= 320 && boxed.height <= 320);
            assert_eq!((boxed.width % 32, boxed.height % 32), (0, 0));
            assert_eq!(boxed.planes.len(), 3 * (boxed.width * boxed.height) as usize);
            assert!(boxed.scale > 0.0 && boxed.scale <= 1.0);
        }
    }
}
