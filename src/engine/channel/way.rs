//! The way of a channel: how it is found when it is opened, and how messages are led along it.

use super::{Channel, NONE, Phase};
use crate::{
    engine::{
        Simulation,
        call::{Calls, State, flag},
        channel::Channels,
        component::Part,
        measure::Cause,
    },
    scenario::check::long_lived::MOST_BETWEEN,
};

/// Whose request a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Pin {
    /// The channel's record; below [`super::MOST_CHANNELS`].
    pub number: u32,
    /// Whose the record was then: a user who leaves may still have calls under way.
    pub era: u8,
    /// A message, and not the request to open it.
    pub is_message: bool,
}

impl Pin {
    const MESSAGE: u32 = 1 << 31;
    const ERA_SHIFT: u32 = 23;

    pub fn packed(self) -> u32 {
        let bit = if self.is_message { Self::MESSAGE } else { 0 };
        self.number | u32::from(self.era) << Self::ERA_SHIFT | bit
    }

    pub fn unpacked(packed: u32) -> Self {
        Self {
            number: packed & ((1 << Self::ERA_SHIFT) - 1),
            era: (packed >> Self::ERA_SHIFT) as u8,
            is_message: packed & Self::MESSAGE != 0,
        }
    }
}

impl Calls {
    /// Whose request a call is for. With [`flag::PINNED`].
    pub fn pin(&self, id: u32) -> Pin {
        Pin::unpacked(self.rare(id).pin)
    }
}

/// What the boxes between a user and the server chose: of each its number, and the target of a
/// balancer or the arrow of any other.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Steps {
    count: u32,
    steps: [(u32, u32); MOST_BETWEEN],
}

impl Steps {
    #[must_use]
    fn push(&mut self, at: u32, choice: u32) -> bool {
        let Some(step) = self.steps.get_mut(self.count as usize) else {
            return false;
        };
        *step = (at, choice);
        self.count += 1;
        true
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.steps.into_iter().take(self.count as usize)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut (u32, u32)> {
        self.steps.iter_mut().take(self.count as usize)
    }
}

/// What a box does with a call, as far as the channel it is for says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Choice {
    /// The call is to open it: the box chooses.
    Free,
    /// A message goes the way of its channel: the target of a balancer, or the arrow of another box.
    Known(u32),
    /// Its channel is not open, or does not lead through here.
    Broken,
}

impl Channels {
    /// The channel that a call is for. `None`: its user has left.
    pub fn of(&self, pin: Pin) -> Option<&Channel> {
        let channel = self.all.get(pin.number as usize)?;
        (channel.era == pin.era).then_some(channel)
    }

    /// Where a call that is for a channel goes from a box.
    pub fn choice(&self, pin: Pin, at: u32) -> Choice {
        if !pin.is_message {
            return Choice::Free;
        }
        let Some(channel) = self.of(pin) else {
            return Choice::Broken;
        };
        let mut steps = channel.steps.iter();
        match steps.find(|(found, _)| *found == at) {
            Some((_, choice)) if channel.phase == Phase::Open => Choice::Known(choice),
            _ => Choice::Broken,
        }
    }
}

impl Simulation {
    /// A message has come to a server. Says whether its channel is open there; if not, it is refused.
    pub(in crate::engine) fn message_arrives(&mut self, id: u32) -> bool {
        let pin = self.calls.pin(id);
        if !pin.is_message {
            return true;
        }
        let open = self.channels.of(pin);
        let open = open.filter(|channel| channel.phase == Phase::Open);
        let instance = open.map_or(NONE, |channel| channel.instance);
        let call = &mut self.calls[id];
        let found = self.instances.get(instance as usize);
        let is_here = found.is_some_and(|found| found.component == call.component);
        if is_here {
            call.instance = instance;
        } else {
            self.refuse(id, Cause::Down);
        }
        is_here
    }

    /// A request to open a channel has come to a server that is up. Says whether there is a place for
    /// it; if not, it is refused. Of a request whose user has walked away the server does not know,
    /// and works in vain.
    pub(in crate::engine) fn channel_arrives(&mut self, id: u32) -> bool {
        let pin = self.calls.pin(id);
        if pin.is_message || self.channels.of(pin).is_none() {
            return true;
        }
        let Some((arrow, steps)) = self.way_of(id) else {
            return true;
        };
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if call.instance == NONE {
            call.instance = component.next_instance();
        }
        let instance = call.instance;
        let most = component.sockets.as_ref().map_or(u32::MAX, |of| of.most);
        // Of an attempt before.
        let has_place = self.channels.all[pin.number as usize].instance == instance;
        if self.channels.places[instance as usize].listed >= most && !has_place {
            self.refuse(id, Cause::ConnectionLimit);
            return false;
        }
        self.channels.unlist(pin.number);
        let channel = &mut self.channels.all[pin.number as usize];
        (channel.arrow, channel.steps) = (arrow, steps);
        self.channels.list(pin.number, instance);
        true
    }

    /// A call that was to open a channel has failed where it had a place: others may have it.
    #[cold]
    pub(in crate::engine) fn gives_place_back(&mut self, id: u32) {
        let pin = self.calls.pin(id);
        let call = &self.calls[id];
        let has_sockets = self.components[call.component as usize].sockets.is_some();
        if pin.is_message || !has_sockets || self.way_of(id).is_none() {
            return;
        }
        let channel = self.channels.of(pin);
        let is_at = |channel: &Channel| {
            channel.phase == Phase::Opening && channel.instance == call.instance
        };
        if channel.is_some_and(is_at) {
            self.channels.unlist(pin.number);
        }
    }

    /// The arrow that a user's call came by to the server it is at, and what was chosen in between;
    /// `None`: the user, or somebody in between, has walked away.
    fn way_of(&self, id: u32) -> Option<(u32, Steps)> {
        let mut steps = Steps::default();
        let mut child = id;
        loop {
            let parent = self.calls[child].parent;
            if parent == NONE {
                return None;
            }
            let call = &self.calls[parent];
            if call.state == State::Dead || !call.has(flag::PINNED) {
                return None;
            }
            let leg = self.calls[child].leg;
            let choice = match &self.components.get(call.component as usize)?.part {
                Part::Client(_) => return Some((leg, steps)),
                Part::Balancer(_) => self.calls.target(child),
                Part::Dns(_) | Part::Limiter(_) | Part::Gateway(_) => leg,
                _ => return None,
            };
            if choice == NONE || !steps.push(call.component, choice) {
                return None;
            }
            child = parent;
        }
    }
}
