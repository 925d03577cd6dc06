//! Who waits for an answer before asking again: users of closed clients, and sessions of partly open
//! ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::{Simulation, call::MOST_CALLS, channel::MOST_CHANNELS, component::Part, event};
use super::{Client, source::Process};

/// A user who does not think and is refused before any time has passed asks again after this: at
/// once it would be again and again at the same instant.
pub(super) const LEAST_PAUSE_NS: u64 = 1_000_000;

/// Who waits for answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Users {
    /// Users of a closed client that exist now.
    count: u32,
    /// Requests under way that are no user's and of no session: they were made while the client was of
    /// another kind.
    strangers: u64,
    /// Sessions that think: when each has done, and in the order they began. Each has its event.
    thinking: BinaryHeap<Reverse<(u64, u64, u32)>>,
    /// How many pauses there were.
    pauses: u64,
}

impl Users {
    /// Takes over the state of the client it was before an edit.
    pub fn adopt(&mut self, old: &mut Self, same_kind: bool, present: u64) {
        if same_kind {
            *self = std::mem::take(old);
        } else {
            // Users who wait for an answer are forgotten; those who think are not taken over.
            self.strangers = present;
        }
    }
}

impl Client {
    /// There is no room for its request.
    pub(super) fn user_is_turned_away(&mut self) {
        if let Process::Closed { .. } = self.source.process {
            self.users.count -= 1;
        }
    }

    /// A user leaves when there are more than there should be.
    fn user_leaves(&mut self, traffic: f64) -> bool {
        let leaves = self.users.count > self.users_wanted(traffic);
        if leaves {
            self.users.count -= 1;
        }
        leaves
    }

    fn users_wanted(&self, traffic: f64) -> u32 {
        match self.source.process {
            Process::Closed { users, .. } => {
                ((f64::from(users) * traffic).round() as u32).min(MOST_CALLS / 4)
            }
            Process::LongLived { users } => {
                ((f64::from(users) * traffic).round() as u32).min(MOST_CHANNELS as u32)
            }
            _ => 0,
        }
    }
}

impl Simulation {
    /// Users come until there are as many as there should be. Those too many leave when they have
    /// their answer.
    pub(super) fn fill_up_users(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        let wanted = client.users_wanted(traffic);
        if client.holders.is_some() {
            return self.fill_up_channels(at, wanted);
        }
        if let Process::Closed { think, .. } = &client.source.process {
            while client.users.count < wanted {
                client.users.count += 1;
                let pause = think.draw(&self.ziggurat, &mut client.arrivals_stream);
                self.future.put(self.now + pause, event::THINK | at);
            }
        }
    }

    /// The event of a user or a session that has thought enough.
    #[inline(never)]
    pub(in crate::engine) fn think(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if let Process::Sessions { .. } = client.source.process {
            // Events at one time come in the order they were put in, and so do these.
            if let Some(Reverse((_, _, session))) = client.users.thinking.pop() {
                self.request_in(at, Some(session));
            }
        } else if !client.user_leaves(traffic) {
            self.request(at);
        }
    }

    /// A user or a session has an answer, and thinks about the next request or leaves. Who does not
    /// think pauses for `at_least` nanoseconds.
    pub(super) fn think_again(&mut self, at: u32, session: u32, at_least: u64) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if client.is_open() {
            return;
        }
        if client.users.strangers > 0 {
            client.users.strangers -= 1;
            return;
        }
        let is_session = matches!(client.source.process, Process::Sessions { .. });
        if !is_session && client.user_leaves(traffic) {
            return;
        }
        let pause = match &client.source.process {
            Process::Closed { think, .. } => {
                Some(think.draw(&self.ziggurat, &mut client.arrivals_stream))
            }
            _ => client.pattern.goes_on(&client.source, &self.ziggurat),
        };
        let Some(pause) = pause else { return };
        let until = self.now + if pause == 0 { at_least } else { pause };
        if is_session {
            let number = client.users.pauses;
            client.users.pauses += 1;
            client
                .users
                .thinking
                .push(Reverse((until, number, session)));
        }
        self.future.put(until, event::THINK | at);
    }
}
