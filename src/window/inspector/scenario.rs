//! The scenario as a whole: name, notes, run length, operations, objectives, faults.

use egui::Ui;

use super::{
    Context, faults,
    field::{self, Drafts, Field},
    notes::Notes,
    objectives, operations, parameters,
};
use crate::{
    scenario::Subject,
    window::{edit::Edit, outbox::Outbox},
};

/// Draws the scenario's own fields.
pub fn ui(
    ui: &mut Ui,
    drafts: &mut Drafts,
    notes: &mut Notes,
    context: &Context<'_>,
    out: &mut Outbox,
) {
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
    notes.ui(ui, &scenario.notes, out);
    operations::ui(ui, drafts, scenario, out);
    objectives::ui(ui, drafts, context, out);
    faults::ui(ui, drafts, scenario, out);
    field::group(ui, "Run on the command line");
    parameters::ui(ui, drafts, scenario, &Subject::Scenario, "run.", out);
    field::group(ui, "Prices in dollars");
    parameters::ui(ui, drafts, scenario, &Subject::Scenario, "prices.", out);
}
