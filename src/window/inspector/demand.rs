//! Which box breaks first, what is demanded of the one that is selected, and what it costs.

use egui::Ui;

use super::field;
use crate::{
    scenario::Connection,
    study::{Cost, Demand, Figure, Resource, tightest},
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
    let first = tightest(&demands, system, &snapshot.connections);
    let first = first.or(snapshot.breaks_first);
    let Some(first) = first else { return };
    let name = match first.resource {
        Resource::Slots(at) => scenario
            .components
            .get_index(at)
            .map(|(name, _)| name.clone()),
        Resource::Places(at) | Resource::Bandwidth(at) => {
            scenario.connections.get(at).map(Connection::name)
        }
    };
    let Some(name) = name else {
        return;
    };
    field::group(ui, "What breaks first");
    let rate = Figure::ArrivalRate.of(system);
    let sentence = match rate.filter(|_| snapshot.breaks_first.is_none()) {
        Some(rate) => first.sentence(&name, rate),
        None => format!(
            "By the drawing {} breaks first, at {} at the latest",
            first.resource.called(&name),
            text::per_second(first.saturates_at)
        ),
    };
    ui.label(text::capital(&sentence)).on_hover_text(ABOUT);
}

const ABOUT: &str = "From the service demand D = V·S/c, as it was measured: a request of the clients \
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

/// What some boxes cost together.
pub fn cost(ui: &mut Ui, snapshot: &Snapshot, is_meant: impl Fn(&str) -> bool) {
    let Some(scenario) = &snapshot.scenario else {
        return;
    };
    let own = snapshot.boxes.iter().map(|reading| &reading.so_far);
    let system = &snapshot.system.so_far;
    let costs = Cost::of_boxes(scenario, system, own, &snapshot.connections);
    let costs = scenario.components.keys().zip(costs);
    let costs = costs.filter(|(name, _)| is_meant(name));
    let Some(cost) = Cost::sum(costs.filter_map(|(_, cost)| cost)) else {
        return;
    };
    let mut row = |name: &str, dollars: f64| {
        ui.columns(2, |columns| {
            columns[0].label(name).on_hover_text(PRICED);
            columns[1].with_layout(egui::Layout::top_down(egui::Align::Max), |ui| {
                ui.label(format!("${}", text::short(dollars)));
            });
        });
    };
    row("Cost a month", cost.per_month);
    if let Some(each) = cost.per_million {
        row("Cost a million answers", each);
    }
}

const PRICED: &str = "The scenario’s price list times what was counted: instance-hours on offer, \
                      requests where these are billed, and gigabytes to clients and across zones and \
                      regions. A month has 730 hours";
