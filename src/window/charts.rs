//! Charts of the selection over simulated time.

use egui::{
    Align, Color32, Id, Layout, RichText, Sense, Shape, Stroke, TextStyle, Ui, UiBuilder, Vec2,
    Vec2b,
};
use egui_plot::{
    AxisHints, GridInput, GridMark, HoverPosition, Line, LineStyle, Plot, PlotUi, Span, VLine,
    log_grid_spacer,
};

use super::{
    live::{Course, Marker, MarkerKind, NamedPoints, Snapshot},
    text,
    theme::{Theme, line, space},
};

/// One line of a chart.
struct Curve<'a> {
    name: &'a str,
    points: &'a [[f64; 2]],
    color: Color32,
    style: LineStyle,
}

/// One chart: curves that share a unit.
struct Chart<'a> {
    title: &'static str,
    unit: fn(f64) -> String,
    /// The axis goes at least so far.
    at_least: f64,
    curves: Vec<Curve<'a>>,
}

/// Whether the names of the curves stand beside the title or below it.
#[derive(Clone, Copy)]
enum Lines {
    One,
    Two,
}

/// Narrowest chart, in points.
const LEAST_WIDTH: f32 = 220.0;
/// Four charts beside each other have room in this, in points.
pub const ROOM: f32 = 4.0 * LEAST_WIDTH + 5.0 * space::M;
/// Length of the line in front of a curve's name.
const SWATCH: f32 = 14.0;

/// Draws throughput, latency, utilization and queue length of what is selected, beside each other
/// where there is room. All have the same time axis.
pub fn ui(ui: &mut Ui, snapshot: &Snapshot) {
    let theme = Theme::of(ui);
    let selected = &snapshot.selected;
    ui.horizontal(|ui| {
        ui.strong(selected.name.as_deref().unwrap_or("Whole system"));
        let interval = text::seconds(selected.course.piece_secs);
        let caption = format!("over simulated time, a point every {interval}");
        ui.label(RichText::new(caption).small().color(theme.text_weak));
    });
    let charts: Vec<Chart<'_>> = charts(&selected.course, theme)
        .into_iter()
        // A client and a balancer have no slots to be busy.
        .filter(|chart| {
            chart.title != "Utilization"
                || chart.curves.iter().any(|curve| !curve.points.is_empty())
        })
        .collect();
    let columns = ((ui.available_width() / LEAST_WIDTH) as usize).clamp(1, charts.len());
    let rows = charts.len().div_ceil(columns);
    let gaps = ui.spacing().item_spacing;
    let size = Vec2::new(
        (ui.available_width() - gaps.x * (columns - 1) as f32) / columns as f32,
        ((ui.available_height() - gaps.y * (rows - 1) as f32) / rows as f32).max(90.0),
    );
    // Names of boxes don't say what is drawn of them: a title is never left out.
    let is_one_line = |chart: &Chart<'_>| chart.width(ui, Lines::One, false) <= size.x;
    let lines = if charts.iter().all(is_one_line) {
        Lines::One
    } else {
        Lines::Two
    };
    for row in charts.chunks(columns) {
        ui.horizontal(|ui| {
            for chart in row {
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                let mut place = ui.new_child(
                    UiBuilder::new()
                        .max_rect(rect)
                        .layout(Layout::top_down(Align::Min))
                        .id_salt(chart.title),
                );
                place.set_clip_rect(rect.intersect(ui.clip_rect()));
                chart.ui(&mut place, snapshot, theme, lines);
            }
        });
    }
}

fn charts<'a>(course: &'a Course, theme: &Theme) -> [Chart<'a>; 4] {
    let curve = |name, points: &'a Vec<[f64; 2]>, color, dashed| Curve {
        name,
        points,
        color,
        style: if dashed {
            LineStyle::Dashed { length: 6.0 }
        } else {
            LineStyle::Solid
        },
    };
    // Colours that stay apart, and dashes for those who see none.
    let named = |curves: &'a [NamedPoints]| {
        let curves = curves.iter().enumerate();
        let curves = curves.map(|(i, (name, points))| {
            curve(
                name.as_str(),
                points,
                theme.percentiles()[i % 3],
                i % 2 == 1,
            )
        });
        curves.collect()
    };
    let [throughput, goodput, failures] = &course.rates;
    let [p50, p95, p99] = &course.latencies;
    let colors = theme.percentiles();
    [
        Chart {
            title: "Throughput",
            unit: text::per_second,
            at_least: 1.0,
            curves: vec![
                curve("throughput", throughput, theme.operation(0), false),
                curve("goodput", goodput, theme.good, true),
                curve("failures", failures, theme.bad, false),
            ],
        },
        Chart {
            title: "Latency",
            unit: text::seconds,
            at_least: if p50.is_empty() { 1e-3 } else { 1e-6 },
            curves: vec![
                curve("p50", p50, colors[0], false),
                curve("p95", p95, colors[1], false),
                curve("p99", p99, colors[2], false),
            ],
        },
        Chart {
            title: "Utilization",
            unit: text::percent,
            at_least: 1.0,
            curves: named(&course.utilization),
        },
        Chart {
            title: "Queue length",
            unit: text::short,
            at_least: 1.0,
            curves: named(&course.queues),
        },
    ]
}

