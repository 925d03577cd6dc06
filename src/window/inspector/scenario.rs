//! The scenario as a whole: name, notes, run length, operations, objectives, faults.

use egui::{TextEdit, Ui};

use super::{
    Context, faults,
    field::{self, Drafts, Field},
    objectives, operations,
};
use crate::{
    scenario::{Duration, RunLength},
    window::{edit::Edit, little_panel, outbox::Outbox, theme::space},
};

/// Draws the scenario's own fields.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, context: &Context<'_>, out: &mut Outbox) {
    drafts.about("scenario");
    let scenario = context.document.scenario();
    let name = Field {
        key: "name",
        label: "Name",
        value: scenario.name.clone(),
        hint: "Untitled",
        about: "What the scenario is called".into(),
        default: None,
    };
    if let Some(name) = name.ui(ui, drafts, |text| Ok(text.to_owned())) {
        out.edit(Edit::Name(name));
    }
    let mut notes = scenario.notes.clone();
    let field = ui
        .add(
            TextEdit::multiline(&mut notes)
                .desired_width(f32::INFINITY)
                .desired_rows(2)
                .hint_text("Notes: what to watch"),
        )
        .accessible_name("Notes");
    if field.changed() {
        out.edit(Edit::Notes(notes));
    }
    if field.lost_focus() {
        out.wish(crate::window::outbox::Wish::Seal);
    }
    field::group(ui, "Whole system");
    little_panel::ui(ui, context.snapshot);
    ui.add_space(space::S);
    operations::ui(ui, drafts, scenario, out);
    objectives::ui(ui, drafts, context, out);
    faults::ui(ui, drafts, scenario, out);
    field::group(ui, "Command line");
    run_length(ui, drafts, scenario.run, out);
}

fn run_length(ui: &mut Ui, drafts: &mut Drafts, run: RunLength, out: &mut Outbox) {
    let default = RunLength::default();
    let duration = Field {
        key: "run.duration",
        label: "Run length",
        value: run.duration.to_string(),
        hint: "10min",
        about: "Simulated time that `littlebox run` simulates, warm-up included: 30s, 10min, 2h"
            .into(),
        default: Some(default.duration.to_string()),
    };
    if let Some(duration) = duration.ui(ui, drafts, Duration::parse) {
        out.edit(Edit::RunLength(RunLength { duration, ..run }));
    }
    let warm_up = Field {
        key: "run.warm_up",
        label: "Warm-up",
        value: run.warm_up.to_string(),
        hint: "0s",
        about:
            "Simulated time at the start that no figure includes: what was measured is forgotten \
                when it is over"
                .into(),
        default: Some(default.warm_up.to_string()),
    };
    if let Some(warm_up) = warm_up.ui(ui, drafts, Duration::parse) {
        out.edit(Edit::RunLength(RunLength { warm_up, ..run }));
    }
}
