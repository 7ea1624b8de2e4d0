//! What must not compile: every way around the clearance desk. The compiler's words are kept beside each case.
//!
//! All of it is in the pure core, where little has to be built for it:
//! `cargo test --no-default-features --test compile_fail`.
#![cfg(not(feature = "app"))]

#[test]
fn nothing_is_cleared_but_by_the_desk() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/cleared_*.rs");
}
