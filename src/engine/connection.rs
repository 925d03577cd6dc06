//! Connections: attempts, their way there and back. What becomes of those that come to nothing is in
//! `attempt`.

use super::{
    Nanos, Simulation,
    call::{Call, NONE, Outcome, Rare, State, Verb, flag},
    component::Part,
    event,
    geography::Way,
    guard::Guards,
    hop::Leaves,
    measure::{Cause, ConnectionTotals, Failures},
    pipe::Pipe,
    random::{Chance, Sampler, Stream, Ziggurat, nanos},
    route::Posting,
};
use crate::scenario::{self, Retries};

/// When a caller without a timeout notices that a message was lost: the first retransmission
/// timeout of TCP (RFC 6298, section 2).
const LOSS_NOTICED_NS: u64 = 1_000_000_000;

/// An arrow while it runs. In this order, so that no two counts that change together are neighbours:
/// changed as a pair they would have to wait for each other's last change.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Connection {
    pub from: u32,
    pub to: u32,
    /// No latency, no loss, not cut: messages arrive at once.
    pub direct: bool,
    pub latency: Sampler,
    /// With what faults add to its own.
    pub loss: Chance,
    own_loss: f64,
    /// Share of its messages that faults lose, of those it would not lose itself.
    pub loses_more: f64,
    /// Factor on the latency.
    pub slow: f64,
    /// Number of cuts under way.
    pub cut: u32,
    /// Direct, and without a timeout.
    pub plain: bool,
    /// `u64::MAX`: none.
    pub timeout: u64,
    pub retries: Retries,
    pub latency_stream: Stream,
    pub loss_stream: Stream,
    pub backoff_stream: Stream,
    sojourn_sum: u128,
    pub attempts: u64,
    pub retried: u64,
    /// Cancellations sent.
    pub cancels: u64,
    pub completed: u64,
    present_at_start: u64,
    pub present: u64,
    pub records: u64,
    since: u64,
    pub failures: Failures,
    /// Leads to a look-aside cache only: a failed look-up counts as a miss.
    pub look_aside: bool,
    /// What an attempt has to pass before it is sent. Then it is not direct.
    pub guards: Option<Box<Guards>>,
    /// The way from each frame, where calls come from several. Then it is not direct.
    pub ways: Option<Box<[Way]>>,
    /// How much passes over it, where messages have sizes. Then it is not direct.
    pub pipe: Option<Box<Pipe>>,
}

impl Connection {
    pub fn new(
        seed: u64,
        name: &str,
        (from, to): (u32, u32),
        (drawn, latency): (&scenario::Connection, &scenario::Distribution),
        timeout: Option<scenario::Duration>,
        retries: Retries,
    ) -> Self {
        let mut connection = Self {
            from,
            to,
            direct: false,
            plain: false,
            latency: Sampler::new(latency),
            loss: Chance::NEVER,
            own_loss: drawn.loss,
            loses_more: 0.0,
            slow: 1.0,
            cut: 0,
            timeout: timeout.map_or(u64::MAX, scenario::Duration::nanos),
            retries,
            latency_stream: Stream::new(seed, name, "latency"),
            loss_stream: Stream::new(seed, name, "loss"),
            backoff_stream: Stream::new(seed, name, "backoff"),
            attempts: 0,
            sojourn_sum: 0,
            retried: 0,
            cancels: 0,
            completed: 0,
            present_at_start: 0,
            present: 0,
            records: 0,
            since: 0,
            failures: Failures::default(),
            look_aside: false,
            guards: Guards::new(seed, name, drawn, &retries),
            ways: None,
            pipe: None,
        };
        connection.refresh();
        connection
    }

    /// Brings `loss`, `direct` and `plain` up to date.
    pub fn refresh(&mut self) {
        self.loss = if self.loses_more == 0.0 {
            Chance::new(self.own_loss)
        } else {
            Chance::new(1.0 - (1.0 - self.own_loss) * (1.0 - self.loses_more))
        };
        self.direct = self.latency == Sampler::ZERO
            && self.loss == Chance::NEVER
            && self.cut == 0
            && self.guards.is_none()
            && self.ways.is_none()
            && self.pipe.is_none();
        self.plain = self.direct && self.timeout == u64::MAX;
    }

