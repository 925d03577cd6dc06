//! Long-lived connections: users who each keep one open, and send messages over it.
//!
//! To tell them from arrows, they are called channels here. A channel is a record of its own, for as
//! long as its user is there, with one alarm ahead: the next message, its end, or the next attempt to
//! open it. Opening is a request; where it was let in is said by its calls, from the server back to
//! the user ([`Steps`]), and messages are led the same way. The channels of an instance stand in a
//! list, so that nobody has to be searched for when it goes down.

mod breaks;
mod moves;
mod passing;
mod way;

use super::{
    Simulation,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::Part,
    event,
    measure::{Cause, Totals},
    meter::Level,
    random::{Sampler, Stream, Ziggurat},
};
use crate::scenario::LongLived;
pub(super) use moves::Ways;
pub(super) use way::{Choice, Pin, Steps};

/// A user who is refused before any time has passed tries again after this.
const LEAST_PAUSE_NS: u64 = 1_000_000;

/// The most channels there may be, some gigabyte of them: their numbers have 23 bits of a [`Pin`].
pub(super) const MOST_CHANNELS: usize = 1 << 23;

/// What a user's channel is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The record is not in use.
    Free,
    /// Nothing is open, and will be tried.
    Away,
    /// The request to open it is under way.
    Opening,
    Open,
}

/// One user, and the connection that the user has, or would have.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub client: u32,
    /// Grows with every user who leaves; see [`Pin`].
    era: u8,
    pub phase: Phase,
    /// The user leaves as soon as the request to open it is answered.
    leaves: bool,
    /// It broke, or could not be opened: the next attempt is one to get it back.
    lost: bool,
    session: u32,
    /// Where it is open, or is being opened; [`NONE`]: nowhere yet.
    pub instance: u32,
    /// Neighbours among those of the instance; of a record not in use `after` is the next one.
    before: u32,
    after: u32,
    /// The user's arrow, and what was chosen on the way. With an instance.
    arrow: u32,
    steps: Steps,
    /// When its alarm is due; `u64::MAX`: there is none. An event at another time is left over.
    due: u64,
    message_at: u64,
    close_at: u64,
    /// When nothing will have come through for too long; `u64::MAX`: the way is well.
    doubt_at: u64,
}

/// The channels of one instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    first: u32,
    last: u32,
    /// With those being opened.
    listed: u32,
    open: u32,
}

impl Place {
    const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
        listed: 0,
        open: 0,
    };
}

/// Every channel.
#[derive(Clone, Debug)]
pub(super) struct Channels {
    pub all: Vec<Channel>,
    free: u32,
    /// By instance. Empty where no box can have any.
    places: Vec<Place>,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            free: NONE,
            places: Vec::new(),
        }
    }
}

/// The books of a box that has channels: a client for those of its users, a server for those to it.
#[derive(Clone, Debug)]
pub(super) struct Sockets {
    /// Those that are open.
    open: Level,
    opened: u64,
    closed: u64,
    broken: u64,
    reconnects: u64,
    /// Most that an instance may have.
    most: u32,
}

impl Sockets {
    pub fn new(most: Option<u32>) -> Self {
        Self {
            open: Level::default(),
            opened: 0,
            closed: 0,
            broken: 0,
            reconnects: 0,
            most: most.unwrap_or(u32::MAX),
        }
    }

    /// Takes over the books from before an edit.
    pub fn adopt(&mut self, old: &Self) {
        *self = Self {
            most: self.most,
            ..old.clone()
        };
    }

    /// Forgets what was counted; what is open stays.
    pub fn reset(&mut self, now: u64) {
        self.open.reset(now);
        (self.opened, self.closed) = (0, 0);
        (self.broken, self.reconnects) = (0, 0);
    }

    /// Adds what was counted.
    pub fn count(&self, totals: &mut Totals) {
        totals.connections += self.open.now();
        totals.connections_area += self.open.area(totals.now_ns);
        totals.opened += self.opened;
        totals.closed += self.closed;
        totals.broken += self.broken;
        totals.reconnects += self.reconnects;
    }
}

/// The users of a client with long-lived connections.
#[derive(Clone, Debug)]
pub(super) struct Holders {
    hold: Sampler,
    every: Sampler,
    away: Sampler,
    reconnect: Sampler,
    heartbeat: u64,
    /// The operation of opening.
    connect: Option<u8>,
    /// Users that exist now.
    count: u32,
    hold_stream: Stream,
    message_stream: Stream,
    away_stream: Stream,
    reconnect_stream: Stream,
}

