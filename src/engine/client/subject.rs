//! What a request is about: operation, key and session.

use super::super::random::{Chance, Stream, Zipf};
use crate::scenario::{self, Keys};

/// What requests are about.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Subjects {
    /// Operations with the cumulative share up to each.
    mix: Vec<(f64, u8)>,
    keys: KeySampler,
    /// Share of the requests that are about the last item, whatever the keys.
    pub hot: Chance,
    /// A session's number is that in its region, and the regions before have `each` as well.
    sessions: SessionSampler,
    each: u32,
    regions: Regions,
    /// Every request is the same: this operation, and nobody looks at key or session.
    uniform: Option<u8>,
    /// The key whose turn it is, of those that come one after the other.
    turn: u32,
    mix_stream: Stream,
    key_stream: Stream,
    hot_stream: Stream,
    session_stream: Stream,
    region_stream: Stream,
}

/// Where the requests of a client come from.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Regions {
    /// Frames with the cumulative share up to each. Empty: all come from `home`.
    pub shares: Vec<(f64, u32)>,
    /// The frame that the box is in, or [`super::NONE`].
    pub home: u32,
    /// How many frames there are, when they come from several; else 0.
    pub frames: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum KeySampler {
    /// Nobody looks at the key.
    Unused,
    Uniform(u32),
    Zipf(Zipf),
    /// Items, hot items (the first), and the share of the requests that are for them.
    HotSet(u32, u32, f64),
    Sequential(u32),
}

#[derive(Clone, Debug, PartialEq)]
enum SessionSampler {
    /// Nobody looks at the session.
    Unused,
    Uniform(u32),
    Zipf(Zipf),
}

impl KeySampler {
    /// How many items there are; 0 when nobody looks.
    fn items(&self) -> u32 {
        match self {
            Self::Unused => 0,
            Self::Uniform(items) | Self::HotSet(items, ..) | Self::Sequential(items) => *items,
            Self::Zipf(zipf) => zipf.items(),
        }
    }
}

impl Subjects {
    pub fn new(
        (seed, name): (u64, &str),
        drawn: &scenario::Client,
        (mix, regions): (Vec<(f64, u8)>, Regions),
        keys_matter: bool,
        sessions_matter: bool,
    ) -> Self {
        let keys = match drawn.keys {
            _ if !keys_matter => KeySampler::Unused,
            Keys::Uniform { items } => KeySampler::Uniform(items as u32),
            Keys::Zipf { items, s } => KeySampler::Zipf(Zipf::new(items, s)),
            Keys::HotSet {
                items,
                hot,
                traffic,
            } => KeySampler::HotSet(items as u32, Keys::hot_items(items, hot) as u32, traffic),
            Keys::Sequential { items } => KeySampler::Sequential(items as u32),
        };
        let sessions = match drawn.sessions {
            sessions if !sessions_matter || sessions == 0 => SessionSampler::Unused,
            sessions if drawn.session_skew == 0.0 => SessionSampler::Uniform(sessions),
            sessions => SessionSampler::Zipf(Zipf::new(sessions.into(), drawn.session_skew)),
        };
        let uniform = match mix[..] {
            [(_, operation)]
                if keys == KeySampler::Unused
                    && sessions == SessionSampler::Unused
                    && regions.shares.is_empty() =>
            {
                Some(operation)
            }
            _ => None,
        };
        Self {
            mix,
            keys,
            hot: Chance::NEVER,
            sessions,
            each: drawn.sessions.max(1),
            regions,
            uniform,
            turn: 0,
            mix_stream: Stream::new(seed, name, "operations"),
            key_stream: Stream::new(seed, name, "keys"),
            hot_stream: Stream::new(seed, name, "hot key"),
            session_stream: Stream::new(seed, name, "sessions"),
            region_stream: Stream::new(seed, name, "regions"),
        }
    }

    /// Takes over the state of the client it was before an edit.
    pub fn adopt(&mut self, old: &mut Self) {
        self.turn = old.turn;
        self.hot = old.hot;
        std::mem::swap(&mut self.hot_stream, &mut old.hot_stream);
        std::mem::swap(&mut self.mix_stream, &mut old.mix_stream);
        std::mem::swap(&mut self.key_stream, &mut old.key_stream);
        std::mem::swap(&mut self.session_stream, &mut old.session_stream);
        std::mem::swap(&mut self.region_stream, &mut old.region_stream);
    }

    /// The operation of every request, when nothing else is to be known about it.
    pub fn all_alike(&self) -> Option<u8> {
        self.uniform
    }

    /// What the next request is about, in a session that is under way if one is given.
    #[inline(always)]
    pub fn next(&mut self, session: Option<u32>) -> (u8, u32, u32) {
        match self.uniform {
            Some(operation) => (operation, 0, 0),
            None => self.draw(session),
        }
    }

    #[inline(never)]
    fn draw(&mut self, session: Option<u32>) -> (u8, u32, u32) {
        let session = session.unwrap_or_else(|| self.session());
        (self.operation(), self.key(), session)
    }

    /// A session that begins.
    pub fn new_session(&mut self) -> u32 {
        if self.uniform.is_some() {
            return 0;
        }
        self.session()
    }