impl Chart<'_> {
    fn ui(&self, ui: &mut Ui, snapshot: &Snapshot, theme: &Theme, lines: Lines) {
        self.legend(ui, theme, lines);
        let group = Id::unique("charts");
        let course = &snapshot.selected.course;
        let end_secs = snapshot.now_secs().max(1e-3);
        let unit = self.unit;
        Plot::new(self.title)
            .height(ui.available_height())
            .width(ui.available_width() - room_for_last_label(ui, end_secs))
            .show_background(false)
            .show_axes(Vec2b::TRUE)
            .show_crosshair(true)
            .cursor_color(theme.text_weak)
            .grid_color(theme.grid)
            .grid_spacing(30.0..=200.0)
            .set_margin_fraction(Vec2::new(0.0, 0.08))
            // The wheel scrolls panels; time is zoomed with Ctrl and the wheel, or by dragging.
            .allow_scroll(false)
            .allow_zoom(Vec2b::new(true, false))
            .allow_drag(Vec2b::new(true, false))
            .allow_axis_zoom_drag(Vec2b::new(true, false))
            .include_x(0.0)
            .include_x(end_secs)
            .include_y(0.0)
            .include_y(self.at_least)
            .link_axis(group, Vec2b::new(true, false))
            .link_cursor(group, Vec2b::new(true, false))
            .x_grid_spacer(time_grid)
            .y_grid_spacer(round_grid)
            .custom_x_axes(vec![
                AxisHints::new_x()
                    .formatter(|mark, _| time_label(mark.value, mark.step_size))
                    .label_spacing(36.0..=60.0),
            ])
            .custom_y_axes(vec![
                AxisHints::new_y()
                    .formatter(move |mark, _| without_zeros(&unit(mark.value)))
                    .min_thickness(44.0),
            ])
            .label_formatter(move |position| label(position, unit))
            .show(ui, |plot| {
                markers(plot, course, end_secs, theme);
                for curve in &self.curves {
                    for run in runs(curve.points, course.piece_secs) {
                        // A piece between two gaps is a dot, which must be seen.
                        let width = line::NORMAL * if run.len() == 1 { 2.0 } else { 1.0 };
                        plot.line(
                            Line::new(curve.name, run.to_vec())
                                .color(curve.color)
                                .width(width)
                                .style(curve.style),
                        );
                    }
                }
            });
    }

    /// Title, and the last value of each curve; in little room without the values. `lines` is the
    /// same for all charts, so that they stay level.
    fn legend(&self, ui: &mut Ui, theme: &Theme, lines: Lines) {
        let has_values = self.width(ui, lines, true) <= ui.available_width();
        let curves = |ui: &mut Ui| {
            for curve in &self.curves {
                let Some([_, last]) = curve.points.last() else {
                    continue;
                };
                swatch(ui, curve);
                let words = if has_values {
                    format!("{} {}", curve.name, (self.unit)(*last))
                } else {
                    curve.name.to_owned()
                };
                let words = RichText::new(words).small().color(theme.text_weak);
                // A long name of a box.
                ui.add(egui::Label::new(words).truncate());
            }
        };
        ui.spacing_mut().item_spacing = Vec2::new(space::S, space::XS);
        match lines {
            Lines::One => {
                ui.horizontal(|ui| {
                    ui.label(self.title);
                    curves(ui);
                });
            }
            Lines::Two => {
                ui.label(self.title);
                let height = ui.text_style_height(&TextStyle::Small);
                let size = Vec2::new(ui.available_width(), height);
                ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_size(size);
                    curves(ui);
                });
            }
        }
        // The highest label of the axis stands half above the plot.
        ui.add_space(space::S);
    }

    /// How wide the widest line of the legend is.
    fn width(&self, ui: &Ui, lines: Lines, has_values: bool) -> f32 {
        let width = |text: String, style: TextStyle| {
            let font = style.resolve(ui.style());
            let painter = ui.painter();
            let galley = painter.layout_no_wrap(text, font, Color32::PLACEHOLDER);
            galley.size().x + space::S
        };
        let curves: f32 = self
            .curves
            .iter()
            .filter_map(|curve| {
                let [_, last] = curve.points.last()?;
                let words = match has_values {
                    true => format!("{} {}", curve.name, (self.unit)(*last)),
                    false => curve.name.to_owned(),
                };
                Some(width(words, TextStyle::Small) + SWATCH + space::S)
            })
            .sum();
        match lines {
            Lines::One => width(self.title.to_owned(), TextStyle::Body) + curves,
            Lines::Two => curves,
        }
    }
}

