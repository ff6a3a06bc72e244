//! Turns the head in a portrait: a picture as a relief of known depth, seen from the side.
use image::{Rgb, RgbImage};
use serfiq::{Engine, face::Mesh};

/// A portrait with the depth of each pixel: the canonical face where the face is, falling off around it.
pub struct Relief<'a> {
    picture: &'a RgbImage,
    /// Towards the viewer, in pixels; row-major.
    depth: Vec<f32>,
    /// What the head turns about.
    centre: [f32; 3],
}

type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The rotation of a head by yaw (to the person's left) and, about its own axis, by pitch (down), in degrees: x to the right, y down, z
/// towards the viewer.
pub fn rotation([yaw, pitch]: [f64; 2]) -> [Vector; 3] {
    let [(sin_yaw, cos_yaw), (sin_pitch, cos_pitch)] = [yaw, pitch].map(|angle| angle.to_radians().sin_cos());
    [
        [cos_yaw, -sin_yaw * sin_pitch, sin_yaw * cos_pitch],
        [0.0, cos_pitch, sin_pitch],
        [-sin_yaw, -cos_yaw * sin_pitch, cos_yaw * cos_pitch],
    ]
}

/// Depths of the landmarks: those of the canonical face, placed so that it covers the landmarks as a distant camera would see it.
fn depths(points: &[[f32; 3]], canonical: &[Vector]) -> Vec<f32> {
    let mean = |axis: usize, of: &dyn Fn(usize) -> f64| (axis, (0..points.len()).map(of).sum::<f64>() / points.len() as f64).1;
    let centre = [0, 1, 2].map(|axis| mean(axis, &|index| canonical[index][axis]));
    let centred = |index: usize| -> Vector { [0, 1, 2].map(|axis| canonical[index][axis] - centre[axis]) };
    // Least squares: the normal equations, by Cramer's rule.
    let mut columns = [[0.0; 3]; 3];
    for index in 0..points.len() {
        let point = centred(index);
        for (column, by) in columns.iter_mut().zip(point) {
            for (sum, coordinate) in column.iter_mut().zip(point) {
                *sum += coordinate * by;
            }
        }
    }
    let determinant = dot(columns[0], cross(columns[1], columns[2]));
    let rows = [0, 1].map(|axis| {
        let middle = mean(axis, &|index| f64::from(points[index][axis]));
        let mut right = [0.0; 3];
        for (index, point) in points.iter().enumerate() {
            for (sum, coordinate) in right.iter_mut().zip(centred(index)) {
                *sum += coordinate * (f64::from(point[axis]) - middle);
            }
        }
        [
            dot(right, cross(columns[1], columns[2])) / determinant,
            dot(columns[0], cross(right, columns[2])) / determinant,
            dot(columns[0], cross(columns[1], right)) / determinant,
        ]
    });
    let [across, down] = rows;
    let [width, height] = [across, down].map(|row| dot(row, row).sqrt());
    // Perpendicular to both, as long as their mean.
    let ahead = cross(across, down).map(|value| value * (width + height) / (2.0 * width * height));
    (0..points.len()).map(|index| dot(ahead, centred(index)) as f32).collect()
}

impl<'a> Relief<'a> {
    /// Gives a portrait depth. `mesh` has its landmarks.
    pub fn of(picture: &'a RgbImage, mesh: &Mesh, engine: &Engine) -> Self {
        let points = mesh.points();
        let depths = depths(points, engine.canonical_face());
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut depth = vec![f32::NAN; width * height];
        for corners in engine.mesh_triangles() {
            fill(&mut depth, [width, height], corners.map(|corner| [points[corner][0], points[corner][1], depths[corner]]));
        }
        let unit = (points[263][0] - points[33][0]).hypot(points[263][1] - points[33][1]);
        extend(&mut depth, [width, height], 0.9 * unit);
        let [x, y] = [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f32>() / points.len() as f32);
        Self { picture, depth, centre: [x, y, -0.6 * unit] }
    }

    /// The portrait with its head turned by yaw (to the person's left) and pitch (down), in degrees.
    pub fn turned(&self, by: [f64; 2]) -> RgbImage {
        let (width, height) = self.picture.dimensions();
        let rows = rotation(by);
        let mut nearest = vec![(f64::NEG_INFINITY, Rgb([0; 3])); (width * height) as usize];
        // Twice as many points as pixels each way, so that few holes are left where the relief is stretched.
        for (row, column) in (0..2 * height).flat_map(|row| (0..2 * width).map(move |column| (row, column))) {
            let [x, y] = [column, row].map(|index| (index as f32 - 0.5) / 2.0);
            let depth = self.depth[(row / 2 * width + column / 2) as usize];
            let [cx, cy, cz] = self.centre;
            let [to_x, to_y, to_z] = rows.map(|row| dot(row, [x - cx, y - cy, depth - cz].map(f64::from)));
            let [to_x, to_y] = [to_x + f64::from(cx), to_y + f64::from(cy)].map(f64::round);
            if (0.0..f64::from(width)).contains(&to_x) && (0.0..f64::from(height)).contains(&to_y) {
                let seen = &mut nearest[to_y as usize * width as usize + to_x as usize];
                if to_z > seen.0 {
                    let colour = image::imageops::interpolate_bilinear(self.picture, x.max(0.0), y.max(0.0));
                    *seen = (to_z, colour.unwrap_or_else(|| *self.picture.get_pixel(column / 2, row / 2)));
                }
            }
        }
        close_holes(&mut nearest, [width as usize, height as usize]);
        RgbImage::from_fn(width, height, |x, y| nearest[(y * width + x) as usize].1)
    }
}

/// Raises the depth inside a triangle to that of its corners, where it is lower.
fn fill(depth: &mut [f32], [width, height]: [usize; 2], [a, b, c]: [[f32; 3]; 3]) {
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if area.abs() < 1e-6 {
        return;
    }
    let range = |axis: usize, end: usize| {
        let values = [a[axis], b[axis], c[axis]];
        let (from, to) = (values.into_iter().fold(f32::MAX, f32::min), values.into_iter().fold(f32::MIN, f32::max));
        from.max(0.0) as usize..((to + 1.0).max(0.0) as usize).min(end)
    };
    for (row, column) in range(1, height).flat_map(|row| range(0, width).map(move |column| (row, column))) {
        let (x, y) = (column as f32, row as f32);
        let of_b = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
        let of_c = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
        if of_b >= 0.0 && of_c >= 0.0 && of_b + of_c <= 1.0 {
            let at = &mut depth[row * width + column];
            *at = at.max(a[2] + of_b * (b[2] - a[2]) + of_c * (c[2] - a[2]));
        }
    }
}

/// Gives each pixel without a depth the depth of the nearest pixel that has one, minus the distance to it, at most `fall`.
fn extend(depth: &mut [f32], [width, height]: [usize; 2], fall: f32) {
    let mut nearest: Vec<Option<usize>> =
        depth.iter().enumerate().map(|(index, depth)| (!depth.is_nan()).then_some(index)).collect();
    let distance = |from: usize, to: usize| {
        let [dx, dy] = [(from % width).abs_diff(to % width), (from / width).abs_diff(to / width)];
        ((dx * dx + dy * dy) as f32).sqrt()
    };
    let places: Vec<usize> = (0..width * height).collect();
    // Each pass propagates the nearest pixel, from above and the left, then from below and the right.
    for backwards in [false, true, false, true] {
        let order: Box<dyn Iterator<Item = &usize>> =
            if backwards { Box::new(places.iter().rev()) } else { Box::new(places.iter()) };
        for &place in order {
            let (x, y) = ((place % width) as i64, (place / width) as i64);
            for (dx, dy) in [(-1, 0), (-1, -1), (0, -1), (1, -1)].map(|(dx, dy)| if backwards { (-dx, -dy) } else { (dx, dy) })
            {
                let (x, y) = (x + dx, y + dy);
                if !(0..width as i64).contains(&x) || !(0..height as i64).contains(&y) {
                    continue;
                }
                let offered = nearest[(y * width as i64 + x) as usize];
                if offered
                    .is_some_and(|offered| nearest[place].is_none_or(|has| distance(place, offered) < distance(place, has)))
                {
                    nearest[place] = offered;
                }
            }
        }
    }
    let known = depth.to_vec();
    for (place, depth) in depth.iter_mut().enumerate().filter(|(_, depth)| depth.is_nan()) {
        let from = nearest[place].expect("the face is in the picture");
        *depth = known[from] - distance(place, from).min(fall);
    }
}

/// Fills the pixels in which nothing was seen with the mean of their neighbours.
fn close_holes(seen: &mut [(f64, Rgb<u8>)], [width, height]: [usize; 2]) {
    loop {
        let before = seen.to_vec();
        let is_hole = |place: usize| before[place].0 == f64::NEG_INFINITY;
        let holes: Vec<usize> = (0..seen.len()).filter(|place| is_hole(*place)).collect();
        if holes.is_empty() || holes.len() == seen.len() {
            return;
        }
        for place in holes {
            let (x, y) = (place % width, place / width);
            let around = (y.saturating_sub(1)..=(y + 1).min(height - 1))
                .flat_map(|y| (x.saturating_sub(1)..=(x + 1).min(width - 1)).map(move |x| y * width + x));
            let known: Vec<[u8; 3]> = around.filter(|place| !is_hole(*place)).map(|place| before[place].1.0).collect();
            if !known.is_empty() {
                let mean = [0, 1, 2].map(|channel| {
                    let sum: usize = known.iter().map(|colour| usize::from(colour[channel])).sum();
                    (sum / known.len()) as u8
                });
                seen[place] = (f64::MIN, Rgb(mean));
            }
        }
    }
}
