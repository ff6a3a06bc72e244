//! Decodes faces from YuNet's outputs.

use super::STRIDES;
use crate::face::{Bounds, Face, FaceError, Landmarks};

/// The thresholds that YuNet's authors recommend.
const MIN_CONFIDENCE: f32 = 0.6;
const MAX_OVERLAP: f32 = 0.3;

/// YuNet's outputs over one grid of cells, row by row; `cells = (input height / stride) * (input width / stride)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct GridOutputs {
    /// `[cells]`: probability of a face, 0 to 1.
    pub(super) cls: Vec<f32>,
    /// `[cells]`: how well the face's box fits, 0 to 1.
    pub(super) obj: Vec<f32>,
    /// `[cells, 4]`: dx, dy of the centre, and the logarithms of width and height, in cells.
    pub(super) bbox: Vec<f32>,
    /// `[cells, 10]`: x, y of the five landmarks, in cells.
    pub(super) kps: Vec<f32>,
}

/// YuNet's twelve output tensors.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct DetectorOutputs {
    /// At strides 8, 16 and 32.
    pub(super) grids: [GridOutputs; 3],
}

/// Decodes the faces from the detector's outputs for an input of `input_width` x `input_height`, which shows the frame at `scale` input
/// pixels per frame pixel. Faces are in frame pixels, largest first, with a confidence of at least 0.6. Of overlapping faces (IoU above
/// 0.3) the most confident is kept.
///
/// # Errors
/// Tensors of wrong length; values that are not finite, even in cells without a face.
pub(super) fn decode_faces(
    outputs: &DetectorOutputs,
    input_width: u32,
    input_height: u32,
    scale: f32,
) -> Result<Vec<Face>, FaceError> {
    if [input_width, input_height].iter().any(|side| *side == 0 || side % STRIDES[2] != 0) {
        return Err(FaceError::InputSize { width: input_width, height: input_height });
    }
    if !(scale.is_finite() && scale > 0.0) {
        return Err(FaceError::Scale { scale });
    }
    let mut candidates = Vec::new();
    for (grid, stride) in outputs.grids.iter().zip(STRIDES) {
        check(grid, stride, (input_width / stride) as usize * (input_height / stride) as usize)?;
        candidates.extend(decode_grid(grid, stride, input_width / stride, scale)?);
    }
    let mut faces = suppress_overlapping(candidates);
    faces.sort_by(|a, b| b.bounds.area().total_cmp(&a.bounds.area()));
    Ok(faces)
}

fn check(grid: &GridOutputs, stride: u32, cells: usize) -> Result<(), FaceError> {
    for (output, values, width) in
        [("cls", &grid.cls, 1), ("obj", &grid.obj, 1), ("bbox", &grid.bbox, 4), ("kps", &grid.kps, 10)]
    {
        if values.len() != cells * width {
            return Err(FaceError::OutputLength { output, stride, expected: cells * width, found: values.len() });
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(FaceError::NotFinite { output, stride });
        }
    }
    Ok(())
}

fn decode_grid(grid: &GridOutputs, stride: u32, columns: u32, scale: f32) -> Result<Vec<Face>, FaceError> {
    // From cells to frame pixels.
    let pixels = stride as f32 / scale;
    let mut faces = Vec::new();
    for (cell, (cls, obj)) in grid.cls.iter().zip(&grid.obj).enumerate() {
        let confidence = (cls.clamp(0.0, 1.0) * obj.clamp(0.0, 1.0)).sqrt();
        if confidence < MIN_CONFIDENCE {
            continue;
        }
        let column = (cell as u32 % columns) as f32;
        let row = (cell as u32 / columns) as f32;
        let bbox = &grid.bbox[4 * cell..];
        let (width, height) = (bbox[2].exp() * pixels, bbox[3].exp() * pixels);
        if !(width * height).is_finite() {
            return Err(FaceError::NotFinite { output: "bbox", stride });
        }
        let kps = &grid.kps[10 * cell..];
        let landmarks: Landmarks = std::array::from_fn(|i| [(column + kps[2 * i]) * pixels, (row + kps[2 * i + 1]) * pixels]);
        faces.push(Face {
            bounds: Bounds {
                x: (column + bbox[0]) * pixels - width / 2.0,
                y: (row + bbox[1]) * pixels - height / 2.0,
                width,
                height,
            },
            landmarks,
            confidence,
        });
    }
    Ok(faces)
}

