//! Maps positions on a resized axis back to positions on the input axis.
//!
//! Coordinates are `f32`, as in onnxruntime: where one falls exactly between two values, its rounding error decides.

/// An axis that is resized.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) old: usize,
    pub(super) new: usize,
    /// The ratio of new to old length, before the new length was rounded.
    pub(super) scale: f32,
}

/// `coordinate_transformation_mode`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    /// As `HalfPixel`, but 0 if the new length is 1.
    PytorchHalfPixel,
    /// Maps the first value to the first and the last to the last.
    AlignCorners,
    Asymmetric,
    HalfPixelForNearest,
    /// As `AlignCorners`, for a part of the axis: start and end as fractions.
    CropAndResize([f32; 2]),
}

/// `nearest_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    PreferFloor,
    PreferCeil,
    Floor,
    Ceil,
}

impl Coordinates {
    /// Parses the ONNX name. `part` is the axis's entry in `roi`.
    pub(super) fn of(name: &str, part: [f32; 2]) -> Option<Self> {
        Some(match name {
            "half_pixel" => Self::HalfPixel,
            "half_pixel_symmetric" => Self::HalfPixelSymmetric,
            "pytorch_half_pixel" => Self::PytorchHalfPixel,
            "align_corners" => Self::AlignCorners,
            "asymmetric" => Self::Asymmetric,
            "tf_half_pixel_for_nn" => Self::HalfPixelForNearest,
            "tf_crop_and_resize" => Self::CropAndResize(part),
            _ => return None,
        })
    }

    /// The position on the old axis of the value at `index` on the new one.
    fn original(self, index: usize, Axis { old, new, scale }: Axis) -> f32 {
        let (index, old, new) = (index as f32, old as f32, new as f32);
        match self {
            Self::HalfPixel => (index + 0.5) / scale - 0.5,
            Self::HalfPixelSymmetric => {
                // Rounding changed the new length; both ends share the difference.
                let adjustment = new / (scale * old);
                old / 2.0 * (1.0 - adjustment) + (index + 0.5) / scale - 0.5
            }
            Self::PytorchHalfPixel if new > 1.0 => (index + 0.5) / scale - 0.5,
            Self::PytorchHalfPixel => 0.0,
            Self::AlignCorners if new > 1.0 => index * (old - 1.0) / (new - 1.0),
            Self::AlignCorners => 0.0,
            Self::Asymmetric => index / scale,
            Self::HalfPixelForNearest => (index + 0.5) / scale,
            Self::CropAndResize([start, end]) if new > 1.0 => {
                start * (old - 1.0) + index * (end - start) * (old - 1.0) / (new - 1.0)
            }
            Self::CropAndResize([start, end]) => 0.5 * (start + end) * (old - 1.0),
        }
    }

    /// Whether all positions lie on the old axis. Only `CropAndResize` can leave it on purpose; the other modes clamp.
    pub(super) fn is_within(self, axis: Axis) -> bool {
        let inside = |index: usize| (0.0..=(axis.old - 1) as f32).contains(&self.original(index, axis));
        !matches!(self, Self::CropAndResize(_)) || inside(0) && inside(axis.new - 1)
    }

    /// For each value of the new axis, the index of the nearest value of the old one.
    pub(super) fn nearest(self, axis: Axis, rounding: Rounding) -> Vec<usize> {
        let nearest = |index: usize| {
            let place = rounding.round(self.original(index, axis));
            // The cast turns negative positions into 0.
            (place as usize).min(axis.old - 1)
        };
        (0..axis.new).map(nearest).collect()
    }

    /// A matrix `[new, old]` of linear interpolation: each row holds the weights of two neighbours.
    pub(super) fn linear(self, axis: Axis) -> Vec<f32> {
        let mut factors = vec![0.0; axis.new * axis.old];
        for (index, row) in factors.chunks_exact_mut(axis.old).enumerate() {
            let place = self.original(index, axis).clamp(0.0, (axis.old - 1) as f32);
            let before = place as usize;
            let share = place - before as f32;
            row[before] += 1.0 - share;
            row[(before + 1).min(axis.old - 1)] += share;
        }
        factors
    }
}

impl Rounding {
    /// Parses the ONNX name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "round_prefer_floor" => Self::PreferFloor,
            "round_prefer_ceil" => Self::PreferCeil,
            "floor" => Self::Floor,
            "ceil" => Self::Ceil,
            _ => return None,
        })
    }

    fn round(self, place: f32) -> f32 {
        match self {
            Self::PreferFloor => (place - 0.5).ceil(),
            Self::PreferCeil => (place + 0.5).floor(),
            Self::Floor => place.floor(),
            Self::Ceil => place.ceil(),
        }
    }
}
