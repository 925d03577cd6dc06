//! Name service: who was told which target, and until when that is good.

use super::{
    Simulation,
    call::{NONE, State, flag},
    channel::Choice,
    component::Part,
    event,
    measure::Cause,
    probe::{Prober, Pulse},
    random::{Sampler, Stream},
};
use crate::scenario::{self, Resolution};

/// What only a name service has.
#[derive(Clone, Debug)]
pub(super) struct Dns {
    policy: Resolution,
    ttl: u64,
    lookup: Sampler,
    pub prober: Prober,
    pub targets: Vec<Target>,
    /// What is remembered: one for all, or one a session.
    answers: Vec<Answer>,
    /// How many answers are remembered for each session: one for every frame that a caller can be
    /// in, and one for those in none; or one for all.
    places: usize,
    /// By frame of the caller, and for those in none: the positions of the targets, the nearest
    /// first. Empty unless the nearest is the answer.
    distances: Vec<Vec<u32>>,
    /// The first of each that is named.
    nearest: Vec<u32>,
    turn: u32,
    /// Positions of the targets that are named: those that are well, or all if none is.
    named: Vec<u32>,
    /// Cumulative weights of `named`.
    cumulative: Vec<f64>,
    lookup_stream: Stream,
}

/// A target and how it does in its health checks.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub connection: u32,
    weight: f64,
    pub pulse: Pulse,
}

impl Target {
    pub fn new(connection: u32, weight: f64) -> Self {
        Self {
            connection,
            weight,
            pulse: Pulse::default(),
        }
    }
}

/// An answer that is remembered. All zero: none.
#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    /// It is good before then.
    expires: u64,
    target: u32,
}

impl Dns {
    /// A name service that calls of so many sessions come through, from so many places.
    pub fn new(
        drawn: &scenario::Dns,
        (sessions, places): (u32, usize),
        [lookup_stream, probe_stream]: [Stream; 2],
    ) -> Self {
        let answers = match drawn.scope {
            scenario::Scope::Global => 1,
            scenario::Scope::PerSession => sessions.max(1) as usize,
        };
        Self {
            policy: drawn.policy,
            ttl: drawn.ttl.nanos(),
            lookup: Sampler::new(&drawn.lookup),
            prober: Prober::new(drawn.health, probe_stream),
            targets: Vec::new(),
            answers: vec![Answer::default(); answers * places],
            places,
            distances: Vec::new(),
            nearest: Vec::new(),
            turn: 0,
            named: Vec::new(),
            cumulative: Vec::new(),
            lookup_stream,
        }
    }

    fn place(&self, (session, region): (u32, u32)) -> usize {
        let region = (region as usize).min(self.places - 1);
        session as usize * self.places % self.answers.len() + region
    }

    /// How far the targets are from each place: their positions, the nearest first.
    pub fn set_distances(&mut self, distances: Vec<Vec<u32>>) {
        self.distances = distances;
        self.rebuild();
    }

    /// Whether the nearest target is the answer.
    pub fn is_for_the_nearest(&self) -> bool {
        self.policy == Resolution::Nearest
    }

    /// The connection to the target that a caller remembers.
    fn remembered(&self, caller: (u32, u32), now: u64) -> Option<u32> {
        let answer = self.answers[self.place(caller)];
        let target = self.targets.get(answer.target as usize)?;
        (answer.expires > now).then_some(target.connection)
    }

    /// A probe of a target has had an answer, or none in time. Says whether other targets are named.
    pub fn note_probe(&mut self, target: u32, good: bool) -> bool {
        let changed = self
            .prober
            .note(&mut self.targets[target as usize].pulse, good);
        if changed {
            self.rebuild();
        }
        changed
    }

    /// Brings up to date which targets are named.
    pub fn rebuild(&mut self) {
        let Self {
            targets,
            named,
            cumulative,
            nearest,
            ..
        } = self;
        let all_are_dead = !targets.iter().any(|target| target.pulse.is_well());
        let is_named = |at: &u32| all_are_dead || targets[*at as usize].pulse.is_well();
        named.clear();
        named.extend((0..targets.len() as u32).filter(is_named));
        let mut sum = 0.0;
        cumulative.clear();
        cumulative.extend(named.iter().map(|at| {
            sum += targets[*at as usize].weight;
            sum
        }));
        let first = |order: &Vec<u32>| order.iter().copied().find(is_named).unwrap_or_default();
        nearest.clear();
        nearest.extend(self.distances.iter().map(first));
    }

    /// Answers a caller, who remembers it. Returns the connection to the target.
    fn resolve(&mut self, caller: (u32, u32), now: u64, routing: &mut Stream) -> Option<u32> {
        let first = *self.named.first()?;
        let target = match self.policy {
            Resolution::Failover => first,
            Resolution::Nearest => {
                let region = (caller.1 as usize).min(self.places - 1);
                self.nearest.get(region).copied().unwrap_or(first)
            }
            Resolution::RoundRobin => {
                let next = self.named.partition_point(|at| *at < self.turn);
                let target = self.named.get(next).copied().unwrap_or(first);
                self.turn = target + 1;
                target
            }
            Resolution::Weighted => {
                let last = self.named.len() - 1;
                let u = routing.unit() * self.cumulative[last];
                let at = self.cumulative.partition_point(|sum| *sum <= u);
                self.named[at.min(last)]
            }
        };
        let place = self.place(caller);
        self.answers[place] = Answer {
            expires: now.saturating_add(self.ttl),
            target,
        };
        Some(self.targets[target as usize].connection)
    }

