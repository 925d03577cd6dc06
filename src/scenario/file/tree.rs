//! The syntax of the file as a tree that knows where everything stands.
//!
//! It holds positions only, so that text outside a change can be kept to the byte. It is built and
//! walked without recursion: nested brackets can't exhaust the stack.

use std::ops::Range;

use super::scan::{Scanner, Token};

/// Deepest nesting that is read. A scenario needs about eight.
pub const MAX_DEPTH: usize = 64;

/// Most syntax errors that are listed; what follows them is mostly their consequence.
const MAX_FAULTS: usize = 20;

/// Position of a node in [`Tree::nodes`].
pub type NodeId = usize;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A word: a field's name, a variant without content, `None`.
    Word,
    /// A number.
    Number,
    /// A string in quotes.
    Text,
    /// Something else without parts, such as a character.
    Other,
    /// `(…)` or `Name(…)`.
    Struct,
    /// `[…]`.
    List,
    /// `{…}`.
    Map,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub shape: Shape,
    /// All of it, a struct's name included.
    pub span: Range<usize>,
    /// The name in front of a struct's bracket.
    pub name: Option<Range<usize>>,
    /// Where the opening bracket stands; the start for values without parts.
    pub open: usize,
    /// The parts.
    pub items: Vec<Item>,
    /// The node it is part of and the position there.
    pub parent: Option<(NodeId, usize)>,
}

/// A part of a struct, list or map.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The field's name or the map's key.
    pub key: Option<NodeId>,
    /// The value.
    pub value: NodeId,
    /// Where the comma behind it stands.
    pub comma: Option<usize>,
}

/// Something that is not the syntax of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: usize,
    /// What was found and what is expected.
    pub message: String,
}

/// A parsed text.
#[derive(Debug)]
pub struct Tree<'a> {
    /// The text.
    pub text: &'a str,
    /// Every value; keys are values too.
    pub nodes: Vec<Node>,
    /// The value that everything else is part of.
    pub root: NodeId,
}

impl<'a> Tree<'a> {
    /// The text of a node.
    pub fn text_of(&self, node: NodeId) -> &'a str {
        &self.text[self.nodes[node].span.clone()]
    }

    /// The name of a struct.
    pub fn name_of(&self, node: NodeId) -> Option<&'a str> {
        self.nodes[node]
            .name
            .clone()
            .map(|span| bare(&self.text[span]))
    }

    /// The field `name` of a struct: its position.
    pub fn field(&self, node: NodeId, name: &str) -> Option<usize> {
        self.nodes[node].items.iter().position(|item| {
            item.key.is_some_and(|key| {
                self.nodes[key].shape == Shape::Word && bare(self.text_of(key)) == name
            })
        })
    }

    /// Where an item starts: at its key if it has one.
    pub fn start_of(&self, item: &Item) -> usize {
        self.nodes[item.key.unwrap_or(item.value)].span.start
    }

    /// Where an item ends, its comma left out.
    pub fn end_of(&self, item: &Item) -> usize {
        self.nodes[item.value].span.end
    }
}

/// A word without the mark of a raw identifier.
pub fn bare(word: &str) -> &str {
    word.strip_prefix("r#").unwrap_or(word)
}

/// A bracket that is open.
struct Frame {
    node: NodeId,
    key: Option<NodeId>,
    value: Option<NodeId>,
}

/// Reads a text. The tree is missing when its brackets do not add up.
pub fn parse(text: &str) -> (Option<Tree<'_>>, Vec<Fault>) {
    let mut parser = Parser {
        text,
        nodes: Vec::with_capacity(text.len() / 8),
        frames: Vec::new(),
        root: None,
        faults: Vec::new(),
    };
    let complete = parser.run();
    let Parser {
        nodes,
        root,
        faults,
        ..
    } = parser;
    let tree = match (complete, root) {
        (true, Some(root)) => Some(Tree { text, nodes, root }),
        _ => None,
    };
    (tree, faults)
}

