//! Fake camera videos made from real portraits: uncompressed, so that the browser sees exactly these pixels.
use std::path::PathBuf;

use anyhow::{Context, Result};
use image::{Rgb, RgbImage, imageops};

use crate::{
    step::Step,
    workspace::{self, Workspace},
};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const FRAMES: u32 = 20;
/// How far the portraits sway to either side, in pixels: a face in front of a camera never stands quite still.
const SWAY: f64 = 6.0;
/// Left, top, width and height, in pixels of the portrait, of a camera's view of the astronaut's face.
const ASTRONAUTS_HEAD: [u32; 4] = [93, 27, 256, 192];

/// Paths of the videos.
pub struct Videos {
    /// One face, centred and at a usual distance: a picture worth taking.
    pub face: PathBuf,
    /// Two faces, side by side.
    pub two_faces: PathBuf,
    /// An empty room.
    pub empty: PathBuf,
}

/// Writes the videos that have changed.
pub fn record(workspace: &Workspace) -> Result<Videos> {
    let step = Step::start("camera");
    let folder = workspace.camera();
    let videos =
        Videos { face: folder.join("face.y4m"), two_faces: folder.join("two_faces.y4m"), empty: folder.join("empty.y4m") };
    let astronaut = portrait(workspace, "astronaut.png")?;
    let ardern = portrait(workspace, "person_b_2.jpg")?;
    let [left, top, width, height] = ASTRONAUTS_HEAD;
    let head = imageops::crop_imm(&astronaut, left, top, width, height).to_image();
    for (path, portraits) in
        [(&videos.face, vec![&head]), (&videos.two_faces, vec![&astronaut, &ardern]), (&videos.empty, Vec::new())]
    {
        workspace::write_if_changed(path, &video(&portraits))?;
    }
    step.done("videos of one face, of two, of none");
    Ok(videos)
}

fn portrait(workspace: &Workspace, name: &str) -> Result<RgbImage> {
    let path = workspace.portraits().join(name);
    let picture = image::open(&path).with_context(|| format!("cannot read the portrait {}", path.display()))?;
    Ok(picture.to_rgb8())
}

/// Returns a video in the YUV4MPEG2 format that loops without a jump.
fn video(portraits: &[&RgbImage]) -> Vec<u8> {
    let room = room();
    let scaled: Vec<_> = portraits.iter().map(|portrait| fit(portrait, WIDTH / portraits.len() as u32)).collect();
    let mut bytes = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F20:1 Ip A1:1 C420jpeg\n").into_bytes();
    for frame in 0..FRAMES {
        let phase = f64::from(frame) / f64::from(FRAMES) * std::f64::consts::TAU;
        let sway = (SWAY * phase.sin()).round() as i64;
        let mut picture = room.clone();
        for (index, portrait) in scaled.iter().enumerate() {
            let column = WIDTH / scaled.len() as u32;
            let left = index as u32 * column + (column - portrait.width()) / 2;
            imageops::replace(&mut picture, portrait, i64::from(left) + sway, i64::from(HEIGHT - portrait.height()));
        }
        bytes.extend_from_slice(b"FRAME\n");
        write_yuv420(&picture, &mut bytes);
    }
    bytes
}

/// Scales the picture to the largest size that fits a column of the video.
fn fit(portrait: &RgbImage, column: u32) -> RgbImage {
    let room = column - 2 * SWAY as u32;
    let scale = f64::min(f64::from(room) / f64::from(portrait.width()), f64::from(HEIGHT) / f64::from(portrait.height()));
    let side = |pixels: u32| (f64::from(pixels) * scale) as u32;
    imageops::resize(portrait, side(portrait.width()), side(portrait.height()), imageops::FilterType::Triangle)
}

/// Draws a wall, lit from above.
fn room() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |_, y| {
        let light = 190 - (y / 8) as u8;
        Rgb([light, light, light - 10])
    })
}

/// Appends one frame: luma, then both chroma planes at half the size (ITU-R BT.601, limited range, as cameras send it).
fn write_yuv420(picture: &RgbImage, bytes: &mut Vec<u8>) {
    let weighted = |pixel: &Rgb<u8>, weights: [f32; 3], offset: f32| {
        let sum: f32 = pixel.0.iter().zip(weights).map(|(&channel, weight)| f32::from(channel) / 255.0 * weight).sum();
        (sum + offset).round() as u8
    };
    bytes.extend(picture.pixels().map(|pixel| weighted(pixel, [65.481, 128.553, 24.966], 16.0)));
    let half = imageops::thumbnail(picture, WIDTH / 2, HEIGHT / 2);
    bytes.extend(half.pixels().map(|pixel| weighted(pixel, [-37.797, -74.203, 112.0], 128.0)));
    bytes.extend(half.pixels().map(|pixel| weighted(pixel, [112.0, -93.786, -18.214], 128.0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_BYTES: usize = (WIDTH * HEIGHT * 3 / 2) as usize;

    #[test]
    fn a_video_has_all_its_frames() {
        let portrait = RgbImage::from_pixel(50, 80, Rgb([255, 0, 0]));
        let video = video(&[&portrait, &portrait]);
        let header = video.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        assert_eq!(video.len(), header + FRAMES as usize * (b"FRAME\n".len() + FRAME_BYTES));
    }

    #[test]
    fn colours_are_those_of_the_standard() {
        // Primaries at full saturation in BT.601's limited range.
        for (colour, expected) in [
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
            ([255, 0, 0], [81, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ] {
            let mut bytes = Vec::new();
            write_yuv420(&RgbImage::from_pixel(WIDTH, HEIGHT, Rgb(colour)), &mut bytes);
            let luma = (WIDTH * HEIGHT) as usize;
            assert_eq!([bytes[0], bytes[luma], bytes[luma + luma / 4]], expected);
        }
    }
}
