//! The canonical face: where an average face's 468 landmarks lie in space.
use prost::Message;

use super::mesh::POINTS;

/// Numbers per point in the file: its place in space and in a texture.
const STRIDE: usize = 5;

/// An average face in space, in centimetres: x to the right and y down as a picture of it shows it, z towards the viewer.
#[derive(Clone)]
pub(crate) struct CanonicalFace {
    points: Vec<[f64; 3]>,
    /// Corners of the triangles between the points.
    triangles: Vec<[usize; 3]>,
    /// The points that determine the pose, each with its weight. All weights together are 1.
    basis: Vec<(usize, f64)>,
}

/// MediaPipe's `GeometryPipelineMetadata`, as far as it is needed.
#[derive(Message)]
struct Metadata {
    #[prost(message, optional, tag = "1")]
    mesh: Option<Geometry>,
    #[prost(message, repeated, tag = "2")]
    basis: Vec<Weight>,
}

#[derive(Message)]
struct Geometry {
    #[prost(float, repeated, tag = "3")]
    vertices: Vec<f32>,
    #[prost(uint32, repeated, tag = "4")]
    triangles: Vec<u32>,
}

#[derive(Message)]
struct Weight {
    #[prost(uint32, tag = "1")]
    point: u32,
    #[prost(float, tag = "2")]
    weight: f32,
}

impl CanonicalFace {
    /// Reads the second part of the face mesh's file; `None` if it is something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let Metadata { mesh, basis } = Metadata::decode(bytes).ok()?;
        let Geometry { vertices, triangles } = mesh?;
        let (vertices, rest) = vertices.as_chunks::<STRIDE>();
        let is_point = |index: u32| usize::try_from(index).ok().filter(|index| *index < POINTS);
        let is_finite = vertices.iter().flatten().chain(basis.iter().map(|one| &one.weight)).all(|value| value.is_finite());
        let sum: f64 = basis.iter().map(|one| f64::from(one.weight)).sum();
        if vertices.len() != POINTS || !rest.is_empty() || !is_finite || basis.iter().any(|one| one.weight < 0.0) || sum <= 0.0
        {
            return None;
        }
        // In the file, y points up.
        let points = vertices.iter().map(|&[x, y, z, ..]| [x, -y, z].map(f64::from)).collect();
        let corners = triangles.into_iter().map(is_point).collect::<Option<Vec<_>>>()?;
        let basis = basis.into_iter().map(|one| Some((is_point(one.point)?, f64::from(one.weight) / sum)));
        let (triangles, []) = corners.as_chunks::<3>() else { return None };
        Some(Self { points, triangles: triangles.to_vec(), basis: basis.collect::<Option<_>>()? })
    }

    /// The triangles between the points, as indices of their corners.
    pub(crate) fn triangles(&self) -> &[[usize; 3]] {
        &self.triangles
    }

    /// The points in space, in centimetres.
    pub(crate) fn points(&self) -> &[[f64; 3]] {
        &self.points
    }

    /// The rotation from this face to an observed one: the weighted orthogonal Procrustes problem, solved with quaternions (Horn,
    /// "Closed-form solution of absolute orientation using unit quaternions", JOSA A 4, 1987). `seen` has the axes of this face. `None`
    /// if its points are not finite, or coincide.
    pub(crate) fn rotation_to(&self, seen: &[[f64; 3]]) -> Option<[[f64; 3]; 3]> {
        let centre = |points: &[[f64; 3]]| {
            [0, 1, 2].map(|axis| self.basis.iter().map(|(point, weight)| weight * points[*point][axis]).sum::<f64>())
        };
        let (from, to) = (centre(&self.points), centre(seen));
        // Sums of products of the coordinates: `s[a][b]` of this face's a with the observed one's b.
        let mut s = [[0.0; 3]; 3];
        for (point, weight) in &self.basis {
            for (a, row) in s.iter_mut().enumerate() {
                for (b, sum) in row.iter_mut().enumerate() {
                    *sum += weight * (self.points[*point][a] - from[a]) * (seen[*point][b] - to[b]);
                }
            }
        }
        let matrix = [
            [s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]],
            [s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]],
            [s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]],
            [s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]],
        ];
        let [w, x, y, z] = largest_eigenvector(matrix)?;
        Some([
            [w * w + x * x - y * y - z * z, 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), w * w - x * x + y * y - z * z, 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z],
        ])
    }
}

