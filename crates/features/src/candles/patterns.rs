//! The patterns, each bound to its functions in the `ta-lib` crate.

use ta_lib::Core;

use super::pattern::{Bar, Candle, Pattern};
use crate::parameter::real;
use crate::registry::{Build, Built, Cost, Definition, Family};

const CONVENTION: &str = "TA-Lib's conditions and default candle settings; averages over the bars \
                          before; started afresh every 512 rows from the bars looked back on.";

/// Binds a pattern: batch function, opener, look-back, handle, and, for those that have it, the
/// default penetration.
macro_rules! bind {
    ($name:ident: $batch:ident, $open:ident, $look_back:ident, $handle:ident, $($penetration:ident)?) => {
        #[derive(Clone)]
        struct $name;

        impl Pattern for $name {
            type Handle = ta_lib::$handle;

            fn look_back(core: &Core, _penetration: f64) -> Result<usize, ta_lib::RetCode> {
                $(let $penetration = _penetration;)?
                core.$look_back($($penetration)?)
            }

            fn batch(
                core: &Core,
                [open, high, low, close]: [&[f64]; 4],
                _penetration: f64,
                out: &mut [i32],
            ) -> Result<ta_lib::OutRange, ta_lib::RetCode> {
                $(let $penetration = _penetration;)?
                let last = close.len().saturating_sub(1);
                core.$batch(0, last, open, high, low, close, $($penetration,)? out)
            }

            fn open(
                core: &Core,
                [open, high, low, close]: [&[f64]; 4],
                _penetration: f64,
            ) -> Result<(Self::Handle, i32), ta_lib::RetCode> {
                $(let $penetration = _penetration;)?
                core.$open(open, high, low, close $(, $penetration)?)
            }

            #[inline]
            fn update(handle: &mut Self::Handle, bar: Bar) -> Result<i32, ta_lib::RetCode> {
                handle.update(bar[0], bar[1], bar[2], bar[3])
            }

            #[inline]
            fn peek(handle: &Self::Handle, bar: Bar) -> Result<i32, ta_lib::RetCode> {
                handle.peek(bar[0], bar[1], bar[2], bar[3])
            }
        }
    };
}

/// Patterns without and with a penetration (how far a candle must reach into the one before, as a
/// share of its body), and their registry entries.
macro_rules! patterns {
    (
        plain { $($p:ident: $pb:ident, $po:ident, $pl:ident, $ph:ident, $pd:literal;)* }
        penetrating { $($q:ident: $qb:ident, $qo:ident, $ql:ident, $qh:ident, $default:literal, $qd:literal;)* }
    ) => {
        $(bind!($p: $pb, $po, $pl, $ph,);)*
        $(bind!($q: $qb, $qo, $ql, $qh, penetration);)*

        pub(crate) const DEFINITIONS: &[Definition] = &[
            $(Definition {
                name: stringify!($pb),
                family: Family::Candles,
                outputs: &[stringify!($pb)],
                parameters: &[],
                inputs: &["open", "high", "low", "close"],
                cost: Cost::Constant,
                description: $pd,
                convention: CONVENTION,
                build: Build::Series(|a| {
                    Ok(Built::over_sources(a, Candle::<$p>::new(stringify!($pb), 0.0)?))
                }),
            },)*
            $(Definition {
                name: stringify!($qb),
                family: Family::Candles,
                outputs: &[stringify!($qb)],
                parameters: &[real(
                    "penetration",
                    "reach into the body of the candle before, as a share of it",
                    (0.0, 1e6),
                    $default,
                )],
                inputs: &["open", "high", "low", "close"],
                cost: Cost::Constant,
                description: $qd,
                convention: CONVENTION,
                build: Build::Series(|a| {
                    let penetration = a.real("penetration")?;
                    Ok(Built::over_sources(a, Candle::<$q>::new(stringify!($qb), penetration)?))
                }),
            },)*
        ];
    };
}