    /// Takes over the state of the arrow it was before an edit; parameters are its own.
    pub fn adopt(&mut self, old: &Self, now: Nanos) {
        let guards = Guards::after_edit(self.guards.take(), old.guards.as_deref(), now);
        let mut pipe = self.pipe.take();
        if let (Some(pipe), Some(old)) = (&mut pipe, &old.pipe) {
            pipe.adopt(Pipe::clone(old));
        }
        *self = Self {
            from: self.from,
            to: self.to,
            latency: self.latency.clone(),
            own_loss: self.own_loss,
            timeout: self.timeout,
            retries: self.retries,
            look_aside: self.look_aside,
            guards,
            ways: self.ways.take(),
            pipe,
            ..old.clone()
        };
        self.refresh();
    }

    /// How long a message is under way.
    #[inline(always)]
    pub fn draw_latency(&mut self, ziggurat: &Ziggurat) -> u64 {
        let latency = self.latency.draw(ziggurat, &mut self.latency_stream);
        if self.slow == 1.0 {
            latency
        } else {
            nanos(latency as f64 * self.slow)
        }
    }

    /// A message sets off, from or to this frame: how long it is under way, and whether it is lost.
    #[inline(always)]
    pub(super) fn travel(&mut self, region: u32, ziggurat: &Ziggurat) -> (u64, bool) {
        if let Some(ways) = &self.ways
            && let Some(way) = Way::from(ways, region)
        {
            let latency = way.latency.draw_rare(ziggurat, &mut self.latency_stream);
            let lost = self.loss_stream.chance(self.loss)
                || self.loss_stream.chance(way.loss)
                || self.cut + way.cut > 0;
            return (nanos(latency as f64 * self.slow * way.slow), lost);
        }
        let latency = self.draw_latency(ziggurat);
        let lost = self.loss_stream.chance(self.loss) || self.cut > 0;
        (latency, lost)
    }

    pub fn reset(&mut self, now: Nanos) {
        self.attempts = 0;
        self.retried = 0;
        self.cancels = 0;
        self.completed = 0;
        self.failures = Failures::default();
        self.present_at_start = self.present;
        self.sojourn_sum = 0;
        self.records = 0;
        self.since = now;
        if let Some(guards) = &mut self.guards {
            guards.reset(now);
        }
        if let Some(pipe) = &mut self.pipe {
            pipe.reset(now);
        }
    }

    pub fn totals(&self, now: Nanos) -> ConnectionTotals {
        let mut totals = ConnectionTotals {
            since_ns: self.since,
            now_ns: now,
            attempts: self.attempts,
            retries: self.retried,
            cancels: self.cancels,
            completed: self.completed,
            failures: self.failures,
            present: self.present,
            present_at_start: self.present_at_start,
            sojourn_sum_ns: self.sojourn_sum,
            records: self.records,
            ..ConnectionTotals::default()
        };
        if let Some(guards) = &self.guards {
            guards.count(&mut totals);
        }
        totals.carried = self.pipe.as_ref().map(|pipe| pipe.totals(now));
        totals
    }

    /// An attempt sets off.
    #[inline(always)]
    pub fn set_off(&mut self) {
        self.attempts += 1;
        self.present += 1;
    }

    /// An attempt has ended, as the caller sees it.
    #[inline(always)]
    pub fn ended(&mut self, sojourn: u64, outcome: Outcome) {
        self.present -= 1;
        self.sojourn_sum += u128::from(sojourn);
        match outcome {
            Outcome::Failed(cause) => self.failures.0[cause as usize] += 1,
            Outcome::Well | Outcome::Missed => self.completed += 1,
        }
    }

    /// Counts what a route has counted for this arrow; all of it went well.
    pub fn post(&mut self, posting: Posting) {
        let more = posting.arrivals.wrapping_sub(posting.departures);
        self.present = self.present.wrapping_add(more);
        self.attempts = self.attempts.wrapping_add(posting.arrivals);
        self.completed += posting.departures;
        self.sojourn_sum += posting.sojourn_sum;
    }
}

impl Simulation {
    /// A caller calls: over `connection`, on behalf of the call `parent`.
    #[inline(always)]
    pub(super) fn call(&mut self, parent: u32, connection: u32, verb: Verb, waits: bool) -> u32 {
        self.call_instance(parent, connection, NONE, verb, waits)
    }

