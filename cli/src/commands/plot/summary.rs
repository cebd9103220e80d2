//! What `plot` says of its picture.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use zkmargin_circuits::model::{Price, Rate, Symbol, Time};

use super::{
    curve::{Curve, Side, TICK},
    draw::Picture,
    labels,
    market::{Axis, Point, Span},
    render::Format,
};
use crate::format;

/// The JSON document.
#[derive(Serialize)]
struct Document<'p> {
    file: &'p Path,
    format: Format,
    policy: &'p str,
    snapshot_time: Time,
    snapshot_sequence: u64,
    axis: Axis,
    /// The asset that is moved, null for all.
    underlying: Option<String>,
    /// Its spot in the snapshot, USD.
    spot: Option<Price>,
    range: Span,
    /// How closely breaches are found, as a move.
    tick: Rate,
    /// The unmoved market.
    now: &'p Point,
    /// Today's volatilities first.
    curves: &'p [Curve],
}

fn spot_of(picture: &Picture<'_>, asset: Symbol) -> Option<Price> {
    let assets = &picture.subject.market.snapshot.assets;
    assets.iter().find(|a| a.asset == asset).map(|a| a.spot)
}

/// The document.
pub(super) fn document(picture: &Picture<'_>, file: &Path, format: Format) -> Value {
    let subject = picture.subject;
    let (snapshot, policy) = (&subject.market.snapshot, &subject.market.policy);
    json!(Document {
        file,
        format,
        policy: &policy.name,
        snapshot_time: snapshot.time,
        snapshot_sequence: snapshot.sequence,
        axis: subject.axis,
        underlying: subject.underlying.map(|asset| asset.to_string()),
        spot: subject.underlying.and_then(|asset| spot_of(picture, asset)),
        range: subject.span,
        tick: TICK,
        now: picture.now,
        curves: picture.curves,
    })
}

/// What people read: the file, today, the breaches.
pub(super) fn text(picture: &Picture<'_>, file: &Path) -> String {
    let span = picture.subject.span;
    let mut lines = vec![
        format!(
            "picture   {}. Private: it shows the account",
            file.display()
        ),
        format!(
            "axis      {}, {} to {}",
            labels::what_moves(picture.subject),
            format::percent(span.from),
            format::percent(span.to),
        ),
        format!(
            "today     equity {} USD, maintenance {} USD, initial {} USD",
            format::usd(picture.now.equity),
            format::usd(picture.now.maintenance_margin),
            format::usd(picture.now.initial_margin),
        ),
    ];
    for curve in picture.curves {
        let vol = if curve.vol_factor == Rate::ONE {
            String::new()
        } else {
            format!(" at volatility x {}", curve.vol_factor)
        };
        for breach in &curve.breaches {
            let side = match breach.under_margined {
                Side::Below => "below",
                Side::Above => "above",
            };
            lines.push(format!(
                "breach    {}{vol}: under-margined {side}",
                labels::place(&breach.at)
            ));
        }
        if curve.breaches.is_empty() {
            let always = curve.points.first().is_some_and(Point::is_short);
            let verdict = if always {
                "under-margined"
            } else {
                "not under-margined"
            };
            lines.push(format!(
                "breach    none{vol}: {verdict} over the whole range"
            ));
        }
    }
    lines.join("\n")
}
