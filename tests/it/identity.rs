//! Certificates with their keys in every form that authorities and tools of the last decades hand out, each held against the
//! same certificate in PEM; and the same files broken at every octet.

use crate::http::secret_file;
use crate::pki::{ALWAYS, Ca};
use occto::exchange::{ConfigError, ExchangeConfig, HttpTransport, Identity, IdentityPlace, PasswordPlace};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// RC2, RC4, DES and two-key 3DES as PKCS#12 and PKCS#5 have them, and what tools of today write. How they were made stands
/// in `tests/golden/cert/README.md`.
const ARCHIVES: [&str; 9] = [
    "sha1-rc2-128-2des.p12",
    "sha1-2des-rc2-40.p12",
    "sha1-rc4-128.p12",
    "sha1-rc4-40.p12",
    "md5-des.p12",
    "sha1-des.p12",
    "md5-rc2-sha1-rc2.p12",
    "pbes2-3des.p12",
    "pbes2-aes.p12",
];

const KEYS: [&str; 5] = ["v1-md5-des.pem", "v1-rc4.pem", "des3.pem", "prf-sha1.pem", "scrypt.pem"];
const OLD_KEYS: [&str; 5] = ["old-des3.pem", "old-des.pem", "old-aes128.pem", "old-aes192.pem", "old-aes256.pem"];

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cert").join(name)).unwrap()
}

struct Ground(tempfile::TempDir);

impl Ground {
    fn new() -> Ground {
        Ground(tempfile::tempdir().unwrap())
    }

    fn keep(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        secret_file(&path, octets);
        path
    }

    fn load(&self, certificate: &[u8], key: Option<&[u8]>, password: &str) -> Result<Identity, ConfigError> {
        let password = (!password.is_empty()).then(|| PasswordPlace::Written(password.into()));
        let key = key.map(|key| self.keep("key", key));
        IdentityPlace { certificate: self.keep("certificate", certificate), key, password }.load()
    }

    /// The code that loading ends with.
    #[track_caller]
    fn refused(&self, certificate: &[u8], key: Option<&[u8]>, password: &str) -> &'static str {
        self.load(certificate, key, password).unwrap_err().rule.code
    }
}

/// Loading compares certificate and key, so that the certificate says which key it is.
fn expected() -> String {
    let plain = Ground::new().load(&golden("client.pem"), Some(&golden("client.key")), "").unwrap();
    plain.facts.fingerprint
}

#[test]
fn pkcs12_of_every_form_holds_the_certificate_and_key_of_the_pem() {
    let (ground, expected) = (Ground::new(), expected());
    for name in ARCHIVES {
        let archive = golden(name);
        let identity = ground.load(&archive, None, "golden").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.facts.fingerprint, expected, "{name}");
        assert_eq!(ground.refused(&archive, None, "silver"), "OC1352", "{name}: wrong password");
        assert_eq!(ground.refused(&archive, None, ""), "OC1352", "{name}: no password");
    }
    let bare = ground.load(&golden("few-nomac.p12"), None, "golden").unwrap();
    assert_eq!(bare.facts.fingerprint, expected, "without a check sum");
    assert_eq!(ground.refused(&golden("few-nomac.p12"), None, "silver"), "OC1352");
}

#[test]
fn pkcs12_in_ber_is_read_like_that_in_der() {
    let (ground, expected) = (Ground::new(), expected());
    for name in ARCHIVES {
        for piece in [1000, 7] {
            let identity = ground.load(&ber(&golden(name), piece), None, "golden");
            assert_eq!(
                identity.unwrap_or_else(|error| panic!("{name}: {error}")).facts.fingerprint,
                expected,
                "{name}"
            );
        }
    }
    assert_eq!(ground.refused(&ber(&golden("md5-des.p12"), 7), None, "silver"), "OC1352");
    // Written by NSS, with its 600 000 rounds a key.
    let of_nss = ground.load(&golden("nss.p12"), None, "golden").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(of_nss.facts.fingerprint, expected);
    // Once in a run: all lines may show it.
    let begun = Instant::now();
    (0..20).for_each(|_| drop(ground.load(&golden("nss.p12"), None, "golden").unwrap()));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(ground.refused(&golden("few.p12"), None, "golde"), "OC1352");
    assert!(ground.load(&golden("few.p12"), None, "golden").is_ok());
    assert_eq!(ground.refused(&golden("few.p12"), None, "golden "), "OC1352", "only with its own password");
}