patterns! {
    plain {
        Cdl2crows: cdl2crows, cdl2crows_open, cdl2crows_lookback, Cdl2crowsStream, "Two Crows";
        Cdl3blackcrows: cdl3blackcrows, cdl3blackcrows_open, cdl3blackcrows_lookback, Cdl3blackcrowsStream, "Three Black Crows";
        Cdl3inside: cdl3inside, cdl3inside_open, cdl3inside_lookback, Cdl3insideStream, "Three Inside Up/Down";
        Cdl3linestrike: cdl3linestrike, cdl3linestrike_open, cdl3linestrike_lookback, Cdl3linestrikeStream, "Three-Line Strike";
        Cdl3outside: cdl3outside, cdl3outside_open, cdl3outside_lookback, Cdl3outsideStream, "Three Outside Up/Down";
        Cdl3starsinsouth: cdl3starsinsouth, cdl3starsinsouth_open, cdl3starsinsouth_lookback, Cdl3starsinsouthStream, "Three Stars In The South";
        Cdl3whitesoldiers: cdl3whitesoldiers, cdl3whitesoldiers_open, cdl3whitesoldiers_lookback, Cdl3whitesoldiersStream, "Three Advancing White Soldiers";
        Cdladvanceblock: cdladvanceblock, cdladvanceblock_open, cdladvanceblock_lookback, CdladvanceblockStream, "Advance Block";
        Cdlbelthold: cdlbelthold, cdlbelthold_open, cdlbelthold_lookback, CdlbeltholdStream, "Belt-hold";
        Cdlbreakaway: cdlbreakaway, cdlbreakaway_open, cdlbreakaway_lookback, CdlbreakawayStream, "Breakaway";
        Cdlclosingmarubozu: cdlclosingmarubozu, cdlclosingmarubozu_open, cdlclosingmarubozu_lookback, CdlclosingmarubozuStream, "Closing Marubozu";
        Cdlconcealbabyswall: cdlconcealbabyswall, cdlconcealbabyswall_open, cdlconcealbabyswall_lookback, CdlconcealbabyswallStream, "Concealing Baby Swallow";
        Cdlcounterattack: cdlcounterattack, cdlcounterattack_open, cdlcounterattack_lookback, CdlcounterattackStream, "Counterattack";
        Cdldoji: cdldoji, cdldoji_open, cdldoji_lookback, CdldojiStream, "Doji";
        Cdldojistar: cdldojistar, cdldojistar_open, cdldojistar_lookback, CdldojistarStream, "Doji Star";
        Cdldragonflydoji: cdldragonflydoji, cdldragonflydoji_open, cdldragonflydoji_lookback, CdldragonflydojiStream, "Dragonfly Doji";
        Cdlengulfing: cdlengulfing, cdlengulfing_open, cdlengulfing_lookback, CdlengulfingStream, "Engulfing Pattern";
        Cdlgapsidesidewhite: cdlgapsidesidewhite, cdlgapsidesidewhite_open, cdlgapsidesidewhite_lookback, CdlgapsidesidewhiteStream, "Up/Down-gap side-by-side white lines";
        Cdlgravestonedoji: cdlgravestonedoji, cdlgravestonedoji_open, cdlgravestonedoji_lookback, CdlgravestonedojiStream, "Gravestone Doji";
        Cdlhammer: cdlhammer, cdlhammer_open, cdlhammer_lookback, CdlhammerStream, "Hammer";
        Cdlhangingman: cdlhangingman, cdlhangingman_open, cdlhangingman_lookback, CdlhangingmanStream, "Hanging Man";
        Cdlharami: cdlharami, cdlharami_open, cdlharami_lookback, CdlharamiStream, "Harami Pattern";
        Cdlharamicross: cdlharamicross, cdlharamicross_open, cdlharamicross_lookback, CdlharamicrossStream, "Harami Cross Pattern";
        Cdlhighwave: cdlhighwave, cdlhighwave_open, cdlhighwave_lookback, CdlhighwaveStream, "High-Wave Candle";
        Cdlhikkake: cdlhikkake, cdlhikkake_open, cdlhikkake_lookback, CdlhikkakeStream, "Hikkake Pattern";
        Cdlhikkakemod: cdlhikkakemod, cdlhikkakemod_open, cdlhikkakemod_lookback, CdlhikkakemodStream, "Modified Hikkake Pattern";
        Cdlhomingpigeon: cdlhomingpigeon, cdlhomingpigeon_open, cdlhomingpigeon_lookback, CdlhomingpigeonStream, "Homing Pigeon";
        Cdlidentical3crows: cdlidentical3crows, cdlidentical3crows_open, cdlidentical3crows_lookback, Cdlidentical3crowsStream, "Identical Three Crows";
        Cdlinneck: cdlinneck, cdlinneck_open, cdlinneck_lookback, CdlinneckStream, "In-Neck Pattern";
        Cdlinvertedhammer: cdlinvertedhammer, cdlinvertedhammer_open, cdlinvertedhammer_lookback, CdlinvertedhammerStream, "Inverted Hammer";
        Cdlkicking: cdlkicking, cdlkicking_open, cdlkicking_lookback, CdlkickingStream, "Kicking";
        Cdlkickingbylength: cdlkickingbylength, cdlkickingbylength_open, cdlkickingbylength_lookback, CdlkickingbylengthStream, "Kicking - bull/bear determined by the longer marubozu";
        Cdlladderbottom: cdlladderbottom, cdlladderbottom_open, cdlladderbottom_lookback, CdlladderbottomStream, "Ladder Bottom";
        Cdllongleggeddoji: cdllongleggeddoji, cdllongleggeddoji_open, cdllongleggeddoji_lookback, CdllongleggeddojiStream, "Long Legged Doji";
        Cdllongline: cdllongline, cdllongline_open, cdllongline_lookback, CdllonglineStream, "Long Line Candle";
        Cdlmarubozu: cdlmarubozu, cdlmarubozu_open, cdlmarubozu_lookback, CdlmarubozuStream, "Marubozu";
        Cdlmatchinglow: cdlmatchinglow, cdlmatchinglow_open, cdlmatchinglow_lookback, CdlmatchinglowStream, "Matching Low";
        Cdlonneck: cdlonneck, cdlonneck_open, cdlonneck_lookback, CdlonneckStream, "On-Neck Pattern";
        Cdlpiercing: cdlpiercing, cdlpiercing_open, cdlpiercing_lookback, CdlpiercingStream, "Piercing Pattern";
        Cdlrickshawman: cdlrickshawman, cdlrickshawman_open, cdlrickshawman_lookback, CdlrickshawmanStream, "Rickshaw Man";
        Cdlrisefall3methods: cdlrisefall3methods, cdlrisefall3methods_open, cdlrisefall3methods_lookback, Cdlrisefall3methodsStream, "Rising/Falling Three Methods";
        Cdlseparatinglines: cdlseparatinglines, cdlseparatinglines_open, cdlseparatinglines_lookback, CdlseparatinglinesStream, "Separating Lines";
        Cdlshootingstar: cdlshootingstar, cdlshootingstar_open, cdlshootingstar_lookback, CdlshootingstarStream, "Shooting Star";
        Cdlshortline: cdlshortline, cdlshortline_open, cdlshortline_lookback, CdlshortlineStream, "Short Line Candle";
        Cdlspinningtop: cdlspinningtop, cdlspinningtop_open, cdlspinningtop_lookback, CdlspinningtopStream, "Spinning Top";
        Cdlstalledpattern: cdlstalledpattern, cdlstalledpattern_open, cdlstalledpattern_lookback, CdlstalledpatternStream, "Stalled Pattern";
        Cdlsticksandwich: cdlsticksandwich, cdlsticksandwich_open, cdlsticksandwich_lookback, CdlsticksandwichStream, "Stick Sandwich";
        Cdltakuri: cdltakuri, cdltakuri_open, cdltakuri_lookback, CdltakuriStream, "Takuri (Dragonfly Doji with very long lower shadow)";
        Cdltasukigap: cdltasukigap, cdltasukigap_open, cdltasukigap_lookback, CdltasukigapStream, "Tasuki Gap";
        Cdlthrusting: cdlthrusting, cdlthrusting_open, cdlthrusting_lookback, CdlthrustingStream, "Thrusting Pattern";
        Cdltristar: cdltristar, cdltristar_open, cdltristar_lookback, CdltristarStream, "Tristar Pattern";
        Cdlunique3river: cdlunique3river, cdlunique3river_open, cdlunique3river_lookback, Cdlunique3riverStream, "Unique 3 River";
        Cdlupsidegap2crows: cdlupsidegap2crows, cdlupsidegap2crows_open, cdlupsidegap2crows_lookback, Cdlupsidegap2crowsStream, "Upside Gap Two Crows";
        Cdlxsidegap3methods: cdlxsidegap3methods, cdlxsidegap3methods_open, cdlxsidegap3methods_lookback, Cdlxsidegap3methodsStream, "Upside/Downside Gap Three Methods";
    }
    penetrating {
        Cdlabandonedbaby: cdlabandonedbaby, cdlabandonedbaby_open, cdlabandonedbaby_lookback, CdlabandonedbabyStream, 0.3, "Abandoned Baby";
        Cdldarkcloudcover: cdldarkcloudcover, cdldarkcloudcover_open, cdldarkcloudcover_lookback, CdldarkcloudcoverStream, 0.5, "Dark Cloud Cover";
        Cdleveningdojistar: cdleveningdojistar, cdleveningdojistar_open, cdleveningdojistar_lookback, CdleveningdojistarStream, 0.3, "Evening Doji Star";
        Cdleveningstar: cdleveningstar, cdleveningstar_open, cdleveningstar_lookback, CdleveningstarStream, 0.3, "Evening Star";
        Cdlmathold: cdlmathold, cdlmathold_open, cdlmathold_lookback, CdlmatholdStream, 0.5, "Mat Hold";
        Cdlmorningdojistar: cdlmorningdojistar, cdlmorningdojistar_open, cdlmorningdojistar_lookback, CdlmorningdojistarStream, 0.3, "Morning Doji Star";
        Cdlmorningstar: cdlmorningstar, cdlmorningstar_open, cdlmorningstar_lookback, CdlmorningstarStream, 0.3, "Morning Star";
    }
}
