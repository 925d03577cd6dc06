//! Arrows: their way, their heads, their labels.

use egui::{Align, Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Vec2};

use super::{
    Context, Hit, Scene, pipe,
    scene::{ArrowStyle, SceneArrow, to_point, to_pos2},
};
use crate::{
    engine::BreakerState,
    picture::{self, Path},
    window::{
        figures::ArrowFigures,
        text::percent,
        theme::{Theme, line, text},
        view::{Detail, Lens},
    },
};

/// Draws every arrow that can be seen.
pub fn draw(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    scene: &Scene,
    context: &Context<'_>,
    hit: Hit,
) {
    let visible = lens.visible_in_scene();
    let mut labels = Vec::new();
    let unknown = ArrowFigures::default();
    // Handed over at once: each way to the painter takes a lock.
    let mut shapes = Vec::with_capacity(2 * scene.arrows.len());
    for (number, arrow) in scene.arrows.iter().enumerate() {
        if !visible.intersects(arrow.bounds.expand(line::STRONG)) {
            continue;
        }
        let selected = context.selection.arrows.contains(&number);
        let figures = context.figures.arrows.get(number).unwrap_or(&unknown);
        let ArrowFigures { cut, weak, out, .. } = *figures;
        let color = if cut {
            theme.bad
        } else if weak {
            theme.warning
        } else if selected || hit == Hit::Arrow(number) {
            theme.accent
        } else if out {
            theme.warning
        } else {
            theme.connection
        };
        let width = if selected { line::STRONG } else { line::NORMAL };
        let stroke = Stroke::new(width * width_factor(lens), color);
        if let Some(ways) = figures.bandwidth {
            pipe::add(&mut shapes, lens, theme, &arrow.path, ways);
        }
        add_one(&mut shapes, lens, arrow, stroke);
        if cut {
            add_cut(&mut shapes, lens, theme, &arrow.path, 1.0);
        } else if !figures.cut_for.is_empty() {
            add_cut(&mut shapes, lens, theme, &arrow.path, PARTLY_CUT);
        } else if out {
            add_out(&mut shapes, lens, theme, &arrow.path);
        } else if let Some(state) = figures.breaker {
            add_breaker(&mut shapes, lens, theme, &arrow.path, state);
        }
        if lens.detail == Detail::Full && !arrow.label.is_empty() {
            labels.push((arrow, color, figures.bandwidth));
        }
    }
    painter.extend(shapes);
    // Above all lines.
    for (arrow, color, bandwidth) in labels {
        let (words, color) = match bandwidth {
            Some(ways) => (pipe::label(&arrow.label, ways), theme.text),
            None => (arrow.label.clone(), color),
        };
        draw_label(painter, lens, theme, arrow, &words, color);
    }
}

