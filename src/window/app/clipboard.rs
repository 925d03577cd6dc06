//! Copying boxes, and putting them in.

use std::sync::Arc;

use super::App;
use crate::{
    scenario::{Scenario, file},
    window::{edit::Edit, outbox::Wish, placement},
};

impl App {
    /// Copies the selected boxes, for this window and as text for others.
    pub(super) fn copy(&mut self, ctx: &egui::Context) {
        if self.selection.boxes.is_empty() {
            return;
        }
        let part = self.document.cut_out(&self.selection.boxes);
        ctx.copy_text(file::Document::new(part.clone()).to_text());
        self.clipboard = Some(Arc::new(part));
        self.pastes = 0;
    }

    pub(super) fn insert(
        &mut self,
        ctx: &egui::Context,
        part: Arc<Scenario>,
        verb: &'static str,
        times: i32,
    ) {
        const STEP: i32 = placement::GRID;
        if part.components.is_empty() {
            return;
        }
        let edit = Edit::Insert {
            part,
            offset: (STEP * times, STEP * times),
            verb,
        };
        self.carry_out(ctx, vec![Wish::Edit(edit)]);
        self.canvas.reveal();
    }

    /// Puts in what was copied here, or what stands in the system's clipboard.
    pub(super) fn paste(&mut self, ctx: &egui::Context, text: Option<&str>) {
        let copied = text
            .and_then(|text| file::load(text).0)
            .filter(|document| !document.scenario.components.is_empty());
        if let Some(document) = copied
            && self.clipboard.as_deref() != Some(&document.scenario)
        {
            self.clipboard = Some(Arc::new(document.scenario));
            self.pastes = 0;
        }
        if let Some(part) = self.clipboard.clone() {
            self.pastes += 1;
            self.insert(ctx, part, "Paste", self.pastes);
        }
    }
}
