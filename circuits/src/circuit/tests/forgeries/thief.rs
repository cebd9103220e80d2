//! A thief who forges a scene.

use ff::Field;
use halo2curves::bn256::Fr;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use zkmargin_tamper::{Image, Values};

use super::{
    super::harness::Scene,
    limbs::Check,
    outcome,
    places::{Cell, Places},
    scene::{self, any_size, below, funded},
    section,
};
use crate::{
    engine::{Portfolio, TERM_BITS, quantum},
    model::CASH_BITS,
    public::PublicTable,
    slots::Slots,
};

/// What a draw gave.
pub enum Drawn {
    /// Dishonest; everything that follows from the lie is consistent with it.
    Forged(Box<Scene>),
    /// Not a lie, with the reason: the circuit must accept it, and its public inputs must be
    /// those of an honest proof.
    Honest(Box<Scene>, &'static str),
    /// No lie, but a choice that makes less of the account than is due, with the reason: the circuit must accept it, and its
    /// shortfall must not be more than the honest one.
    Weaker(Box<Scene>, &'static str),
    /// Something else than the constraint under attack would stop it too; another draw.
    Redraw,
}

/// Picks what to forge.
pub struct Thief<'s> {
    rng: ChaCha8Rng,
    /// The scene that is forged.
    pub honest: &'s Scene,
    /// Its image.
    pub image: &'s Image<Fr>,
    /// The circuit's range checks.
    pub checks: &'s [Check],
    /// Shared between images.
    pub values: &'s Values<Fr>,
    /// Where its cells stand.
    pub rows: &'s Places,
    /// The honest image of the last draw, where [`under`](Self::under) drew another scene.
    pub base: Option<Image<Fr>>,
    /// The scene had nothing to lie about in the way that was wanted.
    elsewhere: bool,
}

impl<'s> Thief<'s> {
    pub fn new(
        rng: ChaCha8Rng,
        honest: &'s Scene,
        image: &'s Image<Fr>,
        checks: &'s [Check],
        values: &'s Values<Fr>,
        rows: &'s Places,
    ) -> Self {
        Self {
            rng,
            honest,
            image,
            checks,
            values,
            rows,
            base: None,
            elsewhere: false,
        }
    }

    pub fn pick(&mut self, n: usize) -> usize {
        below(&mut self.rng, n as i128) as usize
    }

    pub fn coin(&mut self) -> bool {
        self.pick(2) == 1
    }

    /// At least 1, of every size below `2^bits`.
    pub fn size(&mut self, bits: i128) -> i128 {
        1 + any_size(&mut self.rng, bits)
    }

    /// As [`size`](Self::size), of either sign.
    pub fn error(&mut self, bits: i128) -> i128 {
        let size = self.size(bits);
        if self.coin() { size } else { -size }
    }

    pub fn field(&mut self) -> Fr {
        Fr::random(&mut self.rng)
    }

    /// What the honest circuit holds in a cell.
    pub fn value(&self, (column, row): Cell) -> Fr {
        self.image.value(zkmargin_tamper::Cell::advice(column, row))
    }

    /// The honest scene, to be forged.
    pub fn scene(&self) -> Scene {
        self.honest.clone()
    }

    pub fn slots(&self) -> Slots {
        self.honest.witness.slots.clone()
    }

    pub fn scenario(&self) -> usize {
        self.honest.witness.portfolio.scenario
    }

    /// Another scenario; `None` under a policy that has no other.
    pub fn other_scenario(&mut self) -> Option<usize> {
        let count = self.honest.table.scenarios.len();
        let step = count.checked_sub(2).map(|others| 1 + self.pick(others + 1));
        step.map(|step| (self.scenario() + step) % count)
    }

    /// No lie, where the policy has no scenario but the unmoved market.
    pub fn one_scenario(&mut self) -> Drawn {
        let scene = self.scene();
        self.truth(scene, "the policy has no scenario but the unmoved market")
    }

