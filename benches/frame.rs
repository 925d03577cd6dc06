//! What a frame of the window costs the processor, without a graphics card: interface and
//! tessellation of the whole application, with moving requests.
//!
//! ```text
//! cargo bench --bench frame              times
//! cargo bench --bench frame -- 4K        times of the cases whose names have `4K` in them
//! cargo bench --bench frame -- --quick   work only: fails when a frame has too many vertices
//! ```

use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use eframe::App as _;
use egui::{Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2, epaint::Primitive};
use littlebox::{
    engine::Hop,
    scenario::{Scenario, file, problem},
    window::{App, Start, Workplace, dialogs},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The bar: milliseconds for interface and tessellation of 1,000 boxes and 10,000 dots in view.
const BAR_MS: f64 = 4.0;
/// Most vertices of a frame: at about 13 ns each, a frame stays under the bar.
const MOST_VERTICES: usize = 300_000;
const DOTS: u64 = 10_000;
/// A box that is dragged must follow at 60 frames a second.
const DRAG_BAR_MS: f64 = 16.0;
/// How long a scenario has run when it is measured: the first faults are a second old.
const SIMULATED_SECS: f64 = 4.0;

struct Case {
    name: &'static str,
    boxes: usize,
    dots: u64,
    screen: Vec2,
    /// Zoomed in to the real size of the boxes instead of seeing all of them.
    real_size: bool,
    /// What happens in every frame.
    action: Action,
}

#[derive(Clone, Copy, PartialEq)]
enum Action {
    /// The run is held, so that nothing but the frame is measured.
    Still,
    /// The engine runs flat out on its own thread.
    FlatOut,
    /// A box is dragged, which is an edit in every frame.
    Drag,
}
use Action::{Drag, FlatOut, Still};

const LAPTOP: Vec2 = Vec2::new(1280.0, 800.0);
const WALL: Vec2 = Vec2::new(3840.0, 2160.0);

#[rustfmt::skip]
const CASES: [Case; 11] = [
    Case { name: "20 boxes", boxes: 20, dots: 200, screen: LAPTOP, real_size: false, action: Still },
    Case { name: "1,000 boxes, all in view", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: false, action: Still },
    Case { name: "1,000 boxes, real size", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: true, action: Still },
    Case { name: "1,000 boxes, all in view, 4K", boxes: 1_000, dots: DOTS, screen: WALL, real_size: false, action: Still },
    Case { name: "1,000 boxes, real size, 4K", boxes: 1_000, dots: DOTS, screen: WALL, real_size: true, action: Still },
    Case { name: "5,000 boxes, all in view", boxes: 5_000, dots: DOTS, screen: LAPTOP, real_size: false, action: Still },
    Case { name: "5,000 boxes, all in view, 4K", boxes: 5_000, dots: DOTS, screen: WALL, real_size: false, action: Still },
    Case { name: "1,000 boxes, flat out", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: false, action: FlatOut },
    Case { name: "1,000 boxes, flat out, 4K", boxes: 1_000, dots: DOTS, screen: WALL, real_size: false, action: FlatOut },
    Case { name: "1,000 boxes, one is dragged", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: false, action: Drag },
    Case { name: "5,000 boxes, one is dragged", boxes: 5_000, dots: DOTS, screen: LAPTOP, real_size: true, action: Drag },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|arg| arg == "--quick");
    // `--bench` comes from cargo.
    let wanted = arguments.iter().find(|arg| !arg.starts_with("--"));
    let frames = if quick { 5 } else { 240 };
    println!(
        "interface + tessellation, milliseconds a frame: median of {frames}, and the slowest; every \
         box has figures, and 10,000 requests are under way; `!` marks what is over its bar\n"
    );
    println!(
        "{:<30} {:>9} {:>12} {:>9} {:>6} {:>9} {:>7} {:>9}",
        "", "interface", "tessellation", "together", "bar", "slowest", "meshes", "vertices"
    );
    let mut good = true;
    let is_wanted = |case: &&Case| wanted.is_none_or(|part| case.name.contains(part.as_str()));
    for case in CASES.iter().filter(is_wanted) {
        match measure(case, frames) {
            Ok(result) => {
                println!("{:<30} {result}", case.name);
                good &= result.vertices <= MOST_VERTICES;
            }
            Err(error) => {
                println!("{}: {error}", case.name);
                good = false;
            }
        }
    }
    if good {
        ExitCode::SUCCESS
    } else {
        println!("\nA frame has more than {MOST_VERTICES} vertices, or could not be drawn");
        ExitCode::FAILURE
    }
}

