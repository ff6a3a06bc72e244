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
        /// What the bytes are, in words, such as `an empty file`.
        found: String,
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
    /// What was found in an empty file.
    pub(super) const EMPTY_FILE: &'static str = "an empty file";
    /// What was found in an ISO base media file: what phones save as HEIC.
    pub(super) const HEIC: &'static str = "a HEIC picture or a video";

    /// A stable name of the reason, for programs that have their own words for it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty { .. } | Self::Length { .. } | Self::Unreadable { .. } => "no-pixels",
            Self::TooLarge { .. } => "too-large",
            Self::Format { found } if found == Self::EMPTY_FILE => "empty-file",
            Self::Format { found } if found == Self::HEIC => "heic",
            Self::Format { .. } => "format",
            Self::Damaged { .. } => "damaged",
            Self::CutShort => "cut-short",
        }
    }
}
