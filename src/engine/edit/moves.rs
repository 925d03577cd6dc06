//! Where things go in an edit: who stays is told by name.

use std::collections::HashMap;

use crate::{
    engine::{
        Simulation, alarm,
        call::NONE,
        component::Part,
        fault::{Active, On, Planned},
    },
    scenario::Scenario,
};

/// Where things were, and where they are now. [`NONE`]: gone.
pub(in crate::engine) struct Moves {
    pub components: Vec<u32>,
    pub connections: Vec<u32>,
    pub instances: Vec<u32>,
    pub lanes: Vec<u32>,
    pub frames: Vec<u32>,
    /// Of the timeline.
    pub faults: Vec<u32>,
    /// By component: how many of its instances stay.
    kept: Vec<u32>,
}

pub(super) fn moved(moves: &[u32], at: u32) -> u32 {
    moves.get(at as usize).copied().unwrap_or(NONE)
}

impl Moves {
    pub fn new(old: &Simulation, new: &Simulation, before: &Scenario, after: &Scenario) -> Self {
        let components: Vec<u32> = before
            .components
            .iter()
            .map(|(name, drawn)| match after.components.get_full(name) {
                Some((at, _, now)) if now.kind() == drawn.kind() => at as u32,
                _ => NONE,
            })
            .collect();
        // The n-th arrow between the same two boxes stays the n-th.
        let mut arrows = HashMap::<(u32, u32), Vec<u32>>::new();
        for (at, connection) in new.connections.iter().enumerate().rev() {
            let ends = (connection.from, connection.to);
            arrows.entry(ends).or_default().push(at as u32);
        }
        let connections: Vec<u32> = old
            .connections
            .iter()
            .enumerate()
            .map(|(at, connection)| {
                let ends = (
                    moved(&components, connection.from),
                    moved(&components, connection.to),
                );
                let same_link = |to: &u32| {
                    let link = |scenario: &Scenario, at: usize| {
                        std::mem::discriminant(&scenario.connections[at].link)
                    };
                    link(before, at) == link(after, *to as usize)
                };
                arrows
                    .get_mut(&ends)
                    .and_then(Vec::pop)
                    .filter(same_link)
                    .unwrap_or(NONE)
            })
            .collect();
        let mut instances = vec![NONE; old.instances.len()];
        let mut kept = vec![0; components.len()];
        let mut lanes = connections.clone();
        lanes.resize(old.lanes.len(), NONE);
        for (from, to) in components.iter().enumerate() {
            let Some(now) = new.components.get(*to as usize) else {
                continue;
            };
            let was = &old.components[from];
            kept[from] = was.instances.min(now.instances);
            for nth in 0..kept[from] {
                instances[(was.first_instance + nth) as usize] = now.first_instance + nth;
            }
            if let (Part::Queue(was), Part::Queue(now)) = (&was.part, &now.part) {
                lanes[was.lane as usize] = now.lane;
            }
        }
        let mut moves = Self {
            components,
            connections,
            instances,
            lanes,
            frames: before
                .frames
                .keys()
                .map(|name| after.frames.get_index_of(name).map_or(NONE, |at| at as u32))
                .collect(),
            faults: Vec::new(),
            kept,
        };
        let mut free: Vec<Option<&Planned>> = new.faults.timeline.iter().map(Some).collect();
        let mut faults = Vec::new();
        for was in &old.faults.timeline {
            let fault = moves.place(&was.fault);
            let is_same = |now: &Planned| {
                (was.at, was.until) == (now.at, now.until) && fault == Some(now.fault)
            };
            let place = free.iter().position(|now| now.is_some_and(is_same));
            if let Some(at) = place {
                free[at] = None;
            }
            faults.push(place.map_or(NONE, |at| at as u32));
        }
        moves.faults = faults;
        moves
    }

    /// The number of an alarm, for what it is at now; [`NONE`]: that is gone.
    pub fn alarm(&self, number: u32) -> u32 {
        let (kind, at) = (alarm::kind(number), alarm::place(number));
        let moves = if alarm::is_of_instance(kind) {
            &self.instances
        } else {
            &self.components
        };
        match moved(moves, at) {
            NONE => NONE,
            to => kind | to,
        }
    }

    /// A fault where it is now, unless what it is on is gone.
    pub fn place(&self, fault: &Active) -> Option<Active> {
        let on = match fault.on {
            On::Component(at) => On::Component(moved(&self.components, at)),
            On::Connection(at) => On::Connection(moved(&self.connections, at)),
            On::Way(at, NONE) => match moved(&self.connections, at) {
                NONE => On::Component(NONE),
                at => On::Way(at, NONE),
            },
            On::Way(at, frame) => {
                match (moved(&self.connections, at), moved(&self.frames, frame)) {
                    (NONE, _) | (_, NONE) => On::Component(NONE),
                    (at, frame) => On::Way(at, frame),
                }
            }
            On::Instance(at, nth) if nth < self.kept[at as usize] => {
                On::Instance(moved(&self.components, at), nth)
            }
            On::Instance(..) => On::Component(NONE),
            On::Frame(at) => match moved(&self.frames, at) {
                NONE => On::Component(NONE),
                at => On::Frame(at),
            },
            On::Frames(one, other) => {
                match (moved(&self.frames, one), moved(&self.frames, other)) {
                    (NONE, _) | (_, NONE) => On::Component(NONE),
                    (one, other) => On::Frames(one, other),
                }
            }
        };
        let is_gone = matches!(on, On::Component(NONE) | On::Connection(NONE));
        (!is_gone).then_some(Active { on, ..*fault })
    }
}
