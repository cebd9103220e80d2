//! `plot`: a picture of the account's equity and requirement along spot or volatility.

mod axes;
mod curve;
mod draw;
mod error;
mod header;
mod heat;
mod labels;
mod map;
mod market;
mod render;
mod style;
mod summary;

use std::path::PathBuf;

use clap::Args;
use zkmargin_circuits::model::{ONE, Rate, Snapshot, Symbol};
use zkmargin_prover::atomic::{Access, Staged};

pub(crate) use self::error::PlotError;
use self::{
    curve::{Curve, TICK},
    draw::Picture,
    error::{MAX_POINTS, MAX_VOLS, MIN_POINTS},
    map::Map,
    market::{Axis, Span, Subject},
    render::Format,
};
use crate::{
    error::CliError,
    files,
    input::{self, MarketArgs},
    output::{Console, Outcome},
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json --underlying BTC -o margin.svg
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json --range -0.2..0.3 --points 301 -o margin.png
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json --underlying BTC --vol 0.7 1.5 -o vols.svg
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json --axis vol -o vol.svg
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json --map -o map.png
  zkmargin plot account.json --snapshot snapshot.json --policy policy.json -o margin.svg --json | jq .curves[0].breaches

The picture is private: it shows the account, and its file is readable by its owner only. Every point is the report of \
`evaluate` on the snapshot with spot, forwards and perpetual marks (or the smiles' volatilities) multiplied by 1 + move; \
funding, discounts and time stand still. A breach is found to a move of 0.000001.";

/// Arguments of `plot`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct PlotArgs {
    /// The private account.
    account: PathBuf,
    #[command(flatten)]
    market: MarketArgs,
    /// The picture to write, .svg or .png. Private: it shows the account.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What is moved.
    #[arg(long, value_enum, default_value_t = Axis::Spot)]
    axis: Axis,
    /// The asset that is moved; by default all are, by the same factor.
    #[arg(long, value_name = "ASSET")]
    underlying: Option<String>,
    /// First and last move: -0.5..0.5 is from half of today's value to one and a half times. By default that for spot, and
    /// -0.5..1 for volatility.
    #[arg(long, value_name = "FROM..TO", allow_hyphen_values = true)]
    range: Option<Span>,
    /// Points of a curve, 2 to 2001.
    #[arg(long, value_name = "N", default_value_t = 121)]
    points: usize,
    /// Curves at multiplied volatilities too, such as 0.7 1.5.
    #[arg(long, value_name = "FACTOR", num_args = 1..)]
    vol: Vec<Rate>,
    /// Instead of curves a heat map of spot by volatility: equity less maintenance requirement. Volatility from half to twice
    /// today's.
    #[arg(long, conflicts_with_all = ["axis", "points", "vol"])]
    map: bool,
    /// Replace a file that exists.
    #[arg(long)]
    force: bool,
}

impl PlotArgs {
    /// The factors of volatility, today's first.
    fn vol_factors(&self) -> Result<Vec<Rate>, PlotError> {
        if self.axis == Axis::Vol && !self.vol.is_empty() {
            return Err(PlotError::VolAxis);
        }
        if self.vol.len() > MAX_VOLS {
            let count = self.vol.len();
            return Err(PlotError::TooManyVols { count });
        }
        let mut factors = vec![Rate::ONE];
        for factor in &self.vol {
            if factors.contains(factor) {
                return Err(PlotError::RepeatedVol { factor: *factor });
            }
            factors.push(*factor);
        }
        Ok(factors)
    }

    /// The range, with room for the points.
    fn span(&self) -> Result<Span, PlotError> {
        let points = self.points;
        if !(MIN_POINTS..=MAX_POINTS).contains(&points) {
            return Err(PlotError::Points { points });
        }
        let half = Rate::from_units(ONE / 2);
        let span = self.range.unwrap_or(Span {
            from: Rate::from_units(-half.units()),
            to: match self.axis {
                Axis::Spot => half,
                Axis::Vol => Rate::ONE,
            },
        });
        let steps = span.to.units().abs_diff(span.from.units()) / TICK.units().unsigned_abs();
        if steps < points as u64 - 1 {
            return Err(PlotError::Dense { span, points });
        }
        Ok(span)
    }

    fn underlying(&self, snapshot: &Snapshot) -> Result<Option<Symbol>, PlotError> {
        let Some(name) = &self.underlying else {
            return Ok(None);
        };
        let spots = || snapshot.assets.iter().map(|a| a.asset);
        let smiles = || snapshot.expiries.iter().map(|e| e.asset);
        let list = |mut assets: Vec<Symbol>| {
            assets.sort_unstable();
            assets.dedup();
            let names: Vec<String> = assets.iter().map(Symbol::to_string).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        // What a refusal repeats is no longer than a symbol needs.
        let shown = || name.chars().take(20).collect();
        let found = spots().find(|asset| asset.to_string() == *name);
        let asset = found.ok_or_else(|| PlotError::UnknownUnderlying {
            name: shown(),
            known: list(spots().collect()),
        })?;
        if self.axis == Axis::Vol && !smiles().any(|known| known == asset) {
            return Err(PlotError::NoSmile {
                name: shown(),
                known: list(smiles().collect()),
            });
        }
        Ok(Some(asset))
    }
}

/// Runs `plot`.
pub(crate) fn run(args: &PlotArgs, console: &Console) -> Result<Outcome, CliError> {
    let format = Format::of(&args.output)?;
    let (factors, span) = (args.vol_factors()?, args.span()?);
    files::refuse_existing(&args.output, args.force)?;
    let inputs = [&args.account, &args.market.snapshot, &args.market.policy];
    files::refuse_input(&args.output, inputs.map(PathBuf::as_path))?;

    let account = input::account(&args.account)?;
    let market = args.market.read()?;
    let slots = args.market.slots(&market, &args.account, &account, None)?;
    let subject = Subject {
        path: &args.account,
        slots: &slots,
        market: &market,
        axis: args.axis,
        underlying: args.underlying(&market.snapshot)?,
        span,
    };
    // A range that goes too far is refused before the work that leads there.
    let extremes = if args.map {
        map::EXTREMES.to_vec()
    } else {
        factors.clone()
    };
    for factor in &extremes {
        subject.moved(span.from, *factor)?;
        subject.moved(span.to, *factor)?;
    }

    let now = subject.at(Rate::ZERO, Rate::ONE)?;
    if args.map {
        let map = Map::trace(&subject, &now, console)?;
        let bytes = console.spin("drawing", || format.render(&map))?;
        let overwrite = files::overwrite(args.force);
        Staged::new(&args.output, &bytes, overwrite, Access::Owner)?.commit()?;
        let document = map.document(&args.output, format);
        return Ok(Outcome::done(map.text(&args.output), document));
    }
    let moves: Vec<Rate> = span.moves(args.points).collect();
    let bar = console.count_bar("evaluating", (moves.len() * factors.len()) as u64);
    let curves = factors
        .iter()
        .map(|factor| Curve::trace(&subject, &moves, *factor, || bar.inc(1)))
        .collect::<Result<Vec<_>, _>>();
    bar.finish_and_clear();
    let curves = curves?;

    let picture = Picture {
        subject: &subject,
        now: &now,
        curves: &curves,
    };
    let bytes = console.spin("drawing", || format.render(&picture))?;
    let overwrite = files::overwrite(args.force);
    Staged::new(&args.output, &bytes, overwrite, Access::Owner)?.commit()?;
    let text = summary::text(&picture, &args.output);
    Ok(Outcome::done(
        text,
        summary::document(&picture, &args.output, format),
    ))
}
