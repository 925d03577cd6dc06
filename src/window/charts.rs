//! Charts of the selection over simulated time.

mod decimate;

use egui::{Align, Color32, Id, Layout, RichText, Ui, Vec2, Vec2b};
use egui_plot::{
    GridInput, GridMark, HoverPosition, Line, LineStyle, Plot, PlotUi, Span, VLine,
    log_grid_spacer,
};

use super::{
    live::{Course, MarkerKind, Snapshot},
    text,
    theme::{self, Theme, line, space},
};
use decimate::decimate;

/// One line of a chart.
struct Curve<'a> {
    name: &'static str,
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

/// Narrowest chart, in points.
const LEAST_WIDTH: f32 = 230.0;

/// Draws throughput, latency, utilization and queue length of what is selected, beside each other
/// where there is room. All have the same time axis.
pub fn ui(ui: &mut Ui, snapshot: &Snapshot) {
    let theme = Theme::of(ui);
    let selected = &snapshot.selected;
    ui.horizontal(|ui| {
        ui.strong(selected.name.as_deref().unwrap_or("Whole system"));
        let interval = text::seconds(selected.course.interval_secs);
        let caption = format!("over simulated time, a point every {interval}");
        ui.label(RichText::new(caption).small().color(theme.text_weak));
    });
    let charts = charts(&selected.course, theme);
    let columns = ((ui.available_width() / LEAST_WIDTH) as usize).clamp(1, charts.len());
    let rows = charts.len().div_ceil(columns);
    let gaps = ui.spacing().item_spacing;
    let size = Vec2::new(
        (ui.available_width() - gaps.x * (columns - 1) as f32) / columns as f32,
        ((ui.available_height() - gaps.y * (rows - 1) as f32) / rows as f32).max(90.0),
    );
    for row in charts.chunks(columns) {
        ui.horizontal(|ui| {
            for chart in row {
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    chart.ui(ui, snapshot, theme);
                });
            }
        });
    }
}

fn charts<'a>(course: &'a Course, theme: &Theme) -> [Chart<'a>; 4] {
    let solid = |name, points: &'a Vec<[f64; 2]>, color| Curve {
        name,
        points,
        color,
        style: LineStyle::Solid,
    };
    let dashed = |name, points: &'a Vec<[f64; 2]>, color| Curve {
        style: LineStyle::Dashed { length: 6.0 },
        ..solid(name, points, color)
    };
    let [p50, p95, p99] = theme.percentiles();
    let (blue, amber) = (theme.operation(0), theme.operation(1));
    [
        Chart {
            title: "Throughput",
            unit: text::per_second,
            at_least: 1.0,
            curves: vec![
                solid("throughput", &course.throughput, blue),
                dashed("goodput", &course.goodput, theme.good),
                solid("failures", &course.failures, theme.bad),
            ],
        },
        Chart {
            title: "Latency",
            unit: text::seconds,
            at_least: 1e-6,
            curves: vec![
                solid("p50", &course.p50, p50),
                solid("p95", &course.p95, p95),
                solid("p99", &course.p99, p99),
            ],
        },
        Chart {
            title: "Utilization",
            unit: text::percent,
            at_least: 1.0,
            curves: vec![
                solid("working", &course.utilization, blue),
                dashed("held", &course.held, amber),
            ],
        },
        Chart {
            title: "Queue length",
            unit: text::short,
            at_least: 1.0,
            curves: vec![
                solid("waiting", &course.waiting, blue),
                dashed("present", &course.present, amber),
            ],
        },
    ]
}

