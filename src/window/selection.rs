//! What is selected on the canvas.

use std::collections::{BTreeSet, HashSet};

use crate::scenario::Scenario;

/// Selected boxes, by name, and arrows, by position in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of the boxes.
    pub boxes: HashSet<String>,
    /// Numbers of the arrows.
    pub arrows: BTreeSet<usize>,
    /// The frame whose boxes these are, when it was taken hold of as a whole.
    pub frame: Option<String>,
}

impl Selection {
    /// Nothing but one box.
    pub fn of_box(name: impl Into<String>) -> Self {
        Self {
            boxes: HashSet::from([name.into()]),
            ..Self::default()
        }
    }

    /// Nothing but one arrow.
    pub fn of_arrow(index: usize) -> Self {
        Self {
            arrows: BTreeSet::from([index]),
            ..Self::default()
        }
    }

    /// A frame, and the boxes in it.
    pub fn of_frame(name: impl Into<String>, boxes: impl IntoIterator<Item = String>) -> Self {
        Self {
            boxes: boxes.into_iter().collect(),
            frame: Some(name.into()),
            ..Self::default()
        }
    }

    /// Everything.
    pub fn all(scenario: &Scenario) -> Self {
        Self {
            boxes: scenario.components.keys().cloned().collect(),
            arrows: (0..scenario.connections.len()).collect(),
            frame: None,
        }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty() && self.arrows.is_empty()
    }

    /// The selected box, when exactly one box and nothing else is selected.
    pub fn single_box(&self) -> Option<&str> {
        if self.boxes.len() == 1 && self.arrows.is_empty() && self.frame.is_none() {
            self.boxes.iter().next().map(String::as_str)
        } else {
            None
        }
    }

    /// The selected arrow, when exactly one arrow and nothing else is selected.
    pub fn single_arrow(&self) -> Option<usize> {
        if self.boxes.is_empty() && self.arrows.len() == 1 {
            self.arrows.first().copied()
        } else {
            None
        }
    }

    /// The selected frame, when it and nothing beside it is selected.
    pub fn single_frame(&self) -> Option<&str> {
        self.frame.as_deref()
    }

    /// Selects a box, or takes it out when it is selected.
    pub fn toggle_box(&mut self, name: &str) {
        self.frame = None;
        if !self.boxes.remove(name) {
            self.boxes.insert(name.to_owned());
        }
    }

    /// Selects an arrow, or takes it out when it is selected.
    pub fn toggle_arrow(&mut self, index: usize) {
        self.frame = None;
        if !self.arrows.remove(&index) {
            self.arrows.insert(index);
        }
    }

    /// Forgets what is not in the document.
    pub fn retain_in(&mut self, scenario: &Scenario) {
        self.boxes
            .retain(|name| scenario.components.contains_key(name));
        self.arrows
            .retain(|index| *index < scenario.connections.len());
        let frames = &scenario.frames;
        self.frame.take_if(|name| !frames.contains_key(name));
    }

    /// "api", "3 boxes", "1 connection", "2 boxes and 1 connection".
    pub fn describe(&self) -> String {
        let count = |n: usize, one: &str, many: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        if let Some(name) = self.single_box() {
            return name.to_owned();
        }
        let boxes = count(self.boxes.len(), "box", "boxes");
        let arrows = count(self.arrows.len(), "connection", "connections");
        match (boxes, arrows) {
            (Some(boxes), Some(arrows)) => format!("{boxes} and {arrows}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "nothing".into(),
        }
    }
}
