//! Many doublings of many points in affine coordinates, with one inversion for all points.

use ff::Field;
use halo2curves::bn256::{Fq, G1Affine};

use super::{
    batch::{Line, inverted},
    lanes::{self, Constant, Engine, Task, WIDTH, Words},
};

/// Doubles every point so many times.
pub(super) fn doubled(lines: &mut [Line], times: usize) {
    // The identity has no tangent: another point in its place, for as long.
    let other = Line::new(&G1Affine::generator(), lanes::scale::<Fq>());
    let blocks = lines.len().div_ceil(WIDTH);
    let mut x = vec![other.x; blocks * WIDTH];
    let mut y = vec![other.y; blocks * WIDTH];
    for (i, line) in lines.iter().enumerate() {
        if !line.is_identity() {
            (x[i], y[i]) = (line.x, line.y);
        }
    }
    lanes::run(Double {
        x: &mut x,
        y: &mut y,
        times,
    });
    for (i, line) in lines.iter_mut().enumerate() {
        if !line.is_identity() {
            *line = Line { x: x[i], y: y[i] };
        }
    }
}

/// Points of odd order, by scaled coordinates.
struct Double<'a> {
    x: &'a mut [Words],
    y: &'a mut [Words],
    times: usize,
}

impl Task for Double<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let (to_x, _) = self.x.as_chunks_mut::<WIDTH>();
        let (to_y, _) = self.y.as_chunks_mut::<WIDTH>();
        let one = engine.splat(&Constant::new(Fq::ONE));
        let mut x: Vec<E::Lanes<Fq>> = Vec::with_capacity(to_x.len());
        let mut y: Vec<E::Lanes<Fq>> = Vec::with_capacity(to_y.len());
        for i in 0..to_x.len() {
            x.push(engine.load(&to_x[i]));
            y.push(engine.load(&to_y[i]));
        }
        let mut before = vec![one; x.len()];
        for _ in 0..self.times {
            // Before each block, the product of all 2 y before it.
            let mut product = one;
            for i in 0..y.len() {
                before[i] = product;
                product = engine.mul(product, engine.add(y[i], y[i]));
            }
            let mut inverses = [[0; 4]; WIDTH];
            engine.store(product, &mut inverses);
            let mut inverse = engine.load(&inverted(inverses, engine.scale()));
            for i in (0..x.len()).rev() {
                let square = engine.mul(x[i], x[i]);
                let rise = engine.add(engine.add(square, square), square);
                let slope = engine.mul(engine.mul(inverse, before[i]), rise);
                inverse = engine.mul(inverse, engine.add(y[i], y[i]));
                let across = engine.sub(engine.mul(slope, slope), x[i]);
                let across = engine.reduce(engine.sub(across, x[i]));
                let down = engine.mul(slope, engine.sub(x[i], across));
                y[i] = engine.reduce(engine.sub(down, y[i]));
                x[i] = across;
            }
        }
        for i in 0..x.len() {
            engine.store(x[i], &mut to_x[i]);
            engine.store(y[i], &mut to_y[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use group::{Curve, Group};
    use halo2curves::bn256::G1;
    use rand_core::OsRng;

    use super::*;

    #[test]
    fn as_the_group_doubles() {
        for count in [1, 7, 8, 9, 100] {
            let mut points: Vec<G1> = (0..count).map(|_| G1::random(OsRng)).collect();
            points[count / 2] = G1::identity();
            let scale = lanes::scale::<Fq>();
            let line = |point: &G1| Line::new(&point.to_affine(), scale);
            let mut lines: Vec<Line> = points.iter().map(line).collect();
            for times in [1, 2, 13] {
                doubled(&mut lines, times);
                for _ in 0..times {
                    points.iter_mut().for_each(|point| *point = point.double());
                }
                let unscale = lanes::unscale::<Fq>();
                let found: Vec<G1Affine> = lines.iter().map(|line| line.point(unscale)).collect();
                let expected: Vec<G1Affine> = points.iter().map(G1::to_affine).collect();
                assert_eq!(found, expected, "{count} points, {times} times");
            }
        }
    }
}
