//! What a frame of the window costs the processor, without a graphics card: interface and
//! tessellation of the whole application, with moving requests.
//!
//! ```text
//! cargo bench --bench frame              times
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
    scenario::{Connection, Kind, Scenario, file},
    window::{App, Start, Workplace, dialogs},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The bar: milliseconds for interface and tessellation of 1,000 boxes and 10,000 dots in view.
const BAR_MS: f64 = 4.0;
/// Most vertices of a frame: at about 13 ns each, a frame stays under the bar.
const MOST_VERTICES: usize = 300_000;
const DOTS: u64 = 10_000;

struct Case {
    name: &'static str,
    boxes: usize,
    dots: u64,
    screen: Vec2,
    /// Zoomed in to the real size of the boxes instead of seeing all of them.
    real_size: bool,
}

const LAPTOP: Vec2 = Vec2::new(1280.0, 800.0);
const WALL: Vec2 = Vec2::new(3840.0, 2160.0);

#[rustfmt::skip]
const CASES: [Case; 7] = [
    Case { name: "20 boxes", boxes: 20, dots: 200, screen: LAPTOP, real_size: false },
    Case { name: "1,000 boxes, all in view", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: false },
    Case { name: "1,000 boxes, real size", boxes: 1_000, dots: DOTS, screen: LAPTOP, real_size: true },
    Case { name: "1,000 boxes, all in view, 4K", boxes: 1_000, dots: DOTS, screen: WALL, real_size: false },
    Case { name: "1,000 boxes, real size, 4K", boxes: 1_000, dots: DOTS, screen: WALL, real_size: true },
    Case { name: "5,000 boxes, all in view", boxes: 5_000, dots: DOTS, screen: LAPTOP, real_size: false },
    Case { name: "5,000 boxes, all in view, 4K", boxes: 5_000, dots: DOTS, screen: WALL, real_size: false },
];

fn main() -> ExitCode {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let frames = if quick { 5 } else { 240 };
    println!(
        "interface + tessellation, milliseconds a frame (median of {frames}; bar {BAR_MS} ms)\n"
    );
    println!(
        "{:<30} {:>9} {:>12} {:>9} {:>9} {:>7} {:>9}",
        "", "interface", "tessellation", "together", "slowest", "meshes", "vertices"
    );
    let mut good = true;
    for case in &CASES {
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
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        write!(
            f,
            "{:>9.2} {:>12.2} {:>9.2} {:>9.2} {:>7} {:>9}",
            ms(self.interface),
            ms(self.tessellation),
            ms(self.together),
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
    fn new(path: &Path, screen: Vec2) -> Self {
        let ctx = egui::Context::default();
        let start = Start {
            path: Some(path.to_owned()),
            settings_file: None,
            recovery_directory: None,
            dialogs: Box::new(dialogs::SystemDialogs),
            workplace: Workplace::Inline,
        };
        Self {
            app: App::new(&ctx, start),
            frame: eframe::Frame::_new_kittest(),
            ctx,
            screen,
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
    let scenario = scenario(case.boxes);
    let path = std::env::temp_dir().join(format!("littlebox-frame-{}.ron", std::process::id()));
    file::write(&path, &file::Document::new(scenario)).map_err(|error| error.to_string())?;
    let mut bench = Bench::new(&path, case.screen);
    std::fs::remove_file(&path).map_err(|error| error.to_string())?;

    bench.draw(Vec::new());
    // Let it run until boxes have figures, then hold it: the engine is measured elsewhere.
    bench.press(Key::Space, Modifiers::NONE);
    for _ in 0..60 {
        bench.draw(Vec::new());
    }
    bench.press(Key::Space, Modifiers::NONE);
    // What was asked in one frame is read in the next.
    bench.draw(Vec::new());
    let snapshot = bench.app.session().snapshot();
    if snapshot.playing || snapshot.system.so_far.arrivals == 0 {
        return Err(format!("it did not run: {:?}", snapshot.error));
    }
    let middle = (case.screen / 2.0).to_pos2();
    bench.draw(vec![Event::PointerMoved(middle)]);
    if case.real_size {
        bench.press(Key::Num0, Modifiers::COMMAND);
    }
    fill_with_dots(&mut bench, case.dots);

    let mut drawn: Vec<Drawn> = (0..frames).map(|_| bench.draw(Vec::new())).collect();
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
    })
}

/// Groups of a client, a balancer and eight servers, in rows.
fn scenario(boxes: usize) -> Scenario {
    const GROUP: usize = 10;
    let groups = boxes / GROUP;
    let across = ((groups as f64 * 0.6).sqrt().ceil() as usize).max(1);
    let mut scenario = Scenario::default();
    for group in 0..groups {
        let (x, y) = (
            (group % across) as i32 * 800,
            (group / across) as i32 * 1_100,
        );
        let mut add = |name: String, kind: Kind, x: i32, y: i32| {
            scenario.components.insert(name.clone(), kind.component());
            scenario.layout.insert(name.clone(), (x, y));
            name
        };
        let client = add(format!("clients {group}"), Kind::Client, x, y + 420);
        let balancer = add(
            format!("balancer {group}"),
            Kind::LoadBalancer,
            x + 220,
            y + 420,
        );
        let mut connect = vec![Connection::new(client, balancer.clone())];
        for number in 0..GROUP - 2 {
            let at = y + number as i32 * 120;
            let server = add(
                format!("server {group}.{number}"),
                Kind::Server,
                x + 500,
                at,
            );
            connect.push(Connection::new(balancer.clone(), server));
        }
        scenario.connections.append(&mut connect);
    }
    scenario
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
