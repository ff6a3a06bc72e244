use std::error::Error;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{Ranged, ValueFormatter};
use plotters::prelude::*;

/// Width and height in pixels, before the page scales the plot.
const SIZE: (u32, u32) = (760, 420);
const FONT: &str = "system-ui, sans-serif";

/// Colours of a plot. The page shows one of the two sets, following the reader's system.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    pub ink: RGBColor,
    pub faint: RGBColor,
    pub measures: [RGBColor; 6],
    /// Opacity of a confidence band.
    pub band: f64,
}

/// For a white background. Measures have the colours of Okabe and Ito, distinguishable with any colour vision; those too light
/// for a line are darkened.
pub const LIGHT: Palette = Palette {
    ink: RGBColor(0x2b, 0x30, 0x38),
    faint: RGBColor(0xe3, 0xe6, 0xea),
    measures: [
        RGBColor(0x00, 0x5f, 0xa3),
        RGBColor(0xc2, 0x4e, 0x00),
        RGBColor(0x00, 0x80, 0x5f),
        RGBColor(0xa8, 0x48, 0x7c),
        RGBColor(0x8a, 0x6d, 0x00),
        RGBColor(0x1f, 0x85, 0xb5),
    ],
    band: 0.14,
};

/// For a nearly black background.
pub const DARK: Palette = Palette {
    ink: RGBColor(0xd5, 0xda, 0xe1),
    faint: RGBColor(0x33, 0x3a, 0x44),
    measures: [
        RGBColor(0x5a, 0xb0, 0xf0),
        RGBColor(0xf0, 0x8c, 0x3c),
        RGBColor(0x35, 0xc4, 0x9a),
        RGBColor(0xe3, 0x8f, 0xbd),
        RGBColor(0xd9, 0xbd, 0x4a),
        RGBColor(0x8c, 0xd3, 0xf2),
    ],
    band: 0.2,
};

/// An SVG image, or the reason there is none.
pub type Plot = Result<String, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Returns the image that `content` draws.
pub fn draw(content: impl FnOnce(&Area) -> Result<(), Box<dyn Error>>) -> Plot {
    draw_in(SIZE.1, content)
}

/// Like `draw`, with a height in pixels.
pub fn draw_in(height: u32, content: impl FnOnce(&Area) -> Result<(), Box<dyn Error>>) -> Plot {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (SIZE.0, height)).into_drawing_area();
    content(&root)?;
    root.present()?;
    drop(root);
    Ok(svg)
}

/// Returns a builder of a chart with room for axis labels.
pub fn builder<'a, 'b>(root: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(root);
    builder.margin(12).margin_right(28).x_label_area_size(46).y_label_area_size(70);
    builder
}

/// Returns the text style of labels.
pub fn words(palette: &Palette) -> TextStyle<'static> {
    (FONT, 14).into_font().color(&palette.ink)
}

/// Draws axes with percentages, and faint grid lines.
pub fn mesh<X, Y>(
    chart: &mut ChartContext<SVGBackend, Cartesian2d<X, Y>>,
    palette: &Palette,
    across: &str,
    up: &str,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    labelled_mesh(chart, palette, across, up, percent)
}

/// Like `mesh`, with custom labels.
pub fn labelled_mesh<X, Y>(
    chart: &mut ChartContext<SVGBackend, Cartesian2d<X, Y>>,
    palette: &Palette,
    across: &str,
    up: &str,
    label: impl Fn(f64) -> String,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let text = words(palette);
    let label = |value: &f64| label(*value);
    Ok(chart
        .configure_mesh()
        .x_desc(across)
        .y_desc(up)
        .x_label_formatter(&label)
        .y_label_formatter(&label)
        .label_style(text.clone())
        .axis_desc_style(text)
        .axis_style(palette.ink)
        .bold_line_style(palette.faint)
        .light_line_style(TRANSPARENT)
        .draw()?)
}

/// Formats a share as a percentage with three significant digits.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent.abs() < 1e-9 { 0 } else { (2 - percent.abs().log10().floor() as i32).clamp(0, 6) };
    let text = format!("{percent:.*}", digits as usize);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}\u{a0}%")
}

/// Like `percent`, but empty except for 1, 2 and 5 times a power of ten: a logarithmic axis has no room for other labels.
pub fn round_percent(share: f64) -> String {
    let text = percent(share);
    let is_round = text.trim_start_matches(['0', '.']).starts_with(['1', '2', '5']);
    if is_round { text } else { String::new() }
}

/// Returns the corners of a step curve, which is constant up to the next point.
pub fn stairs(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (x, y) in points {
        if let Some(&(_, before)) = corners.last().filter(|(_, before)| *before != y) {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_the_digits_that_count() {
        let shares = [0.0, 0.5, 1.0, 0.123_456, 0.001, 0.000_123_4, 0.05];
        assert_eq!(
            shares.map(percent),
            ["0", "50", "100", "12.3", "0.1", "0.0123", "5"].map(|number| format!("{number}\u{a0}%"))
        );
    }

    #[test]
    fn round_percentages_are_far_enough_apart() {
        let shares = [0.005, 0.006, 0.01, 0.02, 0.03, 0.5, 0.9, 1.0];
        let expected = ["0.5\u{a0}%", "", "1\u{a0}%", "2\u{a0}%", "", "50\u{a0}%", "", "100\u{a0}%"];
        assert_eq!(shares.map(round_percent), expected);
    }

    #[test]
    fn a_step_is_a_corner() {
        let steps = stairs([(0.0, 3.0), (0.1, 3.0), (0.2, 1.0)].into_iter());
        assert_eq!(steps, [(0.0, 3.0), (0.1, 3.0), (0.2, 3.0), (0.2, 1.0)]);
    }
}
