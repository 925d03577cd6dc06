//! Columns of times in CSV files (RFC 4180, also with semicolons or tabs).

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Component as PathPart, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::tree::clip;
use crate::scenario::check::limits::TIMES;
use crate::scenario::problem::nearest;
use crate::scenario::sample::{Column, Sample};
use crate::scenario::{Arrivals, Component, Distribution, Duration, Link, Scenario, Subject};

/// The largest CSV file that is read: 64 MiB.
const MAX_BYTES: u64 = 64 << 20;

type Found = Result<Arc<[Duration]>, Arc<str>>;

/// What lies beside a scenario's file: every column is read once. Clones share what was read.
#[derive(Clone, Debug, Default)]
pub struct Beside(Arc<Mutex<Folder>>);

#[derive(Debug, Default)]
struct Folder {
    path: Option<PathBuf>,
    columns: HashMap<Column, Found>,
}

/// Where a file lies is no part of what it says.
impl PartialEq for Beside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Beside {
    /// What lies beside this file.
    pub fn file(path: &Path) -> Self {
        let beside = Self::default();
        beside.moved_to(path);
        beside
    }

    /// The scenario's file is this one now: columns that could not be read are looked for anew.
    pub fn moved_to(&self, path: &Path) {
        let mut folder = self.lock();
        folder.path = Some(path.parent().unwrap_or(Path::new("")).to_owned());
        folder.columns.retain(|_, found| found.is_ok());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Folder> {
        // A column is put in whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, column: &Column) -> Option<Found> {
        let mut folder = self.lock();
        if let Some(found) = folder.columns.get(column) {
            return Some(found.clone());
        }
        let path = folder.path.as_ref()?.join(&column.file);
        let found = read_column(&path, column).map(Arc::from).map_err(Arc::from);
        folder.columns.insert(column.clone(), found.clone());
        Some(found)
    }

    fn fill(&self, sample: &mut Sample) {
        if let Some(column) = sample.column()
            && let Some(found) = self.read(column)
        {
            sample.fill(found);
        }
    }
}

/// Reads every file that a scenario names. What can't be read is a problem of who names it.
pub fn read_beside(scenario: &mut Scenario) {
    let beside = scenario.beside.clone();
    in_scenario(scenario, &mut |sample| beside.fill(sample));
}

/// The scenario's file moves from one folder to another: what it names as seen from the one is named as
/// seen from the other. Says whether anything was.
pub fn relocate(scenario: &mut Scenario, from: &Path, to: &Path) -> bool {
    let [from, to] = [from, to].map(whole);
    let mut found = false;
    in_scenario(scenario, &mut |sample| {
        if let Some(column) = sample.column_mut()
            && Path::new(&column.file).is_relative()
        {
            let file = seen_from(&to, &from.join(&column.file));
            found |= column.file != file;
            column.file = file;
        }
    });
    found
}

/// A folder without links, from the root.
fn whole(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let found = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
    found.unwrap_or_else(|_| folder.to_owned())
}

/// The way from a folder to a file, with `/` between the folders; the whole path where there is no way.
fn seen_from(folder: &Path, file: &Path) -> String {
    let mut way = Vec::new();
    for part in file.components() {
        match part {
            PathPart::ParentDir => {
                way.pop();
            }
            PathPart::CurDir => {}
            part => way.push(part),
        }
    }
    let folder: Vec<PathPart<'_>> = folder.components().collect();
    let same = folder.iter().zip(&way).take_while(|(a, b)| a == b).count();
    if same == 0 {
        return file.display().to_string();
    }
    let up = folder[same..].iter().map(|_| "..".to_owned());
    let down = way[same..].iter();
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Every sample of a scenario.
fn in_scenario(scenario: &mut Scenario, visit: &mut dyn FnMut(&mut Sample)) {
    for component in scenario.components.values_mut() {
        in_component(component, visit);
    }
    for connection in &mut scenario.connections {
        in_connection(connection, visit);
    }
    for latency in &mut scenario.latencies {
        in_distribution(&mut latency.latency, visit);
    }
}

/// As [`read_beside`], for one entry.
pub fn read_beside_of(scenario: &mut Scenario, subject: &Subject) {
    let beside = scenario.beside.clone();
    match subject {
        Subject::Component(name) => {
            if let Some(component) = scenario.components.get_mut(name) {
                in_component(component, &mut |sample| beside.fill(sample));
            }
        }
        Subject::Connection(at) => {
            if let Some(connection) = scenario.connections.get_mut(*at) {
                in_connection(connection, &mut |sample| beside.fill(sample));
            }
        }
        Subject::Latency(at) => {
            if let Some(latency) = scenario.latencies.get_mut(*at) {
                in_distribution(&mut latency.latency, &mut |sample| beside.fill(sample));
            }
        }
        _ => {}
    }
}

fn in_distribution(distribution: &mut Distribution, visit: &mut dyn FnMut(&mut Sample)) {
    if let Distribution::Empirical(sample) = distribution {
        visit(sample);
    }
}

/// Every sample of a component. A test sets every parameter that may be one.
fn in_component(component: &mut Component, visit: &mut dyn FnMut(&mut Sample)) {
    if let Some(Some(failures)) = component.failures_mut() {
        in_distribution(&mut failures.mtbf, visit);
        in_distribution(&mut failures.mttr, visit);
    }
    match component {
        Component::Client(client) => match &mut client.arrivals {
            Arrivals::Closed { think, .. } | Arrivals::Sessions { think, .. } => {
                in_distribution(think, visit);
            }
            Arrivals::Recorded(recorded) => visit(&mut recorded.times),
            Arrivals::LongLived(drawn) => {
                for time in [
                    &mut drawn.hold,
                    &mut drawn.every,
                    &mut drawn.away,
                    &mut drawn.reconnect,
                ] {
                    in_distribution(time, visit);
                }
            }
            _ => {}
        },
        Component::Server(server) => {
            in_distribution(&mut server.service, visit);
            for work in server.per_operation.values_mut() {
                in_distribution(work, visit);
            }
            if let Some(scaler) = &mut server.autoscaler {
                in_distribution(&mut scaler.boot, visit);
            }
            if let Some(pauses) = &mut server.pauses {
                in_distribution(&mut pauses.every, visit);
                in_distribution(&mut pauses.length, visit);
            }
        }
        Component::ApiGateway(gateway) => in_distribution(&mut gateway.authentication, visit),
        Component::Dns(dns) => in_distribution(&mut dns.lookup, visit),
        Component::Function(function) => {
            in_distribution(&mut function.service, visit);
            in_distribution(&mut function.cold_start, visit);
        }
        Component::Cache(cache) => in_distribution(&mut cache.service, visit),
        Component::Database(database) => {
            in_distribution(&mut database.read, visit);
            in_distribution(&mut database.write, visit);
        }
        Component::Replica(replica) => {
            in_distribution(&mut replica.read, visit);
            in_distribution(&mut replica.apply, visit);
        }
        Component::LoadBalancer(balancer) => {
            if let Some(capacity) = &mut balancer.capacity {
                in_distribution(&mut capacity.service, visit);
            }
        }
        Component::RateLimiter(_) | Component::Queue(_) => {}
    }
}

fn in_connection(connection: &mut crate::scenario::Connection, visit: &mut dyn FnMut(&mut Sample)) {
    if let Some(latency) = &mut connection.latency {
        in_distribution(latency, visit);
    }
    if let Link::Replication(replication) = &mut connection.link {
        in_distribution(&mut replication.lag, visit);
    }
}

fn read_column(path: &Path, column: &Column) -> Result<Vec<Duration>, String> {
    let file = fs::File::open(path).map_err(|error| format!("can't be read: {error}"))?;
    let mut content = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut content)
        .map_err(|error| format!("can't be read: {error}"))?;
    if content.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB", MAX_BYTES >> 20));
    }
    match std::str::from_utf8(&content) {
        Ok(text) => times_in(text, column),
        Err(error) => {
            let line = content[..error.valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            Err(format!("line {}: this is not text (UTF-8)", line + 1))
        }
    }
}

/// The times of a column. A first line without a time in it is a heading.
///
/// # Errors
/// What is wrong, and on which line.
fn times_in(text: &str, column: &Column) -> Result<Vec<Duration>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let Some((number, first)) = lines.next() else {
        return Err("is empty".to_owned());
    };
    let separator = [';', '\t']
        .into_iter()
        .find(|separator| first.contains(*separator))
        .unwrap_or(',');
    let mut times = Vec::new();
    let at = match &column.name {
        Some(name) => {
            let names = cells(first, separator);
            names.iter().position(|cell| cell == name).ok_or_else(|| {
                let mut message = format!("line {number}: there is no column `{}`", clip(name));
                if let Some(word) = nearest(name, names.iter().map(String::as_str)) {
                    message += &format!("; did you mean `{word}`?");
                }
                message
            })?
        }
        None => {
            let cell = cells(first, separator).swap_remove(0);
            // A heading has no digit in front.
            if cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')) {
                times.push(time(&cell, column).map_err(|why| format!("line {number}: {why}"))?);
            }
            0
        }
    };
    for (number, line) in lines {
        let mut cells = cells(line, separator);
        if at >= cells.len() {
            return Err(format!(
                "line {number}: there {} only {} here",
                if cells.len() == 1 { "is" } else { "are" },
                if cells.len() == 1 {
                    "1 column".to_owned()
                } else {
                    format!("{} columns", cells.len())
                }
            ));
        }
        let found = time(&cells.swap_remove(at), column);
        times.push(found.map_err(|why| format!("line {number}: {why}"))?);
        if times.len() > TIMES {
            return Err(format!(
                "line {number}: {TIMES} times are the most that are read"
            ));
        }
    }
    if times.is_empty() {
        return Err("has a heading and no times".to_owned());
    }
    Ok(times)
}

