//! The head as compute shaders.
//!
//! A matrix product of 100 rows would keep four workgroups busy and leave the rest of a GPU idle. Here the features are cut
//! into parts, each of which sums its products for all rows of `W` and all passes, and a second kernel adds up the parts. `W`
//! is read once for 32 passes, whose masks are the bits of one word.
use std::sync::Arc;

use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::prelude::*;
use serfiq_kernels::head::Moments;

use super::Kept;
use crate::{
    model::{
        ModelError,
        device_tensors::{DeviceTensors, primitive},
    },
    score::DropoutMasks,
};

/// Units in a workgroup, which every device has.
const UNITS: u32 = 64;
/// Passes in a word of masks.
const WORD: u32 = 32;
/// Parts times words: enough workgroups for every GPU, few enough that adding them up costs next to nothing.
const PARTS_OF_ALL_WORDS: u32 = 1024;
const MOST_PARTS: u32 = 256;
/// Features whose moments one unit adds up.
const RUN: usize = 8;
/// Rows of `W` in a word of [`Columns`], four bits each.
const ROWS: usize = 8;
/// The largest weight in four bits.
const MOST_WEIGHT: f32 = 7.0;

pub(super) struct WebGpuHead {
    tensors: DeviceTensors,
    /// `W`, turned: `[features, dimension]`, so that neighbouring units read neighbouring numbers.
    weight: CubeTensor,
    bias: CubeTensor,
    columns: Columns,
    /// One pass, which keeps every feature.
    all: MaskWords,
    masks: Kept<MaskWords>,
    dimension: usize,
    features: usize,
}

/// `W` once more for the variance along the mean, column by column, each rounded to four bits in steps of its own: an eighth of the
/// bytes of `W`, as on the CPU, where the error is explained (`serfiq_kernels::head::Head::moments`).
struct Columns {
    /// `[dimension / ROWS, features]`, so that neighbouring units read neighbouring words.
    words: CubeTensor,
    /// The step of each column.
    steps: CubeTensor,
    /// `|W_:j|^2` of each column j.
    energy: CubeTensor,
}

/// Masks on the device, `[features, words]`: bit i of word w is pass `32 w + i`.
struct MaskWords {
    words: CubeTensor,
    count: u32,
    /// Passes in each word: 32, or 1 where there is only one.
    passes: u32,
}

impl WebGpuHead {
    pub(super) fn new(head: &serfiq_models::Head, device: &Device) -> Result<Self, ModelError> {
        let &serfiq_models::Head { dimension, features, .. } = head;
        let tensors = DeviceTensors::of(device)?;
        let turned: Vec<f32> = (0..features).flat_map(|j| (0..dimension).map(move |i| head.weight[i * features + j])).collect();
        Ok(Self {
            weight: tensors.floats(&turned),
            bias: tensors.floats(&head.bias),
            columns: columns(&tensors, head),
            all: MaskWords { words: tensors.integers(&vec![1; features], DType::U32), count: 1, passes: 1 },
            masks: Kept::default(),
            dimension,
            features,
            tensors,
        })
    }

    /// `[1, dimension]`.
    pub(super) fn embed(&self, features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        let embedding = self.tensors.empty(self.dimension);
        self.masked(&primitive(features)?, &self.all, 1.0, &embedding, 1);
        Ok(tensor(embedding))
    }

    /// `[1, passes x dimension]`.
    pub(super) fn passes(&self, features: Tensor<2>, masks: &DropoutMasks) -> Result<Tensor<2>, ModelError> {
        let words: Arc<MaskWords> = self.masks.get(masks, |masks| self.mask_words(masks));
        let passes = masks.passes() as usize;
        let embeddings = self.tensors.empty(passes * self.dimension);
        self.masked(&primitive(features)?, &words, masks.scale(), &embeddings, passes);
        Ok(tensor(embeddings))
    }

