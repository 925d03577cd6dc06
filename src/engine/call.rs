//! Calls in flight, and the store that holds them.

use super::{guard::held, measure::Cause};

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
    /// In line at its caller for a place in the pool of its connection.
    AtGate,
    /// Lost under way; the caller does not know yet.
    Lost,
    /// Under way and cancelled: it is dropped when it arrives.
    Revoked,
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
    pub const SCHEDULED: u16 = 1;
    /// Stands in a list of timeouts.
    pub const TIMED: u16 = 2;
    /// Nobody waits, but its connection's timeout and retries apply.
    pub const ASYNC: u16 = 4;
    /// Its hops are recorded.
    pub const SAMPLED: u16 = 8;
    /// The answer is an old version.
    pub const STALE: u16 = 16;
    /// The version of the answer, and so its staleness, is known.
    pub const VERSIONED: u16 = 32;
    /// Holds a queue's permit to deliver to an instance.
    pub const CONSUMING: u16 = 64;
    /// A balancer picked its target.
    pub const BALANCED: u16 = 128;
    /// A look-aside cache did not have the key.
    pub const MISSED: u16 = 256;
    /// A health check: its caller has no record. [`Rare::timer_before`] is the box that checks,
    /// [`Rare::target`] the position among its targets, [`Rare::waited`] the round of checks. On its
    /// way back it is in no component.
    pub const PROBE: u16 = 8192;
    /// For a long-lived connection ([`Rare::pin`]): a request of its user, on its way to the server.
    pub const PINNED: u16 = 32768;
    /// Came over the route `leg`: the balancers on it, and a client without `parent`, have no records.
    pub const ON_ROUTE: u16 = 512;
    /// The guards of its connection want to know when it ends.
    pub const GUARDED: u16 = 1024;
    /// Stands in the list of its caller's calls that may end with it (`cancel`).
    pub const KIN: u16 = 2048;
    /// Has such a list: [`Rare::first_kin`].
    pub const HAS_KIN: u16 = 4096;
}

/// One visit of one request to one component, or one attempt at it: a cache line of what every call
/// needs. What only some need is in [`Rare`].
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Call {
    /// When it arrived at the component.
    pub arrived: u64,
    /// When its own work started; for a message when it came, or came back, into line.
    pub started: u64,
    /// When the caller sent this attempt. Of a request at its client, and with [`flag::ON_ROUTE`]: its
    /// number, counted from 1.
    pub sent: u64,
    /// The call that waits for this one.
    pub parent: u32,
    /// Connection whose caller waits: its timeout and retries apply. With [`flag::ON_ROUTE`] the
    /// route.
    pub leg: u32,
    /// Connection it came over. Differs from `leg` after a forward. With [`flag::ON_ROUTE`] the session.
    pub via: u32,
    pub component: u32,
    pub instance: u32,
    /// Behind it in line, or the next free record.
    pub next: u32,
    /// Own calls not answered yet.
    pub pending: u32,
    pub key: u32,
    pub flags: u16,
    /// Next step of the plan; for a message the deliveries so far; for a log record 1 when its
    /// primary is no longer the replica's.
    pub step: u8,
    pub attempt: u8,
    pub operation: u8,
    pub state: State,
    pub verb: Verb,
    pub outcome: Outcome,
}

