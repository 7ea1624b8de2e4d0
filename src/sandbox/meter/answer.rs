//! 取得要求への応答: what an operator's download system says, and what goes wrong with it.

use super::{FileFaultKind, FileFaultOn, MeterFiles};
use crate::items::{Area, Code as _, Date};

/// The cookie of a session.
const COOKIE: &str = "SANDBOXSESSION";
const PAGE: &str =
    "<!DOCTYPE html><html lang=\"ja\"><title>メンテナンス中</title><p>ただいまメンテナンス中です。</p></html>";
const ENTRANCE: &str =
    "<!DOCTYPE html><html lang=\"ja\"><title>トップ</title><p>メニューからお進みください。</p></html>";

/// What is asked of a download system.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Asked<'a> {
    /// Whether it is a `POST`.
    pub post: bool,
    /// The path, `/operator/03/40113/FileListReceiver`.
    pub path: &'a str,
    /// The query, `file=…`.
    pub query: &'a str,
    /// The cookies.
    pub cookies: &'a str,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum MeterAnswer {
    /// A text, and a cookie to keep.
    Text(String, Option<String>),
    /// A page for people.
    Page(&'static str, Option<String>),
    /// A file.
    File(Vec<u8>),
    /// All of it, with a silence halfway.
    Slowly(Vec<u8>),
    /// The first half of it, then the connection breaks.
    Broken(Vec<u8>),
    /// A status alone.
    Status(u16),
}

impl MeterFiles {
    /// Answers on a day.
    pub(in super::super) fn answer(&self, asked: Asked<'_>, today: Date) -> MeterAnswer {
        let nth = {
            let mut state = self.state();
            state.requests += 1;
            state.requests
        };
        let Some((area, rest)) = asked.path.strip_prefix("/operator/").and_then(|rest| rest.split_once('/')) else {
            return MeterAnswer::Status(404);
        };
        let Some(area) = Area::from_key(area) else { return MeterAnswer::Status(404) };
        let last = rest.rsplit('/').next().unwrap_or_default();
        let (what, action) = last.strip_suffix(".action").map_or((last, false), |what| (what, true));
        let wants_session = area == Area::Shikoku;
        if wants_session && let Some(page) = self.session(asked, what, nth) {
            return page;
        }
        match (asked.post, what) {
            (false, "FileListReceiver" | "FileReceiver") if action != wants_session => MeterAnswer::Status(404),
            (false, "FileListReceiver") => self.listing(area, today, nth),
            (false, "FileReceiver") => self.file(area, today, asked.query, nth),
            _ => MeterAnswer::Status(404),
        }
    }

    /// The pages of a session; nothing where the session is open and something else is asked for.
    fn session(&self, asked: Asked<'_>, what: &str, nth: u64) -> Option<MeterAnswer> {
        let mut state = self.state();
        let said = state.session.map(|(number, _)| format!("{COOKIE}={number}"));
        let known = said.is_some_and(|said| asked.cookies.split("; ").any(|cookie| cookie == said));
        match (asked.post, what) {
            (false, "") => {
                // A new session ends the one before it.
                state.session = Some((nth, false));
                Some(MeterAnswer::Page(ENTRANCE, Some(format!("{COOKIE}={nth}; Path=/; HttpOnly"))))
            }
            (true, "Menu1") if known => {
                state.session = state.session.map(|(number, _)| (number, true));
                Some(MeterAnswer::Page(ENTRANCE, None))
            }
            _ if known && state.session.is_some_and(|(_, open)| open) => None,
            _ => Some(MeterAnswer::Page(ENTRANCE, None)),
        }
    }

    fn strike(&self, area: Area, on: FileFaultOn, nth: u64) -> Option<FileFaultKind> {
        let seed = self.seed;
        self.state().faults.iter_mut().find_map(|armed| armed.strikes(area, on, seed, nth))
    }

    fn listing(&self, area: Area, today: Date, nth: u64) -> MeterAnswer {
        let fault = self.strike(area, FileFaultOn::Listing, nth);
        let mut entries: Vec<(String, usize)> = Vec::new();
        for held in self.held(area, today) {
            entries.push((held.name.zip(), self.zip(area, held).len()));
        }
        match fault {
            Some(FileFaultKind::WrongSize) => {
                if let Some((_, size)) = entries.first_mut() {
                    *size += 7;
                }
            }
            Some(FileFaultKind::DuplicateListing) => entries.extend(entries.clone()),
            Some(FileFaultKind::HostileNames) => {
                for name in ["../../escaped.zip", "/etc/passwd", "W51310202604010000000.zip", "a\tb", "CON", ""] {
                    entries.push((name.to_owned(), 4));
                }
                entries.push((format!("W4{}.zip", "0".repeat(5000)), 4));
            }
            _ => {}
        }
        let pairs: Vec<String> = entries
            .iter()
            .enumerate()
            .map(|(n, (name, size))| format!("rfilename{n}:\"{name}\",rfilesize{n}:\"{size}\""))
            .collect();
        let text = format!("<result>OK</result><comment>{}</comment>\r\n", pairs.join(","));
        match fault {
            Some(FileFaultKind::Revision) => {
                self.state().revised.insert(area);
                MeterAnswer::Text(text, None)
            }
            Some(FileFaultKind::Replacement) => {
                self.state().replaced.insert(area);
                MeterAnswer::Text(text, None)
            }
            Some(fault) => struck(fault, text.clone().into_bytes(), || self.state().session = None)
                .unwrap_or(MeterAnswer::Text(text, None)),
            None => MeterAnswer::Text(text, None),
        }
    }

    fn file(&self, area: Area, today: Date, query: &str, nth: u64) -> MeterAnswer {
        let Some(name) = query.split('&').find_map(|pair| pair.strip_prefix("file=")) else {
            return MeterAnswer::Status(400);
        };
        self.state().asked.push(name.to_owned());
        let Some(octets) = self.octets(area, today, name) else { return MeterAnswer::Status(404) };
        match self.strike(area, FileFaultOn::File, nth) {
            Some(fault) => {
                struck(fault, octets.clone(), || self.state().session = None).unwrap_or(MeterAnswer::File(octets))
            }
            None => MeterAnswer::File(octets),
        }
    }
}

/// What a fault makes of an answer; nothing where it leaves the answer as it is.
fn struck(fault: FileFaultKind, mut octets: Vec<u8>, forget: impl FnOnce()) -> Option<MeterAnswer> {
    match fault {
        FileFaultKind::Truncated => {
            octets.truncate(octets.len() / 2);
            Some(MeterAnswer::File(octets))
        }
        FileFaultKind::Damaged => {
            // In the middle of the deflated data: the directory stays as it was.
            let middle = octets.len() / 3;
            for octet in octets.iter_mut().skip(middle).take(8) {
                *octet ^= 0x55;
            }
            Some(MeterAnswer::File(octets))
        }
        FileFaultKind::Slow => Some(MeterAnswer::Slowly(octets)),
        FileFaultKind::Reset => Some(MeterAnswer::Broken(octets)),
        FileFaultKind::Error => Some(MeterAnswer::Status(500)),
        FileFaultKind::Maintenance => Some(MeterAnswer::Page(PAGE, None)),
        FileFaultKind::SessionLost => {
            forget();
            Some(MeterAnswer::Page(ENTRANCE, None))
        }
        _ => None,
    }
}
