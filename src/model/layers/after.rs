use burn::tensor::Tensor;
use serfiq_kernels::finish::Finish;

use super::{
    activation::relu,
    nn::{BatchNorm, PRelu},
};

/// What follows on a convolution, and is done to its sums before they are written.
#[derive(Debug, Default, Clone, Copy)]
pub struct After<'a> {
    activation: Option<Activation<'a>>,
    norm: Option<&'a BatchNorm>,
}

#[derive(Debug, Clone, Copy)]
enum Activation<'a> {
    Relu,
    PRelu(&'a PRelu),
}

impl<'a> After<'a> {
    pub fn relu() -> Self {
        Self { activation: Some(Activation::Relu), norm: None }
    }

    pub fn prelu(layer: &'a PRelu) -> Self {
        Self { activation: Some(Activation::PRelu(layer)), norm: None }
    }

    /// Then a batch norm.
    pub fn norm(self, layer: &'a BatchNorm) -> Self {
        Self { norm: Some(layer), ..self }
    }

    /// Whether it can be done to sums: ONNX allows a slope for each pixel too.
    pub(super) fn fits(&self, channels: usize) -> bool {
        match self.activation {
            Some(Activation::PRelu(layer)) => [1, channels].contains(&layer.count()),
            _ => true,
        }
    }

    /// Done to what has been written.
    pub(super) fn apply(self, output: Tensor<4>) -> Tensor<4> {
        let output = match self.activation {
            None => output,
            Some(Activation::Relu) => relu(output),
            Some(Activation::PRelu(layer)) => layer.forward(output),
        };
        match self.norm {
            None => output,
            Some(layer) => layer.forward(output),
        }
    }

    /// With the bias of each channel.
    pub(super) fn finishes(self, biases: Vec<f32>) -> Vec<Finish> {
        let mut finishes: Vec<Finish> = biases.into_iter().map(Finish::bias).collect();
        if let Some(activation) = self.activation {
            let slopes = match activation {
                Activation::Relu => vec![0.0],
                Activation::PRelu(layer) => layer.slopes(),
            };
            // One slope for each channel, or one for all.
            finishes.iter_mut().zip(slopes.iter().cycle()).for_each(|(finish, slope)| *finish = finish.then_relu(*slope));
        }
        if let Some(norm) = self.norm {
            finishes
                .iter_mut()
                .zip(norm.affine())
                .for_each(|(finish, [scale, shift])| *finish = finish.then_affine(scale, shift));
        }
        finishes
    }
}
