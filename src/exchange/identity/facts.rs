//! 証明書の内容: what a certificate says of itself, and how long it is still good.

use crate::items::DateTime;
use crate::rules::{Finding, Rule, codes};
use crate::store::hex;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// 証明書の内容. Times are JST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// 主体者
    pub subject: String,
    /// 発行者
    pub issuer: String,
    /// シリアル番号, hexadecimal.
    pub serial: String,
    /// The first moment it is valid.
    pub not_before: DateTime,
    /// The last moment it is valid.
    pub not_after: DateTime,
    /// The kind and length of its key, for example `RSA 2048`.
    pub key: String,
    /// Whether it is one of an authority.
    pub authority: bool,
    /// Whether it may be shown by a client; nothing where it does not say.
    pub client: Option<bool>,
    /// The host names and addresses it is for.
    pub names: Vec<String>,
    /// SHA-256 of its octets, hexadecimal.
    pub fingerprint: String,
}

/// 有効期間: where a moment lies in the time of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It is not valid yet.
    NotYet,
    /// It is valid for more than 60 days.
    Good,
    /// It ends within so many days: 60, 30 or 7.
    Ending(u16),
    /// It has ended.
    Expired,
}

/// The days before the end at which a person is told, the most urgent first.
const TOLD: [u16; 3] = [7, 30, 60];

impl CertificateFacts {
    /// Reads a certificate; nothing where it is none.
    #[must_use]
    pub fn read(der: &CertificateDer<'_>) -> Option<CertificateFacts> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let validity = certificate.validity();
        let usage = certificate.extended_key_usage().ok().flatten().map(|usage| usage.value);
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name);
        Some(CertificateFacts {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.raw_serial_as_string(),
            not_before: japan(validity.not_before.timestamp())?,
            not_after: japan(validity.not_after.timestamp())?,
            key: key(&certificate),
            authority: certificate.is_ca(),
            client: usage.map(|usage| usage.client_auth || usage.any),
            names: names.collect(),
            fingerprint: hex(&Sha256::digest(der)),
        })
    }

    /// Where a moment lies in its time.
    #[must_use]
    pub fn term(&self, now: DateTime) -> Term {
        if now < self.not_before {
            return Term::NotYet;
        }
        if now > self.not_after {
            return Term::Expired;
        }
        let days = self.days_left(now);
        TOLD.into_iter().find(|told| days < i64::from(*told)).map_or(Term::Good, Term::Ending)
    }

    /// The whole days until it ends; negative where it has ended.
    #[must_use]
    pub fn days_left(&self, now: DateTime) -> i64 {
        let seconds = self.not_after.duration_since(now).as_secs();
        seconds.div_euclid(86_400)
    }

    /// What a person is told of its time at a moment; nothing while it is good.
    #[must_use]
    pub fn warning(&self, now: DateTime) -> Option<Finding> {
        self.warning_of("クライアント証明書", "the client certificate", now)
    }

    /// The same of a certificate that comes with ours: where it has ended, ours is not accepted either.
    pub(super) fn warning_of_issuer(&self, now: DateTime) -> Option<Finding> {
        let subject = &self.subject;
        let ja = format!("クライアント証明書とともに示す上位の証明書「{subject}」");
        self.warning_of(&ja, &format!("the certificate of the issuer `{subject}`, shown with ours,"), now)
    }

    fn warning_of(&self, ja: &str, en: &str, now: DateTime) -> Option<Finding> {
        let (until, days) = (self.not_after, self.days_left(now));
        let rule: &Rule = match self.term(now) {
            Term::Good => return None,
            Term::NotYet => {
                let from = self.not_before;
                let ja = format!("{ja}は {from} から有効です（まだ使えません）");
                return Some(codes::CERT_NOT_YET.finding(ja, format!("{en} is valid from {from} on")));
            }
            Term::Expired => {
                let ja = format!("{ja}の有効期限は {until} で切れています");
                return Some(codes::CERT_EXPIRED.finding(ja, format!("{en} expired at {until}")));
            }
            Term::Ending(0..=7) => &codes::CERT_SEVEN,
            Term::Ending(8..=30) => &codes::CERT_THIRTY,
            Term::Ending(_) => &codes::CERT_SIXTY,
        };
        let ja = format!("{ja}の有効期限は {until} です（残り{days}日）");
        Some(rule.finding(ja, format!("{en} expires at {until}, in {days} days")))
    }

    /// `{"subject","issuer","serial","not_before","not_after","days_left","key","authority","client","names","sha256"}`
    #[must_use]
    pub fn to_json(&self, now: DateTime) -> serde_json::Value {
        serde_json::json!({
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": self.serial,
            "not_before": self.not_before.to_string(),
            "not_after": self.not_after.to_string(),
            "days_left": self.days_left(now),
            "key": self.key,
            "authority": self.authority,
            "client": self.client,
            "names": self.names,
            "sha256": self.fingerprint,
        })
    }
}

/// A moment in Japan, from the seconds of 1970.
fn japan(seconds: i64) -> Option<DateTime> {
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::fixed(offset(9))).datetime())
}

fn key(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => format!("ECDSA {}", point.key_size()),
        _ => certificate.public_key().algorithm.algorithm.to_id_string(),
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress([a, b, c, d]) => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
        GeneralName::IPAddress(octets) => {
            let octets: [u8; 16] = (*octets).try_into().ok()?;
            Some(std::net::Ipv6Addr::from(octets).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_end_is_told_sixty_thirty_and_seven_days_ahead() {
        let facts = CertificateFacts {
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            not_before: "2026-01-01T00:00:00".parse().unwrap(),
            not_after: "2026-12-31T23:59:59".parse().unwrap(),
            key: String::new(),
            authority: false,
            client: None,
            names: Vec::new(),
            fingerprint: String::new(),
        };
        let at = |moment: &str| facts.term(moment.parse().unwrap());
        let code = |moment: &str| facts.warning(moment.parse().unwrap()).map(|finding| finding.code);
        assert_eq!(at("2025-12-31T23:59:59"), Term::NotYet);
        assert_eq!(at("2026-01-01T00:00:00"), Term::Good);
        assert_eq!(at("2026-11-01T23:59:59"), Term::Good, "60 days");
        assert_eq!(at("2026-11-02T00:00:00"), Term::Ending(60));
        assert_eq!(at("2026-12-02T00:00:00"), Term::Ending(30));
        assert_eq!(at("2026-12-25T00:00:00"), Term::Ending(7));
        assert_eq!(at("2026-12-31T23:59:59"), Term::Ending(7));
        assert_eq!(at("2027-01-01T00:00:00"), Term::Expired);
        assert_eq!(facts.days_left("2027-01-01T00:00:00".parse().unwrap()), -1);
        let codes: Vec<_> =
            ["2026-06-01T00:00:00", "2026-11-15T00:00:00", "2026-12-15T00:00:00", "2026-12-30T00:00:00"]
                .iter()
                .map(|moment| code(moment))
                .collect();
        assert_eq!(codes, [None, Some("OC1359"), Some("OC1360"), Some("OC1361")]);
        assert_eq!((code("2025-01-01T00:00:00"), code("2028-01-01T00:00:00")), (Some("OC1358"), Some("OC1357")));
    }
}
