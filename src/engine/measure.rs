//! What the engine counts: whole numbers only, from which every figure is derived.
//!
//! L, λ and W are counted apart: an integral over time, a count, a sum over departures.

use crate::scenario::Duration;

/// Why a call failed. The order is the order of the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The caller waited longer than its timeout.
    Timeout,
    /// The line was full.
    QueueFull,
    /// The callee was down, or went down with the call inside.
    Down,
    /// The message was lost under way.
    Lost,
    /// There was nobody to send it to (every target taken out, or no connection for it).
    NoTarget,
    /// The message was delivered too often without success (a dead letter).
    DeadLetter,
    /// A rate limiter let no more through.
    RateLimited,
    /// Turned away, or dropped in line, so that others are served in time.
    Shed,
    /// The circuit breaker on the way was open.
    BreakerOpen,
    /// There was no place in the connection pool, for too long or for too many.
    PoolExhausted,
    /// A function ran as many calls as it may at the same time.
    Throttled,
    /// The callee answered with an error.
    Error,
    /// Its caller walked away and said so.
    Cancelled,
    /// The instance had as many long-lived connections as it may have.
    ConnectionLimit,
}

impl Cause {
    /// Every cause, in the order of the counters.
    pub const ALL: [Self; 14] = [
        Self::Timeout,
        Self::QueueFull,
        Self::Down,
        Self::Lost,
        Self::NoTarget,
        Self::DeadLetter,
        Self::RateLimited,
        Self::Shed,
        Self::BreakerOpen,
        Self::PoolExhausted,
        Self::Throttled,
        Self::Error,
        Self::Cancelled,
        Self::ConnectionLimit,
    ];

    /// The word in the command line's output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::QueueFull => "queue_full",
            Self::Down => "down",
            Self::Lost => "lost",
            Self::NoTarget => "no_target",
            Self::DeadLetter => "dead_letter",
            Self::RateLimited => "rate_limited",
            Self::Shed => "shed",
            Self::BreakerOpen => "breaker_open",
            Self::PoolExhausted => "pool_exhausted",
            Self::Throttled => "throttled",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
            Self::ConnectionLimit => "connection_limit",
        }
    }
}

/// Counts by [`Cause`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures(pub [u64; Cause::ALL.len()]);

impl Failures {
    /// So many by each of these causes.
    pub fn of(counts: impl IntoIterator<Item = (Cause, u64)>) -> Self {
        let mut failures = Self::default();
        for (cause, count) in counts {
            failures.0[cause as usize] += count;
        }
        failures
    }

    /// Number of failures by one cause.
    pub fn get(&self, cause: Cause) -> u64 {
        self.0[cause as usize]
    }

    /// Number of failures by any cause.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl<const N: usize> From<[(Cause, u64); N]> for Failures {
    /// So many by these causes, and none by the others.
    fn from(counts: [(Cause, u64); N]) -> Self {
        let mut failures = Self::default();
        for (cause, count) in counts {
            failures.0[cause as usize] = count;
        }
        failures
    }
}

