//! Files in, upright RGB out: every common kind of picture, and every way in which a picture can be invalid.
//!
//! The small files in `pictures` cover kinds that the `image` crate cannot write. They have 16 x 16 pixels, red on the left and
//! blue on the right; the animations continue with a green frame. Files of 96 x 64 pixels show noisy waves, written by Pillow
//! and cjpeg; they cover the scan orders of JPEG.

use std::io::Cursor;

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};
use serfiq::frame::{Frame, FrameError};

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// 48 x 32: red at the top left, green at the top right, blue at the bottom left, white at the bottom right.
fn quarters() -> ImageBuffer<Rgb<u8>, Vec<u8>> {
    ImageBuffer::from_fn(48, 32, |x, y| {
        Rgb(match (x < 24, y < 16) {
            (true, true) => [200, 20, 20],
            (false, true) => [20, 200, 20],
            (true, false) => [20, 20, 200],
            (false, false) => [220, 220, 220],
        })
    })
}

/// The colour at the centre of each quarter of the frame, named by its strongest channel.
fn colours(frame: &Frame) -> String {
    let name = |x: u32, y: u32| {
        let index = 3 * (y * frame.height() / 4 * frame.width() + x * frame.width() / 4) as usize;
        let [r, g, b] = [0, 1, 2].map(|channel| frame.rgb()[index + channel]);
        match (r > 120, g > 120, b > 120) {
            (true, false, false) => 'R',
            (false, true, false) => 'G',
            (false, false, true) => 'B',
            (true, true, true) => 'W',
            _ => '?',
        }
    };
    [name(1, 1), name(3, 1), name(1, 3), name(3, 3)].iter().collect()
}

/// A JPEG whose EXIF data hold only the orientation.
fn jpeg_with_orientation(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = encode(quarters(), ImageFormat::Jpeg);
    let mut segment = vec![0xff, 0xe1];
    segment.extend((exif.len() as u16 + 2).to_be_bytes());
    segment.extend(exif);
    bytes.splice(2..2, segment);
    bytes
}

#[test]
fn exif_orientations_are_turned_upright() {
    let upright = ["RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"];
    for (orientation, expected) in (1..=8).zip(upright) {
        let frame = Frame::decode(&jpeg_with_orientation(orientation)).unwrap();
        let size = if orientation < 5 { (48, 32) } else { (32, 48) };
        assert_eq!((frame.width(), frame.height()), size, "orientation {orientation}");
        assert_eq!(colours(&frame), expected, "orientation {orientation}");
    }
    // An invalid orientation is no reason to reject a picture.
    assert_eq!(colours(&Frame::decode(&jpeg_with_orientation(77)).unwrap()), "RGBW");
}

#[test]
fn lossless_formats_keep_every_sample() {
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let frame = Frame::decode(&encode(quarters(), format)).unwrap();
        assert_eq!(frame.rgb(), quarters().as_raw().as_slice(), "{format:?}");
    }
}

#[test]
fn other_depths_and_channels_become_rgb() {
    let grey = ImageBuffer::from_pixel(3, 2, Luma([90_u8]));
    let grey_alpha = ImageBuffer::from_pixel(3, 2, LumaA([90_u8, 10]));
    let deep = ImageBuffer::from_pixel(3, 2, Rgb([90 * 257_u16; 3]));
    let alpha = ImageBuffer::from_pixel(3, 2, Rgba([90_u8, 90, 90, 0]));
    let deep_alpha = ImageBuffer::from_pixel(3, 2, Rgba([90 * 257_u16, 90 * 257, 90 * 257, 300]));
    let images: [DynamicImage; 5] = [grey.into(), grey_alpha.into(), deep.into(), alpha.into(), deep_alpha.into()];
    for image in images {
        let kind = image.color();
        let frame = Frame::decode(&encode(image, ImageFormat::Png)).unwrap();
        assert_eq!(frame.rgb(), [90; 18], "{kind:?}");
    }
    let frame = Frame::decode(&encode(ImageBuffer::from_pixel(16, 16, Luma([90_u8])), ImageFormat::Jpeg)).unwrap();
    assert!(frame.rgb().iter().all(|sample| sample.abs_diff(90) <= 1));
}

#[test]
fn cmyk_progressive_and_animated_pictures_are_read() {
    for (name, bytes) in [
        ("cmyk.jpg", include_bytes!("pictures/cmyk.jpg").as_slice()),
        ("progressive.jpg", include_bytes!("pictures/progressive.jpg")),
        ("animated.webp", include_bytes!("pictures/animated.webp")),
        ("animated.png", include_bytes!("pictures/animated.png")),
    ] {
        let frame = Frame::decode(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((frame.width(), frame.height()), (16, 16), "{name}");
        assert_eq!(colours(&frame), "RBRB", "{name}");
    }
}

#[test]
fn files_of_other_kinds_are_named() {
    for (bytes, words, reason) in [
        (b"".as_slice(), "an empty file", "empty-file"),
        (b"GIF89a\x01\0\x01\0\0\0\0", "Gif", "format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC", "heic"),
        (b"%PDF-1.7 and so on", "unknown format", "format"),
    ] {
        let error = Frame::decode(bytes).unwrap_err();
        assert!(matches!(error, FrameError::Format { .. }), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.reason(), reason, "{error}");
    }
}

#[test]
fn damaged_pictures_are_errors() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encode(quarters(), format);
        for share in [10, 30, 60, 90] {
            let cut = &whole[..whole.len() * share / 100];
            let result = Frame::decode(cut);
            assert!(
                matches!(result, Err(FrameError::Damaged { .. } | FrameError::CutShort)),
                "{share} % of a {format:?}: {result:?}"
            );
        }
    }
}

