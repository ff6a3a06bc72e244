use serfiq_models::ImportError;

/// Why a model cannot be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The ONNX file cannot be used.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The ONNX file is not the one this build was made for.
    #[error(
        "the model {model} does not fit this build: {problem}. Build again with the same model files, or fetch those of this build"
    )]
    Misfit {
        /// Name of the model.
        model: &'static str,
        /// What does not fit.
        problem: String,
    },
    /// No model of this name is compiled in.
    #[error("there is no recogniser called `{asked}` in this build; expected one of: {}", known.join(", "))]
    Unknown {
        /// The name that was asked for.
        asked: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// WebGPU was asked for and cannot be had.
    #[error("WebGPU cannot be used: {0}. Choose the CPU, or let the backend be chosen")]
    NoWebGpu(String),
    /// The GPU stopped working while in use.
    #[error("{0}. Load the engine again; on the CPU if it happens again")]
    GpuLost(String),
    /// A result could not be read back from the device.
    #[error("the device gave no result: {0}. Load the engine again; on the CPU if it happens again")]
    Device(String),
    /// The limit needs a number that only a calibration knows.
    #[error(
        "the recogniser {model} has no calibration, without which there is no limit; use Monte Carlo (--method mc), or calibrate \
         it on pictures (`serfiq calibrate --model {model}`)"
    )]
    Uncalibrated {
        /// Name of the recogniser.
        model: &'static str,
    },
    /// Only the CPU can do it.
    #[error("{what} is computed on the CPU only; choose it")]
    NeedsCpu {
        /// What was asked for.
        what: &'static str,
    },
    /// The dropout masks or the score cannot be computed.
    #[error(transparent)]
    Score(#[from] crate::score::ScoreError),
}
