//! YuNet: its input, and the faces in its outputs.
mod faces;
mod letterbox;

use super::{
    Normalisation,
    detector::{DetectorInput, FaceDetector},
};
use crate::{
    face::{Face, FaceError},
    frame::Region,
};

use faces::{DetectorOutputs, GridOutputs, decode_faces};
use letterbox::letterbox;

/// The strides of its grids: input pixels per cell.
const STRIDES: [u32; 3] = [8, 16, 32];

/// YuNet 2023.
#[derive(Debug)]
pub(super) struct YuNet {
    /// From its card.
    pub(super) normalisation: Normalisation,
}

impl FaceDetector for YuNet {
    fn input(&self, region: Region<'_>, long_side: u32) -> DetectorInput {
        let boxed = letterbox(region, long_side, self.normalisation);
        let shape = [1, 3, boxed.height as usize, boxed.width as usize];
        DetectorInput { planes: boxed.planes, shape, scale: boxed.scale }
    }

    /// cls, obj, bbox and kps, each at strides 8, 16 and 32, in this order.
    fn outputs(&self) -> usize {
        12
    }

    fn faces(&self, mut outputs: Vec<Vec<f32>>, shape: [usize; 4], scale: f32) -> Result<Vec<Face>, FaceError> {
        let mut take = |index: usize| outputs.get_mut(index).map(std::mem::take).unwrap_or_default();
        let grids = [0, 1, 2].map(|stride| GridOutputs {
            cls: take(stride),
            obj: take(3 + stride),
            bbox: take(6 + stride),
            kps: take(9 + stride),
        });
        let [_, _, height, width] = shape.map(|size| size as u32);
        decode_faces(&DetectorOutputs { grids }, width, height, scale)
    }
}
