//! `chancery-bench FLOOR CHANCERY [DATABASE] [SECONDS]`: runs the bare server and ours in turn
//! with the same requests, and prints a table: microseconds of the server's processor time for
//! each request, requests per second beside it, and the ratio of ours to the floor in this run.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery_bench::connection::{Answer, Connection, get, post};
use chancery_bench::load::{Measured, User, run};
use chancery_bench::process::Server;
use chancery_jose::{SignatureAlgorithm, Signer, SigningKey};
use serde_json::{Value, json};

const SECRET: &str = "bench-secret-0123456789-0123456789-0123456789";
const ROUNDS: usize = 3;
const CONNECTIONS: usize = 32;
const VERIFIER: &str = "bench-verifier-0123456789-0123456789-0123456789";

struct Bench {
    floor: (Server, u16),
    ours: (Server, u16),
    issuer: String,
    time: Duration,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the table is the output")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let floor: PathBuf = arguments.next().ok_or("the floor's program is missing")?.into();
    let chancery: PathBuf = arguments.next().ok_or("our program is missing")?.into();
    let folder = tempfile::tempdir()?;
    let own = format!("sqlite:{}", folder.path().join("bench.db").display());
    let database = arguments.next().filter(|text| text != "-").unwrap_or(own);
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(4);

    let key = SigningKey::generate(SignatureAlgorithm::Es256)?.with_kid("bench");
    let bench = start(&floor, &chancery, folder.path(), &database, &key, Duration::from_secs(seconds))?;
    let idle = bench.ours.0.memory();
    println!("| request | floor µs (per s) | ours µs (per s) | ratio | ours p99 ms |");
    println!("|---|--:|--:|--:|--:|");

    let row = |name: &str, floor: &[Measured], ours: &[Measured]| {
        let (ours_cost, ours_rate, p99) =
            (median(ours, |one| one.cost), median(ours, |one| one.rate), median(ours, |one| one.p99));
        if floor.is_empty() {
            println!("| {name} | | {ours_cost:.0} ({ours_rate:.0}) | | {p99:.1} |");
        } else {
            let (cost, rate) = (median(floor, |one| one.cost), median(floor, |one| one.rate));
            println!(
                "| {name} | {cost:.0} ({rate:.0}) | {ours_cost:.0} ({ours_rate:.0}) | {:.2} | {p99:.1} |",
                ours_cost / cost
            );
        }
    };

    let basic = format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("bench:{SECRET}")));
    let fixed = |request: Vec<u8>| move || Fixed { request: request.clone() };
    let own = fixed(get("/static", ""));
    for (name, path) in [("JWKS", "/jwks"), ("discovery", "/.well-known/openid-configuration")] {
        let (floor, ours) = bench.in_turn(&own, fixed(get(path, ""))).await?;
        row(name, &floor, &ours);
    }
    for (algorithm, resource) in [
        ("ES256", ""),
        ("EdDSA", "&resource=https%3A%2F%2Feddsa.example.test"),
        ("RS256", "&resource=https%3A%2F%2Frs256.example.test"),
    ] {
        let body = format!("grant_type=client_credentials&scope=read{resource}");
        let floor = fixed(post(&format!("/token/{algorithm}"), &basic, "grant_type=client_credentials&scope=read"));
        let (floor, ours) = bench.in_turn(floor, fixed(post("/token", &basic, &body))).await?;
        row(&format!("client_credentials, {algorithm}"), &floor, &ours);
    }

    let floor = fixed(post("/token/ES256", &basic, "grant_type=client_credentials&scope=read"));
    let signer = std::sync::Arc::new(Signer::new(&key, None));
    let assertions =
        || Assertions { signer: signer.clone(), issuer: bench.issuer.clone(), count: 0, user: rand_number() };
    let (floor, ours) = bench.in_turn(floor, assertions).await?;
    row("client_credentials, private_key_jwt (floor: secret)", &floor, &ours);

    let token = bench.token(&basic).await?;
    let introspection = |token: &str| post("/introspect", &basic, &format!("token={token}"));
    let (floor, ours) = bench.in_turn(fixed(introspection(&token)), fixed(introspection(&token))).await?;
    row("introspection, seen before (floor: static + verify)", &floor, &ours);
    let mut fresh = Vec::new();
    let mut connection = Connection::open(bench.ours.1).await?;
    for _ in 0..6000 {
        let answer = connection.send(&post("/token", &basic, "grant_type=client_credentials&scope=read")).await?;
        fresh.push(introspection(member(&answer, "access_token")?.as_str()));
    }
    let ours = bench.ours_alone(share(fresh)).await?;
    row("introspection, first time", &[], &[ours]);

    let session = bench.sign_in().await?;
    let codes = bench.codes(&session, 3000).await?;
    let redemptions = codes.iter().map(|code| post("/token", &app(), &redemption(code))).collect();
    let ours = bench.ours_alone(share(redemptions)).await?;
    row("code → tokens", &[], &[ours]);

    let mut rotating = Vec::new();
    for code in bench.codes(&session, 64).await? {
        let answer = connection.send(&post("/token", &app(), &redemption(&code))).await?;
        rotating.push(Rotating { token: member(&answer, "refresh_token")? });
    }
    let ours = bench.ours_alone(rotating).await?;
    row("refresh with rotation, 64 at once", &[], &[ours]);

    println!("\nmemory: {idle:.0} MiB idle, {:.0} MiB after the load", bench.ours.0.memory());
    Ok(())
}

