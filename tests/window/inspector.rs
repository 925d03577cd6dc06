//! Parameters: typed, refused, reset, undone.

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
