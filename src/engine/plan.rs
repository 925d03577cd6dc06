//! Plans: what a call asks of others, step by step.
//!
//! A plan is a component's outgoing connections. What a person leaves unset means:
//! - From a server to a look-aside cache: reads ask it first. Stores that have no step of their own
//!   then follow as a second step on a miss (reads) or as the first step (writes); after a fetch
//!   the cache is filled, after a write the key is removed from it, both without waiting.
//! - From a server to a database and to replicas of it: reads go to the replicas, one picked in
//!   turn by weight; writes go to the database.
//! - From a client to several: each request goes to one of them, picked by weight.
//! - From a server to a queue and to others: the queue comes last.
//! - Everything else: step 1, every operation, in parallel with the others of that step; the
//!   slowest decides.
//!
//! A failed look-up in a look-aside cache counts as a miss: the caller asks the store.
//! Alternatives (connections of a step with a weight): one of those that apply is picked. Forwards
//! of one step exclude each other too: each is picked with its probability, and with what is left
//! the call goes on to the next step or replies.

use super::{
    MOST_DEPTH, Simulation,
    call::{NONE, Outcome, State, Verb, flag},
    component::Part,
    random::Chance,
};
use crate::scenario::{Mode, When};

/// One outgoing connection of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    pub connection: u32,
    pub step: u32,
    /// Bit i: operation i takes it.
    pub operations: u64,
    pub when: When,
    pub probability: f64,
    pub chance: Chance,
    pub weight: Option<f64>,
    pub mode: Mode,
    /// The route that its calls take; [`NONE`]: the general way.
    pub route: u32,
}

/// The steps of a component, each a range of `legs`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub legs: Vec<Leg>,
    steps: Vec<Step>,
    /// Connections to look-aside caches that remember keys.
    pub caches: Vec<u32>,
    /// Every step is one call that is waited for, and no look-aside cache remembers keys.
    pub is_quick: bool,
    /// The one connection of a plan that is no more than one call that every request makes and
    /// waits for; [`NONE`] for other plans.
    pub straight: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    from: u32,
    to: u32,
    kind: StepKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepKind {
    /// Every leg that applies, in parallel.
    All,
    /// As `All`, but one of the legs with a weight.
    Alternatives,
    /// One of the forwards, by probability.
    Forwards,
}

impl Plan {
    pub fn new(mut legs: Vec<Leg>, caches: Vec<u32>) -> Self {
        // A forward ends the call, so it comes after what the step waits for.
        legs.sort_by_key(|leg| (leg.step, leg.mode == Mode::Forward));
        let mut steps: Vec<Step> = Vec::new();
        for (at, leg) in legs.iter().enumerate() {
            let at = at as u32;
            let forward = leg.mode == Mode::Forward;
            let goes_on = steps.last().is_some_and(|step| {
                let first = &legs[step.from as usize];
                first.step == leg.step && (first.mode == Mode::Forward) == forward
            });
            if !goes_on {
                let kind = if forward {
                    StepKind::Forwards
                } else {
                    StepKind::All
                };
                steps.push(Step {
                    from: at,
                    to: at,
                    kind,
                });
            }
            if let Some(step) = steps.last_mut() {
                step.to = at + 1;
                if leg.weight.is_some() && !forward {
                    step.kind = StepKind::Alternatives;
                }
            }
        }
        let straight = match &legs[..] {
            [leg] if leg.is_plain() && caches.is_empty() => leg.connection,
            _ => NONE,
        };
        let is_quick =
            caches.is_empty() && steps.len() == legs.len() && legs.iter().all(Leg::is_single);
        Self {
            legs,
            steps,
            caches,
            is_quick,
            straight,
        }
    }

    /// The leg of the next step that applies, and the step behind it; of a quick plan.
    #[inline(always)]
    pub fn next_of_quick(&self, step: u8, operation: u8, before: Outcome) -> Option<(&Leg, u8)> {
        let mut step = step;
        loop {
            let leg = self.legs.get(step as usize)?;
            step += 1;
            if leg.applies(operation, before) {
                return Some((leg, step));
            }
        }
    }

