//! Batch over a million bars beside the `ta-lib` crate: the same function, all its outputs, into
//! memory that is there already.

use std::hint::black_box;

use ta_lib::{Core, MAType, OutRange, RetCode};
use trader_features::{FeatureSet, Registry, Table};

use crate::bars::Bars;
use crate::{ROWS, measure};

/// A function that both have.
pub(crate) struct Shared {
    /// What it is called here and in `xtask/peers/talib_run.py`.
    pub(crate) name: &'static str,
    /// Our names of all outputs that the other side computes.
    ours: &'static [&'static str],
    /// Whether it is a function of a rolling window.
    pub(crate) rolling: bool,
}

/// Our side of one measurement.
pub(crate) struct Batch {
    set: FeatureSet,
    table: Table,
}

impl Batch {
    /// Ready to run, its memory touched.
    pub(crate) fn new(names: &[&str]) -> Self {
        Self {
            set: FeatureSet::new(Registry::standard(), names).expect("known"),
            table: Table::default(),
        }
    }

    /// Number of calculators, shared ones counted once.
    pub(crate) fn calculators(&self) -> usize {
        self.set.calculators()
    }

    /// All rows once.
    pub(crate) fn run(&mut self, bars: &Bars) {
        self.set
            .batch_into(&bars.columns(), &mut self.table)
            .expect("columns");
        black_box(&self.table);
    }
}

impl Shared {
    /// Our side.
    pub(crate) fn batch(&self) -> Batch {
        Batch::new(self.ours)
    }
}

/// Prints a line for each function whose name contains `wanted`.
pub(crate) fn print(bars: &Bars, wanted: &str) {
    let core = Core::new();
    let mut memory = Memory::new();
    println!("batch, ns per bar: ours, ta-lib crate, ours / theirs (* rolling window)");
    for shared in SHARED.iter().filter(|shared| shared.name.contains(wanted)) {
        let mut batch = shared.batch();
        let mut theirs = || {
            black_box(talib(shared.name, &core, bars, &mut memory).expect("valid"));
        };
        let [ours, theirs] = measure::best(15, ROWS, [&mut || batch.run(bars), &mut theirs]);
        let mark = if shared.rolling { '*' } else { ' ' };
        println!(
            "{:<16}{mark} {ours:>8.2} {theirs:>8.2} {:>8.2}",
            shared.name,
            ours / theirs
        );
    }
}

/// Where the other side writes.
pub(crate) struct Memory {
    outputs: [Vec<f64>; 3],
    integers: Vec<i32>,
}

impl Memory {
    fn new() -> Self {
        Self {
            outputs: std::array::from_fn(|_| vec![0.0; ROWS]),
            integers: vec![0; ROWS],
        }
    }
}

