//! What must not compile: every way around the clearance desk. The compiler's words are kept beside each case.

#[test]
fn nothing_is_cleared_but_by_the_desk() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/cleared_*.rs");
}
