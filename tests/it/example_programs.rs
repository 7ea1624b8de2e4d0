//! The programs of `examples/` do what they say: each ends well, and its own assertions hold.

#[path = "../../examples/clear_a_message.rs"]
mod clear_a_message;
#[cfg(feature = "app")]
#[path = "../../examples/ingest_a_day.rs"]
mod ingest_a_day;
#[cfg(feature = "app")]
#[path = "../../examples/judge_a_cancellation.rs"]
mod judge_a_cancellation;
#[path = "../../examples/share_a_portfolio.rs"]
mod share_a_portfolio;
#[path = "../../examples/write_a_binding.rs"]
mod write_a_binding;

#[test]
fn a_message_is_cleared() {
    clear_a_message::main().unwrap();
}

#[cfg(feature = "app")]
#[test]
fn cancellations_are_judged() {
    judge_a_cancellation::main().unwrap();
}

#[cfg(feature = "app")]
#[test]
fn a_day_is_taken_in() {
    ingest_a_day::main().unwrap();
}

#[test]
fn a_binding_is_written() {
    write_a_binding::main().unwrap();
}

#[test]
fn a_portfolio_is_shared() {
    share_a_portfolio::main().unwrap();
}
