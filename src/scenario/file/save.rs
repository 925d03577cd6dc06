//! From a scenario to a text, keeping everything that did not change as it stands in the file.
//!
//! Three trees are walked side by side: the file, what serde makes of the scenario that was read
//! from it (`old`), and what it makes of the scenario to be saved (`new`). Where old and new agree
//! the text of the file is kept. Values can be compared as text because serde always writes a
//! value in the same way.

mod align;

use std::ops::Range;

use super::layout;
use super::scan::{Scanner, Token, end_of_comment, is_blank};
use super::tree::{NodeId, Shape, Tree, bare, parse};
use align::{Step, align};

/// A scenario as text without a file to follow.
pub fn canonical(compact: &str) -> Option<String> {
    parse(compact).0.map(|tree| layout::document(&tree))
}

/// The text of `file` with what differs between `old` and `new`. `None` when the three can't be
/// brought together.
pub fn merge(file: &str, old: &str, new: &str) -> Option<String> {
    let (file, old, new) = (parse(file).0?, parse(old).0?, parse(new).0?);
    let merger = Merger {
        newline: if file.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        },
        file: &file,
        old: &old,
        new: &new,
    };
    let mut out = file.text[..file.nodes[file.root].span.start].to_owned();
    merger.container(file.root, old.root, new.root, &mut out);
    out.push_str(&file.text[file.nodes[file.root].span.end..]);
    Some(out)
}

struct Merger<'t> {
    newline: &'static str,
    file: &'t Tree<'t>,
    old: &'t Tree<'t>,
    new: &'t Tree<'t>,
}

/// An item of the file and the text around it.
struct Chunk {
    /// What stands before it: comments, blank lines, indentation.
    lead: Range<usize>,
    /// What stands behind it, its comma and the rest of its line included.
    trail: Range<usize>,
}

