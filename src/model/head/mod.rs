//! Everything after the dropout, `h(v) = W v + b`: the embedding, the dropout passes, and the moments of their limit.
//!
//! | module | owns |
//! |---|---|
//! | `cpu` | the head on the CPU; `gpu::GpuHead` is the one on the GPU |
//!
//! Neither is a matrix product: a mask holds only 0 and 1, so masked passes are sums of products that all passes share.
mod cpu;

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;
use serfiq_kernels::head::{self as kernels, Cells};

use super::{Backend, BackendKind, ModelError, gpu::GpuHead};
use serfiq_network::Grid;
use serfiq_score::{CellSums, DropoutMasks, Moments, ScoreError};

/// The affine head on its device.
pub(crate) struct Head {
    on: HeadOn,
    dimension: usize,
    features: usize,
    dropout: f64,
    grid: Option<Grid>,
}

enum HeadOn {
    Cpu(Box<cpu::CpuHead>),
    WebGpu(Box<GpuHead>),
}

impl Head {
    pub(crate) fn new(head: serfiq_network::AffineHead, backend: &Backend) -> Result<Self, ModelError> {
        let serfiq_network::AffineHead { dimension, features, dropout, grid, .. } = head;
        let cells = grid.map_or(Cells::one(features), |grid| {
            let count = grid.rows * grid.columns;
            Cells { count, channels: features / count, channels_first: grid.channels_first }
        });
        let on = match backend.kind {
            BackendKind::Cpu => HeadOn::Cpu(Box::new(cpu::CpuHead::new(head, cells))),
            BackendKind::WebGpu => HeadOn::WebGpu(Box::new(GpuHead::new(&head, cells, &backend.device)?)),
        };
        Ok(Self { on, dimension, features, dropout, grid })
    }

    /// Length of the embedding.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Rows and columns of the grid on which the features lie; `None` if they lie on none.
    pub(crate) fn grid(&self) -> Option<[usize; 2]> {
        self.grid.map(|grid| [grid.rows, grid.columns])
    }

    /// Dropout probability p.
    pub(crate) fn dropout(&self) -> f64 {
        self.dropout
    }

    /// Changes the dropout probability.
    pub(crate) fn set_dropout(&mut self, p: f64) -> Result<(), ScoreError> {
        if !(p > 0.0 && p < 1.0) {
            return Err(ScoreError::Probability { p });
        }
        self.dropout = p;
        Ok(())
    }

    /// The embedding of features `[1, features]` without dropout, not normalised.
    pub(crate) async fn embed(&self, backend: &Backend, features: Tensor<2>) -> Result<Vec<f32>, ModelError> {
        match &self.on {
            HeadOn::Cpu(head) => Ok(head.embed(&backend.read(features).await?)),
            HeadOn::WebGpu(head) => backend.read(head.embed(features)?).await,
        }
    }

    /// The embedding of each dropout pass, row-major `[passes, dimension]`.
    pub(crate) async fn passes(
        &self,
        backend: &Backend,
        features: Tensor<2>,
        passes: u32,
        seed: u64,
    ) -> Result<Vec<f32>, ModelError> {
        let masks = DropoutMasks::new(seed, passes, self.features, self.dropout)?;
        match &self.on {
            HeadOn::Cpu(head) => Ok(head.passes(&backend.read(features).await?, &masks)),
            HeadOn::WebGpu(head) => backend.read(head.passes(features, &masks)?).await,
        }
    }

    /// Mean and variance of the embedding under dropout.
    pub(crate) async fn moments(&self, backend: &Backend, features: Tensor<2>) -> Result<Moments, ModelError> {
        let kernels::Moments { mean, trace, along, cells } = match &self.on {
            HeadOn::Cpu(head) => head.moments(&backend.read(features).await?),
            HeadOn::WebGpu(head) => head.read_moments(backend.read(head.moments(features)?).await?)?,
        };
        let variance = self.dropout / (1.0 - self.dropout);
        let cells = cells.into_iter().map(|cell| CellSums {
            signal: cell.signal,
            noise: variance * (cell.trace - cell.along),
            energy: cell.energy,
        });
        Ok(Moments { mean, trace: variance * trace, along: variance * along, cells: cells.collect() })
    }

    /// The mean embedding, and the covariance of the embedding under dropout without its factor `p / (1 - p)`: row-major
    /// `[dimension, dimension]`, filled up to the diagonal.
    pub(crate) async fn scatter(&self, backend: &Backend, features: Tensor<2>) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        match &self.on {
            HeadOn::Cpu(head) => Ok(head.scatter(&backend.read(features).await?)),
            HeadOn::WebGpu(_) => Err(ModelError::NeedsCpu { what: "the effective number of dimensions" }),
        }
    }
}

/// The last masks, in the device's format. They are kept because a session rarely changes its seed or number of passes.
pub(super) struct LastMasks<T>(Mutex<Option<(DropoutMasks, Arc<T>)>>);

impl<T> Default for LastMasks<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> LastMasks<T> {
    /// Concurrent callers block until the value is ready.
    pub(super) fn get(&self, masks: &DropoutMasks, make: impl FnOnce(&DropoutMasks) -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = kept.as_ref().filter(|(of, _)| of == masks) {
            return made.clone();
        }
        // Free the old ones first: holding both would double the peak.
        *kept = None;
        let made = Arc::new(make(masks));
        *kept = Some((masks.clone(), made.clone()));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_made_once() {
        let kept = LastMasks::default();
        let masks = |seed| DropoutMasks::new(seed, 2, 8, 0.5).unwrap();
        assert_eq!(*kept.get(&masks(1), |_| "first"), "first");
        assert_eq!(*kept.get(&masks(1), |_| "again"), "first");
        assert_eq!(*kept.get(&masks(2), |_| "other"), "other");
    }
}
