use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::findings::{OfAttribute, OfGroup};
use crate::chart::{Palette, Plot, builder, draw, draw_in, mesh, words};

/// Pixels between the baselines of two groups.
const ROW: u32 = 58;
/// Maximum number of letters in a group's name, and pixels per letter.
const NAME: (usize, u32) = (18, 8);
/// Pixels below and above the rows.
const AROUND: u32 = 96;

/// Returns the opacity of a group's colour. There are six colours, so groups after the sixth get paler ones.
fn opacity(group: usize, colours: usize) -> f64 {
    if group < colours { 0.8 } else { 0.4 }
}

fn colour(palette: &Palette, group: usize) -> RGBAColor {
    let colours = palette.measures.len();
    palette.measures[group % colours].mix(opacity(group, colours))
}

/// Draws one row per group: the distribution of its qualities, and their median.
pub fn distributions(attribute: &OfAttribute, palette: &Palette) -> Plot {
    let shown: Vec<(usize, &OfGroup)> = attribute.groups.iter().enumerate().filter(|(_, group)| group.images > 0).collect();
    let (lowest, highest) = attribute.range;
    // The axis needs a range even if all qualities are equal.
    let span = if highest > lowest { highest - lowest } else { 1.0 };
    draw_in(AROUND + ROW * shown.len() as u32, |root| {
        let mut builder = builder(root);
        let letters = shown.iter().map(|(_, group)| shortened(&group.name).chars().count()).max().unwrap_or(0);
        builder.y_label_area_size(20 + NAME.1 * letters as u32);
        let rows = shown.len() as f64;
        let mut chart = builder.build_cartesian_2d(lowest..lowest + span, 0.0..rows + 0.25)?;
        let style = words(palette);
        // Enough digits for about ten distinct labels.
        let digits = -(span / 10.0).log10().floor();
        let number = |value: &f64| format!("{value:.*}", digits.clamp(0.0, 9.0) as usize);
        chart
            .configure_mesh()
            .disable_y_axis()
            .disable_y_mesh()
            .x_desc("quality")
            .x_label_formatter(&number)
            .label_style(style.clone())
            .axis_desc_style(style.clone())
            .axis_style(palette.ink)
            .bold_line_style(palette.faint)
            .light_line_style(TRANSPARENT)
            .draw()?;
        let names = style.pos(Pos::new(HPos::Right, VPos::Bottom));
        for (row, (index, group)) in shown.iter().enumerate() {
            let base = rows - 1.0 - row as f64;
            let width = span / group.distribution.len() as f64;
            let most = group.distribution.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            let height = |share: f64| base + 0.95 * share / most;
            let steps = group
                .distribution
                .iter()
                .enumerate()
                .flat_map(|(part, share)| [part, part + 1].map(|edge| (lowest + width * edge as f64, height(*share))));
            let area: Vec<(f64, f64)> = [(lowest, base)].into_iter().chain(steps).chain([(lowest + span, base)]).collect();
            chart.draw_series([Polygon::new(area, colour(palette, *index).filled())])?;
            chart.draw_series(LineSeries::new([(lowest, base), (lowest + span, base)], palette.faint.stroke_width(1)))?;
            if let Some(summary) = &group.summary {
                let mark = [(summary.median, base), (summary.median, base + 0.3)];
                chart.draw_series(LineSeries::new(mark, palette.ink.stroke_width(2)))?;
            }
            let (x, y) = chart.backend_coord(&(lowest, base));
            root.draw(&Text::new(shortened(&group.name), (x - 10, y), names.clone()))?;
        }
        Ok(())
    })
}

/// Draws the groups' shares, stacked, among a growing part of the images, lowest quality first.
pub fn shares(attribute: &OfAttribute, palette: &Palette) -> Plot {
    let first = attribute.shares.first().map_or(0.0, |shares| shares.fraction);
    draw(|root| {
        let mut chart = builder(root).build_cartesian_2d(first..1.0, 0.0..1.0)?;
        let up_to = |shares: &[f64], group: usize| shares[..group].iter().sum::<f64>();
        for group in 0..attribute.groups.len() {
            let edge = |which: usize| attribute.shares.iter().map(move |at| (at.fraction, up_to(&at.shares, group + which)));
            let band: Vec<(f64, f64)> = edge(1).chain(edge(0).rev()).collect();
            chart.draw_series([Polygon::new(band, colour(palette, group).filled())])?;
        }
        mesh(&mut chart, palette, "images, those of the lowest quality first", "share of each group among them")
    })
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME.0) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_names_are_cut_between_letters() {
        assert_eq!(shortened("frontal"), "frontal");
        assert_eq!(shortened("äöüäöüäöüäöüäöüäöüäöü"), "äöüäöüäöüäöüäöüäöü…");
    }
}
