//! 障害: why there is no answer, by the layer it happened in, with its cause and the way out.

use super::gate::Waiting;
use crate::items::Code as _;
use crate::rules::{Finding, Rule, codes};

/// 障害: why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The kind.
    pub kind: TroubleKind,
    /// A short technical text without personal data, for example `HTTP 503`.
    pub detail: String,
}

crate::code_set! {
    /// 応答の層: how far an answer came. Each is judged by itself: that a page came says nothing about an application.
    pub enum Layer = "layer" {
        Own = "own", "自社側", "our own side";
        Transport = "transport", "伝送", "transport";
        Http = "http", "HTTP", "HTTP";
        Envelope = "envelope", "封筒", "envelope";
        Business = "business", "業務", "business result";
    }
}

crate::code_set! {
    /// 障害種別.
    pub enum TroubleKind = "trouble" {
        Connection = "connection", "接続できません", "no connection";
        Name = "name", "ホスト名を解決できません", "the name of the host is not known";
        Proxy = "proxy", "プロキシを通れません", "the proxy does not let us through";
        Timeout = "timeout", "応答がありません", "no answer in time";
        Broken = "broken", "応答が途中で切れました", "the answer broke off";
        Tls = "tls", "TLSで合意できません", "no agreement on TLS";
        OldTls = "old-tls", "相手方のTLSの版が古すぎます", "the peer's version of TLS is too old";
        ServerExpired = "server-expired", "相手方のサーバ証明書の期限切れ", "the server's certificate has expired";
        ServerNotYet = "server-not-yet", "相手方のサーバ証明書が有効期間前", "the server's certificate is not valid yet";
        ServerName = "server-name", "相手方のサーバ証明書のホスト名違い", "the server's certificate is for another host";
        UnknownCa = "unknown-ca", "相手方のサーバ証明書の認証局が不明", "the server's authority is unknown";
        ServerCertificate = "server-certificate", "相手方のサーバ証明書が不正", "the server's certificate is not acceptable";
        ClientRefused = "client-refused", "クライアント証明書を拒否されました", "our certificate is refused";
        ClientExpired = "client-expired", "自社のクライアント証明書の期限切れ", "our certificate has expired";
        ClientNotYet = "client-not-yet", "自社のクライアント証明書が有効期間前", "our certificate is not valid yet";
        Http = "http", "HTTPエラーが返りました", "an HTTP error came back";
        Redirect = "redirect", "転送を指示されました（従いません）", "a redirect came, and is not followed";
        Closed = "closed", "相手方は受付時間外です", "the counterparty is closed";
        Waiting = "waiting", "送信を一時止めています", "nothing is sent for a while";
        ContentType = "content-type", "応答の種類が違います", "the answer is of another content type";
        Charset = "charset", "応答の文字コードが違います", "the answer is in another charset than it claims";
        Parts = "parts", "添付を含む応答を読めません", "the answer with attachments cannot be read";
        TooLarge = "too-large", "応答が大きすぎます", "the answer is too large";
        Fault = "fault", "処理できないと応答がありました", "a fault came back";
        Configuration = "configuration", "接続先が設定されていません", "the counterparty is not configured";
    }
}

impl TroubleKind {
    /// The layer it happened in.
    #[must_use]
    pub const fn layer(self) -> Layer {
        match self {
            TroubleKind::ClientExpired
            | TroubleKind::ClientNotYet
            | TroubleKind::Configuration
            | TroubleKind::Waiting => Layer::Own,
            TroubleKind::Http
            | TroubleKind::Redirect
            | TroubleKind::Closed
            | TroubleKind::ContentType
            | TroubleKind::TooLarge => Layer::Http,
            TroubleKind::Charset | TroubleKind::Parts | TroubleKind::Fault => Layer::Envelope,
            _ => Layer::Transport,
        }
    }

    /// The rule with the way out.
    #[must_use]
    pub const fn rule(self) -> &'static Rule {
        match self {
            TroubleKind::Connection => &codes::LINE_CONNECTION,
            TroubleKind::Name => &codes::LINE_NAME,
            TroubleKind::Proxy => &codes::LINE_PROXY,
            TroubleKind::Timeout => &codes::LINE_TIMEOUT,
            TroubleKind::Broken => &codes::LINE_BROKEN,
            TroubleKind::Tls => &codes::LINE_TLS,
            TroubleKind::OldTls => &codes::LINE_OLD_TLS,
            TroubleKind::ServerExpired => &codes::LINE_SERVER_EXPIRED,
            TroubleKind::ServerNotYet => &codes::LINE_SERVER_NOT_YET,
            TroubleKind::ServerName => &codes::LINE_SERVER_NAME,
            TroubleKind::UnknownCa => &codes::LINE_UNKNOWN_CA,
            TroubleKind::ServerCertificate => &codes::LINE_SERVER_CERTIFICATE,
            TroubleKind::ClientRefused => &codes::LINE_CLIENT_REFUSED,
            TroubleKind::ClientExpired => &codes::CERT_EXPIRED,
            TroubleKind::ClientNotYet => &codes::CERT_NOT_YET,
            TroubleKind::Http => &codes::LINE_HTTP,
            TroubleKind::Redirect => &codes::LINE_REDIRECT,
            TroubleKind::Closed => &codes::LINE_CLOSED,
            TroubleKind::Waiting => &codes::LINE_WAITING,
            TroubleKind::ContentType => &codes::LINE_TYPE,
            TroubleKind::Charset => &codes::LINE_CHARSET,
            TroubleKind::Parts => &codes::LINE_PARTS,
            TroubleKind::TooLarge => &codes::LINE_TOO_LARGE,
            TroubleKind::Fault => &codes::LINE_FAULT,
            TroubleKind::Configuration => &codes::LINE_CONFIGURATION,
        }
    }
}

impl Trouble {
    /// A trouble of a kind.
    #[must_use]
    pub fn new(kind: TroubleKind, detail: impl Into<String>) -> Trouble {
        Trouble { kind, detail: detail.into() }
    }

    /// The trouble with its way out.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (rule, detail) = (self.kind.rule(), &self.detail);
        rule.finding(format!("{}（{detail}）", rule.ja), format!("{} ({detail})", rule.en))
    }
}

/// The gate is shut: certainly nothing was sent.
impl From<Waiting> for Trouble {
    fn from(waiting: Waiting) -> Trouble {
        let Waiting { until, why } = waiting;
        let kind = if why.is_closed() { TroubleKind::Closed } else { TroubleKind::Waiting };
        Trouble::new(kind, format!("{}, {until}", why.key()))
    }
}
