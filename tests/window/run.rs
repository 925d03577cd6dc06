//! The run: play, pause, step, speed, trouble.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use crate::fixture::{PAIR, Window};

#[test]
fn space_plays_and_pauses() {
    let mut window = Window::with(PAIR);
    assert!(!window.app().session().is_playing());
    window.key(Modifiers::NONE, Key::Space);
    assert!(window.app().session().is_playing());
    window.steps(120);
    let snapshot = window.app().session().snapshot().clone();
    assert!(
        (1.5..3.0).contains(&snapshot.now_secs()),
        "{}",
        snapshot.now_secs()
    );
    assert!(snapshot.system.so_far.completed > 50);
    window.key(Modifiers::NONE, Key::Space);
    let stopped = window.app().session().snapshot().now_ns;
    window.steps(20);
    assert_eq!(window.app().session().snapshot().now_ns, stopped);
}

#[test]
fn a_paused_window_rests() {
    let mut window = Window::with(PAIR);
    // `run` fails when repaints go on and on.
    window.harness.run();
    window.key(Modifiers::NONE, Key::Space);
    window.steps(30);
    window.key(Modifiers::NONE, Key::Space);
    // What is still flying lands.
    window.steps(600);
    window.harness.run();
    window.click("api");
    window.harness.run();
    // Nor does it want to be woken later.
    let output = window.harness.output();
    for viewport in output.viewport_output.values() {
        assert_eq!(viewport.repaint_delay, std::time::Duration::MAX);
    }
}

#[test]
fn single_events_are_run_one_by_one() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Period);
    window.key(Modifiers::NONE, Key::Period);
    window.click("Single event");
    assert_eq!(window.app().session().snapshot().events, 3);
}

#[test]
fn buttons_break_and_heal_a_box() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Space);
    window.click("api");
    window.click("Kill");
    window.steps(10);
    assert!(
        window
            .app()
            .session()
            .snapshot()
            .reading("api")
            .unwrap()
            .condition
            .crashed
    );
    window.click("Heal");
    window.steps(10);
    assert!(
        !window
            .app()
            .session()
            .snapshot()
            .reading("api")
            .unwrap()
            .condition
            .crashed
    );
}

#[test]
fn a_connection_is_cut_and_healed() {
    let mut window = Window::with(PAIR);
    window.click("users -> api");
    window.click("Cut");
    window.steps(3);
    assert!(window.app().session().figures().arrows[0].cut);
    window.click("Heal");
    window.steps(3);
    assert!(!window.app().session().figures().arrows[0].cut);
}

#[test]
fn speed_and_seed_and_restart() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::CloseBracket);
    assert_eq!(window.app().session().speed(), 2.0);
    window.click("As fast as it goes");
    assert!(window.app().session().is_flat_out());
    window.key(Modifiers::NONE, Key::Space);
    window.steps(30);
    assert!(window.app().session().snapshot().now_secs() > 0.0);
    window.enter("Seed", "42");
    assert_eq!(window.scenario().seed, 42);
    window.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.scenario().seed, 1);
}

#[test]
fn a_box_that_is_not_finished_stays_out_of_the_run_and_the_rest_goes_on() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Space);
    window.steps(30);
    window.key(Modifiers::NONE, Key::Num1);
    window.steps(30);
    let session = window.app().session();
    assert_eq!(session.stuck(), None);
    assert!(session.snapshot().reading("clients").is_none());
    assert!(session.snapshot().now_secs() > 0.9);
    assert!(window.says("clients"), "what is missing is said");
    assert!(window.says("Not in the run yet"));
    // The new client is connected and joins.
    let from = window.rect_of("clients").center_bottom();
    window.drag(from, window.middle_of("db"));
    window.steps(5);
    assert!(
        window
            .app()
            .session()
            .snapshot()
            .reading("clients")
            .is_some()
    );
}

