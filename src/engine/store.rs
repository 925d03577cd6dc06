//! Databases and replicas: versions, the log, and how far behind a copy is.
//!
//! A key's version is 1 + the number of the log record that wrote it last (0: never written). A
//! replica applies records in order, so it has a version exactly when it has applied that many
//! records: staleness needs no versions per key at the replica.

use std::collections::VecDeque;

use super::{
    Histogram, Simulation,
    cache::Memory,
    call::{Call, NONE, Outcome, State, Verb},
    component::Part,
    event,
    measure::Cause,
    random::{Sampler, nanos},
};

/// So many records are kept when every replica has them: as long as a value is on its way into a
/// cache it may be written again and again, and the first of these writes says since when it has been
/// out of date. With more writes to all keys meanwhile, the earliest of those kept says so.
const KEPT: usize = 4096;

/// What only a database has.
#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    /// Keeps versions of so many items; 0 when nobody asks for versions.
    items: usize,
    /// Newest version by key; empty until something is written.
    newest: Vec<Newest>,
    /// Caches that hold versions of it, or have held some.
    pub caches: Vec<u32>,
    /// Number of the next log record.
    pub next_record: u64,
    /// Records that some replica has not applied, and the last [`KEPT`] when versions are kept.
    log: VecDeque<Record>,
    /// Number of the first record in `log`.
    log_start: u64,
    pub replicas: Vec<u32>,
}

/// The newest version of a key, and when it was committed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest {
    pub version: u64,
    pub committed: u64,
}

/// One committed write.
#[derive(Clone, Copy, Debug)]
struct Record {
    key: u32,
    committed: u64,
    /// Version of the key before.
    before: u64,
}

/// What only a replica has.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub primary: u32,
    /// The replication link.
    pub link: u32,
    pub lag: Sampler,
    /// When the records under way arrive, in order.
    pub under_way: VecDeque<u64>,
    pub received: u64,
    pub applied: u64,
    pub applying: bool,
    pub lags: Histogram,
    last_arrival: u64,
    /// Records have arrived at a link that is cut.
    pub held_up: bool,
    /// Has a copy of what was written before it was there.
    pub is_running: bool,
}

impl Replica {
    pub fn new(primary: u32, link: u32, lag: Sampler) -> Self {
        Self {
            primary,
            link,
            lag,
            under_way: VecDeque::new(),
            received: 0,
            applied: 0,
            applying: false,
            lags: Histogram::default(),
            last_arrival: 0,
            held_up: false,
            is_running: false,
        }
    }

    /// Takes over the state of the replica it was before an edit.
    pub fn adopt(&mut self, old: &Self) {
        *self = Self {
            primary: self.primary,
            link: self.link,
            lag: self.lag.clone(),
            is_running: true,
            ..old.clone()
        };
    }

    /// Starts as a full copy, as a new replica does.
    pub fn start_from(&mut self, next_record: u64) {
        self.received = next_record;
        self.applied = next_record;
        self.is_running = true;
    }
}

impl Database {
    /// Keeps versions of so many items.
    pub fn new(items: u64) -> Self {
        let kept = if items > 0 { KEPT } else { 0 };
        Self {
            items: items as usize,
            log: VecDeque::with_capacity(kept + 1),
            ..Self::default()
        }
    }

    /// Takes over the state of the database it was before an edit; `moves` says where caches are now.
    pub fn adopt(&mut self, old: &mut Self, moves: &[u32]) {
        let caches = old.caches.iter().map(|cache| moves[*cache as usize]);
        self.caches = caches.filter(|cache| *cache != NONE).collect();
        // Writes of items that are no more may still be under way.
        self.items = self.items.max(old.items);
        self.newest = std::mem::take(&mut old.newest);
        if !self.newest.is_empty() {
            self.newest.resize(self.items, Newest::default());
        }
        self.next_record = old.next_record;
        self.log = std::mem::take(&mut old.log);
        self.log_start = old.log_start;
    }

    /// The newest version of a key, if versions are kept of it.
    pub fn newest(&self, key: u32) -> Option<Newest> {
        let is_kept = (key as usize) < self.items;
        is_kept.then(|| self.newest.get(key as usize).copied().unwrap_or_default())
    }

    /// Notes a newer version of a key, and returns the one before, if versions are kept of it.
    fn renew(&mut self, key: u32, newest: Newest) -> Option<Newest> {
        if self.newest.is_empty() {
            self.newest.resize(self.items, Newest::default());
        }
        let before = self.newest.get_mut(key as usize)?;
        Some(std::mem::replace(before, newest))
    }

