//! Bandwidth: each way of an arrow passes one message after the other, first come first served, at so
//! many bits a second.
//!
//! A message of b bytes takes 8·b/bandwidth to be sent; those that come meanwhile wait. So each way
//! is a server with one slot and needs no event of its own: when it is free again is known as soon as
//! a message comes (Lindley 1952, "The theory of queues with a single server"). The latency comes on
//! top. A message that is lost was sent all the same. Probes of health checks and cancellations are
//! small enough to pass without.

use super::{
    Nanos, Simulation,
    call::{Outcome, Verb},
    connection::Connection,
    hop::Leaves,
    measure::Carried,
    random::{Sampler, Stream, Ziggurat, nanos},
};
use crate::scenario::{self, Bandwidth, Duration, IndexMap, MessageSize};

/// What passes over an arrow of a drawing whose messages have sizes.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    /// 0: messages pass in no time.
    nanos_per_byte: f64,
    there: Lane,
    back: Lane,
}

/// One way.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// When it has sent all that has come.
    free_at: Nanos,
    /// What was still to be sent at the start of the window, in time.
    behind: u64,
    messages: u64,
    bytes: u128,
    /// Time to send them.
    sending: u128,
    waiting: u128,
}

/// Bytes of the messages of an operation.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    request: Bytes,
    reply: Bytes,
}

/// How many bytes a message has.
#[derive(Clone, Debug)]
struct Bytes {
    /// A byte for a nanosecond.
    sampler: Sampler,
    /// A random size comes from a stream that begins anew for each request: it is the same on every
    /// connection and in every attempt, and nobody has to keep it.
    seed: u64,
}

impl Bytes {
    fn draw(&self, luck: u64, ziggurat: &Ziggurat) -> u64 {
        let mut stream = Stream::numbered(self.seed, luck);
        let bytes = self.sampler.draw(ziggurat, &mut stream);
        bytes.min(scenario::Size::MAX.bytes())
    }

    fn is_random(&self) -> bool {
        !matches!(self.sampler, Sampler::Constant(_))
    }
}

impl Sizes {
    /// Of an operation with this name.
    pub fn new(seed: u64, name: &str, drawn: &scenario::Operation) -> Self {
        let bytes = |size: MessageSize, purpose: &str| Bytes {
            sampler: Sampler::new(&size.in_nanos()),
            seed: Stream::new(seed, name, purpose).bits(),
        };
        Self {
            request: bytes(drawn.request, "request sizes"),
            reply: bytes(drawn.reply, "reply sizes"),
        }
    }

    /// Whether it has to be known whose messages they are.
    pub fn are_random(&self) -> bool {
        self.request.is_random() || self.reply.is_random()
    }
}

/// Of every operation.
pub(super) fn sizes(seed: u64, drawn: &IndexMap<String, scenario::Operation>) -> Vec<Sizes> {
    let sizes = drawn
        .iter()
        .map(|(name, drawn)| Sizes::new(seed, name, drawn));
    sizes.collect()
}

impl Pipe {
    /// Of an arrow with this bandwidth. `None` where nothing has a size.
    pub fn new(bandwidth: Option<Bandwidth>, sizes: &[Sizes]) -> Option<Box<Self>> {
        let none = |bytes: &Bytes| bytes.sampler == Sampler::ZERO;
        if sizes
            .iter()
            .all(|sizes| none(&sizes.request) && none(&sizes.reply))
        {
            return None;
        }
        Some(Box::new(Self {
            nanos_per_byte: bandwidth.map_or(0.0, |bandwidth| 8e9 / bandwidth.bits() as f64),
            there: Lane::default(),
            back: Lane::default(),
        }))
    }

    /// As it was before an edit, but for the bandwidth of the messages to come.
    pub fn adopt(&mut self, old: Self) {
        *self = Self {
            nanos_per_byte: self.nanos_per_byte,
            ..old
        };
    }

    pub fn reset(&mut self, now: Nanos) {
        for lane in [&mut self.there, &mut self.back] {
            *lane = Lane {
                free_at: lane.free_at,
                behind: lane.free_at.saturating_sub(now),
                ..Lane::default()
            };
        }
    }

    /// What has passed there, and back.
    pub fn totals(&self, now: Nanos) -> [Carried; 2] {
        [&self.there, &self.back].map(|lane| lane.totals(now, self.nanos_per_byte > 0.0))
    }

