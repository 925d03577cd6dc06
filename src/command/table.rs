//! The report for people: aligned, within 100 columns, with units.

use std::fmt::Write;

use super::number::{dollars, grouped, plain, share, time};
use crate::scenario::Kind;
use crate::study::{Channels, Cost, Measures, Report, Verdict};

/// Longest line.
const WIDTH: usize = 100;
/// Width of a column of figures.
const COLUMN: usize = 9;
/// Longest name that shares a line with its figures.
const NAME: usize = 18;

/// A column: heading, key of the figure, how it is written.
type Column = (&'static str, &'static str, fn(f64) -> String);

const COLUMNS: [Column; 8] = [
    ("calls/s", "arrival_rate", plain),
    ("well/s", "throughput", plain),
    ("busy", "utilization", share),
    ("L", "l", plain),
    ("Lq", "lq", plain),
    ("W", "w", time),
    ("Wq", "wq", time),
    ("p99", "p99", time),
];

const REGION_COLUMNS: [Column; 5] = [
    ("well/s", "throughput", plain),
    ("p50", "p50", time),
    ("p90", "p90", time),
    ("p99", "p99", time),
    ("p99.9", "p999", time),
];

/// The whole report.
pub(super) fn table(report: &Report, wall_secs: f64) -> String {
    let mut text = String::new();
    if !report.scenario.is_empty() {
        text += &report.scenario;
        text.push('\n');
    }
    text += &simulated(report);
    if report.runs > 0 {
        text.push('\n');
        text += &system(&report.system);
        text.push('\n');
        text += &components(report);
        if let Some(why) = report.breaks_first() {
            text.push('\n');
            text += &wrapped(&why);
        }
        text += &particulars(report);
        text += &connections(report);
        text += &regions(report);
    }
    if !report.objectives.is_empty() {
        text += "\nObjectives\n";
        for judgement in &report.objectives {
            text += &format!("  {}\n", super::test::line(judgement));
        }
    }
    text += &notes(report);
    text += &summary(report, wall_secs);
    text
}

fn simulated(report: &Report) -> String {
    let mut text = format!("{} simulated", time(report.simulated_secs));
    if report.warm_up_secs > 0.0 {
        text += &format!(", the first {} of it as warm-up", time(report.warm_up_secs));
    }
    if report.runs > 1 {
        text += &format!(", {} runs with seeds from {}", report.runs, report.seed);
    } else {
        text += &format!(", seed {}", report.seed);
    }
    text.push('\n');
    text
}

fn system(measures: &Measures) -> String {
    let mut text = String::from("Whole system\n");
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text += &format!("  {name:<16}{value}\n");
        }
    };
    let figure = |key: &str, unit: &str, write: fn(f64) -> String| {
        let value = measures.get(key)?;
        Some(match width(measures, key) {
            Some(width) => format!("{}{unit} ± {}{unit}", write(value), write(width)),
            None => format!("{}{unit}", write(value)),
        })
    };
    row("arrivals (λ)", figure("arrival_rate", "/s", plain));
    row("answered well", figure("throughput", "/s", plain));
    row("availability", figure("availability", "", share));
    row("present (L)", figure("l", "", plain));
    row("mean time (W)", figure("w", "", time));
    if let Some(latency) = &measures.latency {
        row("latency p50", figure("p50", "", time));
        row("        p90", figure("p90", "", time));
        row("        p99", figure("p99", "", time));
        row("        p99.9", figure("p999", "", time));
        row("        max", Some(time(latency.max)));
    }
    row("cost", measures.cost.map(|cost| cost_of(&cost)));
    row("stale reads", figure("stale_share", "", share));
    row("failures", failures(measures));
    row("  failed after", failed_after(measures));
    row(
        "Little's law",
        measures.little.as_ref().map(|audit| {
            format!(
                "L {}, λ·W {}, gap {}: {}",
                plain(audit.l),
                plain(audit.lambda_w()),
                share(audit.gap),
                audit.verdict
            )
        }),
    );
    text
}

fn components(report: &Report) -> String {
    let mut text = heading("Component", &COLUMNS, "failed");
    for (name, _, measures) in &report.components {
        let failed: u64 = measures.failures.iter().map(|(_, count)| count).sum();
        text += &row(name, measures, &COLUMNS, &grouped(failed));
    }
    text
}

fn heading(first: &str, columns: &[Column], last: &str) -> String {
    let mut text = format!("{first:<NAME$}");
    for (heading, _, _) in columns {
        let _ = write!(text, "{heading:>COLUMN$}");
    }
    let _ = writeln!(text, "{last:>COLUMN$}");
    text
}