struct Parser<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    root: Option<NodeId>,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn fault(&mut self, at: usize, message: impl Into<String>) {
        self.faults.push(Fault {
            at,
            message: message.into(),
        });
    }

    /// Reads to the end. False when there is no sense in going on.
    fn run(&mut self) -> bool {
        let mut scanner = Scanner::new(self.text);
        loop {
            let (token, span) = match scanner.next() {
                Ok(Some(token)) => token,
                Ok(None) => return self.finish(),
                Err((at, message)) => {
                    self.fault(at, message);
                    return false;
                }
            };
            let going = match token {
                Token::Word => {
                    let open = scanner.bracket_ahead();
                    match open {
                        Some(open) => {
                            scanner.skip_to(open + 1);
                            self.open(Shape::Struct, Some(span), open)
                        }
                        None => self.value(Shape::Word, span),
                    }
                }
                Token::Number => self.value(Shape::Number, span),
                Token::Text => self.value(Shape::Text, span),
                Token::Other => self.value(Shape::Other, span),
                Token::Mark('(') => self.open(Shape::Struct, None, span.start),
                Token::Mark('[') => self.open(Shape::List, None, span.start),
                Token::Mark('{') => self.open(Shape::Map, None, span.start),
                Token::Mark(mark @ (')' | ']' | '}')) => self.close(mark, span.start),
                Token::Mark(':') => self.colon(span.start),
                Token::Mark(',') => self.comma(span.start),
                Token::Mark('=') => {
                    self.fault(span.start, "expected `:`, found `=`");
                    self.colon(span.start)
                }
                Token::Mark(mark) => {
                    self.fault(
                        span.start,
                        format!("`{}` makes no sense here", mark.escape_default()),
                    );
                    true
                }
            };
            if !going || self.faults.len() >= MAX_FAULTS {
                return false;
            }
        }
    }

    fn finish(&mut self) -> bool {
        if let Some(frame) = self.frames.last() {
            let open = self.nodes[frame.node].open;
            let bracket = &self.text[open..=open];
            self.fault(open, format!("this `{bracket}` is never closed"));
            return false;
        }
        if self.root.is_none() {
            self.fault(
                0,
                "the file is empty; a scenario starts with `Scenario(version: 1, …)`",
            );
        }
        self.root.is_some()
    }

    fn open(&mut self, shape: Shape, name: Option<Range<usize>>, open: usize) -> bool {
        let start = name.as_ref().map_or(open, |name| name.start);
        if self.frames.len() >= MAX_DEPTH {
            self.fault(
                open,
                format!("brackets are nested more than {MAX_DEPTH} deep"),
            );
            return false;
        }
        if !self.make_room(start) {
            return false;
        }
        self.frames.push(Frame {
            node: self.nodes.len(),
            key: None,
            value: None,
        });
        self.nodes.push(Node {
            shape,
            span: start..open + 1,
            name,
            open,
            items: Vec::new(),
            parent: None,
        });
        true
    }

    fn value(&mut self, shape: Shape, span: Range<usize>) -> bool {
        if !self.make_room(span.start) {
            return false;
        }
        let id = self.nodes.len();
        self.nodes.push(Node {
            shape,
            open: span.start,
            span,
            name: None,
            items: Vec::new(),
            parent: None,
        });
        self.put(id);
        true
    }

    /// A value is about to start: is one expected here?
    fn make_room(&mut self, at: usize) -> bool {
        let Some(frame) = self.frames.last() else {
            if self.root.is_some() {
                self.fault(at, "expected the end of the file after the scenario");
                return false;
            }
            return true;
        };
        let Some(before) = frame.value else {
            return true;
        };
        let is_struct = self.nodes[frame.node].shape == Shape::Struct;
        let is_map = self.nodes[frame.node].shape == Shape::Map;
        let end = self.nodes[before].span.end;
        let same_line = !self.text[end..at].contains('\n');
        let word = self.nodes[before].shape == Shape::Word;
        if frame.key.is_none() && (is_map || is_struct && word && same_line) {
            let found = clip(&self.text[self.nodes[before].span.clone()]);
            self.fault(end, format!("expected `:` after `{found}`"));
            self.colon_quietly();
        } else {
            self.fault(end, "expected `,` here");
            self.comma_quietly(None);
        }
        true
    }

    fn put(&mut self, value: NodeId) {
        match self.frames.last_mut() {
            Some(frame) => frame.value = Some(value),
            None => self.root = Some(value),
        }
    }

    fn colon(&mut self, at: usize) -> bool {
        let Some(frame) = self.frames.last() else {
            self.fault(at, "`:` makes no sense here");
            return true;
        };
        let shape = self.nodes[frame.node].shape;
        match (frame.key, frame.value) {
            (None, Some(value)) if shape == Shape::Map => {
                let _ = value;
                self.colon_quietly();
            }
            (None, Some(value)) if shape == Shape::Struct => {
                if self.nodes[value].shape != Shape::Word {
                    let found = clip(&self.text[self.nodes[value].span.clone()]).to_owned();
                    let start = self.nodes[value].span.start;
                    self.fault(
                        start,
                        format!("expected the name of a field, found `{found}`"),
                    );
                }
                self.colon_quietly();
            }
            (None, Some(_)) => {
                self.fault(at, "a list `[…]` has no names; expected `,`");
                self.comma_quietly(None);
            }
            _ => self.fault(at, "expected a name before `:`"),
        }
        true
    }

    fn colon_quietly(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.key = frame.value.take();
        }
    }

    fn comma(&mut self, at: usize) -> bool {
        match self.frames.last() {
            Some(frame) if frame.value.is_some() => self.comma_quietly(Some(at)),
            Some(Frame { key: Some(key), .. }) => {
                let key = *key;
                self.missing_value(key);
            }
            _ => self.fault(at, "`,` makes no sense here"),
        }
        true
    }

    fn missing_value(&mut self, key: NodeId) {
        let name = clip(&self.text[self.nodes[key].span.clone()]);
        let end = self.nodes[key].span.end;
        self.fault(end, format!("expected a value after `{name}:`"));
        if let Some(frame) = self.frames.last_mut() {
            frame.key = None;
        }
    }

    /// Ends the item in the innermost bracket.
    fn comma_quietly(&mut self, comma: Option<usize>) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let Some(value) = frame.value.take() else {
            return;
        };
        let key = frame.key.take();
        let node = frame.node;
        if key.is_none() && self.nodes[node].shape == Shape::Map {
            let found = clip(&self.text[self.nodes[value].span.clone()]).to_owned();
            let end = self.nodes[value].span.end;
            self.fault(end, format!("expected `:` and a value after `{found}`"));
            return;
        }
        let position = self.nodes[node].items.len();
        self.nodes[node].items.push(Item { key, value, comma });
        for part in key.into_iter().chain([value]) {
            self.nodes[part].parent = Some((node, position));
        }
    }

    fn close(&mut self, mark: char, at: usize) -> bool {
        let Some(frame) = self.frames.last() else {
            self.fault(at, format!("`{mark}` closes nothing"));
            return false;
        };
        let node = frame.node;
        let open = self.nodes[node].open;
        let expected = match self.nodes[node].shape {
            Shape::List => ']',
            Shape::Map => '}',
            _ => ')',
        };
        if mark != expected {
            let line = 1 + self.text[..open].matches('\n').count();
            let bracket = &self.text[open..=open];
            self.fault(
                at,
                format!(
                    "`{mark}` does not close the `{bracket}` of line {line}; expected `{expected}`"
                ),
            );
            return false;
        }
        match (frame.key, frame.value) {
            (Some(key), None) => self.missing_value(key),
            _ => self.comma_quietly(None),
        }
        self.nodes[node].span.end = at + 1;
        self.frames.pop();
        self.put(node);
        true
    }
}

