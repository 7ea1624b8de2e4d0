//! The binary `occto`.

use std::process::ExitCode;

fn main() -> ExitCode {
    occto::cli::main()
}