    /// The mean, and behind it the trace and the variance along the mean, each in sums of [`RUN`] features.
    pub(super) fn moments(&self, features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        let features = primitive(features)?;
        let runs = self.features.div_ceil(RUN);
        let moments = self.tensors.empty(self.dimension + 2 * runs);
        self.masked(&features, &self.all, 1.0, &moments, 1);
        moment_sums::launch(
            &self.tensors.client,
            CubeCount::new_1d((runs as u32).div_ceil(UNITS)),
            CubeDim::new_1d(UNITS),
            features.into_buffer_arg(),
            self.columns.words.clone().into_buffer_arg(),
            self.columns.steps.clone().into_buffer_arg(),
            self.columns.energy.clone().into_buffer_arg(),
            moments.clone().into_buffer_arg(),
            self.dimension,
            runs,
        );
        Ok(tensor(moments))
    }

    /// What [`moments`](Self::moments) wrote, added up.
    pub(super) fn read_moments(&self, mut mean: Vec<f32>) -> Result<Moments, ModelError> {
        let expected = self.dimension + 2 * self.features.div_ceil(RUN);
        if mean.len() != expected {
            return Err(ModelError::Device(format!("{} numbers came back; expected {expected}", mean.len())));
        }
        let sums = mean.split_off(self.dimension);
        let sum = |which: usize| sums.iter().skip(which).step_by(2).map(|&sum| f64::from(sum)).sum::<f64>();
        let length_squared: f64 = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
        // A mean of no length has no direction; `limit` says so.
        let along: f64 = sum(1) / length_squared.max(f64::MIN_POSITIVE);
        Ok(Moments { mean, trace: sum(0), along })
    }

    /// Puts the first `passes` embeddings of masked features into `embeddings`.
    fn masked(&self, features: &CubeTensor, masks: &MaskWords, scale: f32, embeddings: &CubeTensor, passes: usize) {
        let parts = (PARTS_OF_ALL_WORDS / masks.count).clamp(1, MOST_PARTS);
        let run = self.features.div_ceil(parts as usize);
        let part = (masks.count * masks.passes) as usize * self.dimension;
        let sums = self.tensors.empty(parts as usize * part);
        let dimension = self.dimension as u32;
        masked_sums::launch(
            &self.tensors.client,
            CubeCount::new_3d(dimension.div_ceil(UNITS), masks.count, parts),
            CubeDim::new_1d(UNITS),
            features.clone().into_buffer_arg(),
            self.weight.clone().into_buffer_arg(),
            masks.words.clone().into_buffer_arg(),
            sums.clone().into_buffer_arg(),
            self.dimension,
            masks.count as usize,
            run,
            masks.passes as usize,
        );
        let numbers = passes * self.dimension;
        add_parts::launch(
            &self.tensors.client,
            CubeCount::new_1d((numbers as u32).div_ceil(UNITS)),
            CubeDim::new_1d(UNITS),
            sums.into_buffer_arg(),
            self.bias.clone().into_buffer_arg(),
            embeddings.clone().into_buffer_arg(),
            numbers,
            parts as usize,
            part,
            scale,
        );
    }

    fn mask_words(&self, masks: &DropoutMasks) -> MaskWords {
        let count = masks.passes().div_ceil(WORD);
        let mut bits = vec![0_u32; self.features * count as usize];
        for pass in 0..masks.passes() {
            let (word, bit) = ((pass / WORD) as usize, pass % WORD);
            for (four, words) in bits.chunks_mut(4 * count as usize).enumerate() {
                let kept = masks.kept_of_four(pass, four);
                for (index, words) in words.chunks_exact_mut(count as usize).enumerate() {
                    words[word] |= u32::from(kept >> index & 1) << bit;
                }
            }
        }
        MaskWords { words: self.tensors.integers(&bits, DType::U32), count, passes: WORD }
    }
}

fn tensor(primitive: CubeTensor) -> Tensor<2> {
    Tensor::from_primitive::<CubeBackend>(primitive)
}

/// `sums[part, pass, row]`: what the features of a part add to a row of `W x`, under each pass's mask.
///
/// Workgroups: along x rows, along y words of masks, along z parts of `run` features.
#[cube(launch)]
fn masked_sums(
    features: &[f32],
    weight: &[f32],
    masks: &[u32],
    sums: &mut [f32],
    dimension: usize,
    words: usize,
    run: usize,
    #[comptime] passes: usize,
) {
    let row = ABSOLUTE_POS_X as usize;
    if row >= dimension {
        terminate!();
    }
    let word = CUBE_POS_Y as usize;
    let part = CUBE_POS_Z as usize;
    let first = part * run;
    let last = min(first + run, features.len());
    let mut totals = Array::<f32>::new(passes);
    for feature in first..last {
        let product = features[feature] * weight[feature * dimension + row];
        let mask = masks[feature * words + word];
        #[unroll]
        for pass in 0..passes {
            let bit = comptime!(1_u32 << pass);
            totals[pass] += select(mask & bit != 0, product, 0.0);
        }
    }
    #[unroll]
    for pass in 0..passes {
        sums[((part * words + word) * passes + pass) * dimension + row] = totals[pass];
    }
}

