//! The books of a box: who is there, who came and went, what slots did, all of it exact.

use super::{
    books::Behind,
    call::Outcome,
    measure::{Cause, Failures, Totals},
    route::Posting,
};

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
    /// Slots taken that do not work: their calls wait for calls of their own, or it stands
    /// still because of a fault. The rest is busy.
    idle: Level,
    /// Slots on offer.
    slots: Level,
    /// Of those that are counted as slots taken that do not work: messages over long-lived connections,
    /// which pass a gateway by its slots.
    passing: Level,
    /// Slots with work in them that stands still because of a fault.
    frozen_work: u64,
    arrivals: u64,
    departures: u64,
    completed: u64,
    /// Completed for nobody: the caller had gone.
    unwanted: u64,
    waits: u64,
    /// Messages that took no slot.
    passed: u64,
    services: u64,
    sojourn_sum: u128,
    wait_sum: u128,
    service_sum: u128,
    since: u64,
    present_at_start: u64,
    /// Waits that are rounded, as of calls that shared slots.
    rounded: u64,
    /// What those present at the start had behind them then; none: nothing.
    before: Option<Box<Behind>>,
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

    /// Slots with work in them, also where it stands still.
    pub fn working(&self) -> u64 {
        self.held.now - self.idle.now + self.frozen_work
    }

    /// Slots with work in them that stands still.
    pub fn frozen(&self) -> u64 {
        self.frozen_work
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
        self.held.up(now);
    }

    /// Work begins in a slot that was taken by another call, whose work is over.
    #[inline(always)]
    pub fn slot_works(&mut self, now: u64) {
        self.idle.down(now);
    }

    /// A queue's message goes from the line to a consumer.
    pub fn line_to_consumer(&mut self, now: u64, wait: u64) {
        self.held.up(now);
        self.idle.up(now);
        self.left_line(wait);
    }

    /// A message over a long-lived connection passes, and takes no slot.
    pub fn pass_by(&mut self, now: u64, wait: u64) {
        self.line_to_consumer(now, wait);
        self.passed += 1;
        self.passing.up(now);
    }

    /// The message has passed.
    pub fn passed_by(&mut self, now: u64) {
        self.passing.down(now);
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
        self.idle.up(now);
        self.served(work);
    }

    /// Work is over that stood still: its call is about to die.
    pub fn frozen_work_done(&mut self, work: u64) {
        self.frozen_work -= 1;
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
        self.rounded += 1;
    }

    /// Of a call in a slot, the slot is given up: another one has it, or nobody. `frozen`: it stands
    /// still.
    pub fn slot_to_line(&mut self, now: u64, frozen: bool) {
        if frozen {
            self.frozen_work -= 1;
            self.idle.down(now);
        }
        self.held.down(now);
    }

    /// A call that waited works, or would if it did not stand still: `frozen`.
    pub fn line_to_any_slot(&mut self, now: u64, frozen: bool) {
        if frozen {
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

    /// Of the slots with work in them so many stand still from now on.
    pub fn freeze(&mut self, now: u64, work: u64) {
        self.frozen_work += work;
        self.idle.set(self.idle.now + work, now);
    }

    /// So many of them go on.
    pub fn thaw(&mut self, now: u64, work: u64) {
        self.frozen_work -= work;
        self.idle.set(self.idle.now - work, now);
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
            passing: self.passing,
            frozen_work: self.frozen_work,
            since: now,
            present_at_start: self.present.now,
            ..Self::default()
        };
        for level in [
            &mut fresh.present,
            &mut fresh.held,
            &mut fresh.idle,
            &mut fresh.slots,
            &mut fresh.passing,
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

    /// Starts anew with so many of those present out of line: its box did not have slots, or has none any
    /// more.
    pub fn begin_out_of_line(&mut self, now: u64, held: u64) {
        (self.held.now, self.idle.now) = (held, held);
        self.frozen_work = 0;
        self.reset(now);
    }

    /// What those present have behind them at the start.
    pub fn leave_behind(&mut self, behind: Behind) {
        self.before = (self.present.now > 0).then(|| Box::new(behind));
    }

    /// What those present at the start had behind them then.
    pub fn before(&self) -> Behind {
        self.before.as_deref().copied().unwrap_or_default()
    }

    /// The number of waits that are rounded.
    pub fn rounded(&self) -> u64 {
        self.rounded
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
            held: self.held.now - self.passing.now,
            slots: self.slots.now,
            present_area,
            waiting_area,
            busy_area: held_area - self.idle.area(now),
            held_area: held_area - self.passing.area(now),
            slots_area: self.slots.area(now),
            sojourn_sum_ns: self.sojourn_sum,
            waits: self.waits,
            passed: self.passed,
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
