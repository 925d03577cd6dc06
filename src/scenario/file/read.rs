//! From a text to a scenario: every entry is decoded by itself, so that all problems of a file
//! are found at once.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::csv::{Beside, read_beside};
use super::decode::decode;
use super::lines::Lines;
use super::tree::{NodeId, Shape, Tree, bare, clip};
use crate::scenario::problem::nearest;
use crate::scenario::{
    Frame, IndexMap, Kind, Operation, OperationKind, Place, Problem, Scenario, Severity, Subject,
    VERSION, check,
};

/// The fields of a scenario, in the order in which they are written.
pub const FIELDS: [&str; 14] = [
    "version",
    "name",
    "notes",
    "seed",
    "run",
    "prices",
    "operations",
    "components",
    "connections",
    "frames",
    "latencies",
    "faults",
    "objectives",
    "layout",
];

/// Reads the scenario of a tree. It is what the file says only when no problem is a decoding
/// problem, which the flag tells.
///
/// Whether the whole makes sense is only asked when the text is `well_formed`.
pub fn scenario(
    tree: &Tree,
    lines: &Lines,
    well_formed: bool,
    beside: &Beside,
) -> (Scenario, Vec<Problem>, bool) {
    let mut reader = Reader {
        tree,
        lines,
        problems: Vec::new(),
        nodes: HashMap::new(),
        broken: HashSet::new(),
        lost: false,
    };
    let mut scenario = reader.root();
    scenario.beside = beside.clone();
    read_beside(&mut scenario);
    let decoded = reader.problems.is_empty();
    let mut found = if decoded && well_formed {
        check::check(&scenario)
    } else if reader.lost {
        Vec::new()
    } else {
        // What a broken entry would have said is unknown: no conclusions from it.
        let mut found = check::entries(&scenario);
        found.retain(|problem| !reader.broken.contains(&problem.subject));
        found
    };
    for problem in &mut found {
        problem.place = reader.locate(&problem.subject, &problem.field);
    }
    let mut problems = reader.problems;
    problems.append(&mut found);
    (scenario, problems, decoded)
}

/// The version a file says it has.
pub fn version(tree: &Tree, lines: &Lines) -> Result<u64, Box<Problem>> {
    let root = &tree.nodes[tree.root];
    let start = lines.place(root.span.start);
    if root.shape != Shape::Struct
        || tree
            .name_of(tree.root)
            .is_some_and(|name| name != "Scenario")
    {
        let found = clip(tree.text_of(tree.root));
        let message = format!("expected `Scenario(…)`, found `{found}`");
        return Err(Box::new(
            Problem::error(Subject::Scenario, "", message).at(start),
        ));
    }
    let Some(position) = tree.field(tree.root, "version") else {
        let message =
            format!("the file has no version; expected `version: {VERSION}` as the first field");
        return Err(Box::new(
            Problem::error(Subject::Scenario, "version", message).at(start),
        ));
    };
    let node = root.items[position].value;
    let at = version_place(tree, lines);
    match decode::<u64>(tree, node) {
        (Some(version), problems) if problems.is_empty() => Ok(version),
        _ => {
            let found = clip(tree.text_of(node));
            let message = format!("expected the number of a version, found `{found}`");
            Err(Box::new(
                Problem::error(Subject::Scenario, "version", message).at(at),
            ))
        }
    }
}

/// Where the number of the version stands.
pub fn version_place(tree: &Tree, lines: &Lines) -> Place {
    let root = &tree.nodes[tree.root];
    let node = tree
        .field(tree.root, "version")
        .map_or(tree.root, |position| root.items[position].value);
    lines.place(tree.nodes[node].span.start)
}

struct Reader<'t, 'de> {
    tree: &'t Tree<'de>,
    lines: &'t Lines<'de>,
    problems: Vec<Problem>,
    /// Where each subject stands.
    nodes: HashMap<Subject, NodeId>,
    /// Subjects that were not understood in full.
    broken: HashSet<Subject>,
    /// A whole section was not understood.
    lost: bool,
}

