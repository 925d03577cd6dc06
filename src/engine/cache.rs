//! Caches: a real store of keys, least recently used first out.

use super::{
    Simulation,
    call::{NONE, Outcome, Verb},
    component::Part,
    random::Chance,
    store::Newest,
};

/// What only a cache has.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    pub memory: Memory,
    /// `u64::MAX`: keys are good for ever.
    pub ttl: u64,
}

/// What a cache remembers.
#[derive(Clone, Debug)]
pub(super) enum Memory {
    /// A fixed share of hits.
    Fixed(Chance),
    Keys(Lru),
}

/// One key held.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    newer: u32,
    older: u32,
    store: u32,
    version: u64,
    expires: u64,
}

/// Keys in the order of their last use. Every operation takes constant time: a key's place is found
/// by its number, 4 bytes for each item there is.
#[derive(Clone, Debug)]
pub(super) struct Lru {
    place: Vec<u32>,
    entries: Vec<Entry>,
    newest: u32,
    oldest: u32,
    free: u32,
    held: u32,
    capacity: u32,
    /// By place, which version of which database has been out of date since when.
    outdated: Vec<(u64, u32, u64)>,
}

impl Lru {
    pub fn new(items: u64, capacity: u64) -> Self {
        Self {
            place: vec![NONE; items as usize],
            entries: Vec::new(),
            newest: NONE,
            oldest: NONE,
            free: NONE,
            held: 0,
            outdated: Vec::new(),
            capacity: capacity.min(items).min(u64::from(u32::MAX - 1)) as u32,
        }
    }

    /// Keys held, expired ones included.
    pub fn len(&self) -> u32 {
        self.held
    }

    /// Takes over what another one held, as far as it fits; `place` says where databases are now.
    pub fn adopt(&mut self, old: &mut Self, place: impl Fn(u32) -> u32) {
        if self.place.len() == old.place.len() && old.held <= self.capacity {
            let capacity = self.capacity;
            std::mem::swap(self, old);
            self.capacity = capacity;
            for entry in &mut self.entries {
                entry.store = place(entry.store);
            }
            for outdated in &mut self.outdated {
                outdated.1 = place(outdated.1);
            }
            return;
        }
        let mut at = old.oldest;
        while at != NONE {
            let entry = old.entries[at as usize];
            if (entry.key as usize) < self.place.len() {
                let store = place(entry.store);
                self.insert(entry.key, entry.version, store, entry.expires);
                if let Some(since) = old.outdated_since(entry.key, entry.version, entry.store) {
                    let at = self.place[entry.key as usize];
                    self.note_outdated(at, (entry.version, store, since));
                }
            }
            at = entry.newer;
        }
    }

    pub fn clear(&mut self) {
        while self.oldest != NONE {
            self.drop_entry(self.oldest);
        }
    }

    fn unlink(&mut self, at: u32) {
        let Entry { newer, older, .. } = self.entries[at as usize];
        if newer == NONE {
            self.newest = older;
        } else {
            self.entries[newer as usize].older = older;
        }
        if older == NONE {
            self.oldest = newer;
        } else {
            self.entries[older as usize].newer = newer;
        }
    }

    fn make_newest(&mut self, at: u32) {
        let newest = self.newest;
        let entry = &mut self.entries[at as usize];
        entry.newer = NONE;
        entry.older = newest;
        if newest == NONE {
            self.oldest = at;
        } else {
            self.entries[newest as usize].newer = at;
        }
        self.newest = at;
    }

    fn drop_entry(&mut self, at: u32) {
        self.unlink(at);
        let entry = &mut self.entries[at as usize];
        self.place[entry.key as usize] = NONE;
        entry.older = self.free;
        self.free = at;
        self.held -= 1;
    }

    pub fn remove(&mut self, key: u32) {
        let at = self.place[key as usize];
        if at != NONE {
            self.drop_entry(at);
        }
    }