/// The start of a text, short enough for a message.
pub fn clip(text: &str) -> &str {
    let text = text.split('\n').next().unwrap_or_default();
    match text.char_indices().nth(40) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let (_, faults) = parse(text);
        let found: Vec<_> = faults.iter().map(|f| (f.at, f.message.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn well_formed_text_has_no_faults() {
        check(
            "Scenario(version: 1, a: [1, 2.5, -3], b: {\"x\": (0, 1,), }, c: None,)",
            &[],
        );
        check("/* a /* b */ */ ( // c\n) // d", &[]);
        check(
            "(a: r#\"quote \" \"#, b: 'x', c: b\"x\", r#d: \"\\\"\", e: X (1))",
            &[],
        );
    }

    #[test]
    fn spans_are_exact() {
        let text = "S( a : [ 1 ] , b: T(\"x\"))";
        let (tree, _) = parse(text);
        let tree = tree.unwrap();
        let a = tree.nodes[tree.root].items[0];
        assert_eq!(tree.text_of(a.value), "[ 1 ]");
        assert_eq!(&text[a.comma.unwrap()..][..1], ",");
        let b = tree.nodes[tree.root].items[1];
        assert_eq!(tree.text_of(b.value), "T(\"x\")");
        assert_eq!(tree.name_of(b.value), Some("T"));
        assert_eq!(tree.nodes[b.value].parent, Some((tree.root, 1)));
    }

    #[test]
    fn faults_say_what_is_expected() {
        check(
            "",
            &[(
                0,
                "the file is empty; a scenario starts with `Scenario(version: 1, …)`",
            )],
        );
        check("(a: 1 b: 2)", &[(5, "expected `,` here")]);
        check(
            "(a 1, b = 2)",
            &[
                (2, "expected `:` after `a`"),
                (8, "expected `:`, found `=`"),
            ],
        );
        check(
            "(a: , b: )",
            &[
                (2, "expected a value after `a:`"),
                (7, "expected a value after `b:`"),
            ],
        );
        check(
            "(a: [1, 2)",
            &[(9, "`)` does not close the `[` of line 1; expected `]`")],
        );
        check("(a: [1, 2]", &[(0, "this `(` is never closed")]);
        check(
            "{\"a\" 1, \"b\"}",
            &[
                (4, "expected `:` after `\"a\"`"),
                (11, "expected `:` and a value after `\"b\"`"),
            ],
        );
        check("())", &[(2, "`)` closes nothing")]);
        check(
            "() ()",
            &[(3, "expected the end of the file after the scenario")],
        );
        check("(a: \"x)", &[(4, "this quote is never closed")]);
        check(
            "(a: 1, , b: %)",
            &[
                (7, "`,` makes no sense here"),
                (12, "`%` makes no sense here"),
                (10, "expected a value after `b:`"),
            ],
        );
        check("/* x", &[(0, "this comment is never closed")]);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = "[".repeat(100_000);
        let (tree, faults) = parse(&text);
        assert!(tree.is_none());
        assert_eq!(faults[0].message, "brackets are nested more than 64 deep");
    }
}
