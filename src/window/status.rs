//! The line at the bottom.

use egui::{Align, Layout, Ui};

use super::{document::Document, selection::Selection};

/// Draws the line.
pub fn ui(ui: &mut Ui, document: &Document, selection: &Selection, zoom: f32) {
    ui.horizontal_centered(|ui| {
        let scenario = document.scenario();
        let count = |n: usize, one: &str, many: &str| {
            if n == 1 {
                format!("1 {one}")
            } else {
                format!("{n} {many}")
            }
        };
        ui.weak(format!(
            "{}, {}",
            count(scenario.components.len(), "box", "boxes"),
            count(scenario.connections.len(), "connection", "connections"),
        ));
        if !selection.is_empty() {
            ui.separator();
            ui.weak(format!("{} selected", selection.describe()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.weak(format!("{:.0} %", zoom * 100.0))
                .on_hover_text("Zoom");
        });
    });
}