/// What was counted at one component (or the whole system) between `since_ns` and `now_ns`.
///
/// The whole system is the clients taken together: a request is present from its first attempt to
/// its final answer. Times are in nanoseconds, areas in call-nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Start of the window: the last reset.
    pub since_ns: u64,
    /// End of the window.
    pub now_ns: u64,
    /// Calls present at the start of the window.
    pub present_at_start: u64,
    /// Calls admitted.
    pub arrivals: u64,
    /// Admitted calls that left, whatever the outcome. `present = present_at_start + arrivals − departures`.
    pub departures: u64,
    /// Calls that left well.
    pub completed: u64,
    /// Calls that left well while somebody still wanted the answer.
    pub good: u64,
    /// Calls refused at the door or failed inside, by cause. Refused calls are no arrivals.
    pub failures: Failures,
    /// Calls refused at the door: part of `failures`.
    pub refused: u64,
    /// Calls present now.
    pub present: u64,
    /// Calls waiting in line now.
    pub waiting: u64,
    /// Slots working now.
    pub busy: u64,
    /// Slots taken now: working, or waiting for others.
    pub held: u64,
    /// Slots on offer now, instances counted; 0 for a component without slots.
    pub slots: u64,
    /// ∫ present dt.
    pub present_area: u128,
    /// ∫ waiting dt.
    pub waiting_area: u128,
    /// ∫ busy dt.
    pub busy_area: u128,
    /// ∫ held dt.
    pub held_area: u128,
    /// ∫ slots dt.
    pub slots_area: u128,
    /// Sum of the times from arrival to departure, over departures: for a client over all its
    /// requests, those that failed included.
    pub sojourn_sum_ns: u128,
    /// Number of calls that left the line.
    pub waits: u64,
    /// Sum of the times in line, over the calls that left it.
    pub wait_sum_ns: u128,
    /// Messages over long-lived connections that passed a gateway without a slot: part of `arrivals`.
    pub passed: u64,
    /// Calls whose own work was finished.
    pub services: u64,
    /// Sum of the own work, over the calls whose own work was finished.
    pub service_sum_ns: u128,
    /// Cache lookups that found the key; calls to a function that found a warm instance; calls
    /// through a DNS whose session remembered an answer.
    pub hits: u64,
    /// Cache lookups that did not.
    pub misses: u64,
    /// Reads (of a cache, a replica, or by a client's reply) for which an age is known.
    pub versioned_reads: u64,
    /// Of those, reads that returned a version older than the primary's.
    pub stale_reads: u64,
    /// Sum over the stale reads of how long the answer had been out of date.
    pub stale_age_sum_ns: u128,
    /// Log records applied (replica).
    pub applied: u64,
    /// Sum of the times from commit to applied (replica).
    pub lag_sum_ns: u128,
    /// Messages delivered (queue), redeliveries included.
    pub deliveries: u64,
    /// Deliveries that were not a message's first (queue).
    pub redeliveries: u64,
    /// Deliveries that ended well after the queue had stopped waiting for them (queue): the message
    /// was, or will be, delivered again, or was given up.
    pub duplicates: u64,
    /// Messages lost with the consumer that had acknowledged them before working (queue), and
    /// messages lost with a crash.
    pub lost_messages: u64,
    /// Time in which it was down or stood still: crashed, hung, paused, or not one instance up and
    /// going on. Requests that fail say nothing here, and a box that nobody asks can be down.
    pub down_ns: u64,
    /// Instances that boot, serve, drain or are kept ready now, and so cost; 0 without autoscaler and
    /// deploys.
    pub instances: u64,
    /// ∫ such instances dt.
    pub instances_area: u128,
    /// Calls that instances of the newest version have ended, since that is there.
    pub new_calls: u64,
    /// Of them those that failed.
    pub new_failed: u64,
    /// ∫ instances that serve with the newest version dt.
    pub new_area: u128,
    /// Long-lived connections that are open now: at a client its users', at a server those to it.
    pub connections: u64,
    /// ∫ such connections dt.
    pub connections_area: u128,
    /// Connections that were opened.
    pub opened: u64,
    /// Connections that their users closed.
    pub closed: u64,
    /// Connections that broke.
    pub broken: u64,
    /// Openings tried again, by a client's users whose connection broke or could not be opened.
    pub reconnects: u64,
}

impl Totals {
    /// Length of the window in seconds.
    pub fn window_secs(&self) -> f64 {
        Duration::from_nanos(self.now_ns - self.since_ns).secs()
    }

