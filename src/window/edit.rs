//! Every change a person can make to the document. Drawing code collects these; only
//! [`Document::apply`](super::document::Document::apply) carries them out.

use std::collections::HashSet;

use super::{history::Merge, placement::Place, selection::Selection};
use crate::scenario::{
    Component, Connection, Fault, FaultKind, IndexMap, Kind, Objective, Operation, RunLength,
    Scenario,
};

/// One change to the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new box of a kind.
    Add {
        /// What kind.
        kind: Kind,
        /// Where its centre is; the nearest free place is taken.
        at: Place,
        /// The box that calls it, when it was drawn by pulling an arrow into the empty.
        called_by: Option<String>,
    },
    /// A new arrow.
    Connect {
        /// Caller.
        from: String,
        /// Callee.
        to: String,
    },
    /// Boxes at new places.
    Move {
        /// The boxes and where they are now.
        to: Vec<(String, Place)>,
        /// The moves of one drag are one step.
        gesture: u64,
    },
    /// A box under a new name, everywhere.
    Rename {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Boxes and arrows gone, with what hangs on them.
    Remove(Selection),
    /// Boxes pasted beside the others, with the arrows among them.
    Insert {
        /// The boxes, their arrows and places, under the names they had.
        piece: Box<Piece>,
        /// How far from where they were.
        offset: Place,
        /// "Duplicate" or "Paste".
        verb: &'static str,
    },
    /// A box with other parameters.
    Component {
        /// Its name.
        name: String,
        /// What it is now.
        component: Box<Component>,
        /// What was changed, for the name of the step.
        what: String,
    },
    /// An arrow with other parameters.
    Connection {
        /// Which one.
        index: usize,
        /// What it is now; its ends stay.
        connection: Box<Connection>,
        /// What was changed, for the name of the step.
        what: String,
    },
    /// The scenario's name.
    Name(String),
    /// The scenario's notes.
    Notes(String),
    /// The seed of every random stream.
    Seed(u64),
    /// How long a run lasts.
    RunLength(RunLength),
    /// The operations.
    Operations(IndexMap<String, Operation>),
    /// The objectives.
    Objectives(Vec<Objective>),
    /// The faults of the timeline.
    Faults(Vec<Fault>),
}

/// Boxes with the arrows among them, as copied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// The boxes.
    pub components: IndexMap<String, Component>,
    /// The arrows whose both ends are among them.
    pub connections: Vec<Connection>,
    /// Where the boxes were.
    pub places: IndexMap<String, Place>,
}

impl Piece {
    /// What `names` and the arrows among them are in `scenario`.
    pub fn cut_out(
        scenario: &Scenario,
        places: &IndexMap<String, Place>,
        names: &HashSet<String>,
    ) -> Self {
        let inside = |name: &String| names.contains(name);
        Self {
            components: scenario
                .components
                .iter()
                .filter(|(name, _)| inside(name))
                .map(|(name, component)| (name.clone(), component.clone()))
                .collect(),
            connections: scenario
                .connections
                .iter()
                .filter(|connection| inside(&connection.from) && inside(&connection.to))
                .cloned()
                .collect(),
            places: places
                .iter()
                .filter(|(name, _)| inside(name))
                .map(|(name, place)| (name.clone(), *place))
                .collect(),
        }
    }
}

impl Edit {
    /// What undo calls it: "Undo move of 3 boxes".
    pub fn name(&self) -> String {
        match self {
            Self::Add {
                kind,
                called_by: None,
                ..
            } => format!("add {}", kind_name(*kind)),
            Self::Add { kind, .. } => format!("add and connect {}", kind_name(*kind)),
            Self::Connect { from, to } => format!("connection {from} to {to}"),
            Self::Move { to, .. } => format!("move of {}", boxes(to.iter().map(|(name, _)| name))),
            Self::Rename { to, .. } => format!("rename to {to}"),
            Self::Remove(selection) => format!("delete of {}", selection.describe()),
            Self::Insert { piece, verb, .. } => {
                format!(
                    "{} of {}",
                    verb.to_lowercase(),
                    boxes(piece.components.keys())
                )
            }
            Self::Component { name, what, .. } => format!("{what} of {name}"),
            Self::Connection {
                connection, what, ..
            } => {
                format!("{what} of {} to {}", connection.from, connection.to)
            }
            Self::Name(_) => "scenario name".into(),
            Self::Notes(_) => "notes".into(),
            Self::Seed(seed) => format!("seed {seed}"),
            Self::RunLength(_) => "run length".into(),
            Self::Operations(_) => "operations".into(),
            Self::Objectives(_) => "objectives".into(),
            Self::Faults(_) => "faults".into(),
        }
    }

