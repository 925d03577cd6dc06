//! A component at run time: its parameters and its random streams.

use std::sync::Arc;

use super::{
    Histogram,
    balancer::Balancer,
    cache::Cache,
    call::{Call, State, Verb, flag},
    channel::Sockets,
    client::Client,
    dns::Dns,
    event,
    fault::Trouble,
    fleet::Fleet,
    function::Function,
    gateway::Gateway,
    limiter::Limiter,
    meter::Meter,
    outage::{Downtime, Failing},
    pauses::Pausing,
    plan::Plan,
    queue::Queue,
    random::{Chance, Sampler, Stream, Ziggurat, nanos},
    regime::Regime,
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
    /// Has ever been stalled, or some instance of it, or has pauses: calls that work say how long it
    /// had stood still before.
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

impl Component {
    /// Calls without a slot are passed on, and wait, if at all, before that: they hold a place from
    /// then on. So do those that came to a balancer before it had slots.
    pub fn passes_on(&self) -> bool {
        match self.part {
            Part::Limiter(_) | Part::Dns(_) | Part::Gateway(_) => true,
            Part::Balancer(_) => self.slots > 0,
            _ => false,
        }
    }

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
        self.fit_stalls();
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
            || self.trouble.stalls.iter().any(|stall| stall.stands)
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