    /// Adds what was counted elsewhere over the same window.
    pub fn add(&mut self, other: &Self) {
        self.since_ns = self.since_ns.min(other.since_ns);
        self.present_at_start += other.present_at_start;
        self.arrivals += other.arrivals;
        self.departures += other.departures;
        self.completed += other.completed;
        self.good += other.good;
        for (sum, more) in self.failures.0.iter_mut().zip(other.failures.0) {
            *sum += more;
        }
        self.refused += other.refused;
        self.present += other.present;
        self.waiting += other.waiting;
        self.busy += other.busy;
        self.held += other.held;
        self.slots += other.slots;
        self.present_area += other.present_area;
        self.waiting_area += other.waiting_area;
        self.busy_area += other.busy_area;
        self.held_area += other.held_area;
        self.slots_area += other.slots_area;
        self.sojourn_sum_ns += other.sojourn_sum_ns;
        self.waits += other.waits;
        self.passed += other.passed;
        self.wait_sum_ns += other.wait_sum_ns;
        self.services += other.services;
        self.service_sum_ns += other.service_sum_ns;
        self.hits += other.hits;
        self.misses += other.misses;
        self.versioned_reads += other.versioned_reads;
        self.stale_reads += other.stale_reads;
        self.stale_age_sum_ns += other.stale_age_sum_ns;
        self.applied += other.applied;
        self.lag_sum_ns += other.lag_sum_ns;
        self.deliveries += other.deliveries;
        self.redeliveries += other.redeliveries;
        self.duplicates += other.duplicates;
        self.lost_messages += other.lost_messages;
        self.connections += other.connections;
        self.connections_area += other.connections_area;
        self.opened += other.opened;
        self.closed += other.closed;
        self.broken += other.broken;
        self.reconnects += other.reconnects;
    }
}

/// What was counted on one connection between `since_ns` and `now_ns`, as its caller sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionTotals {
    /// Start of the window: the last reset.
    pub since_ns: u64,
    /// End of the window.
    pub now_ns: u64,
    /// Attempts made, retries included.
    pub attempts: u64,
    /// Attempts that were not the first.
    pub retries: u64,
    /// Callees that were told that nobody waits any more.
    pub cancels: u64,
    /// Second attempts made before the first had ended.
    pub hedges: u64,
    /// Of those, the ones that were answered first.
    pub hedges_won: u64,
    /// Attempts answered well.
    pub completed: u64,
    /// Attempts that failed, by cause.
    pub failures: Failures,
    /// Attempts under way now, abandoned ones not counted.
    pub present: u64,
    /// Attempts under way at the start of the window.
    pub present_at_start: u64,
    /// Sum over the ended attempts of the time until the caller knew.
    pub sojourn_sum_ns: u128,
    /// Log records sent (replication link).
    pub records: u64,
    /// State of its circuit breaker now, if it has one.
    pub breaker: Option<super::BreakerState>,
    /// How many times the breaker opened.
    pub opened: u64,
    /// How long the breaker was open.
    pub open_ns: u64,
    /// Retries and second attempts that were not made because the retry budget was used up.
    pub denied: u64,
    /// Places in its pool, if it has one.
    pub places: Option<u32>,
    /// Places taken now.
    pub places_used: u64,
    /// ∫ places taken dt.
    pub places_area: u128,
    /// Attempts waiting for a place now.
    pub waiting: u64,
    /// ∫ waiting dt.
    pub waiting_area: u128,
    /// Attempts that got a place or gave up waiting for one.
    pub waits: u64,
    /// Sum of the times they had waited.
    pub wait_sum_ns: u128,
    /// What it carried to the callee, and back, where messages have sizes.
    pub carried: Option<[Carried; 2]>,
}

/// What passed over one way of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Whether the connection has a bandwidth.
    pub is_limited: bool,
    /// Messages that came to be sent.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u128,
    /// How long something was being sent.
    pub busy_ns: u128,
    /// Sum of the times that the messages take to be sent, once it is their turn.
    pub sending_sum_ns: u128,
    /// Sum of the times that the messages waited for others to be sent.
    pub wait_sum_ns: u128,
}

impl Carried {
    /// Two windows of independent runs as one.
    #[must_use]
    pub fn pooled(self, other: Self) -> Self {
        Self {
            is_limited: self.is_limited,
            messages: self.messages + other.messages,
            bytes: self.bytes + other.bytes,
            busy_ns: self.busy_ns + other.busy_ns,
            sending_sum_ns: self.sending_sum_ns + other.sending_sum_ns,
            wait_sum_ns: self.wait_sum_ns + other.wait_sum_ns,
        }
    }
}

impl ConnectionTotals {
    /// Second attempts in proportion to the others: how much more hedging asks of the callee, 0.05 for
    /// one in twenty. `None`: there were none.
    pub fn hedge_share(&self) -> Option<f64> {
        let others = self.attempts.saturating_sub(self.hedges);
        (self.hedges > 0 && others > 0).then(|| self.hedges as f64 / others as f64)
    }
}
