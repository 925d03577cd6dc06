//! The document that is open: its state, its places, its past.

use std::sync::Arc;

use super::{
    edit::Edit,
    history::{History, State},
    placement::{self, Place},
    selection::Selection,
};
use crate::scenario::{IndexMap, Scenario, edit, file, parameters};

/// The open document.
#[derive(Debug)]
pub struct Document {
    state: State,
    /// A place for every box, those without an entry in the layout included.
    places: IndexMap<String, Place>,
    history: History,
    /// The text it came from, so that comments and line breaks survive a save.
    file: file::Document,
    last_revision: u64,
    saved_revision: u64,
}

impl Document {
    /// A document as it was loaded, or a new one: nothing to undo, nothing to save.
    pub fn new(file: file::Document) -> Self {
        Self {
            places: placement::places(&file.scenario),
            state: State {
                scenario: Arc::new(file.scenario.clone()),
                revision: 0,
            },
            file,
            history: History::default(),
            last_revision: 0,
            saved_revision: 0,
        }
    }

    /// What the document says now.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.state.scenario
    }

    /// What is to be written to a file.
    pub fn to_file(&self) -> file::Document {
        let mut file = self.file.clone();
        file.scenario = (*self.state.scenario).clone();
        file
    }

    /// Number of the present state; the same number means the same document.
    pub fn revision(&self) -> u64 {
        self.state.revision
    }

    /// Where every box stands.
    pub fn places(&self) -> &IndexMap<String, Place> {
        &self.places
    }

    /// What can be undone and redone.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Whether there is something to save.
    pub fn is_changed(&self) -> bool {
        self.state.revision != self.saved_revision
    }

    /// The present state is in the file now.
    pub fn mark_saved(&mut self) {
        self.saved_revision = self.state.revision;
        // A later move of the same drag must not change what undo goes back to.
        self.history.seal();
    }

    /// The present state is in no file.
    pub fn mark_unsaved(&mut self) {
        self.saved_revision = u64::MAX;
    }

    /// From now on nothing merges with the last step.
    pub fn seal(&mut self) {
        self.history.seal();
    }

    /// Carries out an edit. Returns what should be selected afterwards, when that changes.
    pub fn apply(&mut self, edit: &Edit) -> Option<Selection> {
        let before = self.state.clone();
        let mut scenario = (*before.scenario).clone();
        if edit.is_structural() {
            // What is seen is what is saved: nothing may move at the next start because the
            // structure that places were worked out from has changed.
            for (name, place) in &self.places {
                scenario.layout.entry(name.clone()).or_insert(*place);
            }
        }
        let selection = self.carry_out(edit, &mut scenario);
        if scenario == *before.scenario {
            return selection;
        }
        self.places = placement::places(&scenario);
        self.last_revision += 1;
        self.state = State {
            scenario: Arc::new(scenario),
            revision: self.last_revision,
        };
        self.history.push(edit.name(), edit.merge(), before);
        selection
    }

    fn carry_out(&self, edit: &Edit, scenario: &mut Scenario) -> Option<Selection> {
        match edit {
            Edit::Add {
                kind,
                at,
                called_by,
            } => {
                let taken: Vec<Place> = self.places.values().copied().collect();
                let name = edit::add(scenario, *kind, placement::free_place(*at, &taken));
                if let Some(caller) = called_by {
                    // What makes no sense was refused before; else the box stands alone.
                    let _ = edit::connect(scenario, caller, &name);
                }
                Some(Selection::of_box(name))
            }
            Edit::Connect { from, to } => edit::connect(scenario, from, to)
                .ok()
                .map(Selection::of_arrow),
            Edit::Move { to, .. } => {
                for (name, place) in to {
                    if let Some(entry) = scenario.layout.get_mut(name) {
                        *entry = *place;
                    }
                }
                None
            }
            Edit::Rename { from, to } => {
                edit::rename(scenario, from, to).ok()?;
                Some(Selection::of_box(to.clone()))
            }
            Edit::Remove(selection) => {
                // From the last to the first: the numbers before stay what they are.
                for number in selection.arrows.iter().rev() {
                    edit::remove_connection(scenario, *number);
                }
                let names: Vec<&str> = selection.boxes.iter().map(String::as_str).collect();
                edit::remove(scenario, &names);
                Some(Selection::default())
            }
            Edit::Insert { part, offset, .. } => Some(self.insert(scenario, part, *offset)),
            Edit::Set {
                subject,
                path,
                text,
                ..
            } => {
                // What makes no sense was refused at its field.
                let _ = parameters::set_field(scenario, subject, path, text);
                None
            }
            Edit::Name(name) => {
                scenario.name.clone_from(name);
                None
            }
            Edit::Notes(notes) => {
                scenario.notes.clone_from(notes);
                None
            }
            Edit::Seed(seed) => {
                scenario.seed = *seed;
                None
            }
            Edit::Operations(operations) => {
                scenario.operations.clone_from(operations);
                None
            }
            Edit::Objectives(objectives) => {
                scenario.objectives.clone_from(objectives);
                None
            }
            Edit::Faults(faults) => {
                scenario.faults.clone_from(faults);
                None
            }
        }
    }

    /// Puts a part beside what is there and says what came in.
    fn insert(&self, scenario: &mut Scenario, part: &Scenario, offset: Place) -> Selection {
        let first = scenario.connections.len();
        let names = edit::paste(scenario, part, offset);
        let mut taken: Vec<Place> = self.places.values().copied().collect();
        for name in &names {
            let wanted = scenario.layout.get(name).copied().unwrap_or(offset);
            let place = placement::free_place(wanted, &taken);
            taken.push(place);
            scenario.layout.insert(name.clone(), place);
        }
        Selection {
            boxes: names.into_iter().collect(),
            arrows: (first..scenario.connections.len()).collect(),
        }
    }

    /// The named boxes with what is among them, to be put in elsewhere.
    pub fn cut_out(&self, names: &std::collections::HashSet<String>) -> Scenario {
        let order: Vec<&str> = self
            .places
            .keys()
            .filter(|name| names.contains(*name))
            .map(String::as_str)
            .collect();
        let mut part = edit::part(&self.state.scenario, &order);
        // Also of boxes that nobody has placed.
        for name in order {
            part.layout.insert(name.to_owned(), self.places[name]);
        }
        part
    }

    /// Goes one step back.
    pub fn undo(&mut self) {
        if let Some(state) = self.history.undo(self.state.clone()) {
            self.enter(state);
        }
    }

    /// Goes one step forth.
    pub fn redo(&mut self) {
        if let Some(state) = self.history.redo(self.state.clone()) {
            self.enter(state);
        }
    }

    fn enter(&mut self, state: State) {
        self.places = placement::places(&state.scenario);
        self.state = state;
    }
}

#[cfg(test)]
mod tests;