impl Reader<'_, '_> {
    fn root(&mut self) -> Scenario {
        let mut scenario = Scenario::default();
        let mut seen: HashMap<&str, NodeId> = HashMap::new();
        self.nodes.insert(Subject::Scenario, self.tree.root);
        for item in &self.tree.nodes[self.tree.root].items {
            let Some(key) = item.key else {
                let found = clip(self.tree.text_of(item.value));
                self.error(
                    Subject::Scenario,
                    item.value,
                    format!("expected a field, `name: value`, found `{found}`"),
                );
                continue;
            };
            let name = bare(self.tree.text_of(key));
            if let Some(first) = seen.insert(name, key) {
                let line = self.line(first);
                self.error(
                    Subject::Scenario,
                    key,
                    format!("`{name}` is given twice; the first is on line {line}"),
                );
                continue;
            }
            let value = item.value;
            match name {
                // Read before.
                "version" => {}
                "name" => self.one(value, &mut scenario.name),
                "notes" => self.one(value, &mut scenario.notes),
                "seed" => self.one(value, &mut scenario.seed),
                "run" => self.one(value, &mut scenario.run),
                "prices" => self.one(value, &mut scenario.prices),
                "operations" => {
                    scenario.operations = self.map(value, "operation", Subject::Operation, || {
                        Some(Operation::new(OperationKind::Read, 1.0))
                    });
                }
                "components" => {
                    // Something of that name is there, so that arrows to it are not called wrong.
                    let stand_in = || Some(Kind::Server.component());
                    scenario.components =
                        self.map(value, "component", Subject::Component, stand_in);
                }
                "connections" => {
                    scenario.connections = self.list(value, Subject::Connection);
                }
                "frames" => {
                    let stand_in = || Some(Frame::default());
                    scenario.frames = self.map(value, "frame", Subject::Frame, stand_in);
                }
                "latencies" => scenario.latencies = self.list(value, Subject::Latency),
                "faults" => scenario.faults = self.list(value, Subject::Fault),
                "objectives" => scenario.objectives = self.list(value, Subject::Objective),
                "layout" => scenario.layout = self.map(value, "position", Subject::Layout, || None),
                _ => {
                    let message = format!(
                        "unknown field `{}` in Scenario; expected one of {}",
                        clip(name),
                        FIELDS.join(", ")
                    );
                    let place = self.lines.place(self.tree.nodes[key].span.start);
                    self.problems.push(
                        Problem::error(Subject::Scenario, "", message)
                            .at(place)
                            .suggesting(nearest(name, FIELDS)),
                    );
                }
            }
        }
        scenario
    }

    fn line(&self, node: NodeId) -> usize {
        self.lines.place(self.tree.nodes[node].span.start).line
    }

    fn error(&mut self, subject: Subject, node: NodeId, message: String) {
        let place = self.lines.place(self.tree.nodes[node].span.start);
        self.problems
            .push(Problem::error(subject, "", message).at(place));
    }

    fn one<T: for<'a> Deserialize<'a>>(&mut self, node: NodeId, into: &mut T) {
        if let Some(value) = self.entry(node, &Subject::Scenario) {
            *into = value;
        }
    }

    /// Decodes one entry and notes its problems.
    fn entry<T: for<'a> Deserialize<'a>>(&mut self, node: NodeId, subject: &Subject) -> Option<T> {
        // No more than that are listed.
        if self.problems.len() > super::MAX_PROBLEMS {
            return None;
        }
        let (value, errors) = decode(self.tree, node);
        if !errors.is_empty() {
            self.broken.insert(subject.clone());
        }
        for error in errors {
            let start = self.tree.nodes[error.node].span.start;
            self.problems.push(Problem {
                severity: Severity::Error,
                place: Some(self.lines.place(start)),
                subject: subject.clone(),
                field: self.path(error.node, node),
                message: error.to_string(),
                suggestion: error.suggestion(),
            });
        }
        value
    }

    fn map<T: for<'a> Deserialize<'a>>(
        &mut self,
        node: NodeId,
        noun: &str,
        subject: impl Fn(String) -> Subject,
        stand_in: impl Fn() -> Option<T>,
    ) -> IndexMap<String, T> {
        let mut map = IndexMap::new();
        if self.tree.nodes[node].shape != Shape::Map {
            let found = clip(self.tree.text_of(node));
            let message = format!("expected names and values `{{…}}`, found `{found}`");
            self.lost = true;
            self.error(Subject::Scenario, node, message);
            return map;
        }
        let mut seen: HashMap<String, NodeId> = HashMap::new();
        for item in &self.tree.nodes[node].items {
            let Some(key) = item.key else { continue };
            let Some(name) = self.entry::<String>(key, &Subject::Scenario) else {
                continue;
            };
            let subject = subject(name.clone());
            if let Some(first) = seen.get(&name) {
                let line = self.line(*first);
                let message = format!(
                    "a second {noun} is called `{}`; the first is on line {line}",
                    clip(&name)
                );
                self.error(subject, key, message);
                continue;
            }
            seen.insert(name.clone(), key);
            self.nodes.insert(subject.clone(), item.value);
            if let Some(value) = self.entry(item.value, &subject).or_else(&stand_in) {
                map.insert(name, value);
            }
        }
        map
    }

