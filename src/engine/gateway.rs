//! API gateways: a rate limit at the door, authentication as work in slots, remembered answers, and
//! the way on by operation. Messages over an open long-lived connection pass all of this by.

use super::{
    Simulation,
    cache::Lru,
    call::{NONE, Outcome, flag},
    component::Part,
    limiter::Limiter,
    measure::Cause,
    store::Newest,
};

/// What only an API gateway has.
#[derive(Clone, Debug)]
pub(super) struct Gateway {
    pub limiter: Option<Limiter>,
    responses: Option<Responses>,
}

/// Answers that are remembered.
#[derive(Clone, Debug)]
struct Responses {
    keys: Lru,
    ttl: u64,
    /// How many operations there are: each has a key of its own for each item.
    operations: u32,
}

impl Responses {
    fn key(&self, key: u32, operation: u8) -> u32 {
        key * self.operations + u32::from(operation)
    }
}

impl Gateway {
    /// `responses`: the most answers, how long they are good for, and how many items and operations
    /// there are.
    pub fn new(limiter: Option<Limiter>, responses: Option<(u64, u64, u64, u32)>) -> Self {
        let responses = responses.map(|(capacity, ttl, items, operations)| Responses {
            keys: Lru::new(items * u64::from(operations), capacity),
            ttl,
            operations,
        });
        Self { limiter, responses }
    }

    /// The answers, and the key of the one to an operation on an item.
    pub fn responses(&mut self, key: u32, operation: u8) -> Option<(&mut Lru, u32)> {
        let responses = self.responses.as_mut()?;
        let place = responses.key(key, operation);
        Some((&mut responses.keys, place))
    }

    /// `store` has a newer version of an item than `before`.
    pub fn outdate(&mut self, key: u32, store: u32, before: Newest, now: u64) {
        if let Some(responses) = &mut self.responses {
            for operation in 0..responses.operations {
                let place = responses.key(key, operation as u8);
                responses.keys.outdate(place, store, before, now);
            }
        }
    }

    /// Whatever was counted and remembered is gone.
    pub fn forget(&mut self) {
        if let Some(limiter) = &mut self.limiter {
            limiter.forget();
        }
        if let Some(responses) = &mut self.responses {
            responses.keys.clear();
        }
    }

    /// Takes over what was counted and remembered before an edit; `place` says where databases are
    /// now. Answers are only taken over when the operations are the same.
    pub fn adopt(
        &mut self,
        old: &mut Self,
        same_operations: bool,
        (calls, now): (&mut super::call::Calls, u64),
        place: impl Fn(u32) -> u32,
    ) {
        if let (Some(limiter), Some(old)) = (&mut self.limiter, &mut old.limiter) {
            limiter.adopt(old, calls, now);
        }
        if let (Some(responses), Some(old)) = (&mut self.responses, &mut old.responses)
            && same_operations
        {
            responses.keys.adopt(&mut old.keys, place);
        }
    }
}

impl Simulation {
    /// A call has come to an API gateway.
    #[inline(never)]
    pub(super) fn enter_gateway(&mut self, id: u32) {
        if self.calls[id].has(flag::PINNED) && self.message_passes(id) {
            return;
        }
        let session = self.calls.rare(id).session;
        let component = &mut self.components[self.calls[id].component as usize];
        if let Some(limiter) = component.limiter()
            && !limiter.lets_in(session, self.now)
        {
            return self.refuse(id, Cause::RateLimited);
        }
        if component.regime.is_some() {
            self.enter_regime(id);
        } else {
            self.enter_station(id);
        }
    }

    /// An API gateway knows who is calling.
    pub(super) fn authenticated(&mut self, id: u32) {
        let call = &self.calls[id];
        let (key, operation) = (call.key, call.operation);
        // The answer to who asks for a connection is the connection: it is not remembered.
        let reads = !self.writes[operation as usize] && !call.has(flag::PINNED);
        let component = &mut self.components[call.component as usize];
        if let Part::Gateway(gateway) = &mut component.part
            && let Some(responses) = &mut gateway.responses
            && reads
        {
            let place = responses.key(key, operation);
            if let Some((version, store)) = responses.keys.get(place, self.now) {
                component.meter.hits += 1;
                self.judge_age(id, version, store);
                return self.finish(id, Outcome::Well);
            }
            component.meter.misses += 1;
        }
        if self.components[self.calls[id].component as usize]
            .plan
            .takes(operation)
        {
            self.advance(id);
        } else {
            self.finish(id, Outcome::Failed(Cause::NoTarget));
        }
    }

    /// What an API gateway passed on is answered.
    pub(super) fn gateway_answered(&mut self, id: u32) {
        let call = &self.calls[id];
        let (key, operation, outcome) = (call.key, call.operation, call.outcome);
        let (is_pinned, has_slot) = (call.has(flag::PINNED), call.instance != NONE);
        if !has_slot {
            let meter = &mut self.components[call.component as usize].meter;
            meter.passed_by(self.now);
        }
        if outcome.failed().is_some() {
            return self.finish(id, outcome);
        }
        let (version, store) = self.calls.version(id);
        let reads = !self.writes[operation as usize] && !is_pinned;
        let component = &mut self.components[self.calls[id].component as usize];
        if let Part::Gateway(gateway) = &mut component.part
            && let Some(responses) = &mut gateway.responses
            && reads
        {
            let place = responses.key(key, operation);
            let expires = self.now.saturating_add(responses.ttl);
            responses.keys.insert(place, version, store, expires);
            self.holds_keys_of(id, version, store);
        }
        self.finish(id, Outcome::Well);
    }
}
