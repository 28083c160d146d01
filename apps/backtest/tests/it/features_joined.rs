//! `backtest features join`: each row gets what was known at its time, of every table, and nothing later.

use crate::program::Scratch;

fn lines(scratch: &Scratch, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(scratch.path().join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Minutes of AAA and BBB over two closes, and the days of AAA; the second day closes at `second`.
fn tables(scratch: &Scratch, second: &str) {
    let minutes = "timestamp,close\n2020-01-02 20:58:00,10\n2020-01-02 20:59:00,11\n\
                   2020-01-03 14:30:00,12\n2020-01-03 20:59:00,13\n";
    scratch.file("AAA.csv", minutes);
    scratch.file("BBB.csv", minutes);
    let compute = |bars: &[&str], feature: &str, out: &str| {
        let rest = ["--feature", feature, "--out", out, "--overwrite"];
        scratch.succeed(&[&["features"], bars, &rest].concat());
    };
    compute(
        &["--bars", "AAA.csv", "--bars", "BBB.csv"],
        "close",
        "spine.parquet",
    );
    scratch.file(
        "AAA.csv",
        format!("date,close\n2020-01-02,100\n2020-01-03,{second}\n"),
    );
    compute(&["--bars", "AAA.csv"], "day = close + 0", "days.parquet");
}

const JOIN: [&str; 4] = ["features", "join", "--spine", "spine.parquet"];

#[test]
fn a_row_sees_what_was_known_at_its_time_and_nothing_later() {
    let scratch = Scratch::new();
    tables(&scratch, "200");
    let join = |with: &[&str], out: &str| {
        scratch.json(&[&JOIN[..], with, &["--out", out, "--json"]].concat())
    };
    let result = join(&["--with", "days.parquet"], "out.csv");
    assert_eq!(result["rows"], 8);
    assert_eq!(result["columns"], serde_json::json!(["day"]));
    assert_eq!(result["joined"][0]["matched_rows"], 3);
    assert_eq!(
        lines(&scratch, "out.csv")[..6],
        [
            "symbol,timestamp,available,close,day",
            // The day is not over yet.
            "AAA,2020-01-02T20:58:00Z,2020-01-02T20:59:00Z,10,",
            "AAA,2020-01-02T20:59:00Z,2020-01-02T21:00:00Z,11,100",
            "AAA,2020-01-03T14:30:00Z,2020-01-03T14:31:00Z,12,100",
            "AAA,2020-01-03T20:59:00Z,2020-01-03T21:00:00Z,13,200",
            "BBB,2020-01-02T20:58:00Z,2020-01-02T20:59:00Z,10,",
        ]
    );
    // Another future leaves every row before it as it was.
    tables(&scratch, "1");
    join(&["--with", "days.parquet"], "other.csv");
    assert_eq!(
        lines(&scratch, "out.csv")[..4],
        lines(&scratch, "other.csv")[..4]
    );
    assert!(lines(&scratch, "other.csv")[4].ends_with(",1"));
    // A day is about its beginning: 38.5 hours later it is too old.
    join(&["--with", "d=days.parquet:38h"], "young.csv");
    let young = lines(&scratch, "young.csv");
    assert!(young[0].ends_with(",d.day"));
    assert!(
        young[2].ends_with(",100") && young[3].ends_with(",12,"),
        "{young:?}"
    );
}

#[test]
fn several_tables_are_joined_and_parquet_holds_the_same() {
    let scratch = Scratch::new();
    tables(&scratch, "200");
    let with = ["--with", "days.parquet", "--with", "again=days.parquet:1d"];
    scratch.succeed(&[&JOIN[..], &with, &["--out", "two.parquet"]].concat());
    let table = trader_storage::TableReader::open(&scratch.path().join("two.parquet")).unwrap();
    let names: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "symbol",
            "timestamp",
            "available",
            "close",
            "day",
            "again.day"
        ]
    );
    assert_eq!(table.rows(), 8);
    // The result is a spine like any other.
    let again = [
        "features",
        "join",
        "--spine",
        "two.parquet",
        "--with",
        "x=days.parquet",
    ];
    scratch.succeed(&[&again[..], &["--out", "three.csv"]].concat());
    assert!(lines(&scratch, "three.csv")[0].ends_with(",day,again.day,x.day"));
}

#[test]
fn what_cannot_be_joined_is_explained() {
    let scratch = Scratch::new();
    tables(&scratch, "200");
    let run = |code: i32, rest: &[&str]| {
        let error = scratch.fail(code, &[&JOIN[..], rest, &["--out", "out.csv"]].concat());
        assert!(!scratch.path().join("out.csv").exists());
        error
    };
    assert!(run(2, &[]).contains("--with"));
    assert!(run(2, &["--with", "days.parquet:5"]).contains("15min"));
    assert!(run(2, &["--with", "AAA.csv"]).contains("as Parquet"));
    assert!(run(5, &["--with", "none.parquet"]).contains("no such file"));
    let twice = ["--with", "days.parquet", "--with", "days.parquet"];
    assert!(run(2, &twice).contains("NAME.day"));
    scratch.file("small.toml", "[features]\nmemory = \"16MiB\"\n");
    // Ten columns of a row group are more than that.
    let many = (0..12)
        .map(|n| format!("n{n}=days.parquet"))
        .collect::<Vec<_>>();
    let mut rest: Vec<&str> = many
        .iter()
        .flat_map(|one| ["--with", one.as_str()])
        .collect();
    rest.extend(["--config", "small.toml"]);
    assert!(run(4, &rest).contains("features.memory"));
    scratch.file("broken.parquet", "PAR1 nothing PAR1");
    assert!(run(5, &["--with", "broken.parquet"]).contains("broken.parquet"));
}