    /// A message of so many bytes comes: how long until it is sent.
    fn send(&mut self, leaves: Leaves, bytes: u64, now: Nanos) -> u64 {
        let lane = match leaves {
            Leaves::Caller => &mut self.there,
            Leaves::Callee => &mut self.back,
        };
        let sending = nanos(bytes as f64 * self.nanos_per_byte).min(Duration::MAX.nanos());
        let starts = lane.free_at.max(now);
        lane.free_at = (starts + sending).min(now.saturating_add(Duration::MAX.nanos()));
        lane.messages += 1;
        lane.bytes += u128::from(bytes);
        lane.sending += u128::from(lane.free_at - starts);
        lane.waiting += u128::from(starts - now);
        lane.free_at - now
    }
}

impl Lane {
    fn totals(&self, now: Nanos, is_limited: bool) -> Carried {
        let ahead = u128::from(self.free_at.saturating_sub(now));
        Carried {
            is_limited,
            messages: self.messages,
            bytes: self.bytes,
            busy_ns: (self.sending + u128::from(self.behind)).saturating_sub(ahead),
            sending_sum_ns: self.sending,
            wait_sum_ns: self.waiting,
        }
    }
}

impl Connection {
    /// What goes over it passes through `pipe`.
    pub fn narrow(&mut self, pipe: Option<Box<Pipe>>) {
        self.pipe = pipe;
        self.refresh();
    }
}

impl Simulation {
    /// A message leaves for the other end of an arrow that has a [`Pipe`]: how long until it is sent.
    #[cold]
    pub(super) fn squeeze(&mut self, id: u32, connection: u32, leaves: Leaves) -> u64 {
        let bytes = self.bytes_of(id, leaves);
        let pipe = &mut self.connections[connection as usize].pipe;
        match pipe {
            Some(pipe) => pipe.send(leaves, bytes, self.now),
            None => 0,
        }
    }

    /// Bytes of a message. A request is as large wherever it goes, and so is the answer to it; that
    /// something failed, is done or is not there takes no bytes.
    fn bytes_of(&self, id: u32, leaves: Leaves) -> u64 {
        let call = &self.calls[id];
        let Some(sizes) = self.sizes.get(usize::from(call.operation)) else {
            return 0;
        };
        let bytes = match (leaves, call.verb) {
            (Leaves::Caller, Verb::Request | Verb::Message) => &sizes.request,
            // What was fetched is put into the cache.
            (Leaves::Caller, Verb::Fill) => &sizes.reply,
            (Leaves::Callee, Verb::Request) if call.outcome == Outcome::Well => &sizes.reply,
            _ => return 0,
        };
        match bytes.sampler {
            Sampler::Constant(bytes) => bytes,
            _ => bytes.draw(self.calls.rare(id).luck, &self.ziggurat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 kbit/s: a byte takes a millisecond.
    fn pipe() -> Pipe {
        let mut operation = scenario::Operation::new(scenario::OperationKind::Read, 1.0);
        operation.request = scenario::Size::from_bytes(1).into();
        let sizes = [Sizes::new(1, "read", &operation)];
        *Pipe::new(Some(Bandwidth::from_bits(8_000)), &sizes).unwrap()
    }

    const MS: u64 = 1_000_000;

    #[test]
    fn messages_pass_one_after_the_other_each_way_apart() {
        let mut pipe = pipe();
        assert_eq!(pipe.send(Leaves::Caller, 10, 0), 10 * MS);
        assert_eq!(pipe.send(Leaves::Caller, 10, 4 * MS), 16 * MS);
        assert_eq!(pipe.send(Leaves::Callee, 5, 4 * MS), 5 * MS);
        assert_eq!(pipe.send(Leaves::Caller, 0, 5 * MS), 15 * MS);
        assert_eq!(pipe.send(Leaves::Caller, 1, 30 * MS), MS);
        let [there, back] = pipe.totals(31 * MS);
        assert_eq!((there.messages, there.bytes), (4, 21));
        assert_eq!((there.busy_ns, there.wait_sum_ns), (21_000_000, 21_000_000));
        assert_eq!(
            (back.bytes, back.busy_ns, back.wait_sum_ns),
            (5, 5_000_000, 0)
        );
    }

    #[test]
    fn a_window_counts_what_is_sent_within_it() {
        let mut pipe = pipe();
        pipe.send(Leaves::Caller, 10, 0);
        assert_eq!(pipe.totals(4 * MS)[0].busy_ns, 4_000_000);
        pipe.reset(4 * MS);
        assert_eq!(pipe.totals(4 * MS)[0].busy_ns, 0);
        assert_eq!(pipe.totals(7 * MS)[0].busy_ns, 3_000_000);
        assert_eq!(pipe.totals(20 * MS)[0].busy_ns, 6_000_000);
    }
}
