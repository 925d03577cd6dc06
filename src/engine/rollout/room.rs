//! How many instances a box must have for its deploys.

use std::collections::BTreeMap;

use crate::scenario::{DeployStrategy, Scenario, Server, deploy};

/// By server that has, or has had, deploys: how many instances there must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Rooms(BTreeMap<String, Room>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Room {
    /// The most there have been: some may still serve.
    most: u32,
    /// The largest batch that boots beside those it replaces.
    surge: u32,
    /// A second full set.
    twice: bool,
}

impl Room {
    fn add(&mut self, server: &Server, strategy: DeployStrategy) {
        match strategy {
            DeployStrategy::Rolling { batch, surge: true } => self.surge = self.surge.max(batch),
            DeployStrategy::BlueGreen { .. } => self.twice = true,
            DeployStrategy::Rolling { .. } | DeployStrategy::Canary { .. } => {}
        }
        self.most = self.of(server);
    }

    fn of(&self, server: &Server) -> u32 {
        let instances = server.most_instances();
        let beside = if self.twice {
            instances
        } else {
            self.surge.min(instances)
        };
        self.most.max(instances.saturating_add(beside))
    }
}

impl Rooms {
    /// The same for a scenario whose timeline has deploys.
    pub fn with_planned(mut self, scenario: &Scenario) -> Self {
        for (name, server, deploy) in deploy::planned(scenario) {
            let room = self.0.entry(name.clone()).or_default();
            room.add(server, deploy.strategy);
        }
        for (name, room) in &mut self.0 {
            if let Some(crate::scenario::Component::Server(server)) = scenario.components.get(name)
            {
                room.most = room.of(server);
            }
        }
        self
    }

    /// There is to be a deploy by hand.
    pub fn add(&mut self, scenario: &Scenario, on: &str, strategy: DeployStrategy) {
        for (name, server) in deploy::servers(scenario, on) {
            let room = self.0.entry(name.clone()).or_default();
            room.add(server, strategy);
        }
    }

    /// How many instances a server has; `None`: it has never had deploys.
    pub fn of(&self, name: &str, server: &Server) -> Option<u32> {
        self.0.get(name).map(|room| room.of(server))
    }
}
