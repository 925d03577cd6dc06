//! The line at the bottom.

use egui::{Align, Button, Layout, RichText, Ui};

use super::{
    caption,
    document::Document,
    live::{MIN_FLIGHT_SECS, Snapshot},
    outbox::Outbox,
    selection::Selection,
    text,
    theme::Theme,
};
use crate::scenario::Problem;

/// What the line reads.
pub struct Context<'a> {
    /// The document.
    pub document: &'a Document,
    /// What is selected.
    pub selection: &'a Selection,
    /// What is wrong with the document.
    pub problems: &'a [Problem],
    /// What the run says.
    pub snapshot: &'a Snapshot,
    /// Whether requests are drawn.
    pub animation: bool,
    /// How closely the canvas looks.
    pub zoom: f32,
}

/// Draws the line.
pub fn ui(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    ui.horizontal_centered(|ui| {
        let scenario = context.document.scenario();
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
        if !context.selection.is_empty() {
            ui.separator();
            ui.weak(format!("{} selected", context.selection.describe()));
        }
        problems(ui, context, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.weak(format!("{:.0} %", context.zoom * 100.0))
                .on_hover_text("Zoom");
            ui.separator();
            requests(ui, context);
            if context.snapshot.events > 0 {
                ui.separator();
                events(ui, context.snapshot);
            }
        });
    });
}

/// How many problems there are. A click shows them all in the inspector.
fn problems(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    if context.problems.is_empty() {
        return;
    }
    let theme = Theme::of(ui);
    let errors = context
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .count();
    let (count, one, many, color) = if errors > 0 {
        (errors, "problem", "problems", theme.bad)
    } else {
        (context.problems.len(), "hint", "hints", theme.warning)
    };
    let words = format!("{count} {}", if count == 1 { one } else { many });
    ui.separator();
    let button = Button::new(RichText::new(words).color(color))
        .frame(false)
        .small();
    let scenario = context.document.scenario();
    let list: Vec<String> = context
        .problems
        .iter()
        .take(12)
        .map(|problem| caption::of_problem(problem, scenario))
        .collect();
    if ui.add(button).on_hover_text(list.join("\n")).clicked() {
        out.select(Selection::default());
    }
}

/// Which requests are drawn.
fn requests(ui: &mut Ui, context: &Context<'_>) {
    let every = context.snapshot.sampled_every;
    let words = match every {
        _ if !context.animation => "no requests drawn".to_owned(),
        0 | 1 => "every request drawn".to_owned(),
        every => format!("1 of {} requests drawn", text::count(every)),
    };
    ui.weak(words).on_hover_text(format!(
        "Each dot is a real call (disc), reply (ring) or failure (square) of a request. Above a \
         certain rate only some requests are drawn; all are counted. A flight is shown for at \
         least {MIN_FLIGHT_SECS} s, so dots may lag behind the figures",
    ));
}

/// How much work the engine has done.
fn events(ui: &mut Ui, snapshot: &Snapshot) {
    let plural = if snapshot.events == 1 { "" } else { "s" };
    let mut words = format!("{} event{plural}", text::count(snapshot.events));
    if snapshot.events_per_sec > 0.0 {
        words += &format!(", {}", text::per_second(snapshot.events_per_sec));
    }
    let hint = match snapshot.fingerprint {
        Some(fingerprint) => format!(
            "Fingerprint {fingerprint:016x}: the same scenario, seed and changes give the same"
        ),
        None => "Events simulated so far, and how many a second lately".to_owned(),
    };
    ui.weak(words).on_hover_text(hint);
}
