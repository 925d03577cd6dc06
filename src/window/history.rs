//! Undo and redo, with a name for every step.

use std::sync::Arc;

use crate::scenario::Scenario;

/// One state of the document. Two states with the same number are the same.
#[derive(Clone, Debug)]
pub struct State {
    /// The document.
    pub scenario: Arc<Scenario>,
    /// Number of the state, never given twice.
    pub revision: u64,
}

/// Steps that may become one, such as the many moves of one drag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge(pub String);

#[derive(Debug)]
struct Step {
    name: String,
    merge: Option<Merge>,
    /// For undo: the state before the step. For redo: the state after it.
    other: State,
}

/// The states that can be gone back and forth to.
#[derive(Debug, Default)]
pub struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
}

/// Most boxes and arrows that all remembered states may have together: about 200 MB.
const MOST_PARTS: usize = 1_000_000;
const MOST_STEPS: usize = 1_000;

impl History {
    /// Remembers `before` as the state before the step `name`. A step that merges with the last
    /// one leaves that one's state in place.
    pub fn push(&mut self, name: String, merge: Option<Merge>, before: State) {
        self.redo.clear();
        if let Some(last) = self.undo.last_mut()
            && merge.is_some()
            && last.merge == merge
        {
            last.name = name;
            return;
        }
        self.undo.push(Step {
            name,
            merge,
            other: before,
        });
        self.forget_the_oldest();
    }

    /// From now on nothing merges with the last step.
    pub fn seal(&mut self) {
        if let Some(last) = self.undo.last_mut() {
            last.merge = None;
        }
    }

    /// Goes back before the last step when it is this one. It can't be redone.
    pub fn take_back(&mut self, step: &Merge) -> Option<State> {
        let is_last = self.undo.last()?.merge.as_ref() == Some(step);
        is_last.then(|| self.undo.pop())?.map(|step| step.other)
    }

    /// Goes one step back from `now`.
    pub fn undo(&mut self, now: State) -> Option<State> {
        let step = self.undo.pop()?;
        self.redo.push(Step {
            name: step.name,
            merge: None,
            other: now,
        });
        Some(step.other)
    }

    /// Goes one step forth from `now`.
    pub fn redo(&mut self, now: State) -> Option<State> {
        let step = self.redo.pop()?;
        self.undo.push(Step {
            name: step.name,
            merge: None,
            other: now,
        });
        Some(step.other)
    }

    /// Changes all that is remembered.
    pub fn change_all(&mut self, mut change: impl FnMut(&mut Scenario)) {
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            change(Arc::make_mut(&mut step.other.scenario));
        }
    }

    /// What undo would undo.
    pub fn undo_name(&self) -> Option<&str> {
        self.undo.last().map(|step| step.name.as_str())
    }

    /// What redo would redo.
    pub fn redo_name(&self) -> Option<&str> {
        self.redo.last().map(|step| step.name.as_str())
    }

    fn forget_the_oldest(&mut self) {
        let parts = |step: &Step| {
            let scenario = &step.other.scenario;
            1 + scenario.components.len() + scenario.connections.len()
        };
        let mut total: usize = self.undo.iter().map(parts).sum();
        let mut forget = self.undo.len().saturating_sub(MOST_STEPS);
        while total > MOST_PARTS && forget + 1 < self.undo.len() {
            total -= parts(&self.undo[forget]);
            forget += 1;
        }
        self.undo.drain(..forget);
    }
}
