use crate::ground::{self, Ground};
use crate::records;
use chancery_store::{Store, Write, Commit};
use chancery_store_postgres::{PostgresOptions, PostgresStore};
use std::time::Instant;
use futures_util::future::join_all;

#[tokio::test(flavor = "multi_thread")]
async fn scratch_tls() {
    let ground = Ground::migrated().await;
    let base = ground.url.split('?').next().unwrap().to_owned();
    let host = base.replace("127.0.0.1", "localhost");
    let admin = ground.admin().await;
    for (url, good) in [
        (format!("{base}?sslmode=require"), true),
        (format!("{base}?sslmode=prefer"), true),
        (base.clone(), true),
        (format!("{host}?sslmode=verify-full"), false),
        (format!("{host}?sslmode=verify-full&sslrootcert=/tmp/pgcluster/ca.pem"), true),
        (format!("{base}?sslmode=verify-full&sslrootcert=/tmp/pgcluster/ca.pem"), false),
        (format!("{base}?sslmode=require&sslrootcert=/tmp/pgcluster/ca.pem"), false),
        (format!("{host}?sslmode=require&sslrootcert=/nonexistent"), false),
    ] {
        let store = PostgresStore::connect(&url, PostgresOptions::default()).await;
        println!("{url}: {:?}", store.as_ref().err());
        assert_eq!(store.is_ok(), good, "{url}");
        if let Ok(store) = store {
            store.ping().await.unwrap();
            let n: i64 = admin.query_one("select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where datname=$1 and ssl", &[&ground.name]).await.unwrap().get(0);
            println!("encrypted: {n}");
            assert!(n >= 3);
        }
        let _ = admin.batch_execute(&format!("select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = '{}'", ground.name)).await;
    }
}

fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scratch_speed() {
    let node = ground::node().await;
    records::sign_in(&node).await;
    for n in 0..64u64 {
        records::issue(&node, n, 1).await;
        records::done(&node, records::redeem(n, records::family(n, Some(1)), None)).await;
    }
    for _ in 0..2 {
        let (at, c) = (Instant::now(), cpu());
        let tasks = (0..64u64).map(|n| { let node = node.clone(); tokio::spawn(async move {
            for _ in 0..200 {
                assert!(node.family(&records::realm(), records::family_id(n)).await.unwrap().is_some());
            }
        })});
        join_all(tasks).await;
        println!("reads/s {:.0}, client cpu {:.0} us", 12800.0 / at.elapsed().as_secs_f64(), (cpu() - c) * 1e6 / 12800.0);
    }
    let (at, c) = (Instant::now(), cpu());
    let tasks = (0..64u64).map(|n| { let node = node.clone(); tokio::spawn(async move {
        for spent in 0..100u32 {
            assert_eq!(node.commit(records::rotate(n, spent, None), vec![records::event(n * 1000 + spent as u64, "x")]).await.unwrap(), Commit::Done);
        }
    })});
    join_all(tasks).await;
    println!("rotations/s {:.0}, client cpu {:.0} us", 6400.0 / at.elapsed().as_secs_f64(), (cpu() - c) * 1e6 / 6400.0);
    let at = Instant::now();
    for round in 0..50u64 {
        node.commit(Write::EndFamily { realm: records::realm(), family: records::family_id(round), at: records::NOW }, vec![]).await.unwrap();
    }
    println!("one at a time: {:?} each", at.elapsed() / 50);
}