/// `12.5`, `12.5ms`, `1.7e-3`.
fn time(cell: &str, column: &Column) -> Result<Duration, String> {
    let unit = column.unit.word();
    let starts = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    let with_unit = cell.starts_with(starts) && cell.ends_with(char::is_alphabetic);
    let is_plain = cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match cell.parse::<f64>() {
        _ if cell.is_empty() => Err("a time is missing".to_owned()),
        _ if with_unit => Duration::parse(cell),
        // Digit by digit: a double would lose some.
        _ if is_plain => Duration::parse(&format!("{cell}{unit}")),
        Ok(number) if number.is_finite() && number >= 0.0 => {
            let scale = Duration::parse(&format!("1{unit}"))?.secs();
            Ok(Duration::from_secs_f64(number * scale))
        }
        Ok(number) if number < 0.0 => Err(format!("`{}` is less than 0", clip(cell))),
        _ => Err(format!("`{}` is not a time", clip(cell))),
    }
}

/// The cells of a line, without the quotes around them.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    for cell in &mut cells {
        *cell = cell.trim().to_owned();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_from_another_folder() {
        for (folder, file, expected) in [
            ("/home/ada", "/home/ada/times.csv", "times.csv"),
            ("/home/ada/new", "/home/ada/times.csv", "../times.csv"),
            (
                "/home/bob",
                "/home/ada/data/times.csv",
                "../ada/data/times.csv",
            ),
            (
                "/home/ada",
                "/home/ada/x/../data/./times.csv",
                "data/times.csv",
            ),
            ("/", "/times.csv", "times.csv"),
        ] {
            assert_eq!(seen_from(Path::new(folder), Path::new(file)), expected);
        }
    }
    use crate::scenario::sample::Unit;

    fn check(text: &str, name: Option<&str>, unit: Unit, expected: Result<&[u64], &str>) {
        let column = Column {
            file: "times.csv".into(),
            name: name.map(str::to_owned),
            unit,
        };
        let found = times_in(text, &column)
            .map(|times| times.iter().map(|time| time.nanos()).collect::<Vec<_>>());
        let expected = expected.map(<[u64]>::to_vec).map_err(str::to_owned);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_column_of_times_is_read() {
        let second = 1_000_000_000;
        check(
            "1\n2.5\n",
            None,
            Unit::Seconds,
            Ok(&[second, 2_500_000_000]),
        );
        check(
            "latency\n3\n\n4\n",
            None,
            Unit::Milliseconds,
            Ok(&[3_000_000, 4_000_000]),
        );
        check(
            "\u{feff}a;b\r\nx;7\r\ny;1us\r\n",
            Some("b"),
            Unit::Nanoseconds,
            Ok(&[7, 1_000]),
        );
        check(
            "\"a, b\",c\n\"1\",\"2e3\"\n",
            Some("c"),
            Unit::Nanoseconds,
            Ok(&[2_000]),
        );
        check(
            "1732184310.000000001\n",
            None,
            Unit::Seconds,
            Ok(&[1_732_184_310_000_000_001]),
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |text: &str, name: Option<&str>, expected: &str| {
            check(text, name, Unit::Seconds, Err(expected));
        };
        check("", None, "is empty");
        check("latency\n", None, "has a heading and no times");
        check("1\nabc\n", None, "line 2: `abc` is not a time");
        check("1\n\n-2\n", None, "line 3: `-2` is less than 0");
        check(
            "1\n2parsec\n",
            None,
            "line 2: `parsec` is no unit of time: use ns, us, ms, s, min, h or d",
        );
        check(
            "a,b\n1,2\n3\n",
            Some("b"),
            "line 3: there is only 1 column here",
        );
        check("a,b\n1,\n", Some("b"), "line 2: a time is missing");
        check(
            "time,b\n1,2\n",
            Some("tme"),
            "line 1: there is no column `tme`; did you mean `time`?",
        );
    }
}
