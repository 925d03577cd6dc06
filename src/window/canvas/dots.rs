//! Moving requests: each dot is a real call or reply that the engine sampled.

use std::collections::{HashMap, VecDeque};

use egui::{Align2, Color32, FontId, Painter, Vec2};

use super::{Scene, scene::to_pos2, stamp::Stamp};
use crate::{
    engine::{Cause, Hop},
    window::{
        document::Document,
        live::MIN_FLIGHT_SECS,
        theme::{self, Theme},
        view::{Detail, Lens},
    },
};

/// How long the cause of a drop is shown.
const CAUSE_SECS: f64 = 1.4;
/// Most dots on the screen; the oldest go first.
const MOST_FLIGHTS: usize = 10_000;
/// Most causes on the screen.
const MOST_CAUSES: usize = 24;
/// A request's dots follow each other, but never lag behind the engine by more than this.
const MOST_LAG_SECS: f64 = 3.0;

#[derive(Clone, Copy, Debug)]
struct Flight {
    connection: u32,
    operation: u8,
    reply: bool,
    failed: Option<Cause>,
    from_secs: f64,
    until_secs: f64,
}

#[derive(Clone, Copy, Debug)]
struct Drop {
    connection: u32,
    /// Share of the way where it happened.
    share: f32,
    cause: Cause,
    at_secs: f64,
    times: u32,
}

/// Requests under way on the screen.
#[derive(Debug, Default)]
pub struct Dots {
    flights: VecDeque<Flight>,
    drops: VecDeque<Drop>,
    /// When the last dot of a request arrives at a box, so that the next one starts there.
    arrivals: HashMap<(u64, usize), f64>,
    last_cleaned_secs: f64,
}

impl Dots {
    /// Forgets everything that moves.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether something moves or fades.
    pub fn is_moving(&self) -> bool {
        !self.flights.is_empty() || !self.drops.is_empty()
    }

    /// Takes in hops that the engine made until `now_ns`, by the document's numbers. `speed` is how
    /// many times as fast as the clock on the wall the simulated clock runs.
    pub fn take_in(
        &mut self,
        hops: &[Hop],
        document: &Document,
        now_ns: u64,
        now_secs: f64,
        speed: f64,
    ) {
        for hop in hops {
            let connections = &document.scenario().connections;
            let Some(connection) = connections.get(hop.connection as usize) else {
                continue;
            };
            let number = |name| document.places().get_index_of(name).unwrap_or(usize::MAX);
            let (caller, callee) = (number(&connection.from), number(&connection.to));
            let (source, target) = if hop.reply {
                (callee, caller)
            } else {
                (caller, callee)
            };
            let ago = now_ns.saturating_sub(hop.from_ns) as f64 / 1e9 / speed.max(1e-9);
            let flight = hop.until_ns.saturating_sub(hop.from_ns) as f64 / 1e9 / speed.max(1e-9);
            // A request's dots follow each other: the next one starts where the last one arrived.
            let earliest = now_secs - ago.min(0.1);
            let after = self
                .arrivals
                .get(&(hop.request, source))
                .copied()
                .unwrap_or(earliest);
            let from_secs = after.max(earliest).min(now_secs + MOST_LAG_SECS);
            let until_secs = from_secs + flight.max(MIN_FLIGHT_SECS);
            let arrival = self
                .arrivals
                .entry((hop.request, target))
                .or_insert(until_secs);
            *arrival = arrival.max(until_secs);
            self.flights.push_back(Flight {
                connection: hop.connection,
                operation: hop.operation,
                reply: hop.reply,
                failed: hop.failed,
                from_secs,
                until_secs,
            });
            if let Some(cause) = hop.failed
                && !hop.reply
            {
                let share = match cause {
                    Cause::Lost => 0.55,
                    // It is the caller who gives up.
                    Cause::Timeout => 0.0,
                    _ => 1.0,
                };
                self.drop_at(hop.connection, share, cause, until_secs);
            }
        }
        while self.flights.len() > MOST_FLIGHTS {
            self.flights.pop_front();
        }
        self.clean(now_secs);
    }

    fn drop_at(&mut self, connection: u32, share: f32, cause: Cause, at_secs: f64) {
        let same = self.drops.iter_mut().find(|drop| {
            drop.connection == connection
                && drop.cause == cause
                && (drop.at_secs - at_secs).abs() < CAUSE_SECS / 2.0
        });
        if let Some(drop) = same {
            drop.times += 1;
            return;
        }
        if self.drops.len() == MOST_CAUSES {
            self.drops.pop_front();
        }
        self.drops.push_back(Drop {
            connection,
            share,
            cause,
            at_secs,
            times: 1,
        });
    }

