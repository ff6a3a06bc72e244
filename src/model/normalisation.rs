/// The channel values that a network expects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Normalisation {
    /// Channel order: blue, green, red instead of red, green, blue.
    pub(crate) is_bgr: bool,
    /// Subtracted from each value in 0..=255.
    pub(crate) mean: f32,
    /// Factor applied to the difference.
    pub(crate) scale: f32,
}

impl Normalisation {
    /// Red, green, blue, 0 to 255.
    #[cfg(test)]
    pub(crate) const NONE: Self = Self { is_bgr: false, mean: 0.0, scale: 1.0 };

    /// `(value - mean) * scale`.
    pub(crate) fn of(self, value: u8) -> f32 {
        (f32::from(value) - self.mean) * self.scale
    }

    /// [`of`](Self::of) every value.
    pub(crate) fn levels(self) -> [f32; 256] {
        std::array::from_fn(|value| self.of(value as u8))
    }
}