#[test]
fn a_drawing_that_can_t_run_says_why() {
    let ring = PAIR.replace(
        r#"(from: "users", to: "api", latency: "0s"),"#,
        r#"(from: "users", to: "api"), (from: "api", to: "front"), (from: "front", to: "api"),"#,
    );
    let ring = ring.replace(
        r#""db": Database(),"#,
        r#""db": Database(), "front": Server(),"#,
    );
    let ring = ring.replace(
        r#""users": (0, 0),"#,
        r#""users": (0, 0), "front": (220, 260),"#,
    );
    let mut window = Window::with(&ring);
    window.key(Modifiers::NONE, Key::Space);
    window.steps(5);
    assert!(window.app().session().stuck().is_some());
    assert!(window.app().session().snapshot().scenario.is_none());
    window.click("front -> api");
    window.key(Modifiers::NONE, Key::Delete);
    window.steps(10);
    assert_eq!(window.app().session().stuck(), None);
    assert!(
        window.app().session().snapshot().now_ns > 0,
        "it plays as soon as it can"
    );
}

#[test]
fn a_knob_that_is_turned_changes_the_run_at_once() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Space);
    window.steps(30);
    window.click("api");
    window.enter("Slots", "5");
    window.steps(5);
    let snapshot = window.app().session().snapshot().clone();
    assert_eq!(snapshot.reading("api").unwrap().so_far.slots, 5);
    assert!(snapshot.now_secs() > 0.5, "the run goes on");
    window.key(Modifiers::COMMAND, Key::Z);
    window.steps(5);
    let slots = window
        .app()
        .session()
        .snapshot()
        .reading("api")
        .unwrap()
        .so_far
        .slots;
    assert_eq!(slots, 1);
}

/// What has no button of its own stands in a menu beside them.
#[test]
fn more_can_go_wrong_than_fits_a_line() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Space);
    window.click("api");
    window.click("More");
    window.click("Slow ×4");
    window.steps(10);
    let slowed = |window: &mut Window| {
        let snapshot = window.app().session().snapshot().clone();
        snapshot.reading("api").unwrap().condition.slow
    };
    assert_eq!(slowed(&mut window), 4.0);
    window.click("Heal");
    window.steps(10);
    assert_eq!(slowed(&mut window), 1.0);
}

#[test]
fn space_plays_after_a_button_was_clicked() {
    let mut window = Window::with(PAIR);
    window.click("Single event");
    window.key(Modifiers::NONE, Key::Space);
    assert!(window.app().session().is_playing());
    assert!(window.app().session().snapshot().playing);
    window.click("api");
    window.click("Kill");
    window.key(Modifiers::NONE, Key::Space);
    assert!(!window.app().session().is_playing());
}

/// What goes wrong with one instance is in the menu of its box.
#[test]
fn one_instance_hangs_by_hand_and_is_healed() {
    let mut window = Window::with(&PAIR.replace("api\": Server(", "api\": Server(instances: 3, "));
    window.key(Modifiers::NONE, Key::Space);
    let middle = window.middle_of("api");
    let menu = |window: &mut Window, entry: &str| {
        window.harness.hover_at(middle);
        window.steps(2);
        for pressed in [true, false] {
            window.harness.event(egui::Event::PointerButton {
                pos: middle,
                button: egui::PointerButton::Secondary,
                pressed,
                modifiers: Modifiers::NONE,
            });
            window.steps(1);
        }
        window.steps(3);
        for label in ["One instance", "api #2"] {
            window.click(label);
            window.steps(3);
        }
        // The box has the same entry, above.
        let entries = window.harness.query_all_by_label(entry);
        entries.last().unwrap().click();
        window.steps(10);
    };
    let condition = |window: &mut Window| {
        let snapshot = window.app().session().snapshot().clone();
        snapshot.reading("api").unwrap().condition
    };
    menu(&mut window, "Hang");
    assert_eq!(condition(&mut window).instances_hung, 1);
    assert!(!condition(&mut window).hung, "the others go on");
    menu(&mut window, "Heal");
    assert!(condition(&mut window).is_well());
}