impl Holders {
    pub fn new((seed, name): (u64, &str), drawn: &LongLived, connect: Option<u8>) -> Self {
        let stream = |purpose| Stream::new(seed, name, purpose);
        Self {
            hold: Sampler::new(&drawn.hold),
            every: Sampler::new(&drawn.every),
            away: Sampler::new(&drawn.away),
            reconnect: Sampler::new(&drawn.reconnect),
            heartbeat: drawn.heartbeat.nanos(),
            connect,
            count: 0,
            hold_stream: stream("hold"),
            message_stream: stream("messages"),
            away_stream: stream("away"),
            reconnect_stream: stream("reconnect"),
        }
    }

    /// Takes over the state of the client it was before an edit.
    pub fn adopt(&mut self, old: &Self) {
        self.count = old.count;
        self.hold_stream = old.hold_stream.clone();
        self.message_stream = old.message_stream.clone();
        self.away_stream = old.away_stream.clone();
        self.reconnect_stream = old.reconnect_stream.clone();
    }

    fn draw_hold(&mut self, ziggurat: &Ziggurat) -> u64 {
        self.hold.draw(ziggurat, &mut self.hold_stream)
    }

    fn draw_gap(&mut self, ziggurat: &Ziggurat) -> u64 {
        self.every.draw(ziggurat, &mut self.message_stream)
    }

    fn draw_away(&mut self, ziggurat: &Ziggurat) -> u64 {
        self.away.draw(ziggurat, &mut self.away_stream)
    }

    fn draw_reconnect(&mut self, ziggurat: &Ziggurat) -> u64 {
        self.reconnect.draw(ziggurat, &mut self.reconnect_stream)
    }
}

impl Channels {
    /// Room for the channels of so many instances.
    pub fn with_places(instances: usize) -> Self {
        Self {
            places: vec![Place::EMPTY; instances],
            ..Self::default()
        }
    }

    /// A record for a user of `client`; `None` when there are as many as may be.
    fn add(&mut self, client: u32, session: u32) -> Option<u32> {
        let fresh = Channel {
            client,
            era: 0,
            phase: Phase::Away,
            leaves: false,
            lost: false,
            session,
            instance: NONE,
            before: NONE,
            after: NONE,
            arrow: NONE,
            steps: Steps::default(),
            due: u64::MAX,
            message_at: u64::MAX,
            close_at: u64::MAX,
            doubt_at: u64::MAX,
        };
        if self.free == NONE {
            let number = self.all.len();
            return (number < MOST_CHANNELS).then(|| {
                self.all.push(fresh);
                number as u32
            });
        }
        let number = self.free;
        let record = &mut self.all[number as usize];
        self.free = record.after;
        *record = Channel {
            era: record.era,
            ..fresh
        };
        Some(number)
    }

    fn give_back(&mut self, number: u32) {
        let channel = &mut self.all[number as usize];
        debug_assert_eq!(channel.instance, NONE);
        channel.phase = Phase::Free;
        channel.client = NONE;
        channel.era = channel.era.wrapping_add(1);
        channel.due = u64::MAX;
        channel.after = std::mem::replace(&mut self.free, number);
    }

    /// A channel is at an instance from now on, the last in its list.
    fn list(&mut self, number: u32, instance: u32) {
        let place = &mut self.places[instance as usize];
        place.listed += 1;
        let last = std::mem::replace(&mut place.last, number);
        if last == NONE {
            place.first = number;
        } else {
            self.all[last as usize].after = number;
        }
        let channel = &mut self.all[number as usize];
        (channel.before, channel.after) = (last, NONE);
        channel.instance = instance;
    }

    /// A channel is at no instance any more.
    fn unlist(&mut self, number: u32) {
        let channel = &mut self.all[number as usize];
        let instance = std::mem::replace(&mut channel.instance, NONE);
        if instance == NONE {
            return;
        }
        let (before, after) = (channel.before, channel.after);
        let place = &mut self.places[instance as usize];
        place.listed -= 1;
        if before == NONE {
            place.first = after;
        }
        if after == NONE {
            place.last = before;
        }
        if before != NONE {
            self.all[before as usize].after = after;
        }
        if after != NONE {
            self.all[after as usize].before = before;
        }
    }

    /// The first at an instance, or [`NONE`].
    fn first_at(&self, instance: u32) -> u32 {
        let place = self.places.get(instance as usize);
        place.map_or(NONE, |place| place.first)
    }
}

impl Simulation {
    /// How long one of the times of a client's users is.
    fn draw_for(&mut self, client: u32, time: fn(&mut Holders, &Ziggurat) -> u64) -> u64 {
        match self
            .components
            .get_mut(client as usize)
            .map(|of| &mut of.part)
        {
            Some(Part::Client(client)) => match &mut client.holders {
                Some(holders) => time(holders, &self.ziggurat),
                None => 0,
            },
            _ => 0,
        }
    }