    /// As [`Self::call`], to one instance of the callee.
    #[inline(always)]
    pub(super) fn call_instance(
        &mut self,
        parent: u32,
        connection: u32,
        instance: u32,
        verb: Verb,
        waits: bool,
    ) -> u32 {
        let to = self.connections[connection as usize].to;
        let caller = &mut self.calls[parent];
        caller.pending += u32::from(waits);
        let call = Call {
            parent: if waits { parent } else { NONE },
            leg: connection,
            via: connection,
            component: to,
            instance,
            key: caller.key,
            flags: caller.flags & flag::SAMPLED | if waits { 0 } else { flag::ASYNC },
            operation: caller.operation,
            verb,
            state: State::Transit,
            ..Call::BLANK
        };
        let details = self.details_matter || verb == Verb::Fill || call.has(flag::SAMPLED);
        let id = self.calls.add(call);
        if details {
            self.copy_details(parent, id);
        }
        id
    }

    /// What is rare about a call goes on to those it makes.
    #[cold]
    pub(super) fn copy_details(&mut self, from: u32, to: u32) {
        let flags = self.calls[from].flags & flag::VERSIONED;
        let fills = self.calls[to].verb == Verb::Fill;
        let &Rare {
            request,
            luck,
            session,
            region,
            version,
            store,
            pin,
            ..
        } = self.calls.rare(from);
        let (session, region) = if self.calls[from].has(flag::ON_ROUTE) {
            (self.calls[from].via, NONE)
        } else {
            (session, region)
        };
        if self.calls[from].has(flag::PINNED) && self.leads_on(from) {
            self.calls[to].flags |= flag::PINNED;
            self.calls.rare_mut(to).pin = pin;
        }
        let region = self.frames.asks_from(self.calls[from].component, region);
        let rare = self.calls.rare_mut(to);
        rare.request = request;
        rare.luck = luck;
        rare.session = session;
        rare.region = region;
        if fills && flags != 0 {
            self.calls.set_version(to, version, store);
        }
    }

    /// Whether a call is in a box that long-lived connections lead through, or at their user.
    fn leads_on(&self, id: u32) -> bool {
        let component = self.components.get(self.calls[id].component as usize);
        let part = component.map(|component| &component.part);
        matches!(
            part,
            Some(
                Part::Client(_)
                    | Part::Balancer(_)
                    | Part::Dns(_)
                    | Part::Limiter(_)
                    | Part::Gateway(_)
            )
        )
    }

    /// Sends an attempt off, and those that balancers on its way send on.
    pub(super) fn send(&mut self, mut id: u32) {
        while id != NONE {
            let call = &mut self.calls[id];
            let connection = &mut self.connections[call.leg as usize];
            connection.set_off();
            call.sent = self.now;
            if connection.timeout != u64::MAX {
                let (lane, timeout) = (call.leg, connection.timeout);
                self.start_timer(id, lane, timeout);
            }
            let call = &self.calls[id];
            debug_assert_eq!(call.via, call.leg);
            let connection = &self.connections[call.leg as usize];
            let at_once =
                connection.direct && !call.has(flag::SAMPLED) && self.depth < super::MOST_DEPTH;
            id = if at_once {
                self.arrive(id)
            } else {
                self.set_off_slowly(id)
            };
        }
    }

    /// A message goes from caller to callee over the connection the call came by. Returns the call
    /// to send next, if any.
    pub(super) fn transport(&mut self, id: u32) -> u32 {
        let call = &self.calls[id];
        let connection = &self.connections[call.via as usize];
        // Probes are looked at where they come to.
        let is_plain = !call.has(flag::SAMPLED | flag::PROBE);
        if connection.direct && is_plain && self.depth < super::MOST_DEPTH {
            return self.arrive(id);
        }
        self.transport_slowly(id)
    }

    #[inline(never)]
    pub(super) fn transport_slowly(&mut self, id: u32) -> u32 {
        let connection = &mut self.connections[self.calls[id].via as usize];
        let region = if connection.ways.is_some() {
            self.calls.rare(id).region
        } else {
            NONE
        };
        let (mut latency, lost) = connection.travel(region, &self.ziggurat);
        if connection.pipe.is_some() {
            let over = self.calls[id].via;
            latency += self.squeeze(id, over, Leaves::Caller);
        }
        let call = &mut self.calls[id];
        call.state = State::Transit;
        if call.has(flag::SAMPLED) {
            let failed = lost.then_some(Cause::Lost);
            let via = call.via;
            self.hop(id, via, Leaves::Caller, latency, failed);
        }
        if lost {
            self.lost(id);
        } else if latency == 0 && self.depth < super::MOST_DEPTH && !self.calls[id].has(flag::PROBE)
        {
            return self.arrive(id);
        } else {
            self.calls[id].flags |= flag::SCHEDULED;
            self.future.put(self.now + latency, event::DELIVER | id);
        }
        NONE
    }

