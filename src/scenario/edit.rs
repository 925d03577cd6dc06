//! Changes that touch several parts of a scenario at once, so that nothing is left dangling.

use std::collections::{HashMap, HashSet};

use super::check::{name_problem, refusal};
use super::fault::Target;
use super::frame::BETWEEN_REGIONS;
use super::parameters::set_field;
use super::{
    Component, Connection, Fault, Frame, FrameKind, FrameLatency, Kind, Scenario, Subject,
};

/// A name that no component has: `base`, else `base 2`, `base 3`, …
pub fn unique_name(scenario: &Scenario, base: &str) -> String {
    let is_taken =
        |name: &str| scenario.components.contains_key(name) || scenario.frames.contains_key(name);
    unique(base, is_taken)
}

/// The name a new component of a kind gets, before it is made unique.
pub const fn base_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "clients",
        Kind::LoadBalancer => "balancer",
        Kind::RateLimiter => "limiter",
        Kind::ApiGateway => "gateway",
        Kind::Dns => "dns",
        Kind::Function => "function",
        Kind::Server => "server",
        Kind::Cache => "cache",
        Kind::Database => "database",
        Kind::Replica => "replica",
        Kind::Queue => "queue",
    }
}

fn unique(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    // `server 2` goes on as `server 3`.
    let stem = match base.rsplit_once(' ') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
        _ => base,
    };
    (2..)
        .map(|number: u64| format!("{stem} {number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// Adds a component of a kind with nothing configured and returns its name.
pub fn add(scenario: &mut Scenario, kind: Kind, at: (i32, i32)) -> String {
    let name = unique_name(scenario, base_name(kind));
    scenario.components.insert(name.clone(), kind.component());
    scenario.layout.insert(name.clone(), at);
    name
}

/// Adds the connection that an arrow from one component to another means: calls, or a replication
/// link from a database to a replica, or dead letters from a queue to a queue.
///
/// # Errors
/// Why it makes no sense, in one short sentence ([`refusal`]).
pub fn connect(scenario: &mut Scenario, from: &str, to: &str) -> Result<usize, String> {
    if let Some(reason) = refusal(scenario, from, to) {
        return Err(reason);
    }
    let kind = |name: &str| scenario.components.get(name).map(Component::kind);
    let mut connection = Connection::new(from, to);
    if let (Some(from), Some(to)) = (kind(from), kind(to)) {
        connection.link = super::check::link_between(from, to);
    }
    scenario.connections.push(connection);
    Ok(scenario.connections.len() - 1)
}

/// Why nothing can have a name from now on: it is none, or something has it.
fn check_name(scenario: &Scenario, name: &str) -> Result<(), String> {
    if let Some(problem) = name_problem(name) {
        return Err(problem);
    }
    if scenario.components.contains_key(name) {
        return Err(format!("there is a component `{name}` already"));
    }
    if scenario.frames.contains_key(name) {
        return Err(format!("there is a frame `{name}` already"));
    }
    Ok(())
}

/// Renames a component everywhere: in its place among the components, in connections, faults,
/// objectives and on the canvas.
///
/// # Errors
/// Why it can't have that name, in one short sentence; the scenario is as it was.
pub fn rename(scenario: &mut Scenario, from: &str, to: &str) -> Result<(), String> {
    if from == to {
        return Ok(());
    }
    check_name(scenario, to)?;
    let Some(at) = scenario.components.get_index_of(from) else {
        return Err(format!("there is no component `{from}`"));
    };
    let new = |name: &str| if name == from { to } else { name }.to_owned();
    let targets = scenario
        .faults
        .iter()
        .map(|fault| Target::of(scenario, &fault.on));
    let targets: Vec<String> = targets.map(|target| target.renamed(new)).collect();
    if let Some(component) = scenario.components.shift_remove(from) {
        scenario
            .components
            .shift_insert(at, to.to_owned(), component);
    }
    for connection in &mut scenario.connections {
        replace(&mut connection.from, from, to);
        replace(&mut connection.to, from, to);
    }
    for (fault, on) in scenario.faults.iter_mut().zip(targets) {
        fault.on = on;
    }
    for objective in &mut scenario.objectives {
        replace(&mut objective.of, from, to);
    }
    for frame in scenario.frames.values_mut() {
        frame
            .members
            .iter_mut()
            .for_each(|member| replace(member, from, to));
    }
    if let Some(at) = scenario.layout.get_index_of(from)
        && let Some(place) = scenario.layout.shift_remove(from)
    {
        scenario.layout.shift_insert(at, to.to_owned(), place);
    }
    Ok(())
}

fn replace(name: &mut String, from: &str, to: &str) {
    if name == from {
        to.clone_into(name);
    }
}

/// Removes components with everything that is about them: connections, faults, objectives and
/// places on the canvas.
pub fn remove(scenario: &mut Scenario, names: &[&str]) {
    let gone: HashSet<&str> = names.iter().copied().collect();
    let faults = std::mem::take(&mut scenario.faults);
    let stays = |fault: &Fault| {
        let names = Target::of(scenario, &fault.on).names();
        !names.iter().any(|name| gone.contains(name))
    };
    scenario.faults = faults.into_iter().filter(stays).collect();
    scenario
        .components
        .retain(|name, _| !gone.contains(name.as_str()));
    scenario
        .layout
        .retain(|name, _| !gone.contains(name.as_str()));
    for frame in scenario.frames.values_mut() {
        frame
            .members
            .retain(|member| !gone.contains(member.as_str()));
    }
    remove_empty_frames(scenario);
    scenario
        .objectives
        .retain(|objective| !gone.contains(objective.of.as_str()));
    scenario.connections.retain(|connection| {
        !gone.contains(connection.from.as_str()) && !gone.contains(connection.to.as_str())
    });
}

/// Puts boxes into a new frame, out of those they were in, and returns its name. A zone around boxes
/// of one region is in that region; a region around zones that are whole takes them in as zones.
pub fn group(scenario: &mut Scenario, names: &[&str], kind: FrameKind) -> String {
    let frame_of = |name: &str| {
        let mut frames = scenario.frames.iter();
        let found = frames.find(|(_, frame)| frame.members.iter().any(|member| member == name));
        found.map(|(frame, _)| frame.clone())
    };
    let mut members: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut zones = Vec::new();
    let mut inside = None;
    if kind == FrameKind::Region {
        for (zone, frame) in &scenario.frames {
            let is_whole = !frame.members.is_empty()
                && frame.members.iter().all(|member| members.contains(member));
            if frame.kind == FrameKind::Zone && is_whole {
                zones.push(zone.clone());
                members.retain(|name| !frame.members.contains(name));
            }
        }
    } else {
        let region = |name: &str| {
            let frame = frame_of(name)?;
            match scenario.frames[&frame].kind {
                FrameKind::Region => Some(frame),
                FrameKind::Zone => scenario.frames[&frame].inside.clone(),
            }
        };
        let mut regions = names.iter().map(|name| region(name));
        let first = regions.next().flatten();
        inside = first.filter(|first| regions.all(|other| other.as_ref() == Some(first)));
    }
    let name = unique_name(scenario, kind.noun());
    for member in &members {
        for frame in scenario.frames.values_mut() {
            frame.members.retain(|other| other != member);
        }
    }
    for zone in zones {
        scenario.frames[&zone].inside = Some(name.clone());
    }
    let frame = Frame {
        kind,
        inside,
        members,
    };
    scenario.frames.insert(name.clone(), frame);
    remove_empty_frames(scenario);
    name
}

/// Puts a box into a frame, out of the one it was in; `None`: into none. Says whether it was not
/// there before.
pub fn put_into_frame(scenario: &mut Scenario, name: &str, frame: Option<&str>) -> bool {
    let is_in = |frame: &Frame| frame.members.iter().any(|member| member == name);
    let before = scenario.frames.iter().find(|(_, frame)| is_in(frame));
    if before.map(|(name, _)| name.as_str()) == frame {
        return false;
    }
    for frame in scenario.frames.values_mut() {
        frame.members.retain(|member| member != name);
    }
    if let Some(frame) = frame.and_then(|frame| scenario.frames.get_mut(frame)) {
        frame.members.push(name.to_owned());
    }
    remove_empty_frames(scenario);
    true
}

/// Removes a frame with the faults on it, its latencies and the traffic from it; what is in it stays.
pub fn remove_frame(scenario: &mut Scenario, name: &str) {
    let faults = std::mem::take(&mut scenario.faults);
    let stays = |fault: &Fault| !Target::of(scenario, &fault.on).names().contains(&name);
    scenario.faults = faults.into_iter().filter(stays).collect();
    scenario
        .latencies
        .retain(|latency| latency.from != name && latency.to != name);
    scenario.frames.shift_remove(name);
    for component in scenario.components.values_mut() {
        if let Component::Client(client) = component {
            client.regions.shift_remove(name);
        }
    }
    for frame in scenario.frames.values_mut() {
        if frame.inside.as_deref() == Some(name) {
            frame.inside = None;
        }
    }
}

/// A frame with nothing in it can't be seen.
fn remove_empty_frames(scenario: &mut Scenario) {
    let holds = |name: &str| {
        let mut frames = scenario.frames.values();
        frames.any(|frame| frame.inside.as_deref() == Some(name))
    };
    let empty = |(name, frame): &(&String, &Frame)| frame.members.is_empty() && !holds(name);
    let empty = scenario
        .frames
        .iter()
        .find(empty)
        .map(|(name, _)| name.clone());
    if let Some(name) = empty {
        remove_frame(scenario, &name);
        remove_empty_frames(scenario);
    }
}

/// Renames a frame everywhere: in its place among the frames, in faults, in latencies, and in the
/// zones inside.
///
/// # Errors
/// Why it can't have that name, in one short sentence; the scenario is as it was.
pub fn rename_frame(scenario: &mut Scenario, from: &str, to: &str) -> Result<(), String> {
    if from == to {
        return Ok(());
    }
    if to.contains(" | ") {
        return Err("the name of a frame can't contain ` | `".to_owned());
    }
    check_name(scenario, to)?;
    let Some(at) = scenario.frames.get_index_of(from) else {
        return Err(format!("there is no frame `{from}`"));
    };
    let new = |name: &str| if name == from { to } else { name }.to_owned();
    let targets = scenario
        .faults
        .iter()
        .map(|fault| Target::of(scenario, &fault.on));
    let targets: Vec<String> = targets.map(|target| target.renamed(new)).collect();
    for (fault, on) in scenario.faults.iter_mut().zip(targets) {
        fault.on = on;
    }
    if let Some(frame) = scenario.frames.shift_remove(from) {
        scenario.frames.shift_insert(at, to.to_owned(), frame);
    }
    for frame in scenario.frames.values_mut() {
        if let Some(inside) = &mut frame.inside {
            replace(inside, from, to);
        }
    }
    for latency in &mut scenario.latencies {
        replace(&mut latency.from, from, to);
        replace(&mut latency.to, from, to);
    }
    for component in scenario.components.values_mut() {
        if let Component::Client(client) = component
            && let Some(at) = client.regions.get_index_of(from)
            && let Some(weight) = client.regions.shift_remove(from)
        {
            client.regions.shift_insert(at, to.to_owned(), weight);
        }
    }
    Ok(())
}

/// Says how far one frame is from another, as people type it: in the entry that holds for them, or in
/// a new one. Nothing: as usual, so that the entry goes.
///
/// # Errors
/// Why it makes no sense; the scenario is as it was.
pub fn set_frame_latency(
    scenario: &mut Scenario,
    from: &str,
    to: &str,
    text: &str,
) -> Result<(), String> {
    let is = |one: &FrameLatency, from: &str, to: &str| one.from == from && one.to == to;
    let mut latencies = scenario.latencies.iter();
    let found = latencies.position(|one| is(one, from, to)).or_else(|| {
        let mut latencies = scenario.latencies.iter();
        latencies.position(|one| is(one, to, from))
    });
    if text.trim().is_empty() {
        if let Some(at) = found {
            scenario.latencies.remove(at);
        }
        return Ok(());
    }
    let at = found.unwrap_or(scenario.latencies.len());
    if found.is_none() {
        scenario.latencies.push(FrameLatency {
            from: from.to_owned(),
            to: to.to_owned(),
            latency: BETWEEN_REGIONS,
        });
    }
    let set = set_field(scenario, &Subject::Latency(at), "latency", text);
    if set.is_err() && found.is_none() {
        scenario.latencies.pop();
    }
    set
}

/// Removes a connection, by its position, and the faults that were on it alone.
pub fn remove_connection(scenario: &mut Scenario, index: usize) {
    if index >= scenario.connections.len() {
        return;
    }
    let name = scenario.connections.remove(index).name();
    if !scenario
        .connections
        .iter()
        .any(|connection| connection.name() == name)
    {
        scenario.faults.retain(|fault| fault.on != name);
    }
}

/// Copies components with the connections, faults and objectives among them, moved by `by` on the
/// canvas. Returns the new names in the order of `names`; unknown names are passed over.
pub fn duplicate(scenario: &mut Scenario, names: &[&str], by: (i32, i32)) -> Vec<String> {
    let part = part(scenario, names);
    paste(scenario, &part, by)
}

/// A scenario of the named components and what is among them: what the clipboard holds.
pub fn part(scenario: &Scenario, names: &[&str]) -> Scenario {
    let kept: HashSet<&str> = names.iter().copied().collect();
    let mut part = Scenario::default();
    for name in names {
        if let Some((name, component)) = scenario.components.get_key_value(*name) {
            part.components.insert(name.clone(), component.clone());
        }
        if let Some(place) = scenario.layout.get(*name) {
            part.layout.insert((*name).to_owned(), *place);
        }
    }
    let inside = |name: &str| kept.contains(name);
    let all_inside = |fault: &&Fault| {
        let names = Target::of(scenario, &fault.on).names();
        names.into_iter().all(inside)
    };
    part.operations.clone_from(&scenario.operations);
    part.connections = scenario
        .connections
        .iter()
        .filter(|connection| inside(&connection.from) && inside(&connection.to))
        .cloned()
        .collect();
    part.faults = scenario.faults.iter().filter(all_inside).cloned().collect();
    part.objectives = scenario
        .objectives
        .iter()
        .filter(|objective| inside(&objective.of))
        .cloned()
        .collect();
    part
}

/// Adds a part, under names that are free, moved by `by` on the canvas. Returns the new names.
/// Operations that the scenario does not have come along when something of the part names them.
pub fn paste(scenario: &mut Scenario, part: &Scenario, by: (i32, i32)) -> Vec<String> {
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut order = Vec::with_capacity(part.components.len());
    for (name, component) in &part.components {
        let new = unique_name(scenario, name);
        scenario.components.insert(new.clone(), component.clone());
        if let Some((x, y)) = part.layout.get(name) {
            let place = (x.saturating_add(by.0), y.saturating_add(by.1));
            scenario.layout.insert(new.clone(), place);
        }
        order.push(new.clone());
        names.insert(name, new);
    }
    let new = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
    for connection in &part.connections {
        scenario.connections.push(Connection {
            from: new(&connection.from),
            to: new(&connection.to),
            ..connection.clone()
        });
    }
    for fault in &part.faults {
        let on = Target::of(part, &fault.on).renamed(new);
        scenario.faults.push(Fault {
            on,
            ..fault.clone()
        });
    }
    for objective in &part.objectives {
        let of = new(&objective.of);
        scenario.objectives.push(super::Objective {
            of,
            ..objective.clone()
        });
    }
    let needed = named_operations(part);
    for (name, operation) in &part.operations {
        if needed.contains(name.as_str()) && !scenario.operations.contains_key(name) {
            scenario.operations.insert(name.clone(), operation.clone());
        }
    }
    // Other files lie beside this scenario than beside the one that the part is from.
    super::file::read_beside(scenario);
    order
}

fn named_operations(part: &Scenario) -> HashSet<&str> {
    let mut named = HashSet::new();
    for component in part.components.values() {
        match component {
            Component::Client(client) => {
                named.extend(client.operations.iter().map(String::as_str));
                let drawn = super::check::long_lived::of(client);
                named.extend(drawn.and_then(|drawn| drawn.connect.as_deref()));
            }
            Component::Server(server) => {
                named.extend(server.per_operation.keys().map(String::as_str));
            }
            _ => {}
        }
    }
    for connection in &part.connections {
        if let Some(super::Only::Named(operations)) = &connection.only {
            named.extend(operations.iter().map(String::as_str));
        }
    }
    named
}

/// The part of a half-finished drawing that can run: without clients that have nowhere to go,
/// balancers without a target and replicas without a primary.
pub fn finished(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    loop {
        let loose = super::check::unfinished(&scenario);
        if loose.is_empty() {
            return scenario;
        }
        let names: Vec<&str> = loose.iter().map(String::as_str).collect();
        remove(&mut scenario, &names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::file;

    const SHORTENER: &str = include_str!("../../tests/data/url_shortener.ron");

    fn shortener() -> Scenario {
        file::load(SHORTENER).0.unwrap().scenario
    }

    #[test]
    fn names_are_counted_on() {
        let mut scenario = Scenario::default();
        let names: Vec<_> = (0..3)
            .map(|_| add(&mut scenario, Kind::Server, (0, 0)))
            .collect();
        assert_eq!(names, ["server", "server 2", "server 3"]);
        assert_eq!(unique_name(&scenario, "server 2"), "server 4");
        assert_eq!(unique_name(&scenario, "api"), "api");
    }

    #[test]
    fn a_new_name_is_used_everywhere() {
        let mut scenario = shortener();
        scenario.faults[0].on = "cache".into();
        scenario.faults[1].on = "api -> cache".into();
        rename(&mut scenario, "cache", "memory").unwrap();
        assert_eq!(scenario.components.get_index_of("memory"), Some(3));
        assert_eq!(scenario.layout.get_index_of("memory"), Some(3));
        assert_eq!(scenario.connections[2].to, "memory");
        assert_eq!(scenario.faults[0].on, "memory");
        assert_eq!(scenario.faults[1].on, "api -> memory");
        rename(&mut scenario, "users", "people").unwrap();
        assert_eq!(scenario.objectives[0].of, "people");
        let before = scenario.clone();
        for (to, error) in [
            ("api", "there is a component `api` already"),
            ("", "a name can't be empty"),
            (
                "a -> b",
                "a name can't contain ` -> `: that is how connections are called",
            ),
        ] {
            assert_eq!(rename(&mut scenario, "memory", to).unwrap_err(), error);
        }
        assert_eq!(scenario, before);
    }

    #[test]
    fn nothing_dangles_after_a_removal() {
        let mut scenario = shortener();
        remove(&mut scenario, &["cache", "users"]);
        assert_eq!(scenario.components.len(), 4);
        assert_eq!(scenario.connections.len(), 4);
        assert_eq!((scenario.faults.len(), scenario.objectives.len()), (0, 0));
        assert!(!scenario.layout.contains_key("cache"));
        let mut scenario = shortener();
        scenario.faults[0].on = "lb -> api".into();
        remove_connection(&mut scenario, 1);
        assert_eq!((scenario.connections.len(), scenario.faults.len()), (5, 1));
    }

    #[test]
    fn a_copy_keeps_its_wiring() {
        let mut scenario = shortener();
        let names = duplicate(&mut scenario, &["api", "cache", "db"], (10, 20));
        assert_eq!(names, ["api 2", "cache 2", "db 2"]);
        let copied: Vec<_> = scenario.connections[6..]
            .iter()
            .map(Connection::name)
            .collect();
        assert_eq!(copied, ["api 2 -> cache 2", "api 2 -> db 2"]);
        assert_eq!(scenario.connections[6].step, Some(1));
        assert_eq!(scenario.layout["api 2"], (450, 180));
        assert_eq!(scenario.faults[2].on, "cache 2");
    }

    #[test]
    fn an_arrow_means_what_its_ends_are() {
        let mut scenario = Scenario::default();
        for kind in Kind::ALL {
            add(&mut scenario, kind, (0, 0));
        }
        add(&mut scenario, Kind::Queue, (0, 0));
        let mut check = |from: &str, to: &str, expected: &str| {
            let text = match connect(&mut scenario, from, to) {
                Ok(index) => format!("{:?}", scenario.connections[index].link),
                Err(reason) => reason,
            };
            assert!(text.starts_with(expected), "{from} -> {to}: {text}");
        };
        check("clients", "balancer", "Calls");
        check("balancer", "server", "Calls");
        check("balancer", "server", "they are connected already");
        check("server", "clients", "nothing calls a client");
        check("server", "server", "a component can't call itself");
        check(
            "server",
            "balancer",
            "server -> balancer -> server would wait for itself for ever",
        );
        check("server", "database", "Calls");
        check(
            "database",
            "server",
            "a database calls nobody; it only feeds replicas",
        );
        check("database", "replica", "Replication");
        check(
            "database",
            "replica",
            "a replica has one primary, and this one has it already",
        );
        check("replica", "server", "a replica calls nobody");
        check("queue", "queue 2", "DeadLetters");
        check(
            "queue",
            "queue 2",
            "this queue has a dead-letter queue already",
        );
        check("queue", "database", "a queue's consumers are servers");
        check("queue", "server", "Calls");
        check("cache", "database", "Calls");
        check(
            "cache",
            "server",
            "a cache stands in front of one store, and this one has it already",
        );
        check("nobody", "server", "there is nothing to connect");
    }

    #[test]
    fn the_finished_part_of_a_drawing_runs() {
        let mut scenario = shortener();
        add(&mut scenario, Kind::Client, (0, 0));
        add(&mut scenario, Kind::Replica, (0, 0));
        let balancer = add(&mut scenario, Kind::LoadBalancer, (0, 0));
        let client = add(&mut scenario, Kind::Client, (0, 0));
        connect(&mut scenario, &client, &balancer).unwrap();
        let mut expected = shortener();
        assert_eq!(finished(&scenario), expected);
        remove(&mut expected, &["api"]);
        assert_eq!(finished(&expected).components.len(), 3);
    }
}