    fn holders(&mut self, client: u32) -> Option<&mut Holders> {
        match &mut self.components.get_mut(client as usize)?.part {
            Part::Client(client) => client.holders.as_deref_mut(),
            _ => None,
        }
    }

    /// Users come until there are as many as there should be; those too many leave at once.
    pub(super) fn fill_up_channels(&mut self, at: u32, wanted: u32) {
        loop {
            let Some(holders) = self.holders(at) else {
                return;
            };
            if holders.count >= wanted {
                break;
            }
            let Part::Client(client) = &mut self.components[at as usize].part else {
                return;
            };
            let session = client.subjects.new_session();
            let Some(number) = self.channels.add(at, session) else {
                break;
            };
            let Some(holders) = &mut client.holders else {
                return;
            };
            holders.count += 1;
            let away = holders.draw_away(&self.ziggurat);
            self.set_due(number, self.now.saturating_add(away));
        }
        for number in (0..self.channels.all.len() as u32).rev() {
            let channel = &self.channels.all[number as usize];
            if channel.client != at || channel.leaves {
                continue;
            }
            let phase = channel.phase;
            match self.holders(at) {
                Some(holders) if holders.count > wanted => holders.count -= 1,
                _ => return,
            }
            match phase {
                Phase::Opening => self.channels.all[number as usize].leaves = true,
                Phase::Open => {
                    self.close_channel(number);
                    self.channels.give_back(number);
                }
                Phase::Away => self.channels.give_back(number),
                Phase::Free => {}
            }
        }
    }

    fn set_due(&mut self, number: u32, due: u64) {
        self.channels.all[number as usize].due = due;
        self.future.put(due, event::CHANNEL | number);
    }

    /// The alarm of an open channel is for what comes first.
    fn arm_channel(&mut self, number: u32) {
        let channel = &self.channels.all[number as usize];
        let due = channel.message_at.min(channel.close_at);
        self.set_due(number, due.min(channel.doubt_at));
    }

    /// The event of a channel.
    pub(super) fn channel_alarm(&mut self, number: u32) {
        let now = self.now;
        let Some(channel) = self.channels.all.get_mut(number as usize) else {
            return;
        };
        if channel.due != now {
            // Left over: something else has come in between.
            return;
        }
        channel.due = u64::MAX;
        match channel.phase {
            Phase::Away => self.try_to_open(number),
            Phase::Open if channel.doubt_at <= now => self.heartbeat_is_missing(number),
            Phase::Open if channel.close_at <= now => {
                self.close_channel(number);
                let client = self.channels.all[number as usize].client;
                let away = self.draw_for(client, Holders::draw_away);
                self.set_due(number, now.saturating_add(away));
            }
            Phase::Open if channel.message_at <= now => self.send_message(number),
            // A doubt that is over.
            Phase::Open => self.arm_channel(number),
            Phase::Free | Phase::Opening => {}
        }
    }

    fn send_message(&mut self, number: u32) {
        let client = self.channels.all[number as usize].client;
        let gap = self.draw_for(client, Holders::draw_gap);
        self.channels.all[number as usize].message_at = self.now.saturating_add(gap);
        self.arm_channel(number);
        self.ask_over(number, true);
    }

    fn try_to_open(&mut self, number: u32) {
        let channel = &mut self.channels.all[number as usize];
        channel.phase = Phase::Opening;
        let (client, lost) = (channel.client, channel.lost);
        if lost && let Some(sockets) = &mut self.components[client as usize].sockets {
            sockets.reconnects += 1;
        }
        if !self.ask_over(number, false) {
            self.not_opened(number, true);
        }
    }