    /// `store` has a newer version of a key than `before`.
    pub fn outdate(&mut self, key: u32, store: u32, before: Newest, now: u64) {
        let Some(&at) = self.place.get(key as usize).filter(|at| **at != NONE) else {
            return;
        };
        let entry = self.entries[at as usize];
        if entry.store == store && self.outdated_since(key, entry.version, store).is_none() {
            // One of a store that keeps no versions of it when it came has been so since the last one.
            let was_newest = entry.version == before.version;
            let since = if was_newest { now } else { before.committed };
            self.note_outdated(at, (entry.version, store, since));
        }
    }

    /// A version that is held was out of date when it came.
    fn came_outdated(&mut self, key: u32, outdated: (u64, u32, u64)) {
        let at = self.place[key as usize];
        if at != NONE {
            self.note_outdated(at, outdated);
        }
    }

    fn note_outdated(&mut self, at: u32, outdated: (u64, u32, u64)) {
        let places = self.entries.len();
        self.outdated.resize(places, (0, NONE, 0));
        self.outdated[at as usize] = outdated;
    }

    /// Since when a version that is held has been out of date, if that is known.
    fn outdated_since(&self, key: u32, version: u64, store: u32) -> Option<u64> {
        let at = self.place[key as usize] as usize;
        let &(of, by, since) = self.outdated.get(at)?;
        (of == version && by == store).then_some(since)
    }

    /// The version of a key, and the database it is of, unless it is not held or has expired.
    pub fn get(&mut self, key: u32, now: u64) -> Option<(u64, u32)> {
        let at = self.place[key as usize];
        if at == NONE {
            return None;
        }
        let entry = self.entries[at as usize];
        if entry.expires <= now {
            self.drop_entry(at);
            return None;
        }
        self.unlink(at);
        self.make_newest(at);
        Some((entry.version, entry.store))
    }

    pub fn insert(&mut self, key: u32, version: u64, store: u32, expires: u64) {
        if self.capacity == 0 {
            return;
        }
        self.remove(key);
        if self.held == self.capacity {
            self.drop_entry(self.oldest);
        }
        let entry = Entry {
            key,
            newer: NONE,
            older: NONE,
            store,
            version,
            expires,
        };
        let at = self.free;
        let at = if at == NONE {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        } else {
            self.free = self.entries[at as usize].older;
            self.entries[at as usize] = entry;
            at
        };
        self.place[key as usize] = at;
        self.held += 1;
        self.make_newest(at);
    }
}

impl Cache {
    /// Takes over what the cache held before an edit; `moves` says where databases are now.
    pub fn adopt(&mut self, old: &mut Self, moves: &[u32]) {
        let place = |store: u32| moves.get(store as usize).copied().unwrap_or(NONE);
        if let (Memory::Keys(keys), Memory::Keys(old)) = (&mut self.memory, &mut old.memory) {
            keys.adopt(old, place);
        }
    }

    /// All keys are gone.
    pub fn flush(&mut self) {
        if let Memory::Keys(keys) = &mut self.memory {
            keys.clear();
        }
    }

    fn expires(&self, now: u64) -> u64 {
        now.saturating_add(self.ttl)
    }
}

impl Part {
    /// What it remembers by key, and under which key it remembers an item and an operation.
    fn keys(&mut self, key: u32, operation: u8) -> Option<(&mut Lru, u32)> {
        match self {
            Self::Cache(cache) => match &mut cache.memory {
                Memory::Keys(keys) => Some((keys, key)),
                Memory::Fixed(_) => None,
            },
            Self::Gateway(gateway) => gateway.responses(key, operation),
            _ => None,
        }
    }
}

