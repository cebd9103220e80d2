pragma circom 2.2.0;

// x in [0, 2^n): n constraints, and the sum that is x. `bits` for callers that need them.
template Bits(n) {
    signal input x;
    signal output bits[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        bits[i] <-- (x >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    sum === x;
}

// All products of subsets of n bits, by the subset's mask: 2^n - n - 1 constraints. A table row selected by the bits is
// then a linear form.
template Products(n) {
    signal input bits[n];
    signal output products[1 << n];
    products[0] <== 1;
    for (var i = 0; i < n; i++) {
        products[1 << i] <== bits[i];
        for (var j = 1; j < (1 << i); j++) {
            products[j + (1 << i)] <== products[j] * bits[i];
        }
    }
}

// Polynomials sum_j c_j e^j by Horner's rule, c_j selected by products: one constraint a degree.
template Polynomial(n, degree, rows) {
    signal input products[1 << n];
    signal input e;
    signal output out;
    signal steps[degree];
    var coefficients[degree + 1];
    for (var j = 0; j <= degree; j++) {
        coefficients[j] = 0;
        for (var i = 0; i < (1 << n); i++) {
            coefficients[j] += rows[i][j] * products[i];
        }
    }
    var last = coefficients[degree];
    for (var j = degree - 1; j >= 0; j--) {
        steps[j] <== last * e;
        last = steps[j] + coefficients[j];
    }
    out <== last;
}
