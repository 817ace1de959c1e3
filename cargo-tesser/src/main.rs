//! `cargo-tesser`, which cargo runs as `cargo tesser`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_tesser::cli::main(std::env::args_os())
}
