//! Where a run's history comes from: files, a LEAN folder, or what ships inside the program.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Days, NaiveDate};
use trader_config::schema::Config;
use trader_domain::calendar::eastern_instant;
use trader_domain::{
    Borrow, CorporateAction, Instrument, InstrumentId, Instruments, MarketCalendar, Symbol,
    Timestamp, VendorId,
};
use trader_research::run::{HistoryFeed, Source, TickSeries, corporate_actions};
use trader_storage::lean::{AdjustmentMode, LeanFolder, LeanRequest, LeanResolution};
use trader_storage::{
    Adjustment, BarLabel, BarSeries, Fingerprint, PriceBasis, ReadOptions, SampleSet, Zone,
    collect_series, load_bars,
};

use crate::cli::{Adjust, Resolution, RunArgs, SourceArgs, TimeArgs};
use crate::failure::Failure;
use crate::store;
use crate::ticks;

/// A run's history in memory.
pub(crate) struct History {
    /// Bars by instrument; with ticks, the bars made of them.
    pub(crate) series: Vec<BarSeries>,
    /// Ticks by instrument, where the run is on ticks.
    pub(crate) ticks: Vec<TickSeries>,
    pub(crate) actions: Vec<CorporateAction>,
    pub(crate) instruments: Instruments,
    /// Who delivered the data, where that is recorded.
    pub(crate) vendor: Option<String>,
    /// In words, for reports.
    pub(crate) description: String,
    pub(crate) fingerprint: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl History {
    /// Reads what the arguments name.
    pub(crate) fn load(args: &RunArgs, config: &Config, now: Timestamp) -> Result<Self, Failure> {
        let (from, to) = period(args, config)?;
        if let (Some(folder), Resolution::Tick) = (&args.source.lean, args.source.resolution) {
            require_symbols(&args.source)?;
            return ticks::load(args, folder, (from, to), config, now);
        }
        if let Some(folder) = &args.source.store {
            let folder = match folder {
                Some(folder) => folder.as_path(),
                None => config.store.folder.as_path(),
            };
            let stored = store::load(&args.source, folder, (from, to), now)?;
            let (series, actions) = (stored.series, stored.actions);
            let mut history =
                Self::assemble(series, actions, stored.description, (from, to), config)?;
            history.vendor = Some(stored.vendor);
            return Ok(history);
        }
        if args.source.vendor.is_some() {
            return Err(Failure::Usage(
                "--vendor goes with --store: other sources do not record whose data it is"
                    .to_owned(),
            ));
        }
        let mut actions = Vec::new();
        let (mut series, description) = if let Some(folder) = &args.source.lean {
            lean(&args.source, folder, (from, to), now, &mut actions)?
        } else if let Some(name) = &args.source.sample {
            sample(name)?
        } else {
            files(&args.source, now)?
        };
        if args.source.lean.is_none() {
            select(&mut series, &args.source.symbols)?;
        }
        Self::assemble(series, actions, description, (from, to), config)
    }

    /// A data set that ships inside the program.
    pub(crate) fn sample(set: SampleSet, config: &Config, args: &RunArgs) -> Result<Self, Failure> {
        let series = set.load_all()?;
        let description = describe_sample(set);
        Self::assemble(
            series,
            Vec::new(),
            description,
            period(args, config)?,
            config,
        )
    }

    pub(crate) fn assemble(
        series: Vec<BarSeries>,
        actions: Vec<CorporateAction>,
        description: String,
        (from, to): (Timestamp, Timestamp),
        config: &Config,
    ) -> Result<Self, Failure> {
        let mut instruments = Instruments::new();
        for one in &series {
            let borrow = if !crate::limits::allows_short(config) {
                Borrow::Unavailable
            } else if config
                .risk
                .hard_to_borrow
                .iter()
                .any(|t| t.as_str() == one.symbol.as_str())
            {
                Borrow::NeedsLocate
            } else {
                Borrow::Easy
            };
            let terms = Instrument {
                borrow,
                ..Instrument::equity(one.symbol)
            };
            instruments.add(terms).map_err(|error| {
                Failure::Usage(format!(
                    "{error}: the files hold the same symbol twice; choose with --symbols"
                ))
            })?;
        }
        let fingerprint = Fingerprint::of_series(&series).to_string();
        Ok(Self {
            warnings: warnings(&series),
            series,
            ticks: Vec::new(),
            actions,
            instruments,
            vendor: None,
            description,
            fingerprint,
            from,
            to,
        })
    }

    /// How the prices are adjusted, in words; series may differ.
    pub(crate) fn adjustment(&self) -> String {
        let words: BTreeSet<String> = self
            .series
            .iter()
            .map(|one| match one.adjustment {
                Adjustment::Raw => "raw".to_owned(),
                Adjustment::Vendor => "adjusted by the vendor".to_owned(),
                Adjustment::AsOf(date) => format!("adjusted as of {}", date.utc_date()),
                Adjustment::Unknown => "not stated".to_owned(),
            })
            .collect();
        words.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// A feed over everything, to be used once.
    pub(crate) fn feed(&self) -> HistoryFeed<'_> {
        let mut feed = HistoryFeed::new(self.from, self.to);
        if !self.ticks.is_empty() {
            for (id, ticks) in (0_u32..).map(InstrumentId).zip(&self.ticks) {
                ticks.feed(id, &mut feed);
            }
            return feed;
        }
        for (id, series) in (0_u32..).zip(&self.series) {
            feed.add(InstrumentId(id), VendorId::INTERNAL, Source::Memory(series));
        }
        feed.add_actions(self.actions.iter().copied());
        feed
    }
}

/// The beginning of a day in New York.
pub(crate) fn midnight(date: NaiveDate) -> Result<Timestamp, Failure> {
    eastern_instant(date, chrono::NaiveTime::MIN)
        .map_err(|error| Failure::Usage(format!("{date}: {error}")))
}

/// First and last instant wanted; days are New York's.
fn period(args: &RunArgs, config: &Config) -> Result<(Timestamp, Timestamp), Failure> {
    let from = args.from.or(config.backtest.from);
    let to = args.to.or(config.backtest.to);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Failure::Usage(format!("--from {from} is after --to {to}")));
    }
    let from = from.map_or(Ok(Timestamp::MIN), midnight)?;
    let to = match to.and_then(|last| last.checked_add_days(Days::new(1))) {
        Some(day) => midnight(day)?,
        None => Timestamp::MAX,
    };
    Ok((from, to))
}

