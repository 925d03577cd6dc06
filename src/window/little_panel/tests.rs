use std::sync::Arc;

use egui_kittest::{Harness, kittest::Queryable};

use super::*;
use crate::{
    scenario::Scenario,
    window::live::{BoxReading, Selected},
};

const SECOND: u64 = 1_000_000_000;

/// Ten seconds of a closed window: 800 calls of 50 ms, of which 40 ms in line and 10 ms of work.
fn balanced() -> Totals {
    Totals {
        now_ns: 10 * SECOND,
        arrivals: 800,
        departures: 800,
        completed: 800,
        present_area: u128::from(40 * SECOND),
        sojourn_sum_ns: u128::from(40 * SECOND),
        waits: 800,
        waiting_area: u128::from(32 * SECOND),
        wait_sum_ns: u128::from(32 * SECOND),
        services: 800,
        busy_area: u128::from(8 * SECOND),
        held_area: u128::from(8 * SECOND),
        service_sum_ns: u128::from(8 * SECOND),
        slots: 1,
        slots_area: u128::from(10 * SECOND),
        ..Totals::default()
    }
}

fn panel(totals: Totals) -> Harness<'static> {
    let snapshot = Snapshot {
        scenario: Some(Arc::new(Scenario::default())),
        selected: Selected {
            name: Some("api".into()),
            reading: BoxReading {
                so_far: totals,
                ..BoxReading::default()
            },
            ..Selected::default()
        },
        ..Snapshot::default()
    };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(280.0, 300.0))
        .build_ui(move |ui| {
            theme::apply(ui.ctx(), egui::ThemePreference::Light);
            super::ui(ui, &snapshot);
        });
    harness.run();
    harness
}

#[test]
fn a_closed_window_agrees() {
    let harness = panel(balanced());
    for text in ["api", "L and λ·W agree", "800 departures in 10.0 s", "80 %"] {
        assert!(harness.query_all_by_label(text).next().is_some(), "{text}");
    }
    // All, in line, in slots.
    for text in ["4.00", "3.20", "0.80", "50.0 ms", "40.0 ms", "10.0 ms"] {
        assert!(harness.query_all_by_label(text).next().is_some(), "{text}");
    }
    assert_eq!(harness.query_all_by_label("80.0/s").count(), 3);
    assert_eq!(harness.query_all_by_label("0 %").count(), 3);
}

#[test]
fn overload_is_said_in_a_sentence() {
    let mut totals = balanced();
    totals.arrivals = 1_200;
    totals.present = 400;
    totals.waiting = 399;
    totals.present_area += u128::from(400 * SECOND);
    let harness = panel(totals);
    harness.get_by_label("Growth: arrivals outrun departures by 40/s");
}

#[test]
fn a_box_without_slots_has_no_figures_for_them() {
    let mut totals = balanced();
    totals.slots_area = 0;
    totals.waits = 0;
    let harness = panel(totals);
    assert_eq!(harness.query_all_by_label("–").count(), 10);
    assert!(harness.query_by_label("Utilization").is_none());
}

#[test]
fn before_anything_happened_nothing_is_claimed() {
    panel(Totals::default()).get_by_label("Nothing has arrived yet");
    let waiting = Totals {
        arrivals: 3,
        present: 3,
        now_ns: SECOND,
        ..Totals::default()
    };
    panel(waiting).get_by_label("Nothing has left yet");
}

#[test]
fn gaps_and_counts_can_be_read() {
    for (share, text) in [
        (0.0, "0 %"),
        (0.00004, "0 %"),
        (0.0123, "+1.23 %"),
        (-0.5, "-50 %"),
        (f64::INFINITY, "–"),
    ] {
        assert_eq!(gap(share), text);
    }
    for (count, text) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (48_213_007, "48,213,007"),
    ] {
        assert_eq!(grouped(count), text);
    }
}
