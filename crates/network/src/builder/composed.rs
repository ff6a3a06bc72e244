use super::Builder;
use crate::{
    ImportError,
    network::{Binary, Reduction, Unary, ValueId},
};

impl Builder {
    /// `scale * x + shift`.
    pub fn scale_shift(&mut self, x: ValueId, scale: f32, shift: f32) -> Result<ValueId, ImportError> {
        let mut result = x;
        if scale != 1.0 {
            let scale = self.scalar(scale);
            result = self.binary(Binary::Mul, result, scale)?;
        }
        if shift != 0.0 {
            let shift = self.scalar(shift);
            result = self.binary(Binary::Add, result, shift)?;
        }
        Ok(result)
    }

    /// `scale * x + shift`, clamped to 0..1.
    pub fn hard_sigmoid(&mut self, x: ValueId, scale: f32, shift: f32) -> Result<ValueId, ImportError> {
        let line = self.scale_shift(x, scale, shift)?;
        self.clamp(line, 0.0, 1.0)
    }

    /// `x * hard_sigmoid(x / 6 + 1/2)`.
    pub fn hard_swish(&mut self, x: ValueId) -> Result<ValueId, ImportError> {
        let gate = self.hard_sigmoid(x, 1.0 / 6.0, 0.5)?;
        self.binary(Binary::Mul, x, gate)
    }

    /// `x * (1 + erf(x / sqrt 2)) / 2`, or its approximation `x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2`.
    pub fn gelu(&mut self, x: ValueId, approximate: bool) -> Result<ValueId, ImportError> {
        let gate = if approximate {
            let root = (2.0 / std::f32::consts::PI).sqrt();
            let square = self.binary(Binary::Mul, x, x)?;
            let factor = self.scale_shift(square, 0.044_715 * root, root)?;
            let inner = self.binary(Binary::Mul, factor, x)?;
            self.unary(Unary::Tanh, inner)?
        } else {
            let inner = self.scale_shift(x, std::f32::consts::FRAC_1_SQRT_2, 0.0)?;
            self.unary(Unary::Erf, inner)?
        };
        let gate = self.scale_shift(gate, 0.5, 0.5)?;
        self.binary(Binary::Mul, x, gate)
    }

    /// `(x - mean) / sqrt(variance + epsilon)`, with mean and variance over some axes.
    pub fn standardise(&mut self, x: ValueId, axes: &[usize], epsilon: f32) -> Result<ValueId, ImportError> {
        let mean = self.reduce(Reduction::Mean, x, axes)?;
        let centred = self.binary(Binary::Sub, x, mean)?;
        let squares = self.binary(Binary::Mul, centred, centred)?;
        let variance = self.reduce(Reduction::Mean, squares, axes)?;
        let variance = self.scale_shift(variance, 1.0, epsilon)?;
        let deviation = self.unary(Unary::Sqrt, variance)?;
        self.binary(Binary::Div, centred, deviation)
    }
}