impl Merger<'_> {
    /// Writes a struct, list or map whose parts are compared one by one.
    fn container(&self, file: NodeId, old: NodeId, new: NodeId, out: &mut String) {
        let node = &self.file.nodes[file];
        let (head, chunks, tail) = self.chunks(file);
        let steps = match node.shape {
            Shape::List | Shape::Map => {
                align(&named(self.old, old), &named(self.new, new), node.shape)
            }
            _ => self.struct_steps(file, old, new),
        };
        // Whether the last part has a comma behind it, when all stands on one line.
        let last_comma = node.items.last().is_some_and(|item| item.comma.is_some());
        let last = steps
            .iter()
            .rposition(|step| !matches!(step, Step::Remove(_)));
        out.push_str(&self.file.text[node.span.start..head]);
        let opened = out.len();
        let indent = self.indent(file);
        for (at, step) in steps.iter().enumerate() {
            let more = last.is_some_and(|last| at < last);
            match *step {
                Step::Keep(position, fresh) => {
                    self.lead(&chunks, position, out.len() == opened, &indent, out);
                    self.item(file, position, (old, new, fresh), out);
                    self.trail(&chunks[position], more, last_comma, out);
                }
                Step::Leave(position) => {
                    self.lead(&chunks, position, out.len() == opened, &indent, out);
                    let item = &node.items[position];
                    let span = self.file.start_of(item)..self.file.end_of(item);
                    out.push_str(&self.file.text[span]);
                    self.trail(&chunks[position], more, last_comma, out);
                }
                Step::Remove(position) => self.remove(file, position, &chunks[position], out),
                Step::Insert(fresh) => {
                    let own_line = out.ends_with('\n');
                    if own_line {
                        out.push_str(&indent);
                    } else if out.len() > opened || node.shape == Shape::Map {
                        out.push(' ');
                    }
                    let wanted = self.new.nodes[new].items[fresh];
                    if let Some(key) = wanted.key {
                        out.push_str(self.new.text_of(key));
                        out.push_str(": ");
                    }
                    self.write(wanted.value, own_line, out);
                    if own_line {
                        out.push(',');
                        out.push_str(self.newline);
                    } else if more || last_comma {
                        out.push(',');
                    }
                }
            }
        }
        out.push_str(&self.file.text[tail..node.span.end]);
    }

    /// What stands before an item.
    fn lead(&self, chunks: &[Chunk], position: usize, first: bool, indent: &str, out: &mut String) {
        let text = |position: usize| &self.file.text[chunks[position].lead.clone()];
        let mut lead = text(position);
        if lead.is_empty() && out.ends_with(',') {
            lead = " ";
        } else if first
            && lead.trim().is_empty()
            && !lead.contains('\n')
            && text(0).trim().is_empty()
        {
            // The first in line now: no space behind the bracket unless there was one.
            lead = text(0);
        }
        let began_a_line = self.file.text[..chunks[position].lead.start].ends_with('\n');
        if out.ends_with('\n') && !began_a_line && lead.trim().is_empty() && !lead.contains('\n') {
            // What stood before it in its line is gone.
            lead = indent;
        }
        out.push_str(lead);
    }

    /// What stands behind an item, with a comma when more follows.
    fn trail(&self, chunk: &Chunk, more: bool, last_comma: bool, out: &mut String) {
        let trail = &self.file.text[chunk.trail.clone()];
        match trail.strip_prefix(',') {
            // A list on one line keeps its look when its last part goes.
            Some(rest) if !more && !last_comma && !rest.contains('\n') => out.push_str(rest),
            None if more && !comma_in(trail) => {
                out.push(',');
                out.push_str(trail);
            }
            _ => out.push_str(trail),
        }
    }

    /// Drops an item; comments on lines of their own above it stay, and so do those in a section
    /// that became empty.
    fn remove(&self, file: NodeId, position: usize, chunk: &Chunk, out: &mut String) {
        let lead = &self.file.text[chunk.lead.clone()];
        let trail = &self.file.text[chunk.trail.clone()];
        let item = self.file.nodes[file].items[position];
        let emptied = &self.file.nodes[item.value];
        let section = matches!(emptied.shape, Shape::List | Shape::Map) && file == self.file.root;
        if section && has_comment(self.file.text_of(item.value)) {
            let (head, chunks, tail) = self.chunks(item.value);
            out.push_str(&self.file.text[chunk.lead.start..head]);
            for (position, chunk) in chunks.iter().enumerate() {
                self.remove(item.value, position, chunk, out);
            }
            out.push_str(&self.file.text[tail..emptied.span.end]);
            if !comma_in(trail) {
                out.push(',');
            }
            out.push_str(trail);
            return;
        }
        match lead.rfind('\n') {
            Some(end) if has_comment(lead) => out.push_str(&lead[..=end]),
            Some(_) if !out.ends_with('\n') => out.push_str(self.newline),
            Some(_) => {}
            None if has_comment(lead) => {
                out.push_str(lead.trim_end());
                if trail.ends_with('\n') {
                    out.push_str(self.newline);
                }
            }
            // It shared its line with the one before; the line's end stays.
            None if !out.ends_with('\n') && trail.ends_with('\n') => out.push_str(self.newline),
            None => {}
        }
    }

    /// Writes an item of the file that is in the new scenario too.
    fn item(
        &self,
        file: NodeId,
        position: usize,
        (old, new, fresh): (NodeId, NodeId, usize),
        out: &mut String,
    ) {
        let item = self.file.nodes[file].items[position];
        let wanted = self.new.nodes[new].items[fresh];
        let was = self.old_item(file, position, old);
        let line = out.rfind('\n').map_or(0, |end| end + 1);
        let own_line = out[line..].trim().is_empty();
        let start = out.len();
        if let (Some(key), Some(name)) = (item.key, wanted.key) {
            let renamed = self.file.nodes[file].shape == Shape::Map
                && string_of(self.file, key) != string_of(self.new, name);
            out.push_str(if renamed {
                self.new.text_of(name)
            } else {
                self.file.text_of(key)
            });
            let between = self.file.nodes[key].span.end..self.file.nodes[item.value].span.start;
            out.push_str(&self.file.text[between]);
        }
        if was.is_some_and(|was| self.old.text_of(was) == self.new.text_of(wanted.value)) {
            out.push_str(self.file.text_of(item.value));
            return;
        }
        let body = out.len();
        if let Some(was) = was
            && self.can_walk(item.value, was, wanted.value)
        {
            self.container(item.value, was, wanted.value, out);
            let one_line = own_line && !out[start..].contains('\n');
            let too_long = one_line && out[line..].chars().count() + 1 > layout::WIDTH;
            if !too_long || has_comment(&out[body..]) {
                return;
            }
            out.truncate(body);
        } else {
            self.move_comments(self.file.text_of(item.value), start, own_line, out);
        }
        self.write(wanted.value, own_line, out);
    }

    /// Comments inside what is written anew move in front of it, to `start`.
    fn move_comments(&self, from: &str, start: usize, own_line: bool, out: &mut String) {
        let comments = comments(from);
        if comments.is_empty() {
            return;
        }
        let kept = out.split_off(start);
        let indent = line_indent(out);
        for comment in comments {
            if own_line {
                out.push_str(comment.trim_end());
                out.push_str(self.newline);
                out.push_str(&indent);
            } else if let Some(words) = comment.strip_prefix("//") {
                // What follows stands on the same line.
                let words = words.trim().replace("*/", "* /").replace("/*", "/ *");
                out.push_str(&format!("/* {words} */ "));
            } else {
                out.push_str(comment);
                out.push(' ');
            }
        }
        out.push_str(&kept);
    }

    /// Writes a new value. In the middle of a line it stays on that line.
    fn write(&self, value: NodeId, own_line: bool, out: &mut String) {
        if !own_line {
            layout::one_line(self.new, value, out);
            return;
        }
        let indent = line_indent(out);
        let line = out.rfind('\n').map_or(0, |end| end + 1);
        let used = out[line..].chars().count();
        let mut text = String::new();
        let parent = self.new.nodes[value].parent;
        if parent.is_some_and(|(parent, _)| parent == self.new.root) {
            layout::section(self.new, value, &indent, used, &mut text);
        } else {
            layout::value(self.new, value, &indent, used, &mut text);
        }
        if self.newline == "\n" {
            out.push_str(&text);
        } else {
            out.push_str(&text.replace('\n', self.newline));
        }
    }

    /// Whether a value can be changed part by part.
    fn can_walk(&self, file: NodeId, old: NodeId, new: NodeId) -> bool {
        let (f, o, n) = (
            &self.file.nodes[file],
            &self.old.nodes[old],
            &self.new.nodes[new],
        );
        let keyed = |tree: &Tree, node: NodeId| {
            tree.nodes[node].items.iter().all(|item| item.key.is_some())
        };
        if f.shape != o.shape || f.shape != n.shape {
            return false;
        }
        match f.shape {
            // Written in full again when it becomes or was empty, unless a comment lives in it.
            Shape::List | Shape::Map => {
                let empty = f.items.is_empty() || n.items.is_empty();
                f.items.len() == o.items.len() && (!empty || has_comment(self.file.text_of(file)))
            }
            Shape::Struct => {
                // A struct's own name may be left out; a variant's can't differ.
                let names = [self.old.name_of(old), self.new.name_of(new)];
                names[0] == names[1]
                    && (names[1].is_none() || self.file.name_of(file) == names[1])
                    && keyed(self.file, file)
                    && keyed(self.old, old)
                    && keyed(self.new, new)
                    && !f.items.is_empty()
            }
            _ => false,
        }
    }

    /// The old value of an item of the file; missing when it is the default.
    fn old_item(&self, file: NodeId, position: usize, old: NodeId) -> Option<NodeId> {
        let node = &self.file.nodes[file];
        match (node.shape, node.items[position].key) {
            (Shape::Struct, Some(key)) => {
                let at = self.old.field(old, bare(self.file.text_of(key)))?;
                Some(self.old.nodes[old].items[at].value)
            }
            // Lists and maps are written in the order of the file.
            _ => self.old.nodes[old]
                .items
                .get(position)
                .map(|item| item.value),
        }
    }

    /// Fields keep the order of the file; new ones come behind the field that precedes them.
    fn struct_steps(&self, file: NodeId, old: NodeId, new: NodeId) -> Vec<Step> {
        let mut steps = Vec::new();
        for (position, item) in self.file.nodes[file].items.iter().enumerate() {
            let name = item
                .key
                .map(|key| bare(self.file.text_of(key)))
                .unwrap_or_default();
            steps.push(
                match (self.old.field(old, name), self.new.field(new, name)) {
                    (_, Some(fresh)) => Step::Keep(position, fresh),
                    (None, None) => Step::Leave(position),
                    (Some(_), None) => Step::Remove(position),
                },
            );
        }
        for (fresh, item) in self.new.nodes[new].items.iter().enumerate() {
            let name = item
                .key
                .map(|key| bare(self.new.text_of(key)))
                .unwrap_or_default();
            if self.file.field(file, name).is_some() {
                continue;
            }
            let behind = (0..fresh).rev().find_map(|before| {
                steps.iter().position(
                    |step| matches!(*step, Step::Keep(_, at) | Step::Insert(at) if at == before),
                )
            });
            steps.insert(behind.map_or(0, |at| at + 1), Step::Insert(fresh));
        }
        steps
    }

    /// Splits what stands between the brackets: where the first item's lead starts, the items,
    /// and where the text before the closing bracket starts.
    fn chunks(&self, file: NodeId) -> (usize, Vec<Chunk>, usize) {
        let node = &self.file.nodes[file];
        let text = self.file.text;
        let mut at = end_of_line(text, node.open + 1).unwrap_or(node.open + 1);
        let head = at;
        let mut chunks = Vec::with_capacity(node.items.len());
        for item in &node.items {
            let end = self.file.end_of(item);
            let behind = item.comma.map_or(end, |comma| comma + 1);
            let next = end_of_line(text, behind).unwrap_or(behind);
            chunks.push(Chunk {
                lead: at..self.file.start_of(item),
                trail: end..next,
            });
            at = next;
        }
        (head, chunks, at)
    }

    /// The indentation of the items of a container.
    fn indent(&self, file: NodeId) -> String {
        let text = self.file.text;
        let own_line = |at: usize| {
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let blank = &text[start..at];
            blank
                .chars()
                .all(|c| c == ' ' || c == '\t')
                .then(|| blank.to_owned())
        };
        let node = &self.file.nodes[file];
        node.items
            .iter()
            .find_map(|item| own_line(self.file.start_of(item)))
            .unwrap_or_else(|| {
                let line = text[..node.open].rfind('\n').map_or(0, |end| end + 1);
                let blank = line_indent(&text[line..node.open]);
                let step = if blank.contains('\t') {
                    "\t"
                } else {
                    layout::INDENT
                };
                blank + step
            })
    }
}

