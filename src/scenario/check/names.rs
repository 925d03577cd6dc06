//! Names: well formed, and known where they are used.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::{Entry, limits, long_lived};
use crate::scenario::fault::{self, Target};
use crate::scenario::problem::nearest;
use crate::scenario::{
    Component, Connection, FrameKind, FrameLatency, Only, Problem, Scenario, Subject,
};

/// What stands between the two names of a connection.
const ARROW: &str = " -> ";

/// What stands between the names of two frames.
const BETWEEN: &str = " | ";

/// Why a component or an operation can't be called `name`.
pub fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("a name can't be empty".to_owned())
    } else if name.chars().count() > limits::NAME {
        Some(format!(
            "a name can have at most {} characters",
            limits::NAME
        ))
    } else if name.contains(ARROW) {
        Some("a name can't contain ` -> `: that is how connections are called".to_owned())
    } else if name.chars().any(char::is_control) {
        Some("a name can't contain line breaks or other control characters".to_owned())
    } else if name.trim() != name {
        Some("a name can't start or end with a space".to_owned())
    } else {
        None
    }
}

/// Checks every name.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let counts = [
        ("components", scenario.components.len(), limits::COMPONENTS),
        (
            "connections",
            scenario.connections.len(),
            limits::CONNECTIONS,
        ),
        ("operations", scenario.operations.len(), limits::OPERATIONS),
        ("frames", scenario.frames.len(), limits::LIST),
        ("latencies", scenario.latencies.len(), limits::LIST),
        ("faults", scenario.faults.len(), limits::LIST),
        ("objectives", scenario.objectives.len(), limits::LIST),
    ];
    for (what, count, most) in counts {
        if count > most {
            let message = format!(
                "{} {what}; a scenario can have at most {}",
                limits::people(count as f64),
                limits::people(most as f64)
            );
            problems.push(Problem::error(Subject::Scenario, what, message));
        }
    }
    let names = Names::new(scenario);
    for name in scenario.operations.keys() {
        names.check(&Subject::Operation(name.clone()), problems);
    }
    for name in scenario.components.keys() {
        names.check(&Subject::Component(name.clone()), problems);
    }
    for at in 0..scenario.connections.len() {
        names.check(&Subject::Connection(at), problems);
    }
    for name in scenario.frames.keys() {
        names.check(&Subject::Frame(name.clone()), problems);
    }
    for at in 0..scenario.latencies.len() {
        names.check(&Subject::Latency(at), problems);
    }
    for at in 0..scenario.faults.len() {
        names.check(&Subject::Fault(at), problems);
    }
    for at in 0..scenario.objectives.len() {
        names.check(&Subject::Objective(at), problems);
    }
    for name in scenario.layout.keys() {
        names.check(&Subject::Layout(name.clone()), problems);
    }
}

/// Checks the names of one entry.
pub fn check_one(scenario: &Scenario, subject: &Subject, problems: &mut Vec<Problem>) {
    Names::new(scenario).check(subject, problems);
}

struct Names<'s> {
    scenario: &'s Scenario,
    /// The ends of all connections; only faults need them.
    ends: OnceCell<HashSet<(&'s str, &'s str)>>,
    /// The first frame of each member; only frames need it.
    members: OnceCell<HashMap<&'s str, &'s str>>,
}

impl<'s> Names<'s> {
    fn new(scenario: &'s Scenario) -> Self {
        Self {
            scenario,
            ends: OnceCell::new(),
            members: OnceCell::new(),
        }
    }

