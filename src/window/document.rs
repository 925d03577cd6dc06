//! The document that is open: its state, its places, its past.

use std::{path::Path, sync::Arc};

use super::{
    edit::Edit,
    history::{History, State},
    placement::{self, Place},
    selection::Selection,
};
use crate::scenario::{Connection, IndexMap, Scenario, edit, file, frame::Places, parameters};

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
    /// Number of what the present state says apart from where boxes stand.
    meaning: u64,
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
            meaning: 0,
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

    /// The same number means the same document, up to where boxes stand.
    pub fn meaning(&self) -> u64 {
        self.meaning
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

    /// The file moves from one folder to another: the present state and those that can be gone back to
    /// name the same files as before. It is no step of its own.
    pub fn relocate(&mut self, from: &Path, to: &Path) {
        let mut scenario = (*self.state.scenario).clone();
        let is_named = file::relocate(&mut scenario, from, to);
        self.history.change_all(|scenario| {
            file::relocate(scenario, from, to);
        });
        if is_named {
            self.last_revision += 1;
            self.meaning = self.last_revision;
            self.state = State {
                scenario: Arc::new(scenario),
                revision: self.last_revision,
            };
        }
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
        if !matches!(edit, Edit::Move { .. }) {
            self.meaning = self.last_revision;
        }
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
            Edit::Group { names, kind } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                edit::group(scenario, &names, *kind);
                None
            }
            Edit::PutIntoFrames { to, .. } => {
                for (name, frame) in to {
                    edit::put_into_frame(scenario, name, frame.as_deref());
                }
                None
            }
            Edit::RemoveFrame(name) => {
                edit::remove_frame(scenario, name);
                None
            }
            Edit::RenameFrame { from, to } => {
                // What makes no sense was refused at its field.
                edit::rename_frame(scenario, from, to).ok()?;
                let places = Places::new(scenario);
                let at = scenario.frames.get_index_of(to)?;
                let members = scenario.components.keys();
                let members = members.filter(|name| places.is_inside(name, at));
                Some(Selection::of_frame(to.clone(), members.cloned()))
            }
            Edit::FrameLatency { from, to, text } => {
                // What makes no sense was refused at its field.
                let _ = edit::set_frame_latency(scenario, from, to, text);
                None
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
        let taken: Vec<Place> = self.places.values().copied().collect();
        let wanted = |name: &String| scenario.layout.get(name).copied().unwrap_or(offset);
        let wanted: Vec<Place> = names.iter().map(wanted).collect();
        let by = placement::free_offset(&wanted, &taken);
        for (name, place) in names.iter().zip(wanted) {
            let place = (place.0.saturating_add(by.0), place.1.saturating_add(by.1));
            scenario.layout.insert(name.clone(), place);
        }
        Selection {
            boxes: names.into_iter().collect(),
            arrows: (first..scenario.connections.len()).collect(),
            frame: None,
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

    /// Goes back before the last step when `edit` was a part of it, as if there had been none.
    pub fn take_back(&mut self, edit: &Edit) {
        if let Some(state) = edit.merge().and_then(|part| self.history.take_back(&part)) {
            self.enter(state);
        }
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

    /// What is not as it was in an earlier state: boxes, or arrows when no box has changed.
    pub fn difference(&self, before: &Scenario, places: &IndexMap<String, Place>) -> Selection {
        let now = self.scenario();
        let is_other = |name: &&String| {
            before.components.get(*name) != now.components.get(*name)
                || places.get(*name) != self.places.get(*name)
        };
        let boxes: std::collections::HashSet<String> =
            now.components.keys().filter(is_other).cloned().collect();
        let (was, is) = (&before.connections, &now.connections);
        let same = |(a, b): &(&Connection, &Connection)| a == b;
        let first = was.iter().zip(is).take_while(same).count();
        let rest = was[first..].iter().rev().zip(is[first..].iter().rev());
        let last = is.len() - rest.take_while(same).count();
        Selection {
            arrows: if boxes.is_empty() {
                (first..last).collect()
            } else {
                std::collections::BTreeSet::default()
            },
            boxes,
            frame: None,
        }
    }

    fn enter(&mut self, state: State) {
        self.places = placement::places(&state.scenario);
        self.state = state;
        // Never given twice, though there may have been the same before.
        self.last_revision += 1;
        self.meaning = self.last_revision;
    }
}

#[cfg(test)]
mod tests;
