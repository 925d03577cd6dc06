//! How channels break: with their instance, with a balancer, a rate limiter or a gateway on their way,
//! or when nothing comes through any more.

use super::{NONE, Phase};
use crate::engine::{Simulation, component::Part};

impl Simulation {
    /// Every channel at an instance breaks: who holds one notices at once.
    pub(in crate::engine) fn break_channels_at(&mut self, instance: u32) {
        loop {
            let number = self.channels.first_at(instance);
            if number == NONE {
                return;
            }
            if self.channels.all[number as usize].phase == Phase::Open {
                self.break_channel(number);
            } else {
                // Its request fails by itself.
                self.channels.unlist(number);
            }
        }
    }

    /// Channels at instances of a box that are out of service break.
    pub(in crate::engine) fn break_channels_out_of_service(&mut self, at: u32) {
        let component = &self.components[at as usize];
        if component.sockets.is_none() || component.fleet.is_none() {
            return;
        }
        for instance in component.first_instance..component.first_instance + component.instances {
            if self.instances[instance as usize].is_down() {
                self.break_channels_at(instance);
            }
        }
    }

    /// Every channel at a server, or through a box that holds both ends of it, breaks. A name service is
    /// only asked before.
    pub(in crate::engine) fn break_channels_of(&mut self, at: u32) {
        if self.channels.all.is_empty() {
            return;
        }
        let component = &self.components[at as usize];
        if let Part::Balancer(_) | Part::Limiter(_) | Part::Gateway(_) = component.part {
            return self.break_channels_through(at, |_| true);
        }
        for instance in component.first_instance..component.first_instance + component.instances {
            self.break_channels_at(instance);
        }
    }

    /// Of the channels through a box those break of which this says so.
    pub(in crate::engine) fn break_channels_through(
        &mut self,
        at: u32,
        mut breaks: impl FnMut(&mut Self) -> bool,
    ) {
        for number in 0..self.channels.all.len() as u32 {
            let channel = &self.channels.all[number as usize];
            let leads_through = channel.steps.iter().any(|(found, _)| found == at);
            if channel.phase == Phase::Open && leads_through && breaks(self) {
                self.break_channel(number);
            }
        }
    }

    pub(super) fn break_channel(&mut self, number: u32) {
        let (client, server) = self.leave_open(number);
        for at in [client, server] {
            if let Some(sockets) = &mut self.components[at as usize].sockets {
                sockets.broken += 1;
            }
        }
        self.user_comes_back(number, 0);
    }

    /// Some arrow has been cut or mended, or some box stands still or goes on.
    pub(in crate::engine) fn doubt_channels(&mut self) {
        for number in 0..self.channels.all.len() as u32 {
            if self.channels.all[number as usize].phase == Phase::Open && self.doubt_channel(number)
            {
                self.arm_channel(number);
            }
        }
    }

    /// Brings up to date when too long will have passed without anything coming through. Says whether
    /// the alarm has to be set for it.
    pub(super) fn doubt_channel(&mut self, number: u32) -> bool {
        let is_cut_off = self.is_cut_off(number);
        let now = self.now;
        let client = self.channels.all[number as usize].client;
        let heartbeat = self.holders(client).map_or(0, |holders| holders.heartbeat);
        let channel = &mut self.channels.all[number as usize];
        if !is_cut_off {
            channel.doubt_at = u64::MAX;
            return false;
        }
        if channel.doubt_at != u64::MAX {
            return false;
        }
        channel.doubt_at = now.saturating_add(heartbeat);
        channel.doubt_at < channel.due
    }

    /// Nothing has come through a channel for too long.
    pub(super) fn heartbeat_is_missing(&mut self, number: u32) {
        if self.is_cut_off(number) {
            return self.break_channel(number);
        }
        self.channels.all[number as usize].doubt_at = u64::MAX;
        self.arm_channel(number);
    }

    /// Whether nothing comes through a channel: some arrow on its way is cut, or some box
    /// stands still, or the instance at its end.
    fn is_cut_off(&self, number: u32) -> bool {
        let channel = &self.channels.all[number as usize];
        let region = match &self.components[channel.client as usize].part {
            Part::Client(client) => client.subjects.region_of(channel.session),
            _ => NONE,
        };
        let is_cut = |arrow: u32, region: u32| {
            let connection = &self.connections[arrow as usize];
            let way = connection.way(region);
            connection.cut + way.map_or(0, |way| way.cut) > 0
        };
        let instance = &self.instances[channel.instance as usize];
        let server = &self.components[instance.component as usize];
        if is_cut(channel.arrow, region) || server.is_stalled(channel.instance) {
            return true;
        }
        channel.steps.iter().any(|(at, choice)| {
            let component = &self.components[at as usize];
            let arrow = match &component.part {
                Part::Balancer(balancer) => balancer.targets[choice as usize].connection,
                _ => choice,
            };
            let is_asked = matches!(component.part, Part::Dns(_));
            is_cut(arrow, self.frames.asks_from(at, region)) || component.stalled && !is_asked
        })
    }
}