    /// The event of [`Self::transport`].
    pub(super) fn deliver(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.flags &= !flag::SCHEDULED;
        if matches!(call.state, State::Dead | State::Revoked) {
            self.release_permit(id, false);
            return self.calls.remove(id);
        }
        if call.has(flag::PROBE) {
            return self.probe_arrives(id);
        }
        let next = self.arrive(id);
        self.send(next);
    }

    /// A callee answers: its outcome stands in the call. Returns the caller, if it has nothing to do
    /// but to answer in turn.
    #[inline(never)]
    pub(super) fn reply(&mut self, id: u32) -> u32 {
        let call = &self.calls[id];
        if !call.is_wanted() {
            self.end_orphan(id);
            return NONE;
        }
        let connection = &self.connections[call.leg as usize];
        if connection.direct && !call.has(flag::SAMPLED) && self.depth < super::MOST_DEPTH {
            return self.answered(id);
        }
        self.reply_slowly(id)
    }

    /// A callee answers without having let the call in.
    pub(super) fn reply_at_once(&mut self, id: u32) {
        let caller = self.reply(id);
        self.answer_in_turn(caller);
    }

    /// A caller that has nothing else to do answers its own caller.
    pub(super) fn answer_in_turn(&mut self, id: u32) {
        if id != NONE {
            let outcome = self.calls[id].outcome;
            self.finish(id, outcome);
        }
    }

    #[inline(never)]
    fn reply_slowly(&mut self, id: u32) -> u32 {
        let connection = &mut self.connections[self.calls[id].leg as usize];
        let region = if connection.ways.is_some() {
            self.calls.rare(id).region
        } else {
            NONE
        };
        let (mut latency, lost) = connection.travel(region, &self.ziggurat);
        if connection.pipe.is_some() {
            let over = self.calls[id].leg;
            latency += self.squeeze(id, over, Leaves::Callee);
        }
        let call = &mut self.calls[id];
        call.state = State::Transit;
        if call.has(flag::SAMPLED) {
            let failed = if lost {
                Some(Cause::Lost)
            } else {
                call.outcome.failed()
            };
            let leg = call.leg;
            self.hop(id, leg, Leaves::Callee, latency, failed);
        }
        if lost {
            self.lost(id);
        } else if latency == 0 && self.depth < super::MOST_DEPTH {
            return self.answered(id);
        } else {
            self.calls[id].flags |= flag::SCHEDULED;
            self.future.put(self.now + latency, event::ANSWER | id);
        }
        NONE
    }

    /// A message is lost. A caller with a timeout finds out by it, one without after
    /// [`LOSS_NOTICED_NS`].
    fn lost(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.outcome = Outcome::Failed(Cause::Lost);
        if !call.is_wanted() {
            return self.end_orphan(id);
        }
        call.state = State::Lost;
        if !call.has(flag::TIMED) {
            call.flags |= flag::SCHEDULED;
            self.future
                .put(self.now + LOSS_NOTICED_NS, event::ANSWER | id);
        }
    }

    /// The event of [`Self::reply`]: the answer, or the news of a loss, is there.
    pub(super) fn answer(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.flags &= !flag::SCHEDULED;
        if call.state == State::Dead {
            return self.calls.remove(id);
        }
        if !call.is_wanted() {
            return self.end_orphan(id);
        }
        let caller = self.answered(id);
        self.answer_in_turn(caller);
    }

    #[inline(always)]
    pub(super) fn answered(&mut self, id: u32) -> u32 {
        if self.calls[id].has(flag::TIMED | flag::GUARDED) && !self.stop_waiting(id) {
            return NONE;
        }
        let call = &mut self.calls[id];
        let connection = &mut self.connections[call.leg as usize];
        connection.ended(self.now - call.sent, call.outcome);
        if matches!(call.outcome, Outcome::Failed(_)) && self.tries_again(id) {
            self.back_off(id);
            return NONE;
        }
        self.settle(id)
    }

