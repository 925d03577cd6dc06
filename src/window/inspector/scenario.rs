//! The scenario as a whole: name, notes, run length, operations, objectives, faults.

use egui::{TextEdit, Ui};

use super::{
    Context, faults,
    field::{self, Drafts, Field},
    objectives, operations, parameters,
};
use crate::{
    scenario::Subject,
    window::{edit::Edit, little_panel, outbox::Outbox, theme::space},
};

/// Draws the scenario's own fields.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, context: &Context<'_>, out: &mut Outbox) {
    drafts.about("scenario");
    let scenario = context.document.scenario();
    let name = Field {
        key: "name",
        label: "Name",
        depth: 0,
        value: scenario.name.clone(),
        hint: "Untitled",
        about: "What the scenario is called".into(),
        can_drag: false,
        is_default: false,
        default: None,
    };
    if let (Some(name), _) = name.ui(ui, drafts, |text| Ok(text.to_owned())) {
        out.edit(Edit::Name(name));
    }
    let mut notes = scenario.notes.clone();
    let field = egui::ScrollArea::vertical()
        .id_salt("notes")
        .max_height(150.0)
        .show(ui, |ui| {
            ui.add(
                TextEdit::multiline(&mut notes)
                    .desired_width(f32::INFINITY)
                    .desired_rows(2)
                    .hint_text("Notes: what to watch"),
            )
            .accessible_name("Notes")
        })
        .inner;
    if field.changed() {
        out.edit(Edit::Notes(notes));
    }
    if field.lost_focus() {
        out.wish(crate::window::outbox::Wish::Seal);
    }
    ui.add_space(space::M);
    little_panel::ui(ui, context.snapshot);
    ui.add_space(space::S);
    operations::ui(ui, drafts, scenario, out);
    objectives::ui(ui, drafts, context, out);
    faults::ui(ui, drafts, scenario, out);
    field::group(ui, "Run on the command line");
    parameters::ui(ui, drafts, scenario, &Subject::Scenario, "run.", out);
}