/// How files are read.
pub(crate) fn options(times: &TimeArgs, now: Timestamp) -> ReadOptions {
    let mut options = ReadOptions::new(now);
    if times.new_york_times {
        options.zone = Zone::NewYork;
    }
    if times.bar_end_labels {
        options.label = BarLabel::End;
    }
    options
}

fn files(args: &SourceArgs, now: Timestamp) -> Result<(Vec<BarSeries>, String), Failure> {
    let options = options(&args.times, now);
    let mut series = Vec::new();
    for path in &args.bars {
        series.extend(load_bars(path, &options)?);
    }
    let names: Vec<String> = args
        .bars
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Ok((series, names.join(", ")))
}

pub(crate) fn sample(name: &str) -> Result<(Vec<BarSeries>, String), Failure> {
    let set = SampleSet::ALL
        .into_iter()
        .find(|set| set.name() == name)
        .ok_or_else(|| {
            let known: Vec<&str> = SampleSet::ALL.iter().map(|set| set.name()).collect();
            Failure::Usage(format!(
                "there is no sample `{name}`; known: {}",
                known.join(", ")
            ))
        })?;
    Ok((set.load_all()?, describe_sample(set)))
}

fn describe_sample(set: SampleSet) -> String {
    format!("sample {} ({})", set.name(), set.origin())
}

