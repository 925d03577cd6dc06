//! A component at run time: its parameters, its books, its random streams.

use std::sync::Arc;

use super::{
    Histogram,
    balancer::Balancer,
    cache::Cache,
    call::Outcome,
    client::Client,
    measure::{Failures, Totals},
    plan::Plan,
    queue::Queue,
    random::{Chance, Sampler, Stream},
    store::{Database, Replica},
};

/// A box while it runs.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub name: Arc<str>,
    pub meter: Meter,
    /// Slots of one instance.
    pub slots: u32,
    /// Longest line of one instance.
    pub capacity: u32,
    pub first_instance: u32,
    pub instances: u32,
    turn: u32,
    /// Number of crashes under way.
    pub crashed: u32,
    /// Number of hangs under way.
    pub hung: u32,
    /// Number of pauses under way.
    pub paused: u32,
    /// Hung or paused: nothing starts, ends or goes on.
    pub stalled: bool,
    pub stalled_since: u64,
    /// How long it had stood still in all the stalls that are over.
    pub stalled_for: u64,
    /// Factor on service times.
    pub slow: f64,
    /// Factor on a client's traffic.
    pub traffic: f64,
    /// Calls that could go on if it did not stand still.
    pub stuck: Vec<u32>,
    /// Service time by operation.
    pub service: Box<[Sampler]>,
    /// Service time of a log record (replica).
    pub apply: Sampler,
    pub service_stream: Stream,
    pub routing: Stream,
    pub plan: Plan,
    pub latency: Histogram,
    pub part: Part,
}

/// What only one kind of box has.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Client(Box<Client>),
    Balancer(Box<Balancer>),
    Server,
    Cache(Box<Cache>),
    Database(Box<Database>),
    Replica(Box<Replica>),
    Queue(Box<Queue>),
}

impl Component {
    /// A box with nothing configured.
    pub fn new(name: &str, seed: u64, part: Part) -> Self {
        Self {
            name: name.into(),
            meter: Meter::default(),
            slots: 0,
            capacity: u32::MAX,
            first_instance: 0,
            instances: 0,
            turn: 0,
            crashed: 0,
            hung: 0,
            paused: 0,
            stalled: false,
            stalled_since: 0,
            stalled_for: 0,
            slow: 1.0,
            traffic: 1.0,
            stuck: Vec::new(),
            service: Box::default(),
            apply: Sampler::ZERO,
            service_stream: Stream::new(seed, name, "service"),
            routing: Stream::new(seed, name, "routing"),
            plan: Plan::default(),
            latency: Histogram::default(),
            part,
        }
    }

    /// Whether it answers a health check.
    pub fn is_alive(&self) -> bool {
        self.crashed == 0 && !self.stalled
    }

    /// Calls that come without a balancer go to the instances in turn.
    #[inline]
    pub fn next_instance(&mut self) -> u32 {
        if self.instances <= 1 {
            return self.first_instance;
        }
        let instance = self.first_instance + self.turn;
        self.turn = if self.turn + 1 == self.instances {
            0
        } else {
            self.turn + 1
        };
        instance
    }

    /// Takes over the state of the box it was before an edit; parameters are its own.
    pub fn adopt(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.meter, &mut old.meter);
        std::mem::swap(&mut self.latency, &mut old.latency);
        std::mem::swap(&mut self.stuck, &mut old.stuck);
        std::mem::swap(&mut self.service_stream, &mut old.service_stream);
        std::mem::swap(&mut self.routing, &mut old.routing);
        self.turn = if self.instances == 0 {
            0
        } else {
            old.turn % self.instances
        };
        self.crashed = old.crashed;
        self.hung = old.hung;
        self.paused = old.paused;
        self.stalled = old.stalled;
        self.stalled_since = old.stalled_since;
        self.stalled_for = old.stalled_for;
        self.slow = old.slow;
        self.traffic = old.traffic;
    }

    pub fn chance(&mut self, chance: Chance) -> bool {
        self.routing.chance(chance)
    }

    /// A replica's log record is no longer being applied.
    pub fn apply_ended(&mut self) {
        if let Part::Replica(replica) = &mut self.part {
            replica.applying = false;
        }
    }
}

/// The books of one box. Areas are brought up to date at every change and never derived from
/// anything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    last: u64,
    pub present: u64,
    /// Slots taken; of a queue: messages delivered and not acknowledged.
    pub held: u64,
    /// Slots working.
    pub working: u64,
    /// All ones unless the box stands still, when no slot works.
    frozen: u64,
    present_area: u128,
    held_area: u128,
    busy_area: u128,
    pub arrivals: u64,
    pub departures: u64,
    completed: u64,
    good: u64,
    pub refused: u64,
    pub failures: Failures,
    sojourn_sum: u128,
    waits: u64,
    wait_sum: u128,
    services: u64,
    service_sum: u128,
    since: u64,
    present_at_start: u64,
    slots: u64,
    slots_area: u128,
    slots_since: u64,
    pub hits: u64,
    pub misses: u64,
    pub versioned_reads: u64,
    pub stale_reads: u64,
    pub stale_age_sum: u128,
    pub applied: u64,
    pub lag_sum: u128,
    pub deliveries: u64,
    pub redeliveries: u64,
    pub duplicates: u64,
    pub lost_messages: u64,
}