/// Labels of the time axis stand below their lines, half of them to the right: without room beside
/// the plot the last one is cut off, whatever part of the time is looked at.
fn room_for_last_label(ui: &Ui, end_secs: f64) -> f32 {
    // Most labels have room in it: the plot does not get narrower while the time gets longer.
    const USUAL: f32 = 18.0;
    let font = TextStyle::Body.resolve(ui.style());
    // With as many digits as the finest grid has.
    let label = time_label(end_secs, (end_secs / 10.0).min(1.0));
    let painter = ui.painter();
    let galley = painter.layout_no_wrap(label, font, Color32::PLACEHOLDER);
    (galley.size().x / 2.0).max(USUAL)
}

/// The points of a curve in runs without a gap: across a time when nothing was measured a line
/// would claim that something was.
fn runs(points: &[[f64; 2]], piece_secs: f64) -> impl Iterator<Item = &[[f64; 2]]> {
    // Pieces beside a reset are shorter than the others.
    points.chunk_by(move |before, after| after[0] - before[0] < 1.5 * piece_secs)
}

/// A piece of a curve's line.
fn swatch(ui: &mut Ui, curve: &Curve<'_>) {
    let height = ui.text_style_height(&TextStyle::Small);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(SWATCH, height), Sense::hover());
    let stroke = Stroke::new(line::STRONG, curve.color);
    let ends = [rect.left_center(), rect.right_center()];
    if matches!(curve.style, LineStyle::Dashed { .. }) {
        ui.painter()
            .extend(Shape::dashed_line(&ends, stroke, 4.0, 3.0));
    } else {
        ui.painter().line_segment(ends, stroke);
    }
}

/// What was done to the system: a shade while a fault lasts, a line for the rest.
fn markers(plot: &mut PlotUi<'_>, course: &Course, end_secs: f64, theme: &Theme) {
    if course.measured_from_secs > 0.0 {
        // What no figure includes: the time before the last reset.
        let shade = Theme::tint(theme.text_weak, 0.08);
        plot.span(Span::new("", 0.0..=course.measured_from_secs).fill(shade));
    }
    for (kind, from, until) in shades(&course.markers, end_secs) {
        let shade = Theme::tint(color(kind, theme), 0.12);
        plot.span(Span::new("", from..=until).fill(shade));
    }
    for (kind, secs, text) in marks(&course.markers, end_secs) {
        plot.vline(
            VLine::new(text, secs)
                .color(color(kind, theme))
                .width(line::HAIR)
                .style(LineStyle::Dotted { spacing: 4.0 }),
        );
    }
}

fn color(kind: MarkerKind, theme: &Theme) -> Color32 {
    match kind {
        MarkerKind::Fault => theme.bad,
        MarkerKind::Heal => theme.good,
        MarkerKind::Edit => theme.accent,
        MarkerKind::Reset => theme.text_weak,
    }
}

/// The times during which something is going on, each once: shades above each other would hide the
/// curves.
fn shades(markers: &[Marker], end_secs: f64) -> Vec<(MarkerKind, f64, f64)> {
    let mut shades: Vec<(MarkerKind, f64, f64)> = Vec::new();
    for marker in markers {
        let Some(until) = marker.until_secs.filter(|until| *until > marker.secs) else {
            continue;
        };
        let until = until.min(end_secs);
        // In the order of their starts: only the last of its kind can reach as far.
        let before = shades.iter_mut().rfind(|(kind, ..)| *kind == marker.kind);
        match before {
            Some((_, _, end)) if marker.secs <= *end => *end = end.max(until),
            _ => shades.push((marker.kind, marker.secs, until)),
        }
    }
    shades
}

