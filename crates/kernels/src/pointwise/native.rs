//! Chooses the faster arithmetic for this processor: floats or integers.
use pulp::Arch;

use super::{
    Planes, PlanesMut, ROWS,
    floats::{InFloats, floats},
    tiles::Rows,
};
#[cfg(target_arch = "x86_64")]
use super::{integers::Processor, quantised::QuantisedWeights};
use crate::{epilogue::ChannelEpilogue, parts};

/// Minimum number of output channels at which rounding the input pays off.
#[cfg(target_arch = "x86_64")]
const MIN_QUANTISED: usize = 64;

/// Weights for this processor.
#[derive(Debug, Clone)]
pub(super) enum Weights {
    /// `[rows / 4, input channels, 4]`.
    Floats(Vec<[f32; ROWS]>),
    #[cfg(target_arch = "x86_64")]
    Integers(Processor, QuantisedWeights),
}

impl Weights {
    /// `weight` is `[rows, input channels]`.
    pub fn new(weight: &[f32], channels: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(processor) = Processor::at_hand().filter(|_| weight.len() >= MIN_QUANTISED * channels) {
            return Self::Integers(processor, QuantisedWeights::new(weight, channels));
        }
        Self::Floats(floats(weight, channels))
    }
}

/// Writes `pixels` pixels of each output channel, divided among `threads` threads.
pub(super) fn run(
    weights: &Weights,
    epilogue: &[ChannelEpilogue],
    input: Planes,
    pixels: usize,
    output: PlanesMut,
    threads: usize,
) {
    // No more parts than threads: each packs the input, a few pixels at a time.
    let rows = epilogue.len().div_ceil(threads).next_multiple_of(ROWS);
    let PlanesMut { values, stride } = output;
    let parts = epilogue.chunks(rows).zip(values.chunks_mut(rows * stride)).enumerate();
    parts::each_on(threads, parts, |(part, (epilogue, values))| {
        let rows = Rows { first: part * rows, epilogue, input, pixels, output: PlanesMut { values, stride } };
        match weights {
            Weights::Floats(weights) => Arch::new().dispatch(InFloats { weights, rows }),
            #[cfg(target_arch = "x86_64")]
            Weights::Integers(processor, weights) => processor.run(weights, rows),
        }
    });
}

/// Returns weights for each arithmetic that this processor supports, fastest or not.
#[cfg(test)]
pub(super) fn weights_of_each_kind(weight: &[f32], channels: usize) -> Vec<Weights> {
    #[cfg(not(target_arch = "x86_64"))]
    let integers = {
        serfiq_skips::skip("products of integers", "this processor is not an x86-64");
        []
    };
    #[cfg(target_arch = "x86_64")]
    let integers = Processor::all().into_iter().map(|of| Weights::Integers(of, QuantisedWeights::new(weight, channels)));
    integers.into_iter().chain([Weights::Floats(floats(weight, channels))]).collect()
}
