//! One box: what is done to it, its parameters, its figures.

use egui::Ui;

use super::{
    Context, demand,
    field::{self, Drafts},
    heading, parameters, problems, regions, theory, trouble,
};
use crate::{
    picture::Icon,
    scenario::Subject,
    window::{canvas, edit, little_panel, live::LatencyReading, outbox::Outbox, text},
};

/// Draws what can be done to a box, and its parameters.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, context: &Context<'_>, name: &str, out: &mut Outbox) {
    let Some(component) = context.document.scenario().components.get(name) else {
        return;
    };
    drafts.about(&format!("component {name}"));
    let kind = component.kind();
    heading(ui, Some(Icon::Kind(kind)), name, edit::kind_name(kind));
    problems(ui, context, |subject| {
        *subject == Subject::Component(name.to_owned())
    });
    let reading = context.snapshot.reading(name);
    if let Some(rollout) = reading.and_then(|reading| reading.condition.rollout) {
        ui.label(rollout.to_string());
    }
    let is_in_trouble = reading.is_some_and(|reading| !reading.condition.is_well());
    trouble::ui(ui, name, &canvas::troubles(kind), is_in_trouble, out);
    field::group(ui, "Parameters");
    let scenario = context.document.scenario();
    parameters::ui(
        ui,
        drafts,
        scenario,
        &Subject::Component(name.to_owned()),
        "",
        out,
    );
}

/// Draws a box's figures.
pub fn figures(ui: &mut Ui, context: &Context<'_>, name: &str) {
    if context.snapshot.reading(name).is_some() {
        little_panel::ui(ui, context.snapshot);
        if let Some(beside) = &context.snapshot.selected.theory {
            theory::ui(ui, beside);
        }
        demand::of_box(ui, context.snapshot, name);
        demand::cost(ui, context.snapshot, |other| other == name);
        let selected = &context.snapshot.selected;
        latency(ui, "Latency", &selected.latency);
        latency(ui, "Latency of failures", &selected.failure_latency);
        regions::ui(ui, context.snapshot);
    } else if context.snapshot.scenario.is_some() {
        ui.weak("Not in the run yet: it is not connected");
    }
}

/// Percentiles of a latency, if there was any.
fn latency(ui: &mut Ui, title: &str, latency: &LatencyReading) {
    let rows = [
        ("p50", latency.p50),
        ("p95", latency.p95),
        ("p99", latency.p99),
        ("p99.9", latency.p999),
        ("max", latency.max),
    ];
    if latency.count == 0 {
        return;
    }
    field::group(ui, title);
    ui.columns(rows.len(), |columns| {
        for (column, (name, value)) in columns.iter_mut().zip(rows) {
            column.vertical_centered(|ui| {
                ui.weak(name);
                ui.label(value.map_or_else(|| "–".to_owned(), text::seconds));
            });
        }
    });
}
