//! Whether a name service that answers with the nearest target can tell which that is.

use super::Entry;
use crate::scenario::{
    Component, Connection, Problem, Resolution, Scenario, Subject, frame::Places,
};

/// Without a zone or region around any target, and with the same latency to all, all are as near.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let is_nearest = |component: &Component| matches!(component, Component::Dns(dns) if dns.policy == Resolution::Nearest);
    let names = scenario.components.iter();
    let names = names.filter(|(_, component)| is_nearest(component));
    let mut places = None;
    for (name, _) in names {
        let places = places.get_or_insert_with(|| Places::new(scenario));
        let targets = scenario.connections.iter();
        let targets: Vec<&Connection> = targets.filter(|one| one.from == *name).collect();
        let is_somewhere = targets.iter().any(|one| places.frame_of(&one.to).is_some());
        let mut pairs = targets.windows(2);
        let are_apart = pairs.any(|pair| pair[0].latency != pair[1].latency);
        if targets.len() > 1 && !is_somewhere && !are_apart {
            Entry::new(problems, Subject::Component(name.clone())).warning(
                "policy",
                "none of its targets is in a zone or region, so all are as near: it names the first \
                 that is well",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{
        Connection, Distribution, Dns, Duration, Frame, Kind, Resolution, Scenario, check,
    };

    fn warnings(scenario: &Scenario) -> usize {
        let problems = check(scenario);
        let about = |text: &str| text.contains("all are as near");
        problems
            .iter()
            .filter(|one| about(&one.to_string()))
            .count()
    }

    #[test]
    fn the_nearest_of_targets_that_are_nowhere_is_the_first() {
        let mut scenario = Scenario::default();
        let dns = Dns {
            policy: Resolution::Nearest,
            ..Dns::default()
        };
        scenario
            .components
            .insert("users".into(), Kind::Client.component());
        scenario
            .components
            .insert("dns".into(), crate::scenario::Component::Dns(dns));
        for name in ["one", "other"] {
            scenario
                .components
                .insert(name.into(), Kind::Server.component());
        }
        scenario.connections = vec![
            Connection::new("users", "dns"),
            Connection::new("dns", "one"),
            Connection::new("dns", "other"),
        ];
        assert_eq!(warnings(&scenario), 1);
        let mut framed = scenario.clone();
        let frame = Frame {
            members: ["one".to_owned()].into_iter().collect(),
            ..Frame::default()
        };
        framed.frames.insert("west".into(), frame);
        assert_eq!(warnings(&framed), 0);
        let mut apart = scenario.clone();
        apart.connections[2].latency = Some(Distribution::Constant(Duration::from_millis(9)));
        assert_eq!(warnings(&apart), 0);
        scenario.connections.pop();
        assert_eq!(warnings(&scenario), 0);
    }
}