    /// The answer to an attempt is there: its timeout and the guards of its arrow need not wait for
    /// it any more. Says whether the caller has to do with it.
    #[inline(never)]
    fn stop_waiting(&mut self, id: u32) -> bool {
        let outcome = self.calls[id].outcome;
        if self.calls[id].has(flag::GUARDED) && !self.decides(id, outcome, true) {
            return false;
        }
        if self.calls[id].has(flag::TIMED) {
            self.stop_timer(id, self.calls[id].leg);
        }
        self.tell_guards(id, Some(outcome));
        true
    }

    /// The last attempt has ended: the caller goes on with the outcome. Returns the caller, if it has
    /// nothing to do but to answer in turn.
    #[inline(always)]
    pub(super) fn settle(&mut self, id: u32) -> u32 {
        const RARE: u16 = flag::CONSUMING | flag::BALANCED | flag::VERSIONED | flag::KIN;
        let call = &self.calls[id];
        let (parent, outcome) = (call.parent, call.outcome);
        if call.has(RARE) || outcome != Outcome::Well {
            self.settle_details(id);
        }
        self.calls.remove(id);
        if parent == NONE {
            return NONE;
        }
        self.answered_one(parent)
    }

    /// One of the calls that a call waits for is answered. Returns it, if it has nothing to do but
    /// to answer in turn.
    #[inline(always)]
    pub(super) fn answered_one(&mut self, id: u32) -> u32 {
        let caller = &mut self.calls[id];
        caller.pending -= 1;
        if caller.pending > 0 {
            return NONE;
        }
        match caller.state {
            State::Waiting => self.go_on(id),
            State::Dead => {
                if !caller.has(flag::SCHEDULED) {
                    self.calls.remove(id);
                }
                NONE
            }
            // Still launching its calls: it goes on by itself.
            _ => NONE,
        }
    }

    /// What an answer means to the caller besides that it is there.
    #[inline(never)]
    fn settle_details(&mut self, id: u32) {
        let call = &self.calls[id];
        let (parent, leg, outcome, flags) = (call.parent, call.leg, call.outcome, call.flags);
        if flags & flag::CONSUMING != 0 {
            self.release_permit(id, false);
        }
        if parent == NONE {
            return self.release_target_of(id, outcome.failed().is_some());
        }
        if flags & flag::KIN != 0 {
            self.calls.leave_kin(id);
        }
        if flags & flag::BALANCED != 0 {
            let failed = outcome.failed().is_some();
            self.release_target(parent, self.calls.rare(id).target, failed);
        }
        let caller = &mut self.calls[parent];
        match outcome {
            Outcome::Well => {
                if flags & flag::VERSIONED != 0 {
                    let &Rare { version, store, .. } = self.calls.rare(id);
                    self.calls.set_version(parent, version, store);
                    if let Some(since) = self.calls.stale_since(id) {
                        self.calls.set_stale(parent, since);
                    }
                }
            }
            Outcome::Missed => {
                caller.note_miss();
                self.calls.rare_mut(parent).missed = leg;
            }
            Outcome::Failed(cause) => {
                if self.connections[leg as usize].look_aside {
                    // An application whose cache is gone asks the store.
                    if caller.outcome == Outcome::Well {
                        caller.outcome = Outcome::Missed;
                    }
                } else if caller.outcome.failed().is_none() {
                    caller.outcome = Outcome::Failed(cause);
                }
            }
        }
    }

    /// Every call that a call waited for is answered. Returns it, if it has nothing to do but to
    /// answer in turn.
    #[inline(always)]
    fn go_on(&mut self, id: u32) -> u32 {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        let stands_still = component.irregular && component.stands_still(call.instance);
        if stands_still && !matches!(component.part, Part::Dns(_)) {
            call.state = State::Stuck;
            component.stuck.push(id);
            return NONE;
        }
        match component.part {
            Part::Balancer(_) | Part::Limiter(_) | Part::Dns(_) => return id,
            Part::Queue(_) => self.message_settled(id),
            Part::Client(_) if component.plan.straight != NONE => self.finish_request(id),
            _ => self.advance(id),
        }
        NONE
    }

    /// A call that waited goes on, as after [`Self::settle`].
    pub(super) fn go_on_now(&mut self, id: u32) {
        let caller = self.go_on(id);
        self.answer_in_turn(caller);
    }

    /// Nobody wants the answer any more.
    pub(super) fn end_orphan(&mut self, id: u32) {
        if self.calls[id].has(flag::PROBE) {
            return self.probe_replies(id);
        }
        let well = self.calls[id].outcome == Outcome::Well;
        self.release_permit(id, well);
        self.calls.remove(id);
    }
}
