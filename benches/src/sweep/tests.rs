//! Needs are what the goldens pin; the layout in use is a candidate, and its circuit has what the real one has.

use std::{collections::HashMap, path::Path};

use zkmargin_circuits::{
    circuit::MAX_DEGREE,
    shape::{Shape, Statement},
};

use super::{
    cost::Cost,
    layout::{Choice, Layout, RESERVED, candidates},
    measure::{Sizes, Source, Subject},
    needs::Needs,
};
use crate::statement::Sample;

/// The lines of a golden file: what is counted of a shape.
fn golden(name: &str) -> HashMap<String, usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../circuits/tests/goldens");
    let text = std::fs::read_to_string(folder.join(name)).expect("a golden file");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (key, value) = line.rsplit_once(' ').expect("a number");
        (key.to_owned(), value.parse().expect("a number"))
    };
    lines.map(pair).collect()
}

const EVERYTHING: Choice = Choice {
    degree: MAX_DEGREE,
    most_k: 16,
    all: true,
};

#[test]
fn needs_of_a_liquidation_are_the_goldens() {
    let golden = golden("costs.txt");
    for shape in Shape::ALL {
        let needs = Needs::without_witness(Statement::Liquidation, shape).expect("a synthesis");
        let pinned = |name: &str| golden[&format!("{shape} {name}")];
        assert_eq!(needs.main, [pinned("rows.main")], "{shape}");
        assert_eq!(needs.limbs, pinned("rows.limb"), "{shape}");
        assert_eq!(needs.k as usize, pinned("k"), "{shape}");
        assert_eq!(needs.permuted, pinned("columns.permutation"), "{shape}");
        let lookups = needs.lanes() + needs.limb_columns.len();
        assert_eq!(lookups, pinned("lookups"), "{shape}");
    }
}

/// The golden file counts a lane's limb columns one after the other, with what is left free at the end of all but the last.
#[test]
fn needs_of_solvency_are_the_goldens() {
    let golden = golden("solvency_costs.txt");
    for shape in Shape::ALL {
        let needs = Needs::without_witness(Statement::Solvency, shape).expect("a synthesis");
        let pinned = |name: &str| golden[&format!("{shape} {name}")];
        let usable = (1 << needs.k) - RESERVED;
        let mut columns = needs.limb_columns.as_slice();
        for (lane, rows) in needs.main.iter().enumerate() {
            assert_eq!(*rows, pinned(&format!("lane{lane}.rows")), "{shape}");
            let limbs = pinned(&format!("lane{lane}.limbs"));
            let (own, rest) = columns.split_at(limbs.div_ceil(usable));
            let (last, full) = own.split_last().expect("a limb column");
            assert_eq!(full.len() * usable + last, limbs, "{shape}, lane {lane}");
            assert!(full.iter().all(|rows| *rows + needs.longest > usable));
            columns = rest;
        }
        assert!(columns.is_empty(), "{shape}");
        assert_eq!(needs.k as usize, pinned("k"), "{shape}");
        assert_eq!(needs.permuted, pinned("columns.permutation"), "{shape}");
        let lookups = needs.lanes() + needs.limb_columns.len();
        assert_eq!(lookups, pinned("lookups"), "{shape}");
    }
}

#[test]
fn the_layout_in_use_is_a_candidate() {
    for statement in Statement::ALL {
        for shape in Shape::ALL {
            let needs = Needs::without_witness(statement, shape).expect("a synthesis");
            let some = Choice {
                all: false,
                ..EVERYTHING
            };
            for choice in [some, EVERYTHING] {
                let layouts = candidates(&needs, &choice);
                let own = Layout::in_use(&needs);
                let times = layouts.iter().filter(|layout| **layout == own).count();
                assert_eq!(times, 1, "{statement} {shape}");
                assert!(layouts.iter().all(|layout| layout.holds(&needs)));
            }
        }
    }
}

#[test]
fn a_layout_without_room_is_none() {
    let needs = Needs::without_witness(Statement::Liquidation, Shape::Medium).expect("needs");
    let own = Layout::in_use(&needs);
    assert!(own.holds(&needs));
    for less in [
        Layout {
            k: own.k - 1,
            ..own
        },
        Layout { limbs: 1, ..own },
        // Room for rows and limbs, but not for the tables.
        Layout {
            k: own.k - 1,
            lanes: 4,
            limbs: 8,
            ..own
        },
    ] {
        assert!(!less.holds(&needs), "{less:?}");
    }
}

/// Same columns, queries, lookups and multiplications as the real circuit; a layout that splits lanes, and one of degree 4, are proved too.
#[test]
fn layouts_are_proved_and_the_one_in_use_is_like_the_circuit() {
    let sample = Sample::of(Shape::Small);
    let source = Source::of(&sample).expect("a witness");
    let mut sizes = Sizes::default();
    sizes.make(sample.k()).expect("parameters");
    let params = sizes.get(sample.k()).expect("parameters");
    let key = sample.keys(params).expect("keys");
    let cs = key.backend().get_vk().cs();
    let own = Layout::in_use(&source.needs);
    let split = Layout { lanes: 2, ..own };
    let lower = Layout { degree: 4, ..own };
    for layout in [own, split, lower] {
        let subject = Subject::new(params, cs, &source, &layout).expect("keys");
        let proof = subject.prove(params, &source).expect("a proof");
        subject.verify(params, &source, &proof).expect("verifies");
        let mut altered = proof.clone();
        let last = altered.len() - 65;
        altered[last] ^= 1;
        assert!(subject.verify(params, &source, &altered).is_err());
        let cost = Cost::of(subject.cs(), Statement::Liquidation);
        assert_eq!(proof.len(), cost.proof_bytes, "{layout:?}");
        assert_eq!(subject.cs().degree(), layout.degree, "{layout:?}");
        if layout == own {
            assert_eq!(cost, Cost::of(cs, Statement::Liquidation));
            let polynomials = |cs: &halo2_proofs::plonk::ConstraintSystem<_>| -> usize {
                cs.gates().iter().map(|g| g.polynomials().len()).sum()
            };
            assert_eq!(polynomials(subject.cs()), polynomials(cs));
        }
    }
}

/// Gas is within two percent of what docs/contracts.md says was measured.
#[test]
fn gas_is_near_what_was_measured() {
    for (statement, shape, measured) in [
        (Statement::Liquidation, Shape::Small, 713_128.0),
        (Statement::Liquidation, Shape::Medium, 718_343.0),
        (Statement::Solvency, Shape::Small, 1_164_897.0),
    ] {
        let sample = match statement {
            Statement::Solvency => Sample::healthy(shape),
            _ => Sample::of(shape),
        };
        let key = sample.keys(&sample.params()).expect("keys");
        let cost = Cost::of(key.backend().get_vk().cs(), statement);
        let off = (cost.gas / measured - 1.0).abs();
        assert!(
            off < 0.02,
            "{statement} {shape}: {} for {measured}",
            cost.gas
        );
    }
}
