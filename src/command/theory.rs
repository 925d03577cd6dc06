//! `littlebox theory`: each box beside the model that fits it.

use super::number::{plain, share, time};
use super::{Exit, Stop, arguments, load, print, table, watch};
use crate::scenario::Scenario;
use crate::study::{
    Demand, Fit, Measures, Model, Report, Resource, Users, bottleneck, demands, fit, predicted,
};

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
    let fits = fit(subject.scenario());
    for (fit, (name, _, measures)) in fits.iter().zip(&report.components) {
        text += &component(name, fit, measures);
    }
    text += &availability(subject.scenario(), &report);
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

fn component(name: &str, fit: &Fit, measures: &Measures) -> String {
    match fit {
        Fit::Transparent => format!("{name}: no queueing of its own\n\n"),
        Fit::Unfit {
            reason,
            utilization,
        } => {
            let mut text = format!("{name}: no model fits: {reason}\n");
            if let Some(utilization) = utilization {
                let law = Model {
                    name: "utilization law".into(),
                    approximate: None,
                    values: vec![("utilization", *utilization)],
                };
                text += "  by the utilization law U = λS/c\n";
                text += &values(&law, measures);
            }
            text.push('\n');
            text
        }
        Fit::Model(model) => {
            let exact = match &model.approximate {
                None => String::from("exact"),
                Some(why) => format!("not exact: {why}"),
            };
            format!(
                "{name}: {}, {exact}\n{}\n",
                model.name,
                values(model, measures)
            )
        }
    }
}

fn values(model: &Model, measures: &Measures) -> String {
    let mut text = format!(
        "  {:<16}{:>12}{:>12}{:>12}{:>16}\n",
        "", "theory", "simulated", "±", "in half-widths"
    );
    for (key, name, write) in FIGURES {
        let Some(exact) = model.get(key) else {
            continue;
        };
        let simulated = measures.get(key);
        let interval = measures.interval(key);
        let width = interval.map_or_else(|| "-".into(), |interval| write(interval.half_width));
        let distance = interval
            .and_then(|interval| interval.distance(exact))
            .map_or_else(|| "-".into(), |distance| format!("{distance:+.2}"));
        text += &format!(
            "  {name:<16}{:>12}{:>12}{width:>12}{distance:>16}\n",
            write(exact),
            simulated.map_or_else(|| "-".into(), write),
        );
    }
    text
}

/// What follows from MTBF and MTTR, beside what was measured.
fn availability(scenario: &Scenario, report: &Report) -> String {
    let Some(predicted) = predicted(scenario) else {
        return String::new();
    };
    let mut text = String::from("Availability from MTBF and MTTR, in series and in parallel\n");
    let row = |name: &str, key: &'static str, exact: f64, measures: &Measures| {
        let model = Model {
            name: String::new(),
            approximate: None,
            values: vec![(key, exact)],
        };
        format!("{name}\n{}", values(&model, measures))
    };
    for (index, (name, _, measures)) in report.components.iter().enumerate() {
        if scenario.components[index].failures().is_some() {
            text += &row(name, "uptime", predicted.up[index], measures);
        }
        match &predicted.answered[index] {
            Some(Ok(answered)) => text += &row(name, "availability", *answered, measures),
            Some(Err(reason)) => text += &format!("{name}: not from the drawing: {reason}\n"),
            None => {}
        }
    }
    text.push('\n');
    text
}

/// What breaks first by the drawing and by the run, and what no luck can beat.
fn bounds(scenario: &Scenario, report: &Report) -> String {
    let drawn = demands(scenario);
    let name = |index: usize| {
        let found = scenario.components.get_index(index);
        found.map_or("", |(name, _)| name.as_str())
    };
    let mut text = String::from("Bounds by operational analysis (Denning and Buzen 1978)\n");
    text += &format!(
        "  {:<16}{:>9}{:>10}{:>10}{:>8}{:>14}{:>15}\n",
        "", "visits", "work", "held", "slots", "drawn", "measured"
    );
    for (index, (name, _, measures)) in report.components.iter().enumerate() {
        let by_drawing = drawn.as_ref().ok().and_then(|drawn| drawn.boxes[index]);
        let Some(demand) = measures.demand.or(by_drawing) else {
            continue;
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
            rate(measures.demand)
        );
    }
    match &drawn {
        Err(reason) => text += &table::wrapped(&format!("Not from the drawing alone: {reason}")),
        Ok(drawn) => {
            let first = bottleneck(&drawn.boxes);
            if let Some((Resource::Slots(index), at)) =
                first.map(|first| (first.resource, first.saturates_at))
            {
                text += &table::wrapped(&format!(
                    "By the drawing `{}` breaks first, at {}/s at the latest",
                    name(index),
                    plain(at)
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
