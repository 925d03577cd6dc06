//! `littlebox theory`: each box beside the model that fits it.

use super::number::{plain, share, time};
use super::{Exit, Stop, arguments, load, print, table, watch};
use crate::scenario::Scenario;
use crate::study::{Beside, Comparison, Demand, Fit, Report, Theory, Users, demands};

/// A figure: its key, its name, how it is written.
type Row = (&'static str, &'static str, fn(f64) -> String);

const FIGURES: [Row; 11] = [
    ("throughput", "throughput /s", plain),
    ("utilization", "utilization", share),
    ("l", "L", plain),
    ("lq", "Lq", plain),
    ("w", "W", time),
    ("wq", "Wq", time),
    ("p50", "p50", time),
    ("p99", "p99", time),
    ("hit_ratio", "hit ratio", share),
    ("uptime", "up", share),
    ("availability", "answered", share),
];

pub(super) fn theory(arguments: &arguments::Study) -> Result<Exit, Stop> {
    let (subject, plan) = load::subject(arguments)?;
    let (report, wall_secs) = watch::watched(&subject, &plan)?;
    let mut text = String::new();
    let theory = Theory::of(subject.scenario());
    let components = report.components.iter().enumerate();
    let found: Vec<(&str, Beside)> = components
        .filter_map(|(index, (name, _, measures))| {
            let beside = theory.beside(subject.scenario(), index, measures)?;
            Some((name.as_str(), beside))
        })
        .collect();
    for (name, beside) in &found {
        text += &component(name, beside);
    }
    text += &availability(&found);
    text += &bounds(subject.scenario(), &report);
    text += &audit(&report);
    text += &table::notes(&report);
    text += &table::summary(&report, wall_secs);
    print(&text)?;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else {
        Exit::Good
    })
}

fn component(name: &str, beside: &Beside) -> String {
    let figures = table_of(&beside.figures);
    match &beside.fit {
        Fit::Transparent => format!("{name}: no queueing of its own\n\n"),
        Fit::Unfit { reason, .. } => {
            let mut text = format!("{name}: no model fits: {reason}\n");
            if !beside.figures.is_empty() {
                text += "  by the utilization law U = λS/c\n";
                text += &figures;
            }
            text.push('\n');
            text
        }
        Fit::Model(model) => {
            let exact = match &model.approximate {
                None => String::from("exact"),
                Some(why) => format!("not exact: {why}"),
            };
            format!("{name}: {}, {exact}\n{figures}\n", model.name)
        }
    }
}

fn table_of(comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "  {:<16}{:>12}{:>12}{:>12}{:>16}\n",
        "", "theory", "simulated", "±", "in half-widths"
    );
    for found in comparisons {
        let row = FIGURES.iter().find(|(key, ..)| *key == found.key);
        let Some((_, name, write)) = row else {
            continue;
        };
        let width = found.interval;
        let width = width.map_or_else(|| "-".into(), |interval| write(interval.half_width));
        let distance = found.distance();
        let distance = distance.map_or_else(|| "-".into(), |distance| format!("{distance:+.2}"));
        text += &format!(
            "  {name:<16}{:>12}{:>12}{width:>12}{distance:>16}\n",
            write(found.exact),
            found.simulated.map_or_else(|| "-".into(), write),
        );
    }
    text
}

/// What follows from MTBF and MTTR, beside what was measured.
fn availability(found: &[(&str, Beside)]) -> String {
    let mut text = String::new();
    for (name, beside) in found {
        for one in &beside.availability {
            text += &format!("{name}\n{}", table_of(std::slice::from_ref(one)));
        }
        if let Some(reason) = &beside.unpredicted {
            text += &format!("{name}: not from the drawing: {reason}\n");
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("Availability from MTBF and MTTR, in series and in parallel\n{text}\n")
}

/// What breaks first by the drawing and by the run, and what no luck can beat.
fn bounds(scenario: &Scenario, report: &Report) -> String {
    let drawn = demands(scenario);
    let mut text = String::from("Bounds by operational analysis (Denning and Buzen 1978)\n");
    text += &format!(
        "  {:<16}{:>9}{:>10}{:>10}{:>8}{:>14}{:>15}\n",
        "", "visits", "work", "held", "slots", "drawn", "measured"
    );
    let mut row = |name: &str, measured: Option<Demand>, by_drawing: Option<Demand>| {
        let Some(demand) = measured.or(by_drawing) else {
            return;
        };
        let rate = |demand: Option<Demand>| match demand.and_then(|demand| demand.saturates_at()) {
            Some(rate) => format!("{}/s", plain(rate)),
            None => "-".into(),
        };
        text += &format!(
            "  {name:<16}{:>9}{:>10}{:>10}{:>8}{:>14}{:>15}\n",
            plain(demand.visits),
            time(demand.work),
            time(demand.held),
            plain(demand.slots),
            rate(by_drawing),
            rate(measured)
        );
    };
    for (index, (name, _, measures)) in report.components.iter().enumerate() {
        let by_drawing = drawn.as_ref().ok().and_then(|drawn| drawn.boxes[index]);
        row(name, measures.demand, by_drawing);
    }
    for (index, (name, measures)) in report.connections.iter().enumerate() {
        let ways = drawn.as_ref().ok().map(|drawn| drawn.pipes[index]);
        let ways = ways.into_iter().flatten().flatten();
        let by_drawing = ways.max_by(|a, b| a.secs().total_cmp(&b.secs()));
        row(name, measures.demand, by_drawing);
    }
    match &drawn {
        Err(reason) => text += &table::wrapped(&format!("Not from the drawing alone: {reason}")),
        Ok(drawn) => {
            if let Some(first) = drawn.first()
                && let Some(name) = report.name_of(first.resource)
            {
                text += &table::wrapped(&format!(
                    "By the drawing {} breaks first, at {}/s at the latest",
                    first.resource.called(name),
                    plain(first.saturates_at)
                ));
            }
            if drawn.least_response > 0.0 {
                text += &table::wrapped(&format!(
                    "A request that meets nobody takes {} on average",
                    time(drawn.least_response)
                ));
            }
            if let Some(users) = &drawn.users {
                text += &table::wrapped(&of_users(users));
            }
        }
    }
    if let Some(why) = report.breaks_first() {
        text += &table::wrapped(&format!("By the run {why}"));
    }
    text.push('\n');
    text
}

fn of_users(users: &Users) -> String {
    let (throughput, response) = (users.bounds.throughput, users.bounds.response);
    let knee = format!(
        "The knee N* = (D + Z)/Dmax is at {} users",
        plain(users.knee)
    );
    if users.balanced {
        format!(
            "{knee}; with {} of them {}/s ≤ X ≤ {}/s and {} ≤ R ≤ {} (balanced job bounds)",
            users.users,
            plain(throughput.0),
            plain(throughput.1),
            time(response.0),
            time(response.1)
        )
    } else {
        format!(
            "{knee}; with {} of them X ≤ {}/s and R ≥ {}",
            users.users,
            plain(throughput.1),
            time(response.0)
        )
    }
}

fn audit(report: &Report) -> String {
    let Some(audit) = &report.system.little else {
        return String::new();
    };
    format!(
        "Little's law for the whole system: L {}, λ·W {}, gap {}: {}\n",
        plain(audit.l),
        plain(audit.lambda_w()),
        share(audit.gap),
        audit.verdict
    )
}