/// Keeps the symbols asked for, in that order.
fn select(series: &mut Vec<BarSeries>, symbols: &[String]) -> Result<(), Failure> {
    if symbols.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<String> = series.iter().map(|one| one.symbol.to_string()).collect();
    let mut chosen = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let Some(place) = series.iter().position(|one| one.symbol.as_str() == symbol) else {
            let known: Vec<String> = known.into_iter().collect();
            return Err(Failure::Usage(format!(
                "symbol `{symbol}` is not in the data; it has: {}",
                known.join(", ")
            )));
        };
        chosen.push(series.remove(place));
    }
    *series = chosen;
    Ok(())
}

pub(crate) fn lean(
    args: &SourceArgs,
    folder: &Path,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
    actions: &mut Vec<CorporateAction>,
) -> Result<(Vec<BarSeries>, String), Failure> {
    require_symbols(args)?;
    let resolution = match args.resolution {
        Resolution::Daily => LeanResolution::Daily,
        Resolution::Hour => LeanResolution::Hour,
        Resolution::Minute => LeanResolution::Minute,
        Resolution::Second | Resolution::Tick => LeanResolution::Second,
    };
    let data = LeanFolder::open(folder)?;
    let calendar = MarketCalendar::us_equities();
    let (first, last) = (date_of(from), date_of(to.min(now)));
    let mut all = Vec::new();
    for (id, ticker) in (0_u32..).zip(&args.symbols) {
        let as_of = last.unwrap_or_else(|| now.utc_date());
        let request = LeanRequest {
            ticker: ticker.clone(),
            as_of,
            resolution,
            from: first,
            to: last,
        };
        let mut read = options(&args.times, now);
        read.symbol = Symbol::new(&ticker.to_ascii_uppercase()).ok();
        let mut series = collect_series(&mut data.bars(&request, &read)?)?;
        let one = series.pop().ok_or_else(|| {
            Failure::Usage(format!(
                "{ticker}: no bars in that time; check --from and --to"
            ))
        })?;
        let security = data.security(ticker, as_of)?;
        match (args.adjust, &security.factors) {
            (Adjust::Total, Some(factors)) => {
                all.push(factors.adjusted(&one, as_of, AdjustmentMode::SplitsAndDividends)?);
            }
            (Adjust::Total, None) => all.push(one),
            (Adjust::Raw, _) => {
                let found = corporate_actions(&security, InstrumentId(id), &one, &calendar)
                    .map_err(|error| Failure::Usage(format!("{ticker}: {error}")))?;
                actions.extend(found);
                all.push(one);
            }
        }
    }
    Ok((
        all,
        format!("LEAN folder {} ({})", folder.display(), resolution.name()),
    ))
}

pub(crate) fn require_symbols(args: &SourceArgs) -> Result<(), Failure> {
    if args.symbols.is_empty() {
        return Err(Failure::Usage(
            "--lean needs --symbols: a LEAN folder holds many securities".to_owned(),
        ));
    }
    Ok(())
}

/// Whether a day's trading falls into a period, at least in part.
pub(crate) fn holds((from, to): (Timestamp, Timestamp), day: NaiveDate) -> bool {
    let noon = chrono::NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    eastern_instant(day, noon).is_ok_and(|instant| from <= instant && instant < to)
}

pub(crate) fn date_of(time: Timestamp) -> Option<NaiveDate> {
    (time > Timestamp::MIN && time < Timestamp::MAX).then(|| time.utc_date())
}

fn warnings(series: &[BarSeries]) -> Vec<String> {
    let mut warnings = Vec::new();
    let close_only = series
        .iter()
        .filter(|one| one.basis == PriceBasis::CloseOnly)
        .count();
    if close_only > 0 {
        warnings.push(format!(
            "{close_only} of {} series hold closes only: open, high and low equal the close, so a \
             market order decided at one close fills at the next close",
            series.len()
        ));
    }
    if series.iter().any(|one| one.columns.volume.is_none()) {
        warnings.push(
            "without volume there is no participation limit and no capacity estimate".to_owned(),
        );
    }
    let gaps: u64 = series.iter().map(|one| one.gaps.count).sum();
    if gaps > 0 {
        warnings.push(format!(
            "{gaps} gaps of more than five days in the data; nothing was filled in"
        ));
    }
    warnings
}