    fn list<T: for<'a> Deserialize<'a>>(
        &mut self,
        node: NodeId,
        subject: impl Fn(usize) -> Subject,
    ) -> Vec<T> {
        let mut list = Vec::new();
        if self.tree.nodes[node].shape != Shape::List {
            let found = clip(self.tree.text_of(node));
            self.error(
                Subject::Scenario,
                node,
                format!("expected a list `[…]`, found `{found}`"),
            );
            return list;
        }
        for item in &self.tree.nodes[node].items {
            let subject = subject(list.len());
            self.nodes.insert(subject.clone(), item.value);
            if let Some(value) = self.entry(item.value, &subject) {
                list.push(value);
            }
        }
        list
    }

    /// The names on the way from an entry down to one of its parts: `retries.max`.
    fn path(&self, mut node: NodeId, entry: NodeId) -> String {
        let mut names = Vec::new();
        while node != entry {
            let Some((parent, position)) = self.tree.nodes[node].parent else {
                break;
            };
            let item = self.tree.nodes[parent].items[position];
            match item.key {
                Some(key) => names.push(bare(self.tree.text_of(key)).trim_matches('"').to_owned()),
                None if self.tree.nodes[parent].shape == Shape::List => {
                    names.push(position.to_string());
                }
                None => {}
            }
            node = parent;
        }
        names.reverse();
        names.join(".")
    }

    /// Where a subject's field stands, or as near as the file gets to it.
    fn locate(&self, subject: &Subject, field: &str) -> Option<Place> {
        let mut node = *self.nodes.get(subject)?;
        let mut at = self.tree.nodes[node].span.start;
        if let Subject::Component(_)
        | Subject::Operation(_)
        | Subject::Frame(_)
        | Subject::Layout(_) = subject
            && let Some((parent, position)) = self.tree.nodes[node].parent
        {
            at = self.tree.start_of(&self.tree.nodes[parent].items[position]);
        }
        for name in field.split('.').filter(|name| !name.is_empty()) {
            let items = &self.tree.nodes[node].items;
            let next = match name.parse::<usize>() {
                Ok(position) => items.get(position),
                Err(_) => items.iter().find(|item| {
                    item.key
                        .is_some_and(|key| bare(self.tree.text_of(key)).trim_matches('"') == name)
                }),
            };
            let Some(item) = next else { break };
            node = item.value;
            at = self.tree.nodes[node].span.start;
            // `Steps([…])`, `Named([…])`: the list is the only part.
            if let [only] = self.tree.nodes[node].items.as_slice()
                && only.key.is_none()
                && self.tree.nodes[only.value].shape == Shape::List
            {
                node = only.value;
            }
        }
        Some(self.lines.place(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{
        Connection, Duration, Fault, FaultKind, FrameLatency, Objective, Operation, OperationKind,
        What,
    };

    #[test]
    fn the_fields_are_those_of_the_scenario_in_its_order() {
        let mut scenario = Scenario {
            name: "x".into(),
            notes: "x".into(),
            seed: 2,
            connections: vec![Connection::new("a", "b")],
            faults: vec![Fault {
                at: Duration::ZERO,
                until: None,
                on: "a".into(),
                fault: FaultKind::Crash,
            }],
            objectives: vec![Objective {
                what: What::Availability,
                of: "a".into(),
                below: None,
                above: None,
            }],
            ..Scenario::default()
        };
        scenario.run.duration = Duration::from_secs(1);
        scenario.prices.server = 1.0;
        let operation = Operation::new(OperationKind::Read, 1.0);
        scenario.operations.insert("x".into(), operation);
        scenario.frames.insert("x".into(), Frame::default());
        scenario.latencies.push(FrameLatency {
            from: "x".into(),
            to: "x".into(),
            latency: Connection::IN_ZONE,
        });
        scenario.layout.insert("x".into(), (0, 0));
        let text = super::super::options().to_string(&scenario).unwrap();
        let (tree, _) = super::super::tree::parse(&text);
        let tree = tree.unwrap();
        let written: Vec<_> = tree.nodes[tree.root]
            .items
            .iter()
            .map(|item| tree.text_of(item.key.unwrap()))
            .collect();
        assert_eq!(written, FIELDS);
    }
}
