//! Pictures and cards that are truncated or have a wrong byte give a result or an error, and never a panic.
use std::{io::Cursor, ops::Range, sync::LazyLock};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use proptest::{prelude::*, sample::Index};
use serfiq::{ModelCard, frame::Frame};
use serfiq_test_support::in_checkout;

/// Small pictures of every supported kind.
static PICTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let drawn = RgbImage::from_fn(19, 13, |x, y| Rgb([(12 * x) as u8, (19 * y) as u8, ((x * y) % 251) as u8]));
    let encode = |format| {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(drawn.clone()).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let drawn = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP].map(encode);
    let files = ["cmyk.jpg", "progressive.jpg", "animated.webp", "animated.png"];
    let read = |name| std::fs::read(in_checkout("tests/native/pictures").join(name)).unwrap();
    drawn.into_iter().chain(files.map(read)).collect()
});

static CARDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    ["sface", "yunet"].map(|name| std::fs::read(in_checkout(format!("models/{name}.toml"))).unwrap()).to_vec()
});

/// The ways in which a file is damaged.
#[derive(Debug, Clone)]
enum Damage {
    EndsEarly(Index),
    OtherBytes(Vec<(Index, u8)>),
    Missing(Index, Range<usize>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 0x7f, 0x80, 0xff, b'-', b'"', b'9'])];
    prop_oneof![
        any::<Index>().prop_map(Damage::EndsEarly),
        prop::collection::vec((any::<Index>(), byte), 1..4).prop_map(Damage::OtherBytes),
        (any::<Index>(), 1..20_usize).prop_map(|(place, count)| Damage::Missing(place, 0..count)),
    ]
}

impl Damage {
    fn of(self, whole: &[u8]) -> Vec<u8> {
        let mut damaged = whole.to_vec();
        match self {
            Self::EndsEarly(place) => damaged.truncate(place.index(whole.len())),
            Self::OtherBytes(bytes) => bytes.into_iter().for_each(|(place, byte)| damaged[place.index(whole.len())] = byte),
            Self::Missing(place, range) => {
                let start = place.index(whole.len());
                damaged.drain(start..(start + range.len()).min(whole.len()));
            }
        }
        damaged
    }
}

#[test]
fn no_picture_that_ends_early_makes_the_decoder_panic() {
    for whole in PICTURES.iter() {
        assert!(Frame::decode(whole).is_ok());
        for length in 0..whole.len() {
            let _ = Frame::decode(&whole[..length]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_damage_makes_a_picture_panic(which in 0..7_usize, damage in damage()) {
        if let Ok(frame) = Frame::decode(&damage.of(&PICTURES[which])) {
            prop_assert_eq!(frame.rgb().len(), 3 * frame.width() as usize * frame.height() as usize);
        }
    }

    #[test]
    fn no_damage_makes_a_card_panic(which in 0..2_usize, damage in damage()) {
        let text = String::from_utf8_lossy(&damage.of(&CARDS[which])).into_owned();
        // The error says what is wrong.
        if let Err(error) = ModelCard::own("own.onnx", b"not read for a card", Some(&text)) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
