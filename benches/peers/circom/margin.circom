pragma circom 2.2.0;

include "circomlib/circuits/poseidon.circom";
include "black76.circom";

// I know 32 option positions, cash and a salt behind the commitment, such that cash less the loss from the base to the shocked
// market is below the threshold.
//
// market[i]: discount, then for both markets discounted forward, log forward, 1/v, v's high and low part.
template Margin(slots) {
    signal input commitment;
    signal input threshold;
    signal input market[slots][11];
    signal input strikes[slots];
    signal input calls[slots];
    signal input puts[slots];
    signal input cash;
    signal input salt;

    component cash_bits = Bits(50);
    cash_bits.x <== cash + (1 << 49);

    component calls_bits[slots];
    component puts_bits[slots];
    component ln[slots];
    component call[slots][2];
    signal discounted[slots];
    signal by_calls[slots];
    signal loss[slots];
    var words[slots];
    // (T - cash) 2^186 + losses > 0; a loss has sizes 10^-3 and cents, the threshold both.
    var excess = (threshold - cash) * (1 << 186) - 1;
    for (var i = 0; i < slots; i++) {
        calls_bits[i] = Bits(30);
        calls_bits[i].x <== calls[i] + (1 << 29);
        puts_bits[i] = Bits(30);
        puts_bits[i].x <== puts[i] + (1 << 29);
        words[i] = strikes[i] + (calls[i] + (1 << 29)) * (1 << 30) + (puts[i] + (1 << 29)) * (1 << 60);

        ln[i] = Logarithm();
        ln[i].strike <== strikes[i];
        discounted[i] <== market[i][0] * strikes[i];
        for (var m = 0; m < 2; m++) {
            call[i][m] = Call();
            call[i][m].discounted_forward <== market[i][1 + 5 * m];
            call[i][m].discounted_strike <== discounted[i];
            call[i][m].ln_forward <== market[i][2 + 5 * m];
            call[i][m].ln_strike <== ln[i].ln;
            call[i][m].inverse_v <== market[i][3 + 5 * m];
            call[i][m].v_high <== market[i][4 + 5 * m];
            call[i][m].v_low <== market[i][5 + 5 * m];
        }
        // Value of both sides, by parity: (c + p) C - p (DF - DK). DK cancels in the difference of the markets.
        by_calls[i] <== (calls[i] + puts[i]) * (call[i][0].out - call[i][1].out);
        loss[i] <== by_calls[i] - puts[i] * (market[i][1] - market[i][6]) * (1 << 153);
        excess += loss[i];
    }
    component positive = Bits(252);
    positive.x <== excess;

    // Two positions a word; h = P(salt, cash, w0, w1), then h = P(h, w, w, w).
    var packed[slots / 2 + 1];
    for (var i = 0; i < slots / 2; i++) {
        packed[i] = words[2 * i] + words[2 * i + 1] * (1 << 90);
    }
    packed[slots / 2] = 0;
    component hash[6];
    for (var i = 0; i < 6; i++) {
        hash[i] = Poseidon(4);
        if (i == 0) {
            hash[i].inputs[0] <== salt;
            hash[i].inputs[1] <== cash + (1 << 49);
            hash[i].inputs[2] <== packed[0];
            hash[i].inputs[3] <== packed[1];
        } else {
            hash[i].inputs[0] <== hash[i - 1].out;
            for (var j = 0; j < 3; j++) {
                hash[i].inputs[1 + j] <== packed[3 * i - 1 + j];
            }
        }
    }
    commitment === hash[5].out;
}

component main {public [commitment, threshold, market]} = Margin(32);