fn start(
    floor: &Path,
    chancery: &Path,
    folder: &Path,
    database: &str,
    key: &SigningKey,
    time: Duration,
) -> Result<Bench, Box<dyn std::error::Error>> {
    let jwk = serde_json::to_value(key.public_jwk().ok_or("a public key")?)?;
    let client = |members: Value| {
        let mut client = json!({"client_secret": SECRET, "scope": "read"});
        if let (Some(client), Value::Object(members)) = (client.as_object_mut(), members) {
            client.extend(members);
        }
        client
    };
    let mut assertion = client(
        json!({"client_id": "assertion", "token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "jwks": {"keys": [jwk]}}),
    );
    if let Some(members) = assertion.as_object_mut() {
        members.remove("client_secret");
    }
    let resources = ["https://eddsa.example.test", "https://rs256.example.test"];
    let seed = json!({"realms": [{
        "name": "default", "profile": "standard", "scopes": [{"name": "read"}],
        "settings": {"passwords": {"minimum_length": 8}},
        "resources": [{"identifier": resources[0], "signing_algorithm": "EdDSA"}, {"identifier": resources[1], "signing_algorithm": "RS256"}],
        "keys": [{"algorithm": "EdDSA", "pem": pem(&SigningKey::generate(SignatureAlgorithm::EdDsa)?)?}, {"algorithm": "RS256", "pem": pem(&SigningKey::generate(SignatureAlgorithm::Rs256)?)?}],
        "clients": [
            client(json!({"client_id": "bench", "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["client_credentials"], "resources": resources})),
            client(json!({"client_id": "app", "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code", "refresh_token"], "scope": "openid read", "first_party": true, "redirect_uris": ["https://app.example.test/callback"]})),
            assertion,
        ],
        "users": [{"username": "bench", "password": "bench-password"}],
    }]});
    let seed_file = folder.join("bench.json");
    std::fs::write(&seed_file, seed.to_string())?;
    let floor = Server::start(floor, &[], folder)?;
    let floor_port = floor.first_line.trim().parse()?;
    let seed_name = seed_file.display().to_string();
    let ours = Server::start(
        chancery,
        &["dev", "--port", "0", "--json", "--seed", &seed_name, "--database", database],
        folder,
    )?;
    let told: Value = serde_json::from_str(&ours.first_line)?;
    let issuer = told["issuer"].as_str().ok_or("no issuer")?.to_owned();
    let port = issuer.rsplit(':').next().ok_or("no port")?.trim_end_matches('/').parse()?;
    Ok(Bench { floor: (floor, floor_port), ours: (ours, port), issuer, time })
}

fn pem(key: &SigningKey) -> Result<String, Box<dyn std::error::Error>> {
    let text = STANDARD.encode(key.to_pkcs8()?.as_slice());
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"))
}

impl Bench {
    /// Rounds of the floor and of ours, one after the other, so that a noisy moment meets both.
    async fn in_turn<F: User, O: User>(
        &self,
        floor: impl Fn() -> F,
        ours: impl Fn() -> O,
    ) -> io::Result<(Vec<Measured>, Vec<Measured>)> {
        let (mut floors, mut own) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors
                .push(run(&self.floor.0, self.floor.1, (0..CONNECTIONS).map(|_| floor()).collect(), self.time).await?);
            own.push(run(&self.ours.0, self.ours.1, (0..CONNECTIONS).map(|_| ours()).collect(), self.time).await?);
        }
        Ok((floors, own))
    }

    async fn ours_alone<U: User>(&self, users: Vec<U>) -> io::Result<Measured> {
        run(&self.ours.0, self.ours.1, users, self.time).await
    }

    async fn token(&self, basic: &str) -> io::Result<String> {
        let mut connection = Connection::open(self.ours.1).await?;
        member(
            &connection.send(&post("/token", basic, "grant_type=client_credentials&scope=read")).await?,
            "access_token",
        )
    }

    /// Signs in by the pages; the session's cookies.
    async fn sign_in(&self) -> io::Result<String> {
        let mut connection = Connection::open(self.ours.1).await?;
        let page = connection.send(&get("/sign-in", "")).await?;
        let browser = cookie(&page)?;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let csrf = text
            .split("name=\"csrf\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .ok_or_else(|| wrong("no form token"))?;
        let body = format!("csrf={csrf}&username=bench&password=bench-password");
        let answer = connection.send(&post("/sign-in", &format!("Cookie: {browser}\r\n"), &body)).await?;
        Ok(format!("Cookie: {browser}; {}\r\n", cookie(&answer)?))
    }

    async fn codes(&self, session: &str, count: usize) -> io::Result<Vec<String>> {
        let mut connection = Connection::open(self.ours.1).await?;
        let challenge = chancery_jose::base64url_encode(&chancery_jose::sha256(VERIFIER.as_bytes()));
        let path = format!(
            "/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example.test%2Fcallback&scope=openid%20read&state=s&code_challenge={challenge}&code_challenge_method=S256"
        );
        let mut codes = Vec::new();
        for _ in 0..count {
            let answer = connection.send(&get(&path, session)).await?;
            let location = answer.header("location").ok_or_else(|| wrong("no redirect"))?;
            let code = location
                .split("code=")
                .nth(1)
                .and_then(|rest| rest.split('&').next())
                .ok_or_else(|| wrong(location))?;
            codes.push(code.to_owned());
        }
        Ok(codes)
    }
}

fn app() -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("app:{SECRET}")))
}

fn redemption(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example.test%2Fcallback&code_verifier={VERIFIER}"
    )
}

