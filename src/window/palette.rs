//! The kinds of box, to be dragged onto the canvas, clicked, or called by key.

use egui::{ScrollArea, Sense, Ui, Vec2, WidgetInfo, containers::scroll_area::ScrollSource};

use super::{
    command::Command,
    icon,
    outbox::Outbox,
    theme::{Theme, radius, space, text},
};
use crate::{picture::Icon, scenario::Kind};

/// Width of the palette's panel.
pub const WIDTH: f32 = 160.0;
const ROW: f32 = 31.0;

/// Draws the palette.
pub fn ui(ui: &mut Ui, out: &mut Outbox) {
    ScrollArea::vertical()
        .auto_shrink([false, true])
        .scroll_source(ScrollSource::SCROLL_BAR | ScrollSource::MOUSE_WHEEL)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for kind in Kind::ALL {
                entry(ui, kind, out);
            }
            ui.add_space(space::M);
            let theme = Theme::of(ui);
            ui.label(
                egui::RichText::new("Drag onto the drawing, click, or press the key")
                    .size(text::SMALL)
                    .color(theme.text_weak),
            );
        });
}

fn entry(ui: &mut Ui, kind: Kind, out: &mut Outbox) {
    let command = Command::Add(kind);
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| {
        WidgetInfo::labeled(
            egui::Role::Button,
            true,
            format!("Add {}", command.text().to_lowercase()),
        )
    });
    response.dnd_set_drag_payload(kind);
    let painter = ui.painter();
    if response.hovered() || response.dragged() || response.has_focus() {
        painter.rect_filled(rect, f32::from(radius::M), theme.button_hovered);
    }
    let side = 20.0;
    let at = egui::Rect::from_center_size(
        rect.left_center() + Vec2::new(space::M + side / 2.0, 0.0),
        Vec2::splat(side),
    );
    icon::paint(painter, Icon::Kind(kind), at, theme.text);
    painter.text(
        at.right_center() + Vec2::new(space::M, 0.0),
        egui::Align2::LEFT_CENTER,
        command.text(),
        egui::FontId::proportional(text::BODY),
        theme.text,
    );
    if let Some(shortcut) = command.shortcut() {
        painter.text(
            rect.right_center() - Vec2::new(space::M, 0.0),
            egui::Align2::RIGHT_CENTER,
            shortcut.logical_key.symbol_or_name(),
            egui::FontId::proportional(text::SMALL),
            theme.text_weak,
        );
    }
    if response.clicked() {
        out.command(command);
    }
    response
        .on_hover_text(command.tooltip())
        .on_hover_cursor(egui::CursorIcon::Grab);
}