/// What only some calls have. A record is used again as it was left: each field holds only while
/// what it says is so.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Rare {
    /// When the caller walks away. With [`flag::TIMED`].
    pub deadline: u64,
    /// Number of the request. With [`flag::SAMPLED`].
    pub request: u64,
    /// What is drawn about the request as a whole follows from it. With `Simulation::luck_matters`.
    pub luck: u64,
    /// Version that was read or written; for a fill the one to keep. With [`flag::VERSIONED`].
    pub version: u64,
    /// How long the component had stood still when the work started; once the work should have
    /// ended while the component stood still, when that was. While working in a component that has
    /// ever stood still. With [`flag::STALE`] since when the answer has been out of date.
    pub mark: u64,
    /// How long the instance had been in pauses when the work started; when the work has been put off
    /// by one under way, when it is over. While working in a component with pauses.
    pub paused: u64,
    /// The wait before the attempt at hand. After a back-off.
    pub waited: u64,
    /// Position among the balancer's targets. With [`flag::BALANCED`]. With [`flag::CONSUMING`] the
    /// instance whose permit it holds.
    pub target: u32,
    /// Neighbours in the list of timeouts. With [`flag::TIMED`].
    pub timer_before: u32,
    pub timer_after: u32,
    /// With `Simulation::details_matter`, and without [`flag::ON_ROUTE`]: the session, where somebody
    /// looks at it, and the frame that whoever asked is in; [`NONE`]: in none.
    pub session: u32,
    pub region: u32,
    /// Connection to the look-aside cache that missed last. With [`flag::MISSED`]. For a message that
    /// is being worked on: its delivery.
    pub missed: u32,
    /// Database that `version` is of. With [`flag::VERSIONED`].
    pub store: u32,
    /// Which long-lived connection it is for ([`super::channel::Pin`]). With [`flag::PINNED`].
    pub pin: u32,
    /// When it came into the line of a pool, and until when it waits. In [`State::AtGate`]. When it was
    /// sent on, with [`super::guard::held::FIRST`], and when it is hedged, with
    /// [`super::guard::held::DUE`].
    pub since: u64,
    pub until: u64,
    /// Neighbours in the line of either.
    pub before: u32,
    pub after: u32,
    /// Era of the breaker it set off in. With [`super::guard::held::VERDICT`].
    pub era: u32,
    /// See [`super::guard::held`]. With [`flag::GUARDED`].
    pub holds: u8,
    /// The first in the list of its calls that may end with it. With [`flag::HAS_KIN`].
    pub first_kin: u32,
    /// Neighbours in such a list. With [`flag::KIN`].
    pub kin_before: u32,
    pub kin_after: u32,
    /// When its callee hears that it is cancelled; 0: it is not. Of a call that has had a caller.
    pub cancel_at: u64,
    /// The other attempt at the same. With [`super::guard::held::TWIN`].
    pub twin: u32,
}

impl Call {
    pub const BLANK: Self = Self {
        arrived: 0,
        started: 0,
        sent: 0,
        parent: NONE,
        leg: NONE,
        via: NONE,
        component: NONE,
        instance: NONE,
        next: NONE,
        pending: 0,
        key: 0,
        flags: 0,
        step: 0,
        attempt: 0,
        operation: 0,
        state: State::Free,
        verb: Verb::Request,
        outcome: Outcome::Well,
    };

    #[inline]
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// One of its calls did not find the key.
    #[inline(always)]
    pub fn note_miss(&mut self) {
        if self.outcome == Outcome::Well {
            self.outcome = Outcome::Missed;
        }
        self.flags |= flag::MISSED;
    }

    /// Whether it is in a box, and dies with it. Messages in a queue are on disk.
    pub fn is_inside(&self) -> bool {
        self.verb != Verb::Message
            && matches!(
                self.state,
                State::Queued | State::Working | State::Waiting | State::Stuck
            )
    }

    /// Whether a caller, or a policy on its behalf, still reacts to the answer.
    #[inline]
    pub fn is_wanted(&self) -> bool {
        self.parent != NONE || self.has(flag::ASYNC | flag::ON_ROUTE)
    }
}

impl Rare {
    const BLANK: Self = Self {
        deadline: 0,
        request: 0,
        luck: 0,
        version: 0,
        mark: 0,
        paused: 0,
        waited: 0,
        target: NONE,
        timer_before: NONE,
        timer_after: NONE,
        session: 0,
        region: NONE,
        missed: NONE,
        store: NONE,
        pin: 0,
        since: 0,
        until: 0,
        before: NONE,
        after: NONE,
        era: 0,
        holds: 0,
        first_kin: NONE,
        kin_before: NONE,
        kin_after: NONE,
        cancel_at: 0,
        twin: NONE,
    };
}

/// Every call in flight. Records are used again, so memory follows the most calls ever in flight.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    records: Vec<Call>,
    rare: Vec<Rare>,
    free: u32,
    /// No request is made when there are so many records.
    most: usize,
    /// The most that `most` may be: [`MOST_CALLS`], but for tests.
    pub limit: usize,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            rare: Vec::new(),
            free: NONE,
            most: MOST_CALLS as usize,
            limit: MOST_CALLS as usize,
        }
    }
}

/// The most records, some four gigabytes of them: no request is made when there are as many. One on a
/// route counts as all that it stands for. A record's number shares 32 bits with the kind of its
/// event, so more than 2²⁸ could not be.
pub(super) const MOST_CALLS: u32 = 1 << 25;

