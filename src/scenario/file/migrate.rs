//! Files of earlier versions become files of this one, a version at a time.

use std::borrow::Cow;

use crate::scenario::VERSION;

/// A step of the chain: the text of a file, one version newer. What it does not understand it
/// leaves as it is; the checks that follow say what is wrong with it.
pub type Step = fn(&str) -> String;

/// The chain: the step at position 0 leads from version 1 to version 2, and so on. Version 1 is
/// the newest, so there is none yet.
pub const STEPS: [Step; VERSION as usize - 1] = [];

/// A text at the newest version, or why there is none.
///
/// # Errors
/// A sentence when the version is newer than the chain reaches, or does not exist.
pub fn to_newest<'a>(text: &'a str, version: u64, steps: &[Step]) -> Result<Cow<'a, str>, String> {
    let newest = steps.len() as u64 + 1;
    if version == 0 {
        return Err("there is no version 0; the first is version 1".to_owned());
    }
    if version > newest {
        return Err(format!(
            "this file is version {version}; this program reads up to version {newest}: open it with a newer Littlebox"
        ));
    }
    let mut text = Cow::Borrowed(text);
    for step in steps.iter().skip(version as usize - 1) {
        text = Cow::Owned(step(&text));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(text: &str) -> String {
        text.replace("version: 1", "version: 2")
            .replace("old", "new")
    }

    fn three(text: &str) -> String {
        text.replace("version: 2", "version: 3")
            .replace("new", "newer")
    }

    #[test]
    fn every_step_from_the_file_on_is_taken() {
        let steps: [Step; 2] = [two, three];
        let check = |text, version, expected: &str| {
            assert_eq!(to_newest(text, version, &steps).unwrap(), expected);
        };
        check("(version: 1, old: 1)", 1, "(version: 3, newer: 1)");
        check("(version: 2, new: 1)", 2, "(version: 3, newer: 1)");
        check("(version: 3, newer: 1)", 3, "(version: 3, newer: 1)");
    }

    #[test]
    fn versions_that_do_not_exist_are_refused() {
        let check = |version, expected: &str| {
            assert_eq!(to_newest("", version, &STEPS).unwrap_err(), expected);
        };
        check(0, "there is no version 0; the first is version 1");
        check(
            3,
            "this file is version 3; this program reads up to version 1: open it with a newer Littlebox",
        );
    }
}