    /// Forgets what has arrived and faded.
    pub fn clean(&mut self, now_secs: f64) {
        self.flights.retain(|flight| flight.until_secs > now_secs);
        self.drops
            .retain(|drop| drop.at_secs + CAUSE_SECS > now_secs);
        if now_secs - self.last_cleaned_secs > 1.0 {
            self.last_cleaned_secs = now_secs;
            self.arrivals.retain(|_, arrival| *arrival > now_secs);
        }
    }

    /// Draws what moves.
    pub fn draw(
        &self,
        painter: &Painter,
        lens: &Lens,
        theme: &Theme,
        scene: &Scene,
        now_secs: f64,
    ) {
        let radius = (3.6 * lens.zoom).clamp(1.6, 7.0);
        let stamps = Stamps::new(radius, 1.0 / lens.pixels_per_point);
        let visible = lens.visible_in_scene().expand(2.0 * radius / lens.zoom);
        let in_view: Vec<bool> = scene
            .arrows
            .iter()
            .map(|arrow| visible.intersects(arrow.bounds))
            .collect();
        // One mesh: thousands of shapes would cost thousands of allocations.
        let mut mesh = egui::Mesh::default();
        stamps.call.reserve(&mut mesh, self.flights.len());
        for flight in &self.flights {
            let number = flight.connection as usize;
            let Some(arrow) = scene.arrows.get(number).filter(|_| in_view[number]) else {
                continue;
            };
            if now_secs < flight.from_secs || now_secs >= flight.until_secs {
                continue;
            }
            let gone = (now_secs - flight.from_secs) / (flight.until_secs - flight.from_secs);
            let lost = flight.failed == Some(Cause::Lost) && !flight.reply;
            // What is lost never arrives.
            let gone = gone as f32 * if lost { 0.55 } else { 1.0 };
            let at = if flight.reply {
                // Beside the calls, so that the two streams can be told apart.
                let (on_line, heading) = arrow.path.heading_at(1.0 - gone);
                lens.to_screen(to_pos2(on_line)) + Vec2::new(heading.y, -heading.x) * radius * 1.8
            } else {
                lens.to_screen(to_pos2(arrow.path.point_at(gone)))
            };
            let (stamp, color) = stamps.of(flight, theme);
            stamp.add(&mut mesh, at, color);
        }
        if !mesh.is_empty() {
            // A clip of its own makes a mesh of its own on the way to the screen, which is copied
            // once instead of making all that is below it grow by doubling.
            let own = painter.with_clip_rect(painter.clip_rect().shrink(0.5));
            own.add(mesh);
        }
    }

    /// Draws why requests were dropped, where it happened; above the boxes.
    pub fn draw_causes(
        &self,
        painter: &Painter,
        lens: &Lens,
        theme: &Theme,
        scene: &Scene,
        now_secs: f64,
    ) {
        if lens.detail > Detail::Far {
            for drop in &self.drops {
                draw_cause(painter, lens, theme, scene, drop, now_secs);
            }
        }
    }
}

/// A call is a disc, a reply a ring, a failed one a square: shape as well as colour.
struct Stamps {
    call: Stamp,
    reply: Stamp,
    failed: Stamp,
}

impl Stamps {
    fn new(radius: f32, pixel: f32) -> Self {
        // So small that the shape can't be seen.
        const TINY_IN_PIXELS: f32 = 2.4;
        let failed = Stamp::square(radius * 0.9);
        if radius < TINY_IN_PIXELS * pixel {
            return Self {
                call: Stamp::square(radius * 0.85),
                reply: Stamp::square(radius * 0.6),
                failed,
            };
        }
        Self {
            call: Stamp::disc(radius, pixel),
            reply: Stamp::ring(radius * 0.8, radius * 0.5, pixel),
            failed,
        }
    }

    fn of(&self, flight: &Flight, theme: &Theme) -> (&Stamp, Color32) {
        if flight.failed.is_some() {
            return (&self.failed, theme.bad);
        }
        let color = theme.operation(usize::from(flight.operation));
        let stamp = if flight.reply {
            &self.reply
        } else {
            &self.call
        };
        (stamp, color)
    }
}

