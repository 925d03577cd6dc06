//! Work queues: messages, competing consumers, acknowledgement, redelivery, dead letters.
//!
//! A message is a call of its own that waits in the queue and, once delivered, for its consumer.
//! Messages are on disk: a crash of the queue loses none.

use std::collections::VecDeque;

use super::{
    Simulation,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::Part,
    measure::Cause,
};
use crate::scenario::Acknowledge;

/// A message is never delivered more often than this.
const MOST_DELIVERIES: u32 = 255;

/// What only a queue has.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// `u32::MAX`: unlimited.
    pub capacity: u32,
    pub visibility: u64,
    /// Unacknowledged messages per slot of a consumer.
    pub prefetch: u32,
    pub acknowledge: Acknowledge,
    pub max_deliveries: u32,
    pub consumers: Vec<Consumer>,
    /// Where messages go that were given up.
    pub dead_letters: u32,
    /// Messages that can be delivered, oldest first; those that came back go first.
    pub ready: VecDeque<u32>,
    /// Consumers with permits, in turn.
    turns: VecDeque<u32>,
    /// Consumers with permits that were found down.
    down: Vec<u32>,
    /// Its list of timeouts: when delivered messages become visible again.
    pub lane: u32,
}

/// One instance behind one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consumer {
    pub connection: u32,
    pub instance: u32,
    /// Most unacknowledged messages.
    pub permits: u32,
    pub used: u32,
}

impl Queue {
    /// Without consumers so far.
    pub fn new(
        capacity: u32,
        drawn: &crate::scenario::Queue,
        dead_letters: u32,
        lane: u32,
    ) -> Self {
        Self {
            capacity,
            visibility: drawn.visibility.nanos(),
            prefetch: drawn.prefetch,
            acknowledge: drawn.acknowledge,
            max_deliveries: drawn.max_deliveries.min(MOST_DELIVERIES),
            consumers: Vec::new(),
            dead_letters,
            ready: VecDeque::new(),
            turns: VecDeque::new(),
            down: Vec::new(),
            lane,
        }
    }

    /// Takes over the messages of the queue it was before an edit, and whose turn it is; `place` says
    /// where consumers are now. Permits in use are counted anew by the caller, who then calls
    /// [`Self::rebuild_turns`].
    pub fn adopt(&mut self, old: &mut Self, place: impl Fn(&Consumer) -> (u32, u32)) {
        self.ready = std::mem::take(&mut old.ready);
        let mut now = |was: &u32| {
            let (connection, instance) = place(&old.consumers[*was as usize]);
            let (at, _) = self.consumer(connection, instance)?;
            Some(at)
        };
        let turns = old.turns.iter().filter_map(&mut now).collect();
        let down = old.down.iter().filter_map(&mut now).collect();
        (self.turns, self.down) = (turns, down);
    }

    /// Brings the turns up to date with `consumers`: who still has permits keeps its turn.
    pub fn rebuild_turns(&mut self) {
        self.consumers
            .sort_unstable_by_key(|consumer| (consumer.connection, consumer.instance));
        let consumers = self.consumers.iter();
        let mut fresh: Vec<bool> = consumers
            .map(|consumer| consumer.used < consumer.permits)
            .collect();
        let mut keep = |at: &u32| std::mem::take(&mut fresh[*at as usize]);
        self.turns.retain(&mut keep);
        self.down.retain(&mut keep);
        let fresh = (0..)
            .zip(fresh)
            .filter_map(|(at, fresh)| fresh.then_some(at));
        self.turns.extend(fresh);
    }

    /// Consumers that were down may be up again.
    pub fn look_again(&mut self) {
        self.turns.extend(self.down.drain(..));
    }

    /// The consumer whose turn it is.
    fn first(&self) -> Option<Consumer> {
        let at = self.turns.front()?;
        Some(self.consumers[*at as usize])
    }