    /// Forgets records that every replica has applied.
    pub fn trim(&mut self, applied: u64) {
        let kept = if self.items > 0 { KEPT as u64 } else { 0 };
        let needed = applied.min(self.next_record.saturating_sub(kept));
        while self.log_start < needed && self.log.pop_front().is_some() {
            self.log_start += 1;
        }
        if self.log.is_empty() {
            self.log_start = self.next_record;
        }
    }

    /// The log holds every record that a replica still needs.
    pub fn log_reaches(&self, applied: u64) -> bool {
        self.log_start <= applied && self.log_start + self.log.len() as u64 == self.next_record
    }

    /// The newest version of a key that is no newer than `version`, and since when it has been out of
    /// date if it is: the commit of the first version after it. As far back as the log goes.
    pub fn back_to(&self, key: u32, version: u64) -> Option<(u64, Option<u64>)> {
        let newest = self.newest(key)?;
        let mut found = newest.version;
        let mut since = None;
        while found > version {
            let Some(record) = self.record(found - 1) else {
                break;
            };
            debug_assert_eq!(record.key, key);
            since = Some(record.committed);
            found = record.before;
        }
        Some((found, since))
    }

    fn record(&self, number: u64) -> Option<Record> {
        let at = number.checked_sub(self.log_start)?;
        self.log.get(at as usize).copied()
    }
}

impl Simulation {
    /// The newest version of a key, if its database keeps versions.
    pub(super) fn newest_version(&self, store: u32, key: u32) -> Option<Newest> {
        match &self.components.get(store as usize)?.part {
            Part::Database(database) => database.newest(key),
            _ => None,
        }
    }

    /// A database or replica has done its work on a call.
    pub(super) fn access(&mut self, id: u32) {
        let call = &self.calls[id];
        let at = call.component;
        if call.verb == Verb::Apply {
            return self.applied(id);
        }
        let writes = self.writes[call.operation as usize];
        match self.components[at as usize].part {
            Part::Database(_) if writes => self.commit(id),
            Part::Database(_) => {
                if let Some(newest) = self.newest_version(at, call.key) {
                    self.calls.set_version(id, newest.version, at);
                }
            }
            _ if writes => return self.finish(id, Outcome::Failed(Cause::NoTarget)),
            _ => self.read_copy(id),
        }
        self.finish(id, Outcome::Well);
    }

    /// A write is committed: a new version, and a record on its way to every replica.
    fn commit(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let (at, key) = (call.component, call.key);
        let Part::Database(database) = &mut self.components[at as usize].part else {
            return;
        };
        let number = database.next_record;
        database.next_record += 1;
        // A write under way may be of a key, or of a time, that nobody keeps versions of any more.
        let newest = Newest {
            version: number + 1,
            committed: self.now,
        };
        let before = database.renew(key, newest);
        if let Some(before) = before {
            self.calls.set_version(id, number + 1, at);
            if !database.caches.is_empty() {
                self.outdate(at, key, before);
            }
        }
        let Part::Database(database) = &mut self.components[at as usize].part else {
            return;
        };
        database.log.push_back(Record {
            key,
            committed: self.now,
            before: before.map_or(0, |before| before.version),
        });
        if database.replicas.is_empty() {
            return database.trim(database.next_record);
        }
        for replica in 0..database.replicas.len() {
            let Part::Database(database) = &self.components[at as usize].part else {
                return;
            };
            self.ship(database.replicas[replica]);
        }
    }

    /// Caches that hold a version of a key before the one that has just been committed learn so.
    fn outdate(&mut self, store: u32, key: u32, before: Newest) {
        let mut next = 0;
        while let Part::Database(database) = &self.components[store as usize].part
            && let Some(&cache) = database.caches.get(next)
        {
            if let Part::Cache(cache) = &mut self.components[cache as usize].part
                && let Memory::Keys(keys) = &mut cache.memory
            {
                keys.outdate(key, store, before, self.now);
            } else if let Part::Gateway(gateway) = &mut self.components[cache as usize].part {
                gateway.outdate(key, store, before, self.now);
            }
            next += 1;
        }
    }

