//! Layouts, and which of them hold what a statement needs.

use std::fmt;

use serde::Serialize;
use zkmargin_circuits::circuit::MAX_DEGREE;

use super::needs::Needs;

/// Rows at the end of every column that the chips leave free, for lookups and blinding.
pub const RESERVED: usize = 8;
/// Below this a column has no row to write.
const LEAST_K: u32 = 4;
/// Most lanes that are tried.
pub const LANES: usize = 4;
/// Values of k that are tried, from the least at which any layout holds the statement.
pub const SIZES: u32 = 3;

/// The gates of a lane that the circuit in use does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Added {
    /// Those of the last lane that there is: as many as it can need.
    All,
    /// None: less than it can do with.
    Bare,
}

/// Columns, lookup arguments, rows and degree. Each lane has five main columns and a lookup into the tables, each limb column a range lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Layout {
    /// log2 of the rows.
    pub k: u32,
    /// Lanes of main columns.
    pub lanes: usize,
    /// Limb columns.
    pub limbs: usize,
    /// Of gates and lookups, selectors included.
    pub degree: usize,
    /// Gates of lanes beyond those of the circuit in use.
    pub added: Added,
}

impl Layout {
    /// The circuit's own.
    pub fn in_use(needs: &Needs) -> Self {
        Self {
            k: needs.k,
            lanes: needs.lanes(),
            limbs: needs.limb_columns.len(),
            degree: MAX_DEGREE,
            added: Added::All,
        }
    }

    /// Rows that chips can write.
    pub const fn usable(&self) -> usize {
        (1 << self.k) - RESERVED
    }

    /// Rows of each lane at most, where the statement's are dealt out evenly; as they are, where the number of lanes is.
    fn most_rows(&self, needs: &Needs) -> usize {
        match self.lanes == needs.lanes() {
            true => needs.main.iter().copied().max().unwrap_or(0),
            // A lookup of seven columns takes the next row too.
            false => needs.rows().div_ceil(self.lanes) + 1,
        }
    }

    /// Whether the statement's rows, limbs and tables find room. A running sum stays in one column, so every column but the last can lose the
    /// end of one; the circuit's own columns are known to suffice.
    pub fn holds(&self, needs: &Needs) -> bool {
        let lost = (self.limbs - 1) * needs.longest.saturating_sub(1);
        let limbs = needs.limbs + lost <= self.limbs * self.usable()
            || (self.k, self.limbs) == (needs.k, needs.limb_columns.len());
        self.most_rows(needs) <= self.usable() && needs.table <= self.usable() && limbs
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lanes, limbs, .. } = *self;
        let many = |count| if count == 1 { "" } else { "s" };
        let (s_lanes, s_limbs) = (many(lanes), many(limbs));
        write!(f, "{lanes} lane{s_lanes}, {limbs} limb column{s_limbs}")?;
        match self.added {
            Added::All => Ok(()),
            Added::Bare => f.write_str(", added lanes bare"),
        }
    }
}

/// Which layouts are measured.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Degree of gates and lookups.
    pub degree: usize,
    /// Largest k.
    pub most_k: u32,
    /// All layouts with up to [`LANES`] lanes and two limb columns to spare; otherwise, of each k, the least that hold the statement, one
    /// lane more, one limb column more.
    pub all: bool,
}

/// The layouts that hold a statement, smallest first. The circuit's own is among them, whatever its k.
pub fn candidates(needs: &Needs, choice: &Choice) -> Vec<Layout> {
    let of = |k, lanes, limbs| Layout {
        k,
        lanes,
        limbs,
        degree: choice.degree,
        added: Added::All,
    };
    // Limb columns that suffice at a k, whatever the lanes.
    let limbs_at = |k: u32| {
        let most = needs.limbs.div_ceil((1 << k) - RESERVED) + 2;
        (1..=most).find(|limbs| of(k, needs.rows(), *limbs).holds(needs))
    };
    let lanes_at = |k: u32| {
        let limbs = limbs_at(k)?;
        (1..=LANES).find(|lanes| of(k, *lanes, limbs).holds(needs))
    };
    let mut layouts = Vec::new();
    let least = (LEAST_K..=needs.k).find(|k| lanes_at(*k).is_some());
    let least = least.unwrap_or(needs.k);
    for k in least..(least + SIZES).min(choice.most_k + 1) {
        let (Some(lanes), Some(limbs)) = (lanes_at(k), limbs_at(k)) else {
            continue;
        };
        let spare = if choice.all { 2 } else { 1 };
        let most = if choice.all { LANES } else { lanes + 1 };
        for lanes_here in lanes..=most.min(LANES) {
            for limbs_here in limbs..=limbs + spare {
                let both = lanes_here > lanes && limbs_here > limbs;
                if choice.all || !both {
                    layouts.push(of(k, lanes_here, limbs_here));
                }
            }
        }
    }
    let own = Layout {
        degree: choice.degree,
        ..Layout::in_use(needs)
    };
    if !layouts.contains(&own) {
        layouts.push(own);
    }
    // One lane has gates for everything: a second needs some of them.
    let more = layouts.iter().filter(|l| needs.lanes() == 1 && l.lanes > 1);
    let bare: Vec<Layout> = more
        .map(|layout| Layout {
            added: Added::Bare,
            ..*layout
        })
        .collect();
    layouts.extend(bare);
    layouts.retain(|layout| layout.holds(needs));
    layouts.sort_unstable();
    layouts
}