impl Meter {
    #[inline]
    fn update(&mut self, now: u64) {
        let dt = u128::from(now - self.last);
        if dt != 0 {
            self.last = now;
            self.present_area += u128::from(self.present) * dt;
            self.held_area += u128::from(self.held) * dt;
            self.busy_area += u128::from(self.working & !self.frozen) * dt;
        }
    }

    #[inline]
    fn update_present(&mut self, now: u64) {
        let dt = u128::from(now - self.last);
        self.last = now;
        self.present_area += u128::from(self.present) * dt;
    }

    #[inline]
    pub fn enter_slot(&mut self, now: u64) {
        self.update(now);
        self.arrivals += 1;
        self.present += 1;
        self.held += 1;
        self.working += 1;
    }

    #[inline]
    pub fn enter_line(&mut self, now: u64) {
        self.update(now);
        self.arrivals += 1;
        self.present += 1;
    }

    /// For boxes without slots.
    #[inline]
    pub fn enter_unslotted(&mut self, now: u64) {
        self.update_present(now);
        self.arrivals += 1;
        self.present += 1;
    }

    #[inline]
    pub fn line_to_slot(&mut self, now: u64) {
        self.update(now);
        self.held += 1;
        self.working += 1;
    }

    /// A queue's message goes from the line to a consumer.
    pub fn line_to_consumer(&mut self, now: u64, wait: u64) {
        self.update(now);
        self.held += 1;
        self.left_line(wait);
    }

    /// A queue's message comes back from a consumer.
    pub fn consumer_to_line(&mut self, now: u64) {
        self.update(now);
        self.held -= 1;
    }

    #[inline]
    pub fn left_line(&mut self, wait: u64) {
        self.waits += 1;
        self.wait_sum += u128::from(wait);
    }

    #[inline]
    pub fn work_done(&mut self, now: u64, work: u64) {
        self.update(now);
        self.working -= 1;
        self.services += 1;
        self.service_sum += u128::from(work);
    }

    #[inline]
    pub fn leave_slot(&mut self, now: u64, sojourn: u64) {
        self.update(now);
        self.present -= 1;
        self.held -= 1;
        self.departures += 1;
        self.sojourn_sum += u128::from(sojourn);
    }

    pub fn leave_line(&mut self, now: u64, sojourn: u64) {
        self.update(now);
        self.present -= 1;
        self.departures += 1;
        self.sojourn_sum += u128::from(sojourn);
        self.left_line(sojourn);
    }

    #[inline]
    pub fn leave_unslotted(&mut self, now: u64, sojourn: u64) {
        self.update_present(now);
        self.present -= 1;
        self.departures += 1;
        self.sojourn_sum += u128::from(sojourn);
    }

    /// Counts how a call ended.
    #[inline]
    pub fn count(&mut self, outcome: Outcome, wanted: bool) {
        match outcome {
            Outcome::Failed(cause) => self.failures.0[cause as usize] += 1,
            Outcome::Well | Outcome::Missed => {
                self.completed += 1;
                self.good += u64::from(wanted);
            }
        }
    }

    /// The box stands still from now on, or goes on.
    pub fn stall(&mut self, now: u64, stalled: bool) {
        self.update(now);
        self.frozen = if stalled { u64::MAX } else { 0 };
    }

    /// Slots on offer from now on.
    pub fn offer(&mut self, now: u64, slots: u64) {
        self.slots_area += u128::from(self.slots) * u128::from(now - self.slots_since);
        self.slots_since = now;
        self.slots = slots;
    }

    /// Forgets what was counted; who is present stays.
    pub fn reset(&mut self, now: u64) {
        *self = Self {
            last: now,
            since: now,
            slots_since: now,
            present: self.present,
            present_at_start: self.present,
            held: self.held,
            working: self.working,
            frozen: self.frozen,
            slots: self.slots,
            ..Self::default()
        };
    }

    /// Starts anew with so many present.
    pub fn begin_with(&mut self, now: u64, present: u64) {
        self.present = present;
        self.reset(now);
    }

    /// The books as they stand at `now`.
    pub fn totals(&self, now: u64, slotted: bool) -> Totals {
        let mut at_now = self.clone();
        if slotted {
            at_now.update(now);
        } else {
            at_now.update_present(now);
        }
        at_now.offer(now, self.slots);
        let m = at_now;
        let in_line = |present: u128, held: u128| if slotted { present - held } else { 0 };
        Totals {
            since_ns: m.since,
            now_ns: now,
            present_at_start: m.present_at_start,
            arrivals: m.arrivals,
            departures: m.departures,
            completed: m.completed,
            good: m.good,
            failures: m.failures,
            refused: m.refused,
            present: m.present,
            waiting: in_line(m.present.into(), m.held.into()) as u64,
            busy: m.working & !m.frozen,
            held: m.held,
            slots: m.slots,
            present_area: m.present_area,
            waiting_area: in_line(m.present_area, m.held_area),
            busy_area: m.busy_area,
            held_area: m.held_area,
            slots_area: m.slots_area,
            sojourn_sum_ns: m.sojourn_sum,
            waits: m.waits,
            wait_sum_ns: m.wait_sum,
            services: m.services,
            service_sum_ns: m.service_sum,
            hits: m.hits,
            misses: m.misses,
            versioned_reads: m.versioned_reads,
            stale_reads: m.stale_reads,
            stale_age_sum_ns: m.stale_age_sum,
            applied: m.applied,
            lag_sum_ns: m.lag_sum,
            deliveries: m.deliveries,
            redeliveries: m.redeliveries,
            duplicates: m.duplicates,
            lost_messages: m.lost_messages,
        }
    }
}