    /// A user asks for a connection, or sends a message over the one that is open. Says whether there
    /// was room for the request.
    fn ask_over(&mut self, number: u32, is_message: bool) -> bool {
        let channel = &self.channels.all[number as usize];
        let (at, session, arrow) = (channel.client, channel.session, channel.arrow);
        let pin = Pin {
            number,
            era: channel.era,
            is_message,
        };
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return false;
        };
        if self.calls.is_full() {
            self.overflow = true;
            component.meter.turn_away(Cause::QueueFull);
            return false;
        }
        let (operation, key, _) = client.subjects.next(Some(session));
        let connect = client.holders.as_ref().and_then(|holders| holders.connect);
        let operation = connect.filter(|_| !is_message).unwrap_or(operation);
        let region = client.subjects.region_of(session);
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
        component.meter.enter(self.now);
        let straight = component.plan.straight;
        let known = if is_message { arrow } else { straight };
        let goes_at_once = known != NONE;
        let id = self.calls.add(Call {
            arrived: self.now,
            component: at,
            key,
            operation,
            verb: Verb::Request,
            state: if goes_at_once {
                State::Waiting
            } else {
                State::Transit
            },
            // With the answer it is through.
            step: if goes_at_once { u8::MAX } else { 0 },
            pending: u32::from(goes_at_once),
            flags: self.sampling.flag(request) | flag::PINNED,
            ..Call::BLANK
        });
        let rare = self.calls.rare_mut(id);
        rare.request = request;
        rare.luck = luck;
        rare.session = session;
        rare.region = region;
        rare.pin = pin.packed();
        if goes_at_once {
            self.go_slowly(id, known);
        } else {
            self.advance(id);
        }
        true
    }

    /// A user has the final answer to a request.
    pub(super) fn channel_answered(&mut self, pin: Pin, outcome: Outcome, at_once: bool) {
        let Some(channel) = self.channels.of(pin) else {
            return;
        };
        if pin.is_message || channel.phase != Phase::Opening {
            return;
        }
        if channel.leaves {
            self.channels.unlist(pin.number);
            return self.channels.give_back(pin.number);
        }
        // Nowhere: what had let it in has gone down since.
        let is_well = outcome.failed().is_none() && channel.instance != NONE;
        if is_well {
            self.opened(pin.number);
        } else {
            self.not_opened(pin.number, at_once);
        }
    }

    fn opened(&mut self, number: u32) {
        let now = self.now;
        let client = self.channels.all[number as usize].client;
        let hold = self.draw_for(client, Holders::draw_hold);
        let gap = self.draw_for(client, Holders::draw_gap);
        let channel = &mut self.channels.all[number as usize];
        channel.phase = Phase::Open;
        channel.lost = false;
        channel.close_at = now.saturating_add(hold);
        channel.message_at = now.saturating_add(gap);
        channel.doubt_at = u64::MAX;
        let instance = channel.instance;
        self.channels.places[instance as usize].open += 1;
        let server = self.instances[instance as usize].component;
        for at in [client, server] {
            if let Some(sockets) = &mut self.components[at as usize].sockets {
                sockets.open.up(now);
                sockets.opened += 1;
            }
        }
        self.change_loads(number, 1);
        self.doubt_channel(number);
        self.arm_channel(number);
    }

    /// It could not be opened: the user tries again.
    fn not_opened(&mut self, number: u32, at_once: bool) {
        self.channels.unlist(number);
        let least = if at_once { LEAST_PAUSE_NS } else { 0 };
        self.user_comes_back(number, least);
    }

    /// The user of a channel that is lost opens another.
    fn user_comes_back(&mut self, number: u32, at_least: u64) {
        let channel = &mut self.channels.all[number as usize];
        channel.phase = Phase::Away;
        channel.lost = true;
        let client = channel.client;
        let wait = self.draw_for(client, Holders::draw_reconnect);
        let wait = if wait == 0 { at_least } else { wait };
        self.set_due(number, self.now.saturating_add(wait));
    }

    /// A user closes a connection.
    fn close_channel(&mut self, number: u32) {
        let (client, server) = self.leave_open(number);
        for at in [client, server] {
            if let Some(sockets) = &mut self.components[at as usize].sockets {
                sockets.closed += 1;
            }
        }
    }

    /// An open channel is open no more, and nowhere. Returns its client and its server.
    fn leave_open(&mut self, number: u32) -> (u32, u32) {
        let now = self.now;
        self.change_loads(number, -1);
        let channel = &mut self.channels.all[number as usize];
        debug_assert_eq!(channel.phase, Phase::Open);
        channel.phase = Phase::Away;
        channel.due = u64::MAX;
        let (client, instance) = (channel.client, channel.instance);
        self.channels.places[instance as usize].open -= 1;
        self.channels.unlist(number);
        let server = self.instances[instance as usize].component;
        for at in [client, server] {
            if let Some(sockets) = &mut self.components[at as usize].sockets {
                sockets.open.down(now);
            }
        }
        (client, server)
    }

    /// Balancers on the way of an open channel count it as a call in flight.
    fn change_loads(&mut self, number: u32, by: i32) {
        let steps = self.channels.all[number as usize].steps;
        for (at, choice) in steps.iter() {
            if let Part::Balancer(balancer) = &mut self.components[at as usize].part {
                balancer.change_load(choice, by);
            }
        }
    }
}
