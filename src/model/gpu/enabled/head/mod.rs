//! The head as compute shaders.
//!
//! A matrix product of 100 rows would keep four workgroups busy and leave the rest of a GPU idle. Here the features are split into parts.
//! Each part sums its products for all rows of `W` and all passes, and a second kernel adds up the parts. `W` is read once for 32 passes,
//! whose masks are the bits of one word. Without masks, each part belongs to one cell, so the sums that explain a score come with it.
use std::sync::Arc;

use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use serfiq_kernels::head::{CellMoments, Cells, MAX_WEIGHT, Moments, column_sizes, quantise_i4, sampled, stride};

use serfiq_score::DropoutMasks;

use super::{
    device_tensors::{DeviceTensors, Weights, primitive},
    shader::Shader,
};
use crate::model::{ModelError, head::LastMasks};

const PLAIN_SUMS: Shader = Shader::new("plain sums", include_str!("plain_sums.wgsl"), [UNITS, 1]);
const MASKED_SUMS: Shader = Shader::new("masked sums", include_str!("masked_sums.wgsl"), [UNITS, 1]);
const ADD_PARTS: Shader = Shader::new("add parts", include_str!("add_parts.wgsl"), [UNITS, 1]);
const MOMENT_SUMS: Shader = Shader::new("moment sums", include_str!("moment_sums.wgsl"), [UNITS, 1]);

/// Units in a workgroup; every device supports this many.
const UNITS: u32 = 64;
/// Passes in a word of masks.
const WORD: usize = 32;
/// Parts times words: enough workgroups for any GPU, and few enough that adding up the parts costs next to nothing.
const PARTS_OF_ALL_WORDS: usize = 1024;
const MAX_PARTS: usize = 256;
/// Sums that [`MOMENT_SUMS`] writes for each part of a cell.
const SUMS: usize = 5;
/// Rows of `W` in a word of [`Columns`], four bits each; `moment_sums.wgsl` relies on it.
const ROWS: usize = 8;

pub(in crate::model) struct GpuHead {
    tensors: DeviceTensors,
    /// `W` transposed, cell by cell: `[cell, channel, dimension]`, so that neighbouring units read neighbouring numbers.
    weight: Weights,
    bias: CubeTensor,
    columns: Columns,
    masks: LastMasks<MaskWords>,
    dimension: usize,
    cells: Cells,
}

/// A second copy of `W`, for the variance along the mean: the sampled columns, in four bits, as on the CPU.
/// `serfiq_kernels::head::HeadKernel::moments` explains the error.
struct Columns {
    /// `[dimension / ROWS, cell, run of channels]`, so that neighbouring units read neighbouring words.
    words: CubeTensor,
    /// The quantisation step of each sampled column.
    steps: CubeTensor,
    /// One in this many columns is sampled.
    stride: usize,
    /// `|W_:j|^2` of each column j of `W`, cell by cell.
    energy: CubeTensor,
}

/// Masks on the device, `[cell, channel, words]`: bit i of word w is pass `32 w + i`.
struct MaskWords {
    words: CubeTensor,
    count: usize,
}

impl GpuHead {
    pub(in crate::model) fn new(head: &serfiq_network::AffineHead, cells: Cells, device: &Device) -> Result<Self, ModelError> {
        let tensors = DeviceTensors::of(device)?;
        let rows: Vec<&[f32]> = head.weight.chunks_exact(head.features).collect();
        Ok(Self {
            weight: tensors.weights(&transposed(&rows, cells)),
            bias: tensors.floats(&head.bias),
            columns: columns(&tensors, &rows, cells),
            masks: LastMasks::default(),
            dimension: head.dimension,
            cells,
            tensors,
        })
    }

    /// `[1, dimension]`.
    pub(in crate::model) fn embed(&self, features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        let embedding = self.tensors.empty(self.dimension);
        self.plain(&primitive(features)?, &embedding);
        Ok(tensor(embedding))
    }