/// Every shared function.
pub(crate) const SHARED: &[Shared] = &[
    Shared {
        name: "sma_20",
        ours: &["sma_20"],
        rolling: true,
    },
    Shared {
        name: "sma_200",
        ours: &["sma_200"],
        rolling: true,
    },
    Shared {
        name: "ema_20",
        ours: &["ema_20"],
        rolling: false,
    },
    Shared {
        name: "rma_14",
        ours: &["rma_14"],
        rolling: false,
    },
    Shared {
        name: "wma_20",
        ours: &["wma_20"],
        rolling: true,
    },
    Shared {
        name: "dema_20",
        ours: &["dema_20"],
        rolling: false,
    },
    Shared {
        name: "tema_20",
        ours: &["tema_20"],
        rolling: false,
    },
    Shared {
        name: "t3_5",
        ours: &["t3_5"],
        rolling: false,
    },
    Shared {
        name: "trima_20",
        ours: &["trima_20"],
        rolling: true,
    },
    Shared {
        name: "hma_20",
        ours: &["hma_20"],
        rolling: true,
    },
    Shared {
        name: "kama_10",
        ours: &["kama_10"],
        rolling: true,
    },
    Shared {
        name: "mama",
        ours: &["mama", "fama"],
        rolling: false,
    },
    Shared {
        name: "vwma_20",
        ours: &["vwma_20"],
        rolling: true,
    },
    Shared {
        name: "midpoint_14",
        ours: &["midpoint_14"],
        rolling: true,
    },
    Shared {
        name: "midprice_14",
        ours: &["midprice_14"],
        rolling: true,
    },
    Shared {
        name: "rsi_14",
        ours: &["rsi_14"],
        rolling: false,
    },
    Shared {
        name: "cmo_14",
        ours: &["cmo_14"],
        rolling: false,
    },
    Shared {
        name: "macd",
        ours: &["macd", "macd_signal", "macd_hist"],
        rolling: false,
    },
    Shared {
        name: "ppo",
        ours: &["ppo_12_26_ema"],
        rolling: false,
    },
    Shared {
        name: "apo",
        ours: &["apo_12_26_ema"],
        rolling: false,
    },
    Shared {
        name: "bbands",
        ours: &["bb_upper_20_2", "bb_mid_20_2", "bb_lower_20_2"],
        rolling: true,
    },
    Shared {
        name: "stddev_20",
        ours: &["stddev_20"],
        rolling: true,
    },
    Shared {
        name: "var_20",
        ours: &["var_20"],
        rolling: true,
    },
    Shared {
        name: "linreg_14",
        ours: &["linreg_14"],
        rolling: true,
    },
    Shared {
        name: "linreg_slope_14",
        ours: &["linreg_slope_14"],
        rolling: true,
    },
    Shared {
        name: "tsf_14",
        ours: &["tsf_14"],
        rolling: true,
    },
    Shared {
        name: "trange",
        ours: &["trange"],
        rolling: false,
    },
    Shared {
        name: "atr_14",
        ours: &["atr_14"],
        rolling: false,
    },
    Shared {
        name: "natr_14",
        ours: &["natr_14"],
        rolling: false,
    },
    Shared {
        name: "adx_14",
        ours: &["adx_14"],
        rolling: false,
    },
    Shared {
        name: "dx_14",
        ours: &["dx_14"],
        rolling: false,
    },
    Shared {
        name: "plus_di_14",
        ours: &["plus_di_14"],
        rolling: false,
    },
    Shared {
        name: "aroon_14",
        ours: &["aroon_down_14", "aroon_up_14"],
        rolling: true,
    },
    Shared {
        name: "sar",
        ours: &["sar"],
        rolling: false,
    },
    Shared {
        name: "donchian_20",
        ours: &["donchian_upper_20", "donchian_mid_20", "donchian_lower_20"],
        rolling: true,
    },
    Shared {
        name: "cci_20",
        ours: &["cci_20"],
        rolling: true,
    },
    Shared {
        name: "willr_14",
        ours: &["willr_14"],
        rolling: true,
    },
    Shared {
        name: "stoch",
        ours: &["stoch_k_14_3_3", "stoch_d_14_3_3"],
        rolling: true,
    },
    Shared {
        name: "stochf",
        ours: &["stochf_k_14_3", "stochf_d_14_3"],
        rolling: true,
    },
    Shared {
        name: "stochrsi",
        ours: &["stochrsi_k_14_14_3", "stochrsi_d_14_14_3"],
        rolling: true,
    },
    Shared {
        name: "mfi_14",
        ours: &["mfi_14"],
        rolling: true,
    },
    Shared {
        name: "obv",
        ours: &["obv"],
        rolling: false,
    },
    Shared {
        name: "ad",
        ours: &["ad"],
        rolling: false,
    },
    Shared {
        name: "adosc",
        ours: &["adosc_3_10"],
        rolling: false,
    },
    Shared {
        name: "cmf_20",
        ours: &["cmf_20"],
        rolling: true,
    },
    Shared {
        name: "roc_10",
        ours: &["roc_10"],
        rolling: false,
    },
    Shared {
        name: "mom_10",
        ours: &["mom_10"],
        rolling: false,
    },
    Shared {
        name: "trix_15",
        ours: &["trix_15"],
        rolling: false,
    },
    Shared {
        name: "ultosc",
        ours: &["ultosc_7_14_28"],
        rolling: true,
    },
    Shared {
        name: "bop",
        ours: &["bop"],
        rolling: false,
    },
    Shared {
        name: "typprice",
        ours: &["typprice"],
        rolling: false,
    },
    Shared {
        name: "er_10",
        ours: &["er_10"],
        rolling: true,
    },
    Shared {
        name: "vortex_14",
        ours: &["vortex_plus_14", "vortex_minus_14"],
        rolling: true,
    },
    Shared {
        name: "massi",
        ours: &["massi_9_25"],
        rolling: true,
    },
    Shared {
        name: "correl_60",
        ours: &["correl_60"],
        rolling: true,
    },
    Shared {
        name: "beta_60",
        ours: &["beta_60"],
        rolling: true,
    },
    Shared {
        name: "supertrend",
        ours: &["supertrend_10_3", "supertrend_dir_10_3"],
        rolling: false,
    },
    Shared {
        name: "cdlengulfing",
        ours: &["cdlengulfing"],
        rolling: false,
    },
    Shared {
        name: "cdleveningstar",
        ours: &["cdleveningstar"],
        rolling: false,
    },
];

