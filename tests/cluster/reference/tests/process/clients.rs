//! Clients that nobody here wrote.

use std::process::Command;

use redis::{Commands as _, Connection, ErrorKind, RedisResult, ServerErrorKind, Value};

use super::servers::Servers;

fn connect(address: &str) -> Connection {
    redis::Client::open(format!("redis://{address}")).unwrap().get_connection().unwrap()
}

#[test]
fn the_crate_redis_reads_what_it_has_written() {
    let servers = Servers::start("crate-redis", "reference", 3);
    let mut leader = connect(servers.client(servers.leader()));
    let strange: Vec<u8> = (0..=255).chain(*b"\r\n$-1\r\n").collect();
    let () = leader.set("strange", &strange).unwrap();
    assert_eq!(leader.get::<_, Vec<u8>>("strange").unwrap(), strange);
    assert_eq!(leader.get::<_, Option<Vec<u8>>>("nothing").unwrap(), None);
    let large = vec![7_u8; 1 << 20];
    let () = leader.set("large", &large).unwrap();
    assert_eq!(leader.get::<_, Vec<u8>>("large").unwrap(), large);
    assert_eq!(leader.append::<_, _, u64>("word", "ab").unwrap(), 2);
    assert_eq!(leader.append::<_, _, u64>("word", "c").unwrap(), 3);
    let cas = |old: &str, new: &str| redis::cmd("CAS").arg("word").arg(old).arg(new).to_owned();
    assert_eq!(cas("abc", "d").query::<u64>(&mut leader).unwrap(), 1);
    assert_eq!(cas("abc", "e").query::<u64>(&mut leader).unwrap(), 0);
    assert_eq!(leader.del::<_, u64>(&["word", "large", "nothing"]).unwrap(), 2);
    assert_eq!(redis::cmd("PING").query::<String>(&mut leader).unwrap(), "PONG");
    let info: String = redis::cmd("INFO").query(&mut leader).unwrap();
    assert!(info.contains("role:leader"), "{info}");

    let too_large = vec![7_u8; (1 << 20) + 1];
    let error = leader.set::<_, _, ()>("x", &too_large).unwrap_err();
    assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
    let error = redis::cmd("EVAL").arg("x").query::<Value>(&mut leader).unwrap_err();
    assert!(error.to_string().contains("unknown command"), "{error}");
    assert_eq!(redis::cmd("PING").query::<String>(&mut leader).unwrap(), "PONG");
}

#[test]
fn answers_of_a_pipeline_keep_its_order() {
    let servers = Servers::start("pipeline", "reference", 3);
    let mut leader = connect(servers.client(servers.leader()));
    let mut pipeline = redis::pipe();
    for number in 0..500_u64 {
        pipeline.set("x", number).ignore().cmd("PING").arg(number).get("x");
    }
    let answers: Vec<u64> = pipeline.query(&mut leader).unwrap();
    let expected: Vec<u64> = (0..500).flat_map(|number| [number, number]).collect();
    assert_eq!(answers, expected);
}

#[test]
fn a_follower_names_the_leader() {
    let servers = Servers::start("moved", "reference", 3);
    let (leader, follower) = (servers.leader(), servers.follower());
    let mut follower = connect(servers.client(follower));
    let said: RedisResult<()> = follower.set("x", 1);
    let error = said.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Moved), "{error}");
    assert_eq!(error.redirect_node(), Some((servers.client(leader), 0)));
}

/// Runs `redis-cli` on a server, if it is installed, and returns what it prints.
fn redis_cli(address: &str, words: &[&str]) -> Option<String> {
    let port = address.rsplit(':').next()?;
    let output = Command::new("redis-cli").args(["-c", "-p", port]).args(words).output();
    let Ok(output) = output else {
        println!("redis-cli is not installed: this test shows nothing");
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn redis_cli_finds_the_leader() {
    let servers = Servers::start("redis-cli", "reference-4", 3);
    let follower = servers.client(servers.follower());
    let Some(said) = redis_cli(follower, &["set", "greeting", "hello, world"]) else { return };
    assert_eq!(said, "OK");
    assert_eq!(redis_cli(follower, &["get", "greeting"]).unwrap(), "hello, world");
    assert_eq!(redis_cli(follower, &["append", "greeting", "!"]).unwrap(), "13");
    assert_eq!(redis_cli(follower, &["cas", "greeting", "x", "y"]).unwrap(), "0");
    assert_eq!(redis_cli(follower, &["del", "greeting"]).unwrap(), "1");
    assert_eq!(redis_cli(follower, &["get", "greeting"]).unwrap(), "");
}

#[test]
fn what_is_no_request_is_answered_in_its_turn() {
    use std::io::{Read as _, Write as _};
    let servers = Servers::start("no-request", "reference", 1);
    let said = |request: &[u8]| {
        let mut stream = std::net::TcpStream::connect(servers.client(0)).unwrap();
        stream.write_all(request).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let text = said(b"SET x 1\r\nPING\r\n*1\r\nGET\r\nPING\r\n");
    assert_eq!(text, "+OK\r\n+PONG\r\n-ERR Protocol error: a word must begin with `$`\r\n");
    assert_eq!(said(b"PING\r\nQUIT\r\nPING\r\n"), "+PONG\r\n+OK\r\n");
}