/// What a case takes.
struct Measured {
    interface: Duration,
    tessellation: Duration,
    together: Duration,
    slowest: Duration,
    meshes: usize,
    vertices: usize,
    bar_ms: Option<f64>,
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        write!(
            f,
            "{:>9.2} {:>12.2} {:>9.2} {:>6} {:>9.2} {:>7} {:>9}",
            ms(self.interface),
            ms(self.tessellation),
            ms(self.together),
            self.bar_ms.map_or(String::new(), |bar| {
                let mark = if ms(self.together) > bar { "!" } else { "" };
                format!("{mark}{bar}")
            }),
            ms(self.slowest),
            self.meshes,
            self.vertices
        )
    }
}

/// One application with its input.
struct Bench {
    ctx: egui::Context,
    app: App,
    frame: eframe::Frame,
    screen: Vec2,
    secs: f64,
}

/// A frame that was drawn.
struct Drawn {
    interface: Duration,
    tessellation: Duration,
    meshes: usize,
    vertices: usize,
}

impl Bench {
    fn new(path: &Path, case: &Case) -> Self {
        let ctx = egui::Context::default();
        let start = Start {
            path: Some(path.to_owned()),
            settings_file: None,
            recovery_directory: None,
            dialogs: Box::new(dialogs::SystemDialogs),
            workplace: match case.action {
                FlatOut | Drag => Workplace::Thread,
                Still => Workplace::Inline,
            },
        };
        Self {
            app: App::new(&ctx, start),
            frame: eframe::Frame::_new_kittest(),
            ctx,
            screen: case.screen,
            secs: 0.0,
        }
    }

    fn draw(&mut self, events: Vec<Event>) -> Drawn {
        self.secs += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.screen)),
            time: Some(self.secs),
            events,
            ..RawInput::default()
        };
        let start = Instant::now();
        let mut output = self.ctx.run_ui(input, |ui| {
            self.app.logic(&ui.ctx().clone(), &mut self.frame);
            self.app.ui(ui, &mut self.frame);
        });
        let interface = start.elapsed();
        let start = Instant::now();
        let primitives = self
            .ctx
            .tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        let tessellation = start.elapsed();
        output.textures_delta.clear();
        let vertices = |primitive: &Primitive| match primitive {
            Primitive::Mesh(mesh) => mesh.vertices.len(),
            Primitive::Callback(_) => 0,
        };
        Drawn {
            interface,
            tessellation,
            meshes: primitives.len(),
            vertices: primitives
                .iter()
                .map(|clipped| vertices(&clipped.primitive))
                .sum(),
        }
    }

    /// Lets the engine run in the frames until boxes have figures, and holds it: the engine is
    /// measured elsewhere.
    fn run_and_hold(&mut self, simulated_secs: f64) -> Result<(), String> {
        self.press(Key::Space, Modifiers::NONE);
        for _ in 0..10_000 {
            self.draw(Vec::new());
            if self.app.session().snapshot().now_secs() >= simulated_secs {
                break;
            }
        }
        self.press(Key::Space, Modifiers::NONE);
        // What was asked in one frame is read in the next.
        self.draw(Vec::new());
        self.has_run(simulated_secs, false)
    }

    fn run_flat_out(&mut self, simulated_secs: f64) -> Result<(), String> {
        self.press(Key::Space, Modifiers::NONE);
        self.press(Key::Backslash, Modifiers::NONE);
        for _ in 0..2_000 {
            self.draw(Vec::new());
            if self.app.session().snapshot().now_secs() >= simulated_secs {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.has_run(simulated_secs, true)
    }

    fn has_run(&self, simulated_secs: f64, playing: bool) -> Result<(), String> {
        let snapshot = self.app.session().snapshot();
        let has_run = snapshot.now_secs() >= simulated_secs && snapshot.playing == playing;
        has_run
            .then_some(())
            .ok_or_else(|| format!("it did not run: {:?}", snapshot.error))
    }

    /// Finds a box with the pointer and begins to drag it. Returns where the pointer is.
    fn grab_a_box(&mut self) -> Result<Pos2, String> {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        for step in 0..400 {
            let share = step as f32 / 400.0;
            let pos = Pos2::new(
                self.screen.x * (0.2 + 0.5 * share),
                self.screen.y * (0.2 + 0.4 * (share * 61.0).fract()),
            );
            let before = self.app.document().revision();
            self.draw(vec![Event::PointerMoved(pos)]);
            self.draw(vec![button(pos, true)]);
            let to = pos + Vec2::new(60.0, 0.0);
            self.draw(vec![Event::PointerMoved(to)]);
            self.draw(Vec::new());
            if self.app.document().revision() != before {
                return Ok(to);
            }
            self.draw(vec![button(to, false)]);
            self.press(Key::Escape, Modifiers::NONE);
        }
        Err("there is no box to drag".into())
    }

    fn press(&mut self, key: Key, modifiers: Modifiers) {
        for pressed in [true, false] {
            self.draw(vec![Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers,
            }]);
        }
    }
}

