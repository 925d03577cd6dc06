//! Boxes with their live figures.

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Role, Shape, Stroke, StrokeKind, Ui, Vec2, pos2,
};

use super::{Context, Hit, Scene, badge::Badge, cost, gesture::Gesture, scene::SceneBox};
use crate::{
    picture::Icon,
    scenario::Kind,
    window::{
        figures::BoxFigures,
        icon::IconMeshes,
        outbox::Outbox,
        selection::Selection,
        text,
        theme::{self, Theme, line, radius},
        view::{Detail, Lens},
    },
};

/// Space between a box's edge and what is in it, in points of the scene.
const PADDING: f32 = 10.0;
const ICON: f32 = 24.0;
/// Corners rounder than this, in points on the screen, are drawn round.
const FINE: f32 = 3.3;
/// So many boxes in view are a map rather than a drawing.
const MANY: usize = 300;
/// Waiting requests drawn one by one.
const MOST_MARKS: u64 = 12;

/// Draws every box that can be seen.
pub fn draw(
    ui: &Ui,
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    scene: &Scene,
    context: &Context<'_>,
    hit: Hit,
    gesture: &Gesture,
) {
    let visible = lens.visible_in_scene();
    let is_seen = |scene_box: &SceneBox| visible.intersects(scene_box.rect.expand(PADDING));
    // Smaller than this an icon is a smudge; among very many a small one says nothing, either.
    let seen = scene.boxes.iter().filter(|scene_box| is_seen(scene_box));
    let least_icon = if seen.count() > MANY { 14.0 } else { 9.0 };
    // Every icon is worked out once a frame and then copied.
    let mut icons = IconMeshes::default();
    // From far away all boxes are one mesh, below what stands out from them: a shape has its price,
    // however little there is to see of it.
    let mut far = egui::Mesh::default();
    let place_of_far = (lens.detail == Detail::Far).then(|| painter.add(Shape::Noop));
    for (number, scene_box) in scene.boxes.iter().enumerate() {
        if !is_seen(scene_box) {
            continue;
        }
        let figures = context.figures.boxes.get(number).and_then(Option::as_ref);
        let badges = Badge::of(figures, context.problems.contains_key(&scene_box.name));
        let selected = context.selection.boxes.contains(&scene_box.name);
        let rect = lens.rect_to_screen(scene_box.rect);
        let outline = outline(lens, theme, &badges);
        if lens.detail == Detail::Far {
            add_flat_card(&mut far, theme, rect, outline);
        } else {
            draw_card(painter, lens, theme, rect, outline);
        }
        let failed = badges.iter().any(|badge| badge.is_failure());
        if failed && !is_tiny(rect) {
            draw_hatching(painter, lens, theme, rect);
        }
        if selected {
            draw_selection(painter, lens, theme, rect);
        }
        match lens.detail {
            Detail::Far => add_far(
                &mut far, lens, theme, rect, scene_box, figures, least_icon, &mut icons,
            ),
            Detail::Middle => {
                draw_header(ui, painter, lens, theme, rect, scene_box, &mut icons);
                if let Some(utilization) = figures.and_then(|figures| figures.utilization) {
                    let bar = row(rect, lens, 56.0, 8.0);
                    draw_bar(painter, theme, bar, utilization);
                }
            }
            Detail::Full => {
                draw_header(ui, painter, lens, theme, rect, scene_box, &mut icons);
                if let Some(figures) = figures {
                    draw_figures(painter, lens, theme, rect, scene_box, figures);
                }
            }
        }
        let left_of_badges = draw_badges(painter, lens, theme, rect, &badges);
        let connecting = matches!(gesture, Gesture::Connect { .. });
        let idle = matches!(gesture, Gesture::Idle);
        let has_ports = (idle || connecting) && hit.in_box() == Some(number);
        // On a tiny box they would be all there is to see.
        if has_ports && !is_tiny(rect) {
            let strong = hit == Hit::Edge(number) || connecting;
            draw_ports(painter, theme, rect, strong, left_of_badges);
        }
    }
    if let Some(place) = place_of_far {
        painter.set(place, far);
    }
}

