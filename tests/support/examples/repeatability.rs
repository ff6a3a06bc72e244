//! How much the raw score of a face changes when only its picture does: shifted, scaled, padded, compressed, seen by a camera. Compares ways
//! to place the five landmarks.
//!
//!     cargo run --package serfiq-test-support --example repeatability FOLDER [EVERY]
use std::{io::Cursor, path::Path};

use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use pollster::block_on;
use serfiq::{
    Engine, PHOTO_LONG_SIDE, Take, Watch,
    face::{Face, Landmarks, Mesh, align},
    frame::Frame,
    guide::Settings,
    report::Stopwatch,
    score::Method,
};
use serfiq_test_support::engine;

fn frame(picture: &RgbImage) -> Frame {
    Frame::from_rgb(picture.width(), picture.height(), picture.as_raw().clone()).unwrap()
}

fn detect(engine: &Engine, picture: &RgbImage, long_side: u32) -> Option<Face> {
    block_on(engine.detect(&frame(picture), long_side)).unwrap().into_iter().next()
}

/// A second look: at the square around the face, `room` times its size, in a copy of `side` pixels, off by `phase` of them.
fn again(engine: &Engine, picture: &RgbImage, face: &Face, room: f32, side: u32, phase: [f32; 2]) -> Option<Landmarks> {
    let bounds = face.bounds;
    let square = room * bounds.width.max(bounds.height);
    let scale = square / side as f32;
    let corner = [
        bounds.x + (bounds.width - square) / 2.0 + phase[0] * scale,
        bounds.y + (bounds.height - square) / 2.0 + phase[1] * scale,
    ];
    // The square, sampled as precisely as its place is known.
    let samples = scale.ceil().max(1.0) as u32;
    let fine = RgbImage::from_fn(side * samples, side * samples, |x, y| {
        let at = |index: u32, axis: usize| corner[axis] + (index as f32 + 0.5) / samples as f32 * scale - 0.5;
        imageops::interpolate_bilinear(picture, at(x, 0), at(y, 1)).unwrap_or(Rgb([0; 3]))
    });
    let copy = imageops::resize(&fine, side, side, imageops::FilterType::Triangle);
    let found = detect(engine, &copy, side)?;
    Some(found.landmarks.map(|point| [0, 1].map(|axis| corner[axis] + (point[axis] + 0.5) * scale - 0.5)))
}

fn mean(of: &[Landmarks]) -> Landmarks {
    std::array::from_fn(|point| {
        [0, 1].map(|axis| of.iter().map(|landmarks| landmarks[point][axis]).sum::<f32>() / of.len() as f32)
    })
}

fn of_mesh(mesh: &Mesh) -> Landmarks {
    let middle = |indices: &[usize]| {
        [0, 1].map(|axis| indices.iter().map(|index| mesh.points()[*index][axis]).sum::<f32>() / indices.len() as f32)
    };
    [middle(&[33, 133, 159, 145]), middle(&[362, 263, 386, 374]), middle(&[1, 4]), middle(&[61]), middle(&[291])]
}

/// The mesh's landmarks, moved by their mean offsets from the detector's, in the face's own frame.
fn corrected(mesh: Landmarks, offsets: &[[f32; 2]; 5]) -> Landmarks {
    let [right, left, ..] = mesh;
    let (x, y) = (left[0] - right[0], left[1] - right[1]);
    std::array::from_fn(|point| {
        let [across, down] = offsets[point];
        [mesh[point][0] + across * x - down * y, mesh[point][1] + across * y + down * x]
    })
}

fn offset(mesh: &Landmarks, detected: &Landmarks) -> [[f32; 2]; 5] {
    let [right, left, ..] = *mesh;
    let (x, y) = (left[0] - right[0], left[1] - right[1]);
    let square = x * x + y * y;
    std::array::from_fn(|point| {
        let [dx, dy] = [0, 1].map(|axis| detected[point][axis] - mesh[point][axis]);
        [(dx * x + dy * y) / square, (dy * x - dx * y) / square]
    })
}

const WAYS: [&str; 9] =
    ["one look", "again 160", "again 224", "again 320", "mean 160x4", "mean 224x4", "mesh", "mesh+160", "mesh+160x4"];

fn ways(engine: &Engine, picture: &RgbImage, offsets: &[[f32; 2]; 5]) -> Option<[Landmarks; WAYS.len()]> {
    let face = detect(engine, picture, PHOTO_LONG_SIDE)?;
    let look = |side: u32, phase: [f32; 2]| again(engine, picture, &face, 2.0, side, phase).unwrap_or(face.landmarks);
    let four = |side: u32| mean(&[[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]].map(|phase| look(side, phase)));
    let again = look(160, [0.0; 2]);
    let near = again;
    let mesh = block_on(engine.mesh(&frame(picture), &near)).unwrap().map_or(near, |mesh| corrected(of_mesh(&mesh), offsets));
    let four_160 = four(160);
    Some([
        face.landmarks,
        again,
        look(224, [0.0; 2]),
        look(320, [0.0; 2]),
        four_160,
        four(224),
        mesh,
        mean(&[mesh, again]),
        mean(&[mesh, four_160]),
    ])
}

