//! The shipped scenarios.

use egui::{RichText, ScrollArea, Ui};

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
    "checkout.ron",
];

/// The gallery's cards. `titles` are name and notes of each scenario.
pub fn ui(ui: &mut Ui, titles: &[(String, String)], out: &mut Outbox) {
    let theme = Theme::of(ui);
    ScrollArea::vertical()
        .max_height(460.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for (number, (name, notes)) in titles.iter().enumerate() {
                let card = egui::Frame::new()
                    .fill(theme.card)
                    .stroke(egui::Stroke::new(theme::line::HAIR, theme.border))
                    .corner_radius(radius::L)
                    .inner_margin(space::L);
                card.show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.horizontal(|ui| {
                        ui.label(RichText::new(name).size(theme::text::BODY + 1.0).strong());
                        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                            let open = ui.button("Open");
                            if open.accessible_name(format!("Open {name}")).clicked() {
                                out.wish(Wish::OpenShipped(number));
                            }
                        });
                    });
                    if !notes.is_empty() {
                        // The rest is for when it is open.
                        let first = notes.lines().next().unwrap_or_default();
                        ui.label(RichText::new(first).color(theme.text_weak));
                    }
                });
                ui.add_space(space::S);
            }
        });
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
