//! Which chain a client gets, and what happens when files change.

use std::fs;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm as Kind};

use super::*;

fn write(folder: &Path, stem: &str, name: &str, kind: &'static Kind) -> CertificateFiles {
    let key = KeyPair::generate_for(kind).expect("a key");
    let certificate = CertificateParams::new(vec![name.to_owned()]).and_then(|names| names.self_signed(&key));
    let files =
        CertificateFiles { certificate: folder.join(format!("{stem}.pem")), key: folder.join(format!("{stem}.key")) };
    fs::write(&files.certificate, certificate.expect("a certificate").pem()).expect("written");
    fs::write(&files.key, key.serialize_pem()).expect("written");
    files
}

const BOTH: [SignatureScheme; 2] = [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256];

#[test]
fn each_client_gets_the_chain_that_it_understands_and_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        write(folder.path(), "rsa", "id.example", &PKCS_RSA_SHA256),
        write(folder.path(), "ec", "id.example", &PKCS_ECDSA_P256_SHA256),
        write(folder.path(), "other", "other.example", &PKCS_ECDSA_P256_SHA256),
    ];
    let certificates = Certificates::load(&files).expect("usable");
    let chains = certificates.chains.load();
    let chosen = |name, schemes: &[SignatureScheme]| {
        let chain = choose(&chains, name, schemes)?;
        let named = |name: &str| covers(&chain, &ServerName::try_from(name.to_owned()).expect("a name"));
        Some((chain.key.algorithm(), named("id.example")))
    };

    assert_eq!(chosen(Some("id.example"), &BOTH), Some((SignatureAlgorithm::ECDSA, true)));
    assert_eq!(chosen(Some("id.example"), &BOTH[1..]), Some((SignatureAlgorithm::RSA, true)));
    assert_eq!(chosen(Some("other.example"), &BOTH), Some((SignatureAlgorithm::ECDSA, false)));
    assert_eq!(chosen(Some("unknown.example"), &BOTH), Some((SignatureAlgorithm::ECDSA, true)));
    assert_eq!(chosen(None, &BOTH[1..]), Some((SignatureAlgorithm::RSA, true)));
    assert_eq!(chosen(None, &[SignatureScheme::ED25519]), None);
}

#[test]
fn changed_files_are_taken_up_and_broken_ones_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write(folder.path(), "ec", "id.example", &PKCS_ECDSA_P256_SHA256);
    let certificates = Certificates::load(std::slice::from_ref(&files)).expect("usable");
    let first = certificates.chains.load().first().cloned().expect("a chain");
    assert!(!certificates.reload().expect("nothing changed"));

    // A new certificate whose key has not arrived yet: the pair before stays.
    let other = write(folder.path(), "next", "id.example.org", &PKCS_ECDSA_P256_SHA256);
    fs::copy(&other.certificate, &files.certificate).expect("copied");
    assert!(certificates.reload().is_err());
    assert!(Arc::ptr_eq(&first, &certificates.chains.load()[0]));

    fs::copy(&other.key, &files.key).expect("copied");
    assert!(certificates.reload().expect("whole again"));
    assert_ne!(first.cert, certificates.chains.load()[0].cert);
}

#[test]
fn a_chain_without_its_key_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = write(folder.path(), "one", "id.example", &PKCS_ECDSA_P256_SHA256);
    let two = write(folder.path(), "two", "id.example", &PKCS_ECDSA_P256_SHA256);
    let crossed = CertificateFiles { certificate: one.certificate.clone(), key: two.key };
    assert!(matches!(Certificates::load(&[crossed]), Err(CertificateError::Pair { .. })));
    let swapped = CertificateFiles { certificate: one.key.clone(), key: one.certificate };
    let error = Certificates::load(&[swapped]).expect_err("no certificate there");
    assert!(error.to_string().contains("one.key"), "{error}");
}

#[test]
fn the_oldest_version_is_as_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write(folder.path(), "ec", "id.example", &PKCS_ECDSA_P256_SHA256);
    let tls = Tls { certificates: vec![files], minimum_version: TlsVersion::OneThree };
    let (_, config) = from_config(&tls).expect("usable");
    assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    assert_eq!(config.max_early_data_size, 0);
}
