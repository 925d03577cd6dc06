//! The shipped scenarios.

use egui::{RichText, ScrollArea, Sense, Ui, UiBuilder};

use super::{
    outbox::{Outbox, Wish},
    theme::{self, Theme, radius, space},
};

/// A scenario that comes with the program.
pub struct Shipped {
    /// Its file.
    pub file: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($file:literal),* $(,)?) => {
        &[$(Shipped {
            file: $file,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/", $file)),
        }),*]
    };
}

/// Every shipped scenario, in the order in which they are best looked at.
pub const SHIPPED: &[Shipped] = shipped![
    "url_shortener.ron",
    "mm1.ron",
    "balancing.ron",
    "shop.ron",
    "retry_storm.ron",
    "zone_outage.ron",
    "region_failover.ron",
    "double_burst.ron",
    "cold_starts.ron",
    "dns_failover.ron",
    "sinkhole.ron",
    "gray_failure.ron",
    "hedged_tail.ron",
    "breaker.ron",
    "autoscaler.ron",
    "bad_deploy.ron",
    "reconnect_storm.ron",
    "checkout.ron",
    "day_cost.ron",
    "photos.ron",
];

/// The gallery's cards. `titles` are name and notes of each scenario.
pub fn ui(ui: &mut Ui, titles: &[(String, String)], out: &mut Outbox) {
    ScrollArea::vertical()
        .max_height(460.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for (number, (name, notes)) in titles.iter().enumerate() {
                // The rest is for when it is open.
                let first = notes.lines().next().unwrap_or_default();
                if card(ui, number, name, first) {
                    out.wish(Wish::OpenShipped(number));
                }
                ui.add_space(space::S);
            }
        });
}

/// One scenario, all of it a button. Returns whether it was clicked.
fn card(ui: &mut Ui, number: usize, name: &str, about: &str) -> bool {
    let theme = Theme::of(ui);
    let builder = UiBuilder::new().id_salt(number).sense(Sense::click());
    let inner = ui.scope_builder(builder, |ui| {
        let response = ui.response();
        let pointed = response.hovered() || response.has_focus();
        let (fill, outline) = if pointed {
            (theme.button_hovered, theme.accent)
        } else {
            (theme.card, theme.border)
        };
        egui::Frame::new()
            .fill(fill)
            .stroke(egui::Stroke::new(theme::line::HAIR, outline))
            .corner_radius(radius::L)
            .inner_margin(space::L)
            // The scroll bar lies over the rest.
            .outer_margin(egui::Margin {
                right: space::L as i8,
                ..egui::Margin::ZERO
            })
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(name).size(theme::text::BODY + 1.0).strong());
                if !about.is_empty() {
                    ui.label(RichText::new(about).color(theme.text_weak));
                }
            });
    });
    let response = inner
        .response
        .on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Open {name}"))
    });
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{file, problem};

    #[test]
    fn every_shipped_scenario_loads_runs_and_says_what_to_watch() {
        for shipped in SHIPPED {
            let (document, problems) = file::load(shipped.text);
            assert!(
                problem::can_run(&problems),
                "{}: {problems:?}",
                shipped.file
            );
            let scenario = document.unwrap().scenario;
            assert!(
                !scenario.name.is_empty() && !scenario.notes.is_empty(),
                "{}",
                shipped.file
            );
        }
        let shipped = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).unwrap();
        assert_eq!(
            shipped.count(),
            SHIPPED.len(),
            "every file in scenarios/ is in the gallery"
        );
    }
}