    /// Edits with the same key become one step.
    pub fn merge(&self) -> Option<Merge> {
        match self {
            Self::Move { gesture, .. } => Some(Merge(format!("move {gesture}"))),
            Self::Notes(_) => Some(Merge("notes".into())),
            _ => None,
        }
    }

    /// Whether boxes or arrows come, go or move, so that every place must be written down.
    pub fn is_structural(&self) -> bool {
        matches!(
            self,
            Self::Add { .. }
                | Self::Connect { .. }
                | Self::Move { .. }
                | Self::Rename { .. }
                | Self::Remove(_)
                | Self::Insert { .. }
        )
    }
}

fn boxes<'a>(mut names: impl Iterator<Item = &'a String>) -> String {
    match (names.next(), names.count()) {
        (Some(name), 0) => name.clone(),
        (_, more) => format!("{} boxes", more + 1),
    }
}

/// What a kind of box is called in the window.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "client",
        Kind::LoadBalancer => "load balancer",
        Kind::Server => "server",
        Kind::Cache => "cache",
        Kind::Database => "database",
        Kind::Replica => "replica",
        Kind::Queue => "queue",
    }
}

/// A name for a new box that nobody has: `server`, `server 2`, …
pub fn unique_name(scenario: &Scenario, wanted: &str) -> String {
    let taken = |name: &str| scenario.components.contains_key(name);
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let stem = wanted
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end();
    let stem = if stem.is_empty() { wanted } else { stem };
    (2u64..)
        .map(|number| format!("{stem} {number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// Renames a box everywhere: arrows, faults, objectives, layout. Order is kept.
pub fn rename(scenario: &mut Scenario, from: &str, to: &str) {
    fn renamed<T>(map: IndexMap<String, T>, from: &str, to: &str) -> IndexMap<String, T> {
        map.into_iter()
            .map(|(name, value)| (if name == from { to.to_owned() } else { name }, value))
            .collect()
    }
    scenario.components = renamed(std::mem::take(&mut scenario.components), from, to);
    scenario.layout = renamed(std::mem::take(&mut scenario.layout), from, to);
    for fault in &mut scenario.faults {
        if fault.on == from {
            to.clone_into(&mut fault.on);
        } else if matches!(fault.fault, FaultKind::Cut)
            && let Some((a, b)) = fault.on.split_once(" -> ")
        {
            let swap = |name: &str| {
                if name == from {
                    to.to_owned()
                } else {
                    name.to_owned()
                }
            };
            fault.on = format!("{} -> {}", swap(a), swap(b));
        }
    }
    for connection in &mut scenario.connections {
        for end in [&mut connection.from, &mut connection.to] {
            if end == from {
                to.clone_into(end);
            }
        }
    }
    for objective in &mut scenario.objectives {
        if objective.of == from {
            to.clone_into(&mut objective.of);
        }
    }
}

/// Removes boxes and arrows, and what hangs on them: arrows, faults, objectives, places.
pub fn remove(scenario: &mut Scenario, selection: &Selection) {
    let gone = |name: &str| selection.boxes.contains(name);
    let mut index = 0;
    scenario.connections.retain(|connection| {
        let arrow_gone = selection.arrows.contains(&index);
        index += 1;
        !arrow_gone && !gone(&connection.from) && !gone(&connection.to)
    });
    scenario.components.retain(|name, _| !gone(name));
    scenario.layout.retain(|name, _| !gone(name));
    scenario.objectives.retain(|objective| !gone(&objective.of));
    let arrows: HashSet<String> = scenario
        .connections
        .iter()
        .map(|connection| format!("{} -> {}", connection.from, connection.to))
        .collect();
    let names = &scenario.components;
    scenario.faults.retain(|fault| match fault.fault {
        FaultKind::Cut => arrows.contains(&fault.on),
        _ => names.contains_key(&fault.on),
    });
}
