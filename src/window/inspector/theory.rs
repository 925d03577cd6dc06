//! What theory says about the selected box, beside what was measured there.

use egui::{Align, Layout, RichText, Ui};

use super::field;
use crate::{
    study::{Beside, Comparison, Fit},
    window::{
        text,
        theme::{Theme, space},
    },
};

/// Names the model, or the assumption that fails, and compares.
pub fn ui(ui: &mut Ui, beside: &Beside) {
    if beside.fit == Fit::Transparent && beside.availability.is_empty() {
        return;
    }
    field::group(ui, "Theory");
    match &beside.fit {
        Fit::Model(model) => {
            let sentence = match &model.approximate {
                None => format!("{}, exact", model.name),
                Some(why) => format!("{}, not exact: {why}", model.name),
            };
            ui.label(text::capital(&sentence));
        }
        Fit::Unfit { reason, .. } => {
            ui.label(format!("No model fits: {reason}"));
        }
        Fit::Transparent => {}
    }
    if let Some(reason) = &beside.unpredicted {
        ui.label(format!(
            "Availability does not follow from the drawing: {reason}"
        ));
    }
    let figures = beside.figures.iter().chain(&beside.availability);
    let figures: Vec<&Comparison> = figures.collect();
    ui.add_space(space::S);
    if figures.is_empty() {
        return;
    }
    let weak = Theme::of(ui).text_weak;
    let row = |ui: &mut Ui, name: RichText, about: &str, cells: [RichText; 3]| {
        ui.columns(4, |columns| {
            let label = columns[0].label(name);
            if !about.is_empty() {
                label.on_hover_text(about);
            }
            for (column, cell) in columns[1..].iter_mut().zip(cells) {
                column.with_layout(Layout::top_down(Align::Max), |ui| ui.label(cell));
            }
        });
    };
    let heads = ["Theory", "Run", "Off by"].map(|head| RichText::new(head).color(weak));
    row(ui, RichText::new(""), OFF_BY, heads);
    for figure in figures {
        let (name, about, write) = names(figure.key);
        let simulated = figure.simulated.map_or_else(dash, write);
        let off = figure.distance();
        let off = off.map_or_else(dash, |off| format!("{off:+.1} ±"));
        let cells = [write(figure.exact), simulated, off].map(RichText::new);
        row(ui, RichText::new(name), about, cells);
    }
    ui.add_space(space::S);
}

const OFF_BY: &str = "How far the run is from theory, in half-widths of its own 95 % confidence \
                      interval: 19 of 20 figures are within 1 when theory is exact";

fn dash() -> String {
    "–".to_owned()
}

/// What people call a figure, what it is, and how it is written.
fn names(key: &str) -> (&'static str, &'static str, fn(f64) -> String) {
    match key {
        "throughput" => ("X", "Throughput", text::per_second),
        "utilization" => ("U", "Utilization", text::percent),
        "l" => ("L", "Number present", text::short),
        "lq" => ("Lq", "Number waiting", text::short),
        "w" => ("W", "Mean time spent", text::seconds),
        "wq" => ("Wq", "Mean wait", text::seconds),
        "p50" => ("p50", "Median of the time spent", text::seconds),
        "p99" => ("p99", "99th percentile of the time spent", text::seconds),
        "hit_ratio" => ("Hits", "Hit ratio", text::percent),
        "uptime" => ("Up", "Share of the time up", text::percent),
        _ => (
            "Answered",
            "Share of the requests answered well",
            text::percent,
        ),
    }
}
