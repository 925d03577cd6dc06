//! Parameters of what is selected.

use egui::Ui;

use super::{document::Document, outbox::Outbox, selection::Selection};

/// What the inspector reads.
pub struct Context<'a> {
    /// The document.
    pub document: &'a Document,
    /// What is selected.
    pub selection: &'a Selection,
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
    }
}