    /// Takes over what was remembered, and how the targets did, from the name service it was before
    /// an edit; `now` says where a connection is now. Returns where its targets are now.
    pub fn adopt(
        &mut self,
        old: &mut Self,
        same_frames: bool,
        now: impl Fn(u32) -> u32,
    ) -> Vec<u32> {
        self.prober.adopt(&old.prober);
        let mut places = Vec::new();
        for was in &old.targets {
            let connection = now(was.connection);
            let mut targets = self.targets.iter();
            let place = targets.position(|target| target.connection == connection);
            if let Some(place) = place {
                let pulse = &mut self.targets[place].pulse;
                *pulse = was.pulse.clone();
                self.prober.examine(pulse);
            }
            places.push(place.map_or(NONE, |place| place as u32));
        }
        self.turn = old.turn;
        self.rebuild();
        std::mem::swap(&mut self.lookup_stream, &mut old.lookup_stream);
        let same_callers = self.places == old.places && (self.places == 1 || same_frames);
        if self.answers.len() == old.answers.len() && same_callers {
            std::mem::swap(&mut self.answers, &mut old.answers);
            for answer in &mut self.answers {
                answer.target = places.get(answer.target as usize).copied().unwrap_or(NONE);
            }
        }
        places
    }

    /// Targets that the health checks have found dead.
    pub fn dead(&self) -> usize {
        self.targets
            .iter()
            .filter(|target| !target.pulse.is_well())
            .count()
    }
}

impl Simulation {
    /// A call has come to a name service. Returns the call to send on, if any.
    #[inline(never)]
    pub(super) fn enter_dns(&mut self, id: u32) -> u32 {
        if self.calls[id].has(flag::PINNED) {
            match self
                .channels
                .choice(self.calls.pin(id), self.calls[id].component)
            {
                Choice::Free => {}
                Choice::Known(connection) => return self.pass_name_by(id, connection),
                Choice::Broken => {
                    self.refuse(id, Cause::Down);
                    return NONE;
                }
            }
        }
        let caller = self.asker(id);
        let call = &mut self.calls[id];
        call.arrived = self.now;
        let component = &mut self.components[call.component as usize];
        let Part::Dns(dns) = &mut component.part else {
            return NONE;
        };
        if let Some(connection) = dns.remembered(caller, self.now) {
            component.meter.hits += 1;
            component.meter.enter(self.now);
            return self.call_target(id, connection);
        }
        if component.crashed > 0 {
            self.refuse(id, Cause::Down);
            return NONE;
        }
        component.meter.misses += 1;
        component.meter.enter(self.now);
        let wait = dns.lookup.draw(&self.ziggurat, &mut dns.lookup_stream);
        if wait == 0 && !component.stalled {
            return self.look_up_name(id);
        }
        call.state = State::Queued;
        call.flags |= flag::SCHEDULED;
        self.future.put(self.now + wait, event::DONE | id);
        NONE
    }

    /// The session that a call is of, and the frame of whoever asks.
    fn asker(&self, id: u32) -> (u32, u32) {
        if !self.details_matter {
            return (0, NONE);
        }
        let rare = self.calls.rare(id);
        (rare.session, rare.region)
    }

    /// The event of a name that was looked up.
    pub(super) fn name_looked_up(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.stalled {
            call.state = State::Stuck;
            component.stuck.push(id);
            return;
        }
        let next = self.look_up_name(id);
        self.send(next);
    }

    /// A call is told where to go. Returns the call to send on, if any.
    pub(super) fn look_up_name(&mut self, id: u32) -> u32 {
        let caller = self.asker(id);
        let component = &mut self.components[self.calls[id].component as usize];
        let Part::Dns(dns) = &mut component.part else {
            return NONE;
        };
        match dns.resolve(caller, self.now, &mut component.routing) {
            Some(connection) => self.call_target(id, connection),
            None => {
                self.finish_in_line(id, Cause::NoTarget);
                NONE
            }
        }
    }

    /// A message goes where its connection is open: its user remembers the address.
    fn pass_name_by(&mut self, id: u32, connection: u32) -> u32 {
        let call = &mut self.calls[id];
        call.arrived = self.now;
        let meter = &mut self.components[call.component as usize].meter;
        meter.hits += 1;
        meter.enter(self.now);
        self.call_target(id, connection)
    }

    fn call_target(&mut self, id: u32, connection: u32) -> u32 {
        let call = &mut self.calls[id];
        let meter = &mut self.components[call.component as usize].meter;
        meter.line_to_consumer(self.now, self.now - call.arrived);
        call.step = 1;
        call.state = State::Waiting;
        let verb = call.verb;
        self.call(id, connection, verb, true)
    }
}
