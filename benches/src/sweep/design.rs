//! A circuit's columns, gates and lookups in another layout.

use std::collections::{BTreeMap, BTreeSet};

use halo2_proofs::plonk::{Advice, Column, ConstraintSystem, Expression};
use halo2curves::bn256::Fr;
use zkmargin_circuits::circuit::{MAIN_COLUMNS, MAX_DEGREE};

use super::{
    deal::{Deal, fixed},
    image::{Image, Read},
    layout::{Added, Layout},
    lower::Helpers,
    needs::{Arguments, Needs, lane},
    replay::{Columns, Key, Replay},
};

/// Everything that a layout's circuit is made from.
#[derive(Debug, Default)]
pub struct Design {
    /// Of the circuit in use, selectors compressed.
    cs: ConstraintSystem<Fr>,
    arguments: Arguments,
    layout: Option<Layout>,
    /// Lanes of the circuit in use.
    own: usize,
    /// Columns of factors in each lane, where the degree is lower.
    helpers: Option<usize>,
    /// Cells.
    pub(super) deal: Deal,
    /// Fixed columns of the tables.
    tables: BTreeMap<usize, Vec<Fr>>,
    /// Gates of each lane.
    gates: Vec<Vec<Gate>>,
    /// The fixed columns that gates and lookups read.
    keys: BTreeSet<Key>,
    /// Fixed cells that are not zero.
    pub(super) fixed: BTreeMap<Key, Vec<(usize, Fr)>>,
    /// Where the degree is lower: what is looked up, by lookup and input.
    pub(super) inputs: Vec<Vec<Vec<Fr>>>,
}

/// A gate's name and those of its polynomials that are a lane's.
type Gate = (String, Vec<Expression<Fr>>);

/// What a lookup's inputs are copied to where the degree is lower.
#[derive(Debug, Clone)]
pub struct Apart {
    replay: Replay,
    lookup: usize,
    /// One an input.
    pub(super) columns: Vec<Column<Advice>>,
}

/// The columns of a layout's circuit.
#[derive(Debug, Clone, Default)]
pub struct Config {
    pub(super) columns: Columns,
    pub(super) apart: Vec<Apart>,
    pub(super) factors: Vec<Column<Advice>>,
}

impl Design {
    /// From the compressed constraint system of the circuit in use and what that one wrote; `None` if the layout has no room for it.
    pub fn new(
        cs: &ConstraintSystem<Fr>,
        image: &Image,
        needs: &Needs,
        layout: &Layout,
    ) -> Option<Self> {
        let tables = cs.lookups().iter().map(|l| l.table_expressions());
        let tables = Read::of_all(tables.flatten()).fixed.into_iter();
        let cells = |column: usize| {
            Some((
                column,
                image.fixed.get(column)?.get(..needs.table)?.to_vec(),
            ))
        };
        let mut design = Self {
            cs: cs.clone(),
            arguments: Arguments::of(cs),
            layout: Some(*layout),
            own: needs.lanes(),
            helpers: None,
            deal: Deal::new(cs, image, needs, layout)?,
            tables: tables.map(cells).collect::<Option<_>>()?,
            ..Self::default()
        };
        design.gates = (0..layout.lanes)
            .map(|lane| design.gates_of(lane))
            .collect();
        design.keys = design.keys_read();
        let (config, most) = design.configure(&mut ConstraintSystem::default());
        design.helpers = Some(most);
        design.fixed = design.fixed_cells();
        let usable = layout.usable();
        let inputs = config.apart.iter().map(|apart| {
            let all = (0..apart.columns.len()).map(|input| {
                let cells = (0..usable).map(|row| design.input(apart, input, row));
                cells.collect()
            });
            all.collect()
        });
        design.inputs = inputs.collect();
        Some(design)
    }

    fn lanes(&self) -> usize {
        self.layout.map_or(0, |layout| layout.lanes)
    }

    /// Rows that chips can write.
    pub(super) fn usable(&self) -> usize {
        self.layout.map_or(0, |layout| layout.usable())
    }

    /// Whether products are split.
    fn lower(&self) -> bool {
        self.layout.is_some_and(|layout| layout.degree < MAX_DEGREE)
    }

    /// The lane of the circuit in use whose gates and lookup a lane has.
    fn source(&self, lane: usize) -> usize {
        lane.min(self.own.saturating_sub(1))
    }

    fn replay(&self, lane: usize) -> Replay {
        Replay::Lane {
            lane,
            source: self.source(lane),
            lanes: self.lanes(),
            copy: lane >= self.own,
        }
    }

    fn gates_of(&self, to: usize) -> Vec<Gate> {
        let bare = self
            .layout
            .is_some_and(|layout| layout.added == Added::Bare);
        if to >= self.own && bare {
            return Vec::new();
        }
        let source = self.source(to);
        let here = |p: &&Expression<Fr>| lane(&Read::of(p), self.own) == source;
        let gates = self.cs.gates().iter();
        let gates = gates.map(|g| {
            let list = g.polynomials().iter().filter(here);
            (g.name().to_owned(), list.cloned().collect())
        });
        gates.filter(|(_, list): &Gate| !list.is_empty()).collect()
    }

