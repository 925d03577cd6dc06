//! Channels in an edit: who stays, and which ways are gone. And whether the books are right.

use super::{Channels, NONE, Phase, Place};
use crate::engine::{
    Simulation,
    component::{Component, Part},
};

/// Where things go: by where they were.
pub(in crate::engine) struct Ways<'a> {
    pub components: &'a [u32],
    pub connections: &'a [u32],
    pub instances: &'a [u32],
    /// By where instances were: their box as it is now.
    pub servers: &'a [u32],
    /// Of each balancer as it is now, by where its targets were.
    pub targets: &'a [Vec<u32>],
}

fn moved(moves: &[u32], at: u32) -> u32 {
    moves.get(at as usize).copied().unwrap_or(NONE)
}

impl Simulation {
    /// Takes over the channels from before an edit. Those whose way is gone break; users of clients
    /// that are gone go.
    pub(in crate::engine) fn take_over_channels(&mut self, old: Channels, ways: &Ways<'_>) {
        let places = std::mem::take(&mut self.channels.places);
        self.channels = old;
        if self.channels.all.is_empty() {
            self.channels.places = places;
            return;
        }
        let mut broken = Vec::new();
        for number in 0..self.channels.all.len() as u32 {
            let channel = &self.channels.all[number as usize];
            if channel.phase == Phase::Free {
                continue;
            }
            let client = moved(ways.components, channel.client);
            let server = moved(ways.servers, channel.instance);
            if self.holders(client).is_none() {
                self.channels.leave_place(number);
                self.channels.give_back(number);
                continue;
            }
            let is_gone = self.move_way(number, ways);
            let channel = &mut self.channels.all[number as usize];
            channel.client = client;
            if !is_gone {
                continue;
            }
            if channel.phase == Phase::Open {
                broken.push((number, client, server));
            }
            self.channels.leave_place(number);
        }
        let mut fresh = vec![Place::EMPTY; places.len()];
        for (from, place) in self.channels.places.iter().enumerate() {
            if let Some(to) = fresh.get_mut(moved(ways.instances, from as u32) as usize) {
                *to = *place;
            }
        }
        self.channels.places = fresh;
        for channel in &mut self.channels.all {
            channel.instance = moved(ways.instances, channel.instance);
        }
        self.count_sockets();
        for (number, client, server) in broken {
            for at in [client, server] {
                let component = self.components.get_mut(at as usize);
                if let Some(sockets) = component.and_then(|of| of.sockets.as_mut()) {
                    sockets.broken += 1;
                }
            }
            self.user_comes_back(number, 0);
        }
    }

    /// Brings the way of a channel up to date. Says whether it is gone; also that of one that is being
    /// opened, whose way will be said anew.
    fn move_way(&mut self, number: u32, ways: &Ways<'_>) -> bool {
        let channel = &mut self.channels.all[number as usize];
        if channel.instance == NONE {
            return false;
        }
        channel.arrow = moved(ways.connections, channel.arrow);
        let mut is_gone = channel.arrow == NONE;
        for (at, choice) in channel.steps.iter_mut() {
            *at = moved(ways.components, *at);
            *choice = match self.components.get(*at as usize).map(|of| &of.part) {
                Some(Part::Balancer(_)) => moved(&ways.targets[*at as usize], *choice),
                Some(Part::Dns(_) | Part::Limiter(_) | Part::Gateway(_)) => {
                    moved(ways.connections, *choice)
                }
                _ => NONE,
            };
            is_gone |= *choice == NONE;
        }
        let instance = moved(ways.instances, channel.instance);
        let server = self.instances.get(instance as usize);
        let server = server.and_then(|server| self.components.get(server.component as usize));
        is_gone || server.is_none_or(|server| server.sockets.is_none())
    }

    /// Counts anew what is open.
    fn count_sockets(&mut self) {
        let mut open = vec![0; self.components.len()];
        let channels = self.channels.all.iter();
        for channel in channels.filter(|channel| channel.is_at_home()) {
            open[channel.client as usize] += 1;
            open[self.instances[channel.instance as usize].component as usize] += 1;
        }
        for (component, open) in self.components.iter_mut().zip(open) {
            if let Some(sockets) = &mut component.sockets {
                sockets.open.set(open, self.now);
            }
        }
    }

    /// Balancers count the open channels through them as calls in flight.
    pub(in crate::engine) fn channels_in_flight(&self) -> impl Iterator<Item = (u32, u32)> {
        let open = self.channels.all.iter();
        let open = open.filter(|channel| channel.is_at_home());
        let steps = open.flat_map(|channel| channel.steps.iter());
        steps.filter(|(at, _)| matches!(self.components[*at as usize].part, Part::Balancer(_)))
    }

    /// Whether the channels of every instance, client and server are where the books say.
    pub(in crate::engine) fn check_channels(&self) -> Result<(), String> {
        let mut users = vec![0; self.components.len()];
        let mut open = vec![0; self.components.len()];
        let mut at_instance = vec![(0, 0); self.channels.places.len()];
        for channel in &self.channels.all {
            if channel.phase == Phase::Free {
                continue;
            }
            users[channel.client as usize] += u32::from(!channel.leaves);
            let is_open = channel.phase == Phase::Open;
            if channel.instance == NONE {
                if is_open {
                    return Err("a connection is open nowhere".into());
                }
                continue;
            }
            let (listed, opened) = &mut at_instance[channel.instance as usize];
            *listed += 1;
            *opened += u32::from(is_open);
            let instance = &self.instances[channel.instance as usize];
            if instance.is_down() {
                return Err("a connection is at an instance that is down".into());
            }
            if is_open {
                open[channel.client as usize] += 1;
                open[instance.component as usize] += 1;
            }
        }
        for (instance, (place, found)) in self.channels.places.iter().zip(&at_instance).enumerate()
        {
            let some = |at: u32| Some(at).filter(|at| *at != NONE);
            let follow = |at: &u32| some(self.channels.all[*at as usize].after);
            let count = std::iter::successors(some(place.first), follow).count();
            if (place.listed, place.open) != *found || count != place.listed as usize {
                return Err(format!(
                    "instance {instance}: {place:?} connections booked, {found:?} found, {count} in its list"
                ));
            }
        }
        for (at, component) in self.components.iter().enumerate() {
            let booked = component.sockets.as_ref().map_or(0, |of| of.open.now());
            let wrong = |what: &str, booked: u64, found: u64| {
                Err(format!(
                    "{}: {booked} {what} booked, {found} found",
                    component.name
                ))
            };
            if booked != open[at] {
                return wrong("open connections", booked, open[at]);
            }
            if let Some(booked) = component.users_with_channels()
                && booked != users[at]
            {
                return wrong("users", booked.into(), users[at].into());
            }
        }
        Ok(())
    }
}

impl Component {
    fn users_with_channels(&self) -> Option<u32> {
        match &self.part {
            Part::Client(client) => client.holders.as_ref().map(|holders| holders.count),
            _ => None,
        }
    }
}

impl super::Channel {
    fn is_at_home(&self) -> bool {
        self.phase == Phase::Open && self.instance != NONE
    }
}

impl Channels {
    /// As [`Self::unlist`], of one that may be open.
    fn leave_place(&mut self, number: u32) {
        let channel = &self.all[number as usize];
        if channel.phase == Phase::Open
            && let Some(place) = self.places.get_mut(channel.instance as usize)
        {
            place.open -= 1;
        }
        self.unlist(number);
    }
}
