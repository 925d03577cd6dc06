//! Clients: arrivals, users, and what a request is about.

mod arrivals;
mod source;
mod subject;
mod users;

use super::{
    Histogram, Simulation,
    balancer::Asked,
    call::{Call, NONE, Outcome, State, Verb, flag},
    channel::Holders,
    component::Part,
    histogram::Duration,
    measure::Cause,
    meter::Meter,
    origin::Origin,
    random::Stream,
};
use crate::scenario::{self, check::long_lived};
use source::{Pattern, Source};
pub(super) use subject::Regions;
use subject::Subjects;
use users::{LEAST_PAUSE_NS, Users};

/// What only a client has.
#[derive(Clone, Debug)]
pub(super) struct Client {
    source: Source,
    /// Where the source stands.
    pattern: Pattern,
    pub subjects: Subjects,
    /// Where every request starts out; [`NONE`]: there is no route.
    route: u32,
    /// As `route`, when every request is the same and there is but one operation; else [`NONE`].
    quick_route: u32,
    /// The rate, when arrivals are a plain Poisson process; else 0.
    steady_rate: f64,
    /// Mean nanoseconds between the arrivals of a plain Poisson process; 0: not known, or another
    /// process.
    mean_gap: f64,
    /// When the next candidate for an arrival is due; `u64::MAX`: never.
    next_at: u64,
    users: Users,
    /// Users with long-lived connections.
    pub holders: Option<Box<Holders>>,
    /// Time from the first attempt to the final failure, over the requests that failed.
    pub failure_latency: Histogram,
    /// By frame, where its requests come from several; else none.
    pub origins: Box<[Origin]>,
    arrivals_stream: Stream,
    /// What is drawn about a request as a whole, such as its size, comes from a number of its own: what
    /// others ask for changes nothing about it.
    pub luck: Stream,
}

/// The books of one operation, over all clients.
#[derive(Clone, Debug, Default)]
pub(super) struct OperationBooks {
    pub meter: Meter,
    /// Of the requests that were answered well.
    pub latency: Histogram,
    pub failure_latency: Histogram,
}

impl Client {
    pub fn new(
        seed: u64,
        name: &str,
        drawn: &scenario::Client,
        (mix, connect): (Vec<(f64, u8)>, Option<u8>),
        regions: Regions,
        keys_matter: bool,
        sessions_matter: bool,
    ) -> Self {
        let holders =
            long_lived::of(drawn).map(|drawn| Box::new(Holders::new((seed, name), drawn, connect)));
        let source = Source::new(&drawn.arrivals);
        let origins = vec![Origin::default(); regions.frames];
        Self {
            pattern: Pattern::new(seed, name),
            subjects: Subjects::new(
                (seed, name),
                drawn,
                (mix, regions),
                keys_matter,
                sessions_matter,
            ),
            route: NONE,
            quick_route: NONE,
            steady_rate: source.steady_rate(),
            mean_gap: 0.0,
            next_at: u64::MAX,
            users: Users::default(),
            holders,
            failure_latency: Histogram::default(),
            origins: origins.into(),
            arrivals_stream: Stream::new(seed, name, "arrivals"),
            luck: Stream::new(seed, name, "luck"),
            source,
        }
    }

    /// Takes over the state of the client it was before an edit, with so many requests under way.
    /// Says whether the arrivals have to be planned anew.
    pub fn adopt(&mut self, old: &mut Self, present: u64) -> bool {
        self.next_at = old.next_at;
        let same_kind = self.waits_like(old);
        self.users.adopt(&mut old.users, same_kind, present);
        std::mem::swap(&mut self.failure_latency, &mut old.failure_latency);
        std::mem::swap(&mut self.arrivals_stream, &mut old.arrivals_stream);
        std::mem::swap(&mut self.luck, &mut old.luck);
        self.subjects.adopt(&mut old.subjects);
        self.pattern.adopt(&mut old.pattern);
        if let (Some(holders), Some(old)) = (&mut self.holders, &old.holders) {
            holders.adopt(old);
        }
        let changed = self.source != old.source;
        if changed {
            self.pattern.forget_place();
        }
        changed
    }

    /// Forgets the latencies that were counted.
    pub fn reset(&mut self) {
        self.failure_latency.clear();
        self.origins.iter_mut().for_each(Origin::clear);
    }

    /// Whether requests come whatever becomes of those before.
    #[inline(always)]
    fn is_open(&self) -> bool {
        self.source.is_open()
    }

    /// Whether who thinks here went on thinking there: the users of both are of the same kind.
    pub fn waits_like(&self, other: &Self) -> bool {
        self.source.waits_like(&other.source)
    }

