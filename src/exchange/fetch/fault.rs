//! 取得の失敗: what went wrong with one request, and — apart from the sending — what is done about it.

use super::super::gate::Growing;
use super::super::trouble::{Trouble, TroubleKind};
use super::source::Source;
use crate::rules::{Finding, codes};
use crate::store::cause_ja;
use crate::wire::archive::ArchiveError;
use crate::wire::listing::ListingError;
use std::io;
use std::time::Duration;

/// The longest wait before something is asked for again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What went wrong with one request.
#[derive(Debug)]
pub(super) enum Fault {
    /// The line: no connection, silence, an answer that broke off, a certificate, a gate that is shut.
    Line(Trouble),
    /// An HTTP status that is no success, and when to come again if it says so.
    Status(u16, Option<Duration>),
    /// A redirect, which is not followed.
    Redirect(Trouble),
    /// A page for people in place of data.
    Page,
    /// More octets than the limit.
    TooLarge(u64),
    /// An answer that is no listing.
    Listing(ListingError),
    /// Another size than the listing said.
    Size {
        /// By the listing.
        listed: u64,
        /// As it came.
        got: u64,
    },
    /// A damaged zip.
    Archive(ArchiveError),
    /// Our own disk.
    Disk(io::Error),
}

/// What is done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is asked for again after a while.
    Again(Duration),
    /// The session is opened anew, then it is asked for again.
    Renew,
    /// The listing no longer holds: it is asked for anew.
    Gone,
    /// This file is given up.
    GiveUp,
    /// The operator is given up for this time.
    Stop,
    /// Nothing more can be kept.
    Abort,
}

/// What is done about a fault that is the `failures`-th of one request; `renewable` where a session could be renewed.
///
/// It is asked for again after a time that doubles, with some `chance` in it, so that not all come again at once.
pub(super) fn next(fault: &Fault, failures: u32, renewable: bool, source: &Source, chance: u64) -> Next {
    let again = |least: Duration| {
        if failures >= source.attempts {
            return Next::GiveUp;
        }
        let growing: Growing = source.access.policy.backoff;
        Next::Again(growing.nth(failures.saturating_sub(1), chance).max(least))
    };
    match fault {
        Fault::Disk(_) => Next::Abort,
        Fault::Line(trouble) if !may_pass(trouble.kind) => Next::Stop,
        // A session that is lost shows itself as a refusal, a way back to the entrance, or its page.
        Fault::Status(401 | 403, _) | Fault::Redirect(_) | Fault::Page | Fault::Listing(ListingError::Html) => {
            if renewable {
                Next::Renew
            } else {
                Next::Stop
            }
        }
        Fault::Status(404 | 410, _) => Next::Gone,
        Fault::Status(_, Some(wait)) if *wait > LONGEST_WAIT => Next::Stop,
        Fault::Status(408 | 429 | 500..=599, wait) => again(wait.unwrap_or_default()),
        Fault::Status(..) | Fault::TooLarge(_) => Next::GiveUp,
        Fault::Listing(ListingError::NoComment | ListingError::BrokenOff)
        | Fault::Line(_)
        | Fault::Size { .. }
        | Fault::Archive(_) => again(Duration::ZERO),
    }
}

/// Whether a trouble of the line may be gone a moment later: neither a certificate nor a gate changes so soon.
const fn may_pass(kind: TroubleKind) -> bool {
    matches!(
        kind,
        TroubleKind::Connection
            | TroubleKind::Name
            | TroubleKind::Proxy
            | TroubleKind::Timeout
            | TroubleKind::Broken
            | TroubleKind::Tls
    )
}

impl Fault {
    /// Whether the line is at fault, rather than what came over it.
    pub(super) const fn is_of_the_line(&self) -> bool {
        matches!(self, Fault::Line(_) | Fault::Status(408 | 429 | 500..=599, _))
    }

    /// The fault of a listing as a finding.
    pub(super) fn of_listing(&self) -> Finding {
        match self {
            Fault::Status(status @ 404..=410, _) => codes::FETCH_REFUSED.finding(
                format!("ファイル一覧がありません（HTTP {status}）"),
                format!("there is no listing (HTTP {status})"),
            ),
            _ => self.finding(),
        }
    }

    /// The fault as a finding.
    pub(super) fn finding(&self) -> Finding {
        let of = |ja: &str, en: &str| codes::FETCH_UNREACHABLE.finding(ja, en);
        match self {
            Fault::Line(trouble) => of_line(trouble),
            Fault::Status(status @ (401 | 403), _) => codes::FETCH_REFUSED
                .finding(format!("拒否されました（HTTP {status}）"), format!("refused (HTTP {status})")),
            Fault::Redirect(trouble) => of_redirect(&trouble.detail),
            Fault::Status(status, Some(wait)) if *wait > LONGEST_WAIT => codes::FETCH_CLOSED.finding(
                format!("受付を停止しています（HTTP {status}、{}秒後に再開）", wait.as_secs()),
                format!("closed (HTTP {status}, again in {} seconds)", wait.as_secs()),
            ),
            Fault::Status(status @ 500..=599, _) => {
                of(&format!("エラーが返りました（HTTP {status}）"), &format!("an error came back (HTTP {status})"))
            }
            Fault::Status(status, _) => {
                let (ja, en) = (format!("取得できません（HTTP {status}）"), format!("not given (HTTP {status})"));
                codes::FETCH_FAILED.finding(ja, en)
            }
            Fault::Page | Fault::Listing(ListingError::Html) => codes::FETCH_CLOSED
                .finding("データの代わりにHTML画面が返りました", "an HTML page came in place of data"),
            Fault::TooLarge(most) => codes::FETCH_TOO_LARGE
                .finding(format!("応答が{most}バイトを超えます"), format!("more than {most} bytes")),
            Fault::Listing(error) => codes::FETCH_LISTING.finding(error.ja(), error.en()),
            Fault::Size { listed, got } => codes::FETCH_SIZE.finding(
                format!("大きさが一覧と違います（一覧{listed}バイト、実際{got}バイト）"),
                format!("the listing says {listed} bytes, {got} came"),
            ),
            Fault::Archive(error) => codes::FETCH_DAMAGED.finding(error.ja(), error.en()),
            Fault::Disk(error) => codes::NOT_WRITTEN.finding(
                format!("データフォルダに書き込めません（{}）", cause_ja(error.kind())),
                format!("cannot write to the data folder: {}", error.kind()),
            ),
        }
    }
}

