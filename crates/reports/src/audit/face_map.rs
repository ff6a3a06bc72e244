use maud::{Markup, html};

use super::readings::MeanReading;

/// Side of the drawing: that of the aligned crop, in which the template has its points.
const SIDE: f32 = 112.0;
/// Opacity of the veil where nothing is read, as over a photo.
const MOST: f32 = 0.72;

/// Draws a schematic face, as the template aligns it, with a veil over unread parts. `words` say the same.
pub fn draw(reading: &MeanReading, words: &str) -> Markup {
    let (width, height) = (SIDE / reading.columns as f32, SIDE / reading.rows as f32);
    let veil = reading.cells.iter().enumerate().map(|(cell, share)| {
        let (row, column) = (cell / reading.columns, cell % reading.columns);
        (column as f32 * width, row as f32 * height, MOST * (1.0 - share))
    });
    html! {
        svg.face role="img" aria-label=(words) viewBox=(format!("0 0 {SIDE} {SIDE}")) {
            rect.ground width=(SIDE) height=(SIDE) {}
            g.lines {
                // Brows, eyes, nose, mouth and the line of the jaw.
                path d="M28 43q10-6 20 -1M64 42q10-5 20 1" {}
                path d="M30 52q8-6 16 0q-8 5-16 0zM66 52q8-6 16 0q-8 5-16 0z" {}
                path d="M56 53l-1 13q-6 5-3 8q4 2 8 0" {}
                path d="M41 92q8-4 15-2q7-2 15 2q-7 7-15 7q-8 0-15-7zM41 92h30" {}
                path d="M9 30q-2 45 14 64q8 12 20 20M103 30q2 45-14 64q-8 12-20 20" {}
            }
            @for (x, y, opacity) in veil {
                rect.veil x=(format!("{x:.2}")) y=(format!("{y:.2}")) width=(format!("{width:.2}")) height=(format!("{height:.2}"))
                    opacity=(format!("{opacity:.3}")) {}
            }
        }
    }
}