/// A row across a box, `top` and `height` in points of the scene.
fn row(rect: Rect, lens: &Lens, top: f32, height: f32) -> Rect {
    Rect::from_min_max(
        pos2(
            rect.min.x + PADDING * lens.zoom,
            rect.min.y + top * lens.zoom,
        ),
        pos2(
            rect.max.x - PADDING * lens.zoom,
            rect.min.y + (top + height) * lens.zoom,
        ),
    )
}

/// Rectangles with sharp corners: four vertices each, where rounded ones take a hundred.
fn flat(rects: &[(Rect, Color32)]) -> egui::Mesh {
    let mut mesh = egui::Mesh::default();
    for (rect, color) in rects {
        mesh.add_colored_rect(*rect, *color);
    }
    mesh
}

/// The edge of a box: what is broken or can't keep up stands out.
fn outline(lens: &Lens, theme: &Theme, badges: &[Badge]) -> Stroke {
    let is_bad = |badge: &Badge| badge.is_failure() || *badge == Badge::Saturated;
    if badges.iter().any(is_bad) {
        Stroke::new(line::STRONG * lens.zoom.clamp(0.5, 1.0), theme.bad)
    } else {
        Stroke::new(line::HAIR, theme.border)
    }
}

fn draw_card(painter: &Painter, lens: &Lens, theme: &Theme, rect: Rect, outline: Stroke) {
    let rounding = f32::from(radius::L) * lens.zoom;
    if rounding < FINE {
        let mut mesh = egui::Mesh::default();
        add_flat_card(&mut mesh, theme, rect, outline);
        painter.add(mesh);
    } else {
        painter.rect(rect, rounding, theme.card, outline, StrokeKind::Inside);
    }
}

fn add_flat_card(mesh: &mut egui::Mesh, theme: &Theme, rect: Rect, outline: Stroke) {
    mesh.add_colored_rect(rect, outline.color);
    mesh.add_colored_rect(rect.shrink(outline.width), theme.card);
}

fn draw_selection(painter: &Painter, lens: &Lens, theme: &Theme, rect: Rect) {
    let gap = 2.0;
    painter.rect_stroke(
        rect.expand(gap),
        f32::from(radius::L) * lens.zoom + gap,
        Stroke::new(line::STRONG, theme.accent),
        StrokeKind::Outside,
    );
}

/// Slanted lines over a box that does nothing.
fn draw_hatching(painter: &Painter, lens: &Lens, theme: &Theme, rect: Rect) {
    let inner = rect.shrink(3.0 * lens.zoom);
    let step = (12.0 * lens.zoom).max(6.0);
    let stroke = Stroke::new(
        (2.0 * lens.zoom).clamp(1.0, 3.0),
        Theme::tint(theme.bad, 0.13),
    );
    let (width, height) = (inner.width(), inner.height());
    let lines = ((width + height) / step).ceil() as usize;
    painter.extend((0..lines).map(|number| {
        let start = number as f32 * step - height;
        // From the lower edge at `start` upwards to the right, cut off at the sides.
        let (x0, x1) = (start.max(0.0), (start + height).min(width));
        let y = |x: f32| inner.max.y - (x - start);
        let ends = [pos2(inner.min.x + x0, y(x0)), pos2(inner.min.x + x1, y(x1))];
        Shape::line_segment(ends, stroke)
    }));
}

/// From far away a box is its icon and its load.
fn add_far(
    mesh: &mut egui::Mesh,
    lens: &Lens,
    theme: &Theme,
    rect: Rect,
    scene_box: &SceneBox,
    figures: Option<&BoxFigures>,
    least_icon: f32,
    icons: &mut IconMeshes,
) {
    if let Some(utilization) = figures.and_then(|figures| figures.utilization) {
        let height = rect.height() * 0.22;
        let bar = Rect::from_min_max(pos2(rect.min.x, rect.max.y - height), rect.max).shrink(1.0);
        let mut worked = bar;
        worked.set_width(bar.width() * utilization.clamp(0.0, 1.0) as f32);
        mesh.add_colored_rect(bar, theme.sunken);
        mesh.add_colored_rect(worked, theme.load(utilization));
    }
    // Not from `rect`, whose edges are rounded: the same for all boxes.
    let size = super::BOX_HEIGHT * lens.zoom * 0.6;
    if size >= least_icon {
        let at = Rect::from_center_size(
            rect.center() - Vec2::new(0.0, rect.height() * 0.1),
            Vec2::splat(size),
        );
        add_icon(mesh, lens, theme, at, scene_box.kind, icons);
    }
}