#[test]
fn a_changed_check_sum_or_content_does_not_open() {
    let ground = Ground::new();
    let archive = golden("few.p12");
    let place = archive.len() - 20;
    let changed = |at: usize| {
        let mut octets = archive.clone();
        octets[at] ^= 1;
        ground.refused(&octets, None, "golden")
    };
    // The check sum stands before its salt, at the end; the certificate lies encrypted in the middle.
    assert_eq!((changed(place), changed(archive.len() / 2)), ("OC1352", "OC1352"));
}

#[test]
fn an_archive_broken_at_any_octet_is_an_error_and_nothing_worse() {
    let (ground, expected, begun) = (Ground::new(), expected(), Instant::now());
    let known = ["OC1351", "OC1352", "OC1353", "OC1354", "OC1355", "OC1356"];
    for name in ["few.p12", "few-nomac.p12"] {
        let der = golden(name);
        for (octets, changes) in [(ber(&der, 50), &[0x81][..]), (der, &[0x01, 0x80, 0xff])] {
            for cut in 0..octets.len() {
                let code = ground.refused(&octets[..cut], None, "golden");
                assert!(known.contains(&code), "{name} cut at {cut}: {code}");
            }
            for at in 0..octets.len() {
                for change in changes {
                    let mut octets = octets.clone();
                    octets[at] ^= change;
                    match ground.load(&octets, None, "golden") {
                        Ok(identity) => assert!(name != "few.p12" || identity.facts.fingerprint == expected, "{at}"),
                        Err(error) => assert!(known.contains(&error.rule.code), "{name} at {at}: {error}"),
                    }
                }
            }
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(300), "{:?}", begun.elapsed());
}

#[test]
fn what_asks_for_too_much_is_refused_at_once() {
    let ground = Ground::new();
    let mut octets = golden("few.p12");
    // Its last value is the count of rounds of the check sum; one less octet of salt makes room for a great one.
    assert_eq!(
        octets[octets.len() - 10..octets.len() - 8],
        [0x04, 0x08],
        "a salt of eight octets, and one round by default"
    );
    let at = octets.len() - 9;
    octets[at] = 2;
    octets.splice(at + 3.., [0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]);
    let begun = Instant::now();
    let error = ground.load(&octets, None, "golden").unwrap_err();
    assert_eq!(error.rule.code, "OC1356", "{error}");
    assert!(error.to_string().contains("反復回数") && begun.elapsed() < Duration::from_secs(2), "{error}");
}

#[test]
fn encrypted_keys_in_pem_of_every_form_are_read() {
    let (ground, expected) = (Ground::new(), expected());
    let certificate = golden("client.pem");
    for name in KEYS.into_iter().chain(OLD_KEYS) {
        let key = golden(&format!("keys/{name}"));
        let identity =
            ground.load(&certificate, Some(&key), "golden").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.facts.fingerprint, expected, "{name}");
        assert_eq!(ground.refused(&certificate, Some(&key), "silver"), "OC1352", "{name}");
        assert_eq!(ground.refused(&certificate, Some(&key), ""), "OC1352", "{name}");
        for both in [[certificate.clone(), key.clone()].concat(), [key.clone(), certificate.clone()].concat()] {
            let identity = ground.load(&both, None, "golden").unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(identity.facts.fingerprint, expected, "{name}, in one file");
            assert_eq!(ground.refused(&both, None, "silver"), "OC1352", "{name}, in one file");
        }
    }
    let windows = String::from_utf8(golden("keys/old-des3.pem")).unwrap().replace('\n', "\r\n");
    assert!(ground.load(&certificate, Some(windows.as_bytes()), "golden").is_ok(), "with line ends of Windows");
    let rsa = ground.load(&golden("keys/old-rsa.crt"), Some(&golden("keys/old-rsa-aes256.pem")), "golden").unwrap();
    assert_eq!(rsa.facts.key, "RSA 2048");
}

#[test]
fn an_old_key_of_another_cipher_is_named_with_the_way_out() {
    let ground = Ground::new();
    let both = [golden("client.pem"), golden("keys/old-camellia.pem")].concat();
    let error = ground.load(&both, None, "golden").unwrap_err();
    assert_eq!(error.rule.code, "OC1356");
    assert!(error.to_string().contains("CAMELLIA-128-CBC"), "{error}");
    assert!(error.rule.way_out_ja.contains("openssl pkcs8 -topk8"), "{}", error.rule.way_out_ja);
    assert!(error.rule.way_out_en.contains("openssl pkcs8 -topk8"), "{}", error.rule.way_out_en);
}