    /// The consumer whose turn it is takes a message.
    fn take_permit(&mut self) {
        if let Some(at) = self.turns.pop_front() {
            let consumer = &mut self.consumers[at as usize];
            consumer.used += 1;
            if consumer.used < consumer.permits {
                self.turns.push_back(at);
            }
        }
    }

    /// The consumer whose turn it is turns out to be down.
    fn pass_over(&mut self) {
        self.down.extend(self.turns.pop_front());
    }

    /// The consumer that is this instance behind this connection.
    pub fn consumer(&mut self, connection: u32, instance: u32) -> Option<(u32, &mut Consumer)> {
        let place = |consumer: &Consumer| (consumer.connection, consumer.instance);
        let found = self
            .consumers
            .binary_search_by_key(&(connection, instance), place);
        let at = found.ok()?;
        Some((at as u32, &mut self.consumers[at]))
    }

    fn give_permit(&mut self, connection: u32, instance: u32) {
        // Unless an edit has removed it.
        if let Some((at, consumer)) = self.consumer(connection, instance) {
            let waits = consumer.used >= consumer.permits;
            consumer.used -= 1;
            if waits && consumer.used < consumer.permits {
                self.turns.push_back(at);
            }
        }
    }
}

impl Simulation {
    /// A message comes to a queue: it is acknowledged to its sender at once.
    pub(super) fn enqueue(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let at = call.component;
        let component = &mut self.components[at as usize];
        if component.stalled {
            call.state = State::Stuck;
            component.stuck.push(id);
            return;
        }
        let Part::Queue(queue) = &component.part else {
            return;
        };
        if component.meter.present() >= u64::from(queue.capacity) {
            return self.refuse(id, Cause::QueueFull);
        }
        let message = Call {
            arrived: self.now,
            started: self.now,
            key: call.key,
            operation: call.operation,
            flags: call.flags & flag::SAMPLED,
            component: at,
            verb: Verb::Message,
            state: State::Queued,
            ..Call::BLANK
        };
        component.meter.enter(self.now);
        let message = self.calls.add(message);
        self.copy_details(id, message);
        if let Part::Queue(queue) = &mut self.components[at as usize].part {
            queue.ready.push_back(message);
        }
        self.calls[id].outcome = Outcome::Well;
        self.reply_at_once(id);
        self.dispatch(at);
    }

    /// Delivers messages while there are messages and consumers with permits.
    pub(super) fn dispatch(&mut self, at: u32) {
        loop {
            let component = &self.components[at as usize];
            let Part::Queue(queue) = &component.part else {
                return;
            };
            if queue.ready.is_empty() || !component.is_alive() {
                return;
            }
            let Some(consumer) = queue.first() else {
                return;
            };
            let connection = &self.connections[consumer.connection as usize];
            let to = &self.components[connection.to as usize];
            let is_up = connection.cut == 0
                && to.crashed == 0
                && (to.down == 0
                    || consumer.instance == NONE
                    || self.instances[consumer.instance as usize].takes_calls());
            let component = &mut self.components[at as usize];
            let Part::Queue(queue) = &mut component.part else {
                return;
            };
            // Consumers pull: one that is down takes nothing.
            if !is_up {
                queue.pass_over();
                continue;
            }
            queue.take_permit();
            let Some(message) = queue.ready.pop_front() else {
                return;
            };
            let after_work = queue.acknowledge == Acknowledge::AfterWork;
            let (lane, visibility) = (queue.lane, queue.visibility);
            let call = &mut self.calls[message];
            call.step += 1;
            let first = call.step == 1;
            component
                .meter
                .line_to_consumer(self.now, self.now - call.started);
            component.meter.deliveries += 1;
            component.meter.redeliveries += u64::from(!first);
            call.outcome = Outcome::Well;
            if after_work {
                call.state = State::Transit;
                self.start_timer(message, lane, visibility);
            }
            let Consumer {
                connection,
                instance,
                ..
            } = consumer;
            let child =
                self.call_instance(message, connection, instance, Verb::Request, after_work);
            if after_work {
                self.calls.rare_mut(message).missed = child;
            } else {
                self.end_message(message, Outcome::Well);
            }
            self.calls[child].flags |= flag::CONSUMING;
            self.calls.rare_mut(child).target = instance;
            self.send(child);
            if after_work {
                let call = &mut self.calls[message];
                if call.pending > 0 {
                    call.state = State::Waiting;
                } else {
                    self.message_settled(message);
                }
            }
        }
    }

