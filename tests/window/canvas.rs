//! Drawing: add, connect, move, rename, duplicate, delete, undo.

use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::fixture::{PAIR, Window};

#[test]
fn a_box_is_dragged_from_the_palette() {
    let mut window = Window::with(PAIR);
    let from = window.middle_of("Add cache");
    let to = window.middle_of("api") + Vec2::new(0.0, 160.0);
    window.drag(from, to);
    let scenario = window.scenario();
    let place = scenario.layout["cache"];
    assert!(
        (place.0 - 220).abs() <= 20 && (place.1 - 160).abs() <= 20,
        "{place:?}"
    );
    assert_eq!((place.0 % 10, place.1 % 10), (0, 0));
    assert!(window.app().selection().boxes.contains("cache"));
}

#[test]
fn a_box_is_added_by_click_and_by_key_and_covers_nothing() {
    let mut window = Window::with(PAIR);
    window.click("Add queue");
    window.key(Modifiers::NONE, Key::Num3);
    window.key(Modifiers::NONE, Key::Num3);
    let scenario = window.scenario();
    assert_eq!(scenario.components.len(), 6);
    let places: Vec<_> = scenario.layout.values().collect();
    for (i, a) in places.iter().enumerate() {
        for b in &places[i + 1..] {
            assert!(
                a.0.abs_diff(b.0) >= 160 || a.1.abs_diff(b.1) >= 96,
                "{places:?}"
            );
        }
    }
}

#[test]
fn an_arrow_is_pulled_from_the_edge_of_a_box() {
    let mut window = Window::with(PAIR);
    let api = window.rect_of("api");
    window.drag(api.right_center(), window.middle_of("db"));
    let scenario = window.scenario();
    assert_eq!(scenario.connections.len(), 2);
    assert_eq!(scenario.connections[1].name(), "api -> db");
    assert!(window.has("api -> db"));
}

#[test]
fn an_arrow_that_makes_no_sense_is_refused_with_the_reason() {
    let mut window = Window::with(PAIR);
    let api = window.rect_of("api");
    let to = window.middle_of("users");
    window.press_and_move(api.center_bottom(), to);
    assert!(window.says("client"), "the reason stands at the pointer");
    window.harness.drop_at(to);
    window.steps(3);
    assert_eq!(window.scenario().connections.len(), 1);
}

#[test]
fn boxes_move_together_and_the_move_is_one_step() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::COMMAND, Key::A);
    let from = window.middle_of("api");
    window.drag(from, from + Vec2::new(40.0, 100.0));
    let layout = window.scenario().layout;
    assert_eq!(layout["api"].0 - layout["users"].0, 220);
    assert!(layout["api"].1 >= 80, "{layout:?}");
    let history = window.app().document().history();
    assert_eq!(history.undo_name(), Some("move of 3 boxes"));
    window.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.scenario().layout["api"], (220, 0));
    window.key(Modifiers::COMMAND, Key::Y);
    assert_eq!(window.scenario().layout, layout);
}

#[test]
fn escape_takes_a_drag_back() {
    let mut window = Window::with(PAIR);
    let before = window.scenario();
    let from = window.middle_of("api");
    window.press_and_move(from, from + Vec2::new(0.0, 120.0));
    assert_ne!(window.scenario(), before);
    window.key(Modifiers::NONE, Key::Escape);
    assert_eq!(window.scenario().layout, before.layout);
}

#[test]
fn escape_takes_nothing_else_back() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Num4);
    let before = window.scenario();
    let from = window.middle_of("api");
    // So close that the box stays where it is on the grid.
    window.harness.hover_at(from);
    window.harness.event(egui::Event::Zoom(3.0));
    window.steps(3);
    let to = from + Vec2::new(8.0, 0.0);
    window.press_and_move(from, to);
    window.key(Modifiers::NONE, Key::Escape);
    window.harness.drop_at(to);
    window.steps(3);
    assert_eq!(window.scenario(), before);
    let history = window.app().document().history();
    assert_eq!(history.undo_name(), Some("add cache"));
    assert_eq!(history.redo_name(), None);
}

#[test]
fn what_is_added_without_pointing_can_be_seen() {
    let mut window = Window::with(PAIR);
    let size = window.rect_of("api").size();
    window.click("db");
    for (key, name) in [
        (Key::Num3, "server"),
        (Key::Num5, "database"),
        (Key::Num7, "queue"),
        (Key::Num4, "cache"),
    ] {
        window.key(Modifiers::NONE, key);
        window.steps(2);
        // What sticks out of the canvas is cut off.
        assert_eq!(window.rect_of(name).size(), size, "{name}");
    }
    window.key(Modifiers::COMMAND, Key::A);
    window.key(Modifiers::COMMAND, Key::D);
    window.steps(2);
    assert_eq!(window.rect_of("users 2").size(), size);
}

