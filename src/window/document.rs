//! The document that is open: its state, its places, its past.

use std::sync::Arc;

use super::{
    edit::{self, Edit},
    history::{History, State},
    placement::{self, Place},
    selection::Selection,
};
use crate::scenario::{Connection, IndexMap, Kind, Link, Replication, Scenario, file};

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
                let name = edit::unique_name(scenario, edit::kind_name(*kind));
                let taken: Vec<Place> = self.places.values().copied().collect();
                scenario.components.insert(name.clone(), kind.component());
                scenario
                    .layout
                    .insert(name.clone(), placement::free_place(*at, &taken));
                if let Some(caller) = called_by {
                    scenario
                        .connections
                        .push(new_connection(scenario, caller, &name));
                }
                Some(Selection::of_box(name))
            }
            Edit::Connect { from, to } => {
                scenario
                    .connections
                    .push(new_connection(scenario, from, to));
                Some(Selection::of_arrow(scenario.connections.len() - 1))
            }
            Edit::Move { to, .. } => {
                for (name, place) in to {
                    if let Some(entry) = scenario.layout.get_mut(name) {
                        *entry = *place;
                    }
                }
                None
            }
            Edit::Rename { from, to } => {
                edit::rename(scenario, from, to);
                Some(Selection::of_box(to.clone()))
            }
            Edit::Remove(selection) => {
                edit::remove(scenario, selection);
                Some(Selection::default())
            }
            Edit::Insert { piece, offset, .. } => Some(self.insert(scenario, piece, *offset)),
            Edit::Component {
                name, component, ..
            } => {
                if let Some(entry) = scenario.components.get_mut(name) {
                    *entry = (**component).clone();
                }
                None
            }
            Edit::Connection {
                index, connection, ..
            } => {
                if let Some(entry) = scenario.connections.get_mut(*index) {
                    *entry = (**connection).clone();
                }
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
            Edit::RunLength(run) => {
                scenario.run = *run;
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

    /// Puts a piece beside what is there and says what came in.
    fn insert(&self, scenario: &mut Scenario, piece: &edit::Piece, offset: Place) -> Selection {
        let mut names: IndexMap<&str, String> = IndexMap::new();
        let mut taken: Vec<Place> = self.places.values().copied().collect();
        for (name, component) in &piece.components {
            let new = edit::unique_name(scenario, name);
            let place = piece.places.get(name).copied().unwrap_or_default();
            let wanted = (
                place.0.saturating_add(offset.0),
                place.1.saturating_add(offset.1),
            );
            let place = placement::free_place(wanted, &taken);
            taken.push(place);
            scenario.components.insert(new.clone(), component.clone());
            scenario.layout.insert(new.clone(), place);
            names.insert(name, new);
        }
        let first = scenario.connections.len();
        for connection in &piece.connections {
            let (Some(from), Some(to)) = (
                names.get(connection.from.as_str()),
                names.get(connection.to.as_str()),
            ) else {
                continue;
            };
            scenario.connections.push(Connection {
                from: from.clone(),
                to: to.clone(),
                ..connection.clone()
            });
        }
        Selection {
            boxes: names.into_values().collect(),
            arrows: (first..scenario.connections.len()).collect(),
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

    fn enter(&mut self, state: State) {
        self.places = placement::places(&state.scenario);
        self.state = state;
    }
}

/// What drawing an arrow between these two boxes means.
fn new_connection(scenario: &Scenario, from: &str, to: &str) -> Connection {
    let kind = |name: &str| {
        scenario
            .components
            .get(name)
            .map(crate::scenario::Component::kind)
    };
    let mut connection = Connection::new(from, to);
    if kind(from) == Some(Kind::Database) && kind(to) == Some(Kind::Replica) {
        connection.link = Link::Replication(Replication::default());
    }
    connection
}

#[cfg(test)]
mod tests;
