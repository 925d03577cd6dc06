//! Slots and the line in front of them: what servers, caches, databases and replicas share.

use super::{
    Simulation,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::Part,
    event, instance,
    measure::Cause,
};

/// One of the identical machines that a component stands for: its own slots, its own line.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub component: u32,
    /// Slots taken.
    pub used: u32,
    /// Calls in line.
    pub waiting: u32,
    pub head: u32,
    pub tail: u32,
    /// Why it is down, a bit for each reason (see `instance`); 0: it is up.
    pub down: u32,
    /// The first balancer that looks at it, among [`Simulation::watches`]; [`NONE`]: nobody does.
    pub watch: u32,
}

impl Instance {
    pub fn new(component: u32) -> Self {
        Self {
            component,
            used: 0,
            waiting: 0,
            head: NONE,
            tail: NONE,
            down: 0,
            watch: NONE,
        }
    }

    /// A call goes to the end of the line. Returns the call before it.
    #[inline(always)]
    pub fn line_up(&mut self, id: u32) -> u32 {
        self.waiting += 1;
        let last = std::mem::replace(&mut self.tail, id);
        if last == NONE {
            self.head = id;
        }
        last
    }

    /// The first in line has left it; `next` was behind it.
    #[inline(always)]
    pub fn step_forward(&mut self, next: u32) {
        self.head = next;
        if next == NONE {
            self.tail = NONE;
        }
        self.waiting -= 1;
    }
}

impl Simulation {
    /// A call has come to its component: refuse it, let it in, or hand it to what the box does.
    ///
    /// Returns the call to send next, if any.
    #[inline(always)]
    pub(super) fn arrive(&mut self, id: u32) -> u32 {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.guarded && !matches!(component.part, Part::Dns(_)) {
            return self.arrive_guarded(id);
        }
        match component.part {
            Part::Balancer(_) => return self.enter_balancer(id),
            Part::Queue(_) => self.enqueue(id),
            Part::Limiter(_) => self.enter_limiter(id),
            Part::Gateway(_) => self.enter_gateway(id),
            Part::Dns(_) => return self.enter_dns(id),
            Part::Function(_) => self.enter_function(id),
            _ => self.enter_station(id),
        }
        NONE
    }

    /// As [`Self::arrive`], at a box that is in trouble or has a regime.
    #[inline(never)]
    fn arrive_guarded(&mut self, id: u32) -> u32 {
        let at = self.calls[id].component as usize;
        let is_pinned = self.components[at].sockets.is_some() && self.calls[id].has(flag::PINNED);
        if is_pinned && !self.message_arrives(id)
            || self.components[at].troubled && self.is_turned_away(id)
            || is_pinned && !self.channel_arrives(id)
        {
            return NONE;
        }
        let component = &self.components[at];
        match component.part {
            Part::Gateway(_) => self.enter_gateway(id),
            _ if component.regime.is_some() => self.enter_regime(id),
            Part::Balancer(_) => return self.enter_balancer(id),
            Part::Queue(_) => self.enqueue(id),
            Part::Limiter(_) => self.enter_limiter(id),
            Part::Function(_) => self.enter_function(id),
            _ => self.enter_station(id),
        }
        NONE
    }

    #[inline(always)]
    pub(super) fn enter_station(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        call.arrived = self.now;
        if call.instance == NONE {
            call.instance = component.next_instance();
        }
        let at = call.instance;
        let watched = component.watched;
        let instance = &mut self.instances[at as usize];
        let is_free = instance.used < component.slots;
        if is_free && !(component.irregular && component.stands_still(at)) {
            component.meter.enter_slot(self.now);
            instance.used += 1;
            let work = component.begin(call, self.now, &self.ziggurat);
            let kind = component.done;
            self.mark(id);
            if watched {
                self.note_instance(at);
            }
            self.work(id, kind, work);
        } else if instance.waiting < component.capacity || call.verb == Verb::Apply {
            call.state = State::Queued;
            component.meter.enter(self.now);
            let last = instance.line_up(id);
            self.calls.follow(last, id);
            if watched {
                self.note_instance(at);
            }
        } else {
            self.refuse(id, Cause::QueueFull);
        }
    }

