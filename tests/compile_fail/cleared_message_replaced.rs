//! What was cleared cannot be changed afterwards.

use occto::notice::Cleared;

fn forge(cleared: &mut Cleared<String>) {
    cleared.message = "another".to_owned();
    cleared.message().push_str("more");
}

fn main() {}
