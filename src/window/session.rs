//! The run that belongs to the open document: what is asked of it, and what it says.

use std::sync::Arc;

use egui::Context;

use super::{
    canvas::Dots,
    caption,
    command::{Trouble, Way},
    document::Document,
    figures::{ArrowFigures, BoxFigures, Figures},
    live::{BoxReading, Live, MIN_FLIGHT_SECS, Order, Pace, Snapshot},
    transport::SPEED_RANGE,
};
use crate::{
    engine::Hop,
    scenario::{
        Deploy, DeployStrategy, Duration, FaultKind, Problem, RollBack, Scenario, check, edit,
        problem,
    },
    study::{Cost, Figure},
};

/// Where the engine works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workplace {
    /// On a thread of its own.
    #[default]
    Thread,
    /// In the window's own frames, so that a test knows what has happened.
    Inline,
}

/// The run, as the window sees it.
pub struct Session {
    live: Option<Live>,
    workplace: Workplace,
    snapshot: Arc<Snapshot>,
    /// What the person wants; the run follows a moment later.
    playing: bool,
    speed: f64,
    flat_out: bool,
    /// The document's meaning that was sent last.
    sent: Option<u64>,
    /// Why the last state was not sent.
    cannot_run: Option<String>,
    figures: Figures,
    /// The run's arrows as numbers of the document's.
    arrows: Vec<Option<u32>>,
    /// For which run and which meaning of the document `arrows` was worked out.
    arrows_of: (u64, u64, u64),
    hops: Vec<Hop>,
    selected: Option<String>,
    dots_wanted: Option<bool>,
    /// The clock by which dots move. It stands still while the run does.
    dots_secs: f64,
    /// A single event lets that clock run on until then.
    dots_until_secs: f64,
}

impl Session {
    /// A run for a window. There is none when the system gives no thread.
    pub fn new(ctx: &Context, workplace: Workplace) -> Self {
        let live = match workplace {
            Workplace::Inline => Some(Live::inline()),
            Workplace::Thread => {
                let ctx = ctx.clone();
                Live::spawn(move || ctx.request_repaint())
                    .inspect_err(|error| log::error!("no thread for the engine: {error}"))
                    .ok()
            }
        };
        Self {
            cannot_run: live
                .is_none()
                .then(|| "The system gives no thread to run on".to_owned()),
            live,
            workplace,
            snapshot: Arc::default(),
            playing: false,
            speed: 1.0,
            flat_out: false,
            sent: None,
            figures: Figures::default(),
            arrows: Vec::new(),
            arrows_of: (0, u64::MAX, 0),
            hops: Vec::new(),
            selected: None,
            dots_wanted: None,
            dots_secs: 0.0,
            dots_until_secs: 0.0,
        }
    }

    /// The latest reading.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What boxes and arrows show.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The time by which dots move, in seconds.
    pub fn dots_secs(&self) -> f64 {
        self.dots_secs
    }

    /// Whether the clock is to run.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Wanted speed, as simulated seconds for one second on the wall.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether it is to go as fast as it can.
    pub fn is_flat_out(&self) -> bool {
        self.flat_out
    }

    /// Why the run does not follow the drawing, or why there is none.
    pub fn stuck(&self) -> Option<&str> {
        self.cannot_run
            .as_deref()
            .or(self.snapshot.error.as_deref())
    }

    /// A new run of another document, paused, at the speed that was set.
    pub fn load(&mut self, document: &Document, problems: &[Problem]) {
        self.sent = None;
        self.playing = false;
        // What begins should be seen.
        self.flat_out = false;
        self.snapshot = Arc::default();
        self.figures = Figures::default();
        self.hops.clear();
        self.follow(document, problems);
        self.tell_pace();
    }

    /// Sends the document when it has changed and can run.
    pub fn follow(&mut self, document: &Document, problems: &[Problem]) {
        if self.sent == Some(document.meaning()) {
            return;
        }
        let scenario = document.scenario();
        let Some(scenario) = what_runs(scenario, problems) else {
            let error = problems.iter().find(|problem| problem.is_error());
            self.cannot_run = error.map(|problem| caption::of_problem(problem, scenario));
            return;
        };
        self.cannot_run = None;
        let revision = document.meaning();
        let order = match self.sent {
            None => Order::Load { scenario, revision },
            Some(_) => Order::Edit { scenario, revision },
        };
        let is_new = self.sent.replace(revision).is_none();
        self.send(order);
        if is_new && self.playing {
            // A new run starts paused.
            self.send(Order::Play);
        }
    }

    fn send(&mut self, order: Order) {
        if let Some(live) = &mut self.live {
            live.send(order);
        }
    }

    /// Lets the clock run, or holds it.
    pub fn play(&mut self, playing: bool) {
        self.playing = playing;
        self.send(if playing { Order::Play } else { Order::Pause });
    }

