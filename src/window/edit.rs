//! Every change a person can make to the document. Drawing code collects these; only
//! [`Document::apply`](super::document::Document::apply) carries them out.

use std::sync::Arc;

use super::{history::Merge, placement::Place, selection::Selection};
use crate::scenario::{Fault, FrameKind, IndexMap, Kind, Objective, Operation, Scenario, Subject};

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
    /// Boxes into a new frame.
    Group {
        /// The boxes.
        names: Vec<String>,
        /// What it stands for.
        kind: FrameKind,
    },
    /// Boxes into another frame, or into none.
    PutIntoFrames {
        /// The boxes and their frames.
        to: Vec<(String, Option<String>)>,
        /// The drag they were moved by: one step with it.
        gesture: u64,
    },
    /// A frame gone; what is in it stays.
    RemoveFrame(String),
    /// A frame under a new name, everywhere.
    RenameFrame {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// How far one frame is from another, as people type it; nothing: as usual.
    FrameLatency {
        /// The caller's frame.
        from: String,
        /// The callee's frame.
        to: String,
        /// A distribution.
        text: String,
    },
    /// Boxes and arrows gone, with what hangs on them.
    Remove(Selection),
    /// Boxes pasted beside the others, with the arrows among them.
    Insert {
        /// The boxes and what is among them, under the names they had.
        part: Arc<Scenario>,
        /// How far from where they were.
        offset: Place,
        /// "Duplicate" or "Paste".
        verb: &'static str,
    },
    /// Another value for a parameter.
    Set {
        /// What it is a parameter of.
        subject: Subject,
        /// Which one: `retries.max`.
        path: String,
        /// Its value as people type it.
        text: String,
        /// What people call it, for the name of the step.
        what: String,
        /// The values of one drag are one step.
        gesture: Option<u64>,
    },
    /// The scenario's name.
    Name(String),
    /// The scenario's notes.
    Notes(String),
    /// The seed of every random stream.
    Seed(u64),
    /// The operations.
    Operations(IndexMap<String, Operation>),
    /// The objectives.
    Objectives(Vec<Objective>),
    /// The faults of the timeline.
    Faults(Vec<Fault>),
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
            Self::Rename { to, .. } | Self::RenameFrame { to, .. } => format!("rename to {to}"),
            Self::Group { names, kind } => format!("{} of {}", kind.noun(), boxes(names.iter())),
            Self::PutIntoFrames { to, .. } => {
                format!("move of {}", boxes(to.iter().map(|(name, _)| name)))
            }
            Self::RemoveFrame(name) => format!("delete of frame {name}"),
            Self::FrameLatency { from, to, .. } => format!("latency from {from} to {to}"),
            Self::Remove(selection) => format!("delete of {}", selection.describe()),
            Self::Insert { part, verb, .. } => {
                format!(
                    "{} of {}",
                    verb.to_lowercase(),
                    boxes(part.components.keys())
                )
            }
            Self::Set { subject, what, .. } => match subject {
                Subject::Component(name) => format!("{what} of {name}"),
                _ => what.clone(),
            },
            Self::Name(_) => "scenario name".into(),
            Self::Notes(_) => "notes".into(),
            Self::Seed(seed) => format!("seed {seed}"),
            Self::Operations(_) => "operations".into(),
            Self::Objectives(_) => "objectives".into(),
            Self::Faults(_) => "faults".into(),
        }
    }

    /// Edits with the same key become one step.
    pub fn merge(&self) -> Option<Merge> {
        match self {
            Self::Move { gesture, .. } | Self::PutIntoFrames { gesture, .. } => {
                Some(Merge(format!("move {gesture}")))
            }
            Self::Set {
                path,
                gesture: Some(gesture),
                ..
            } => Some(Merge(format!("set {path} {gesture}"))),
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
                | Self::Group { .. }
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
        Kind::RateLimiter => "rate limiter",
        Kind::ApiGateway => "API gateway",
        Kind::Dns => "DNS",
        Kind::Function => "function",
        Kind::Server => "server",
        Kind::Cache => "cache",
        Kind::Database => "database",
        Kind::Replica => "replica",
        Kind::Queue => "queue",
    }
}
