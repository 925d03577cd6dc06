//! Zones and regions on the canvas and in the inspector.

use egui::{Key, Modifiers, PointerButton, Vec2};
use egui_kittest::kittest::Queryable;
use littlebox::{
    engine::Condition,
    scenario::{FrameKind, Scenario, parameters},
};

use super::fixture::*;

/// users → api → db; the last two in a zone, and one apart in a region.
const WORLD: &str = r#"Scenario(
    version: 1,
    components: {
        "users": Client(arrivals: Poisson(rate: 80)),
        "api": Server(slots: 1, service: Exponential("1ms")),
        "db": Database(),
        "copy": Server(),
    },
    connections: [
        (from: "users", to: "api"),
        (from: "api", to: "db"),
        (from: "api", to: "copy"),
    ],
    frames: {
        "east": (members: ["api", "db"]),
        "far": (kind: Region, members: ["copy"]),
    },
    layout: { "users": (0, 0), "api": (220, 0), "db": (220, 160), "copy": (520, 0) },
)
"#;

fn members(scenario: &Scenario, frame: &str) -> Vec<String> {
    let frame = scenario.frames.get(frame);
    frame.map_or(Vec::new(), |frame| frame.members.clone())
}

fn undo(window: &mut Window) {
    window.key(Modifiers::COMMAND, Key::Z);
    window.steps(3);
}

/// Takes hold of a frame by its title.
fn choose(window: &mut Window, name: &str) {
    let title = window.middle_of(name);
    window.harness.hover_at(title);
    window.harness.drag_at(title);
    window.harness.drop_at(title);
    window.steps(3);
}

#[test]
fn boxes_are_grouped_and_the_frame_is_undone() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window
        .harness
        .get_by_label("db")
        .click_modifiers(Modifiers::SHIFT);
    window.steps(3);
    window.key(Modifiers::NONE, Key::Z);
    let scenario = window.scenario();
    let (name, frame) = scenario.frames.first().unwrap();
    assert_eq!(frame.kind, FrameKind::Zone);
    assert_eq!(members(&scenario, name), ["api", "db"]);
    undo(&mut window);
    assert!(window.scenario().frames.is_empty());
    window.key(Modifiers::SHIFT, Key::Z);
    let kinds: Vec<FrameKind> = window
        .scenario()
        .frames
        .values()
        .map(|frame| frame.kind)
        .collect();
    assert_eq!(kinds, [FrameKind::Region]);
}

#[test]
fn a_frame_moves_with_all_that_is_in_it() {
    let mut window = Window::with(WORLD);
    let before = window.scenario();
    choose(&mut window, "east");
    assert_eq!(window.app().selection().single_frame(), Some("east"));
    assert_eq!(window.app().selection().boxes.len(), 2);
    let title = window.middle_of("east");
    window.drag(title, title - Vec2::new(0.0, 60.0));
    let after = window.scenario();
    for name in ["api", "db"] {
        assert!(after.layout[name].1 < before.layout[name].1, "{name}");
    }
    assert_eq!(after.layout["copy"], before.layout["copy"]);
    assert_eq!(after.frames, before.frames);
    undo(&mut window);
    assert_eq!(window.scenario(), before);
}

#[test]
fn a_box_joins_a_frame_and_leaves_it() {
    let mut window = Window::with(WORLD);
    let before = window.scenario();
    // Out into the open.
    let from = window.middle_of("db");
    window.drag(from, from - Vec2::new(300.0, -60.0));
    assert_eq!(members(&window.scenario(), "east"), ["api"]);
    undo(&mut window);
    assert_eq!(window.scenario(), before, "one step, with the move");
    // Into the other frame; the last one out takes the frame along.
    let (from, to) = (window.middle_of("copy"), window.middle_of("db"));
    window.drag(from, to + Vec2::new(20.0, -30.0));
    let scenario = window.scenario();
    assert_eq!(members(&scenario, "east"), ["api", "db", "copy"]);
    assert!(!scenario.frames.contains_key("far"));
    undo(&mut window);
    assert_eq!(window.scenario(), before);
}

#[test]
fn a_frame_is_renamed_where_it_stands() {
    let mut window = Window::with(WORLD);
    choose(&mut window, "east");
    window.key(Modifiers::NONE, Key::F2);
    window.type_in("New name", "api");
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.sees("There is a box called api already") || window.has("New name"));
    assert!(window.scenario().frames.contains_key("east"));
    window.enter("New name", "north");
    assert_eq!(members(&window.scenario(), "north"), ["api", "db"]);
    assert_eq!(window.app().selection().single_frame(), Some("north"));
    undo(&mut window);
    assert!(window.scenario().frames.contains_key("east"));
}

#[test]
fn the_inspector_shows_and_changes_a_frame() {
    let mut window = Window::with(WORLD);
    choose(&mut window, "east");
    assert!(window.says("Latency") && window.has("Members"));
    // 40 ms unless something is said.
    window.enter("To far", "70ms");
    let scenario = window.scenario();
    assert_eq!(
        parameters::get(&scenario, "latencies.1.latency").as_deref(),
        Ok("70ms")
    );
    // From the other side it is the same entry.
    choose(&mut window, "far");
    window.enter("To east", "90ms");
    let scenario = window.scenario();
    assert_eq!(scenario.latencies.len(), 1);
    assert_eq!(
        parameters::get(&scenario, "latencies.1.latency").as_deref(),
        Ok("90ms")
    );
    undo(&mut window);
    undo(&mut window);
    assert!(window.scenario().latencies.is_empty());
    choose(&mut window, "east");
    window.enter("Members", "api");
    assert_eq!(members(&window.scenario(), "east"), ["api"]);
    undo(&mut window);
    assert_eq!(members(&window.scenario(), "east"), ["api", "db"]);
}