    fn session(&mut self) -> u32 {
        let session = match &self.sessions {
            SessionSampler::Unused => 0,
            SessionSampler::Uniform(sessions) => self.session_stream.below(*sessions),
            SessionSampler::Zipf(zipf) => zipf.draw(&mut self.session_stream) as u32 - 1,
        };
        let shares = &self.regions.shares;
        if shares.is_empty() {
            return session;
        }
        let u = self.region_stream.unit();
        let region = shares.partition_point(|(share, _)| *share <= u);
        let region = region.min(shares.len() - 1) as u32;
        region.saturating_mul(self.each).saturating_add(session)
    }

    /// The frame that a session is in, or [`super::NONE`].
    pub fn region_of(&self, session: u32) -> u32 {
        let Regions { shares, home, .. } = &self.regions;
        let last = shares.last().map_or(*home, |(_, frame)| *frame);
        let region = shares.get((session / self.each) as usize);
        region.map_or(last, |(_, frame)| *frame)
    }

    fn key(&mut self) -> u32 {
        // Drawn all the same: the others ask for what they would have asked for.
        let key = self.own_key();
        if self.hot_stream.chance(self.hot) {
            self.keys.items().saturating_sub(1)
        } else {
            key
        }
    }

    fn own_key(&mut self) -> u32 {
        match &self.keys {
            KeySampler::Unused => 0,
            KeySampler::Uniform(items) => self.key_stream.below(*items),
            KeySampler::Zipf(zipf) => zipf.draw(&mut self.key_stream) as u32 - 1,
            KeySampler::HotSet(items, hot, traffic) => {
                if hot == items || self.key_stream.unit() < *traffic {
                    self.key_stream.below(*hot)
                } else {
                    hot + self.key_stream.below(items - hot)
                }
            }
            KeySampler::Sequential(items) => {
                let key = self.turn % items;
                self.turn = key + 1;
                key
            }
        }
    }

    fn operation(&mut self) -> u8 {
        if self.mix.len() == 1 {
            return self.mix[0].1;
        }
        let u = self.mix_stream.unit();
        let found = self.mix.iter().find(|(share, _)| u < *share);
        found.or(self.mix.last()).map_or(0, |(_, op)| *op)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Client;

    fn draws(drawn: &Client, n: usize) -> Vec<(u32, u32)> {
        let mix = vec![(1.0, 0)];
        let mut subjects = Subjects::new((3, "test"), drawn, (mix, Regions::default()), true, true);
        (0..n)
            .map(|_| {
                let (_, key, session) = subjects.next(None);
                (key, session)
            })
            .collect()
    }

    /// So many of `n` as a probability says; 6 standard errors for a hundred comparisons.
    #[track_caller]
    fn check_share(count: usize, n: usize, probability: f64) {
        let n = n as f64;
        let error = (probability * (1.0 - probability) / n).sqrt();
        let share = count as f64 / n;
        assert!(
            (share - probability).abs() < 6.0 * error,
            "{share} {probability}"
        );
    }

    #[test]
    fn hot_items_are_asked_for_by_their_share() {
        let n = 200_000;
        let client = Client {
            keys: Keys::HotSet {
                items: 50,
                hot: 0.1,
                traffic: 0.7,
            },
            ..Client::default()
        };
        let found = draws(&client, n);
        for item in 0..50 {
            let count = found.iter().filter(|(key, _)| *key == item).count();
            check_share(count, n, if item < 5 { 0.14 } else { 0.3 / 45.0 });
        }
    }

    #[test]
    fn sessions_come_by_their_weight() {
        let n = 200_000;
        for skew in [0.0, 0.8, 2.0] {
            let client = Client {
                sessions: 40,
                session_skew: skew,
                ..Client::default()
            };
            let found = draws(&client, n);
            let total: f64 = (1..=40).map(|rank| f64::from(rank).powf(-skew)).sum();
            for number in 0..40 {
                let count = found
                    .iter()
                    .filter(|(_, session)| *session == number)
                    .count();
                check_share(count, n, f64::from(number + 1).powf(-skew) / total);
            }
        }
    }

    /// A session that is under way stays in its region; others come by weight.
    #[test]
    fn regions_come_by_their_weight() {
        let n = 200_000;
        let client = Client {
            sessions: 10,
            ..Client::default()
        };
        let regions = Regions {
            shares: vec![(0.2, 7), (0.7, 3), (1.0, 5)],
            home: 1,
            frames: 8,
        };
        let mix = vec![(1.0, 0)];
        let mut subjects = Subjects::new((3, "test"), &client, (mix, regions), true, true);
        let mut found = std::collections::HashMap::<(u32, u32), usize>::new();
        for _ in 0..n {
            let (.., session) = subjects.next(None);
            let region = subjects.region_of(session);
            let (.., again) = subjects.next(Some(session));
            assert_eq!(again, session);
            *found.entry((region, session)).or_default() += 1;
        }
        assert_eq!(found.len(), 30);
        for ((region, _), count) in found {
            let share = match region {
                7 => 0.2,
                3 => 0.5,
                _ => 0.3,
            };
            check_share(count, n, share / 10.0);
        }
    }

    #[test]
    fn items_in_turn() {
        let client = Client {
            keys: Keys::Sequential { items: 3 },
            ..Client::default()
        };
        let keys: Vec<u32> = draws(&client, 7).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [0, 1, 2, 0, 1, 2, 0]);
    }
}
