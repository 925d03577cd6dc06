mod errors;
mod limits;
mod saving;

use super::*;

/// The files of `tests/data`, which must load and save unchanged for ever.
const EXAMPLES: [&str; 3] = [
    include_str!("../../../tests/data/mm1.ron"),
    include_str!("../../../tests/data/url_shortener.ron"),
    include_str!("../../../tests/data/central_server.ron"),
];

/// Loads a text that has no problems.
fn document(text: &str) -> Document {
    let (document, problems) = load(text);
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, [""; 0], "{text}");
    document.unwrap()
}
