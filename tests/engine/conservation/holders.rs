//! Users with long-lived connections in a random design.

use proptest::prelude::*;

use littlebox::scenario::{
    Arrivals, Component, Connection, Distribution, Duration, LongLived, Mode, Scenario,
};

use super::{
    doors::{balancer, gateway, limiter, names},
    parts::{retries, short},
    plumbing::arrow,
};
use crate::support::design::*;

/// Who they are, and how their connections go.
#[derive(Clone, Debug)]
pub struct Holders {
    client: Component,
    switch: Component,
    names: Component,
    arrows: Vec<Connection>,
    is_named: bool,
    /// In front of the switch.
    door: Option<Component>,
    most: Option<u32>,
}

/// Mostly none at all.
pub fn holders() -> BoxedStrategy<Option<Holders>> {
    let some = |time: Distribution| {
        if time == Distribution::ZERO {
            constant(1)
        } else {
            time
        }
    };
    let times = (1u64..3_000, 1u64..400, short(), short(), 1u64..500);
    let drawn = (1u32..60, times, any::<bool>(), any::<bool>()).prop_map(
        move |(users, (hold, every, away, reconnect, beat), has_own, is_random)| LongLived {
            hold: exponential(hold),
            every: exponential(every),
            away: some(away),
            reconnect: if is_random {
                Distribution::Uniform {
                    min: Duration::ZERO,
                    max: ms(hold),
                }
            } else {
                some(reconnect)
            },
            heartbeat: ms(beat),
            connect: has_own.then(|| "write".to_owned()),
            ..LongLived::new(users)
        },
    );
    let timeout = proptest::option::weighted(0.7, 1u64..300);
    let client = (drawn, timeout, retries()).prop_map(|(drawn, timeout, retries)| {
        let mut client = patient(Arrivals::LongLived(Box::new(drawn)));
        client.timeout = timeout.map(ms);
        client.retries = retries;
        Component::Client(client)
    });
    let arrows = (
        arrow("holders", "pages"),
        arrow("pages", "switch"),
        arrow("holders", "switch"),
        arrow("switch", "b"),
        arrow("switch", "c"),
        arrow("door", "switch"),
    );
    let door = prop_oneof![limiter(), gateway()];
    let door = (any::<bool>(), proptest::option::of(door));
    let most = proptest::option::weighted(0.4, 1u32..20);
    let holders = (client, balancer(), names(), arrows, door, most).prop_map(
        |(client, switch, names, arrows, (is_named, door), most)| Holders {
            client,
            switch,
            names,
            arrows: [arrows.0, arrows.1, arrows.2, arrows.3, arrows.4, arrows.5]
                .map(|arrow| Connection {
                    mode: Mode::Sync,
                    // Who wants one connection does not ask for two.
                    hedge: None,
                    ..arrow
                })
                .to_vec(),
            is_named,
            door,
            most,
        },
    );
    proptest::option::weighted(0.4, holders).boxed()
}

impl Holders {
    /// Puts them into a design.
    pub fn join(&self, design: &mut Scenario) {
        let boxes = &mut design.components;
        boxes.insert("holders".into(), self.client.clone());
        boxes.insert("switch".into(), self.switch.clone());
        if self.is_named {
            boxes.insert("pages".into(), self.names.clone());
        }
        for server in ["b", "c"] {
            if let Some(Component::Server(server)) = boxes.get_mut(server) {
                server.max_connections = self.most;
            }
        }
        if let Some(door) = &self.door {
            boxes.insert("door".into(), door.clone());
        }
        let known = |arrow: &&Connection| match (&*arrow.from, &*arrow.to) {
            ("switch", _) => true,
            ("door", _) => self.door.is_some(),
            (from, to) => self.is_named == [from, to].contains(&"pages"),
        };
        let mut arrows: Vec<Connection> = self.arrows.iter().filter(known).cloned().collect();
        if self.door.is_some() {
            for arrow in &mut arrows {
                if arrow.to == "switch" && arrow.from != "door" {
                    arrow.to = "door".into();
                }
            }
        }
        design.connections.extend(arrows);
    }
}
