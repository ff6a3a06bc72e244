//! What `build.rs` makes of the model cards and their ONNX files: the cards as constants, the networks as burn code.
use burn::tensor::{Device, Tensor};
use serfiq_models::Network;

use super::{
    ModelError,
    card::{Dropout, Input, ModelCalibration, ModelCard, Role},
    network::{DetectorNetwork, DetectorTensors, Parameter, Trunk, load},
};
use crate::score::Calibration;

/// Makes a network of the graph's constants, which it takes, on a device.
type Load<N> = fn(&mut Network, &Device) -> Result<Box<N>, ModelError>;

/// A recogniser that this build knows.
pub(crate) struct Recogniser {
    pub(crate) card: &'static ModelCard,
    pub(crate) trained_with_dropout: bool,
    pub(crate) load: Load<dyn Trunk>,
}

/// The detector that this build knows.
pub(crate) struct Detector {
    pub(crate) card: &'static ModelCard,
    pub(crate) load: Load<dyn DetectorNetwork>,
}

#[allow(missing_docs, unused, clippy::all, clippy::pedantic)]
mod code {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/models.rs"));
}
pub(crate) use code::{CARDS, DETECTOR, RECOGNISERS};
