//! The report as one JSON object. Times in seconds, rates per second, shares 0..1; what makes no
//! sense for a subject is left out.

use serde_json::{Map, Value, json};

use crate::study::{Channels, Judgement, Measures, Report, Spread};

pub(super) fn json(report: &Report, wall_secs: f64) -> String {
    let mut object = Map::new();
    object.insert("scenario".into(), json!(report.scenario));
    object.insert("seed".into(), json!(report.seed));
    if report.runs != 1 {
        object.insert("runs".into(), json!(report.runs));
    }
    object.insert("simulated_s".into(), json!(report.simulated_secs));
    object.insert("warm_up_s".into(), json!(report.warm_up_secs));
    object.insert("wall_s".into(), json!(wall_secs));
    object.insert("events".into(), json!(report.events));
    object.insert(
        "fingerprint".into(),
        json!(format!("{:016x}", report.fingerprint)),
    );
    if report.interrupted {
        object.insert("interrupted".into(), json!(true));
    }
    if !report.notes.is_empty() {
        object.insert("notes".into(), json!(report.notes));
    }
    object.insert("system".into(), measures(&report.system));
    let components: Map<String, Value> = report
        .components
        .iter()
        .map(|(name, _, found)| (name.clone(), measures(found)))
        .collect();
    object.insert("components".into(), components.into());
    let connections: Map<String, Value> = report
        .connections
        .iter()
        .map(|(name, found)| (name.clone(), measures(found)))
        .collect();
    object.insert("connections".into(), connections.into());
    if !report.regions.is_empty() {
        let regions = report.regions.iter();
        let regions: Map<String, Value> = regions
            .map(|(name, found)| (name.clone(), measures(found)))
            .collect();
        object.insert("regions".into(), regions.into());
    }
    if let (Some(found), Some(why)) = (report.bottleneck, report.breaks_first()) {
        let bottleneck = json!({
            "name": report.name_of(found.resource),
            "saturates_at": found.saturates_at,
            "why": why,
        });
        object.insert("bottleneck".into(), bottleneck);
    }
    let objectives: Vec<Value> = report.objectives.iter().map(judgement).collect();
    object.insert("objectives".into(), objectives.into());
    // An object of plain values can't fail to be written.
    let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
    text.push('\n');
    text
}

fn measures(measures: &Measures) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<f64>| {
        if let Some(value) = value {
            object.insert(key.into(), json!(value));
        }
    };
    for key in [
        "arrival_rate",
        "throughput",
        "goodput",
        "l",
        "lq",
        "w",
        "wq",
    ] {
        put(key, measures.get(key));
    }
    if let Some(audit) = &measures.little {
        let little = json!({
            "l": audit.l,
            "lambda_w": audit.lambda_w(),
            "gap": audit.gap,
            "verdict": audit.verdict.to_string(),
        });
        object.insert("little".into(), little);
    }
    for key in [
        "utilization",
        "held",
        "visits",
        "demand",
        "saturates_at",
        "cost",
        "cost_per_million",
        "availability",
        "uptime",
    ] {
        if let Some(value) = measures.get(key) {
            object.insert(key.into(), json!(value));
        }
    }
    if let Some(latency) = &measures.latency {
        object.insert("latency".into(), spread(latency));
    }
    if let Some(latency) = &measures.failure_latency {
        object.insert("failure_latency".into(), spread(latency));
    }
    if measures.arrival_rate.is_some() {
        let failures: Map<String, Value> = measures
            .failures
            .iter()
            .map(|(cause, count)| (cause.word().to_owned(), json!(count)))
            .collect();
        object.insert("failures".into(), failures.into());
    }
    for (key, value) in [
        ("retry_rate", measures.retry_rate),
        ("denied_rate", measures.denied_rate),
        ("cancel_rate", measures.cancel_rate),
        ("request_bytes", measures.request_bytes),
        ("reply_bytes", measures.reply_bytes),
        ("request_bandwidth", measures.request_bandwidth),
        ("reply_bandwidth", measures.reply_bandwidth),
        ("bandwidth_wait", measures.bandwidth_wait),
        ("hedge_rate", measures.hedge_rate),
        ("hedge_share", measures.hedge_share),
        ("open_share", measures.open_share),
        ("record_rate", measures.record_rate),
        ("hit_ratio", measures.hit_ratio),
        ("cold_start_share", measures.cold_start_share),
        ("instances", measures.instances),
        ("new_instances", measures.new_instances),
        ("new_failures", measures.new_failures),
        ("stale_share", measures.stale_share),
        ("stale_age", measures.stale_age),
    ] {
        if let Some(value) = value {
            object.insert(key.into(), json!(value));
        }
    }
    for (key, value) in measures.channels.iter().flat_map(Channels::figures) {
        object.insert(key.into(), json!(value));
    }
    if let Some(lag) = &measures.replication_lag {
        object.insert("replication_lag".into(), spread(lag));
    }
    for (key, value) in [
        ("opened", measures.opened),
        ("deliveries", measures.deliveries),
        ("redeliveries", measures.redeliveries),
        ("duplicates", measures.duplicates),
        ("lost_messages", measures.lost_messages),
    ] {
        if let Some(value) = value {
            object.insert(key.into(), json!(value));
        }
    }
    if !measures.intervals.is_empty() {
        let intervals: Map<String, Value> = measures
            .intervals
            .iter()
            .map(|(key, interval)| ((*key).to_owned(), json!([interval.low(), interval.high()])))
            .collect();
        object.insert("ci".into(), intervals.into());
    }
    object.into()
}

fn spread(spread: &Spread) -> Value {
    json!({
        "mean": spread.mean,
        "p50": spread.p50,
        "p90": spread.p90,
        "p95": spread.p95,
        "p99": spread.p99,
        "p999": spread.p999,
        "max": spread.max,
    })
}

fn judgement(judgement: &Judgement) -> Value {
    let mut object = Map::new();
    object.insert("text".into(), json!(judgement.text));
    if let Some(measured) = judgement.measured {
        object.insert("measured".into(), json!(measured));
    }
    // One limit is a number, two are a range.
    let limit = match (judgement.below, judgement.above) {
        (Some(below), Some(above)) => json!([above, below]),
        (limit, other) => json!(limit.or(other)),
    };
    object.insert("limit".into(), limit);
    object.insert("met".into(), json!(judgement.met));
    if let Some(budget) = &judgement.budget {
        let burns: Vec<Value> = budget
            .burns
            .iter()
            .map(|(secs, burn)| json!({"window_s": secs, "burn_rate": burn}))
            .collect();
        let budget = json!({
            "allowed": budget.allowed,
            "failed": budget.failed,
            "spent": budget.spent,
            "nines": budget.nines(),
            "downtime_per_year_s": budget.downtime_per_year(),
            "burns": burns,
        });
        object.insert("budget".into(), budget);
    }
    object.into()
}
