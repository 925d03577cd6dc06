//! A component at run time: its parameters, its books, its random streams.

use std::sync::Arc;

use super::{
    Histogram,
    balancer::Balancer,
    cache::Cache,
    call::{Call, Outcome, State, Verb, flag},
    channel::Sockets,
    client::Client,
    dns::Dns,
    event,
    fault::Trouble,
    fleet::Fleet,
    function::Function,
    gateway::Gateway,
    limiter::Limiter,
    measure::{Cause, Failures, Totals},
    outage::{Downtime, Failing},
    pauses::Pausing,
    plan::Plan,
    queue::Queue,
    random::{Chance, Sampler, Stream, Ziggurat, nanos},
    regime::Regime,
    route::Posting,
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
    pub turn: u32,
    /// Number of crashes under way.
    pub crashed: u32,
    /// Number of instances that are down, one by one.
    pub down: u32,
    /// Some call that comes may be turned away, or may have to go to another instance than the next.
    pub troubled: bool,
    /// What only a box in trouble looks at.
    pub trouble: Box<Trouble>,
    /// Random failures, if it has any.
    pub failing: Option<Box<Failing>>,
    /// Pauses of its instances, if it has any.
    pub pausing: Option<Box<Pausing>>,
    /// Its instances, if they come and go.
    pub fleet: Option<Box<Fleet>>,
    /// The books of long-lived connections, if it has any.
    pub sockets: Option<Box<Sockets>>,
    /// For how long it was down.
    pub downtime: Downtime,
    /// Slots of one instance when none are lost.
    pub all_slots: u32,
    /// Number of hangs under way.
    pub hung: u32,
    /// Number of pauses under way.
    pub paused: u32,
    /// Hung or paused: nothing starts, ends or goes on.
    pub stalled: bool,
    pub stalled_since: u64,
    /// Has ever been stalled, or has pauses: calls that work say how long it had stood still before.
    pub ever_stalled: bool,
    /// Up, not slowed down, never stalled since the start, without a regime and watched by nobody: most
    /// boxes most of the time.
    pub calm: bool,
    /// A balancer looks at how busy its instances are.
    pub watched: bool,
    /// Calm, and a server that asks nobody else: it answers when its work is over.
    pub calm_leaf: bool,
    /// Kind of the event of work that is over.
    pub done: u32,
    /// How long it had stood still in all the stalls that are over.
    pub stalled_for: u64,
    /// Factor on service times.
    pub slow: f64,
    /// Work takes longer in the box, or in some of its instances.
    slowed: bool,
    /// Factor on a client's traffic.
    pub traffic: f64,
    /// Down, with a regime, or with long-lived connections: a call that arrives is looked at more closely.
    pub guarded: bool,
    /// Standing still, with pauses or with a regime: a slot that is free is not simply for the next in line.
    pub irregular: bool,
    /// If it does not simply serve first come, first served.
    pub regime: Option<Box<Regime>>,
    /// Calls that could go on if it did not stand still.
    pub stuck: Vec<u32>,
    /// Service time by operation.
    pub service: Box<[Sampler]>,
    /// Mean nanoseconds of the service time when it is the same exponential for every operation; else 0.
    mean: f64,
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
    Limiter(Box<Limiter>),
    Gateway(Box<Gateway>),
    Dns(Box<Dns>),
    Server,
    Function(Box<Function>),
    Cache(Box<Cache>),
    Database(Box<Database>),
    Replica(Box<Replica>),
    Queue(Box<Queue>),
}

impl Part {
    /// Calls are passed on, and wait, if at all, before that: they hold a place from then on.
    pub fn passes_on(&self) -> bool {
        matches!(self, Self::Limiter(_) | Self::Dns(_))
    }
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
            down: 0,
            troubled: false,
            trouble: Box::new(Trouble::new(seed, name)),
            failing: None,
            pausing: None,
            fleet: None,
            sockets: None,
            downtime: Downtime::default(),
            all_slots: 0,
            hung: 0,
            paused: 0,
            stalled: false,
            stalled_since: 0,
            ever_stalled: false,
            calm: true,
            watched: false,
            calm_leaf: false,
            done: event::DONE,
            stalled_for: 0,
            slow: 1.0,
            slowed: false,
            traffic: 1.0,
            guarded: false,
            irregular: false,
            regime: None,
            stuck: Vec::new(),
            service: Box::default(),
            mean: 0.0,
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