impl Simulation {
    /// A cache has done its work on a call.
    ///
    /// A write that reaches a cache removes the key; in front of a store the write goes on to it
    /// first (write-around).
    pub(super) fn look_up(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let writes = self.writes[call.operation as usize];
        let component = &mut self.components[call.component as usize];
        let read_through = !component.plan.is_empty();
        let Part::Cache(cache) = &mut component.part else {
            return;
        };
        let expires = cache.expires(self.now);
        match (&mut cache.memory, call.verb) {
            (Memory::Keys(keys), Verb::Fill) => {
                let key = call.key;
                let (version, store) = self.calls.version(id);
                keys.insert(key, version, store, expires);
                self.holds_keys_of(id, version, store);
                return self.finish(id, Outcome::Well);
            }
            (Memory::Keys(keys), Verb::Invalidate) => {
                keys.remove(call.key);
                return self.finish(id, Outcome::Well);
            }
            (Memory::Keys(keys), _) if writes => {
                if !read_through {
                    keys.remove(call.key);
                    return self.finish(id, Outcome::Well);
                }
            }
            (Memory::Fixed(_), _) if writes => {
                if !read_through {
                    return self.finish(id, Outcome::Well);
                }
            }
            (Memory::Fixed(chance), _) => {
                if component.routing.chance(*chance) {
                    component.meter.hits += 1;
                    return self.finish(id, Outcome::Well);
                }
                component.meter.misses += 1;
            }
            (Memory::Keys(keys), _) => {
                if let Some((version, store)) = keys.get(call.key, self.now) {
                    component.meter.hits += 1;
                    self.judge_age(id, version, store);
                    return self.finish(id, Outcome::Well);
                }
                component.meter.misses += 1;
            }
        }
        if read_through {
            self.advance(id);
        } else {
            self.finish(id, Outcome::Missed);
        }
    }

    /// Is what a cache answered still the newest version?
    pub(super) fn judge_age(&mut self, id: u32, version: u64, store: u32) {
        let call = &self.calls[id];
        let Some(newest) = self.newest_version(store, call.key) else {
            return;
        };
        self.calls.set_version(id, version, store);
        let call = &self.calls[id];
        let component = &mut self.components[call.component as usize];
        let mut stale_since = None;
        if newest.version > version
            && let Some((keys, key)) = component.part.keys(call.key, call.operation)
        {
            let since = keys.outdated_since(key, version, store);
            // Else nobody kept versions of it when it came: most likely it is so by the newest one.
            stale_since = Some(since.unwrap_or(newest.committed));
        }
        component.meter.note_version(self.now, stale_since);
        if let Some(since) = stale_since {
            self.calls.set_stale(id, since);
        }
    }

    /// The cache that a call is at has a version of this database, which will tell it when there is
    /// a newer one; there may be one already.
    #[inline]
    pub(super) fn holds_keys_of(&mut self, id: u32, version: u64, store: u32) {
        let call = &self.calls[id];
        let (cache, key, operation) = (call.component, call.key, call.operation);
        let Some(component) = self.components.get_mut(store as usize) else {
            return;
        };
        let Part::Database(database) = &mut component.part else {
            return;
        };
        if !database.caches.contains(&cache) {
            database.caches.push(cache);
        }
        if let Some((_, Some(since))) = database.back_to(key, version)
            && let Some((keys, key)) = self.components[cache as usize].part.keys(key, operation)
        {
            keys.came_outdated(key, (version, store, since));
        }
    }

    /// The store behind a read-through cache has answered.
    pub(super) fn fetched(&mut self, id: u32) {
        let call = &self.calls[id];
        let outcome = call.outcome;
        let (version, store) = self.calls.version(id);
        if outcome == Outcome::Well {
            let component = &mut self.components[call.component as usize];
            if let Part::Cache(cache) = &mut component.part {
                let expires = cache.expires(self.now);
                if let Memory::Keys(keys) = &mut cache.memory {
                    if self.writes[call.operation as usize] {
                        keys.remove(call.key);
                    } else {
                        keys.insert(call.key, version, store, expires);
                        self.holds_keys_of(id, version, store);
                    }
                }
            }
        }
        self.finish(id, outcome);
    }
}