    /// A log record leaves for a replica. The log is one stream: records arrive in order.
    fn ship(&mut self, to: u32) {
        let Part::Replica(replica) = &mut self.components[to as usize].part else {
            return;
        };
        let link = &mut self.connections[replica.link as usize];
        link.records += 1;
        let lag = replica.lag.draw(&self.ziggurat, &mut link.latency_stream);
        let lag = if link.slow == 1.0 {
            lag
        } else {
            nanos(lag as f64 * link.slow)
        };
        replica.last_arrival = replica.last_arrival.max(self.now + lag);
        replica.under_way.push_back(replica.last_arrival);
        if replica.under_way.len() == 1 {
            self.future.put(replica.last_arrival, event::LOG | to);
        }
    }

    /// The event of the next log record that arrives at a replica.
    pub(super) fn log_arrives(&mut self, to: u32) {
        let Part::Replica(replica) = &mut self.components[to as usize].part else {
            return;
        };
        if replica.under_way.front().is_none_or(|due| *due > self.now) {
            // Left over: of records of a primary that it has no more.
            return;
        }
        if self.connections[replica.link as usize].cut > 0 {
            // TCP keeps what could not be sent and sends it when the link is back.
            replica.held_up = true;
            return;
        }
        while let Some(due) = replica.under_way.front() {
            if *due > self.now {
                self.future.put(*due, event::LOG | to);
                break;
            }
            replica.under_way.pop_front();
            replica.received += 1;
        }
        self.apply_next(to);
    }

    /// The next log record waits for a slot, if there is one and none is being applied.
    pub(super) fn apply_next(&mut self, to: u32) {
        let component = &mut self.components[to as usize];
        if component.crashed > 0 || component.down == component.instances {
            return;
        }
        let Part::Replica(replica) = &mut component.part else {
            return;
        };
        if replica.applying || replica.applied >= replica.received {
            return;
        }
        replica.applying = true;
        let id = self.calls.add(Call {
            component: to,
            verb: Verb::Apply,
            state: State::Transit,
            ..Call::BLANK
        });
        let next = self.arrive(id);
        debug_assert_eq!(next, NONE);
    }

    fn applied(&mut self, id: u32) {
        let at = self.calls[id].component;
        let Part::Replica(replica) = &self.components[at as usize].part else {
            return;
        };
        let (primary, number) = (replica.primary, replica.applied);
        if self.calls[id].step > 0 {
            self.components[at as usize].apply_ended();
            self.finish(id, Outcome::Well);
            return self.apply_next(at);
        }
        let committed = match &self.components[primary as usize].part {
            Part::Database(database) => database.record(number).map(|record| record.committed),
            _ => None,
        };
        let component = &mut self.components[at as usize];
        if let Part::Replica(replica) = &mut component.part {
            replica.applied += 1;
            replica.applying = false;
            if let Some(committed) = committed {
                let lag = self.now - committed;
                component.meter.applied += 1;
                component.meter.lag_sum += u128::from(lag);
                replica.lags.record(lag);
            }
        }
        self.trim_log(primary);
        self.finish(id, Outcome::Well);
        self.apply_next(at);
    }

    /// Forgets the records of a primary that every replica has applied.
    pub(super) fn trim_log(&mut self, primary: u32) {
        let Part::Database(database) = &self.components[primary as usize].part else {
            return;
        };
        let applied = database
            .replicas
            .iter()
            .filter_map(|replica| match &self.components[*replica as usize].part {
                Part::Replica(replica) => Some(replica.applied),
                _ => None,
            })
            .min();
        let applied = applied.unwrap_or(database.next_record);
        if let Part::Database(database) = &mut self.components[primary as usize].part {
            database.trim(applied);
        }
    }

    /// A replica answers a read with the version it has.
    fn read_copy(&mut self, id: u32) {
        let call = &self.calls[id];
        let at = call.component;
        let Part::Replica(replica) = &self.components[at as usize].part else {
            return;
        };
        let (primary, applied) = (replica.primary, replica.applied);
        if primary == NONE {
            return;
        }
        let Part::Database(database) = &self.components[primary as usize].part else {
            return;
        };
        // Since the commit of the first version of this key that the copy lacks the answer has been
        // out of date.
        let Some((version, out_of_date_since)) = database.back_to(call.key, applied) else {
            return;
        };
        self.calls.set_version(id, version, primary);
        let meter = &mut self.components[at as usize].meter;
        meter.note_version(self.now, out_of_date_since);
        if let Some(since) = out_of_date_since {
            self.calls.set_stale(id, since);
        }
    }
}