#[test]
fn undo_selects_what_it_changed() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.key(Modifiers::NONE, Key::F2);
    window.enter("New name", "front");
    window.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.app().selection().single_box(), Some("api"));
    window.key(Modifiers::COMMAND, Key::Y);
    assert_eq!(window.app().selection().single_box(), Some("front"));
    window.key(Modifiers::NONE, Key::Delete);
    window.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.app().selection().single_box(), Some("front"));
    window.click("users -> front");
    window.key(Modifiers::NONE, Key::Delete);
    window.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.app().selection().single_arrow(), Some(0));
}

#[test]
fn a_frame_selects_what_it_touches() {
    let mut window = Window::with(PAIR);
    let users = window.rect_of("users");
    let api = window.rect_of("api");
    window.drag(users.left_top() - Vec2::splat(30.0), api.center());
    let selection = window.app().selection();
    assert!(selection.boxes.contains("users") && selection.boxes.contains("api"));
    assert!(!selection.boxes.contains("db"));
    window.key(Modifiers::NONE, Key::Escape);
    assert!(window.app().selection().is_empty());
}

#[test]
fn shift_selects_more_and_less() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window
        .harness
        .get_by_label("db")
        .click_modifiers(Modifiers::SHIFT);
    window.steps(3);
    assert_eq!(window.app().selection().boxes.len(), 2);
    window
        .harness
        .get_by_label("api")
        .click_modifiers(Modifiers::SHIFT);
    window.steps(3);
    assert_eq!(window.app().selection().single_box(), Some("db"));
}

#[test]
fn a_box_is_renamed_where_it_stands() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.key(Modifiers::NONE, Key::F2);
    window.enter("New name", "front end");
    let scenario = window.scenario();
    assert!(scenario.components.contains_key("front end"));
    assert_eq!(scenario.connections[0].to, "front end");
    assert_eq!(window.app().selection().single_box(), Some("front end"));
}

#[test]
fn a_name_that_is_taken_is_refused_and_the_field_stays() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.key(Modifiers::NONE, Key::F2);
    window.enter("New name", "db");
    assert!(window.has("New name"));
    assert!(window.scenario().components.contains_key("api"));
    window.key(Modifiers::NONE, Key::Escape);
    assert!(!window.has("New name"));
}

#[test]
fn a_duplicate_keeps_the_wiring() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::COMMAND, Key::A);
    window.key(Modifiers::COMMAND, Key::D);
    let scenario = window.scenario();
    assert_eq!(scenario.components.len(), 6);
    assert_eq!(scenario.connections.len(), 2);
    assert_eq!(scenario.connections[1].name(), "users 2 -> api 2");
    let layout = &scenario.layout;
    let way = |a: &str, b: &str| (layout[b].0 - layout[a].0, layout[b].1 - layout[a].1);
    assert_eq!(way("users 2", "api 2"), way("users", "api"));
    assert_eq!(way("users 2", "db 2"), way("users", "db"));
}

#[test]
fn copies_are_pasted_with_their_wiring() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Copy);
    window.harness.event(egui::Event::Paste("Scenario".into()));
    window.steps(3);
    assert_eq!(window.scenario().components.len(), 6);
    assert_eq!(window.scenario().connections.len(), 2);
}