fn wrong(what: &str) -> io::Error {
    io::Error::other(format!("the server did not answer as expected: {what}"))
}

fn cookie(answer: &Answer) -> io::Result<String> {
    let header = answer.header("set-cookie").ok_or_else(|| wrong("no cookie"))?;
    Ok(header.split(';').next().unwrap_or_default().to_owned())
}

fn member(answer: &Answer, name: &str) -> io::Result<String> {
    let value: Value = serde_json::from_slice(&answer.body)?;
    value[name].as_str().map(str::to_owned).ok_or_else(|| wrong(&value.to_string()))
}

fn rand_number() -> u64 {
    let mut bytes = [0; 8];
    // A number that repeats would be refused as a replay, and told.
    let _filled = aws_lc_rs::rand::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

fn median(all: &[Measured], figure: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = all.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Sends one request for ever.
struct Fixed {
    request: Vec<u8>,
}

impl User for Fixed {
    async fn step(&mut self, connection: &mut Connection) -> io::Result<Option<bool>> {
        Ok(Some(connection.send(&self.request).await?.status == 200))
    }
}

/// Sends each of its requests once.
struct Once {
    requests: Vec<Vec<u8>>,
}

fn share(requests: Vec<Vec<u8>>) -> Vec<Once> {
    let mut users: Vec<Once> = (0..CONNECTIONS).map(|_| Once { requests: Vec::new() }).collect();
    for (at, request) in requests.into_iter().enumerate() {
        users[at % CONNECTIONS].requests.push(request);
    }
    users
}

impl User for Once {
    async fn step(&mut self, connection: &mut Connection) -> io::Result<Option<bool>> {
        let Some(request) = self.requests.pop() else { return Ok(None) };
        Ok(Some(connection.send(&request).await?.status == 200))
    }
}

/// Signs a new assertion for each request.
struct Assertions {
    signer: std::sync::Arc<Signer>,
    issuer: String,
    count: u64,
    user: u64,
}

impl User for Assertions {
    async fn step(&mut self, connection: &mut Connection) -> io::Result<Option<bool>> {
        self.count += 1;
        let now = std::time::UNIX_EPOCH.elapsed().map_err(io::Error::other)?.as_secs();
        let claims = json!({"iss": "assertion", "sub": "assertion", "aud": self.issuer, "exp": now + 60, "jti": format!("{}-{}", self.user, self.count)});
        let assertion = self.signer.sign(&claims).map_err(io::Error::other)?;
        let body = format!(
            "grant_type=client_credentials&scope=read&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
        );
        Ok(Some(connection.send(&post("/token", "", &body)).await?.status == 200))
    }
}

/// Spends its refresh token for the next.
struct Rotating {
    token: String,
}

impl User for Rotating {
    async fn step(&mut self, connection: &mut Connection) -> io::Result<Option<bool>> {
        let body = format!("grant_type=refresh_token&refresh_token={}", self.token);
        let answer = connection.send(&post("/token", &app(), &body)).await?;
        let Ok(next) = member(&answer, "refresh_token") else { return Ok(Some(false)) };
        self.token = next;
        Ok(Some(true))
    }
}