    /// The consumer of a message has answered.
    pub(super) fn message_settled(&mut self, id: u32) {
        let call = &self.calls[id];
        if call.has(flag::TIMED)
            && let Part::Queue(queue) = &self.components[call.component as usize].part
        {
            self.stop_timer(id, queue.lane);
        }
        match self.calls[id].outcome {
            Outcome::Well | Outcome::Missed => self.end_message(id, Outcome::Well),
            Outcome::Failed(_) => self.come_back(id),
        }
    }

    /// A delivery came to nothing: the message can be delivered again, or is given up.
    fn come_back(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let at = call.component;
        let component = &mut self.components[at as usize];
        let Part::Queue(queue) = &mut component.part else {
            return;
        };
        if u32::from(call.step) < queue.max_deliveries {
            call.state = State::Queued;
            call.started = self.now;
            component.meter.consumer_to_line(self.now);
            queue.ready.push_front(id);
            return self.dispatch(at);
        }
        let dead_letters = queue.dead_letters;
        if dead_letters != NONE {
            call.state = State::Transit;
            let child = self.call(id, dead_letters, Verb::Request, false);
            self.send(child);
        }
        self.end_message(id, Outcome::Failed(Cause::DeadLetter));
    }

    /// A message leaves its queue.
    fn end_message(&mut self, id: u32, outcome: Outcome) {
        let call = &self.calls[id];
        let component = &mut self.components[call.component as usize];
        let sojourn = self.now - call.arrived;
        component.meter.leave_slot(self.now, sojourn);
        component.meter.count(outcome, true);
        component.latency.record(sojourn);
        self.calls.remove(id);
    }

    /// A call to a consumer has ended for good: the queue may deliver the next message.
    pub(super) fn release_permit(&mut self, id: u32, well: bool) {
        let call = &mut self.calls[id];
        if !call.has(flag::CONSUMING) {
            return;
        }
        call.flags &= !flag::CONSUMING;
        let connection = call.leg;
        let instance = self.calls.rare(id).target;
        let call = &self.calls[id];
        let orphan = !call.is_wanted();
        let at = self.connections[connection as usize].from;
        let failed = call.has(flag::ASYNC) && call.outcome.failed().is_some();
        let component = &mut self.components[at as usize];
        // Acknowledged before the work, a message is in the consumer's hands alone: what an orphan
        // does is done once, and what it drops is gone.
        let at_most_once = matches!(
            &component.part,
            Part::Queue(queue) if queue.acknowledge == Acknowledge::BeforeWork
        );
        let meter = &mut component.meter;
        if orphan && well && !at_most_once {
            meter.duplicates += 1;
        }
        if failed || (orphan && !well && at_most_once) {
            meter.lost_messages += 1;
        }
        if let Part::Queue(queue) = &mut self.components[at as usize].part {
            queue.give_permit(connection, instance);
        }
        // Not at once: its caller may be in the middle of something.
        self.later.push(at);
    }

    /// A delivered message was not acknowledged in time: it becomes visible again. The consumer
    /// goes on; nobody waits for it any more.
    pub(super) fn visible_again(&mut self, id: u32) {
        let call = &self.calls[id];
        if let Part::Queue(queue) = &self.components[call.component as usize].part {
            self.stop_timer(id, queue.lane);
        }
        if self.calls[id].pending == 0 {
            // The answer is there; only the queue stands still.
            return;
        }
        self.walk_away(self.calls.rare(id).missed, Cause::Timeout);
        self.come_back(id);
    }
}