fn add_icon(
    mesh: &mut egui::Mesh,
    lens: &Lens,
    theme: &Theme,
    at: Rect,
    kind: Kind,
    icons: &mut IconMeshes,
) {
    let (side, pixels_per_point) = (at.width(), lens.pixels_per_point);
    let color = theme.text_weak;
    icons.add(
        mesh,
        Icon::Kind(kind),
        at.center(),
        side,
        color,
        pixels_per_point,
    );
}

fn draw_header(
    ui: &Ui,
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    rect: Rect,
    scene_box: &SceneBox,
    icons: &mut IconMeshes,
) {
    let zoom = lens.zoom;
    let icon = Rect::from_min_size(
        rect.min + Vec2::splat(PADDING) * zoom,
        Vec2::splat(ICON * zoom),
    );
    let mut mesh = egui::Mesh::default();
    add_icon(&mut mesh, lens, theme, icon, scene_box.kind, icons);
    painter.add(mesh);
    let left = icon.max.x + 8.0 * zoom;
    let width = rect.max.x - PADDING * 0.6 * zoom - left;
    let top = rect.min.y + PADDING * zoom;
    if lens.detail == Detail::Full {
        one_line(
            ui,
            painter,
            &scene_box.name,
            lens.text_size(theme::text::BODY),
            theme.text,
            pos2(left, top - 2.0 * zoom),
            width,
        );
        one_line(
            ui,
            painter,
            &scene_box.caption,
            lens.text_size(theme::text::SMALL),
            theme.text_weak,
            pos2(left, top + 14.0 * zoom),
            width,
        );
    } else {
        // Without the caption the name may be larger than it would be at this zoom.
        let size = lens.text_size(theme::text::HEADING + 1.0);
        one_line(
            ui,
            painter,
            &scene_box.name,
            size,
            theme.text,
            pos2(left, top + 1.0 * zoom),
            width,
        );
    }
}

