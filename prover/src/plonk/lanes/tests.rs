//! Every operation of every engine against the field's own arithmetic, at the bounds that it allows.

use ff::Field;
use rand_core::OsRng;

use super::*;

/// Random elements with the least and the greatest among them, which change places.
fn elements<F: Prime>(turn: usize) -> [F; WIDTH] {
    let mut elements = std::array::from_fn(|_| F::random(OsRng));
    elements[turn % WIDTH] = F::ZERO;
    elements[(turn + 3) % WIDTH] = -F::ONE;
    elements[(turn + 5) % WIDTH] = F::ONE;
    elements
}

fn map<F: Prime>(a: &[F; WIDTH], b: &[F; WIDTH], f: impl Fn(F, F) -> F) -> [F; WIDTH] {
    std::array::from_fn(|i| f(a[i], b[i]))
}

/// One of the operations, on scaled elements; the result, scaled.
struct Operation<F> {
    what: What,
    a: [F; WIDTH],
    b: [F; WIDTH],
}

#[derive(Debug, Clone, Copy)]
enum What {
    Nothing,
    Add,
    Sub,
    Mul,
    /// As large as a value can be, reduced.
    Large,
    /// Large, times large.
    LargeProduct,
    /// `256 a b`, as one sum.
    Products,
    /// `a b + 10 a - 5 b` in a sum.
    Mixed,
    /// `10 a - 5 b` in a sum.
    Gathered,
    /// `b` in every lane, less `a`.
    Constant,
    Transposed,
}

const ALL: [What; 11] = [
    What::Nothing,
    What::Add,
    What::Sub,
    What::Mul,
    What::Large,
    What::LargeProduct,
    What::Products,
    What::Mixed,
    What::Gathered,
    What::Constant,
    What::Transposed,
];

impl<F: Prime> Task for Operation<F> {
    type Output = [F; WIDTH];

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) -> [F; WIDTH] {
        let scale: F = engine.scale();
        let stored = |x: &[F; WIDTH]| engine.load(&x.map(|x| words(&(x * scale))));
        let (a, b) = (stored(&self.a), stored(&self.b));
        let large = |x| {
            let mut sum = engine.zero();
            (0..MOST).for_each(|_| engine.plus(&mut sum, x));
            engine.gathered(sum)
        };
        let value = match self.what {
            What::Nothing => a,
            What::Add => engine.add(a, b),
            What::Sub => engine.sub(a, b),
            What::Mul => engine.mul(a, b),
            What::Large => engine.reduce(large(a)),
            What::LargeProduct => engine.mul(large(a), engine.add(b, b)),
            What::Products => {
                let mut sum = engine.zero();
                (0..PRODUCTS).for_each(|_| engine.times(&mut sum, a, b));
                engine.total(sum)
            }
            What::Mixed | What::Gathered => {
                let mut sum = engine.zero();
                (0..10).for_each(|_| engine.plus(&mut sum, a));
                (0..5).for_each(|_| engine.minus(&mut sum, b));
                if matches!(self.what, What::Mixed) {
                    engine.times(&mut sum, a, b);
                    engine.total(sum)
                } else {
                    engine.gathered(sum)
                }
            }
            What::Constant => engine.sub(engine.splat(&Constant::new(self.b[0])), a),
            What::Transposed => {
                let rows = std::array::from_fn(|i| {
                    let power = Constant::new(F::from(1 << i));
                    engine.mul(a, engine.splat(&power))
                });
                let [first, second, ..] = engine.transposed(rows);
                engine.sub(first, second)
            }
        };
        let mut out = [[0; 4]; WIDTH];
        engine.store(value, &mut out);
        out.map(|x| element::<F>(x) * scale.invert().expect("a scale"))
    }
}

fn expected<F: Prime>(what: What, a: &[F; WIDTH], b: &[F; WIDTH]) -> [F; WIDTH] {
    let many = |n: usize| F::from(n as u64);
    match what {
        What::Nothing => *a,
        What::Add => map(a, b, |a, b| a + b),
        What::Sub => map(a, b, |a, b| a - b),
        What::Mul => map(a, b, |a, b| a * b),
        What::Large => a.map(|a| a * many(MOST)),
        What::LargeProduct => map(a, b, |a, b| a * b * many(2 * MOST)),
        What::Products => map(a, b, |a, b| a * b * many(PRODUCTS)),
        What::Mixed => map(a, b, |a, b| a * b + a * many(10) - b * many(5)),
        What::Gathered => map(a, b, |a, b| a * many(10) - b * many(5)),
        What::Constant => a.map(|a| b[0] - a),
        What::Transposed => std::array::from_fn(|i| (a[0] - a[1]) * F::from(1 << i)),
    }
}

fn operations<F: Prime>() {
    for turn in 0..200 {
        let (a, b) = (elements::<F>(turn), elements::<F>(turn / 7));
        for what in ALL {
            let expected = expected(what, &a, &b);
            let operation = || Operation { what, a, b };
            assert_eq!(operation().run(Portable), expected, "{what:?}, portable");
            assert_eq!(
                operation().run(checked::Checked),
                expected,
                "{what:?}, checked"
            );
            assert_eq!(run(operation()), expected, "{what:?}, {}", arithmetic());
        }
    }
}

#[test]
fn operations_in_the_scalar_field() {
    operations::<Fr>();
}

#[test]
fn operations_in_the_base_field() {
    operations::<Fq>();
}

#[test]
#[should_panic(expected = "a value of")]
fn a_bound_is_noticed() {
    let mut value = Engine::load::<Fr>(checked::Checked, &[words(&Fr::ONE); WIDTH]);
    for _ in 0..7 {
        value = checked::Checked.add(value, value);
    }
}

#[test]
fn moduli_are_the_fields() {
    fn check<F: Prime>() {
        let text: String = F::WORDS.iter().rev().map(|w| format!("{w:016x}")).collect();
        assert_eq!(F::MODULUS.trim_start_matches("0x"), text);
    }
    check::<Fr>();
    check::<Fq>();
}

/// The other tests of this crate's own prover, in processes that ask for another engine.
#[test]
fn every_engine_proves() {
    if std::env::var_os("ZKMARGIN_ARITHMETIC").is_some() {
        return;
    }
    for engine in ["portable", "checked"] {
        let output = std::process::Command::new(std::env::current_exe().expect("these tests"))
            .args([
                "plonk::",
                "--skip",
                "every_engine_proves",
                "--skip",
                "work_is_pinned",
            ])
            .env("ZKMARGIN_ARITHMETIC", engine)
            .output()
            .expect("these tests run");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{engine}: {text}");
        assert!(
            text.contains("the_engine_is_the_one_asked_for ... ok"),
            "{text}"
        );
    }
}

#[test]
fn the_engine_is_the_one_asked_for() {
    if let Some(engine) = std::env::var_os("ZKMARGIN_ARITHMETIC") {
        assert_eq!(arithmetic(), engine.to_str().expect("a name"));
    }
}
