//! The rooms of the house: a room uses only rooms below it, a file is one room, nothing is left for later.

use std::path::{Path, PathBuf};

/// Lowest first, as the plan of the house lists them.
const ROOMS: [&str; 12] = [
    "items", "calendar", "notice", "messages", "rules", "baseline", "wire", "store", "exchange", "desk", "sandbox",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 30, "sources not found");
    found
}

fn room_of(path: &Path) -> Option<usize> {
    let relative = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = relative.components().next()?.as_os_str().to_str()?;
    ROOMS.iter().position(|room| *room == first)
}

/// Every `crate::room` that a text names, in `use` lines, paths and macros.
fn rooms_used(text: &str) -> Vec<&str> {
    text.split("crate::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next()).collect()
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let mut steps = Vec::new();
    for (path, text) in sources() {
        let Some(own) = room_of(&path) else { continue };
        for used in rooms_used(&text) {
            if let Some(other) = ROOMS.iter().position(|room| *room == used) {
                let sandbox_from_below = used == "sandbox" && own < other;
                if other > own || sandbox_from_below {
                    steps.push(format!("{} uses {used}", path.display()));
                }
            }
        }
    }
    assert!(steps.is_empty(), "steps in the wrong direction: {steps:#?}");
}

#[test]
fn the_check_sees_a_wrong_step() {
    assert_eq!(rooms_used("use crate::wire::charset; crate::store::x()"), ["wire", "store"]);
}

#[test]
fn every_room_of_the_source_is_in_the_plan() {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            assert!(ROOMS.contains(&name.as_str()), "`{name}` is not a room of the plan");
        }
    }
}

#[test]
fn a_file_is_one_room() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "over 400 lines: {long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for word in ["todo!", "unimplemented!", "TODO", "FIXME"] {
            if text.contains(word) {
                found.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
