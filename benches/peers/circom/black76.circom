pragma circom 2.2.0;

include "bits.circom";
include "tables.circom";

// ln K in units 2^-18 of a strike in [1, 2^30), within one unit.
//
// K 2^s = m in [2^29, 2^30); the top five bits below the leading one select a piece of ln, the next thirteen are the
// offset, the last eleven are only range-checked.
template Logarithm() {
    signal input strike;
    signal output ln;

    component in_range = Bits(30);
    in_range.x <== strike;

    var size = 0;
    for (var i = 0; i < 30; i++) {
        size += ((strike >> i) > 0) ? 1 : 0;
    }
    signal shift <-- 30 - size;
    component shift_bits = Bits(5);
    shift_bits.x <== shift;
    signal powers[5];
    powers[0] <== 1 + shift_bits.bits[0];
    for (var i = 1; i < 5; i++) {
        powers[i] <== powers[i - 1] * (1 + shift_bits.bits[i] * ((1 << (1 << i)) - 1));
    }
    signal mantissa <== strike * powers[4];
    component m = Bits(29);
    m.x <== mantissa - (1 << 29);

    component products = Products(5);
    var offset = -(1 << 12);
    for (var i = 0; i < 5; i++) {
        products.bits[i] <== m.bits[24 + i];
    }
    for (var i = 0; i < 13; i++) {
        offset += m.bits[11 + i] * (1 << i);
    }
    component polynomial = Polynomial(5, 2, logarithm());
    polynomial.products <== products.products;
    polynomial.e <== offset;

    // ln 2 in units 2^-44, and half a unit of the result for rounding.
    signal raw <== polynomial.out + (29 - shift) * 12193974156573 + (1 << 25);
    ln <-- raw \ (1 << 26);
    component rest = Bits(26);
    rest.x <== raw - ln * (1 << 26);
}

// N(d) in units 2^-153 and, if asked for, phi(d) in units 2^-120, for d in units 2^-14, |d| < 2^11.
// From 8 on N counts as 1 and phi as 0.
template Normal(with_density) {
    signal input d;
    signal output value;
    signal output density;

    signal negative <-- d < 0 ? 1 : 0;
    negative * (negative - 1) === 0;
    signal magnitude <== (1 - 2 * negative) * d;
    component bits = Bits(25);
    bits.x <== magnitude;

    var above = 0;
    for (var i = 17; i < 25; i++) {
        above += bits.bits[i] * (1 << (i - 17));
    }
    // inside = (above == 0)
    signal inverse <-- above != 0 ? 1 / above : 0;
    signal inside <== 1 - above * inverse;
    above * inside === 0;

    component products = Products(3);
    var offset = -(1 << 13);
    for (var i = 0; i < 3; i++) {
        products.bits[i] <== bits.bits[14 + i];
    }
    for (var i = 0; i < 14; i++) {
        offset += bits.bits[i] * (1 << i);
    }
    component polynomial = Polynomial(3, 9, normal());
    polynomial.products <== products.products;
    polynomial.e <== offset;

    var one = 1 << 153;
    signal upper <== inside * (polynomial.out - one);
    // N(-d) = 1 - N(d)
    value <== (1 - 2 * negative) * (upper + one / 2) + one / 2;

    if (with_density) {
        component phi = Polynomial(3, 6, density());
        phi.products <== products.products;
        phi.e <== offset;
        density <== inside * phi.out;
    } else {
        density <== 0;
    }
}

// A call by Black-76, units 2^-186 cents: D [F N(d1) - K N(d2)].
//
// d1 is rounded to 2^-14: its error cancels to first order, as F phi(d1) = K phi(d2), if d2 = d1 - v is exact. So v is public in
// two parts, v_high on the grid of d1 and v_low, units 2^-33, which moves N(d2) by its tangent.
template Call() {
    signal input discounted_forward;
    signal input discounted_strike;
    signal input ln_forward;
    signal input ln_strike;
    signal input inverse_v;
    signal input v_high;
    signal input v_low;
    signal output out;

    // d1 in units 2^-34: x / v + v / 2; half a unit of the grid for rounding.
    signal exact <== (ln_forward - ln_strike) * inverse_v + v_high * (1 << 19) + v_low + (1 << 19);
    signal d1 <-- ((exact + (1 << 50)) \ (1 << 20)) - (1 << 30);
    component rest = Bits(20);
    rest.x <== exact - d1 * (1 << 20);

    component first = Normal(0);
    first.d <== d1;
    component second = Normal(1);
    second.d <== d1 - v_high;
    signal tangent <== second.density * v_low;
    signal forward_leg <== discounted_forward * first.value;
    out <== forward_leg - discounted_strike * (second.value - tangent);
}