/// Lines for what was done, one where several stand on the same spot: a hundred faults at once are
/// a hundred times the work, and no more to see.
fn marks(markers: &[Marker], end_secs: f64) -> Vec<(MarkerKind, f64, String)> {
    // About a point of the narrowest chart.
    let spot_secs = end_secs / 200.0;
    let mut marks: Vec<(MarkerKind, f64, String, usize)> = Vec::new();
    for marker in markers {
        let before = marks.iter_mut().rfind(|(kind, ..)| *kind == marker.kind);
        match before {
            Some((_, secs, _, more)) if marker.secs - *secs < spot_secs => *more += 1,
            _ => marks.push((marker.kind, marker.secs, marker.text.clone(), 0)),
        }
    }
    let with_more = |text: String, more| match more {
        0 => text,
        more => format!("{text} and {more} more"),
    };
    marks
        .into_iter()
        .map(|(kind, secs, text, more)| (kind, secs, with_more(text, more)))
        .collect()
}

fn label(position: &HoverPosition<'_>, unit: fn(f64) -> String) -> Option<String> {
    match position {
        HoverPosition::NearDataPoint {
            plot_name,
            position,
            ..
        } if position.y.is_finite() => {
            let (at, value) = (text::clock(position.x), unit(position.y));
            Some(format!("{plot_name} {value}\n{at}"))
        }
        _ => None,
    }
}

/// Grid lines at 1, 2 or 5 × 10ⁿ.
#[allow(clippy::needless_pass_by_value)] // As egui_plot wants it.
fn round_grid(input: GridInput) -> Vec<GridMark> {
    let least = input.base_step_size;
    let power = 10f64.powf(least.log10().floor());
    let step_size = [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least);
    let step_size = step_size.unwrap_or(10.0 * power);
    let (from, to) = input.bounds;
    let (from, to) = (
        (from / step_size).ceil() as i64,
        (to / step_size).floor() as i64,
    );
    let mark = |i: i64| GridMark {
        value: i as f64 * step_size,
        step_size,
    };
    (from..=to).take(1_000).map(mark).collect()
}

/// Grid lines of the time axis at steps that people count time in.
fn time_grid(input: GridInput) -> Vec<GridMark> {
    const STEPS: [f64; 12] = [
        1.0,
        5.0,
        15.0,
        60.0,
        300.0,
        900.0,
        3_600.0,
        21_600.0,
        86_400.0,
        604_800.0,
        2_592_000.0,
        31_536_000.0,
    ];
    let least = input.base_step_size;
    let Some(first) = STEPS
        .iter()
        .position(|step| *step >= least)
        .filter(|_| least > 0.5)
    else {
        return log_grid_spacer(10)(input);
    };
    let (from, to) = input.bounds;
    let mut marks = Vec::new();
    for step_size in STEPS.iter().copied().skip(first).take(3) {
        let (from, to) = (
            (from / step_size).ceil() as i64,
            (to / step_size).floor() as i64,
        );
        marks.extend((from..=to).take(1_000).map(|i| GridMark {
            value: i as f64 * step_size,
            step_size,
        }));
    }
    marks
}

/// `50.0/s` as `50/s`: round values need no zeros behind the point.
fn without_zeros(text: &str) -> String {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number}{unit}")
}

/// A time of the axis without more digits than the grid needs: `20 s`, `2:30`, `1:00:00`.
fn time_label(secs: f64, step: f64) -> String {
    if step < 1.0 {
        let decimals = (-step.log10()).ceil().clamp(0.0, 9.0) as usize;
        return format!("{secs:.decimals$} s");
    }
    let whole = secs.round().max(0.0) as u64;
    let (days, hours, minutes, secs) = (
        whole / 86_400,
        whole / 3_600 % 24,
        whole / 60 % 60,
        whole % 60,
    );
    match (days, hours) {
        (0, 0) if minutes == 0 => format!("{secs} s"),
        (0, 0) => format!("{minutes}:{secs:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{secs:02}"),
        _ if hours == 0 && minutes == 0 => format!("{days} d"),
        _ => format!("{days} d {hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests;
