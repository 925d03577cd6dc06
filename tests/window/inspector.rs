//! Parameters: typed, refused, reset, undone.

use egui_kittest::kittest::Queryable;

use crate::fixture::{PAIR, Window};

#[test]
fn the_scenario_has_a_name_and_notes() {
    let mut window = Window::with(PAIR);
    window.enter("Name", "Shop");
    assert_eq!(window.scenario().name, "Shop");
    window.type_in("Notes", "watch the line");
    assert_eq!(window.scenario().notes, "watch the line");
}

#[test]
fn an_operation_a_fault_and_an_objective_are_added_and_changed() {
    let mut window = Window::with(PAIR);
    // Room for the whole inspector.
    window.harness.set_size(egui::Vec2::new(1280.0, 1600.0));
    window.steps(3);
    window.click("Add operation");
    assert_eq!(window.scenario().operations.len(), 3);
    window.click("Add fault");
    window.enter("Start of fault 1", "30s");
    assert_eq!(window.scenario().faults[0].at.to_string(), "30s");
    window.enter("End of fault 1", "soon");
    assert!(
        window.says("unit") || window.says("number"),
        "the reason stands at the field"
    );
    assert_eq!(
        window.scenario().faults[0].until.unwrap().to_string(),
        "90s"
    );
    window.click("Add objective");
    window.enter("Limit of objective 1", "50ms");
    assert_eq!(window.scenario().objectives.len(), 1);
    window.click("Remove fault 1");
    assert!(window.scenario().faults.is_empty());
}

#[test]
fn a_deploy_on_the_timeline_is_changed() {
    let deploy = "faults: [(at: \"1s\", on: \"api\", fault: Deploy(roll_back: ()))], connections:";
    let text = PAIR.replacen("connections:", deploy, 1);
    let mut window = Window::with(&text);
    window.harness.set_size(egui::Vec2::new(1280.0, 1600.0));
    window.steps(3);
    window.enter("Errors of fault 1", "5%");
    window.enter("Batch of fault 1", "2");
    window.enter("Calls of fault 1", "50");
    let found = format!("{:?}", window.scenario().faults[0].fault);
    for part in ["errors: 0.05", "Rolling { batch: 2", "calls: 50"] {
        assert!(found.contains(part), "{found}");
    }
}

#[test]
fn a_typo_is_explained_at_the_field_and_changes_nothing() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.enter("Service time", "20 parsecs");
    assert!(window.says("parsecs"), "the reason stands at the field");
    let server = |window: &Window| format!("{:?}", window.scenario().components["api"]);
    assert!(server(&window).contains("Exponential(Duration(10000000))"));
    assert!(!window.app().document().is_changed());
    window.enter("Service time", "exp 20ms");
    assert!(server(&window).contains("Exponential(Duration(20000000))"));
    assert_eq!(
        window.app().document().history().undo_name(),
        Some("service time of api")
    );
}

#[test]
fn a_parameter_goes_back_to_its_default() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.click("Reset slots to 8");
    assert!(!window.has("Reset slots to 8"));
    assert!(format!("{:?}", window.scenario().components["api"]).contains("slots: 8"));
}

#[test]
fn escape_gives_a_field_back_what_it_said() {
    let mut window = Window::with(PAIR);
    window.click("api");
    window.type_in("Slots", "77");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(format!("{:?}", window.scenario().components["api"]).contains("slots: 1,"));
    assert_eq!(
        window.harness.get_by_label("Slots").value().as_deref(),
        Some("1")
    );
}

#[test]
fn a_connection_has_its_parameters() {
    let mut window = Window::with(PAIR);
    window.click("users -> api");
    window.enter("Timeout", "3ms");
    let timeout = window.scenario().connections[0].timeout.unwrap();
    assert_eq!(timeout.to_string(), "3ms");
}

#[test]
fn a_knob_is_turned_by_dragging_its_name_and_that_is_one_step() {
    let mut window = Window::with(PAIR);
    window.click("users");
    let label = window
        .harness
        .get_by_role_and_label(egui::Role::Label, "Rate")
        .rect();
    window.drag(label.center(), label.center() + egui::Vec2::new(70.0, 0.0));
    let rate = |window: &Window| format!("{:?}", window.scenario().components["users"]);
    assert!(!rate(&window).contains("Rate(80.0)"), "{}", rate(&window));
    assert_eq!(
        window.app().document().history().undo_name(),
        Some("rate of users")
    );
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert!(rate(&window).contains("Rate(80.0)"));
    assert!(!window.app().document().is_changed());
}

