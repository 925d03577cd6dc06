//! Parameters of what is selected.

use egui::Ui;

use super::{
    document::Document, little_panel, live::Snapshot, outbox::Outbox, selection::Selection,
};
use crate::scenario::Problem;

/// What the inspector reads.
pub struct Context<'a> {
    /// The document.
    pub document: &'a Document,
    /// What is selected.
    pub selection: &'a Selection,
    /// What the run says.
    pub snapshot: &'a Snapshot,
    /// What is wrong with the document.
    pub problems: &'a [Problem],
}

/// Fields while they are typed.
#[derive(Debug, Default)]
pub struct Inspector {}

impl Inspector {
    /// Draws the inspector.
    pub fn ui(&mut self, ui: &mut Ui, context: &Context<'_>, _out: &mut Outbox) {
        match context.selection.single_box() {
            Some(name) => ui.heading(name),
            None => ui.heading(&context.document.scenario().name),
        };
        little_panel::ui(ui, context.snapshot);
    }
}