/// Text on one line, with an ellipsis where it gets too long.
fn one_line(
    ui: &Ui,
    painter: &Painter,
    content: &str,
    size: f32,
    color: Color32,
    at: Pos2,
    width: f32,
) {
    let mut job = egui::text::LayoutJob::simple_singleline(
        content.to_owned(),
        FontId::proportional(size),
        color,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    painter.galley(at, galley, color);
}

/// The share of the slots that work, and how close that is to all of them.
fn draw_bar(painter: &Painter, theme: &Theme, bar: Rect, utilization: f64) {
    let rounding = (bar.height() / 2.0).min(f32::from(radius::S));
    let share = utilization.clamp(0.0, 1.0) as f32;
    let width = bar.width() * share;
    if rounding < FINE / 2.0 {
        let filled = Rect::from_min_size(bar.min, Vec2::new(width, bar.height()));
        let color = theme.load(utilization);
        painter.add(flat(&[(bar, theme.sunken), (filled, color)]));
        return;
    }
    painter.rect_filled(bar, rounding, theme.sunken);
    if width >= 0.5 {
        let filled = Rect::from_min_size(bar.min, Vec2::new(width, bar.height()));
        painter.rect_filled(filled, rounding.min(width / 2.0), theme.load(utilization));
    }
}

fn draw_figures(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    rect: Rect,
    scene_box: &SceneBox,
    figures: &BoxFigures,
) {
    let small = FontId::proportional(lens.text_size(theme::text::SMALL));
    let rows = cost::Rows::of(lens, figures.cost);
    let upper = row(rect, lens, rows.upper, 14.0);
    let lower = row(rect, lens, rows.lower, 14.0);
    if let Some((top, cost)) = rows.cost {
        cost::draw(painter, theme, row(rect, lens, top, 14.0), cost, &small);
    }
    let write = |at: Pos2, align: Align2, content: String, color: Color32| {
        painter.text(at, align, content, small.clone(), color)
    };
    if let Some(utilization) = figures.utilization {
        let mut bar = upper.shrink2(Vec2::new(0.0, 3.5 * lens.zoom));
        bar.max.x -= 40.0 * lens.zoom;
        draw_bar(painter, theme, bar, utilization);
        write(
            upper.right_center(),
            Align2::RIGHT_CENTER,
            text::percent(utilization),
            theme.text,
        );
    } else {
        let inside = if scene_box.kind == Kind::Queue {
            "held"
        } else {
            "in flight"
        };
        write(
            upper.left_center(),
            Align2::LEFT_CENTER,
            format!("{} {inside}", text::count(figures.present)),
            theme.text,
        );
        if figures.failing > 0.0 {
            write(
                upper.right_center(),
                Align2::RIGHT_CENTER,
                format!("{} failed", text::per_second(figures.failing)),
                theme.bad,
            );
        }
    }
    write(
        lower.right_center(),
        Align2::RIGHT_CENTER,
        text::per_second(figures.throughput),
        theme.text,
    );
    draw_line(painter, lens, theme, lower, scene_box.kind, figures, &small);
}

/// Requests waiting in line: drawn one by one, or counted.
fn draw_line(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    row: Rect,
    kind: Kind,
    figures: &BoxFigures,
    font: &FontId,
) {
    if figures.waiting > MOST_MARKS {
        let color = if figures.is_growing {
            theme.bad
        } else {
            theme.text
        };
        painter.text(
            row.left_center(),
            Align2::LEFT_CENTER,
            format!("{} in line", text::count(figures.waiting)),
            font.clone(),
            color,
        );
        return;
    }
    if figures.waiting == 0 {
        let of_lookups = |ratio: f64| match kind {
            Kind::Function => format!("{} cold", text::percent(1.0 - ratio)),
            Kind::Dns => format!("{} known", text::percent(ratio)),
            _ => format!("{} hits", text::percent(ratio)),
        };
        let open = figures
            .connections
            .map(|count| format!("{} open", text::count(count)));
        if let Some(content) = open.or(figures.hit_ratio.map(of_lookups)) {
            painter.text(
                row.left_center(),
                Align2::LEFT_CENTER,
                content,
                font.clone(),
                theme.text_weak,
            );
        }
        return;
    }
    let mark = Vec2::new(4.0, 10.0) * lens.zoom;
    let pace = 6.0 * lens.zoom;
    for place in 0..figures.waiting {
        let x = row.min.x + place as f32 * pace;
        let rect = Rect::from_min_size(pos2(x, row.center().y - mark.y / 2.0), mark);
        painter.rect_filled(rect, 1.5 * lens.zoom, theme.load(0.5 + place as f64 / 24.0));
    }
}

/// Returns how far to the left they reach.
fn draw_badges(painter: &Painter, lens: &Lens, theme: &Theme, rect: Rect, badges: &[Badge]) -> f32 {
    // Badges are what must be seen from far away: they shrink less than their box.
    let height = (20.0 * lens.zoom).clamp(12.0, 32.0);
    if is_tiny(rect) {
        draw_mark(painter, theme, rect, badges);
        return rect.right();
    }
    // On the upper edge, so that the name can be read.
    let mut at = rect.right_top() + Vec2::new(0.35, -0.35) * height;
    for badge in badges {
        at.x -= badge.draw(painter, theme, at, height) + 2.0;
    }
    at.x
}

/// Whether badges would hide the box, and its neighbours.
fn is_tiny(rect: Rect) -> bool {
    rect.width() < 24.0
}

/// The worst of the badges as the shape of the whole box: a cross, a triangle, or a corner.
fn draw_mark(painter: &Painter, theme: &Theme, rect: Rect, badges: &[Badge]) {
    if badges.iter().any(|badge| badge.is_failure()) {
        painter.add(flat(&[(rect, theme.bad)]));
        let stroke = Stroke::new((rect.height() / 6.0).max(1.0), theme.card);
        painter.line_segment([rect.left_top(), rect.right_bottom()], stroke);
        painter.line_segment([rect.left_bottom(), rect.right_top()], stroke);
    } else if badges.contains(&Badge::Saturated) {
        let corners = vec![rect.center_top(), rect.right_bottom(), rect.left_bottom()];
        painter.add(Shape::convex_polygon(corners, theme.bad, Stroke::NONE));
    } else if !badges.is_empty() {
        let corner = Rect::from_two_pos(rect.right_top(), rect.center());
        painter.add(flat(&[(corner, theme.warning)]));
    }
}

/// Where arrows can be pulled from. That on the upper edge is not shown where badges are.
fn draw_ports(painter: &Painter, theme: &Theme, rect: Rect, strong: bool, left_of_badges: f32) {
    let radius = if strong { 5.0 } else { 3.5 };
    let top = rect.center_top();
    let top = (top.x + radius < left_of_badges).then_some(top);
    let sides = [
        rect.left_center(),
        rect.right_center(),
        rect.center_bottom(),
    ];
    for at in sides.into_iter().chain(top) {
        painter.circle(
            at,
            radius,
            theme.card,
            Stroke::new(line::NORMAL, theme.accent),
        );
    }
}

/// Tells assistive technology, and tests, about the boxes and arrows in view.
pub fn accessibility(ui: &Ui, lens: &Lens, scene: &Scene, context: &Context<'_>, out: &mut Outbox) {
    let visible = lens.visible_in_scene();
    for (number, scene_box) in scene.boxes.iter().enumerate() {
        if !visible.intersects(scene_box.rect) {
            continue;
        }
        let id = ui.scope_id().with(("box", &scene_box.name));
        let on_screen = lens.rect_to_screen(scene_box.rect).intersect(lens.canvas);
        let told = ui.ctx().accesskit_node_builder(id, |node| {
            describe(node, Role::Button, on_screen, &scene_box.name);
            let figures = context.figures.boxes.get(number).and_then(Option::as_ref);
            let badges = Badge::of(figures, context.problems.contains_key(&scene_box.name));
            node.set_description(description(scene_box, figures, &badges));
            if context.selection.boxes.contains(&scene_box.name) {
                node.set_selected(true);
            }
        });
        if told.is_none() {
            // Nobody listens.
            return;
        }
        if ui.input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click))
        {
            out.select(Selection::of_box(scene_box.name.clone()));
        }
    }
    for (number, arrow) in scene.arrows.iter().enumerate() {
        let ends = (scene.boxes.get(arrow.from), scene.boxes.get(arrow.to));
        let (Some(from), Some(to)) = ends else {
            continue;
        };
        let middle = super::scene::to_pos2(arrow.path.point_at(0.5));
        if !visible.contains(middle) {
            continue;
        }
        let id = ui.scope_id().with(("arrow", number));
        let rect = Rect::from_center_size(lens.to_screen(middle), Vec2::splat(12.0));
        ui.ctx().accesskit_node_builder(id, |node| {
            describe(
                node,
                Role::Button,
                rect,
                &format!("{} -> {}", from.name, to.name),
            );
        });
        if ui.input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click))
        {
            out.select(Selection::of_arrow(number));
        }
    }
}