#[test]
fn a_key_in_pem_broken_at_any_octet_is_an_error_and_nothing_worse() {
    let ground = Ground::new();
    let certificate = golden("client.pem");
    let known = ["OC1351", "OC1352", "OC1353", "OC1355", "OC1356"];
    for name in ["keys/old-des3.pem", "keys/old-aes256.pem"] {
        let key = golden(name);
        for cut in 0..key.len() {
            if let Err(error) = ground.load(&certificate, Some(&key[..cut]), "golden") {
                assert!(known.contains(&error.rule.code), "{name} cut at {cut}: {error}");
            } else {
                assert!(cut + 2 > key.len(), "{name} cut at {cut} is read");
            }
        }
        for at in 0..key.len() {
            for change in [0x01, 0x20, 0xff] {
                let mut key = key.clone();
                key[at] ^= change;
                if let Err(error) = ground.load(&certificate, Some(&key), "golden") {
                    assert!(known.contains(&error.rule.code), "{name} at {at}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_certificate_and_a_key_in_der_are_read() {
    let (ground, expected) = (Ground::new(), expected());
    let der = |name: &str| {
        let text = String::from_utf8(golden(name)).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap()
    };
    let identity = ground.load(&der("client.pem"), Some(&der("client.key")), "").unwrap();
    assert_eq!(identity.facts.fingerprint, expected);
    assert_eq!(ground.refused(&der("client.pem"), Some(b"noise"), ""), "OC1351");
    let root = ground.keep("root.cer", &der("client.pem"));
    let text = format!(
        "retailer = \"40113\"\n[counterparty.occto]\nurl = \"https://x.example\"\nroot-certificate = {root:?}\nonly-root-certificate = true\n"
    );
    let config = ExchangeConfig::parse(&text, Path::new("")).unwrap();
    HttpTransport::new(&config).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn an_issuer_that_ends_before_our_certificate_is_told_and_a_root_is_not() {
    let ground = Ground::new();
    let root = Ca::new("root");
    let middle = root.under("issuing authority", (2000, 2030));
    let client = middle.issue(&[], ALWAYS);
    let identity = ground.load(
        format!("{}{}{}", client.pem, middle.pem, root.pem).as_bytes(),
        Some(client.key_pem.as_bytes()),
        "",
    );
    let identity = identity.unwrap();
    assert_eq!(identity.chain.len(), 2);
    let told = |now: &str| -> Vec<(&str, String)> {
        let findings = identity.warnings(now.parse().unwrap()).into_iter();
        findings.map(|finding| (finding.code, finding.ja)).collect()
    };
    assert_eq!(told("2029-06-01T00:00:00"), []);
    for (now, code) in [("2029-12-20T00:00:00", "OC1360"), ("2031-01-01T00:00:00", "OC1357")] {
        let [(got, ja)] = &told(now)[..] else { panic!("{:?}", told(now)) };
        assert!(*got == code && ja.contains("上位の証明書「CN=issuing authority」"), "{got} {ja}");
    }
    let of_both: Vec<&str> = told("2100-06-01T00:00:00").into_iter().map(|(code, _)| code).collect();
    assert_eq!(of_both, ["OC1357", "OC1357"], "but nothing of the root, which ends in 2101");
}

/// The same value as older tools write it: every length left open, every text of octets in parts of so many octets. What lies
/// within a text of octets stays as it is.
fn ber(der: &[u8], piece: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = der;
    while let [tag, first, ..] = rest {
        let (head, length) = match *first {
            short @ ..0x80 => (2, usize::from(short)),
            long => {
                let head = 2 + usize::from(long & 0x7f);
                (head, rest[2..head].iter().fold(0, |length, octet| (length << 8) | usize::from(*octet)))
            }
        };
        let content = &rest[head..head + length];
        if tag & 0x20 != 0 {
            out.extend([*tag, 0x80]);
            out.extend(ber(content, piece));
            out.extend([0, 0]);
        } else if *tag == 0x04 {
            out.extend([0x24, 0x80]);
            for part in content.chunks(piece) {
                out.extend([0x04, 0x82]);
                out.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
                out.extend(part);
            }
            out.extend([0, 0]);
        } else {
            out.extend(&rest[..head + length]);
        }
        rest = &rest[head + length..];
    }
    out
}