    fn check(&self, subject: &Subject, problems: &mut Vec<Problem>) {
        let mut entry = Entry::new(problems, subject.clone());
        let scenario = self.scenario;
        match subject {
            Subject::Scenario => {}
            Subject::Operation(name) => {
                if let Some(message) = name_problem(name) {
                    entry.error("", message);
                }
            }
            Subject::Component(name) => {
                if let Some(message) = name_problem(name) {
                    entry.error("", message);
                }
                self.in_component(&mut entry, scenario.components.get(name));
            }
            Subject::Connection(at) => {
                if let Some(connection) = scenario.connections.get(*at) {
                    self.in_connection(&mut entry, connection);
                }
            }
            Subject::Frame(name) => self.frame(&mut entry, name),
            Subject::Latency(at) => self.latency(&mut entry, *at),
            Subject::Fault(at) => {
                if let Some(fault) = scenario.faults.get(*at) {
                    self.target(&mut entry, Target::of(scenario, &fault.on));
                }
            }
            Subject::Objective(at) => {
                if let Some(objective) = scenario.objectives.get(*at) {
                    self.component(&mut entry, "of", &objective.of);
                }
            }
            Subject::Layout(name) => {
                if !scenario.components.contains_key(name) {
                    let message = format!("there is no component `{}` to place", short(name));
                    entry.warning("", message);
                }
            }
        }
    }

    fn in_component(&self, entry: &mut Entry, component: Option<&Component>) {
        match component {
            Some(Component::Client(client)) => {
                for (at, operation) in client.operations.iter().enumerate() {
                    self.operation(entry, &format!("operations.{at}"), operation);
                }
                if let Some(connect) = long_lived::of(client).and_then(|of| of.connect.as_ref()) {
                    self.operation(entry, "arrivals.connect", connect);
                }
                for region in client.regions.keys() {
                    self.known_frame(entry, &format!("regions.{region}"), region);
                }
            }
            Some(Component::Server(server)) => {
                for operation in server.per_operation.keys() {
                    self.operation(entry, &format!("per_operation.{operation}"), operation);
                }
            }
            _ => {}
        }
    }

    fn in_connection(&self, entry: &mut Entry, connection: &Connection) {
        self.component(entry, "from", &connection.from);
        self.component(entry, "to", &connection.to);
        if let Some(Only::Named(operations)) = &connection.only {
            if operations.is_empty() {
                let message = "`Named([])` names no operation: nothing takes this connection";
                entry.error("only", message);
            }
            for (at, operation) in operations.iter().enumerate() {
                self.operation(entry, &format!("only.{at}"), operation);
            }
        }
    }

    fn component(&self, entry: &mut Entry, field: &str, name: &str) {
        if !self.scenario.components.contains_key(name) {
            let known = self.scenario.components.keys().map(String::as_str);
            let suggestion = suggestion(entry, name, known);
            let message = format!("there is no component `{}`", short(name));
            entry.suggest(field, message, suggestion);
        }
    }

    fn connection(&self, entry: &mut Entry, field: &str, ends: (&str, &str)) {
        let connections = || self.scenario.connections.iter();
        let known = self.ends.get_or_init(|| {
            connections()
                .map(|connection| (connection.from.as_str(), connection.to.as_str()))
                .collect()
        });
        if known.contains(&ends) {
            return;
        }
        let name = format!("{}{ARROW}{}", ends.0, ends.1);
        let names: Vec<String> = connections().map(Connection::name).collect();
        let suggestion = suggestion(entry, &name, names.iter().map(String::as_str));
        let message = format!("there is no connection `{}`", short(&name));
        entry.suggest(field, message, suggestion);
    }

    /// What a fault is on.
    fn target(&self, entry: &mut Entry, target: Target<'_>) {
        match target {
            Target::Connection(from, to) => self.connection(entry, "on", (from, to)),
            Target::Component(name) => self.component(entry, "on", name),
            Target::Frame(name) => self.known_frame(entry, "on", name),
            Target::Frames(one, other) => {
                self.known_frame(entry, "on", one);
                self.known_frame(entry, "on", other);
                let frames = &self.scenario.frames;
                let is_in = |one: &str, other: &str| {
                    let inside = frames.get(one).and_then(|frame| frame.inside.as_deref());
                    inside == Some(other)
                };
                if one == other || is_in(one, other) || is_in(other, one) {
                    let message = "one of these frames is in the other: nothing is between them";
                    entry.error("on", message);
                }
            }
            Target::Instance(name, number) => {
                self.component(entry, "on", name);
                let component = self.scenario.components.get(name);
                let count = component.map_or(0, fault::instances);
                if count > 0 && !(1..=count).contains(&number) {
                    let there_are = match count {
                        1 => "there is only #1".to_owned(),
                        count => format!("there are #1 to #{count}"),
                    };
                    let message =
                        format!("`{}` has no instance #{number}; {there_are}", short(name));
                    entry.error("on", message);
                }
            }
        }
    }