/// The items of a list or map, as names and values; those of a list are their own names.
fn named<'t>(tree: &'t Tree, node: NodeId) -> Vec<(&'t str, &'t str)> {
    let items = &tree.nodes[node].items;
    items
        .iter()
        .map(|item| {
            (
                tree.text_of(item.key.unwrap_or(item.value)),
                tree.text_of(item.value),
            )
        })
        .collect()
}

/// Whether a comma stands in what follows an item; it may hide behind a comment.
fn comma_in(trail: &str) -> bool {
    matches!(Scanner::new(trail).next(), Ok(Some((Token::Mark(','), _))))
}

/// The value of a string, its escapes resolved.
fn string_of(tree: &Tree, node: NodeId) -> Option<String> {
    super::options().from_str(tree.text_of(node)).ok()
}

/// The white space at the start of the last line.
fn line_indent(text: &str) -> String {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    text[line..]
        .chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .collect()
}

/// Where the next line starts, when nothing but blanks and comments stands before it.
fn end_of_line(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        if first == '\n' {
            return Some(at + 1);
        } else if rest.starts_with("//") {
            at += rest.find('\n')?;
        } else if rest.starts_with("/*") {
            let end = end_of_comment(text, at)?;
            if text[at..end].contains('\n') {
                return None;
            }
            at = end;
        } else if is_blank(first) {
            at += first.len_utf8();
        } else {
            return None;
        }
    }
}

/// Whether there is a comment in a text that starts outside of strings.
fn has_comment(text: &str) -> bool {
    !comments(text).is_empty()
}

/// The comments of a text that starts outside of strings.
fn comments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut scanner = Scanner::new(text);
    let mut at = 0;
    loop {
        let next = scanner.next().ok().flatten();
        let end = next.as_ref().map_or(text.len(), |(_, span)| span.start);
        while at < end {
            let rest = &text[at..end];
            if rest.starts_with("//") {
                let length = rest.find('\n').unwrap_or(rest.len());
                found.push(&text[at..at + length]);
                at += length;
            } else if rest.starts_with("/*") {
                let Some(length) = end_of_comment(text, at) else {
                    break;
                };
                found.push(&text[at..length]);
                at = length;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        match next {
            Some((_, span)) => at = span.end,
            None => return found,
        }
    }
}
