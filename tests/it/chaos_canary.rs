//! What was planted to be found where it must not be: passwords, keys and the data of customers.

use crate::http::secret_file;
use crate::line::personal_data;
use crate::pki::{ALWAYS, Ca, p12};
use occto::sandbox::World;
use std::path::Path;

/// The password of the database.
pub const PASSWORD: &str = "canary-password-7Q";
/// The password of a `.p12`.
const OF_P12: &str = "canary-p12-4X";
/// The files that secrets are kept in.
const KEPT: [&str; 5] = ["client.key", "client.pass", "client.p12", "p12.pem", "master.key"];

/// The identities that every worker of a run opens, and what must never be read of them.
pub struct Secrets {
    words: Vec<String>,
    /// The counterparty of the configuration that has the identity in a `.p12`; empty where there is no openssl.
    pub line: String,
}

impl Secrets {
    /// Makes the identities in a folder.
    pub fn planted(dir: &Path, address: &str) -> Secrets {
        let client = Ca::new("chaos").issue(&[], ALWAYS);
        std::fs::write(dir.join("client.pem"), &client.pem).unwrap();
        secret_file(&dir.join("client.key"), client.key_pem.as_bytes());
        // The second line begins in the middle of what is secret; the first is the same for every key, and the last holds
        // the public part, which stands in the certificate too.
        let key = client.key_pem.lines().nth(2).unwrap()[..20].to_owned();
        let words = vec![key, PASSWORD.to_owned(), OF_P12.to_owned()];
        let mut line = String::new();
        if p12(dir, "client.p12", &client, OF_P12, &[]) {
            secret_file(&dir.join("client.pass"), OF_P12.as_bytes());
            line = format!(
                "[counterparty.\"retailer:40999\"]\nurl = \"{address}\"\nclient-certificate = \"client.p12\"\n\
                 client-password-file = \"client.pass\"\n"
            );
        }
        Secrets { words, line }
    }

    /// Not one planted datum stands in anything that the run left or told: logs, errors, panics, metrics, traces, file
    /// names. The store, the file of applications and the files of the secrets are what they are kept in; nothing else is
    /// left out.
    pub fn nowhere(mut self, dir: &Path, told: &str, world: &World) {
        let master = std::fs::read_to_string(dir.join("data.keys").join("master.key")).unwrap();
        assert!(master.trim().len() > 40, "the key of the encryption is another thing than this test thinks");
        self.words.push(master.trim().to_owned());
        let mut world = world.clone();
        let every = world.points.len().div_ceil(200);
        world.points = world.points.into_iter().step_by(every).collect();
        let (personal, kinds) = personal_data(&world);
        let clean = |place: &str, text: &str| {
            let out = personal.find(&without_numbers(text)).map(|found| kinds[found.pattern().as_usize()]);
            assert_eq!(out, None, "personal data got out: {place}");
            let out = self.words.iter().position(|word| text.contains(word.as_str()));
            assert_eq!(out, None, "a password or a key got out: {place}");
        };
        clean("told", told);
        let mut read = 0;
        let mut folders = vec![dir.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                clean("a name", &name);
                if path.is_dir() {
                    folders.push(path);
                } else if !name.starts_with("occto.sqlite")
                    && name != "applications.csv"
                    && !KEPT.contains(&name.as_str())
                {
                    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                    assert!(!text.contains("panicked"), "{text}");
                    clean(&name, &text);
                    read += 1;
                }
            }
        }
        assert!(read > 4, "only {read} files");
    }
}

/// A text without its moments in nanoseconds and its numbers of spans, in which any ten digits may stand by chance. None
/// of the data is as long as one of them.
fn without_numbers(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| !matches!(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len(), 16 | 19 | 32))
        .collect()
}
