//! Draws the icons of the picture.

use std::collections::HashMap;

use egui::{
    Color32, Mesh, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
    epaint::{PathShape, PathStroke, TessellationOptions, Tessellator},
    vec2,
};

use crate::picture::{Icon, icon::STROKE};
use crate::window::theme::Theme;

/// Draws an icon into a square.
pub fn paint(painter: &Painter, icon: Icon, rect: Rect, color: Color32) {
    painter.extend(shapes(icon, rect, color));
}

/// A button with nothing but an icon. `name` is its tooltip and what screen readers say.
pub fn button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    toggle(ui, icon, name, false)
}

/// A button with nothing but an icon that looks pressed while `on`.
pub fn toggle(ui: &mut Ui, icon: Icon, name: &str, on: bool) -> Response {
    let side = ui
        .spacing()
        .interact_size
        .y
        .max(ui.spacing().interact_size.x);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, name));
    if ui.is_rect_visible(rect) {
        let theme = Theme::of(ui);
        let visuals = ui.style().interact_selectable(&response, on);
        let focused = response.has_focus();
        if on || response.hovered() || focused {
            let stroke = if focused {
                Stroke::new(1.5, theme.accent)
            } else {
                Stroke::NONE
            };
            ui.painter().rect(
                rect,
                visuals.corner_radius,
                visuals.weak_bg_fill,
                stroke,
                egui::StrokeKind::Inside,
            );
        }
        let color = if !ui.is_enabled() {
            ui.visuals().disable(theme.text_weak)
        } else if on {
            theme.accent
        } else {
            theme.text
        };
        paint(ui.painter(), icon, inside(rect), color);
    }
    response.on_hover_text(name)
}

/// The square of an icon in the middle of a button.
fn inside(button: Rect) -> Rect {
    let side = (button.width().min(button.height()) * 0.62).round();
    Rect::from_center_size(button.center(), Vec2::splat(side))
}

/// Icons as ready triangles, for drawing thousands at the same size: the work is done once for a
/// size, and after that an icon costs a copy.
#[derive(Debug, Default)]
pub struct IconMeshes {
    side: f32,
    pixels_per_point: f32,
    meshes: HashMap<Icon, Mesh>,
}

impl IconMeshes {
    /// Appends an icon to `out`, `side` points wide around `center`.
    pub fn add(
        &mut self,
        out: &mut Mesh,
        icon: Icon,
        center: Pos2,
        side: f32,
        color: Color32,
        pixels_per_point: f32,
    ) {
        if self.side != side || self.pixels_per_point != pixels_per_point {
            *self = Self {
                side,
                pixels_per_point,
                meshes: HashMap::new(),
            };
        }
        let mesh = self.meshes.entry(icon).or_insert_with(|| {
            let mut mesh = Mesh::default();
            let mut tessellator = Tessellator::new(
                pixels_per_point,
                TessellationOptions::default(),
                [1, 1],
                Vec::new(),
            );
            let rect = Rect::from_center_size(Pos2::ZERO, Vec2::splat(side));
            for shape in shapes(icon, rect, Color32::WHITE) {
                tessellator.tessellate_shape(shape, &mut mesh);
            }
            mesh
        });
        let first = out.vertices.len() as u32;
        out.indices
            .extend(mesh.indices.iter().map(|index| index + first));
        out.vertices
            .extend(mesh.vertices.iter().map(|vertex| egui::epaint::Vertex {
                pos: vertex.pos + center.to_vec2(),
                uv: vertex.uv,
                // White at the inside, transparent at the soft edge.
                color: if vertex.color == Color32::WHITE {
                    color
                } else {
                    Color32::TRANSPARENT
                },
            }));
    }
}

fn shapes(icon: Icon, rect: Rect, color: Color32) -> impl Iterator<Item = Shape> {
    let stroke = Stroke::new((rect.width() * STROKE).max(1.0), color);
    let step = if rect.width() < 14.0 { 30.0 } else { 15.0 };
    icon.shapes().iter().map(move |shape| {
        let (points, closed) = shape.points(step);
        let points: Vec<Pos2> = points
            .into_iter()
            .map(|p| rect.min + vec2(p.x * rect.width(), p.y * rect.height()))
            .collect();
        if shape.is_filled() {
            PathShape::convex_polygon(points, color, Stroke::NONE).into()
        } else {
            let path = PathShape {
                points,
                closed,
                fill: Color32::TRANSPARENT,
                stroke: PathStroke::from(stroke),
            };
            path.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Kind;

    #[test]
    fn a_copied_icon_is_the_icon_at_another_place() {
        let mut meshes = IconMeshes::default();
        let mut out = Mesh::default();
        let color = crate::window::theme::LIGHT.accent;
        for center in [egui::pos2(100.0, 50.0), egui::pos2(130.0, 90.0)] {
            meshes.add(
                &mut out,
                Icon::Kind(Kind::Database),
                center,
                18.0,
                color,
                1.0,
            );
        }
        assert!(out.is_valid());
        let half = out.vertices.len() / 2;
        assert!(half > 50);
        let (first, second) = out.vertices.split_at(half);
        for (a, b) in first.iter().zip(second) {
            assert!(((b.pos - a.pos) - vec2(30.0, 40.0)).length() < 1e-4);
            assert_eq!(a.color, b.color);
        }
        let bounds = Rect::from_center_size(egui::pos2(100.0, 50.0), Vec2::splat(20.0));
        assert!(first.iter().all(|vertex| bounds.contains(vertex.pos)));
        assert!(first.iter().any(|vertex| vertex.color == color));
    }

    #[test]
    fn a_stroke_thinner_than_a_pixel_stays_visible() {
        let mut out = Mesh::default();
        let color = crate::window::theme::DARK.accent;
        IconMeshes::default().add(&mut out, Icon::Plus, Pos2::ZERO, 6.0, color, 1.0);
        assert!(out.vertices.iter().any(|vertex| vertex.color == color));
    }
}
