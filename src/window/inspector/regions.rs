//! How the requests from each region fare.

use egui::{Align, Label, Layout, RichText, Ui};

use super::field;
use crate::window::{
    live::{RegionReading, Snapshot},
    text,
    theme::Theme,
};

/// Draws a row for each region of the selected client, or of all clients. None when the requests of
/// none come from several.
pub fn ui(ui: &mut Ui, snapshot: &Snapshot) {
    if !snapshot.selected.regions.is_empty() {
        table(ui, &snapshot.selected.regions);
    }
}

/// Draws the row of one frame.
pub fn of_frame(ui: &mut Ui, snapshot: &Snapshot, name: &str) {
    let rows = snapshot.selected.regions.iter();
    let rows: Vec<_> = rows.filter(|(of, _)| of == name).cloned().collect();
    if !rows.is_empty() {
        table(ui, &rows);
    }
}

fn table(ui: &mut Ui, rows: &[(String, RegionReading)]) {
    field::group(ui, "Requests from");
    let weak = Theme::of(ui).text_weak;
    let row = |ui: &mut Ui, name: RichText, cells: [RichText; 3]| {
        ui.columns(4, |columns| {
            columns[0].add(Label::new(name).truncate());
            for (column, cell) in columns[1..].iter_mut().zip(cells) {
                column.with_layout(Layout::top_down(Align::Max), |ui| ui.label(cell));
            }
        });
    };
    let heads = ["p50", "p99", "failed"].map(|head| RichText::new(head).color(weak));
    row(ui, RichText::new(""), heads);
    for (name, reading) in rows {
        let time = |secs: Option<f64>| secs.map_or_else(|| "–".to_owned(), text::seconds);
        let cells = [
            time(reading.latency.p50),
            time(reading.latency.p99),
            text::percent(reading.failed),
        ];
        row(ui, RichText::new(name), cells.map(RichText::new));
    }
}
