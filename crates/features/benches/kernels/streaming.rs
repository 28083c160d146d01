//! One update of each calculator with its default parameters, its inputs being there.

use std::hint::black_box;

use trader_features::registry::{Build, Cost};
use trader_features::{Columns, Definition, FeatureSet, Registry};

use crate::bars::Bars;
use crate::measure;

/// Rows streamed per round; also the longest round, in nanoseconds, is kept short for slow ones.
const ROWS: usize = 20_000;
/// Where the aim of the project lies, in nanoseconds.
const AIM: f64 = 20.0;

/// Prints nanoseconds per update of each calculator whose name contains `wanted`, slowest last.
pub(crate) fn print(wanted: &str) {
    let bars = Bars::new(ROWS);
    let mut lines: Vec<(f64, &Definition)> = Registry::standard()
        .definitions()
        .filter(|definition| definition.name.contains(wanted))
        .filter_map(|definition| Some((update(definition, &bars)?, definition)))
        .collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!("streaming, ns per update of one calculator");
    for (nanoseconds, definition) in &lines {
        let mark = if *nanoseconds < AIM { ' ' } else { '>' };
        println!(
            "{mark} {:<22} {nanoseconds:>10.1}  {}",
            definition.name, definition.cost
        );
    }
    summarise(&lines);
}

/// How many reach the aim, by cost: what has to go through its window at every row (ranks,
/// entropies, spectra, fits) cannot.
fn summarise(lines: &[(f64, &Definition)]) {
    let costs = [
        (Cost::Constant, "a state carried from row to row"),
        (Cost::Linear, "each row of the window anew"),
        (Cost::Linearithmic, "the window ranked or transformed"),
        (Cost::Quadratic, "each pair of rows of the window"),
    ];
    for (cost, reason) in costs {
        let times = || lines.iter().filter(|line| line.1.cost == cost);
        let fast = times().filter(|line| line.0 < AIM).count();
        println!(
            "{cost:<10} {fast:>4} of {:>4} below {AIM} ns: {reason}",
            times().count()
        );
    }
    let fast = lines.iter().filter(|line| line.0 < AIM).count();
    println!("all        {fast:>4} of {:>4} below {AIM} ns", lines.len());
}

/// Best nanoseconds per update; `None` where there is no series form.
fn update(definition: &Definition, bars: &Bars) -> Option<f64> {
    let Build::Series(build) = definition.build else {
        return None;
    };
    let resolved = Registry::standard()
        .resolve(definition.name)
        .or_else(|_several| {
            Registry::standard().resolve(definition.outputs.first().expect("an output"))
        });
    let built = build(&resolved.expect("defaults are valid").arguments).expect("valid");
    let sources: Vec<Vec<f64>> = built
        .sources
        .iter()
        .map(|source| {
            // Columns that no feed of bars has (days to an event, say) are amounts here.
            let amounts = bars.get("volume").expect("known");
            let column = |name: &str| bars.get(name).unwrap_or(amounts);
            let Ok(set) = FeatureSet::new(Registry::standard(), &[source]) else {
                return column(source).to_vec();
            };
            let columns = set.inputs().fold(Columns::new(), |columns, name| {
                columns.with(name, column(name)).expect("equal lengths")
            });
            set.batch(&columns).expect("columns").columns.remove(0)
        })
        .collect();
    let mut calculator = built.calculator;
    let mut out = vec![0.0; calculator.warm_up().len()];
    let mut row = vec![0.0; sources.len()];
    let mut stream = |from: usize, to: usize| {
        for index in from..to {
            for (value, source) in row.iter_mut().zip(&sources) {
                *value = source[index];
            }
            calculator.update(&row, &mut out).expect("fits");
            black_box(&out);
        }
    };
    stream(0, 2000);
    let pilot = measure::once(50, || stream(2000, 2050));
    let rows = if pilot > 20_000.0 {
        50
    } else if pilot > 500.0 {
        500
    } else {
        ROWS - 2000
    };
    let rounds = if rows < 500 { 2 } else { 7 };
    let [best] = measure::best(rounds, rows, [&mut || stream(2000, 2000 + rows)]);
    Some(best)
}
