use thiserror::Error;

/// Why faces could not be found, or a face could not be cut out.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FaceError {
    /// The detector's outputs do not match the input's shape.
    #[error(
        "the detector's output {output} at stride {stride} has {found} values, expected {expected}; \
         the model is not YuNet 2023 or was imported for another input size"
    )]
    OutputLength {
        /// Name of the tensor: `cls`, `obj`, `bbox` or `kps`, as in `GridOutputs`.
        output: &'static str,
        /// Input pixels per cell of its grid: 8, 16 or 32.
        stride: u32,
        /// Number of values expected: the cells of the grid times the values per cell.
        expected: usize,
        /// Number of values found.
        found: usize,
    },

    /// The input is not a whole number of the coarsest cells.
    #[error("the detector's input is {width} x {height} pixels; both sides must be positive multiples of 32")]
    InputSize {
        /// Width found, in pixels; expected a positive multiple of 32.
        width: u32,
        /// Height found, in pixels; expected a positive multiple of 32.
        height: u32,
    },

    /// An invalid scale.
    #[error("the letterbox scale is {scale}; it must be a finite number above 0")]
    Scale {
        /// Scale found, in input pixels per frame pixel; expected a finite number above 0.
        scale: f32,
    },

    /// NaN or infinity in the detector's outputs.
    #[error(
        "the detector's output {output} at stride {stride} holds a value that is not finite; \
         its arithmetic overflowed or its weights are damaged: fetch the model again, or choose another backend"
    )]
    NotFinite {
        /// Name of the tensor: `cls`, `obj`, `bbox` or `kps`, as in `GridOutputs`.
        output: &'static str,
        /// Input pixels per cell of its grid: 8, 16 or 32.
        stride: u32,
    },

    /// Five points that do not form a face.
    #[error(
        "the five landmarks {landmarks:?} do not form a face: they must be finite, spread over at least a pixel, \
         and in the order right eye, left eye, nose, right mouth corner, left mouth corner"
    )]
    Landmarks {
        /// The points found, in frame pixels.
        landmarks: super::Landmarks,
    },

    /// A picture passed as an aligned crop, but of another size.
    #[error(
        "an aligned crop is {size} x {size} pixels, but this picture is {width} x {height}; \
         score it as an ordinary photo, which finds and aligns the face",
        size = super::AlignedCrop::SIZE
    )]
    CropSize {
        /// Width found, in pixels; expected [`AlignedCrop::SIZE`](super::AlignedCrop::SIZE).
        width: u32,
        /// Height found, in pixels; expected [`AlignedCrop::SIZE`](super::AlignedCrop::SIZE).
        height: u32,
    },
}
