//! How a value is written: on one line if it fits, else broken with one part a line.

use super::tree::{NodeId, Shape, Tree, bare};

/// Longest line.
pub const WIDTH: usize = 140;

/// One level of indentation.
pub const INDENT: &str = "    ";

/// Sections in which every entry has its own line, even when the whole would fit on one.
const ALWAYS_BROKEN: [&str; 5] = [
    "operations",
    "components",
    "connections",
    "faults",
    "objectives",
];

/// A whole scenario, from the text that serde made of it.
pub fn document(tree: &Tree) -> String {
    let mut out = String::with_capacity(tree.text.len() * 3 / 2);
    out.push_str("Scenario(\n");
    for item in &tree.nodes[tree.root].items {
        out.push_str(INDENT);
        let name = item.key.map(|key| tree.text_of(key)).unwrap_or_default();
        out.push_str(name);
        out.push_str(": ");
        section(
            tree,
            item.value,
            INDENT,
            INDENT.len() + name.len() + 2,
            &mut out,
        );
        out.push_str(",\n");
    }
    out.push_str(")\n");
    out
}

/// The value of a field of the scenario, in a line of which `used` columns are taken.
pub fn section(tree: &Tree, node: NodeId, indent: &str, used: usize, out: &mut String) {
    let name = tree.nodes[node]
        .parent
        .and_then(|(parent, position)| tree.nodes[parent].items[position].key)
        .map(|key| tree.text_of(key));
    let always = name.is_some_and(|name| ALWAYS_BROKEN.contains(&name));
    if always && !tree.nodes[node].items.is_empty() {
        broken(tree, node, indent, out);
    } else {
        value(tree, node, indent, used, out);
    }
}

/// A value in a line that is indented by `indent` and of which `used` columns are taken.
pub fn value(tree: &Tree, node: NodeId, indent: &str, used: usize, out: &mut String) {
    let start = out.len();
    one_line(tree, node, out);
    // One column for the comma.
    if used + out[start..].chars().count() + 1 > WIDTH && !tree.nodes[node].items.is_empty() {
        out.truncate(start);
        broken(tree, node, indent, out);
    }
}

fn broken(tree: &Tree, node: NodeId, indent: &str, out: &mut String) {
    let (open, close) = brackets(tree.nodes[node].shape);
    out.push_str(tree.name_of(node).unwrap_or_default());
    out.push(open);
    out.push('\n');
    let step = if indent.contains('\t') { "\t" } else { INDENT };
    let inner = format!("{indent}{step}");
    for part in &tree.nodes[node].items {
        out.push_str(&inner);
        let mut used = inner.chars().count();
        if let Some(key) = part.key {
            let key = tree.text_of(key);
            out.push_str(key);
            out.push_str(": ");
            used += key.chars().count() + 2;
        }
        value(tree, part.value, &inner, used, out);
        out.push_str(",\n");
    }
    out.push_str(indent);
    out.push(close);
}

/// A value without a line break.
pub fn one_line(tree: &Tree, node: NodeId, out: &mut String) {
    match tree.nodes[node].shape {
        Shape::Struct | Shape::List | Shape::Map => {}
        Shape::Number => return grouped(tree.text_of(node), out),
        // Serde's writer marks the word `None` where it is not an option; no reader needs that.
        Shape::Word => return out.push_str(bare(tree.text_of(node))),
        _ => return out.push_str(tree.text_of(node)),
    }
    let (open, close) = brackets(tree.nodes[node].shape);
    out.push_str(tree.name_of(node).unwrap_or_default());
    out.push(open);
    let items = &tree.nodes[node].items;
    let pad = if open == '{' && !items.is_empty() {
        " "
    } else {
        ""
    };
    out.push_str(pad);
    for (position, part) in items.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        if let Some(key) = part.key {
            out.push_str(tree.text_of(key));
            out.push_str(": ");
        }
        one_line(tree, part.value, out);
    }
    out.push_str(pad);
    out.push(close);
}

fn brackets(shape: Shape) -> (char, char) {
    match shape {
        Shape::List => ('[', ']'),
        Shape::Map => ('{', '}'),
        _ => ('(', ')'),
    }
}

/// Whole numbers from 10,000 on in groups of three digits.
fn grouped(number: &str, out: &mut String) {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.len() < 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        out.push_str(number);
        return;
    }
    out.push_str(&number[..number.len() - digits.len()]);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
}