    /// Own work on a call begins; the slot is already taken and counted. Says how long it takes.
    #[inline(always)]
    pub fn begin(&mut self, call: &mut Call, now: u64, ziggurat: &Ziggurat) -> u64 {
        call.state = State::Working;
        call.started = now;
        call.flags |= flag::SCHEDULED;
        self.meter.left_line(now - call.arrived);
        self.draw_work(call, ziggurat)
    }

    /// As [`Self::begin`], on a request that has just come to a box that is calm, and is marked as
    /// begun.
    #[inline(always)]
    pub fn begin_at_once(&mut self, operation: u8, ziggurat: &Ziggurat) -> u64 {
        self.meter.left_line(0);
        self.draw_service(operation, ziggurat)
    }

    #[inline(always)]
    fn draw_service(&mut self, operation: u8, ziggurat: &Ziggurat) -> u64 {
        if self.mean > 0.0 {
            return nanos(ziggurat.exponential(&mut self.service_stream) * self.mean);
        }
        self.service[operation as usize].draw_rare(ziggurat, &mut self.service_stream)
    }

    #[inline(always)]
    pub fn draw_work(&mut self, call: &Call, ziggurat: &Ziggurat) -> u64 {
        let sampler = match call.verb {
            Verb::Apply => &self.apply,
            _ => &self.service[call.operation as usize],
        };
        let work = sampler.draw(ziggurat, &mut self.service_stream);
        if self.slowed {
            self.slow_down(work, call.instance)
        } else {
            work
        }
    }

    /// How long work takes in an instance of a box that is slow, or has slow instances.
    #[cold]
    fn slow_down(&self, work: u64, instance: u32) -> u64 {
        let nth = instance.wrapping_sub(self.first_instance) as usize;
        let own = self.trouble.slow_instances.get(nth).copied();
        nanos(work as f64 * self.slow * own.unwrap_or(1.0))
    }

    /// As [`Self::begin`], for a request and a box that is calm.
    #[inline(always)]
    pub fn begin_calm(&mut self, call: &mut Call, now: u64, ziggurat: &Ziggurat) -> u64 {
        call.state = State::Working;
        call.started = now;
        call.flags |= flag::SCHEDULED;
        self.meter.left_line(now - call.arrived);
        if call.verb == Verb::Apply {
            return self.draw_work(call, ziggurat);
        }
        self.draw_service(call.operation, ziggurat)
    }

    /// Calls that come without a balancer go to the instances in turn.
    #[inline(always)]
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

    /// Slots of one instance, without those that a fault has taken from the only one.
    pub fn slots_left(&self) -> u32 {
        match self.instances {
            1 => self.all_slots - self.trouble.lost(self.all_slots),
            _ => self.all_slots,
        }
    }

    /// Calls go only to the first so many instances from now on.
    pub fn keep_instances(&mut self, instances: u32) {
        self.instances = self.instances.min(instances);
        self.turn = self.turn.checked_rem(self.instances).unwrap_or(0);
        if self.down > 0 {
            let up = &mut self.trouble.up;
            up.retain(|nth| *nth < self.instances);
            self.down = self.instances - up.len() as u32;
            self.refresh();
        }
    }