/// JPEGs with all common scan orders.
const SCANS: [(&str, &[u8]); 5] = [
    ("sequential_420.jpg", include_bytes!("pictures/sequential_420.jpg")),
    ("progressive_420.jpg", include_bytes!("pictures/progressive_420.jpg")),
    ("restarts_422.jpg", include_bytes!("pictures/restarts_422.jpg")),
    ("one_scan_a_colour.jpg", include_bytes!("pictures/one_scan_a_colour.jpg")),
    ("grey.jpg", include_bytes!("pictures/grey.jpg")),
];

#[test]
fn a_jpeg_with_a_hole_before_its_end_is_damaged() {
    for (name, whole) in SCANS {
        Frame::decode(whole).unwrap_or_else(|error| panic!("{name}: {error}"));
        // A length within the hole may point beyond the end.
        let is_damaged = |bytes: &[u8]| matches!(Frame::decode(bytes), Err(FrameError::Damaged { .. } | FrameError::CutShort));
        // As left by an interrupted copy.
        for share in [40, 45, 60, 75, 90] {
            let mut hole = whole.to_vec();
            let end = hole.len() - 2;
            hole[whole.len() * share / 100..end].fill(0);
            assert!(is_damaged(&hole), "{name}: zeros from {share} % on");
            let short = [&whole[..whole.len() * share / 100], &[0xff, 0xd9]].concat();
            assert!(is_damaged(&short), "{name}: nothing from {share} % on");
        }
        // As left by a lost block. The decoder can resynchronise, so that, rarely, a hole goes unnoticed.
        let (mut holes, mut found) = (0, 0);
        let size = whole.len() / 8;
        for start in (whole.len() / 4..whole.len() - size - 2).step_by(23) {
            let (before, after) = (&whole[..start], &whole[start + size..]);
            let other: Vec<u8> = (0..size).map(|i| (i * 167 % 255) as u8).collect();
            for filling in [vec![0; size], vec![], other, whole[start - size..start].to_vec()] {
                holes += 1;
                found += usize::from(is_damaged(&[before, &filling, after].concat()));
            }
        }
        assert!(found * 100 >= holes * 90, "{name}: {found} of {holes} holes found");
    }
}

/// PNG damage is found by checksum. (A WebP has none: only its length is checked.)
#[test]
fn a_png_with_a_hole_is_damaged() {
    let noise =
        ImageBuffer::from_fn(96, 64, |x, y| Rgb([x * y, x ^ y, x * 7 + y * 13].map(|sample| (sample * 31 % 251) as u8)));
    let whole = encode(noise, ImageFormat::Png);
    assert!(Frame::decode(&whole).is_ok());
    for share in [20, 50, 80, 95] {
        for size in [1, 16, 200] {
            let mut hole = whole.clone();
            let start = whole.len() * share / 100;
            hole[start..start + size].iter_mut().for_each(|byte| *byte = !*byte);
            let result = Frame::decode(&hole);
            assert!(matches!(result, Err(FrameError::Damaged { .. })), "{size} bytes at {share} %: {result:?}");
        }
    }
}

#[test]
fn bytes_after_the_last_block_or_the_end_are_no_damage() {
    for (name, whole) in SCANS {
        let end = whole.len() - 2;
        let filled = [&whole[..end], &[0xff; 9], &whole[end..]].concat();
        let padded = [&whole[..end], &[0, 0], &whole[end..]].concat();
        let followed = [whole, &b"a second picture, for example"[..]].concat();
        for bytes in [filled, padded, followed] {
            let frame = Frame::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(frame.rgb(), Frame::decode(whole).unwrap().rgb(), "{name}");
        }
    }
}

#[test]
fn a_small_jpeg_cannot_ask_for_much_memory_or_time() {
    for (name, whole) in SCANS {
        let frame = whole.windows(2).position(|pair| pair[0] == 0xff && matches!(pair[1], 0xc0..=0xc2)).expect(name);
        let length = 2 + usize::from(u16::from_be_bytes([whole[frame + 2], whole[frame + 3]]));
        let mut huge = whole[frame..frame + length].to_vec();
        huge[5..9].fill(0xff);
        // A second frame header, of 4,295 megapixels, before and after the first.
        for at in [frame, frame + length] {
            let bytes = [&whole[..at], &huge, &whole[at..]].concat();
            if let Ok(decoded) = Frame::decode(&bytes) {
                assert_eq!((decoded.width(), decoded.height()), (96, 64), "{name}");
            }
        }
        // The last scan, again and again.
        let scan = whole.windows(2).rposition(|pair| pair == [0xff, 0xda]).expect(name);
        let end = whole.len() - 2;
        let bytes = [&whole[..end], &whole[scan..end].repeat(200), &whole[end..]].concat();
        drop(Frame::decode(&bytes));
    }
}

#[test]
fn no_change_of_a_byte_makes_the_decoder_panic() {
    for (name, whole) in SCANS {
        // Other sizes take long, and have their own test below.
        let size = whole.windows(2).position(|pair| pair[0] == 0xff && matches!(pair[1], 0xc0..=0xc2)).expect(name);
        for at in (0..whole.len()).filter(|at| !(size..size + 9).contains(at)).step_by(3) {
            for value in [0, 0xff] {
                let mut changed = whole.to_vec();
                changed[at] = value;
                drop(Frame::decode(&changed));
            }
        }
    }
}

#[test]
fn a_small_file_cannot_ask_for_a_lot_of_memory() {
    let mut png = encode(ImageBuffer::from_pixel(1, 1, Luma([0_u8])), ImageFormat::Png);
    // Overwrites width and height in the header, and corrects its checksum.
    png[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    let error = Frame::decode(&png).unwrap_err();
    assert!(matches!(error, FrameError::TooLarge { width: 65535, height: 65535 }), "{error:?}");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}
