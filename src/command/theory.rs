//! `littlebox theory`: each box beside the model that fits it.

use super::number::{plain, share, time};
use super::{Exit, Stop, arguments, load, print, table, watch};
use crate::study::{Fit, Measures, Model, Report, fit};

/// A figure: its key, its name, how it is written.
type Row = (&'static str, &'static str, fn(f64) -> String);

const FIGURES: [Row; 9] = [
    ("throughput", "throughput /s", plain),
    ("utilization", "utilization", share),
    ("l", "L", plain),
    ("lq", "Lq", plain),
    ("w", "W", time),
    ("wq", "Wq", time),
    ("p50", "p50", time),
    ("p99", "p99", time),
    ("hit_ratio", "hit ratio", share),
];

pub(super) fn theory(arguments: &arguments::Study) -> Result<Exit, Stop> {
    let (subject, plan) = load::subject(arguments)?;
    let (report, wall_secs) = watch::watched(&subject, &plan)?;
    let mut text = String::new();
    let fits = fit(subject.scenario());
    for (fit, (name, _, measures)) in fits.iter().zip(&report.components) {
        text += &component(name, fit, measures);
    }
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