    /// Own work on a call that has begun takes `work` nanoseconds; `kind` is that of the event.
    #[inline(always)]
    pub(super) fn work(&mut self, id: u32, kind: u32, work: u64) {
        if work == 0 && self.depth < super::MOST_DEPTH {
            return self.done_at_once(id);
        }
        self.future.put_now(self.now + work, kind | id);
    }

    /// Notes how long a component had stood still when work on a call began.
    #[inline(always)]
    pub(super) fn mark(&mut self, id: u32) {
        let component = &self.components[self.calls[id].component as usize];
        if component.ever_stalled {
            let instance = self.calls[id].instance;
            let rare = self.calls.rare_mut(id);
            rare.mark = component.stall(instance).sum;
            rare.paused = component.paused_for(instance, self.now);
        }
    }

    /// There is no work to do.
    #[inline(never)]
    pub(super) fn done_at_once(&mut self, id: u32) {
        self.depth += 1;
        self.done_in_steps(id);
        self.depth -= 1;
    }

    /// The event of [`Self::work`]: own work is over.
    #[inline(never)]
    pub(super) fn done_in_steps(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.flags &= !flag::SCHEDULED;
        if call.state == State::Dead {
            if call.pending == 0 {
                self.calls.remove(id);
            }
            return;
        }
        if call.state == State::Queued {
            return self.name_looked_up(id);
        }
        self.work_done(id);
    }

    #[inline(always)]
    fn work_done(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.ever_stalled && self.has_stood_still(id) {
            return;
        }
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        component.meter.work_done(self.now, self.now - call.started);
        self.go_on_after_work(id);
    }

    /// What a call does once its own work is over.
    #[inline(always)]
    pub(super) fn go_on_after_work(&mut self, id: u32) {
        let component = &self.components[self.calls[id].component as usize];
        match component.part {
            Part::Server if component.plan.is_empty() => self.finish(id, Outcome::Well),
            Part::Cache(_) => self.look_up(id),
            Part::Gateway(_) => self.authenticated(id),
            Part::Balancer(_) => {
                let next = self.balance(id);
                self.send(next);
            }
            Part::Database(_) | Part::Replica(_) => self.access(id),
            _ => self.advance(id),
        }
    }

    /// Whether the work on a call takes longer because its component stood, or stands, still.
    #[inline(never)]
    fn has_stood_still(&mut self, id: u32) -> bool {
        let call = &self.calls[id];
        let component = &mut self.components[call.component as usize];
        let stall = component.stall(call.instance);
        let rare = self.calls.rare_mut(id);
        let stood_still = stall.sum - rare.mark;
        if stall.stands {
            // What is left of the work is known by when it would have ended.
            rare.mark = self.now + stood_still;
            self.calls[id].started += stood_still;
            component.stuck.push(id);
            return true;
        }
        if stood_still == 0 {
            return self.has_paused(id);
        }
        rare.mark = stall.sum;
        let call = &mut self.calls[id];
        call.started += stood_still;
        call.flags |= flag::SCHEDULED;
        self.future.put(self.now + stood_still, event::DONE | id);
        true
    }

    /// A call leaves its component and replies, and so do those on the way back that have nothing
    /// else to do.
    #[inline(never)]
    pub(super) fn finish(&mut self, id: u32, outcome: Outcome) {
        if matches!(outcome, Outcome::Failed(_)) {
            self.finish_in_steps(id, outcome);
        } else {
            self.come_home(id, outcome);
        }
    }

    /// A call that was let in, and has no place yet, fails: all it did was wait.
    pub(super) fn finish_in_line(&mut self, id: u32, cause: Cause) {
        let call = &self.calls[id];
        let meter = &mut self.components[call.component as usize].meter;
        meter.left_line(self.now - call.arrived);
        self.finish(id, Outcome::Failed(cause));
    }

