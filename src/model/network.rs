//! The networks that `burn-onnx` wrote, behind two small traits, and the loading of their weights.
use burn::tensor::{Bytes, DType, Tensor};
use burn_store::{ModuleSnapshot, burn_pack};
use serfiq_models::Network;

use super::ModelError;

/// The part of a recogniser before the dropout.
pub(crate) trait Trunk: Send + Sync {
    /// Crops `[1, 3, 112, 112]`, scaled as card and graph say, to features `[1, features]`.
    fn features(&self, crop: Tensor<4>) -> Tensor<2>;
}

/// A detector.
pub(crate) trait DetectorNetwork: Send + Sync {
    /// Picture `[1, 3, height, width]`, both multiples of 32, to the outputs.
    fn detect(&self, picture: Tensor<4>) -> DetectorTensors;
}

/// cls, obj, bbox and kps, each at strides 8, 16 and 32: `[1, cells, 1 | 1 | 4 | 10]`, in this order.
pub(crate) type DetectorTensors = [Tensor<3>; 12];

/// A parameter of the burn module, and the constant of the ONNX graph that it is.
pub(crate) struct Parameter {
    /// Path in the module, such as `conv2d1.weight`.
    pub(crate) path: &'static str,
    /// Name in the imported graph.
    pub(crate) constant: &'static str,
    /// Shape in the module; the constant's, but for dimensions of 1.
    pub(crate) shape: &'static [usize],
}

/// Puts the graph's constants into the module's parameters, each of which must be found.
pub(crate) fn load<M: ModuleSnapshot>(
    mut module: M,
    name: &'static str,
    parameters: &[Parameter],
    network: &mut Network,
) -> Result<M, ModelError> {
    let misfit = |problem: String| ModelError::Misfit { model: name, problem };
    let mut tensors = Vec::with_capacity(parameters.len());
    for Parameter { path, constant, shape } in parameters {
        // Taken out, not copied: a constant is in memory once on its way to the device.
        let weight = network.weights.remove(*constant).ok_or_else(|| misfit(format!("it has no constant `{constant}`")))?;
        if weight.values.len() != shape.iter().product::<usize>() {
            return Err(misfit(format!("its constant `{constant}` has shape {:?}; expected {shape:?}", weight.shape)));
        }
        let bytes = Bytes::from_elems(weight.values);
        tensors.push(burn_pack::Tensor::new((*path).to_owned(), DType::F32, shape.to_vec(), None, bytes));
    }
    let result = module.apply(tensors, None, None, false);
    if !(result.is_success() && result.missing.is_empty() && result.unused.is_empty()) {
        return Err(misfit(result.to_string()));
    }
    Ok(module)
}