/// A trouble of the line as a finding, its cause and way out with it.
fn of_line(trouble: &Trouble) -> Finding {
    let rule = match trouble.kind {
        TroubleKind::Closed | TroubleKind::Waiting => &codes::FETCH_CLOSED,
        TroubleKind::ClientRefused | TroubleKind::ClientExpired | TroubleKind::ClientNotYet => &codes::FETCH_REFUSED,
        _ => &codes::FETCH_UNREACHABLE,
    };
    let cause = trouble.finding();
    let mut finding = rule.finding(cause.ja, cause.en);
    (finding.way_out_ja, finding.way_out_en) = (cause.way_out_ja, cause.way_out_en);
    finding
}

/// A redirect as a finding: that it came, to which host, and why it is not followed.
fn of_redirect(detail: &str) -> Finding {
    let mut finding = codes::FETCH_REFUSED.finding(
        format!("転送を指示されましたが、証明書などの認証情報を別の場所に渡さないため従いません（{detail}）"),
        format!("a redirect came; it is not followed, as credentials go to nobody else ({detail})"),
    );
    let (ja, en) = (
        "転送先が正しいか相手方に確認し、正しければ接続設定の host（同じホストの中なら prefix・session）を直してください",
        "ask the operator whether it is right, then correct `host` in the configuration, or `prefix` and `session` for a redirect within one host",
    );
    (finding.way_out_ja, finding.way_out_en) = (ja.into(), en.into());
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::ExchangeConfig;
    use std::path::Path;

    fn source() -> Source {
        let text = "retailer = \"40113\"\n[download.\"03\"]\nhost = \"https://x.example\"\nretry-delay = 2\n";
        ExchangeConfig::parse(text, Path::new("")).unwrap().sources.remove(0)
    }

    #[test]
    fn what_may_pass_is_asked_for_again_and_only_so_often() {
        let source = source();
        let timeout = || Fault::Line(Trouble::new(TroubleKind::Timeout, ""));
        let seconds = |failures| next(&timeout(), failures, true, &source, 7);
        let between = |next: Next, least: u64, most: u64| {
            let Next::Again(wait) = next else { panic!("{next:?}") };
            assert!((Duration::from_secs(least)..=Duration::from_secs(most)).contains(&wait), "{wait:?}");
        };
        between(seconds(1), 2, 4);
        between(seconds(3), 8, 16);
        assert_eq!(seconds(4), Next::GiveUp);
        let mut patient = source.clone();
        patient.attempts = 100;
        between(next(&timeout(), 90, false, &patient, 7), 30, 60);
        for fault in [timeout(), Fault::Status(500, None), Fault::Size { listed: 1, got: 2 }] {
            assert!(matches!(next(&fault, 1, false, &source, 7), Next::Again(_)), "{fault:?}");
        }
    }

    #[test]
    fn what_will_not_pass_is_not() {
        let source = source();
        let after = |fault: Fault, renewable| next(&fault, 1, renewable, &source, 7);
        assert_eq!(after(Fault::Page, false), Next::Stop);
        assert_eq!(after(Fault::Page, true), Next::Renew);
        let redirect = || Fault::Redirect(Trouble::new(TroubleKind::Redirect, "HTTP 302 to the same host"));
        assert_eq!((after(redirect(), true), after(redirect(), false)), (Next::Renew, Next::Stop));
        assert_eq!(after(Fault::Status(403, None), false), Next::Stop);
        assert_eq!(after(Fault::Status(404, None), true), Next::Gone);
        assert_eq!(after(Fault::Status(400, None), true), Next::GiveUp);
        assert_eq!(after(Fault::TooLarge(1), true), Next::GiveUp);
        for kind in [TroubleKind::ClientRefused, TroubleKind::ServerExpired, TroubleKind::OldTls, TroubleKind::Waiting]
        {
            assert_eq!(after(Fault::Line(Trouble::new(kind, "")), true), Next::Stop, "{kind:?}");
        }
        assert_eq!(after(Fault::Disk(io::ErrorKind::StorageFull.into()), true), Next::Abort);
        let in_a = |seconds| Fault::Status(503, Some(Duration::from_secs(seconds)));
        assert_eq!(after(in_a(30), false), Next::Again(Duration::from_secs(30)));
        assert_eq!(after(in_a(3600), false), Next::Stop);
        assert_eq!(in_a(3600).finding().code, "OC1081");
    }
}