    /// Holds the clock and runs one event.
    pub fn step(&mut self) {
        self.playing = false;
        self.dots_until_secs = self.dots_secs + MIN_FLIGHT_SECS;
        self.send(Order::Step);
    }

    /// Starts again from time zero.
    pub fn restart(&mut self) {
        self.send(Order::Restart { seed: None });
    }

    /// Forgets what was measured.
    pub fn reset_measures(&mut self) {
        self.send(Order::ResetMeasures);
    }

    /// Sets the speed.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed.clamp(*SPEED_RANGE.start(), *SPEED_RANGE.end());
        self.flat_out = false;
        self.tell_pace();
    }

    /// Goes as fast as it can, or at the speed set.
    pub fn set_flat_out(&mut self, flat_out: bool) {
        self.flat_out = flat_out;
        self.tell_pace();
    }

    fn tell_pace(&mut self) {
        let pace = if self.flat_out {
            Pace::FlatOut
        } else {
            Pace::Times(self.speed)
        };
        self.send(Order::Pace(pace));
    }

    /// Makes trouble, or heals it.
    pub fn trouble(&mut self, on: String, trouble: Trouble) {
        let fault = match trouble {
            Trouble::Crash => FaultKind::Crash,
            Trouble::Hang => FaultKind::Hang,
            Trouble::Pause => FaultKind::Pause,
            Trouble::Slow(times) => FaultKind::Slow {
                times: f64::from(times),
            },
            Trouble::Traffic(times) => FaultKind::Traffic {
                times: f64::from(times),
            },
            Trouble::Errors(percent) => FaultKind::Errors {
                share: f64::from(percent) / 100.0,
            },
            Trouble::Capacity(percent) => FaultKind::Capacity {
                lost: f64::from(percent) / 100.0,
            },
            Trouble::Loss(percent) => FaultKind::Loss {
                share: f64::from(percent) / 100.0,
            },
            Trouble::HotKey(percent) => FaultKind::HotKey {
                share: f64::from(percent) / 100.0,
            },
            Trouble::Flush => FaultKind::Flush,
            Trouble::Cut => FaultKind::Cut,
            Trouble::Partition => FaultKind::Partition,
            Trouble::Deploy(way) => FaultKind::Deploy(deploy(way)),
            Trouble::RollBack => {
                self.send(Order::RollBack { on });
                return;
            }
            Trouble::Heal => {
                self.send(Order::Heal { on });
                return;
            }
        };
        self.send(Order::StartFault { on, fault });
    }

    /// Says whose details the reading is to have.
    pub fn select(&mut self, name: Option<&str>) {
        if self.selected.as_deref() != name {
            self.selected = name.map(str::to_owned);
            self.send(Order::Select(self.selected.clone()));
        }
    }

    /// Reads what happened since the last frame.
    pub fn read(&mut self, ctx: &Context, document: &Document, dots: &mut Dots, animate: bool) {
        if self.dots_wanted != Some(animate) {
            self.dots_wanted = Some(animate);
            self.send(Order::Dots(animate));
            dots.clear();
        }
        let Some(live) = &mut self.live else { return };
        if self.workplace == Workplace::Inline && self.playing {
            live.pump(f64::from(ctx.input(|input| input.stable_dt)));
            ctx.request_repaint();
        }
        let snapshot = live.snapshot();
        live.take_hops(&mut self.hops);
        if self.snapshot.run != snapshot.run {
            dots.clear();
        }
        let is_new = !Arc::ptr_eq(&self.snapshot, &snapshot);
        self.snapshot = snapshot;
        if self.match_arrows(document) || is_new {
            self.figures = figures(&self.snapshot, document, &self.arrows);
        }
        self.take_dots(ctx, dots, document);
    }

    fn take_dots(&mut self, ctx: &Context, dots: &mut Dots, document: &Document) {
        const LONGEST_FRAME_SECS: f64 = 0.1;
        let are_running = self.playing || self.dots_secs < self.dots_until_secs;
        if are_running {
            let frame_secs = ctx.input(|input| f64::from(input.stable_dt));
            self.dots_secs += frame_secs.min(LONGEST_FRAME_SECS);
        }
        let hops: Vec<Hop> = self
            .hops
            .drain(..)
            .filter_map(|hop| {
                let connection = (*self.arrows.get(hop.connection as usize)?)?;
                Some(Hop { connection, ..hop })
            })
            .collect();
        let speed = if self.flat_out {
            self.snapshot.speed
        } else {
            self.speed
        };
        dots.take_in(&hops, document, self.snapshot.now_ns, self.dots_secs, speed);
        if are_running && dots.is_moving() {
            ctx.request_repaint();
        }
    }

    /// Works out which arrow of the document each arrow of the run is. Says whether it had to.
    fn match_arrows(&mut self, document: &Document) -> bool {
        let key = (
            self.snapshot.run,
            self.snapshot.revision,
            document.meaning(),
        );
        if self.arrows_of == key {
            return false;
        }
        self.arrows_of = key;
        let Some(running) = &self.snapshot.scenario else {
            self.arrows.clear();
            return true;
        };
        let drawn = &document.scenario().connections;
        self.arrows = if *drawn == running.connections {
            (0..drawn.len() as u32).map(Some).collect()
        } else {
            let mut numbers = std::collections::HashMap::new();
            for (number, connection) in drawn.iter().enumerate() {
                numbers
                    .entry((&connection.from, &connection.to))
                    .or_insert(number as u32);
            }
            running
                .connections
                .iter()
                .map(|connection| numbers.get(&(&connection.from, &connection.to)).copied())
                .collect()
        };
        true
    }
}

