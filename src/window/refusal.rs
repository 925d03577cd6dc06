//! Why a name or an arrow makes no sense.

use crate::scenario::{Kind, Scenario};

/// Why a box can't be called that. `None` when it can.
pub fn of_name(scenario: &Scenario, name: &str) -> Option<String> {
    if name.is_empty() {
        Some("A box needs a name".into())
    } else if scenario.components.contains_key(name) {
        Some(format!("There is a box called {name} already"))
    } else if name.contains("->") {
        Some("`->` stands for a connection".into())
    } else {
        None
    }
}

/// Why an arrow between two boxes makes no sense. `None` when it does.
pub fn of(scenario: &Scenario, from: &str, to: &str) -> Option<String> {
    let kind = |name: &str| {
        scenario
            .components
            .get(name)
            .map(crate::scenario::Component::kind)
    };
    if kind(to) == Some(Kind::Client) {
        return Some("A client sends requests; nobody can call it".into());
    }
    if scenario
        .connections
        .iter()
        .any(|connection| connection.from == from && connection.to == to)
    {
        return Some(format!("{from} calls {to} already"));
    }
    None
}
