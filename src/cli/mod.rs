//! The command line: arguments, progress, tables, exit codes.

pub mod table;