/// One subject: its figures, and their intervals below.
fn row(name: &str, measures: &Measures, columns: &[Column], last: &str) -> String {
    let mut text = if name.chars().count() < NAME {
        format!("{name:<NAME$}")
    } else {
        format!("{name}\n{:NAME$}", "")
    };
    let mut widths = format!("{:NAME$}", "");
    for (_, key, write) in columns {
        let value = measures.get(key).map_or_else(|| "-".into(), write);
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{value:>COLUMN$}"));
        let width =
            width(measures, key).map_or_else(String::new, |width| format!("±{}", write(width)));
        let _ = std::fmt::Write::write_fmt(&mut widths, format_args!("{width:>COLUMN$}"));
    }
    let _ = writeln!(text, "{last:>COLUMN$}");
    let widths = widths.trim_end();
    if !widths.is_empty() {
        text += widths;
        text.push('\n');
    }
    text
}

fn open_connections(channels: &Channels) -> String {
    let mut text = format!("{} connections open", plain(channels.open));
    for (what, rate) in [
        ("opened", channels.opened_rate),
        ("broken", channels.broken_rate),
        ("reconnects", channels.reconnect_rate),
    ] {
        if rate > 0.0 {
            let _ = write!(text, ", {what} {}/s", plain(rate));
        }
    }
    text
}

/// What only some kinds of component have.
fn particulars(report: &Report) -> String {
    let mut text = String::new();
    for (name, kind, measures) in &report.components {
        let mut parts = Vec::new();
        if let (Some(good), Some(well)) = (measures.goodput, measures.throughput)
            && good < well * 0.995
        {
            parts.push(format!("goodput {}/s: the rest came too late", plain(good)));
        }
        if let Some(cost) = &measures.cost {
            parts.push(cost_of(cost));
        }
        if let Some(ratio) = measures.hit_ratio {
            parts.push(format!(
                "hit ratio {}",
                with_width(measures, "hit_ratio", ratio, share)
            ));
        }
        if let Some(instances) = measures.instances {
            parts.push(format!("{} instances", plain(instances)));
        }
        if let Some(instances) = measures.new_instances {
            let failures = measures.new_failures.unwrap_or_default();
            parts.push(format!(
                "{} of the newest version, of whose calls {} failed",
                plain(instances),
                share(failures)
            ));
        }
        if let Some(channels) = &measures.channels {
            parts.push(open_connections(channels));
        }
        if let Some(cold) = measures.cold_start_share {
            parts.push(format!("cold starts {}", share(cold)));
        }
        if let Some(held) = measures.held
            && measures
                .utilization
                .is_some_and(|busy| held > busy + 0.0005)
        {
            parts.push(format!(
                "slots held {} (working or waiting for others)",
                share(held)
            ));
        }
        if let Some(uptime) = measures.uptime.filter(|uptime| *uptime < 1.0) {
            parts.push(format!("up {}", share(uptime)));
        }
        if let Some(stale) = measures.stale_share
            && *kind != Kind::Client
        {
            parts.push(format!("stale reads {}", share(stale)));
        }
        if let Some(lag) = measures.replication_lag {
            let p99 = time(lag.p99);
            parts.push(format!(
                "replication lag mean {}, p99 {p99}",
                time(lag.mean)
            ));
        }
        for (what, count) in [
            ("deliveries", measures.deliveries),
            ("redeliveries", measures.redeliveries),
            ("duplicates", measures.duplicates),
            ("lost", measures.lost_messages),
        ] {
            if let Some(count) = count.filter(|count| *count > 0) {
                parts.push(format!("{what} {}", grouped(count)));
            }
        }
        if let Some(audit) = &measures.little
            && !matches!(audit.verdict, Verdict::Agree | Verdict::Noise)
        {
            parts.push(format!(
                "Little's law: L {}, λ·W {}: {}",
                plain(audit.l),
                plain(audit.lambda_w()),
                audit.verdict
            ));
        }
        parts.extend(failures(measures).map(|failures| format!("failed: {failures}")));
        parts.extend(failed_after(measures).map(|after| format!("failed after {after}")));
        if !parts.is_empty() {
            text += &wrapped(&format!("{name}: {}", parts.join("; ")));
        }
    }
    if !text.is_empty() {
        text.insert(0, '\n');
    }
    text
}