    /// The general way of [`Self::finish`].
    #[inline(never)]
    pub(super) fn finish_in_steps(&mut self, mut id: u32, mut outcome: Outcome) {
        if self.calls[id].has(flag::ON_ROUTE) {
            self.unfold(id);
        }
        if self.calls[id].has(flag::PINNED) && matches!(outcome, Outcome::Failed(_)) {
            self.gives_place_back(id);
        }
        loop {
            let call = &mut self.calls[id];
            call.outcome = outcome;
            // Nobody waits for a log record to be applied, and yet it is not in vain.
            let wanted = call.is_wanted() || call.verb == Verb::Apply || call.has(flag::PROBE);
            self.leave(id, outcome, wanted);
            id = self.reply(id);
            if id == NONE {
                return;
            }
            outcome = self.calls[id].outcome;
        }
    }

    /// A call leaves its component: its slot is free and the next one starts.
    #[inline(always)]
    pub(super) fn leave(&mut self, id: u32, outcome: Outcome, wanted: bool) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        let sojourn = self.now - call.arrived;
        component.meter.count(outcome, wanted);
        if call.verb != Verb::Apply {
            component.latency.record(sojourn);
        }
        let instance = call.instance;
        if instance == NONE {
            if call.step > 0 && component.passes_on() {
                component.meter.leave_slot(self.now, sojourn);
            } else {
                component.meter.leave(self.now, sojourn);
            }
            return;
        }
        // Out of the component before the next one starts.
        call.state = State::Transit;
        let at = instance;
        let watched = component.watched;
        let instance = &mut self.instances[at as usize];
        let next = instance.head;
        if next == NONE || instance.used > component.slots || component.irregular {
            let looks = component.irregular && !component.is_stalled(at);
            component.meter.leave_slot(self.now, sojourn);
            if looks {
                component.note_taken(at, instance.used, self.now);
                let failed = matches!(outcome, Outcome::Failed(_));
                component.count_by_version(at, failed, sojourn);
            }
            instance.used -= 1;
            if let Part::Function(function) = &mut component.part {
                function.rest(self.now);
            }
            if watched {
                self.note_instance(at);
            }
            if looks {
                self.start_next(at);
            }
            self.note_if_drained(at);
            return;
        }
        // The slot goes to the next in line.
        let call = &mut self.calls[next];
        instance.step_forward(call.next);
        component.meter.leave(self.now, sojourn);
        component.meter.slot_works(self.now);
        let work = component.begin(call, self.now, &self.ziggurat);
        let kind = component.done;
        if component.ever_stalled {
            self.calls.rare_mut(next).mark = component.stall(at).sum;
        }
        if watched {
            self.note_instance(at);
        }
        self.work(next, kind, work);
    }

    /// An instance that drains may have nothing left to do.
    #[inline(always)]
    pub(super) fn note_if_drained(&mut self, at: u32) {
        let instance = &self.instances[at as usize];
        if instance.down & instance::DRAINING != 0 && instance.used + instance.waiting == 0 {
            self.has_drained(at);
        }
    }

    /// Lets calls in line start while there are free slots.
    pub(super) fn start_next(&mut self, at: u32) {
        let component = self.instances[at as usize].component as usize;
        if self.components[component].regime.is_some() {
            return self.start_next_in_regime(at);
        }
        loop {
            let instance = &mut self.instances[at as usize];
            let id = instance.head;
            if id == NONE {
                return;
            }
            let component = &mut self.components[instance.component as usize];
            let is_busy = instance.used >= component.slots;
            if is_busy || component.irregular && component.stands_still(at) {
                return;
            }
            let call = &mut self.calls[id];
            instance.step_forward(call.next);
            instance.used += 1;
            component.meter.line_to_slot(self.now);
            let work = component.begin(call, self.now, &self.ziggurat);
            let kind = component.done;
            self.mark(id);
            self.work(id, kind, work);
        }
    }

    /// A call is turned away at the door.
    #[inline(never)]
    pub(super) fn refuse(&mut self, id: u32, cause: Cause) {
        let call = &mut self.calls[id];
        let meter = &mut self.components[call.component as usize].meter;
        meter.turn_away(cause);
        call.outcome = Outcome::Failed(cause);
        if call.has(flag::PINNED) {
            self.gives_place_back(id);
        }
        self.reply_at_once(id);
    }

    /// Everything in some components dies: its callers learn that they are down. Messages in a queue
    /// are on disk and stay.
    pub(super) fn kill_inside(&mut self, components: &[u32]) {
        let mut told = Vec::new();
        for &component in components {
            self.break_channels_of(component);
        }
        for &component in components {
            // A name service stands beside the calls that it has told where to go.
            let is_dns = matches!(self.components[component as usize].part, Part::Dns(_));
            let inside = self.calls.find(|call| {
                call.component == component && call.is_inside() && !(is_dns && call.step > 0)
            });
            told.extend(self.end_inside(component, &inside));
        }
        for id in told {
            self.reply_at_once(id);
        }
    }

    /// The calls `inside`, which are all that are in a component or in some of its instances, end.
    /// Returns the callers' sides, for those who called to be told once all of it has ended: they
    /// may call again at once, and some wait in the same box.
    pub(super) fn end_inside(&mut self, component: u32, inside: &[u32]) -> Vec<u32> {
        let of = &mut self.components[component as usize];
        if let Part::Queue(_) = of.part {
            let stuck = std::mem::take(&mut of.stuck).into_iter();
            let (messages, stuck): (Vec<u32>, Vec<u32>) =
                stuck.partition(|id| self.calls[*id].verb == Verb::Message);
            of.stuck = messages;
            for id in &stuck {
                of.meter.turn_away(Cause::Down);
                let call = &mut self.calls[*id];
                call.state = State::Transit;
                call.outcome = Outcome::Failed(Cause::Down);
            }
            return stuck;
        }
        for &id in inside {
            let call = &self.calls[id];
            if call.state == State::Queued && call.instance != NONE {
                // Every call of this instance dies, so its line is empty.
                let instance = &mut self.instances[call.instance as usize];
                instance.head = NONE;
                instance.tail = NONE;
                instance.waiting -= 1;
            }
        }
        match &mut self.components[component as usize].part {
            Part::Limiter(limiter) => limiter.forget(),
            Part::Gateway(gateway) => gateway.forget(),
            Part::Function(function) => function.forget(),
            _ => {}
        }
        if self.components[component as usize].regime.is_some() {
            self.clear_places(inside);
        }
        let mut dying = inside.to_vec();
        dying.sort_unstable();
        let stuck = &mut self.components[component as usize].stuck;
        stuck.retain(|id| dying.binary_search(id).is_err());
        let ended = inside.iter().map(|id| self.kill(*id, Cause::Down));
        let ended = ended.flatten().collect();
        let of = &self.components[component as usize];
        if of.fleet.is_some() {
            for instance in of.first_instance..of.first_instance + of.instances {
                self.note_if_drained(instance);
            }
        }
        let of = &self.components[component as usize];
        if of.watched {
            for instance in of.first_instance..of.first_instance + of.instances {
                self.note_instance(instance);
            }
        }
        ended
    }

    /// A call dies of this. Returns its caller's side, if there is anybody to be told.
    pub(super) fn kill(&mut self, id: u32, cause: Cause) -> Option<u32> {
        let call = &self.calls[id];
        let works = call.state == State::Working;
        let worked = if works && !self.components[call.component as usize].shares() {
            self.worked_for(id)
        } else {
            0
        };
        let component = &mut self.components[call.component as usize];
        let sojourn = self.now - call.arrived;
        // What came while its box stood still has waited so far.
        let has_waited = call.state == State::Queued
            || call.state == State::Stuck
                && call.instance == NONE
                && call.step == 0
                && (component.passes_on() || matches!(component.part, Part::Function(_)));
        let has_passed = call.instance == NONE && call.step > 0 && component.passes_on();
        if has_waited {
            component.meter.leave_line(self.now, sojourn);
        } else if has_passed {
            component.meter.leave_slot(self.now, sojourn);
            if let Part::Gateway(_) = component.part {
                component.meter.passed_by(self.now);
            }
        } else if call.instance == NONE {
            component.meter.leave(self.now, sojourn);
        } else if works && component.shares() {
            self.leave_shares(id);
        } else {
            if works {
                if component.is_stalled(call.instance) {
                    component.meter.frozen_work_done(worked);
                } else {
                    component.meter.work_done(self.now, worked);
                }
            }
            component.meter.leave_slot(self.now, sojourn);
            let instance = &mut self.instances[call.instance as usize];
            component.note_taken(call.instance, instance.used, self.now);
            instance.used -= 1;
        }
        let call = &self.calls[id];
        let component = &mut self.components[call.component as usize];
        let outcome = Outcome::Failed(cause);
        component.meter.count(outcome, false);
        if cause == Cause::Down {
            component.count_by_version(call.instance, true, sojourn);
        }
        if call.verb == Verb::Apply {
            component.apply_ended();
        }
        if let Part::Client(_) = component.part
            && self.operations.len() > 1
        {
            let books = &mut self.operations[call.operation as usize];
            books.meter.leave(self.now, sojourn);
            books.meter.count(outcome, true);
            books.failure_latency.record(sojourn);
        }
        let heir = match call.is_wanted() {
            true => Some(self.hand_over(id)),
            false => call.has(flag::PROBE).then(|| self.probe_dies(id)),
        };
        if let Some(heir) = heir {
            let permit = self.calls[id].flags & flag::CONSUMING;
            let call = &mut self.calls[heir];
            call.flags |= permit;
            call.outcome = outcome;
            self.calls[id].flags &= !permit;
        } else {
            self.release_permit(id, false);
        }
        self.calls[id].state = State::Dead;
        self.cancel_kin(id, cause);
        let call = &self.calls[id];
        if call.pending == 0 && !call.has(flag::SCHEDULED) {
            self.calls.remove(id);
        }
        heir
    }

    /// A new record takes over what the caller knows of a call: who waits, since when, over which
    /// connection. The old one goes on as an orphan.
    pub(super) fn hand_over(&mut self, id: u32) -> u32 {
        /// What the caller has to do with.
        const CALLERS: u16 = flag::ASYNC | flag::BALANCED | flag::GUARDED | flag::KIN;
        let old = &self.calls[id];
        let heir = Call {
            sent: old.sent,
            parent: old.parent,
            leg: old.leg,
            via: old.leg,
            component: self.connections[old.leg as usize].to,
            instance: old.instance,
            key: old.key,
            attempt: old.attempt,
            operation: old.operation,
            verb: old.verb,
            flags: old.flags & (flag::SAMPLED | flag::PINNED | CALLERS),
            state: State::Transit,
            ..Call::BLANK
        };
        let heir = self.calls.add(heir);
        *self.calls.rare_mut(heir) = self.calls.rare(id).clone();
        if self.calls[id].has(flag::TIMED) {
            self.move_timer(id, heir);
        }
        if self.calls[id].has(flag::KIN) {
            self.calls.move_kin(id, heir);
        }
        if self.calls[id].has(flag::GUARDED) {
            self.move_guarded(heir);
        }
        self.calls.rare_mut(id).cancel_at = 0;
        let old = &mut self.calls[id];
        let parent = old.parent;
        old.parent = NONE;
        old.flags &= !CALLERS;
        if parent != NONE && self.calls[parent].verb == Verb::Message {
            self.calls.rare_mut(parent).missed = heir;
        }
        heir
    }
}