/// `embeddings[pass, row] = bias[row] + scale * (the sum over all parts)`, for the first `numbers`.
#[cube(launch)]
fn add_parts(sums: &[f32], bias: &[f32], embeddings: &mut [f32], numbers: usize, parts: usize, part: usize, scale: f32) {
    if ABSOLUTE_POS >= numbers {
        terminate!();
    }
    let mut total = 0.0;
    for index in 0..parts {
        total += sums[index * part + ABSOLUTE_POS];
    }
    embeddings[ABSOLUTE_POS] = bias[ABSOLUTE_POS % bias.len()] + scale * total;
}

/// Reads the mean at the start of `moments`, and writes behind it, for each of `runs` runs of features, the sum of
/// `x_j^2 |W_:j|^2` and the sum of `x_j^2 (W^T mu)_j^2`. The features of a run lie `runs` apart.
#[cube(launch)]
fn moment_sums(
    features: &[f32],
    words: &[i32],
    steps: &[f32],
    energy: &[f32],
    moments: &mut [f32],
    dimension: usize,
    runs: usize,
) {
    if ABSOLUTE_POS >= runs {
        terminate!();
    }
    let mut products = Array::<f32>::new(RUN);
    #[unroll]
    for index in 0..comptime!(RUN) {
        products[index] = 0.0;
    }
    for first in range_stepped(0, dimension, comptime!(ROWS)) {
        // Behind the last row the weights are zero.
        let mut mean = Array::<f32>::new(ROWS);
        #[unroll]
        for row in 0..comptime!(ROWS) {
            mean[row] = moments[min(first + row, dimension - 1)];
        }
        let words_of = first / comptime!(ROWS) * features.len();
        #[unroll]
        for index in 0..comptime!(RUN) {
            let weights = words[words_of + min(index * runs + ABSOLUTE_POS, features.len() - 1)];
            #[unroll]
            for row in 0..comptime!(ROWS) {
                // Four bits, with their sign.
                let weight = (weights << comptime!(28 - 4 * row as i32)) >> 28;
                products[index] += f32::cast_from(weight) * mean[row];
            }
        }
    }
    let mut trace = 0.0;
    let mut along = 0.0;
    #[unroll]
    for index in 0..comptime!(RUN) {
        let feature = index * runs + ABSOLUTE_POS;
        if feature < features.len() {
            let product = products[index] * steps[feature];
            let square = features[feature] * features[feature];
            trace += square * energy[feature];
            along += square * product * product;
        }
    }
    moments[dimension + 2 * ABSOLUTE_POS] = trace;
    moments[dimension + 2 * ABSOLUTE_POS + 1] = along;
}

fn columns(tensors: &DeviceTensors, head: &serfiq_models::Head) -> Columns {
    let features = head.features;
    let rows: Vec<&[f32]> = head.weight.chunks_exact(features).collect();
    let mut words = vec![0_u32; rows.len().div_ceil(ROWS) * features];
    let (mut steps, mut energy) = (Vec::with_capacity(features), Vec::with_capacity(features));
    for feature in 0..features {
        let column = || rows.iter().map(|row| row[feature]);
        let largest = column().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
        let step = if largest > 0.0 { largest / MOST_WEIGHT } else { 1.0 };
        for (row, weight) in column().enumerate() {
            let four_bits = (weight / step).round() as i32 as u32 & 0xf;
            words[row / ROWS * features + feature] |= four_bits << (4 * (row % ROWS));
        }
        steps.push(step);
        energy.push(column().map(|weight| f64::from(weight) * f64::from(weight)).sum::<f64>() as f32);
    }
    let [steps, energy] = [steps, energy].map(|values| tensors.floats(&values));
    Columns { words: tensors.integers(&words, DType::I32), steps, energy }
}