fn measure(case: &Case, frames: usize) -> Result<Measured, String> {
    let scenario = scenario(case.boxes)?;
    let path = std::env::temp_dir().join(format!("littlebox-frame-{}.ron", std::process::id()));
    file::write(&path, &file::Document::new(scenario)).map_err(|error| error.to_string())?;
    let mut bench = Bench::new(&path, case);
    std::fs::remove_file(&path).map_err(|error| error.to_string())?;

    bench.draw(Vec::new());
    match case.action {
        Still => bench.run_and_hold(SIMULATED_SECS)?,
        FlatOut => bench.run_flat_out(SIMULATED_SECS)?,
        Drag => {
            bench.run_flat_out(SIMULATED_SECS)?;
            bench.press(Key::Space, Modifiers::NONE);
        }
    }
    let middle = (case.screen / 2.0).to_pos2();
    bench.draw(vec![Event::PointerMoved(middle)]);
    if case.real_size {
        bench.press(Key::Num0, Modifiers::COMMAND);
    }
    let mut drag = match case.action {
        Drag => Some(bench.grab_a_box()?),
        Still | FlatOut => None,
    };
    fill_with_dots(&mut bench, case.dots);

    let mut drawn: Vec<Drawn> = (0..frames)
        .map(|frame| {
            let events = drag.as_mut().map(|at| {
                // Over a step of the grid, back and forth.
                let way = if frame % 2 == 0 { 48.0 } else { -48.0 };
                at.x += way;
                Event::PointerMoved(*at)
            });
            let before = bench.app.document().revision();
            let drawn = bench.draw(events.into_iter().collect());
            let is_edited = bench.app.document().revision() != before;
            (drawn, is_edited)
        })
        .filter(|(_, is_edited)| *is_edited == (case.action == Drag))
        .map(|(drawn, _)| drawn)
        .collect();
    if drawn.len() < frames {
        return Err("the box did not follow the pointer".into());
    }
    let mut middle_and_last = |time: fn(&Drawn) -> Duration| {
        drawn.sort_by_key(time);
        (time(&drawn[drawn.len() / 2]), time(&drawn[drawn.len() - 1]))
    };
    let (interface, _) = middle_and_last(|drawn| drawn.interface);
    let (tessellation, _) = middle_and_last(|drawn| drawn.tessellation);
    let (together, slowest) = middle_and_last(|drawn| drawn.interface + drawn.tessellation);
    Ok(Measured {
        interface,
        tessellation,
        together,
        slowest,
        meshes: drawn.iter().map(|drawn| drawn.meshes).max().unwrap_or(0),
        vertices: drawn.iter().map(|drawn| drawn.vertices).max().unwrap_or(0),
        bar_ms: match case.action {
            Drag => Some(DRAG_BAR_MS),
            // More than the bar speaks of: for information.
            Still | FlatOut if case.boxes > 1_000 => None,
            Still | FlatOut => Some(BAR_MS),
        },
    })
}

