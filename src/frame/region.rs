use super::Frame;

/// A rectangle of at least one pixel, entirely within a frame.
#[derive(Debug, Clone, Copy)]
pub struct Region<'a> {
    frame: &'a Frame,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl<'a> Region<'a> {
    /// A whole frame.
    pub fn whole(frame: &'a Frame) -> Self {
        Self { frame, left: 0, top: 0, width: frame.width() as usize, height: frame.height() as usize }
    }

    /// The part of a rectangle, `[x, y, width, height]` in pixels, that lies within a frame, to the nearest pixel; `None` if none does.
    pub fn within(frame: &'a Frame, [x, y, width, height]: [f32; 4]) -> Option<Self> {
        let (left, width) = span(x, x + width, frame.width())?;
        let (top, height) = span(y, y + height, frame.height())?;
        Some(Self { frame, left, top, width, height })
    }

    /// The frame.
    pub(crate) fn frame(&self) -> &'a Frame {
        self.frame
    }

    /// Its upper left corner, in pixels of the frame.
    pub fn corner(&self) -> [f32; 2] {
        [self.left as f32, self.top as f32]
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The rows from the top, each as `[width, 3]` samples of red, green and blue.
    pub fn rows(&self) -> impl Iterator<Item = &'a [u8]> {
        let Self { frame, left, top, width, height } = *self;
        frame
            .rgb()
            .chunks_exact(3 * frame.width() as usize)
            .skip(top)
            .take(height)
            .map(move |row| &row[3 * left..][..3 * width])
    }
}

/// Start and length of the part of a line that lies within `0..length`.
fn span(from: f32, to: f32, length: u32) -> Option<(usize, usize)> {
    // The cast turns NaN into 0.
    let [from, to] = [from, to].map(|end| end.round().clamp(0.0, length as f32) as usize);
    (to > from).then(|| (from, to - from))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 4 x 3 pixels; red counts the columns, green the rows.
    fn frame() -> Frame {
        Frame::from_rgb(4, 3, (0..3).flat_map(|y| (0..4).flat_map(move |x| [x, y, 0])).collect()).unwrap()
    }

    #[test]
    fn a_region_is_cut_to_the_frame() {
        let frame = frame();
        let size = |bounds| Region::within(&frame, bounds).map(|region| (region.width(), region.height()));
        assert_eq!(size([0.0, 0.0, 4.0, 3.0]), Some((4, 3)));
        assert_eq!(size([-2.0, 1.4, 3.0, 100.0]), Some((1, 2)));
        assert_eq!(size([f32::MIN, f32::MIN, f32::INFINITY, f32::INFINITY]), Some((4, 3)));
        for nothing in [[4.0, 0.0, 2.0, 2.0], [0.0, -2.0, 2.0, 2.0], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, -1.0, 1.0]] {
            assert_eq!(size(nothing), None, "{nothing:?}");
        }
        assert_eq!(size([f32::NAN, 0.0, 1.0, 1.0]), None);
        assert_eq!(size([0.0, 0.0, 1.0, f32::NAN]), None);
    }

    #[test]
    fn rows_hold_the_pixels() {
        let frame = frame();
        let rows: Vec<&[u8]> = Region::within(&frame, [1.0, 1.0, 2.0, 2.0]).unwrap().rows().collect();
        assert_eq!(rows, [[1, 1, 0, 2, 1, 0], [1, 2, 0, 2, 2, 0]]);
        assert_eq!(Region::whole(&frame).rows().flatten().copied().collect::<Vec<u8>>(), frame.rgb());
    }
}