#[test]
fn littles_law_stays_in_sight_beside_the_longest_list_of_parameters() {
    let mut window = Window::with(PAIR);
    window.key(egui::Modifiers::NONE, egui::Key::Space);
    window.steps(300);
    let sentences = [
        "agree",
        "Noise",
        "Edge",
        "Growth",
        "Draining",
        "Nothing has",
    ];
    for subject in ["users", "api", "db", ""] {
        match subject {
            "" => window.key(egui::Modifiers::NONE, egui::Key::Escape),
            name => window.click(name),
        }
        window.steps(5);
        for text in ["Little’s law", "λ·W", "Gap", "departures in"] {
            assert!(window.sees(text), "{subject:?}: {text}");
        }
        let is_judged = sentences.iter().any(|sentence| window.sees(sentence));
        assert!(is_judged, "the sentence of {subject:?}");
    }
    // Also with the parameters scrolled down.
    window.click("users");
    let place = |window: &Window| {
        let label = window.harness.get_by_label("Operations");
        label.rect().center()
    };
    let before = place(&window);
    window.harness.hover_at(before);
    window.steps(2);
    for _ in 0..10 {
        window.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::Vec2::new(0.0, -30.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: egui::Modifiers::NONE,
        });
        window.steps(3);
    }
    assert!(place(&window).y < before.y - 50.0, "the parameters scroll");
    assert!(window.sees("Little’s law"));
}

#[test]
fn sizes_and_priority_of_an_operation_are_typed() {
    let mut window = Window::with(PAIR);
    window.harness.set_size(egui::Vec2::new(1280.0, 1600.0));
    window.steps(3);
    assert!(!window.sees("Reply size"));
    window.click("Priority and sizes of read");
    window.steps(3);
    window.enter("Reply size", "20kB");
    window.enter("Priority", "3");
    let read = &window.scenario().operations["read"];
    let reply = littlebox::scenario::Size::from_bytes(20_000).into();
    assert_eq!((read.reply, read.priority), (reply, 3));
    window.enter("Reply size", "20 apples");
    assert!(window.sees("`apples` is no unit of size: use B, kB, MB, GB or TB"));
    window.click("Show less of read");
    window.steps(3);
    assert!(!window.sees("Reply size"));
}

#[test]
fn theory_stands_beside_the_run() {
    let scenario = include_str!("../../scenarios/mm1.ron");
    let mut window = Window::with(scenario);
    window.harness.set_size(egui::Vec2::new(1280.0, 1600.0));
    window.key(egui::Modifiers::NONE, egui::Key::Space);
    window.steps(300);
    window.click("server");
    window.steps(5);
    for text in ["Theory", "M/M/1, exact", "Off by", "Wq", "80 %"] {
        assert!(window.sees(text), "{text}");
    }
}

#[test]
fn in_a_low_window_figures_do_not_push_the_parameters_out() {
    let mut window = Window::with(PAIR);
    window.harness.set_size(egui::Vec2::new(1000.0, 560.0));
    window.key(egui::Modifiers::NONE, egui::Key::Space);
    window.steps(60);
    window.click("api");
    assert!(window.sees("Slots"));
    assert!(window.has("Little’s law"), "further down");
}

#[test]
fn arrivals_are_switched_and_their_parameters_typed() {
    let mut window = Window::with(PAIR);
    // Room for the whole list.
    window.harness.set_size(egui::Vec2::new(1280.0, 1600.0));
    window.steps(3);
    window.click("users");
    let users = |window: &Window| format!("{:?}", window.scenario().components["users"]);
    let choose = |window: &mut Window, word: &str| {
        let combo = window
            .harness
            .get_by_role_and_label(egui::Role::ComboBox, "Arrivals");
        combo.click();
        window.steps(3);
        window.click(word);
    };
    choose(&mut window, "Bursts");
    window.enter("High rate", "900");
    window.enter("Between bursts", "4s");
    assert!(
        users(&window).contains("high: Rate(900.0)"),
        "{}",
        users(&window)
    );
}

#[test]
fn distributions_are_typed_as_people_think() {
    let mut window = Window::with(PAIR);
    window.click("api");
    for (typed, shown) in [
        ("gamma 10ms cv 2", "Gamma(mean: 10ms, cv: 2)"),
        (
            "pareto 1.5 1ms 1s",
            "BoundedPareto(alpha: 1.5, min: 1ms, max: 1s)",
        ),
        ("empirical 1ms, 2ms", "Empirical(values: [1ms, 2ms])"),
    ] {
        window.enter("Service time", typed);
        let field = window.harness.get_by_label("Service time");
        assert_eq!(field.value().as_deref(), Some(shown));
    }
    window.enter("Service time", "hyper 10ms cv 0.5");
    assert!(window.says("at least as much as an exponential"));
}
