fn main() {
    env_logger::init();
    if let Err(e) = littlebox::window::run(std::env::args_os().nth(1).map(Into::into)) {
        eprintln!("{e}");
        std::process::exit(2)
    }
}