/// Greedy non-maximum suppression.
fn suppress_overlapping(mut candidates: Vec<Face>) -> Vec<Face> {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut kept: Vec<Face> = Vec::new();
    for candidate in candidates {
        if kept.iter().all(|face| face.bounds.overlap(&candidate.bounds) <= MAX_OVERLAP) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outputs for 64 x 32 pixels with no face in them.
    fn nothing() -> DetectorOutputs {
        DetectorOutputs {
            grids: [32, 8, 2].map(|cells| GridOutputs {
                cls: vec![0.0; cells],
                obj: vec![0.0; cells],
                bbox: vec![0.0; 4 * cells],
                kps: vec![0.0; 10 * cells],
            }),
        }
    }

    fn put(outputs: &mut DetectorOutputs, grid: usize, cell: usize, score: f32, bbox: [f32; 4]) {
        let grid = &mut outputs.grids[grid];
        grid.cls[cell] = score;
        grid.obj[cell] = score;
        grid.bbox[4 * cell..][..4].copy_from_slice(&bbox);
        for (i, value) in grid.kps[10 * cell..][..10].iter_mut().enumerate() {
            *value = i as f32 / 10.0;
        }
    }

    #[test]
    fn no_face_is_no_error() {
        assert_eq!(decode_faces(&nothing(), 64, 32, 1.0), Ok(vec![]));
    }

    #[test]
    fn a_cell_decodes_by_hand() {
        let mut outputs = nothing();
        // Stride 16, 4 columns: cell 6 is row 1, column 2.
        put(&mut outputs, 1, 6, 0.81, [0.5, 0.25, 0.0, 2.0_f32.ln()]);
        outputs.grids[1].obj[6] = 1.0;
        let faces = decode_faces(&outputs, 64, 32, 0.5).unwrap();
        assert_eq!(faces.len(), 1);
        let face = &faces[0];
        assert!((face.confidence - 0.9).abs() < 1e-6);
        // Centre (2.5, 1.25) cells of 32 frame pixels: (80, 40); size 32 x 64.
        let Bounds { x, y, width, height } = face.bounds;
        for (found, expected) in [(x, 64.0), (y, 8.0), (width, 32.0), (height, 64.0)] {
            assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
        }
        assert_eq!(face.landmarks[0], [64.0, 1.1 * 32.0]);
        assert_eq!(face.landmarks[4], [2.8 * 32.0, 1.9 * 32.0]);
    }

    #[test]
    fn of_overlapping_faces_the_most_confident_stays_and_the_largest_comes_first() {
        let mut outputs = nothing();
        put(&mut outputs, 0, 0, 0.7, [0.0; 4]);
        put(&mut outputs, 0, 1, 0.9, [-0.8, 0.0, 0.0, 0.0]); // nearly the same place as the first
        put(&mut outputs, 2, 1, 0.65, [0.5, 0.5, 0.0, 0.0]); // elsewhere, and larger
        put(&mut outputs, 0, 30, 0.59, [0.0; 4]); // confidence too low
        let faces = decode_faces(&outputs, 64, 32, 1.0).unwrap();
        let confidences: Vec<f32> = faces.iter().map(|face| face.confidence).collect();
        assert_eq!(confidences, [0.65, 0.9]);
    }

    #[test]
    fn wrong_lengths_are_errors() {
        let mut outputs = nothing();
        outputs.grids[1].kps.pop();
        assert_eq!(
            decode_faces(&outputs, 64, 32, 1.0),
            Err(FaceError::OutputLength { output: "kps", stride: 16, expected: 80, found: 79 })
        );
        assert!(matches!(decode_faces(&nothing(), 64, 64, 1.0), Err(FaceError::OutputLength { .. })));
        assert!(matches!(decode_faces(&nothing(), 64, 30, 1.0), Err(FaceError::InputSize { .. })));
        assert!(matches!(decode_faces(&nothing(), 0, 32, 1.0), Err(FaceError::InputSize { .. })));
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(matches!(decode_faces(&nothing(), 64, 32, scale), Err(FaceError::Scale { .. })));
        }
    }

    #[test]
    fn values_that_are_not_finite_are_errors_wherever_they_are() {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut outputs = nothing();
            outputs.grids[2].obj[1] = bad;
            assert_eq!(decode_faces(&outputs, 64, 32, 1.0), Err(FaceError::NotFinite { output: "obj", stride: 32 }));
        }
        let mut outputs = nothing();
        put(&mut outputs, 0, 3, 1.0, [0.0, 0.0, 200.0, 0.0]);
        assert_eq!(decode_faces(&outputs, 64, 32, 1.0), Err(FaceError::NotFinite { output: "bbox", stride: 8 }));
    }
}