/// What can't be seen of an arrow from its line alone.
pub fn describe(figures: &ArrowFigures) -> Option<String> {
    let mut lines = Vec::new();
    if !figures.cut_for.is_empty() {
        lines.push(format!(
            "Cut for requests from {}",
            figures.cut_for.join(", ")
        ));
    }
    if let Some([there, back]) = figures.bandwidth {
        let [there, back] = [there, back].map(percent);
        lines.push(format!("Bandwidth in use: {there} there, {back} back"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Lines get thinner far away, but never vanish.
fn width_factor(lens: &Lens) -> f32 {
    lens.zoom.clamp(0.5, 1.6)
}

/// The way of a path on the screen.
pub fn points(path: &Path, lens: &Lens) -> Vec<Pos2> {
    // Among very many short ones nobody sees more.
    let tolerance = if lens.detail == Detail::Far { 0.7 } else { 0.3 };
    path.flatten(tolerance / lens.zoom)
        .map(|point| lens.to_screen(to_pos2(point)))
        .collect()
}

fn add_one(shapes: &mut Vec<Shape>, lens: &Lens, arrow: &SceneArrow, stroke: Stroke) {
    let head = head_size(lens);
    if head < LEAST_HEAD {
        shapes.push(Shape::line(points(&arrow.path, lens), stroke));
        return;
    }
    // The line ends inside the head, so that its end does not stick out of the tip.
    let mut way = points(&arrow.path, lens);
    let head_on_screen = arrow
        .path
        .arrow_head(head / lens.zoom)
        .map(|p| lens.to_screen(to_pos2(p)));
    if let Some(last) = way.last_mut() {
        *last = head_on_screen[1]
            .lerp(head_on_screen[2], 0.5)
            .lerp(head_on_screen[0], 0.4);
    }
    let dash = (6.0 * lens.zoom).clamp(3.0, 10.0);
    match arrow.style {
        ArrowStyle::Sync | ArrowStyle::Forward => {
            shapes.push(Shape::line(way, stroke));
        }
        ArrowStyle::Async => {
            Shape::dashed_line_many(&way, stroke, dash, dash * 0.7, shapes);
        }
        ArrowStyle::Replication | ArrowStyle::DeadLetters => {
            shapes.extend(Shape::dotted_line(&way, stroke.color, dash, stroke.width));
        }
    }
    add_head(shapes, head_on_screen, arrow.style, stroke);
}

/// A head that is smaller than this, in points on the screen, is a blot. Dashes are, too.
const LEAST_HEAD: f32 = 3.0;

fn head_size(lens: &Lens) -> f32 {
    // Far away still to be seen, but never larger than the box it points at.
    let least = (30.0 * lens.zoom).min(5.0);
    (9.0 * lens.zoom).clamp(least, 16.0)
}

fn add_head(shapes: &mut Vec<Shape>, corners: [Pos2; 3], style: ArrowStyle, stroke: Stroke) {
    let [tip, left, right] = corners;
    match style {
        // Filled: the caller waits.
        ArrowStyle::Sync | ArrowStyle::Replication | ArrowStyle::DeadLetters => {
            shapes.push(Shape::convex_polygon(
                vec![tip, left, right],
                stroke.color,
                Stroke::NONE,
            ));
        }
        // Open: nobody waits (the heads of UML's sequence diagrams).
        ArrowStyle::Async => {
            shapes.push(Shape::line(vec![left, tip, right], stroke));
        }
        // Double: handed on.
        ArrowStyle::Forward => {
            shapes.push(Shape::convex_polygon(
                vec![tip, left, right],
                stroke.color,
                Stroke::NONE,
            ));
            let back = (left.lerp(right, 0.5) - tip) * 0.8;
            shapes.push(Shape::line(
                vec![left + back, tip + back, right + back],
                stroke,
            ));
        }
    }
}

/// A bar across the middle: the balancer sends nothing here.
fn add_out(shapes: &mut Vec<Shape>, lens: &Lens, theme: &Theme, path: &Path) {
    let (middle, heading) = path.heading_at(0.5);
    let at = lens.to_screen(to_pos2(middle));
    let reach = Vec2::new(heading.x, heading.y).rot90() * (7.0 * lens.zoom).clamp(4.0, 12.0);
    shapes.push(Shape::line_segment(
        [at - reach, at + reach],
        Stroke::new(line::STRONG * 1.5, theme.warning),
    ));
}

/// How strong the strokes are where only some get through.
const PARTLY_CUT: f32 = 0.55;

/// Two strokes across the middle: nothing gets through; lighter ones where that is so for some.
fn add_cut(shapes: &mut Vec<Shape>, lens: &Lens, theme: &Theme, path: &Path, share: f32) {
    let (middle, heading) = path.heading_at(0.5);
    let at = lens.to_screen(to_pos2(middle));
    let along = Vec2::new(heading.x, heading.y);
    let across = along.rot90();
    let size = (7.0 * lens.zoom).clamp(4.0, 12.0);
    shapes.push(Shape::circle_filled(at, size * 1.3, theme.canvas));
    for diagonal in [along + across, along - across] {
        let reach = diagonal.normalized() * size;
        shapes.push(Shape::line_segment(
            [at - reach, at + reach],
            Stroke::new(line::STRONG, Theme::tint(theme.bad, share)),
        ));
    }
}

/// The switch of a circuit diagram across the middle: closed it lies along the arrow, open it stands
/// away from it, half-open in between.
fn add_breaker(
    shapes: &mut Vec<Shape>,
    lens: &Lens,
    theme: &Theme,
    path: &Path,
    state: BreakerState,
) {
    let (middle, heading) = path.heading_at(0.5);
    let at = lens.to_screen(to_pos2(middle));
    let along = Vec2::new(heading.x, heading.y).normalized();
    let size = (7.0 * lens.zoom).clamp(4.0, 12.0);
    let (angle, color) = match state {
        BreakerState::Closed => (0.0, theme.connection),
        BreakerState::HalfOpen => (0.35, theme.accent),
        BreakerState::Open => (0.8, theme.bad),
    };
    let (from, to) = (at - along * size, at + along * size);
    let lever = egui::emath::Rot2::from_angle(-angle) * (along * size * 2.0);
    shapes.push(Shape::line_segment(
        [from, to],
        Stroke::new(line::STRONG * 2.0, theme.canvas),
    ));
    shapes.push(Shape::line_segment(
        [from, from + lever],
        Stroke::new(line::STRONG, color),
    ));
    for end in [from, to] {
        shapes.push(Shape::circle_filled(end, size * 0.25, color));
    }
}

/// Sizes that a label can have at zoom 1: on one line, and on two where it has several words.
pub fn label_sizes(painter: &Painter, label: &str) -> Vec<picture::Point> {
    let lines = [label.to_owned(), in_two_lines(label)];
    let lines = if lines[0] == lines[1] {
        &lines[..1]
    } else {
        &lines[..]
    };
    let size = |words: &String| {
        let font = FontId::proportional(text::SMALL);
        let size = painter
            .layout_no_wrap(words.clone(), font, Color32::PLACEHOLDER)
            .size();
        picture::point(size.x, size.y)
    };
    lines.iter().map(size).collect()
}

/// A text broken at the space nearest to its middle.
fn in_two_lines(label: &str) -> String {
    let middle = label.len() / 2;
    let spaces = label.match_indices(' ').map(|(at, _)| at);
    match spaces.min_by_key(|at| at.abs_diff(middle)) {
        Some(at) => format!("{}\n{}", &label[..at], &label[at + 1..]),
        None => label.to_owned(),
    }
}

/// What makes an arrow special, beside it.
fn draw_label(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    arrow: &SceneArrow,
    words: &str,
    color: Color32,
) {
    let Some(spot) = arrow.label_spot else {
        return;
    };
    let font = FontId::proportional(lens.text_size(text::SMALL));
    let (words, align) = match spot.size {
        0 => (words.to_owned(), Align::Min),
        _ => (in_two_lines(words), align_of(spot.corner.0)),
    };
    let mut job = egui::text::LayoutJob::simple(words, font, color, f32::INFINITY);
    job.halign = align;
    let galley = painter.layout_job(job);
    let corner = Align2([align_of(spot.corner.0), align_of(spot.corner.1)]);
    let away = Vec2::new(f32::from(spot.corner.0), f32::from(spot.corner.1));
    let away = away * pipe::margin(arrow) * lens.zoom;
    let rect = corner.anchor_size(lens.to_screen(to_pos2(spot.at)) - away, galley.size());
    painter.rect_filled(rect.expand(1.0), 2.0, Theme::tint(theme.canvas, 0.8));
    // The place of a text that is not left-aligned is its right end or its middle.
    painter.galley(rect.min - galley.rect.min.to_vec2(), galley, color);
}

fn align_of(corner: i8) -> Align {
    match corner {
        ..0 => Align::Min,
        0 => Align::Center,
        1.. => Align::Max,
    }
}

/// An arrow that is being pulled from a box.
pub fn draw_preview(painter: &Painter, lens: &Lens, from: Rect, to: Pos2, color: Color32) {
    let path = crate::picture::route::route_to_point(
        &super::scene::to_rect(from),
        to_point(lens.to_scene(to)),
    );
    let stroke = Stroke::new(line::STRONG, color);
    let mut shapes = vec![Shape::line(points(&path, lens), stroke)];
    let head = path
        .arrow_head(head_size(lens) / lens.zoom)
        .map(|p| lens.to_screen(to_pos2(p)));
    add_head(&mut shapes, head, ArrowStyle::Sync, stroke);
    painter.extend(shapes);
}