impl Calls {
    /// Puts a call in and returns its number.
    #[inline(always)]
    pub fn add(&mut self, call: Call) -> u32 {
        if self.free == NONE {
            self.grow();
        }
        let id = self.free;
        let record = &mut self.records[id as usize];
        self.free = record.next;
        // Field by field: a call built elsewhere and copied here would stall on its own stores.
        // `next` is set by whoever puts it in line.
        record.arrived = call.arrived;
        record.started = call.started;
        record.sent = call.sent;
        record.parent = call.parent;
        record.leg = call.leg;
        record.via = call.via;
        record.component = call.component;
        record.instance = call.instance;
        record.pending = call.pending;
        record.key = call.key;
        record.flags = call.flags;
        record.step = call.step;
        record.attempt = call.attempt;
        record.operation = call.operation;
        record.state = call.state;
        record.verb = call.verb;
        record.outcome = call.outcome;
        id
    }

    /// As [`Self::add`], for a call on a route. What it does not need, or has not yet changed, is
    /// left as it was when the record was given back.
    #[inline(always)]
    pub fn add_on_route(&mut self, call: Call) -> u32 {
        if self.free == NONE {
            self.grow();
        }
        let id = self.free;
        let record = &mut self.records[id as usize];
        self.free = record.next;
        debug_assert!(record.is_new());
        record.arrived = call.arrived;
        record.started = call.started;
        record.sent = call.sent;
        record.parent = call.parent;
        record.leg = call.leg;
        record.via = call.via;
        record.component = call.component;
        record.instance = call.instance;
        record.key = call.key;
        record.flags = call.flags;
        record.operation = call.operation;
        record.state = call.state;
        id
    }