#[test]
fn a_frame_breaks_and_heals_as_a_whole() {
    let mut window = Window::with(WORLD);
    choose(&mut window, "east");
    window.click("Kill");
    window.steps(5);
    assert_eq!(window.app().session().figures().frames, [true, false]);
    let crashed = |window: &Window| conditions(window, ["api", "db", "copy"]).map(|it| it.crashed);
    assert_eq!(crashed(&window), [true, true, false]);
    window.click("Heal");
    window.steps(5);
    assert_eq!(window.app().session().figures().frames, [false, false]);
    assert_eq!(crashed(&window), [false; 3]);
}

/// All that can go wrong with the boxes in a frame, but for new versions, goes wrong with it by hand.
#[test]
fn a_frame_has_the_troubles_of_what_is_in_it() {
    let world = WORLD
        .replace("slots: 1", "slots: 4")
        .replace("\"far\": (", "\"home\": (members: [\"users\"]), \"far\": (");
    let mut window = Window::with(&world);
    type Holds = fn(&Condition) -> bool;
    let troubles: [(&str, Holds); 5] = [
        ("Pause", |found| found.paused),
        ("Slow ×10", |found| found.slow == 10.0),
        ("Errors 10%", |found| (found.errors - 0.1).abs() < 1e-9),
        ("Errors 100%", |found| found.errors == 1.0),
        ("Half capacity", |found| found.slots_lost > 0),
    ];
    let names = ["api", "db", "copy"];
    for (trouble, holds) in troubles {
        choose(&mut window, "east");
        window.click("More");
        window.click(trouble);
        window.steps(5);
        let found = conditions(&window, names);
        assert_eq!(found.map(|it| holds(&it)), [true, true, false], "{trouble}");
        assert_eq!(
            window.app().session().figures().frames,
            [true, false, false]
        );
        window.click("Heal");
        window.steps(5);
        let found = conditions(&window, names);
        assert!(found.iter().all(Condition::is_well), "{trouble}");
    }
    window.click("More");
    for absent in ["Flush", "Traffic ×2", "Deploy v2, rolling"] {
        assert!(!window.has(absent), "{absent}");
    }
    // Users are what goes wrong where there are only users.
    choose(&mut window, "home");
    assert!(!window.has("Kill") && window.has("Cut off"));
    window.click("Traffic ×3");
    window.steps(5);
    let [users, api] = conditions(&window, ["users", "api"]);
    assert_eq!((users.traffic, api.is_well()), (3.0, true));
}

fn conditions<const N: usize>(window: &Window, names: [&str; N]) -> [Condition; N] {
    let snapshot = window.app().session().snapshot();
    names.map(|name| snapshot.reading(name).unwrap().condition)
}

/// Opens the menu of a frame.
fn menu(window: &mut Window, name: &str) {
    let title = window.middle_of(name);
    window.harness.hover_at(title);
    window.steps(2);
    for pressed in [true, false] {
        window.harness.event(egui::Event::PointerButton {
            pos: title,
            button: PointerButton::Secondary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.steps(1);
    }
    window.steps(3);
}

#[test]
fn the_menu_of_a_frame_pauses_it() {
    let mut window = Window::with(WORLD);
    menu(&mut window, "east");
    window.click("Pause");
    window.steps(5);
    let found = conditions(&window, ["api", "db", "copy"]);
    assert_eq!(found.map(|it| it.paused), [true, true, false]);
}

#[test]
fn the_menu_of_a_frame_cuts_it_off_and_deletes_it() {
    let mut window = Window::with(WORLD);
    menu(&mut window, "east");
    // The inspector has the same button.
    let buttons = window.harness.query_all_by_label("Cut off");
    buttons.last().unwrap().click();
    window.steps(5);
    let arrows = &window.app().session().figures().arrows;
    let cut: Vec<bool> = arrows.iter().map(|arrow| arrow.cut).collect();
    assert_eq!(cut, [true, false, true]);
    assert_eq!(window.app().session().figures().frames, [true, false]);
    let before = window.scenario();
    menu(&mut window, "east");
    window.click("Delete frame");
    let scenario = window.scenario();
    assert_eq!(scenario.frames.len(), 1);
    assert_eq!(scenario.components.len(), 4, "what was in it stays");
    undo(&mut window);
    assert_eq!(window.scenario().frames, before.frames);
}

/// An arrow that carries the requests of some regions and not those of others says whose, and is no
/// arrow that is cut.
#[test]
fn an_arrow_says_whose_requests_are_cut_off() {
    let text = |on: &str| {
        format!(
            r#"Scenario(
    version: 1,
    components: {{
        "users": Client(arrivals: Poisson(rate: 80), regions: {{ "east": 1, "west": 1, "south": 0 }}),
        "api": Server(),
    }},
    connections: [(from: "users", to: "api")],
    frames: {{
        "east": (kind: Region),
        "south": (kind: Region),
        "west": (kind: Region, members: ["api"]),
    }},
    faults: [(at: "0s", on: "{on}", fault: Partition)],
    layout: {{ "users": (0, 0), "api": (220, 0) }},
)
"#
        )
    };
    for (on, whose) in [
        ("east | west", &["east"][..]),
        ("west", &["east"]),
        ("south | west", &[]),
    ] {
        let mut window = Window::with(&text(on));
        window.key(Modifiers::NONE, egui::Key::Space);
        window.steps(10);
        let arrow = &window.app().session().figures().arrows[0];
        assert_eq!(
            (arrow.cut, &arrow.cut_for[..]),
            (
                false,
                &whose
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>()[..]
            )
        );
    }
}
