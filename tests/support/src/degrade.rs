//! Aligned crops degraded in the ways selfies commonly go wrong. Bit-exact on every machine, because the reference scores belong to
//! exactly these pixels.

use serfiq::face::AlignedCrop;
use serfiq::frame::Frame;

const SIDE: usize = AlignedCrop::SIZE as usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Degradation {
    None,
    Blur,
    Dark,
    LowResolution,
    Occlusion,
    ProfileCrop,
}

impl Degradation {
    pub const ALL: [Self; 6] = [Self::None, Self::Blur, Self::Dark, Self::LowResolution, Self::Occlusion, Self::ProfileCrop];

    /// The name in `tests/reference/scores.json` and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Blur => "blur",
            Self::Dark => "dark",
            Self::LowResolution => "low_resolution",
            Self::Occlusion => "occlusion",
            Self::ProfileCrop => "profile_crop",
        }
    }

    pub fn apply(self, crop: &AlignedCrop) -> AlignedCrop {
        let at = |x: usize, y: usize, channel: usize| crop.rgb()[3 * (y * SIDE + x) + channel];
        match self {
            Self::None => crop.clone(),
            Self::Blur => blur(crop),
            // 5 % of the light. At 15 %, without camera noise, SFace is barely affected: two of the seven portraits then score
            // 0.0012 higher than in full light.
            Self::Dark => each_sample(|x, y, channel| ((u32::from(at(x, y, channel)) + 10) / 20) as u8),
            Self::LowResolution => low_resolution(crop),
            // A black bar over the third of the rows with eyes and nose.
            Self::Occlusion => each_sample(|x, y, channel| if (36..73).contains(&y) { 0 } else { at(x, y, channel) }),
            // 50 of 112 columns lie outside the picture.
            Self::ProfileCrop => each_sample(|x, y, channel| if x + 50 < SIDE { at(x + 50, y, channel) } else { 0 }),
        }
    }
}

/// A Gaussian of sigma 3 (variance 9): eighteen passes of (1 2 1)/4, each of variance 1/2, both ways. Powers of two, so that only
/// the last bits round.
fn blur(crop: &AlignedCrop) -> AlignedCrop {
    let mut samples: Vec<f64> = crop.rgb().iter().copied().map(f64::from).collect();
    for step in [(1, 0), (0, 1)].repeat(18) {
        let at = |x: usize, y: usize, channel: usize| samples[3 * (y * SIDE + x) + channel];
        let (across, down) = step;
        samples = positions()
            .map(|(x, y, channel)| {
                let before = at(x.saturating_sub(across), y.saturating_sub(down), channel);
                let after = at((x + across).min(SIDE - 1), (y + down).min(SIDE - 1), channel);
                (before + 2.0 * at(x, y, channel) + after) / 4.0
            })
            .collect();
    }
    crop_of(samples.iter().map(|sample| (sample + 0.5) as u8).collect())
}

/// Shrinks 112 pixels a side to 16 by averaging 7 x 7 blocks, then enlarges bilinearly.
fn low_resolution(crop: &AlignedCrop) -> AlignedCrop {
    const BLOCK: usize = 7;
    const SMALL: usize = SIDE / BLOCK;
    let mut small = vec![0.0; 3 * SMALL * SMALL];
    for (x, y, channel) in positions() {
        small[3 * (y / BLOCK * SMALL + x / BLOCK) + channel] += f64::from(crop.rgb()[3 * (y * SIDE + x) + channel]);
    }
    // The two small pixels beside a large one, and the second's share, in fourteenths to stay in whole numbers.
    let beside = |large: usize| {
        let fourteenths = (2 * large + 1).saturating_sub(BLOCK).min(2 * BLOCK * (SMALL - 1));
        let first = fourteenths / (2 * BLOCK);
        (first, (first + 1).min(SMALL - 1), (fourteenths % (2 * BLOCK)) as f64 / (2 * BLOCK) as f64)
    };
    each_sample(|x, y, channel| {
        let at = |x: usize, y: usize| small[3 * (y * SMALL + x) + channel] / (BLOCK * BLOCK) as f64;
        let ((left, right, right_share), (top, bottom, bottom_share)) = (beside(x), beside(y));
        let upper = at(left, top) * (1.0 - right_share) + at(right, top) * right_share;
        let lower = at(left, bottom) * (1.0 - right_share) + at(right, bottom) * right_share;
        (upper * (1.0 - bottom_share) + lower * bottom_share + 0.5) as u8
    })
}

fn each_sample(sample: impl Fn(usize, usize, usize) -> u8) -> AlignedCrop {
    crop_of(positions().map(|(x, y, channel)| sample(x, y, channel)).collect())
}

/// x, y and channel of every sample, in buffer order.
fn positions() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..3 * SIDE * SIDE).map(|index| (index / 3 % SIDE, index / 3 / SIDE, index % 3))
}

fn crop_of(rgb: Vec<u8>) -> AlignedCrop {
    let frame = Frame::from_rgb(AlignedCrop::SIZE, AlignedCrop::SIZE, rgb).unwrap();
    AlignedCrop::from_frame(&frame).unwrap()
}