/// The drawing, or the part of it that is finished: a box that was just put down must not stop the
/// run. `None` when nothing can run.
fn what_runs(scenario: &Arc<Scenario>, problems: &[Problem]) -> Option<Arc<Scenario>> {
    if problem::can_run(problems) {
        return Some(Arc::clone(scenario));
    }
    let finished = edit::finished(scenario);
    let runs = !finished.components.is_empty() && problem::can_run(&check(&finished));
    runs.then(|| Arc::new(finished))
}

fn figures(snapshot: &Snapshot, document: &Document, arrows: &[Option<u32>]) -> Figures {
    let Some(running) = &snapshot.scenario else {
        return Figures::default();
    };
    let scenario = document.scenario();
    let same = scenario.components.len() == running.components.len()
        && scenario.components.keys().eq(running.components.keys());
    let own = snapshot.boxes.iter().map(|reading| &reading.so_far);
    let system = &snapshot.system.so_far;
    let costs = Cost::of_boxes(running, system, own, &snapshot.connections);
    let boxes = scenario
        .components
        .keys()
        .enumerate()
        .map(|(number, name)| {
            let number = if same {
                number
            } else {
                running.components.get_index_of(name)?
            };
            let cost = costs.get(number).copied().flatten();
            Some(BoxFigures {
                cost: cost.filter(|cost| cost.per_month > 0.0),
                ..box_figures(snapshot.boxes.get(number)?)
            })
        })
        .collect();
    let mut drawn = vec![ArrowFigures::default(); scenario.connections.len()];
    for (index, number) in arrows.iter().enumerate() {
        let place = number.and_then(|number| drawn.get_mut(number as usize));
        if let Some(place) = place {
            *place = arrow_figures(snapshot, index);
        }
    }
    let frames = scenario.frames.keys().map(|name| {
        let index = running.frames.get_index_of(name);
        index.is_some_and(|index| snapshot.frames.get(index).copied().unwrap_or(false))
    });
    Figures {
        boxes,
        arrows: drawn,
        frames: frames.collect(),
    }
}

fn arrow_figures(snapshot: &Snapshot, index: usize) -> ArrowFigures {
    let link = snapshot.links.get(index).copied().unwrap_or_default();
    let cut_for = snapshot
        .cut_for
        .iter()
        .find(|ways| ways.connection == index);
    ArrowFigures {
        cut: link.cut || cut_for.is_some_and(|ways| ways.are_all),
        cut_for: cut_for.map(|ways| ways.frames.clone()).unwrap_or_default(),
        breaker: snapshot
            .connections
            .get(index)
            .and_then(|totals| totals.breaker),
        weak: !link.is_well(),
        out: snapshot.out.contains(&(index as u32)),
        bandwidth: snapshot.bandwidths.get(index).copied().flatten(),
    }
}

fn box_figures(reading: &BoxReading) -> BoxFigures {
    let lately = &reading.lately;
    let so_far = &reading.so_far;
    BoxFigures {
        utilization: (so_far.slots > 0).then(|| Figure::Utilization.of(lately).unwrap_or(0.0)),
        waiting: so_far.waiting,
        present: so_far.present,
        throughput: Figure::Throughput.of(lately).unwrap_or(0.0),
        failing: Figure::FailureRate.of(lately).unwrap_or(0.0),
        hit_ratio: Figure::HitRatio.of(lately),
        connections: (so_far.connections_area > 0).then_some(so_far.connections),
        cost: None,
        condition: reading.condition,
        is_growing: reading.is_growing,
    }
}
/// What is deployed by hand: a version of which one call in twenty fails.
fn deploy(way: Way) -> Deploy {
    let strategy = match way {
        Way::Rolling => DeployStrategy::default(),
        Way::Canary => DeployStrategy::Canary {
            instances: 1,
            watch: Duration::from_secs(60),
            batch: 1,
        },
        Way::BlueGreen => DeployStrategy::BlueGreen {
            keep: Duration::from_secs(60),
        },
    };
    Deploy {
        errors: 0.05,
        strategy,
        boot: Duration::from_secs(10),
        roll_back: (way == Way::Canary).then(RollBack::default),
        ..Deploy::default()
    }
}
