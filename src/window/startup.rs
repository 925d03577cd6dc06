//! What goes wrong before there is a window, in sentences that say what to do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::WindowError;

/// Runs `open`, which sets the flag once there is a window.
///
/// The libraries below panic when one of the system's is missing: until there is a window, that is
/// an error like any other.
pub fn open(open: impl FnOnce(&Arc<AtomicBool>) -> Result<(), String>) -> Result<(), WindowError> {
    let has_started = Arc::new(AtomicBool::new(false));
    let message = Arc::new(Mutex::new(String::new()));
    let usual_hook = Arc::new(std::panic::take_hook());
    let (started, last, hook) = (
        Arc::clone(&has_started),
        Arc::clone(&message),
        Arc::clone(&usual_hook),
    );
    std::panic::set_hook(Box::new(move |panic| {
        if started.load(Ordering::Relaxed) {
            hook(panic);
        } else {
            *last.lock().unwrap_or_else(PoisonError::into_inner) =
                panic.payload_as_str().unwrap_or_default().to_owned();
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(|| open(&has_started)));
    drop(std::panic::take_hook());
    match result {
        Ok(result) => result.map_err(|error| WindowError(explain(&error))),
        Err(panic) if has_started.load(Ordering::Relaxed) => resume_unwind(panic),
        Err(_) => {
            let message = message.lock().unwrap_or_else(PoisonError::into_inner);
            Err(WindowError(explain(&message)))
        }
    }
}

/// The program's icon: two boxes and an arrow between them.
pub fn icon() -> egui::IconData {
    const SIDE: u32 = 64;
    let theme = &super::theme::DARK;
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let inside = |x0, y0, x1, y1| (x0..x1).contains(&x) && (y0..y1).contains(&y);
            // A head as high as it is wide, with its tip at 43.
            let head = (34..43).contains(&x) && y.abs_diff(31) < (43 - x);
            let color = if inside(8, 20, 22, 44) {
                theme.operation(1)
            } else if inside(44, 20, 58, 44) {
                theme.operation(0)
            } else if inside(22, 30, 35, 33) || head {
                theme.text
            } else {
                theme.card
            };
            rgba.extend(color.to_array());
        }
    }
    egui::IconData {
        rgba,
        width: SIDE,
        height: SIDE,
    }
}

/// What a person can do about an error of the libraries below.
fn explain(error: &str) -> String {
    let error = without_place(error);
    let lower = error.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let advice = if has(&[
        "wayland_display",
        "$display",
        "no display",
        "open display",
        "x server",
        "wayland compositor",
        "xopendisplay",
    ]) {
        "There is no display. Start Littlebox in a graphical session, or use `littlebox run FILE` \
         without a window"
    } else if has(&["libx", "xlib", "xcb", "xkb", "x11"]) {
        "A library of the X window system is missing. On Debian and Ubuntu: apt install libx11-6 \
         libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon-x11-0"
    } else if has(&["gl", "opengl", "config"]) {
        "OpenGL is missing. On Debian and Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri"
    } else {
        "The window can't be opened. `littlebox run FILE` works without one"
    };
    format!("{advice} ({error})")
}

/// The error without where in which file of which library it came up.
fn without_place(error: &str) -> &str {
    error
        .split_once(".rs:")
        .and_then(|(_, rest)| rest.split_once(": "))
        .map_or(error, |(_, message)| message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        for (error, advice) in [
            (
                "neither WAYLAND_DISPLAY nor WAYLAND_SOCKET nor DISPLAY is set.",
                "no display",
            ),
            ("Failed to open display: $DISPLAY is not set", "no display"),
            (
                "Library libxkbcommon-x11.so could not be loaded.",
                "libxkbcommon-x11-0",
            ),
            ("libX11.so.6: cannot open shared object file", "libx11-6"),
            ("Found no glutin configs matching the template", "libgl1"),
            ("the moon is full", "littlebox run FILE"),
        ] {
            let sentence = explain(error);
            assert!(
                sentence.contains(advice) && sentence.contains(error),
                "{sentence}"
            );
        }
    }

    #[test]
    fn where_it_came_up_is_left_out() {
        let error = "os error at /somewhere/linux/mod.rs:765: DISPLAY is not set.";
        assert_eq!(without_place(error), "DISPLAY is not set.");
        assert_eq!(without_place("plain"), "plain");
    }

    #[test]
    fn a_panic_before_the_window_is_an_error() {
        let result = open(|_| panic!("Library libxkbcommon-x11.so could not be loaded."));
        assert!(result.unwrap_err().to_string().contains("apt install"));
        assert!(open(|_| Ok(())).is_ok());
    }
}