fn connections(report: &Report) -> String {
    if report.connections.is_empty() {
        return String::new();
    }
    let longest = report
        .connections
        .iter()
        .map(|(name, _)| name.chars().count())
        .max();
    let width = longest.unwrap_or(0).clamp(10, 50) + 2;
    let mut text = format!(
        "\n{:<width$}{:>10}{:>10}{:>10}{:>10}  failed\n",
        "Connection", "calls/s", "well/s", "retries/s", "W"
    );
    let cell =
        |value: Option<f64>, write: fn(f64) -> String| value.map_or_else(|| "-".to_owned(), write);
    for (name, measures) in &report.connections {
        if let Some(rate) = measures.record_rate
            && measures.arrival_rate.is_none()
        {
            let _ = writeln!(text, "{name:<width$}{:>10}  log records/s", plain(rate));
            continue;
        }
        let _ = writeln!(
            text,
            "{name:<width$}{:>10}{:>10}{:>10}{:>10}  {}",
            cell(measures.arrival_rate, plain),
            cell(measures.throughput, plain),
            cell(measures.retry_rate, plain),
            cell(measures.w, time),
            outcome(measures),
        );
    }
    text
}

/// How the requests from each region fare.
fn regions(report: &Report) -> String {
    if report.regions.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n") + &heading("Requests from", &REGION_COLUMNS, "failed");
    for (name, measures) in &report.regions {
        let failed = measures.availability.map(|well| 1.0 - well);
        let failed = failed.map_or_else(|| "-".into(), share);
        text += &row(name, measures, &REGION_COLUMNS, &failed);
    }
    text
}

/// What failed over a connection, and how much more hedging asks of the callee.
fn outcome(measures: &Measures) -> String {
    let failed = failures(measures).unwrap_or_else(|| "0".into());
    match measures.hedge_share {
        Some(share) => format!("{failed}; hedged {:.1}%", share * 100.0),
        None => failed,
    }
}

fn cost_of(cost: &Cost) -> String {
    let month = format!("${} a month", dollars(cost.per_month));
    match cost.per_million {
        Some(each) => format!("{month}, ${} a million answers", dollars(each)),
        None => month,
    }
}

/// Half-width of a figure's interval, if it has one worth showing.
fn width(measures: &Measures, key: &str) -> Option<f64> {
    measures
        .interval(key)
        .map(|interval| interval.half_width)
        .filter(|width| *width > 0.0)
}

fn with_width(measures: &Measures, key: &str, value: f64, write: fn(f64) -> String) -> String {
    match width(measures, key) {
        Some(width) => format!("{} ± {}", write(value), write(width)),
        None => write(value),
    }
}

fn failures(measures: &Measures) -> Option<String> {
    if measures.failures.is_empty() {
        return None;
    }
    let parts: Vec<String> = measures
        .failures
        .iter()
        .map(|(cause, count)| format!("{} {}", cause.word(), grouped(*count)))
        .collect();
    Some(parts.join(", "))
}

/// How long a client's requests took that failed.
fn failed_after(measures: &Measures) -> Option<String> {
    let latency = measures.failure_latency?;
    let [p50, p99, max] = [latency.p50, latency.p99, latency.max].map(time);
    Some(format!("p50 {p50}, p99 {p99}, max {max}"))
}

/// What should be known about the figures.
pub(super) fn notes(report: &Report) -> String {
    let mut text = String::new();
    if report.interrupted {
        text += "\nINTERRUPTED: these are the measures up to the moment it was stopped\n";
    }
    for note in &report.notes {
        text.push('\n');
        text += &wrapped(&format!("Note: {note}"));
    }
    text
}

/// Broken between words, so that no line is longer than [`WIDTH`].
pub(super) fn wrapped(sentence: &str) -> String {
    let mut text = String::new();
    let mut used = 0;
    for word in sentence.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > WIDTH {
            text.push('\n');
            used = 0;
        } else if used > 0 {
            text.push(' ');
            used += 1;
        }
        text += word;
        used += length;
    }
    text.push('\n');
    text
}

/// How the run went.
pub(super) fn summary(report: &Report, wall_secs: f64) -> String {
    let interval = if report.system.intervals.is_empty() {
        ""
    } else if report.runs > 1 {
        "± is a 95 % confidence interval, from the differences between the runs\n"
    } else {
        "± is a 95 % confidence interval, by batch means\n"
    };
    format!(
        "\n{interval}{} events in {} ({} events/s), fingerprint {:016x}\n",
        grouped(report.events),
        time(wall_secs),
        grouped((report.events as f64 / wall_secs.max(1e-9)) as u64),
        report.fingerprint
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(wrapped("short"), "short\n");
        let long = wrapped(&"words and ".repeat(30));
        assert!(long.lines().all(|line| line.len() <= WIDTH), "{long}");
        assert_eq!(long.split_whitespace().count(), 60);
        let endless = "x".repeat(200);
        assert_eq!(wrapped(&endless), format!("{endless}\n"));
    }
}