#[test]
fn everything_can_be_undone_and_redone() {
    let mut window = Window::with(PAIR);
    let start = window.scenario();
    window.key(Modifiers::NONE, Key::Num4);
    window.click("api");
    window.key(Modifiers::COMMAND, Key::D);
    window.key(Modifiers::NONE, Key::Delete);
    window.click("db");
    window.key(Modifiers::NONE, Key::Backspace);
    let end = window.scenario();
    assert!(!end.components.contains_key("db"));
    for _ in 0..4 {
        window.key(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(window.scenario(), start);
    assert!(!window.app().document().is_changed());
    for _ in 0..4 {
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    }
    assert_eq!(window.scenario(), end);
}

#[test]
fn an_arrow_can_be_selected_and_deleted() {
    let mut window = Window::with(PAIR);
    window.click("users -> api");
    assert_eq!(window.app().selection().single_arrow(), Some(0));
    window.key(Modifiers::NONE, Key::Delete);
    assert!(window.scenario().connections.is_empty());
}

#[test]
fn keys_for_the_canvas_do_nothing_while_a_text_is_typed() {
    let mut window = Window::with(PAIR);
    window.type_in("Name", "1 f a c");
    assert_eq!(window.scenario().components.len(), 3);
    window.key(Modifiers::NONE, Key::Delete);
    assert_eq!(window.scenario().components.len(), 3);
}

#[test]
fn the_wheel_pans_and_with_control_zooms_to_the_pointer() {
    let mut window = Window::with(PAIR);
    let before = window.rect_of("api");
    let at = before.center();
    window.harness.hover_at(at);
    window
        .harness
        .event(wheel(Vec2::new(0.0, 50.0), Modifiers::NONE));
    window.steps(20);
    let moved = window.rect_of("api");
    assert!(
        moved.center().y > before.center().y + 20.0,
        "{before} {moved}"
    );
    let at = moved.center();
    window.harness.hover_at(at);
    window.harness.event(egui::Event::Zoom(1.5));
    window.steps(3);
    let zoomed = window.rect_of("api");
    assert!(
        (zoomed.width() / moved.width() - 1.5).abs() < 0.05,
        "{moved} {zoomed}"
    );
    assert!((zoomed.center() - at).length() < 4.0, "{at} {zoomed}");
    window.key(Modifiers::NONE, Key::F);
    window.steps(3);
    assert!((window.rect_of("api").width() - before.width()).abs() < 1.0);
}

fn wheel(delta: Vec2, modifiers: Modifiers) -> egui::Event {
    egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta,
        phase: egui::TouchPhase::Move,
        modifiers,
        source: egui::MouseWheelSource::Wheel,
    }
}

#[test]
fn an_arrow_pulled_into_the_empty_asks_what_stands_there() {
    let mut window = Window::with(PAIR);
    let api = window.rect_of("api");
    window.drag(
        api.center_bottom(),
        api.center_bottom() + Vec2::new(0.0, 150.0),
    );
    assert!(!window.has("Client"), "nothing calls a client");
    window.click("Cache");
    let scenario = window.scenario();
    assert_eq!(scenario.connections[1].name(), "api -> cache");
    assert_eq!(
        window.app().document().history().undo_name(),
        Some("add and connect cache")
    );
}

#[test]
fn space_and_dragging_moves_the_paper_and_does_not_play() {
    let mut window = Window::with(PAIR);
    let before = window.rect_of("api");
    window.harness.key_down(Key::Space);
    window.steps(1);
    let from = before.center_bottom() + Vec2::new(0.0, 120.0);
    window.drag(from, from + Vec2::new(80.0, -40.0));
    window.harness.key_up(Key::Space);
    window.steps(2);
    let way = window.rect_of("api").center() - before.center();
    assert!((way - Vec2::new(80.0, -40.0)).length() < 12.0, "{way}");
    assert!(!window.app().session().is_playing());
    assert!(window.app().selection().is_empty());
}

#[test]
fn the_view_follows_the_size_of_the_window_until_somebody_moves_it() {
    let mut window = Window::with(PAIR);
    window.harness.set_size(Vec2::new(900.0, 600.0));
    window.steps(4);
    for name in ["users", "api", "db"] {
        let canvas = window.harness.get_by_label("Drawing").rect();
        assert!(canvas.contains_rect(window.rect_of(name)), "{name}");
    }
}

/// What is written within a box, and where.
fn written_in(window: &Window, name: &str) -> Vec<(String, egui::Rect)> {
    fn collect(shape: &egui::Shape, into: &mut Vec<(String, egui::Rect)>) {
        match shape {
            egui::Shape::Text(text) => into.push((
                text.galley.text().to_owned(),
                text.galley.rect.translate(text.pos.to_vec2()),
            )),
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, into)),
            _ => {}
        }
    }
    let within = window.rect_of(name);
    let mut found = Vec::new();
    for clipped in &window.harness.output().shapes {
        collect(&clipped.shape, &mut found);
    }
    found.retain(|(_, rect)| within.contains_rect(*rect));
    found
}

/// An instance at 9.6 cents an hour for 730 hours. Nothing that is written in a box touches anything
/// else; where the letters would, the cost is left out.
#[test]
fn a_box_says_what_it_costs() {
    let mut window = Window::with(PAIR);
    let dollars = |window: &Window, name: &str| -> Vec<String> {
        let written = written_in(window, name).into_iter();
        let texts = written.map(|(text, _)| text);
        texts.filter(|text| text.starts_with('$')).collect()
    };
    assert!(dollars(&window, "api").is_empty());
    window.key(Modifiers::NONE, Key::Space);
    window.steps(120);
    window.key(Modifiers::NONE, Key::Space);
    window.steps(5);
    assert_eq!(dollars(&window, "api")[0], "$70.1 a month");
    assert_eq!(dollars(&window, "db")[0], "$130 a month");
    assert!(dollars(&window, "users").is_empty());
    let node = window.harness.get_by_label("api");
    let said = node.accesskit_node().description().unwrap_or_default();
    assert!(said.contains("$70.1 a month, $"), "{said}");
    let (mut with, mut without) = (0, 0);
    for _ in 0..14 {
        let written = written_in(&window, "api");
        for (at, (text, rect)) in written.iter().enumerate() {
            for (other, place) in &written[..at] {
                let overlap = rect.intersect(*place);
                // Lines of text stand close.
                let touch = overlap.is_positive() && overlap.height() > 3.0;
                assert!(!touch, "{text} and {other}");
            }
        }
        match dollars(&window, "api").len() {
            0 => without += 1,
            _ => with += 1,
        }
        let at = window.middle_of("api");
        window.harness.hover_at(at);
        window.harness.event(egui::Event::Zoom(0.95));
        window.steps(3);
    }
    assert!(with > 2 && without > 2, "{with} {without}");
    // What is free says nothing.
    let free = PAIR.replace("    layout:", "    prices: (server: 0),\n    layout:");
    let mut window = Window::with(&free);
    window.key(Modifiers::NONE, Key::Space);
    window.steps(120);
    assert!(dollars(&window, "api").is_empty());
    assert!(!dollars(&window, "db").is_empty());
}