/// Groups of ten boxes in rows, with everything at once that a box can show: busy and idle slots,
/// lines drawn and counted, saturated, crashed, hung, paused and slow boxes, more traffic, hits.
fn scenario(boxes: usize) -> Result<Scenario, String> {
    const GROUP: usize = 10;
    let groups = boxes / GROUP;
    let across = ((groups as f64 * 0.45).sqrt().ceil() as usize).max(1);
    let mut text = String::from("Scenario(version: 1, name: \"Bench\", components: {\n");
    let (mut connections, mut faults, mut layout) = (String::new(), String::new(), String::new());
    for group in 0..groups {
        let (x, y) = (group % across * 1_160, group / across * 620);
        // Ten to the busy servers, three times as much as the one that is too slow can take.
        let kinds = [
            (
                "clients",
                0,
                160,
                "Client(arrivals: Poisson(rate: 40), timeout: \"1s\")",
            ),
            ("lb", 220, 160, "LoadBalancer()"),
            (
                "idle",
                500,
                0,
                "Server(slots: 4, service: Exponential(\"20ms\"))",
            ),
            (
                "busy",
                500,
                120,
                "Server(slots: 1, service: Exponential(\"90ms\"))",
            ),
            (
                "full",
                500,
                240,
                "Server(slots: 1, service: Exponential(\"300ms\"))",
            ),
            (
                "down",
                500,
                360,
                "Server(slots: 4, service: Exponential(\"20ms\"))",
            ),
            ("cache", 780, 0, "Cache(capacity: 1_000)"),
            (
                "db",
                780,
                120,
                "Database(slots: 1, read: Exponential(\"60ms\"))",
            ),
            ("replica", 780, 240, "Replica()"),
            ("queue", 780, 360, "Queue()"),
        ];
        for (name, dx, dy, component) in kinds {
            text += &format!("\"{name} {group}\": {component},\n");
            layout += &format!("\"{name} {group}\": ({}, {}),\n", x + dx, y + dy);
        }
        for (from, to, rest) in [
            ("clients", "lb", ""),
            ("lb", "idle", ""),
            ("lb", "busy", ""),
            ("lb", "full", ""),
            ("lb", "down", ""),
            ("idle", "cache", ", step: 1, only: Reads"),
            ("idle", "db", ", step: 2, only: Reads, when: OnMiss"),
            ("busy", "db", ", only: Writes"),
            ("full", "replica", ", only: Reads"),
            ("down", "queue", ", mode: Async"),
            ("db", "replica", ", link: Replication()"),
            ("queue", "busy", ""),
        ] {
            connections += &format!("(from: \"{from} {group}\", to: \"{to} {group}\"{rest}),\n");
        }
        let (on, fault) = match group % 5 {
            0 => ("down", "Crash"),
            1 => ("down", "Hang"),
            2 => ("cache", "Slow(times: 4)"),
            3 => ("clients", "Traffic(times: 2)"),
            _ => ("replica", "Pause"),
        };
        faults += &format!("(at: \"1s\", on: \"{on} {group}\", fault: {fault}),\n");
    }
    text += &format!("}}, connections: [{connections}], faults: [{faults}], layout: {{{layout}}})");
    match file::load(&text) {
        (Some(document), problems) if problem::can_run(&problems) => Ok(document.scenario),
        (_, problems) => Err(format!("{:?}", problems.first())),
    }
}

/// Puts requests on every arrow, all under way during the whole measurement.
fn fill_with_dots(bench: &mut Bench, dots: u64) {
    let document = bench.app.document();
    let connections = document.scenario().connections.len() as u64;
    let hops: Vec<Hop> = (0..dots)
        .map(|request| Hop {
            request,
            connection: (request % connections) as u32,
            operation: (request % 2) as u8,
            reply: request % 3 == 0,
            failed: None,
            from_ns: 0,
            // Between 6 and 12 s of flight; a frame is a sixtieth of a second.
            until_ns: 6_000_000_000 + request * 6_000_000_000 / dots,
        })
        .collect();
    // The app lends its document and its dots one at a time.
    let mut filled = std::mem::take(bench.app.dots_mut());
    let now_secs = bench.app.session().dots_secs();
    // They left over the last five seconds, so they are all along their arrows.
    let batch = hops.len().div_ceil(50);
    for (age, hops) in hops.chunks(batch).enumerate().rev() {
        filled.take_in(
            hops,
            bench.app.document(),
            0,
            now_secs - age as f64 * 0.1,
            1.0,
        );
    }
    *bench.app.dots_mut() = filled;
}