#[expect(clippy::too_many_lines, reason = "a table: one line for each function")]
fn talib(name: &str, core: &Core, bars: &Bars, memory: &mut Memory) -> Result<OutRange, RetCode> {
    let end = ROWS - 1;
    let column = |name: &str| bars.get(name).expect("a known column");
    let (o, h, l, c) = (
        column("open"),
        column("high"),
        column("low"),
        column("close"),
    );
    let (v, b) = (column("volume"), column("benchmark"));
    let Memory {
        outputs: [x, y, z],
        integers,
    } = memory;
    match name {
        "sma_20" => core.sma(0, end, c, 20, x),
        "sma_200" => core.sma(0, end, c, 200, x),
        "ema_20" => core.ema(0, end, c, 20, x),
        "rma_14" => core.rma(0, end, c, 14, x),
        "wma_20" => core.wma(0, end, c, 20, x),
        "dema_20" => core.dema(0, end, c, 20, x),
        "tema_20" => core.tema(0, end, c, 20, x),
        "t3_5" => core.t3(0, end, c, 5, 0.7, x),
        "trima_20" => core.trima(0, end, c, 20, x),
        "hma_20" => core.hma(0, end, c, 20, x),
        "kama_10" => core.kama(0, end, c, 10, x),
        "mama" => core.mama(0, end, c, 0.5, 0.05, x, y),
        "vwma_20" => core.vwma(0, end, c, v, 20, x),
        "midpoint_14" => core.midpoint(0, end, c, 14, x),
        "midprice_14" => core.midprice(0, end, h, l, 14, x),
        "rsi_14" => core.rsi(0, end, c, 14, x),
        "cmo_14" => core.cmo(0, end, c, 14, x),
        "macd" => core.macd(0, end, c, 12, 26, 9, x, y, z),
        "ppo" => core.ppo(0, end, c, 12, 26, MAType::EMA, x),
        "apo" => core.apo(0, end, c, 12, 26, MAType::EMA, x),
        "bbands" => core.bbands(0, end, c, 20, 2.0, 2.0, MAType::SMA, x, y, z),
        "stddev_20" => core.stddev(0, end, c, 20, 1.0, x),
        "var_20" => core.var(0, end, c, 20, 1.0, x),
        "linreg_14" => core.linearreg(0, end, c, 14, x),
        "linreg_slope_14" => core.linearreg_slope(0, end, c, 14, x),
        "tsf_14" => core.tsf(0, end, c, 14, x),
        "trange" => core.trange(0, end, h, l, c, x),
        "atr_14" => core.atr(0, end, h, l, c, 14, x),
        "natr_14" => core.natr(0, end, h, l, c, 14, x),
        "adx_14" => core.adx(0, end, h, l, c, 14, x),
        "dx_14" => core.dx(0, end, h, l, c, 14, x),
        "plus_di_14" => core.plus_di(0, end, h, l, c, 14, x),
        "aroon_14" => core.aroon(0, end, h, l, 14, x, y),
        "sar" => core.sar(0, end, h, l, 0.02, 0.2, x),
        "donchian_20" => core.donchian(0, end, h, l, 20, x, y, z),
        "cci_20" => core.cci(0, end, h, l, c, 20, x),
        "willr_14" => core.willr(0, end, h, l, c, 14, x),
        "stoch" => core.stoch(0, end, h, l, c, 14, 3, MAType::SMA, 3, MAType::SMA, x, y),
        "stochf" => core.stochf(0, end, h, l, c, 14, 3, MAType::SMA, x, y),
        "stochrsi" => core.stochrsi(0, end, c, 14, 14, 3, MAType::SMA, x, y),
        "mfi_14" => core.mfi(0, end, h, l, c, v, 14, x),
        "obv" => core.obv(0, end, c, v, x),
        "ad" => core.ad(0, end, h, l, c, v, x),
        "adosc" => core.adosc(0, end, h, l, c, v, 3, 10, x),
        "cmf_20" => core.cmf(0, end, h, l, c, v, 20, x),
        "roc_10" => core.roc(0, end, c, 10, x),
        "mom_10" => core.mom(0, end, c, 10, x),
        "trix_15" => core.trix(0, end, c, 15, x),
        "ultosc" => core.ultosc(0, end, h, l, c, 7, 14, 28, x),
        "bop" => core.bop(0, end, o, h, l, c, x),
        "typprice" => core.typprice(0, end, h, l, c, x),
        "er_10" => core.er(0, end, c, 10, x),
        "vortex_14" => core.vortex(0, end, h, l, c, 14, x, y),
        "massi" => core.massi(0, end, h, l, 9, 25, x),
        "correl_60" => core.correl(0, end, c, b, 60, x),
        "beta_60" => core.beta(0, end, b, c, 60, x),
        "supertrend" => core.supertrend(0, end, h, l, c, 10, 3.0, x, integers),
        "cdlengulfing" => core.cdlengulfing(0, end, o, h, l, c, integers),
        "cdleveningstar" => core.cdleveningstar(0, end, o, h, l, c, 0.3, integers),
        other => panic!("{other} has no counterpart"),
    }
}