    /// The lie under a policy and scenario where there is something to lie about: its own, or another thief's, which is also
    /// what every draw but the first is.
    pub fn under(
        &mut self,
        wanted: impl Fn(&PublicTable, usize) -> bool,
        lie: impl Fn(&mut Thief<'_>) -> Drawn,
    ) -> Drawn {
        if !self.elsewhere && wanted(&self.honest.table, self.scenario()) {
            let drawn = lie(self);
            self.elsewhere = matches!(drawn, Drawn::Redraw);
            return drawn;
        }
        let shape = self.honest.witness.slots.shape;
        let Some(scene) = scene::where_(&mut self.rng, shape, wanted) else {
            return Drawn::Redraw;
        };
        let image = scene.image_with(self.values);
        let mut other = Thief {
            rng: self.rng.clone(),
            honest: &scene,
            image: &image,
            base: None,
            elsewhere: false,
            ..*self
        };
        let drawn = lie(&mut other);
        self.rng = other.rng.clone();
        self.base = Some(image);
        drawn
    }

    /// The slots of a section that are not padding.
    pub fn positions(&self, section: usize) -> Vec<usize> {
        let keys = section::keys(&self.honest.witness.slots, section);
        (0..keys.len()).filter(|&i| keys[i] != 0).collect()
    }

    /// A position of the section.
    pub fn position(&mut self, section: usize) -> usize {
        let all = self.positions(section);
        all[self.pick(all.len())]
    }

    /// A slot of the section, one draw in eight a padding slot where there is one.
    pub fn slot(&mut self, section: usize) -> usize {
        let slots = section::keys(&self.honest.witness.slots, section).len();
        let padding = slots - self.positions(section).len();
        if padding > 0 && self.pick(8) == 0 {
            self.pick(padding)
        } else {
            self.position(section)
        }
    }

    /// A slot of European options.
    pub fn option(&mut self) -> usize {
        self.slot(section::OPTIONS)
    }

    /// A number of `1..groups` other than `g`.
    pub fn other(&mut self, g: usize, groups: usize) -> usize {
        let others: Vec<usize> = (1..groups).filter(|other| *other != g).collect();
        others[self.pick(others.len())]
    }

    /// A group of options other than `g` and the null group.
    pub fn other_group(&mut self, g: usize) -> usize {
        self.other(g, self.honest.table.options.len())
    }

    /// Slots with altered positions, valued by the engine. Cash and commitment stay.
    pub fn holding(&self, slots: Slots) -> Scene {
        let mut scene = self.scene();
        scene.witness.portfolio =
            Portfolio::new(&slots, &scene.table, self.scenario()).expect("markets");
        scene.witness.slots = slots;
        scene
    }

    /// The scene of other slots or another table, with cash that makes them under-margined.
    pub fn committed(&mut self, slots: Slots, forged: &PublicTable) -> Option<Scene> {
        let wanted = self.size(40);
        funded(slots, &self.honest.table, forged, self.scenario(), wanted)
    }

    /// The same account valued by another table, with more debt only where it must have it.
    pub fn believing(&mut self, forged: &PublicTable) -> Option<Scene> {
        let (slots, scenario) = (self.slots(), self.scenario());
        let totals = Portfolio::new(&slots, forged, scenario).ok()?.totals;
        let wanted = totals.shortfall().div_floor(&quantum()).to_i128()?;
        let wanted = if (1..1 << TERM_BITS).contains(&wanted) {
            wanted
        } else {
            self.size(40)
        };
        funded(slots, &self.honest.table, forged, scenario, wanted)
    }

    /// The scene, whatever follows from its lie.
    pub fn settled_anyhow(&mut self, scene: Scene) -> Drawn {
        Drawn::Forged(Box::new(scene))
    }

    /// The scene, but only where sums and terms are in range, so that nothing but the lie can fail.
    /// Where the lie makes the account look healthy, it has had more debt from the start.
    pub fn settled(&mut self, mut scene: Scene) -> Drawn {
        let image = scene.image_with(self.values);
        if self.clean(&scene, &image) {
            return Drawn::Forged(Box::new(scene));
        }
        let honest = &self.honest.witness.slots;
        let untouched = {
            let slots = &scene.witness.slots;
            slots.cash == honest.cash && slots.commitment() == honest.commitment()
        };
        let short = outcome::shortfall(&image, self.rows).to_i128();
        let Some(short) = short.filter(|short| untouched && *short < 1 << TERM_BITS) else {
            return Drawn::Redraw;
        };
        let cash = scene.witness.slots.cash.checked_add(short);
        let Some(cash) = cash.map(|cash| cash - self.size(40)) else {
            return Drawn::Redraw;
        };
        if cash.unsigned_abs() >= 1 << CASH_BITS {
            return Drawn::Redraw;
        }
        scene.witness.slots.cash = cash;
        let image = scene.image_with(self.values);
        outcome::claim(&mut scene, self.rows, &image);
        if self.clean(&scene, &image) {
            Drawn::Forged(Box::new(scene))
        } else {
            Drawn::Redraw
        }
    }

    /// The scene, if nothing that follows from its lie is out of range.
    pub fn if_clean(&self, scene: Scene) -> Drawn {
        let image = scene.image_with(self.values);
        if self.clean(&scene, &image) {
            Drawn::Forged(Box::new(scene))
        } else {
            Drawn::Redraw
        }
    }

    fn clean(&self, scene: &Scene, image: &Image<Fr>) -> bool {
        outcome::clean(scene, self.rows, image, self.checks)
    }

    /// No lie, because `reason`.
    pub fn truth(&mut self, scene: Scene, reason: &'static str) -> Drawn {
        Drawn::Honest(Box::new(scene), reason)
    }

    /// A cell with another value.
    pub fn forged(&mut self, cell: Cell, value: Fr) -> Drawn {
        if value == self.value(cell) {
            return Drawn::Redraw;
        }
        let mut scene = self.scene();
        scene.forge(cell, value);
        self.settled(scene)
    }

    /// A cell with an error on it.
    pub fn moved(&mut self, cell: Cell, error: Fr) -> Drawn {
        self.forged(cell, self.value(cell) + error)
    }
}
