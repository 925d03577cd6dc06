//! Clients: arrivals, users, and what a request is about.

use super::{
    Histogram, Simulation,
    call::{Call, MOST_CALLS, NONE, Outcome, State, Verb, flag},
    component::{Meter, Part},
    event,
    histogram::Duration,
    measure::Cause,
    random::{Chance, Sampler, Stream, Ziggurat, Zipf, nanos},
};
use crate::scenario::{self, Arrivals, Keys, RateShape};

/// A user who does not think and is refused before any time has passed asks again after this: at
/// once it would be again and again at the same instant.
const LEAST_PAUSE_NS: u64 = 1_000_000;

/// No client makes more requests a second, whatever its rate and the factors on it: one a
/// nanosecond.
const MOST_RATE: f64 = 1e9;

/// What only a client has.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub source: Source,
    /// Operations with the cumulative share up to each.
    mix: Vec<(f64, u8)>,
    keys: KeySampler,
    /// Share of the requests that are about the last item, whatever the keys.
    pub hot: Chance,
    hot_stream: Stream,
    /// 0: nobody looks at the session.
    sessions: u32,
    /// Every request is the same: this operation, and nobody looks at key or session.
    uniform: Option<u8>,
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
    pub next_at: u64,
    /// Users of a closed client that exist now.
    pub users: u32,
    /// Requests of a closed client that are no user's: they were made while it was an open one.
    strangers: u64,
    /// Time from the first attempt to the final failure, over the requests that failed.
    pub failure_latency: Histogram,
    arrivals_stream: Stream,
    mix_stream: Stream,
    key_stream: Stream,
    session_stream: Stream,
}

/// When requests come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Open {
        /// Poisson, or one every 1/rate.
        poisson: bool,
        rate: f64,
        profile: Vec<RateShape>,
    },
    Closed {
        users: u32,
        think: Sampler,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum KeySampler {
    /// Nobody looks at the key.
    Unused,
    Uniform(u32),
    Zipf(Zipf),
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
        mix: Vec<(f64, u8)>,
        keys_matter: bool,
        sessions_matter: bool,
    ) -> Self {
        let source = match &drawn.arrivals {
            Arrivals::Poisson { rate, profile } => Source::Open {
                poisson: true,
                rate: rate.0,
                profile: profile.clone(),
            },
            Arrivals::Constant { rate, profile } => Source::Open {
                poisson: false,
                rate: rate.0,
                profile: profile.clone(),
            },
            Arrivals::Closed { users, think } => Source::Closed {
                users: *users,
                think: Sampler::new(think),
            },
        };
        let keys = match drawn.keys {
            _ if !keys_matter => KeySampler::Unused,
            Keys::Uniform { items } => KeySampler::Uniform(items as u32),
            Keys::Zipf { items, s } => KeySampler::Zipf(Zipf::new(items, s)),
        };
        let sessions = if sessions_matter { drawn.sessions } else { 0 };
        let uniform = match mix[..] {
            [(_, operation)] if keys == KeySampler::Unused && sessions == 0 => Some(operation),
            _ => None,
        };
        let steady_rate = match &source {
            Source::Open {
                poisson: true,
                rate,
                profile,
            } if profile.is_empty() => *rate,
            _ => 0.0,
        };
        Self {
            source,
            mix,
            keys,
            hot: Chance::NEVER,
            hot_stream: Stream::new(seed, name, "hot key"),
            sessions,
            uniform,
            route: NONE,
            quick_route: NONE,
            steady_rate,
            mean_gap: 0.0,
            next_at: u64::MAX,
            users: 0,
            strangers: 0,
            failure_latency: Histogram::default(),
            arrivals_stream: Stream::new(seed, name, "arrivals"),
            mix_stream: Stream::new(seed, name, "operations"),
            key_stream: Stream::new(seed, name, "keys"),
            session_stream: Stream::new(seed, name, "sessions"),
        }
    }

    /// Takes over the state of the client it was before an edit, with so many requests under way.
    /// Says whether the arrivals have to be planned anew.
    pub fn adopt(&mut self, old: &mut Self, present: u64) -> bool {
        self.next_at = old.next_at;
        match (old.is_open(), self.is_open()) {
            (false, false) => (self.users, self.strangers) = (old.users, old.strangers),
            (true, false) => self.strangers = present,
            // Users who wait for an answer are forgotten; those who think are not taken over.
            (_, true) => {}
        }
        std::mem::swap(&mut self.failure_latency, &mut old.failure_latency);
        std::mem::swap(&mut self.arrivals_stream, &mut old.arrivals_stream);
        std::mem::swap(&mut self.mix_stream, &mut old.mix_stream);
        std::mem::swap(&mut self.key_stream, &mut old.key_stream);
        self.hot = old.hot;
        std::mem::swap(&mut self.hot_stream, &mut old.hot_stream);
        std::mem::swap(&mut self.session_stream, &mut old.session_stream);
        self.source != old.source
    }

    /// Whether requests come whatever becomes of those before.
    #[inline(always)]
    pub fn is_open(&self) -> bool {
        matches!(self.source, Source::Open { .. })
    }

    /// Every request starts out on `route`; `operations` is how many there are.
    pub fn start_on(&mut self, route: u32, operations: usize) {
        self.route = route;
        if operations == 1 && self.uniform == Some(0) {
            self.quick_route = route;
        }
    }

    /// What the next request is about: operation, key and session.
    #[inline(always)]
    fn subject(&mut self) -> (u8, u32, u32) {
        match self.uniform {
            Some(operation) => (operation, 0, 0),
            None => self.draw_subject(),
        }
    }

    #[inline(never)]
    fn draw_subject(&mut self) -> (u8, u32, u32) {
        let session = if self.sessions == 0 {
            0
        } else {
            self.session_stream.below(self.sessions)
        };
        (self.operation(), self.key(), session)
    }

    fn key(&mut self) -> u32 {
        let (key, items) = match &self.keys {
            KeySampler::Unused => return 0,
            KeySampler::Uniform(items) => (self.key_stream.below(*items), *items),
            KeySampler::Zipf(zipf) => (zipf.draw(&mut self.key_stream) as u32 - 1, zipf.items()),
        };
        // Drawn all the same: the others ask for what they would have asked for.
        if self.hot_stream.chance(self.hot) {
            items - 1
        } else {
            key
        }
    }

    fn operation(&mut self) -> u8 {
        if self.mix.len() == 1 {
            return self.mix[0].1;
        }
        let u = self.mix_stream.unit();
        let found = self.mix.iter().find(|(share, _)| u < *share);
        found.or(self.mix.last()).map_or(0, |(_, op)| *op)
    }
}