    /// Takes over the state of the box it was before an edit; parameters are its own.
    pub fn adopt(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.meter, &mut old.meter);
        std::mem::swap(&mut self.latency, &mut old.latency);
        std::mem::swap(&mut self.stuck, &mut old.stuck);
        std::mem::swap(&mut self.service_stream, &mut old.service_stream);
        std::mem::swap(&mut self.routing, &mut old.routing);
        self.turn = old.turn.checked_rem(self.instances).unwrap_or(0);
        self.crashed = old.crashed;
        self.hung = old.hung;
        self.paused = old.paused;
        self.stalled = old.stalled;
        self.stalled_since = old.stalled_since;
        self.ever_stalled = old.ever_stalled || self.pausing.is_some();
        self.stalled_for = old.stalled_for;
        self.slow = old.slow;
        self.traffic = old.traffic;
        std::mem::swap(&mut self.trouble, &mut old.trouble);
        self.slots = self.slots_left();
        self.downtime = old.downtime;
        if let (Some(failing), Some(old)) = (&mut self.failing, &mut old.failing) {
            failing.adopt(old);
        }
        if let (Some(pausing), Some(old)) = (&mut self.pausing, &mut old.pausing) {
            pausing.adopt(old);
        }
        if let (Some(sockets), Some(old)) = (&mut self.sockets, &old.sockets) {
            sockets.adopt(old);
        }
        self.refresh();
    }

    /// Brings up to date what follows from the rest: `troubled`, `slowed`, `guarded`, `irregular`,
    /// `mean`, `calm`, `calm_leaf` and `done`.
    pub fn refresh(&mut self) {
        let trouble = &self.trouble;
        let fleet = self.fleet.as_ref();
        self.troubled = self.crashed > 0
            || self.down > 0
            || trouble.errors != Chance::NEVER
            || !trouble.failing_instances.is_empty()
            || fleet.is_some_and(|fleet| fleet.deploys.has_errors());
        self.slowed = self.slow != 1.0 || !trouble.slow_instances.is_empty();
        self.guarded = self.troubled || self.regime.is_some() || self.sockets.is_some();
        self.irregular = self.is_irregular();
        let is_well = !self.guarded && !self.ever_stalled && !self.slowed && !self.irregular;
        self.calm = is_well && !self.watched;
        self.mean = match self.service.split_first() {
            Some((&Sampler::Exponential(mean), others))
                if others
                    .iter()
                    .all(|other| *other == Sampler::Exponential(mean)) =>
            {
                mean
            }
            _ => 0.0,
        };
        let is_leaf = matches!(self.part, Part::Server) && self.plan.is_empty();
        self.calm_leaf = self.calm && is_leaf;
        self.done = match self.part {
            Part::Server if is_leaf => event::DONE_LEAF,
            Part::Cache(_) => event::DONE_CACHE,
            Part::Database(_) | Part::Replica(_) => event::DONE_STORE,
            _ => event::DONE,
        };
    }

    pub fn is_irregular(&self) -> bool {
        let fleet = self.fleet.as_ref();
        self.stalled
            || self.regime.is_some()
            || self.pausing.is_some()
            || fleet.is_some_and(|fleet| fleet.deploys.has_versions())
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

/// A number that goes up and down by one, and its integral over time, by parts:
/// ∫ n dt = n·now − Σ (times it went up) + Σ (times it went down), exact in 128 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    now: u64,
    moments: i128,
}

impl Level {
    #[inline(always)]
    pub fn up(&mut self, at: u64) {
        self.now += 1;
        self.moments -= i128::from(at);
    }

    #[inline(always)]
    pub fn down(&mut self, at: u64) {
        self.now -= 1;
        self.moments += i128::from(at);
    }

    /// The integral up to `at`.
    pub fn area(&self, at: u64) -> u128 {
        (i128::from(self.now) * i128::from(at) + self.moments) as u128
    }

    /// The number.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The integral is zero at `at`.
    pub fn reset(&mut self, at: u64) {
        self.moments = -(i128::from(self.now) * i128::from(at));
    }

    /// The number is another from `at` on.
    pub fn set(&mut self, number: u64, at: u64) {
        self.moments += (i128::from(self.now) - i128::from(number)) * i128::from(at);
        self.now = number;
    }
}