    /// Every request starts out on `route`; `operations` is how many there are.
    pub fn start_on(&mut self, route: u32, operations: usize) {
        self.route = route;
        if operations == 1 && self.subjects.all_alike() == Some(0) {
            self.quick_route = route;
        }
    }
}

impl Simulation {
    /// A client asks for something.
    #[inline(never)]
    fn request(&mut self, at: u32) {
        self.request_in(at, None);
    }

    /// A client asks for something, in a session that is under way if one is given.
    fn request_in(&mut self, at: u32, session: Option<u32>) {
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if self.calls.is_full() {
            self.overflow = true;
            component.meter.turn_away(Cause::QueueFull);
            client.user_is_turned_away();
            return;
        }
        let (operation, key, session) = client.subjects.next(session);
        let region = client.subjects.region_of(session);
        let route = client.route;
        let luck = if self.luck_matters {
            client.luck.bits()
        } else {
            0
        };
        let request = self.requests;
        self.requests += 1;
        if self.operations.len() > 1 {
            self.operations[operation as usize].meter.enter(self.now);
        }
        let flags = self.sampling.flag(request);
        if flags == 0 && route != NONE {
            let asked = Asked {
                operation,
                key,
                session,
            };
            return self.set_out_slowly(route, NONE, asked);
        }
        let component = &mut self.components[at as usize];
        component.meter.enter(self.now);
        let straight = component.plan.straight;
        let is_straight = straight != NONE;
        let id = self.calls.add(Call {
            arrived: self.now,
            sent: self.requests,
            component: at,
            key,
            operation,
            verb: Verb::Request,
            state: if is_straight {
                State::Waiting
            } else {
                State::Transit
            },
            step: u8::from(is_straight),
            pending: u32::from(is_straight),
            flags,
            ..Call::BLANK
        });
        if self.details_matter | (flags != 0) {
            let rare = self.calls.rare_mut(id);
            rare.request = request;
            rare.luck = luck;
            rare.session = session;
            rare.region = region;
        }
        if is_straight {
            self.go_slowly(id, straight);
        } else {
            self.advance(id);
        }
    }

    /// A client has the answer to a request on a route, by its operation and session, after `sojourn`.
    #[inline(always)]
    pub(super) fn finish_on_route(
        &mut self,
        at: u32,
        (operation, session): (u8, u32),
        sojourn: Duration,
    ) {
        let component = &mut self.components[at as usize];
        self.sojourns.count(component, at, sojourn);
        if self.operations.len() > 1 {
            let books = &mut self.operations[operation as usize];
            books.meter.leave(self.now, sojourn.nanos());
            books.meter.count(Outcome::Well, true);
            books.latency.add(sojourn);
        }
        if let Part::Client(client) = &component.part
            && !client.is_open()
        {
            self.think_again(at, session, 0);
        }
    }

    /// A client has its final answer.
    pub(super) fn finish_request(&mut self, id: u32) {
        let call = &self.calls[id];
        let at = call.component;
        let outcome = match call.outcome {
            Outcome::Missed => Outcome::Well,
            outcome => outcome,
        };
        let well = outcome == Outcome::Well;
        let sojourn = self.now - call.arrived;
        // A write has no age.
        let versioned = call.has(flag::VERSIONED) && !self.writes[call.operation as usize];
        let stale = self.calls.stale_since(id);
        let operation = call.operation as usize;
        let (session, region) = if self.details_matter {
            let rare = self.calls.rare(id);
            (rare.session, rare.region)
        } else {
            (0, NONE)
        };
        let pin = call.has(flag::PINNED).then(|| self.calls.pin(id));
        self.calls.remove(id);
        let component = &mut self.components[at as usize];
        let now = self.now;
        let enter = move |meter: &mut Meter, latency: &mut Histogram, failed: &mut Histogram| {
            meter.leave(now, sojourn);
            meter.count(outcome, true);
            if !well {
                return failed.record(sojourn);
            }
            latency.record(sojourn);
            if versioned {
                meter.note_version(now, stale);
            }
        };
        if let Part::Client(client) = &mut component.part {
            let (meter, latency) = (&mut component.meter, &mut component.latency);
            enter(meter, latency, &mut client.failure_latency);
            if let Some(origin) = client.origins.get_mut(region as usize) {
                origin.count(well, sojourn);
            }
        }
        if self.operations.len() > 1 {
            let books = &mut self.operations[operation];
            let (meter, latency) = (&mut books.meter, &mut books.latency);
            enter(meter, latency, &mut books.failure_latency);
        }
        let refused_at_once = !well && sojourn == 0;
        if let Some(pin) = pin {
            return self.channel_answered(pin, outcome, refused_at_once);
        }
        let at_least = if refused_at_once { LEAST_PAUSE_NS } else { 0 };
        self.think_again(at, session, at_least);
    }
}
