//! Our side of `cargo xtask bench kernels`: one JSON object a line for each name a line.

use std::io::{BufRead, Write};
use std::path::Path;

use crate::bars::Bars;
use crate::chain::chain;
use crate::shared::SHARED;
use crate::{ROWS, measure, options};

/// Answers until the input ends: `bars FILE` writes the columns open, high, low, close, volume and
/// benchmark as little-endian f64, one after another; `chain FILE` the options as rows of right
/// (+1 call, -1 put), strike, years, spot, rate, yield, volatility, price; `list` names what is
/// measured; a name gives its nanoseconds.
pub(crate) fn serve() {
    let bars = Bars::new(ROWS);
    let chain = chain();
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("text");
        let answer = match line.split_once(' ') {
            Some(("bars", file)) => {
                let names = ["open", "high", "low", "close", "volume", "benchmark"];
                let columns = names.map(|name| bars.get(name).expect("known"));
                write(Path::new(file), columns.iter().copied().flatten().copied());
                format!("{{\"rows\": {ROWS}}}")
            }
            Some(("chain", file)) => {
                let rows = chain.iter().flat_map(|case| {
                    let (option, share) = (&case.option, &case.share);
                    let right = match option.right {
                        trader_domain::OptionRight::Call => 1.0,
                        trader_domain::OptionRight::Put => -1.0,
                    };
                    [
                        right,
                        option.strike,
                        option.years,
                        share.spot,
                        share.rate,
                        share.dividend_yield,
                        case.volatility,
                        case.price,
                    ]
                });
                write(Path::new(file), rows);
                format!("{{\"rows\": {}}}", chain.len())
            }
            _ if line == "list" => {
                let rolling = |shared: &&crate::shared::Shared| shared.rolling;
                let names = |names: Vec<&str>| format!("[\"{}\"]", names.join("\", \""));
                format!(
                    "{{\"shared\": {}, \"rolling\": {}, \"options\": {}}}",
                    names(SHARED.iter().map(|shared| shared.name).collect()),
                    names(
                        SHARED
                            .iter()
                            .filter(rolling)
                            .map(|shared| shared.name)
                            .collect()
                    ),
                    names(options::MEASURED.to_vec())
                )
            }
            _ => {
                let nanoseconds = match SHARED.iter().find(|shared| shared.name == line) {
                    Some(shared) => {
                        let mut batch = shared.batch();
                        let [best] = measure::best(6, ROWS, [&mut || batch.run(&bars)]);
                        best
                    }
                    None => options::ours(&line, &chain, 5),
                };
                format!("{{\"nanoseconds\": {nanoseconds}}}")
            }
        };
        writeln!(output, "{answer}").expect("a reader");
        output.flush().expect("a reader");
    }
}

fn write(file: &Path, values: impl Iterator<Item = f64>) {
    let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
    std::fs::write(file, bytes).expect("a writable file");
}