/// The books of one box. L, λ and W are kept apart: an integral of the number present, counts, and
/// sums over departures of what each call says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    present: Level,
    /// Slots taken; of a queue: messages delivered and not acknowledged.
    held: Level,
    /// Slots taken that do not work: their calls wait for calls of their own, or the box stands
    /// still. The rest is busy.
    idle: Level,
    /// Slots on offer.
    slots: Level,
    /// Slots with work in them while the box stands still.
    frozen_work: u64,
    frozen: bool,
    arrivals: u64,
    departures: u64,
    completed: u64,
    /// Completed for nobody: the caller had gone.
    unwanted: u64,
    waits: u64,
    services: u64,
    sojourn_sum: u128,
    wait_sum: u128,
    service_sum: u128,
    since: u64,
    present_at_start: u64,
    pub refused: u64,
    pub failures: Failures,
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
    /// Calls present, slots taken and slots with work in them.
    pub fn now(&self) -> (u64, u64, u64) {
        (self.present.now, self.held.now, self.working())
    }

    /// Slots with work in them, also while the box stands still.
    fn working(&self) -> u64 {
        if self.frozen {
            self.frozen_work
        } else {
            self.held.now - self.idle.now
        }
    }

    /// Calls present.
    #[inline(always)]
    pub fn present(&self) -> u64 {
        self.present.now
    }

    #[inline(always)]
    pub fn enter_slot(&mut self, now: u64) {
        self.enter(now);
        self.line_to_slot(now);
    }

    /// For boxes without slots, and for those who wait in line.
    #[inline(always)]
    pub fn enter(&mut self, now: u64) {
        self.arrivals += 1;
        self.present.up(now);
    }

    /// A slot is taken, and work in it begins.
    #[inline(always)]
    pub fn line_to_slot(&mut self, now: u64) {
        debug_assert!(!self.frozen);
        self.held.up(now);
    }

    /// Work begins in a slot that was taken by another call, whose work is over.
    #[inline(always)]
    pub fn slot_works(&mut self, now: u64) {
        debug_assert!(!self.frozen);
        self.idle.down(now);
    }

    /// A queue's message goes from the line to a consumer.
    pub fn line_to_consumer(&mut self, now: u64, wait: u64) {
        self.held.up(now);
        self.idle.up(now);
        self.left_line(wait);
    }

    /// A queue's message comes back from a consumer.
    pub fn consumer_to_line(&mut self, now: u64) {
        self.held.down(now);
        self.idle.down(now);
    }

    #[inline(always)]
    pub fn left_line(&mut self, wait: u64) {
        self.waits += 1;
        self.wait_sum += u128::from(wait);
    }

    /// Work is over; its call still has the slot.
    #[inline(always)]
    pub fn work_done(&mut self, now: u64, work: u64) {
        if self.frozen {
            self.frozen_work -= 1;
        } else {
            self.idle.up(now);
        }
        self.served(work);
    }

    /// Counts work that is over.
    #[inline(always)]
    pub fn served(&mut self, work: u64) {
        self.services += 1;
        self.service_sum += u128::from(work);
    }

    /// A slot is free whose work is over just now.
    #[inline(always)]
    pub fn slot_is_free(&mut self, now: u64) {
        debug_assert!(!self.frozen);
        self.held.down(now);
    }

    /// A call leaves whose work was over before.
    #[inline(always)]
    pub fn leave_slot(&mut self, now: u64, sojourn: u64) {
        self.held.down(now);
        self.idle.down(now);
        self.leave(now, sojourn);
    }

    pub fn leave_line(&mut self, now: u64, sojourn: u64) {
        self.leave(now, sojourn);
        self.left_line(sojourn);
    }

    /// A call has waited so long, and will no more; `again`: it had left the line once before.
    pub fn end_of_wait(&mut self, wait: u64, again: bool) {
        self.waits += u64::from(!again);
        self.wait_sum += u128::from(wait);
    }

    /// Of a call in a slot, the slot is given up: another one has it, or nobody.
    pub fn slot_to_line(&mut self, now: u64) {
        if self.frozen {
            self.frozen_work -= 1;
            self.idle.down(now);
        }
        self.held.down(now);
    }

    /// A call that waited works, or would if the box did not stand still.
    pub fn line_to_any_slot(&mut self, now: u64) {
        if self.frozen {
            self.frozen_work += 1;
            self.idle.up(now);
        }
        self.held.up(now);
    }

    #[inline(always)]
    pub fn leave(&mut self, now: u64, sojourn: u64) {
        self.present.down(now);
        self.departures += 1;
        self.sojourn_sum += u128::from(sojourn);
    }

    /// Counts what a route has counted for this box; all of it went well.
    pub fn post(&mut self, posting: Posting) {
        let more = posting.arrivals.wrapping_sub(posting.departures);
        self.present.now = self.present.now.wrapping_add(more);
        self.present.moments += posting.moments;
        self.arrivals = self.arrivals.wrapping_add(posting.arrivals);
        self.departures += posting.departures;
        self.completed += posting.departures;
        self.sojourn_sum += posting.sojourn_sum;
    }

    /// Counts an answer whose version is known, and since when it has been out of date if it is.
    pub fn note_version(&mut self, now: u64, stale_since: Option<u64>) {
        self.versioned_reads += 1;
        if let Some(since) = stale_since {
            self.stale_reads += 1;
            self.stale_age_sum += u128::from(now - since);
        }
    }

    /// Counts how a call ended.
    #[inline(always)]
    pub fn count(&mut self, outcome: Outcome, wanted: bool) {
        match outcome {
            Outcome::Failed(cause) => self.failures.0[cause as usize] += 1,
            Outcome::Well | Outcome::Missed => {
                self.completed += 1;
                if !wanted {
                    self.unwanted += 1;
                }
            }
        }
    }

    /// Counts a call that was not let in.
    pub fn turn_away(&mut self, cause: Cause) {
        self.refused += 1;
        self.failures.0[cause as usize] += 1;
    }

    /// The box stands still from now on, or goes on.
    pub fn stall(&mut self, now: u64, stalled: bool) {
        let working = self.working();
        self.frozen = stalled;
        self.frozen_work = working;
        let busy = if stalled { 0 } else { working };
        self.idle.set(self.held.now - busy, now);
    }

    /// Slots on offer from now on.
    pub fn offer(&mut self, now: u64, slots: u64) {
        self.slots.set(slots, now);
    }

    /// Forgets what was counted; who is present stays.
    pub fn reset(&mut self, now: u64) {
        let mut fresh = Self {
            present: self.present,
            held: self.held,
            idle: self.idle,
            slots: self.slots,
            frozen_work: self.frozen_work,
            frozen: self.frozen,
            since: now,
            present_at_start: self.present.now,
            ..Self::default()
        };
        for level in [
            &mut fresh.present,
            &mut fresh.held,
            &mut fresh.idle,
            &mut fresh.slots,
        ] {
            level.reset(now);
        }
        *self = fresh;
    }

    /// Starts anew with so many present.
    pub fn begin_with(&mut self, now: u64, present: u64) {
        self.present.now = present;
        self.reset(now);
    }

    /// Areas of busy slots and of slots on offer.
    pub fn areas(&self, now: u64) -> (u128, u128) {
        let busy = self.held.area(now) - self.idle.area(now);
        (busy, self.slots.area(now))
    }

    /// When measuring began.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// The books as they stand at `now`.
    pub fn totals(&self, now: u64, slotted: bool) -> Totals {
        let (present_area, held_area) = (self.present.area(now), self.held.area(now));
        let waiting = if slotted {
            self.present.now - self.held.now
        } else {
            0
        };
        let waiting_area = if slotted { present_area - held_area } else { 0 };
        Totals {
            since_ns: self.since,
            now_ns: now,
            present_at_start: self.present_at_start,
            arrivals: self.arrivals,
            departures: self.departures,
            completed: self.completed,
            good: self.completed - self.unwanted,
            failures: self.failures,
            refused: self.refused,
            present: self.present.now,
            waiting,
            busy: self.held.now - self.idle.now,
            held: self.held.now,
            slots: self.slots.now,
            present_area,
            waiting_area,
            busy_area: held_area - self.idle.area(now),
            held_area,
            slots_area: self.slots.area(now),
            sojourn_sum_ns: self.sojourn_sum,
            waits: self.waits,
            wait_sum_ns: self.wait_sum,
            services: self.services,
            service_sum_ns: self.service_sum,
            hits: self.hits,
            misses: self.misses,
            versioned_reads: self.versioned_reads,
            stale_reads: self.stale_reads,
            stale_age_sum_ns: self.stale_age_sum,
            applied: self.applied,
            lag_sum_ns: self.lag_sum,
            deliveries: self.deliveries,
            redeliveries: self.redeliveries,
            duplicates: self.duplicates,
            lost_messages: self.lost_messages,
            // Said by the box: see `outage`.
            down_ns: 0,
            instances: 0,
            instances_area: 0,
            new_calls: 0,
            new_failed: 0,
            new_area: 0,
            // Said by the box: see `channel`.
            connections: 0,
            connections_area: 0,
            opened: 0,
            closed: 0,
            broken: 0,
            reconnects: 0,
        }
    }
}
