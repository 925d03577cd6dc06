//! Calls in flight, and the store that holds them.

use super::measure::Cause;

/// No call, connection, instance or target.
pub(super) const NONE: u32 = u32::MAX;

/// Where a call is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// The record is not in use.
    Free,
    /// Its caller waits before it tries again.
    Backoff,
    /// On its way to the callee, or back.
    Transit,
    /// Lost under way; the caller does not know yet.
    Lost,
    /// In line for a slot; a message that can be delivered.
    Queued,
    /// Has a slot and works.
    Working,
    /// Waits for calls of its own; a message that was delivered.
    Waiting,
    /// Could go on, but its component stands still.
    Stuck,
    /// Killed; the record waits for its event or its own calls to end.
    Dead,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Verb {
    /// What the operation says: read or write.
    Request,
    /// Put a fetched key into a look-aside cache.
    Fill,
    /// Remove a written key from a look-aside cache.
    Invalidate,
    /// Apply the next log record at a replica.
    Apply,
    /// A message held by a queue.
    Message,
}

/// How a call, or the last step of a plan, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Well,
    /// A cache did not have the key.
    Missed,
    Failed(Cause),
}

impl Outcome {
    pub fn failed(self) -> Option<Cause> {
        match self {
            Self::Failed(cause) => Some(cause),
            Self::Well | Self::Missed => None,
        }
    }
}

/// Flags of a call.
pub(super) mod flag {
    /// An event in the future-event list names this record.
    pub const SCHEDULED: u8 = 1;
    /// Stands in its connection's list of timeouts.
    pub const TIMED: u8 = 2;
    /// Nobody waits, but its connection's timeout and retries apply.
    pub const ASYNC: u8 = 4;
    /// Its hops are recorded.
    pub const SAMPLED: u8 = 8;
    /// The answer is an old version.
    pub const STALE: u8 = 16;
    /// Staleness of the answer is known.
    pub const VERSIONED: u8 = 32;
    /// Holds a queue's permit to deliver to this consumer.
    pub const CONSUMING: u8 = 64;
}

/// One visit of one request to one component, or one attempt at it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// When it arrived at the component.
    pub arrived: u64,
    /// When its own work started.
    pub started: u64,
    /// When the caller sent this attempt.
    pub sent: u64,
    /// When the caller walks away; before a retry the length of the wait.
    pub deadline: u64,
    pub request: u64,
    /// Version that was read or written; for a fill the one to keep.
    pub version: u64,
    /// While working: how long the component had stood still when the work started. Once its time
    /// has come while the component stands still: when that was.
    pub mark: u64,
    /// The call that waits for this one.
    pub parent: u32,
    /// Connection whose caller waits: its timeout and retries apply.
    pub leg: u32,
    /// Connection it came over. Differs from `leg` after a forward.
    pub via: u32,
    pub component: u32,
    pub instance: u32,
    /// Position among the balancer's targets.
    pub target: u32,
    /// Behind it in line, or the next free record.
    pub next: u32,
    pub timer_before: u32,
    pub timer_after: u32,
    pub key: u32,
    pub session: u32,
    /// Own calls not answered yet.
    pub pending: u32,
    /// Connection to the look-aside cache that missed; for a message its delivery under way.
    pub missed: u32,
    /// Database that `version` is of.
    pub store: u32,
    /// Next step of the plan; for a message the deliveries so far.
    pub step: u32,
    pub attempt: u32,
    pub operation: u8,
    pub state: State,
    pub verb: Verb,
    pub flags: u8,
    pub outcome: Outcome,
}

impl Call {
    pub const BLANK: Self = Self {
        arrived: 0,
        started: 0,
        sent: 0,
        deadline: 0,
        request: 0,
        version: 0,
        mark: 0,
        parent: NONE,
        leg: NONE,
        via: NONE,
        component: NONE,
        instance: NONE,
        target: NONE,
        next: NONE,
        timer_before: NONE,
        timer_after: NONE,
        key: 0,
        session: 0,
        pending: 0,
        missed: NONE,
        store: NONE,
        step: 0,
        attempt: 0,
        operation: 0,
        state: State::Free,
        verb: Verb::Request,
        flags: 0,
        outcome: Outcome::Well,
    };

    #[inline]
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether a caller, or a policy on its behalf, still reacts to the answer.
    #[inline]
    pub fn is_wanted(&self) -> bool {
        self.parent != NONE || self.has(flag::ASYNC)
    }
}

/// Every call in flight. Records are reused, so memory follows the most calls ever in flight.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    records: Vec<Call>,
    free: u32,
    live: u32,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            free: NONE,
            live: 0,
        }
    }
}

/// The most calls in flight, some four gigabytes of them. A record's number shares 32 bits with the
/// kind of its event, so more than 2²⁸ could not be.
pub(super) const MOST_CALLS: u32 = 1 << 25;

impl Calls {
    /// Puts a call in and returns its number.
    #[inline]
    pub fn add(&mut self, call: Call) -> u32 {
        self.live += 1;
        let id = self.free;
        if id == NONE {
            return self.grow(call);
        }
        let record = &mut self.records[id as usize];
        self.free = record.next;
        *record = call;
        id
    }

    #[cold]
    fn grow(&mut self, call: Call) -> u32 {
        let id = self.records.len() as u32;
        self.records.push(call);
        id
    }

    /// Gives a record back.
    #[inline]
    pub fn remove(&mut self, id: u32) {
        let free = self.free;
        let record = &mut self.records[id as usize];
        debug_assert!(record.state != State::Free && !record.has(flag::TIMED | flag::SCHEDULED));
        record.state = State::Free;
        record.next = free;
        self.free = id;
        self.live -= 1;
    }

    /// Number of calls in flight.
    pub fn live(&self) -> u32 {
        self.live
    }

    /// Whether no further call fits.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.live >= MOST_CALLS
    }

    /// Every call in flight with its number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Call)> {
        self.records
            .iter()
            .enumerate()
            .filter(|(_, call)| call.state != State::Free)
            .map(|(id, call)| (id as u32, call))
    }

    /// Every call in flight.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Call> {
        self.records
            .iter_mut()
            .filter(|call| call.state != State::Free)
    }
}

impl std::ops::Index<u32> for Calls {
    type Output = Call;
    #[inline]
    fn index(&self, id: u32) -> &Call {
        &self.records[id as usize]
    }
}

impl std::ops::IndexMut<u32> for Calls {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Call {
        &mut self.records[id as usize]
    }
}