    fn frame(&self, entry: &mut Entry, name: &str) {
        let frames = &self.scenario.frames;
        if let Some(message) = name_problem(name) {
            entry.error("", message);
        } else if name.contains(BETWEEN) {
            entry.error(
                "",
                "the name of a frame can't contain ` | `: that is how two are called",
            );
        } else if self.scenario.components.contains_key(name) {
            entry.error(
                "",
                format!("there is a component `{}` already", short(name)),
            );
        }
        let Some(frame) = frames.get(name) else {
            return;
        };
        let members = self.members.get_or_init(|| {
            let mut first = HashMap::new();
            for (name, frame) in frames {
                for member in &frame.members {
                    first.entry(member.as_str()).or_insert(name.as_str());
                }
            }
            first
        });
        let mut seen = HashSet::new();
        for (at, member) in frame.members.iter().enumerate() {
            let field = format!("members.{at}");
            self.component(entry, &field, member);
            let is_twice = !seen.insert(member);
            match members.get(member.as_str()) {
                Some(other) if *other != name => {
                    let message = format!("`{}` is in `{}` already", short(member), short(other));
                    entry.error(&field, message);
                }
                _ if is_twice => {
                    entry.error(&field, format!("`{}` is named twice", short(member)));
                }
                _ => {}
            }
        }
        let Some(inside) = &frame.inside else { return };
        if frame.kind == FrameKind::Region {
            entry.error("inside", "a region is in no other frame");
        } else if let Some(around) = frames.get(inside) {
            if around.kind != FrameKind::Region {
                let message = format!("`{}` is a zone; a zone is in a region", short(inside));
                entry.error("inside", message);
            }
        } else {
            self.known_frame(entry, "inside", inside);
        }
    }

    fn known_frame(&self, entry: &mut Entry, field: &str, name: &str) {
        if !self.scenario.frames.contains_key(name) {
            let known = self.scenario.frames.keys().map(String::as_str);
            let suggestion = suggestion(entry, name, known);
            let message = format!("there is no frame `{}`", short(name));
            entry.suggest(field, message, suggestion);
        }
    }

    fn latency(&self, entry: &mut Entry, at: usize) {
        let latencies = &self.scenario.latencies;
        let Some(found) = latencies.get(at) else {
            return;
        };
        self.known_frame(entry, "from", &found.from);
        self.known_frame(entry, "to", &found.to);
        let same = |other: &FrameLatency| (&other.from, &other.to) == (&found.from, &found.to);
        if latencies[..at].iter().any(same) {
            entry.error("", "the latency between these two frames is given twice");
        }
    }

    fn operation(&self, entry: &mut Entry, field: &str, name: &str) {
        let operations = &self.scenario.operations;
        // Too many operations are another problem.
        if operations.contains_key(name) || operations.len() > limits::OPERATIONS {
            return;
        }
        let mut known: Vec<&str> = operations.keys().map(String::as_str).collect();
        if known.is_empty() {
            known = vec!["read", "write"];
        }
        if !known.contains(&name) {
            let message = format!(
                "there is no operation `{}`; there are {}",
                short(name),
                known.join(", ")
            );
            entry.suggest(field, message, nearest(name, known));
        }
    }
}

/// A name on one line of a message.
fn short(name: &str) -> String {
    let start: String = name.chars().take(limits::NAME).collect();
    let dots = if start.len() < name.len() { "…" } else { "" };
    if start.contains(char::is_control) {
        format!("{}{dots}", start.escape_debug())
    } else {
        start + dots
    }
}

/// The nearest name. Comparing every wrong name with every known one would take for ever when
/// thousands are wrong.
fn suggestion<'a>(
    entry: &Entry,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<String> {
    (entry.problems.len() < 20)
        .then(|| nearest(name, known))
        .flatten()
}