/// The rate at `t` seconds, and the most it can ever be.
pub(super) fn rate_and_bound(base: f64, profile: &[RateShape], t: f64) -> (f64, f64) {
    let (mut rate, mut bound) = (base, base);
    for shape in profile {
        let (now, most) = match shape {
            RateShape::Steps(steps) => {
                let reached = steps.iter().rev().find(|(at, _)| at.secs() <= t);
                let most = steps.iter().map(|(_, rate)| rate.0).fold(base, f64::max);
                (reached.map_or(base, |(_, rate)| rate.0) - base, most - base)
            }
            RateShape::Ramp { from, until, to } => {
                let length = (until.secs() - from.secs()).max(1e-9);
                let share = ((t - from.secs()) / length).clamp(0.0, 1.0);
                ((to.0 - base) * share, to.0 - base)
            }
            RateShape::Day { swing, period } => {
                let turn = 2.0 * std::f64::consts::PI * t / period.secs().max(1e-9);
                (base * swing * libm::sin(turn), base * swing)
            }
            RateShape::Spike { at, until, times } => {
                let inside = at.secs() <= t && t < until.secs();
                let more = base * (times - 1.0);
                (if inside { more } else { 0.0 }, more)
            }
        };
        rate += now;
        bound += most.max(0.0);
    }
    (rate.max(0.0), bound)
}

impl Simulation {
    /// Plans the first arrivals of a client, or plans them anew after its traffic has changed.
    /// A Poisson process has no memory, so drawing the next arrival again changes nothing else.
    pub(super) fn plan_arrivals(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        client.mean_gap = 0.0;
        client.next_at = u64::MAX;
        if let Source::Closed { users, .. } = client.source {
            let wanted = ((f64::from(users) * traffic).round() as u32).min(MOST_CALLS / 4);
            // Users too many leave when they have their answer.
            while client.users < wanted {
                client.users += 1;
                let pause = client.think_ns(&self.ziggurat);
                self.future.put(self.now + pause, event::THINK | at);
            }
            return;
        }
        self.plan_next_arrival(at);
    }