    fn keys_read(&self) -> BTreeSet<Key> {
        let mut keys: BTreeSet<Key> = self.tables.keys().map(|c| Key::Shared(*c)).collect();
        for lane in 0..self.lanes() {
            let replay = self.replay(lane);
            let gates = self
                .gates
                .get(lane)
                .into_iter()
                .flatten()
                .flat_map(|(_, list)| list);
            let read = Read::of_all(gates).fixed.into_iter();
            let switches = self.switches(lane);
            keys.extend(read.chain(switches).map(|column| replay.key(column)));
        }
        let limbs = self.layout.map_or(0, |layout| layout.limbs);
        keys.extend((0..limbs).flat_map(|limb| [Key::Limb(limb, 0), Key::Limb(limb, 1)]));
        if self.lower() {
            keys.extend([Key::Usable, Key::Split]);
        }
        keys
    }

    /// The fixed columns that the lookup of a lane reads, by their numbers in the circuit in use.
    fn switches(&self, lane: usize) -> Vec<usize> {
        let number = self.arguments.wide.get(self.source(lane));
        number.map_or(Vec::new(), |number| fixed(&self.cs, *number))
    }

    /// Columns, gates and lookups; and how many columns of factors a lane needs.
    pub(super) fn configure(&self, meta: &mut ConstraintSystem<Fr>) -> (Config, usize) {
        let limbs = self.layout.map_or(0, |layout| layout.limbs);
        let mains = MAIN_COLUMNS * self.lanes();
        let mut columns = Columns::default();
        columns
            .advice
            .extend((0..mains + limbs).map(|_| meta.advice_column()));
        columns.advice.iter().for_each(|c| meta.enable_equality(*c));
        columns.fixed = self
            .keys
            .iter()
            .map(|key| (*key, meta.fixed_column()))
            .collect();
        let instances = self.cs.num_instance_columns();
        columns.instance = (0..instances).map(|_| meta.instance_column()).collect();
        let degree = self.layout.map_or(MAX_DEGREE, |layout| layout.degree);
        let mut helpers = self
            .lower()
            .then(|| Helpers::new(meta, degree, self.helpers, self.lanes()));
        let mut apart = Vec::new();
        let mut look = |meta: &mut _, columns: &_, replay: Replay, lookup| {
            let own = replay.lookup(meta, &self.cs, lookup, columns, self.lower());
            apart.push(Apart {
                replay,
                lookup,
                columns: own,
            });
        };
        for lane in 0..self.lanes() {
            let replay = self.replay(lane);
            for (name, list) in self.gates.get(lane).into_iter().flatten() {
                meta.create_gate(name.clone(), |meta| {
                    let list = list.iter().map(|p| replay.expression(meta, &columns, p));
                    let list = list.collect();
                    match &mut helpers {
                        Some(helpers) => helpers.lower(meta, &columns, lane, list),
                        None => list,
                    }
                });
            }
            if let Some(number) = self.arguments.wide.get(self.source(lane)) {
                look(meta, &columns, replay, *number);
            }
        }
        for limb in 0..limbs {
            let Some((number, source)) = self.arguments.narrow.first() else {
                continue;
            };
            let Ok(switches) = fixed(&self.cs, *number).try_into() else {
                continue;
            };
            let replay = Replay::Limb {
                limb,
                advice: [*source, mains + limb],
                switches,
            };
            look(meta, &columns, replay, *number);
        }
        let most = helpers.as_ref().map_or(0, Helpers::most);
        let config = Config {
            columns,
            apart,
            factors: helpers.map_or(Vec::new(), |helpers| helpers.columns()),
        };
        (config, most)
    }

    /// The fixed cells that are not zero. The switches of gates are off.
    fn fixed_cells(&self) -> BTreeMap<Key, Vec<(usize, Fr)>> {
        let lookups: Vec<Vec<usize>> = (0..self.lanes()).map(|lane| self.switches(lane)).collect();
        let wide = |lane: usize, column: usize| {
            let position = lookups.get(lane)?.iter().position(|c| *c == column)?;
            self.deal.wide.get(lane)?.get(position)
        };
        let usable = vec![Fr::one(); self.usable()];
        let cells = self.keys.iter().map(|key| {
            let cells = match *key {
                Key::Shared(column) => self.tables.get(&column).or_else(|| {
                    let own = 0..self.own.min(self.lanes());
                    own.into_iter().find_map(|lane| wide(lane, column))
                }),
                Key::Lane(lane, column) => wide(lane, column),
                Key::Limb(limb, switch) => self.deal.limbs.get(limb).and_then(|l| l.get(switch)),
                Key::Usable => Some(&usable),
                Key::Split => None,
            };
            let cells = cells.into_iter().flatten().copied().enumerate();
            (
                *key,
                cells.filter(|(_, value)| *value != Fr::zero()).collect(),
            )
        });
        cells.collect()
    }

    /// What a lookup's input is in a row.
    fn input(&self, apart: &Apart, input: usize, row: usize) -> Fr {
        let lookup = self.cs.lookups().get(apart.lookup);
        let expression = lookup.and_then(|l| l.input_expressions().get(input));
        let at = |rotation: i32| row.wrapping_add_signed(rotation as isize);
        let advice = |column: usize, rotation| {
            let cell = self
                .deal
                .advice
                .get(column)
                .and_then(|c| c.get(at(rotation)));
            cell.copied().flatten().unwrap_or_default()
        };
        let fixed = |key, rotation| {
            let cells = self.fixed.get(&key).map_or(&[][..], Vec::as_slice);
            let found = cells.binary_search_by_key(&at(rotation), |(row, _)| *row);
            found.map_or(Fr::zero(), |i| cells[i].1)
        };
        expression.map_or(Fr::zero(), |e| apart.replay.value(e, &advice, &fixed))
    }
}
