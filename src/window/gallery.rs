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
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/", $file)),
        }),*]
    };
}

/// Every shipped scenario, in the order in which they are best looked at.
pub const SHIPPED: &[Shipped] = shipped!["url_shortener.ron", "mm1.ron", "central_server.ron"];

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
                        ui.label(RichText::new(notes).color(theme.text_weak));
                    }
                });
                ui.add_space(space::S);
            }
        });
}