    /// `[1, passes x dimension]`.
    pub(in crate::model) fn passes(&self, features: Tensor<2>, masks: &DropoutMasks) -> Result<Tensor<2>, ModelError> {
        let words: Arc<MaskWords> = self.masks.get(masks, |masks| self.mask_words(masks));
        let passes = masks.passes() as usize;
        let embeddings = self.tensors.empty(passes * self.dimension);
        self.masked(&primitive(features)?, &words, masks.scale(), &embeddings, passes);
        Ok(tensor(embeddings))
    }

    /// Returns the mean, followed by [`SUMS`] numbers for each part of a cell: signal, energy, trace, the sampled features' own trace, and
    /// their variance along the mean.
    pub(in crate::model) fn moments(&self, features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        let features = primitive(features)?;
        let Columns { words, steps, stride, energy } = &self.columns;
        let parts = self.parts_of_cell();
        let moments = self.tensors.empty(self.dimension + SUMS * parts * self.cells.count);
        let sums = self.plain(&features, &moments);
        let [of_cell, of_channel] = self.cells.strides();
        let numbers = [self.dimension, self.cells.channels, of_cell, of_channel, parts, *stride];
        MOMENT_SUMS.launch(&[&features, words, steps, energy, &sums], &moments, &numbers, [1, 1, parts * self.cells.count]);
        Ok(tensor(moments))
    }

    /// Adds up the output of [`moments`](Self::moments).
    pub(in crate::model) fn read_moments(&self, mut mean: Vec<f32>) -> Result<Moments, ModelError> {
        let parts = self.parts_of_cell();
        let expected = self.dimension + SUMS * parts * self.cells.count;
        if mean.len() != expected {
            return Err(ModelError::Device(format!("{} numbers came back; expected {expected}", mean.len())));
        }
        let sums = mean.split_off(self.dimension);
        // A zero mean has no direction, which `limit` reports.
        let length_squared: f64 = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
        let length_squared = length_squared.max(f64::MIN_POSITIVE);
        let mut of_sampled = 0.0;
        let mut of_cell = |parts: &[f32]| {
            let [signal, energy, trace, sampled, along] =
                [0, 1, 2, 3, 4].map(|which| parts.iter().skip(which).step_by(SUMS).map(|&sum| f64::from(sum)).sum::<f64>());
            of_sampled += sampled;
            let signal = signal * f64::from(self.weight.scale) / length_squared.sqrt();
            CellMoments { signal, energy, trace, along: along / length_squared }
        };
        let mut cells: Vec<CellMoments> = sums.chunks_exact(SUMS * parts).map(&mut of_cell).collect();
        let trace = cells.iter().map(|cell| cell.trace).sum::<f64>();
        // Features not sampled are assumed to have the same ratio to the trace.
        cells.iter_mut().for_each(|cell| cell.along *= trace / of_sampled.max(f64::MIN_POSITIVE));
        Ok(Moments { along: cells.iter().map(|cell| cell.along).sum(), trace, mean, cells })
    }

    /// Number of parts in which a cell's features are summed.
    fn parts_of_cell(&self) -> usize {
        (MAX_PARTS / self.cells.count).clamp(1, self.cells.channels)
    }

    /// Writes the embedding without dropout to the start of `embedding`; returns the sums of all parts of the cells, `[part, dimension]`.
    fn plain(&self, features: &CubeTensor, embedding: &CubeTensor) -> CubeTensor {
        let of_cell = self.parts_of_cell();
        let parts = of_cell * self.cells.count;
        let sums = self.tensors.empty(parts * self.dimension);
        let [stride_of_cell, stride_of_channel] = self.cells.strides();
        let numbers = [self.dimension, self.cells.channels, stride_of_cell, stride_of_channel, of_cell];
        let Weights { tensor: weight, precision, scale } = &self.weight;
        PLAIN_SUMS.with(*precision).launch(
            &[features, weight],
            &sums,
            &numbers,
            [self.dimension.div_ceil(UNITS as usize), 1, parts],
        );
        self.add_parts(&sums, parts, self.dimension, *scale, embedding, 1);
        sums
    }

