//! Which box breaks first, and what is demanded of the one that is selected.

use egui::Ui;

use super::field;
use crate::{
    study::{Demand, Figure, bottleneck},
    window::{live::Snapshot, text},
};

/// Names the box that breaks first.
pub fn first(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(scenario) = &snapshot.scenario else {
        return;
    };
    let system = &snapshot.system.so_far;
    let demands: Vec<Option<Demand>> = snapshot
        .boxes
        .iter()
        .map(|reading| Demand::measured(system, &reading.so_far))
        .collect();
    let (Some(first), Some(rate)) = (bottleneck(&demands), Figure::ArrivalRate.of(system)) else {
        return;
    };
    let Some((name, _)) = scenario.components.get_index(first.index) else {
        return;
    };
    field::group(ui, "What breaks first");
    ui.label(first.sentence(name, rate)).on_hover_text(ABOUT);
}

const ABOUT: &str = "From the service demand D = V·S/c that was measured: a request of the clients \
                     calls the box V times, each call holds one of its c slots for S. Past 1/D \
                     requests a second no slot is ever free (Denning and Buzen 1978)";

/// What requests demand of a box.
pub fn of_box(ui: &mut Ui, snapshot: &Snapshot, name: &str) {
    let Some(reading) = snapshot.reading(name) else {
        return;
    };
    let Some(demand) = Demand::measured(&snapshot.system.so_far, &reading.so_far) else {
        return;
    };
    let Some(saturates_at) = demand.saturates_at() else {
        return;
    };
    ui.columns(2, |columns| {
        columns[0].label("Saturates at").on_hover_text(ABOUT);
        columns[1].with_layout(egui::Layout::top_down(egui::Align::Max), |ui| {
            ui.label(text::per_second(saturates_at))
                .on_hover_text(format!(
                    "Requests of all clients a second: V {}, held {}, c {}",
                    text::short(demand.visits),
                    text::seconds(demand.held),
                    text::short(demand.slots)
                ));
        });
    });
}