fn draw_cause(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    scene: &Scene,
    drop: &Drop,
    now_secs: f64,
) {
    let Some(arrow) = scene.arrows.get(drop.connection as usize) else {
        return;
    };
    let age = ((now_secs - drop.at_secs) / CAUSE_SECS) as f32;
    if !(0.0..1.0).contains(&age) {
        return;
    }
    let (place, heading) = arrow.path.heading_at(drop.share);
    let at = lens.to_screen(to_pos2(place));
    let at = at - Vec2::new(0.0, (10.0 + 14.0 * age) * lens.zoom.max(0.7));
    let fade = 1.0 - age * age;
    let font = FontId::proportional(theme::text::SMALL);
    let words = cause_words(drop.cause);
    let content = if drop.times > 1 {
        format!("{words} ×{}", drop.times)
    } else {
        words.to_owned()
    };
    let color = Theme::tint(theme.bad, fade);
    let galley = painter.layout_no_wrap(content, font, color);
    // At an end of the arrow it stands beside the box there, not on its figures.
    let aside = (0.5 - drop.share) * galley.size().x * heading.x;
    let rect = Align2::CENTER_BOTTOM.anchor_size(at + Vec2::new(aside, 0.0), galley.size());
    painter.rect_filled(
        rect.expand2(Vec2::new(4.0, 1.0)),
        3.0,
        Theme::tint(theme.card, fade),
    );
    painter.galley(rect.min, galley, color);
}

/// Why a request was dropped, in words for people.
pub fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Timeout => "timed out",
        Cause::QueueFull => "queue full",
        Cause::Down => "down",
        Cause::Lost => "lost",
        Cause::NoTarget => "no target",
        Cause::DeadLetter => "dead letter",
        Cause::RateLimited => "rate limited",
        Cause::Shed => "shed",
        Cause::BreakerOpen => "breaker open",
        Cause::PoolExhausted => "pool exhausted",
        Cause::Throttled => "throttled",
        Cause::Error => "error",
        Cause::Cancelled => "cancelled",
        Cause::ConnectionLimit => "too many connections",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(request: u64, connection: u32, reply: bool, from_ns: u64, until_ns: u64) -> Hop {
        Hop {
            request,
            connection,
            operation: 0,
            reply,
            failed: None,
            from_ns,
            until_ns,
        }
    }

    fn document() -> Document {
        let mut scenario = crate::scenario::Scenario::default();
        for name in ["a", "b", "c"] {
            scenario
                .components
                .insert(name.into(), crate::scenario::Kind::Server.component());
        }
        scenario.connections = vec![
            crate::scenario::Connection::new("a", "b"),
            crate::scenario::Connection::new("b", "c"),
        ];
        Document::new(crate::scenario::file::Document::new(scenario))
    }

    #[test]
    fn dots_of_a_request_follow_each_other_and_all_can_be_seen() {
        let mut dots = Dots::default();
        // All four within one simulated millisecond.
        let hops = [
            hop(1, 0, false, 0, 0),
            hop(1, 1, false, 100_000, 100_000),
            hop(1, 1, true, 600_000, 600_000),
            hop(1, 0, true, 700_000, 700_000),
        ];
        dots.take_in(&hops, &document(), 1_000_000, 10.0, 1.0);
        let times: Vec<_> = dots
            .flights
            .iter()
            .map(|flight| (flight.from_secs, flight.until_secs))
            .collect();
        for pair in times.windows(2) {
            assert!(pair[1].0 >= pair[0].1, "{times:?}");
        }
        for (from, until) in times {
            assert!(until - from >= MIN_FLIGHT_SECS - 1e-9);
        }
    }

    #[test]
    fn a_slow_clock_shows_the_real_time_of_flight() {
        let mut dots = Dots::default();
        dots.take_in(
            &[hop(1, 0, false, 0, 20_000_000)],
            &document(),
            0,
            5.0,
            0.01,
        );
        assert!((dots.flights[0].until_secs - 7.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_moves_for_ever() {
        let mut dots = Dots::default();
        let failed = Hop {
            failed: Some(Cause::QueueFull),
            ..hop(1, 0, false, 0, 0)
        };
        for _ in 0..3 {
            dots.take_in(&[failed], &document(), 0, 1.0, 1.0);
        }
        assert_eq!(dots.drops.len(), 1);
        assert_eq!(dots.drops[0].times, 3);
        assert!(dots.is_moving());
        dots.clean(1.0 + MOST_LAG_SECS + CAUSE_SECS + 1.0);
        assert!(!dots.is_moving());
        assert!(dots.arrivals.is_empty());
    }
}
