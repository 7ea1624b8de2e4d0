//! 出力: what is printed. A reader that has seen enough (`occto … | head`) is not an error.

use std::fmt;
use std::io::{self, Write as _};

/// Prints to the standard output.
pub fn print(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("occto: 表示できません / cannot print: {error}");
            std::process::exit(2);
        }
    }
}

/// Prints a line.
macro_rules! say {
    ($($part:tt)*) => { $crate::cli::out::print(format_args!("{}\n", format_args!($($part)*))) };
}
pub(crate) use say;
