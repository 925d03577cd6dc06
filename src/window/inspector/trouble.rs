//! Buttons that break and heal.

use egui::{Button, RichText, Ui};

use crate::window::{
    command::Trouble,
    outbox::{Outbox, Wish},
    theme::{Theme, space},
};

/// So many have a button of their own, the others are in a menu.
const FIRST: usize = 3;

/// Draws the buttons for a target. `is_in_trouble` makes the healing one stand out.
pub fn ui(ui: &mut Ui, target: &str, troubles: &[Trouble], is_in_trouble: bool, out: &mut Outbox) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::S, space::S);
        // In one line, for the sake of what stands below.
        let (first, others) = match troubles.split_at_checked(FIRST) {
            Some((first, others)) if others.len() > 1 => (first, others),
            _ => (troubles, &[][..]),
        };
        for trouble in first {
            one(ui, target, *trouble, out);
        }
        if !others.is_empty() {
            ui.menu_button("More", |ui| {
                for trouble in others {
                    one(ui, target, *trouble, out);
                }
            })
            .response
            .on_hover_text("What else can go wrong with it");
        }
        let heal = if is_in_trouble {
            Button::new(RichText::new(Trouble::Heal.text()).color(theme.on_accent))
                .fill(theme.accent)
        } else {
            Button::new(Trouble::Heal.text())
        };
        let heal = ui
            .add_enabled(is_in_trouble, heal)
            .on_hover_text(Trouble::Heal.tooltip());
        if heal.clicked() {
            out.wish(Wish::Trouble(target.to_owned(), Trouble::Heal));
        }
    });
}

fn one(ui: &mut Ui, target: &str, trouble: Trouble, out: &mut Outbox) {
    let button = ui.button(trouble.text()).on_hover_text(trouble.tooltip());
    if button.clicked() {
        out.wish(Wish::Trouble(target.to_owned(), trouble));
    }
}