    /// Whether some leg takes an operation.
    pub fn takes(&self, operation: u8) -> bool {
        let mut legs = self.legs.iter();
        legs.any(|leg| leg.operations >> operation & 1 != 0)
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

impl Leg {
    /// Every call takes it and waits.
    fn is_plain(&self) -> bool {
        self.operations == u64::MAX && self.when == When::Always && self.is_single()
    }

    /// When it applies it is taken, and waited for.
    fn is_single(&self) -> bool {
        self.chance == Chance::ALWAYS && self.weight.is_none() && self.mode == Mode::Sync
    }

    #[inline]
    fn applies(&self, operation: u8, before: Outcome) -> bool {
        self.operations >> operation & 1 != 0
            && matches!(
                (self.when, before),
                (When::Always, Outcome::Well | Outcome::Missed)
                    | (When::OnMiss, Outcome::Missed)
                    | (When::OnFailure, Outcome::Failed(_))
            )
    }
}

impl Simulation {
    /// A call goes on with the next step of its component's plan.
    #[inline(never)]
    pub(super) fn advance(&mut self, id: u32) {
        self.depth += 1;
        let component = self.calls[id].component;
        if self.components[component as usize].plan.is_quick {
            self.advance_quickly(id);
        } else {
            self.advance_deeper(id);
        }
        self.depth -= 1;
    }

    /// As [`Self::advance_deeper`], for a quick plan.
    #[inline(always)]
    fn advance_quickly(&mut self, id: u32) {
        loop {
            let call = &mut self.calls[id];
            let plan = &self.components[call.component as usize].plan;
            let next = plan.next_of_quick(call.step, call.operation, call.outcome);
            let Some((leg, step)) = next else {
                return self.conclude(id);
            };
            let (route, connection) = (leg.route, leg.connection);
            call.step = step;
            // An answer that comes at once must not make it go on while it is still calling.
            call.state = State::Transit;
            call.outcome = Outcome::Well;
            call.pending = 1;
            let flags = call.flags;
            if route == NONE || flags & flag::SAMPLED != 0 || self.depth >= MOST_DEPTH {
                self.go_slowly(id, connection);
            } else {
                self.set_out(route, id, self.asked_by(id));
            }
            let call = &mut self.calls[id];
            if call.pending > 0 {
                call.state = State::Waiting;
                return;
            }
        }
    }

    #[inline(always)]
    fn advance_deeper(&mut self, id: u32) {
        loop {
            let call = &mut self.calls[id];
            let at = call.component as usize;
            let plan = &self.components[at].plan;
            let Some(&step) = plan.steps.get(call.step as usize) else {
                return self.conclude(id);
            };
            let (operation, before, verb) = (call.operation, call.outcome, call.verb);
            call.step += 1;
            // Answers that come at once must not make it go on while it is still calling.
            call.state = State::Transit;
            let only = match step.kind {
                StepKind::All => None,
                StepKind::Alternatives => self.pick_alternative(at, step, operation, before),
                StepKind::Forwards => match self.pick_forward(at, step, operation, before) {
                    Some(connection) => return self.forward(id, connection, NONE),
                    None => continue,
                },
            };
            for leg_at in step.from..step.to {
                let component = &mut self.components[at];
                let leg = component.plan.legs[leg_at as usize];
                if !leg.applies(operation, before)
                    || leg.weight.is_some() && only != Some(leg_at)
                    || !(leg.chance == Chance::ALWAYS || component.chance(leg.chance))
                {
                    continue;
                }
                let waits = leg.mode == Mode::Sync;
                if waits && self.calls[id].pending == 0 {
                    self.calls[id].outcome = Outcome::Well;
                }
                debug_assert_eq!(verb, Verb::Request);
                if waits {
                    let call = &mut self.calls[id];
                    call.pending += 1;
                    if leg.route == NONE || call.has(flag::SAMPLED) || self.depth >= MOST_DEPTH {
                        self.go_slowly(id, leg.connection);
                    } else {
                        self.set_out_slowly(leg.route, id, self.asked_by(id));
                    }
                } else {
                    let child = self.call(id, leg.connection, Verb::Request, false);
                    self.send(child);
                }
            }
            let call = &mut self.calls[id];
            if call.pending > 0 {
                call.state = State::Waiting;
                return;
            }
        }
    }

    fn pick_alternative(
        &mut self,
        at: usize,
        step: Step,
        operation: u8,
        before: Outcome,
    ) -> Option<u32> {
        let component = &mut self.components[at];
        let legs = &component.plan.legs;
        let weight = |leg: u32| {
            let leg = &legs[leg as usize];
            if leg.applies(operation, before) {
                leg.weight.unwrap_or(0.0)
            } else {
                0.0
            }
        };
        let total: f64 = (step.from..step.to).map(weight).sum();
        if total <= 0.0 {
            return None;
        }
        let mut left = component.routing.unit() * total;
        let mut last = None;
        for leg in step.from..step.to {
            let weight = weight(leg);
            if weight > 0.0 {
                if left < weight {
                    return Some(leg);
                }
                left -= weight;
                last = Some(leg);
            }
        }
        last
    }

    fn pick_forward(
        &mut self,
        at: usize,
        step: Step,
        operation: u8,
        before: Outcome,
    ) -> Option<u32> {
        let component = &mut self.components[at];
        let legs = &component.plan.legs[step.from as usize..step.to as usize];
        let mut left = None;
        for leg in legs.iter().filter(|leg| leg.applies(operation, before)) {
            if leg.chance == Chance::ALWAYS {
                return Some(leg.connection);
            }
            let left = left.get_or_insert_with(|| component.routing.unit());
            if *left < leg.probability {
                return Some(leg.connection);
            }
            *left -= leg.probability;
        }
        None
    }

    /// The plan is through.
    fn conclude(&mut self, id: u32) {
        let call = &self.calls[id];
        let at = call.component as usize;
        match self.components[at].part {
            Part::Client(_) => return self.finish_request(id),
            Part::Cache(_) => return self.fetched(id),
            Part::Gateway(_) => return self.gateway_answered(id),
            _ => {}
        }
        let outcome = call.outcome;
        if outcome.failed().is_some() {
            return self.finish(id, outcome);
        }
        if !self.components[at].plan.caches.is_empty() {
            if self.writes[call.operation as usize] {
                for cache in 0..self.components[at].plan.caches.len() {
                    let connection = self.components[at].plan.caches[cache];
                    let child = self.call(id, connection, Verb::Invalidate, false);
                    self.send(child);
                }
            } else if outcome == Outcome::Well
                && call.has(flag::MISSED)
                && self.components[at]
                    .plan
                    .caches
                    .contains(&self.calls.rare(id).missed)
            {
                let missed = self.calls.rare(id).missed;
                let child = self.call(id, missed, Verb::Fill, false);
                self.send(child);
            }
        }
        self.finish(id, Outcome::Well);
    }
}