    /// Makes one more record.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let len = self.records.len();
        if len == self.records.capacity() {
            // Doubled from the start on, so that a busy moment seldom needs more.
            let more = len.max(1024);
            self.records.reserve_exact(more);
            self.rare.reserve_exact(more);
        }
        self.free = len as u32;
        self.records.push(Call::BLANK);
        self.rare.push(Rare::BLANK);
    }

    /// Gives a record back.
    #[inline(always)]
    pub fn remove(&mut self, id: u32) {
        self.open().remove(id);
    }

    /// The records, to be looked up many times without looking up where they are.
    #[inline(always)]
    pub fn open(&mut self) -> Opened<'_> {
        Opened {
            records: &mut self.records,
            free: &mut self.free,
        }
    }

    #[inline]
    pub fn rare(&self, id: u32) -> &Rare {
        &self.rare[id as usize]
    }

    #[inline]
    pub fn rare_mut(&mut self, id: u32) -> &mut Rare {
        &mut self.rare[id as usize]
    }

    /// A balancer has picked the target of a call, unless `target` is [`NONE`].
    #[inline(always)]
    pub fn note_target(&mut self, id: u32, target: u32) {
        if target != NONE {
            self.rare_mut(id).target = target;
        }
    }

    /// A call is of a session, and of no region: where routes are open those matter to nobody.
    pub fn note_session(&mut self, id: u32, session: u32) {
        let rare = self.rare_mut(id);
        rare.session = session;
        rare.region = NONE;
    }

    /// `id` is the last in line, behind `before` if there is one.
    #[inline(always)]
    pub fn follow(&mut self, before: u32, id: u32) {
        self[id].next = NONE;
        if before != NONE {
            self[before].next = id;
        }
    }

    /// Takes a call out of a line that stands behind `head` in the records.
    pub fn take_out(&mut self, head: &mut u32, tail: &mut u32, id: u32) {
        let next = self[id].next;
        let mut before = NONE;
        let mut at = *head;
        while at != id {
            debug_assert_ne!(at, NONE);
            (before, at) = (at, self[at].next);
        }
        if before == NONE {
            *head = next;
        } else {
            self[before].next = next;
        }
        if *tail == id {
            *tail = before;
        }
    }

    /// Position among its balancer's targets.
    #[inline]
    pub fn target(&self, id: u32) -> u32 {
        if self[id].has(flag::BALANCED) {
            self.rare(id).target
        } else {
            NONE
        }
    }

    /// Version of the answer and the database it is of; 0 and [`NONE`] when nobody knows.
    pub fn version(&self, id: u32) -> (u64, u32) {
        if self[id].has(flag::VERSIONED) {
            let rare = self.rare(id);
            (rare.version, rare.store)
        } else {
            (0, NONE)
        }
    }

    /// The answer has been out of date since then.
    pub fn set_stale(&mut self, id: u32, since: u64) {
        let earlier = self.stale_since(id);
        self[id].flags |= flag::STALE;
        self.rare_mut(id).mark = earlier.map_or(since, |earlier| earlier.min(since));
    }

    /// Since when the answer has been out of date, if it is.
    pub fn stale_since(&self, id: u32) -> Option<u64> {
        self[id].has(flag::STALE).then(|| self.rare(id).mark)
    }

    pub fn set_version(&mut self, id: u32, version: u64, store: u32) {
        self[id].flags |= flag::VERSIONED;
        let rare = self.rare_mut(id);
        rare.version = version;
        rare.store = store;
    }

    /// Number of records that are not in use.
    pub fn count_free(&self) -> usize {
        let next = |&at: &u32| Some(self[at].next).filter(|next| *next != NONE);
        std::iter::successors(Some(self.free).filter(|at| *at != NONE), next).count()
    }

    /// Number of records, in use or not.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether no further call fits.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.free == NONE && self.records.len() >= self.most
    }

    /// Each call may need so many records all at once. Says whether there is room for them; if not,
    /// the limit is for calls that need but one.
    pub fn make_room_for(&mut self, each: usize) -> bool {
        let most = self.limit / each;
        // What is free now will be used again without being counted.
        let fits = self.records.len() <= most;
        self.most = if fits { most } else { self.limit };
        fits
    }

    /// Every call in flight with its number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Call)> {
        self.records
            .iter()
            .enumerate()
            .filter(|(_, call)| call.state != State::Free)
            .map(|(id, call)| (id as u32, call))
    }

    /// The calls in flight like this, in an order that does not depend on which records they have.
    pub fn find(&self, is_like_this: impl Fn(&Call) -> bool) -> Vec<u32> {
        let calls = self.iter().filter(|(_, call)| is_like_this(call));
        let mut found: Vec<u32> = calls.map(|(id, _)| id).collect();
        found.sort_by_key(|id| {
            let call = &self[*id];
            let parent = self.records.get(call.parent as usize);
            let is_second = call.has(flag::GUARDED) && self.rare(*id).holds & held::SECOND != 0;
            let pin = call.has(flag::PINNED).then(|| self.rare(*id).pin);
            (
                (call.sent, call.arrived, call.leg, is_second, pin),
                parent.map(|parent| (parent.sent, parent.arrived)),
                (call.key, call.operation, call.attempt, call.instance),
                // Those that came together and ask for the same.
                self.request_of(*id),
            )
        });
        found
    }

    /// The number of the request on whose behalf a call is made; 0: nobody asks any more.
    fn request_of(&self, mut id: u32) -> u64 {
        while self[id].parent != NONE {
            id = self[id].parent;
        }
        let first = &self[id];
        if first.leg == NONE || first.has(flag::ON_ROUTE) {
            first.sent
        } else {
            0
        }
    }

    /// Every call in flight with what is rare.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&mut Call, &mut Rare)> {
        self.records
            .iter_mut()
            .zip(&mut self.rare)
            .filter(|(call, _)| call.state != State::Free)
    }
}

/// See [`Calls::open`].
pub(super) struct Opened<'a> {
    pub records: &'a mut [Call],
    pub free: &'a mut u32,
}

impl Opened<'_> {
    /// Gives a record back.
    #[inline(always)]
    pub fn remove(&mut self, id: u32) {
        let record = &mut self.records[id as usize];
        record.pending = 0;
        record.step = 0;
        record.attempt = 0;
        record.verb = Verb::Request;
        record.outcome = Outcome::Well;
        record.give_back(id, self.free);
    }
}

impl Call {
    /// What only some calls change is as in [`Self::BLANK`].
    fn is_new(&self) -> bool {
        (self.pending, self.step, self.attempt) == (0, 0, 0)
            && (self.verb, self.outcome) == (Verb::Request, Outcome::Well)
    }

    /// The record `id`, which is as good as new, is no longer in use.
    #[inline(always)]
    pub fn give_back(&mut self, id: u32, free: &mut u32) {
        debug_assert!(self.is_new());
        debug_assert!(self.state != State::Free && !self.has(flag::TIMED | flag::SCHEDULED));
        self.state = State::Free;
        self.next = std::mem::replace(free, id);
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