    /// Writes the first `passes` embeddings of masked features to `embeddings`.
    fn masked(&self, features: &CubeTensor, masks: &MaskWords, scale: f32, embeddings: &CubeTensor, passes: usize) {
        let parts = (PARTS_OF_ALL_WORDS / masks.count).clamp(1, MAX_PARTS);
        let run = self.cells.features().div_ceil(parts);
        let part = masks.count * WORD * self.dimension;
        let sums = self.tensors.empty(parts * part);
        let [of_cell, of_channel] = self.cells.strides();
        let numbers = [self.dimension, self.cells.features(), masks.count, run, self.cells.channels, of_cell, of_channel];
        let count = [self.dimension.div_ceil(UNITS as usize), masks.count, parts];
        let Weights { tensor: weight, precision, scale: scale_of_weights } = &self.weight;
        MASKED_SUMS.with(*precision).launch(&[features, weight, &masks.words], &sums, &numbers, count);
        self.add_parts(&sums, parts, part, scale * scale_of_weights, embeddings, passes);
    }

    fn add_parts(&self, sums: &CubeTensor, parts: usize, part: usize, scale: f32, embeddings: &CubeTensor, passes: usize) {
        let numbers = [passes * self.dimension, self.dimension, parts, part, scale.to_bits() as usize];
        ADD_PARTS.launch(&[sums, &self.bias], embeddings, &numbers, [numbers[0].div_ceil(UNITS as usize), 1, 1]);
    }

    fn mask_words(&self, masks: &DropoutMasks) -> MaskWords {
        let passes = masks.passes() as usize;
        let count = passes.div_ceil(WORD);
        let mut bits = vec![0_u32; self.cells.features() * count];
        for pass in 0..passes {
            let (word, bit) = (pass / WORD, pass % WORD);
            for (four, words) in bits.chunks_mut(4 * count).enumerate() {
                let kept = masks.kept_of_four(pass as u32, four);
                for (index, words) in words.chunks_exact_mut(count).enumerate() {
                    words[word] |= u32::from(kept >> index & 1) << bit;
                }
            }
        }
        let words: Vec<u32> = self.cells.order().flat_map(|feature| bits[feature * count..][..count].iter().copied()).collect();
        MaskWords { words: self.tensors.integers(&words, DType::U32), count }
    }
}

fn tensor(primitive: CubeTensor) -> Tensor<2> {
    Tensor::from_primitive::<CubeBackend>(primitive)
}

/// `[cell, channel, dimension]`.
fn transposed(rows: &[&[f32]], cells: Cells) -> Vec<f32> {
    let mut transposed = vec![0.0; rows.len() * cells.features()];
    // A few rows at a time, which the cache holds: the values of a column lie far apart.
    for (index, some) in rows.chunks(ROWS).enumerate() {
        for (feature, column) in cells.order().zip(transposed.chunks_exact_mut(rows.len())) {
            column[index * ROWS..].iter_mut().zip(some).for_each(|(weight, row)| *weight = row[feature]);
        }
    }
    transposed
}

fn columns(tensors: &DeviceTensors, rows: &[&[f32]], cells: Cells) -> Columns {
    let (largest, energy) = column_sizes(rows, cells.features());
    let stride = stride(cells.features());
    // Every run of channels has a place, even where it has no sampled column.
    let runs = cells.channels.div_ceil(stride);
    let count = cells.count * runs;
    let places: Vec<[usize; 2]> = (0..cells.count)
        .flat_map(|cell| {
            let channels = sampled(cell, cells.channels, stride);
            channels.map(move |channel| [cell * runs + channel / stride, cells.feature(cell, channel)])
        })
        .collect();
    let (mut words, mut steps) = (vec![0_u32; rows.len().div_ceil(ROWS) * count], vec![0.0; count]);
    for (row, weights) in rows.iter().enumerate() {
        let words = &mut words[row / ROWS * count..][..count];
        for &[place, feature] in &places {
            words[place] |= (quantise_i4(weights[feature], largest[feature]) as u32 & 0xf) << (4 * (row % ROWS));
        }
    }
    places.iter().for_each(|&[place, feature]| steps[place] = largest[feature] / MAX_WEIGHT);
    let energy: Vec<f32> = cells.order().map(|feature| energy[feature] as f32).collect();
    let [steps, energy] = [steps, energy].map(|values| tensors.floats(&values));
    Columns { words: tensors.integers(&words, DType::I32), steps, stride, energy }
}
