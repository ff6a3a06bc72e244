use std::fmt;

use thiserror::Error;

use super::Frame;

/// Why pixels or a file could not become a [`Frame`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A side of length zero.
    #[error("the picture is {width} x {height} pixels; both sides must be at least 1")]
    Empty {
        /// Width found, in pixels; expected at least 1.
        width: u32,
        /// Height found, in pixels; expected at least 1.
        height: u32,
    },

    /// More than [`Frame::MAX_PIXELS`].
    #[error(
        "the picture is {width} x {height} pixels, more than the {} million that are accepted; scale it down first",
        Frame::MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Width found, in pixels.
        width: u32,
        /// Height found, in pixels.
        height: u32,
    },

    /// A buffer that does not fit its dimensions.
    #[error("{width} x {height} pixels of {channels} bytes take {expected} bytes, but {found} were given")]
    Length {
        /// Width as given, in pixels.
        width: u32,
        /// Height as given, in pixels.
        height: u32,
        /// Bytes per pixel: 3 for RGB, 4 for RGBA.
        channels: usize,
        /// Length expected, in bytes: `width * height * channels`.
        expected: usize,
        /// Length found, in bytes.
        found: usize,
    },

    /// Bytes that are not a JPEG, PNG or WebP.
    #[error("this is {found}, not a JPEG, PNG or WebP picture; convert it to one of them")]
    Format {
        /// What the bytes are.
        found: Found,
    },

    /// A JPEG, PNG or WebP that ends early or is damaged.
    #[error("the {format} picture is damaged or cut short ({source}); save or download it again")]
    Damaged {
        /// Format of the picture: `JPEG`, `PNG` or `WebP`.
        format: &'static str,
        /// What the decoder reported.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A JPEG without its end, as after an interrupted download.
    #[error("the JPEG picture is cut short: its end is missing; save or download it again")]
    CutShort,

    /// Pixels that their owner refuses to hand over.
    #[error("the picture's pixels cannot be read: {reason}")]
    Unreadable {
        /// The reason that the owner gave.
        reason: String,
    },
}

impl FrameError {
    /// A stable name of the reason, for programs that have their own words for it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty { .. } | Self::Length { .. } | Self::Unreadable { .. } => "no-pixels",
            Self::TooLarge { .. } => "too-large",
            Self::Format { found: Found::Nothing } => "empty-file",
            Self::Format { found: Found::Heic } => "heic",
            Self::Format { .. } => "format",
            Self::Damaged { .. } => "damaged",
            Self::CutShort => "cut-short",
        }
    }
}

/// The content of bytes that are not a JPEG, PNG or WebP.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// No bytes.
    Nothing,
    /// An ISO base media file: what phones save as HEIC, or a video.
    Heic,
    /// A picture in another format, by its name.
    Other(String),
    /// Anything else.
    Unknown,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("an empty file"),
            Self::Heic => f.write_str("a HEIC picture or a video"),
            Self::Other(name) => write!(f, "a file in the {name} format"),
            Self::Unknown => f.write_str("a file of unknown format"),
        }
    }
}
