//! The head on the CPU: [`serfiq_kernels::head`], with masks in its format.
use serfiq_kernels::head::{Cells, HeadKernel, KeptNibbles, Moments};

use super::LastMasks;
use serfiq_score::DropoutMasks;

pub(super) struct CpuHead {
    head: HeadKernel,
    cells: Cells,
    masks: LastMasks<KeptNibbles>,
}

impl CpuHead {
    pub(super) fn new(head: serfiq_network::AffineHead, cells: Cells) -> Self {
        Self { head: HeadKernel::new(&head.weight, head.bias, cells), cells, masks: LastMasks::default() }
    }

    pub(super) fn embed(&self, features: &[f32]) -> Vec<f32> {
        self.head.apply(features)
    }

    pub(super) fn moments(&self, features: &[f32]) -> Moments {
        self.head.moments(features)
    }

    /// The mean embedding, and its covariance up to the diagonal, without its factor.
    pub(super) fn scatter(&self, features: &[f32]) -> (Vec<f32>, Vec<f32>) {
        (self.head.apply(features), self.head.scatter(features))
    }

    /// The embedding of each dropout pass, row-major.
    pub(super) fn passes(&self, features: &[f32], masks: &DropoutMasks) -> Vec<f32> {
        let choices = self
            .masks
            .get(masks, |masks| KeptNibbles::new(self.cells, masks.passes() as usize, |pass| masks.kept(pass as u32)));
        self.head.passes(features, &choices, masks.scale())
    }
}
