//! Names: well formed, and known where they are used.

use super::{Entry, limits};
use crate::scenario::problem::nearest;
use crate::scenario::{Component, Connection, Only, Problem, Scenario, Subject};

/// What stands between the two names of a connection.
const ARROW: &str = " -> ";

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
    for name in scenario.operations.keys() {
        check_one(scenario, &Subject::Operation(name.clone()), problems);
    }
    for name in scenario.components.keys() {
        check_one(scenario, &Subject::Component(name.clone()), problems);
    }
    for at in 0..scenario.connections.len() {
        check_one(scenario, &Subject::Connection(at), problems);
    }
    for at in 0..scenario.faults.len() {
        check_one(scenario, &Subject::Fault(at), problems);
    }
    for at in 0..scenario.objectives.len() {
        check_one(scenario, &Subject::Objective(at), problems);
    }
    for name in scenario.layout.keys() {
        check_one(scenario, &Subject::Layout(name.clone()), problems);
    }
}

/// Checks the names of one entry.
pub fn check_one(scenario: &Scenario, subject: &Subject, problems: &mut Vec<Problem>) {
    let names = Names { scenario };
    let mut entry = Entry::new(problems, subject.clone());
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
            names.in_component(&mut entry, scenario.components.get(name));
        }
        Subject::Connection(at) => {
            if let Some(connection) = scenario.connections.get(*at) {
                names.in_connection(&mut entry, connection);
            }
        }
        Subject::Fault(at) => {
            if let Some(fault) = scenario.faults.get(*at) {
                if fault.on.contains(ARROW) {
                    names.connection(&mut entry, "on", &fault.on);
                } else {
                    names.component(&mut entry, "on", &fault.on);
                }
            }
        }
        Subject::Objective(at) => {
            if let Some(objective) = scenario.objectives.get(*at) {
                names.component(&mut entry, "of", &objective.of);
            }
        }
        Subject::Layout(name) => {
            if !scenario.components.contains_key(name) {
                entry.warning("", format!("there is no component `{name}` to place"));
            }
        }
    }
}

struct Names<'s> {
    scenario: &'s Scenario,
}

impl Names<'_> {
    fn in_component(&self, entry: &mut Entry, component: Option<&Component>) {
        match component {
            Some(Component::Client(client)) => {
                for (at, operation) in client.operations.iter().enumerate() {
                    self.operation(entry, &format!("operations.{at}"), operation);
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
            entry.suggest(field, format!("there is no component `{name}`"), suggestion);
        }
    }

    fn connection(&self, entry: &mut Entry, field: &str, name: &str) {
        if self
            .scenario
            .connections
            .iter()
            .any(|connection| connection.name() == name)
        {
            return;
        }
        let known: Vec<String> = self
            .scenario
            .connections
            .iter()
            .map(Connection::name)
            .collect();
        let suggestion = suggestion(entry, name, known.iter().map(String::as_str));
        entry.suggest(
            field,
            format!("there is no connection `{name}`"),
            suggestion,
        );
    }

    fn operation(&self, entry: &mut Entry, field: &str, name: &str) {
        let mut known: Vec<&str> = self
            .scenario
            .operations
            .keys()
            .map(String::as_str)
            .collect();
        if known.is_empty() {
            known = vec!["read", "write"];
        }
        if !known.contains(&name) {
            let message = format!(
                "there is no operation `{name}`; there are {}",
                known.join(", ")
            );
            let suggestion = nearest(name, known);
            entry.suggest(field, message, suggestion);
        }
    }
}

/// The nearest name. Comparing every wrong name with every known one would take for ever when
/// thousands are wrong.
fn suggestion<'a>(
    entry: &Entry,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<String> {
    (entry.problems.len() < 100)
        .then(|| nearest(name, known))
        .flatten()
}