/// The unit eigenvector of a symmetric matrix's largest eigenvalue, by Jacobi's rotations. `None` for a matrix of zeros, or with a value
/// that is not finite.
fn largest_eigenvector(mut matrix: [[f64; 4]; 4]) -> Option<[f64; 4]> {
    /// Each sweep squares the off-diagonal remainder, so five would do.
    const SWEEPS: usize = 12;
    /// Below this, an observed face counts as a point; the canonical one measures some ten centimetres.
    const MIN_SIZE: f64 = 1e-6;
    let size = matrix.iter().flatten().fold(0.0, |size: f64, value| size + value.abs());
    if !(size > MIN_SIZE && size.is_finite()) {
        return None;
    }
    let mut vectors = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
    for (p, q) in (0..SWEEPS).flat_map(|_| [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]) {
        if matrix[p][q] == 0.0 {
            continue;
        }
        let angle = 0.5 * (2.0 * matrix[p][q]).atan2(matrix[p][p] - matrix[q][q]);
        let (sin, cos) = angle.sin_cos();
        for row in matrix.iter_mut().chain(&mut vectors) {
            (row[p], row[q]) = (cos * row[p] + sin * row[q], cos * row[q] - sin * row[p]);
        }
        for column in [0, 1, 2, 3] {
            (matrix[p][column], matrix[q][column]) =
                (cos * matrix[p][column] + sin * matrix[q][column], cos * matrix[q][column] - sin * matrix[p][column]);
        }
    }
    let largest = (0..4).max_by(|a, b| matrix[*a][*a].total_cmp(&matrix[*b][*b]))?;
    Some(vectors.map(|row| row[largest]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A face of scattered points, all of which determine the pose.
    fn face() -> CanonicalFace {
        let point = |index: usize| {
            let index = index as f64;
            [7.0 * (1.7 * index).sin(), 9.0 * (2.9 * index).cos(), 4.0 * (0.7 * index).sin() + 1.0]
        };
        let points: Vec<_> = (0..POINTS).map(point).collect();
        let basis = (0..POINTS).map(|index| (index, 1.0 / POINTS as f64)).collect();
        CanonicalFace { points, triangles: vec![], basis }
    }

    fn turned(point: &[f64; 3], by: [[f64; 3]; 3]) -> [f64; 3] {
        by.map(|row| row[0] * point[0] + row[1] * point[1] + row[2] * point[2])
    }

    proptest! {
        /// Whatever its place and size.
        #[test]
        fn a_rotation_is_found_again(
            [w, x, y, z] in prop::array::uniform4(-1.0..1.0_f64), scale in 0.1..50.0, shift in prop::array::uniform3(-900.0..900.0_f64),
        ) {
            let length = (w * w + x * x + y * y + z * z).sqrt();
            prop_assume!(length > 0.1);
            let [w, x, y, z] = [w, x, y, z].map(|part| part / length);
            let rotation = [
                [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
                [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
                [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
            ];
            let face = face();
            let seen: Vec<_> = face.points.iter().map(|point| {
                let [x, y, z] = turned(point, rotation);
                [scale * x + shift[0], scale * y + shift[1], scale * z + shift[2]]
            }).collect();
            let found = face.rotation_to(&seen).unwrap();
            for (found, expected) in found.iter().flatten().zip(rotation.iter().flatten()) {
                prop_assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
            }
        }
    }

    #[test]
    fn points_that_are_no_face_have_no_rotation() {
        let face = face();
        assert_eq!(face.rotation_to(&[[5.0; 3]; POINTS]), None);
        let mut points = face.points.clone();
        points[3][1] = f64::NAN;
        assert_eq!(face.rotation_to(&points), None);
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let vertices = |count: usize| vec![1.0; STRIDE * count];
        let file = |vertices: Vec<f32>, triangles: Vec<u32>, basis: &[(u32, f32)]| {
            let basis = basis.iter().map(|&(point, weight)| Weight { point, weight }).collect();
            CanonicalFace::read(&Metadata { mesh: Some(Geometry { vertices, triangles }), basis }.encode_to_vec())
        };
        let read = file(vertices(POINTS), vec![0, 1, 467], &[(4, 1.0), (6, 3.0)]).unwrap();
        assert_eq!((read.points()[467], read.triangles()), ([1.0, -1.0, 1.0], &[[0, 1, 467]][..]));
        assert_eq!(read.basis, [(4, 0.25), (6, 0.75)]);
        assert!(file(vertices(POINTS - 1), vec![], &[(4, 1.0)]).is_none());
        assert!(file(vertices(POINTS), vec![0, 1, 468], &[(4, 1.0)]).is_none());
        assert!(file(vertices(POINTS), vec![0, 1, 2, 3], &[(4, 1.0)]).is_none());
        assert!(file(vertices(POINTS), vec![], &[(468, 1.0)]).is_none());
        assert!(file(vertices(POINTS), vec![], &[]).is_none());
        assert!(file(vertices(POINTS), vec![], &[(4, -1.0), (5, 2.0)]).is_none());
        assert!(file(vec![f32::NAN; STRIDE * POINTS], vec![], &[(4, 1.0)]).is_none());
        for bytes in [&b""[..], b"canonical", &[0xff; 64]] {
            assert!(CanonicalFace::read(bytes).is_none());
        }
    }
}