/// A box in words: its name, what it is, how it is.
pub fn describe_box(scene: &Scene, context: &Context<'_>, number: usize) -> String {
    let scene_box = &scene.boxes[number];
    let figures = context.figures.boxes.get(number).and_then(Option::as_ref);
    let badges = Badge::of(figures, context.problems.contains_key(&scene_box.name));
    format!(
        "{}\n{}",
        scene_box.name,
        description(scene_box, figures, &badges)
    )
}

pub fn describe(node: &mut egui::accesskit::Node, role: Role, rect: Rect, name: &str) {
    node.set_role(role);
    node.set_label(name);
    node.add_action(egui::accesskit::Action::Click);
    node.set_bounds(egui::accesskit::Rect {
        x0: f64::from(rect.min.x),
        y0: f64::from(rect.min.y),
        x1: f64::from(rect.max.x),
        y1: f64::from(rect.max.y),
    });
}

fn description(scene_box: &SceneBox, figures: Option<&BoxFigures>, badges: &[Badge]) -> String {
    let mut words = vec![
        crate::window::edit::kind_name(scene_box.kind).to_owned(),
        scene_box.caption.clone(),
    ];
    words.extend(badges.iter().map(|badge| badge.word()));
    if let Some(figures) = figures {
        if let Some(utilization) = figures.utilization {
            words.push(format!("{} utilized", text::percent(utilization)));
        }
        words.push(format!("{} waiting", figures.waiting));
        if let Some(open) = figures.connections {
            words.push(format!("{} connections open", text::count(open)));
        }
        words.push(text::per_second(figures.throughput));
        words.extend(figures.cost.map(cost::words));
    }
    words.join(", ")
}
