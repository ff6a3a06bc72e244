use serfiq_network::ImportError;

/// Why a model cannot be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The ONNX file cannot be used.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The detector's network has a different number of outputs than its kind.
    #[error("the detector has {found} outputs; expected {expected}, those of YuNet 2023: fetch the file that its card names")]
    Outputs {
        /// Number of outputs found.
        found: usize,
        /// Number of outputs expected.
        expected: usize,
    },
    /// A file that is not the face mesh.
    #[error("{file} is not the face mesh: {problem}. Fetch the file that its card names")]
    Landmarks {
        /// Name of the file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Neither the network nor its card says how pixels are scaled.
    #[error(
        "the recogniser {model} does not scale its pixels itself; say in its card how: `[input]` with `mean` and `scale`, 127.5 and \
         0.0078431 for values from -1 to 1, on which most recognisers were trained (docs/own-recogniser.md)"
    )]
    Normalisation {
        /// Name of the recogniser.
        model: String,
    },
    /// WebGPU was requested but is unavailable.
    #[error("WebGPU cannot be used: {0}. Choose the CPU, or `auto`, which uses the CPU if need be")]
    NoWebGpu(String),
    /// The GPU stopped working while in use.
    #[error("{0}. Load the engine again; on the CPU if it happens again")]
    GpuLost(String),
    /// A result could not be read back from the device.
    #[error("the device gave no result: {0}. Load the engine again; on the CPU if it happens again")]
    Device(String),
    /// The limit needs a constant that only a calibration provides.
    #[error(
        "the recogniser {model} has no calibration, which the limit needs; use Monte Carlo (method `mc`), or calibrate it on \
         pictures (docs/own-recogniser.md)"
    )]
    Uncalibrated {
        /// Name of the recogniser.
        model: String,
    },
    /// The features of the recogniser do not lie on the face, so its scores cannot be explained by parts of the face.
    #[error(
        "the scores of the recogniser {model} cannot be explained: its features before the last layer are a list, not a grid over the \
         face (docs/explain.md)"
    )]
    NoGrid {
        /// Name of the recogniser.
        model: String,
    },
    /// The card describes other cells than the network has.
    #[error(
        "the card of the recogniser {model} describes {} x {} cells, but its features are {}; remove `[cells]`, and calibrate it again",
        card[0], card[1], network.map_or("no grid".to_owned(), |[rows, columns]| format!("a grid of {rows} x {columns}"))
    )]
    Cells {
        /// Name of the recogniser.
        model: String,
        /// Rows and columns in the card.
        card: [usize; 2],
        /// Rows and columns of the network's features; `None` if they lie on no grid.
        network: Option<[usize; 2]>,
    },
    /// The computation is available on the CPU only.
    #[error("{what} is computed only on the CPU; choose that backend")]
    NeedsCpu {
        /// The requested computation.
        what: &'static str,
    },
    /// The dropout masks or the score cannot be computed.
    #[error(transparent)]
    Score(#[from] serfiq_score::ScoreError),
}