    #[inline(never)]
    fn plan_next_arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        let Source::Open {
            poisson,
            rate,
            profile,
        } = &client.source
        else {
            return;
        };
        let rate = if profile.is_empty() {
            *rate
        } else {
            let (now, bound) = rate_and_bound(*rate, profile, self.now as f64 / 1e9);
            // Candidates of a Poisson process come at the highest rate and are thinned out (Lewis
            // and Shedler 1979). Constant arrivals follow the rate of the moment, and look again
            // soon while it is zero.
            if *poisson || now == 0.0 { bound } else { now }
        };
        let rate = (rate * traffic).min(MOST_RATE);
        client.next_at = u64::MAX;
        if rate > 0.0 {
            let gap = if *poisson {
                self.ziggurat.exponential(&mut client.arrivals_stream)
            } else {
                1.0
            };
            client.next_at = self.now + nanos(gap * (1e9 / rate));
            self.future.put(client.next_at, event::ARRIVAL | at);
        }
    }

    /// The event of an arrival at an open client.
    #[inline(always)]
    pub(super) fn arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if client.next_at != self.now {
            // Planned before the traffic changed.
            return;
        }
        if client.mean_gap <= 0.0 {
            return self.unsteady_arrival(at);
        }
        let gap = self.ziggurat.exponential(&mut client.arrivals_stream) * client.mean_gap;
        let next_at = self.now + nanos(gap);
        client.next_at = next_at;
        let route = client.quick_route;
        self.future.put_now(next_at, event::ARRIVAL | at);
        if route == NONE || self.sampling.every > 0 || self.calls.is_full() {
            return self.request(at);
        }
        self.requests += 1;
        self.set_out(route, NONE, 0, 0);
    }

    #[inline(never)]
    fn unsteady_arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        let rate = (client.steady_rate * traffic).min(MOST_RATE);
        if rate > 0.0 {
            client.mean_gap = 1e9 / rate;
        }
        let mut comes = true;
        if let Source::Open {
            poisson,
            rate,
            profile,
        } = &client.source
            && !profile.is_empty()
        {
            let (now, bound) = rate_and_bound(*rate, profile, self.now as f64 / 1e9);
            comes = if *poisson {
                client.arrivals_stream.unit() * bound < now
            } else {
                now > 0.0
            };
        }
        self.plan_next_arrival(at);
        if comes {
            self.request(at);
        }
    }

    /// The event of a user who has thought enough.
    #[inline(never)]
    pub(super) fn think(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if client.user_leaves(traffic) {
            return;
        }
        self.request(at);
    }

    /// A client asks for something.
    #[inline(never)]
    fn request(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if self.calls.is_full() {
            self.overflow = true;
            component.meter.turn_away(Cause::QueueFull);
            if matches!(client.source, Source::Closed { .. }) {
                client.users -= 1;
            }
            return;
        }
        let (operation, key, session) = client.subject();
        let route = client.route;
        let request = self.requests;
        self.requests += 1;
        if self.operations.len() > 1 {
            self.operations[operation as usize].meter.enter(self.now);
        }
        let flags = self.sampling.flag(request);
        if flags == 0 && route != NONE {
            return self.set_out_slowly(route, NONE, key, operation);
        }
        let component = &mut self.components[at as usize];
        component.meter.enter(self.now);
        let straight = component.plan.straight;
        let is_straight = straight != NONE;
        let id = self.calls.add(Call {
            arrived: self.now,
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
        if self.sessions_matter | (flags != 0) {
            let rare = self.calls.rare_mut(id);
            rare.request = request;
            rare.session = session;
        }
        if is_straight {
            self.go_slowly(id, straight);
        } else {
            self.advance(id);
        }
    }

    /// A client has the answer to a request on a route, after `sojourn`.
    #[inline(always)]
    pub(super) fn finish_on_route(&mut self, at: u32, operation: u8, sojourn: Duration) {
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
            self.think_again(at, 0);
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
        }
        if self.operations.len() > 1 {
            let books = &mut self.operations[operation];
            let (meter, latency) = (&mut books.meter, &mut books.latency);
            enter(meter, latency, &mut books.failure_latency);
        }
        let refused_at_once = !well && sojourn == 0;
        self.think_again(at, if refused_at_once { LEAST_PAUSE_NS } else { 0 });
    }

    /// A user of a closed client has an answer, and thinks about the next request or leaves. Who
    /// does not think pauses for `at_least` nanoseconds.
    fn think_again(&mut self, at: u32, at_least: u64) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if client.is_open() {
            return;
        }
        if client.strangers > 0 {
            client.strangers -= 1;
            return;
        }
        if !client.user_leaves(traffic) {
            let pause = match client.think_ns(&self.ziggurat) {
                0 => at_least,
                pause => pause,
            };
            self.future.put(self.now + pause, event::THINK | at);
        }
    }
}

impl Client {
    fn think_ns(&mut self, ziggurat: &Ziggurat) -> u64 {
        match self.source {
            Source::Closed { ref think, .. } => think.draw(ziggurat, &mut self.arrivals_stream),
            Source::Open { .. } => 0,
        }
    }

    /// A user leaves when there are more than there should be, or when the client has become an
    /// open one.
    fn user_leaves(&mut self, traffic: f64) -> bool {
        let wanted = match self.source {
            Source::Closed { users, .. } => (f64::from(users) * traffic).round() as u32,
            Source::Open { .. } => 0,
        };
        let leaves = self.users > wanted;
        if leaves {
            self.users -= 1;
        }
        leaves
    }
}