impl Chart<'_> {
    fn ui(&self, ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
        self.legend(ui, theme);
        let group = Id::unique("charts");
        let course = &snapshot.selected.course;
        let end_secs = snapshot.now_secs().max(1e-3);
        let unit = self.unit;
        let points_wanted = (ui.available_width() as usize).max(64);
        Plot::new(self.title)
            .height(ui.available_height())
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
            .x_axis_formatter(|mark, _| time_label(mark.value, mark.step_size))
            .y_axis_formatter(move |mark, _| unit(mark.value))
            .y_axis_min_width(44.0)
            .label_formatter(move |position| label(position, unit))
            .show(ui, |plot| {
                markers(plot, course, end_secs, theme);
                for curve in &self.curves {
                    plot.line(
                        Line::new(curve.name, decimate(curve.points, points_wanted))
                            .color(curve.color)
                            .width(line::NORMAL)
                            .style(curve.style),
                    );
                }
            });
    }

    /// Title, and the last value of each curve in its colour.
    fn legend(&self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(self.title);
            for curve in &self.curves {
                let Some(last) = curve.points.last() else { continue };
                let height = ui.text_style_height(&egui::TextStyle::Small);
                let (swatch, _) =
                    ui.allocate_exact_size(Vec2::new(14.0, height), egui::Sense::hover());
                let stroke = egui::Stroke::new(theme::line::STRONG, curve.color);
                let ends = [swatch.left_center(), swatch.right_center()];
                let dashes = matches!(curve.style, LineStyle::Dashed { .. });
                if dashes {
                    ui.painter().extend(egui::Shape::dashed_line(&ends, stroke, 4.0, 3.0));
                } else {
                    ui.painter().line_segment(ends, stroke);
                }
                let words = format!("{} {}", curve.name, (self.unit)(last[1]));
                ui.label(RichText::new(words).small().color(theme.text_weak));
            }
        });
    }
}

/// What was done to the system: a shade while a fault lasts, a line for the rest.
fn markers(plot: &mut PlotUi<'_>, course: &Course, end_secs: f64, theme: &Theme) {
    if course.measured_from_secs > 0.0 {
        // What no figure includes: the time before the last reset.
        let shade = Theme::tint(theme.text_weak, 0.08);
        plot.span(Span::new("", 0.0..=course.measured_from_secs).fill(shade));
    }
    for marker in &course.markers {
        let color = match marker.kind {
            MarkerKind::Fault => theme.bad,
            MarkerKind::Heal => theme.good,
            MarkerKind::Edit => theme.accent,
            MarkerKind::Reset => theme.text_weak,
        };
        if let Some(until) = marker.until_secs.filter(|until| *until > marker.secs) {
            let span = Span::new("", marker.secs..=until.min(end_secs));
            plot.span(span.fill(Theme::tint(color, 0.12)));
        }
        plot.vline(
            VLine::new(marker.text.clone(), marker.secs)
                .color(color)
                .width(line::HAIR)
                .style(LineStyle::Dotted { spacing: 4.0 }),
        );
    }
}

fn label(position: &HoverPosition<'_>, unit: fn(f64) -> String) -> Option<String> {
    match position {
        HoverPosition::NearDataPoint { plot_name, position, .. } if position.y.is_finite() => {
            let (at, value) = (text::clock(position.x), unit(position.y));
            Some(format!("{plot_name} {value}\n{at}"))
        }
        _ => None,
    }
}

/// Grid lines of the time axis at steps that people count time in.
fn time_grid(input: GridInput) -> Vec<GridMark> {
    const STEPS: [f64; 12] = [
        1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, 2_592_000.0,
        31_536_000.0,
    ];
    let least = input.base_step_size;
    let Some(first) = STEPS.iter().position(|step| *step >= least).filter(|_| least > 0.5) else {
        return log_grid_spacer(10)(input);
    };
    let (from, to) = input.bounds;
    let mut marks = Vec::new();
    for step_size in STEPS.iter().copied().skip(first).take(3) {
        let (from, to) = ((from / step_size).ceil() as i64, (to / step_size).floor() as i64);
        marks.extend((from..=to).take(1_000).map(|i| GridMark {
            value: i as f64 * step_size,
            step_size,
        }));
    }
    marks
}

/// A time of the axis without more digits than the grid needs: `20 s`, `2:30`, `1:00:00`.
fn time_label(secs: f64, step: f64) -> String {
    if step < 1.0 {
        let decimals = (-step.log10()).ceil().clamp(0.0, 9.0) as usize;
        return format!("{secs:.decimals$} s");
    }
    let whole = secs.round().max(0.0) as u64;
    let (days, hours, minutes, secs) =
        (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
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
