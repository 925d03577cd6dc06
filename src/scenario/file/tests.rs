mod beside;
mod errors;
mod generated;
mod limits;
mod saving;
mod sizes;

use super::*;

/// The files of `tests/data`, which must load and save unchanged for ever.
const EXAMPLES: [&str; 3] = [
    include_str!("../../../tests/data/mm1.ron"),
    include_str!("../../../tests/data/url_shortener.ron"),
    include_str!("../../../tests/data/central_server.ron"),
];

/// Loads a text without errors.
fn document(text: &str) -> Document {
    let (document, problems) = load(text);
    assert!(
        crate::scenario::problem::can_run(&problems),
        "{problems:?} in {text}"
    );
    document.unwrap()
}
