//! What is stated of exposures covers what is proved of their parts.

use zkmargin_circuits::{
    certified::{self, Part, exposures, float},
    math::{self, Real},
    public::{PERPETUAL_EXPOSURE_BITS, PRICE_FRACTION_BITS, SWAP_EXPOSURE_BITS},
    tables,
};

use super::NAMES;

fn covered(name: &str, parts: &[Part], stated: &Real) {
    for Part { step, bound } in parts {
        println!("{name}: {:.3e}  {step}", float(bound));
    }
    let sum = certified::total(parts);
    println!("{name}: sum {:.4e} of {:.4e}", float(&sum), float(stated));
    assert!(sum < *stated, "{name}");
}

#[test]
fn what_is_stated_of_european_options_covers_the_parts() {
    for (i, exposure) in exposures::european().iter().enumerate() {
        let stated = |bits: u32| math::one() >> bits;
        covered(
            NAMES[i],
            &exposure.plain,
            &stated(exposures::EUROPEAN_BITS[i]),
        );
        let name = format!("{} over v", NAMES[i]);
        covered(
            &name,
            &exposure.over_v,
            &stated(exposures::EUROPEAN_OVER_V_BITS[i]),
        );
    }
}

#[test]
fn what_is_stated_of_perpetual_options_covers_the_parts() {
    let [plain, steep] = exposures::perpetual();
    let stated = exposures::perpetual_power_stated();
    covered("X, relative", &plain, &stated[0]);
    covered("X, relative, per |1 - l|", &steep, &stated[1]);
}

/// The derivative of N's cubic against the density at points: below what is proved, not far.
#[test]
fn the_density_bound_is_tight() {
    let proved = float(&certified::density_error());
    let mut found = 0f64;
    for (i, row) in tables::NORMAL.iter().enumerate() {
        let centre = math::ratio(&(2 * i + 1).into(), &256.into());
        for part in [-1023i128, -512, -256, 0, 256, 512, 1023] {
            let [_, c1, c2, c3] = *row;
            let value = c1 + 2 * c2 * part + 3 * c3 * part * part;
            let value = Real::from(value) << (math::BITS - 51);
            let d = &centre + (Real::from(part) << (math::BITS - 18));
            found = found.max(float(&(value - math::normal_density(&d))).abs());
        }
    }
    println!("density: proved {proved:.3e}, found {found:.3e}");
    assert!(
        found < proved && found > 0.6 * proved,
        "{found:e} {proved:e}"
    );
    let mut row = tables::NORMAL[100];
    row[1] += row[1] >> 4;
    assert!(certified::density_row_error(100, &row) > certified::density_error() * 2u32);
}

/// Nothing that the files allow leaves the columns.
#[test]
fn the_greatest_answers_fit_their_bits() {
    let fractions = [20, 20, 40, 16];
    let answers = exposures::greatest_answers();
    for ((answer, fraction), bits) in answers.iter().zip(fractions).zip(PERPETUAL_EXPOSURE_BITS) {
        let needed = (answer >> (math::BITS - fraction)).bits();
        println!(
            "perpetual option: {:.4e}, {needed} bits of {bits}",
            float(answer)
        );
        assert!(needed <= bits);
    }
    let most = exposures::greatest_swap_exposure();
    let needed = (&most >> (math::BITS - PRICE_FRACTION_BITS)).bits();
    println!(
        "swap: {:.4e}, {needed} bits of {SWAP_EXPOSURE_BITS}",
        float(&most)
    );
    assert!(needed <= SWAP_EXPOSURE_BITS);
}