fn changes(picture: &RgbImage) -> Vec<(&'static str, RgbImage)> {
    let (width, height) = picture.dimensions();
    let cut = |x: u32, y: u32| imageops::crop_imm(picture, x, y, width - x, height - y).to_image();
    let scaled = |factor: f32| {
        let side = |length: u32| (length as f32 * factor).round() as u32;
        imageops::resize(picture, side(width), side(height), imageops::FilterType::Triangle)
    };
    let padded = |by: u32| {
        let mut canvas = RgbImage::from_pixel(width + 2 * by, height + 2 * by, Rgb([128; 3]));
        imageops::replace(&mut canvas, picture, by.into(), by.into());
        canvas
    };
    let mut jpeg = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(picture).unwrap();
    let jpeg = image::load_from_memory_with_format(jpeg.get_ref(), ImageFormat::Jpeg).unwrap().to_rgb8();
    vec![
        ("shift", cut(1, 0)),
        ("shift", cut(0, 2)),
        ("shift", cut(3, 5)),
        ("shift", cut(8, 8)),
        ("shift", cut(16, 11)),
        ("scale", scaled(0.8)),
        ("scale", scaled(0.9)),
        ("scale", scaled(1.1)),
        ("scale", scaled(1.2)),
        ("padding", padded(10)),
        ("padding", padded(40)),
        ("padding", padded(100)),
        ("JPEG 95", jpeg),
    ]
}

/// Frames until the tracker has settled.
const SETTLED: usize = 3;

/// The raw score as a photo, and those of the first frames of a camera that shows nothing else.
fn photo_and_live(engine: &Engine, picture: &RgbImage) -> Option<(f64, Vec<f64>)> {
    let frame = frame(picture);
    let photo = block_on(engine.assess(&frame, &Method::Limit, &Settings::of_photo())).unwrap().faces.first()?.raw?;
    let mut watch = Watch::new(Settings::default(), true);
    let live = (0..24).map(|number| {
        let stopwatch = Stopwatch::start(|| 0.0);
        let watched = watch.next(engine, &frame, f64::from(number) * 100.0, &Method::Limit, Some(Take::Scored), &stopwatch);
        block_on(watched).unwrap().assessment.faces.first()?.raw
    });
    Some((photo, live.collect::<Option<_>>()?))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("FOLDER of pictures");
    let every: usize = arguments.next().map_or(1, |every| every.parse().unwrap());
    let engine = engine::on_cpu();
    let mut paths: Vec<_> = std::fs::read_dir(Path::new(&folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let pictures: Vec<RgbImage> = paths.iter().step_by(every).map(|path| image::open(path).unwrap().to_rgb8()).collect();
    let raw = |picture: &RgbImage, landmarks: &Landmarks| {
        block_on(engine.score_crop(&align(&frame(picture), landmarks).unwrap(), Method::Limit)).unwrap().raw
    };
    // The offsets of the mesh's points from the detector's.
    let mut sums = [[0.0; 2]; 5];
    let mut count = 0.0;
    for picture in &pictures {
        let Some(face) = detect(&engine, picture, PHOTO_LONG_SIDE) else { continue };
        let Some(mesh) = block_on(engine.mesh(&frame(picture), &face.landmarks)).unwrap() else { continue };
        for (sum, offset) in sums.iter_mut().flatten().zip(offset(&of_mesh(&mesh), &face.landmarks).iter().flatten()) {
            *sum += offset;
        }
        count += 1.0;
    }
    let offsets = sums.map(|point| point.map(|sum| sum / count));
    println!("offsets {offsets:.4?}");
    let kinds = ["shift", "scale", "padding", "JPEG 95"];
    let mut squares = [[(0.0, 0); 4]; WAYS.len()];
    let mut level = [0.0; WAYS.len()];
    for picture in &pictures {
        let Some(before) = ways(&engine, picture, &offsets) else { continue };
        let before = before.map(|landmarks| raw(picture, &landmarks));
        for (sum, raw) in level.iter_mut().zip(before) {
            *sum += raw / pictures.len() as f64;
        }
        for (kind, changed) in changes(picture) {
            let Some(after) = ways(&engine, &changed, &offsets) else { continue };
            let kind = kinds.iter().position(|name| *name == kind).unwrap();
            for (way, landmarks) in after.iter().enumerate() {
                let square = &mut squares[way][kind];
                *square = (square.0 + (raw(&changed, landmarks) - before[way]).powi(2), square.1 + 1);
            }
        }
    }
    println!("{} pictures; root mean square of the change of raw, in 0.0001", pictures.len());
    println!("{:12} {:>8} {:>8} {:>8} {:>8} {:>10}", "", kinds[0], kinds[1], kinds[2], kinds[3], "mean raw");
    for (way, name) in WAYS.iter().enumerate() {
        let [shift, scale, padding, jpeg] = squares[way].map(|(sum, count)| 1e4 * (sum / f64::from(count)).sqrt());
        println!("{name:12} {shift:8.1} {scale:8.1} {padding:8.1} {jpeg:8.1} {:10.5}", level[way]);
    }
    let (mut apart, mut first_frames, mut later_frames, mut count) = (0.0, 0.0_f64, 0.0_f64, 0);
    for (photo, live) in pictures.iter().filter_map(|picture| photo_and_live(&engine, picture)) {
        apart += live.iter().map(|raw| (raw - photo).powi(2)).sum::<f64>() / live.len() as f64;
        let spread = |raws: &[f64]| {
            let [least, most] = [f64::min, f64::max].map(|end| raws.iter().copied().reduce(end).unwrap());
            1e4 * (most - least)
        };
        first_frames = first_frames.max(spread(&live[..=SETTLED]));
        later_frames = later_frames.max(spread(&live[SETTLED..]));
        count += 1;
    }
    let apart = 1e4 * (apart / f64::from(count)).sqrt();
    println!(
        "{count} pictures before a camera: {apart:.1} from their photos; the first frames of one at most {first_frames:.1} apart, later ones {later_frames:.1}"
    );
}
