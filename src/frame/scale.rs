/// Maps between a picture and the scaled-down copy that is analysed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    picture: [u32; 2],
    copy: [u32; 2],
    /// Pixels of the copy per pixel of the picture, in `(0, 1]`.
    factor: f64,
}

impl Scale {
    /// Scales a picture of `[width, height]` pixels, each at least 1, down until its longer side has at most `long_side` pixels (at least
    /// 1). Never enlarges.
    pub fn to_fit(picture: [u32; 2], long_side: u32) -> Self {
        let factor = (f64::from(long_side.max(1)) / f64::from(picture[0].max(picture[1]))).min(1.0);
        Self { picture, copy: picture.map(|side| ((f64::from(side) * factor).round() as u32).max(1)), factor }
    }

    /// `[width, height]` of the picture, in pixels.
    pub fn picture(self) -> [u32; 2] {
        self.picture
    }

    /// `[width, height]` of the copy, in pixels.
    pub fn copy(self) -> [u32; 2] {
        self.copy
    }

    /// Pixels of the copy per pixel of the picture, in `(0, 1]`.
    pub fn factor(self) -> f32 {
        self.factor as f32
    }

    /// Converts a length or a coordinate of the copy to pixels of the picture.
    pub fn in_picture(self, length: f32) -> f32 {
        length * (1.0 / self.factor) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let scale = Scale::to_fit([2560, 1920], 640);
        assert_eq!((scale.picture(), scale.copy(), scale.factor()), ([2560, 1920], [640, 480], 0.25));
        assert_eq!(scale.in_picture(100.0), 400.0);
        assert_eq!(Scale::to_fit([320, 240], 640).copy(), [320, 240]);
        assert_eq!(Scale::to_fit([5000, 1], 640).copy(), [640, 1]);
    }

    proptest! {
        /// The copy fits, keeps the picture's shape to half a pixel, and maps back to the picture's edges.
        #[test]
        fn there_and_back(width in 1..9000_u32, height in 1..9000_u32, long_side in 0..2000_u32) {
            let scale = Scale::to_fit([width, height], long_side);
            prop_assert!(scale.copy().iter().all(|side| (1..=long_side.max(1).min(width.max(height))).contains(side)));
            for (copy, picture) in scale.copy().into_iter().zip(scale.picture()).filter(|(copy, _)| *copy > 1) {
                let back = scale.in_picture(copy as f32);
                prop_assert!((back - picture as f32).abs() <= 0.51 * scale.in_picture(1.0), "{back} is not {picture}");
            }
        }
    }
}
