//! Every lie: its name, what a thief would gain if it passed, what may stop it, how it is drawn.

use super::{
    super::harness::{COPY, RANGE, TABLE},
    account, charges, choices, distribution, exposure, exposure_challenge as challenge,
    exposure_disclosure as disclosure, exposure_row as exposed, exposure_sums as by_underlying,
    holding, inputs, layout, limbs, linear, ln, moved, perpetual, perpetual_power as power,
    pricing, run,
    section::{FUTURES, OPTIONS, PERPETUALS, SWAPS},
    sums, swap, table, terms,
    thief::{Drawn, Thief},
    total,
};

/// The lies as an enum, so that a list of all of them cannot forget one.
macro_rules! lies {
    ($($lie:ident($draw:path): $name:literal, $gain:literal, [$($stop:expr),+ $(,)?];)+) => {
        /// A kind of forgery.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Lie {
            $($lie,)+
        }

        impl Lie {
            pub const ALL: &[Self] = &[$(Self::$lie,)+];

            /// What the prover does.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$lie => $name,)+
                }
            }

            /// What it would bring if the circuit accepted it.
            pub const fn gain(self) -> &'static str {
                match self {
                    $(Self::$lie => $gain,)+
                }
            }

            /// All that may fail; a star stands for the rest of a name.
            pub const fn stops(self) -> &'static [&'static str] {
                match self {
                    $(Self::$lie => &[$($stop),+],)+
                }
            }

            pub fn draw(self, thief: &mut Thief<'_>) -> Drawn {
                match self {
                    $(Self::$lie => $draw(thief),)+
                }
            }
        }
    };
}

const DIVISION_A: &str = "q_division: A = rem (1 - sat sign1)";
const DIVISION_B: &str = "q_division: B = (2 v - 1 - rem)(1 - sat (1 - sign1))";
const CAPPED: &str = "q_rate: capped: rate = cap";
const EXCLUDE: &str = "q_value: s2 and sign2 exclude each other";
const INSTANCE: &str = "q_instance: a0 = header";
const INTERVAL_ROW: &str = "q_interval: row id = 1024 g + c";
const LOSS_ROW: &str = "q_swap_loss: row id = 1024 g + alive c";
const NO_EXCESS: &str = "q_exponent: (1 - n) h = 0";
const LEAST_SHIFT: &str = "q_shift: n (k - 8) = 0";
const SHIFT: &str = "q_shift: y = 2^46 k + 2^40 j + rest";
const MOVED_ROW: &str = "q_choice: id = 1024 g + w + j";
const NO_BASIS: &str = "q_run_loss: j (1 - own) = 0";
const BASIS_MOVES: &str = "q_run_loss: j (j - 1)(j - 2) = 0";
const NO_SKEW_BASIS: &str = "q_choice: j skew = 0";
const NO_FLIP: &str = "q_choice: f (1 - skew) = 0";
const NORMAL: &str = "q_normal: N(|d|) = cubic";
const PACKED: &str = "q_opening: packed = sequence 2^64 + cash + 2^61";
const PACKS: &str = "q_holding: element packs key, strike, calls, puts";
const LN: &str = "q_ln: 2^50 ln K + r = c0 + c1 x + m^2 (c2 + c3 m) - s ln 2";
const T2: &str = "q_value: t2 = |d2|, or -7 - d2 below -7";
const L_FUTURE: &str = "q_loss: L = 2^102 eta |s| mark - 2^92 move s mark";
const L_ASSET: &str = "q_asset: L = -2^78 move amount moving";
const V_ASSET: &str = "q_asset: V = 1e12 amount value";
const V_FUTURE: &str = "q_future: V = 1e20 s (price - entry + i)";
const V_PERPETUAL: &str = "q_perpetual: V = calls (X + u P) + puts (X - (1 - u) P)";
const V_SWAP: &str = "q_swap: V = s (1e4 p - discount f) + 1e4 |s|";
const X_SWAP: &str = "q_swap_loss: x = (1 - 2 sign)|s| signed + |s| held";
const COUNTED: &str = "q_swap: f = K (square K + (1 - square) 1e8)";
const SWAP_PACKS: &str = "q_swap: element packs key, size, strike";

lies! {
    D1Off(pricing::d1_off): "d1 off by 1 to 1024 units", "a moved price", [RANGE];
    Saturated(pricing::saturated): "d1 at its cap without cause", "an option worth all or nothing", [RANGE];
    SaturatedFlag(pricing::saturated_flag): "the flag of the cap alone", "one side of the division unchecked",
        ["q_division: sat: z1 = cap", RANGE];
    Sign1(pricing::sign1): "sign of d1 flipped", "a price mirrored", [RANGE];
    Sign1OfPrice(pricing::sign1_of_price): "sign of N(d1) flipped, d2 honest", "a forward leg mirrored",
        ["q_division: d2 = (1 - 2 sign1) t1 - v", DIVISION_A, DIVISION_B];
    Sign2(pricing::sign2): "sign of N(d2) flipped", "a strike leg mirrored", [T2, EXCLUDE];
    NegativeArgument(pricing::negative_argument): "-|d2| looked up with the other sign", "a strike leg mirrored",
        [RANGE, TABLE, COPY, T2];
    StrikeLeg(pricing::strike_leg): "the strike leg dropped, or kept below -7", "an option without its strike", [T2, TABLE];
    NormalNeighbour(distribution::normal_neighbour): "the neighbouring row of N", "a moved price", [COPY];
    NormalRowMixed(distribution::normal_row_mixed): "the neighbouring row of N under the own index", "a moved price", [TABLE];
    NormalOfAnotherKind(distribution::normal_of_another_kind): "a row of ln or 2^s, or none, for N", "any price", [TABLE, RANGE];
    Distribution(distribution::distribution_altered): "N(|d|) or N(d) altered", "a moved price",
        [NORMAL, "q_normal: N(d) = N(|d|) + sign (1 - 2 N(|d|))"];
    Value(pricing::value_altered): "an option's value altered", "any price", ["q_value: V = calls U + puts (U - DF + DK)"];
    Epsilon(pricing::epsilon_altered): "an option's epsilon altered", "rounding against the account",
        ["q_value: e = G (2^-33 DF + 19 2^-41 DK)"];
    ForeignMarket(pricing::foreign_market): "forward, ln F or D K of another market", "another market's price", [COPY];

    RootOff(inputs::root_off): "volatility's root off by 1 to 4096 units", "a moved volatility", [RANGE];
    RootZero(inputs::root_zero): "a root of zero, the divisor of d1", "an option at its intrinsic value", [RANGE];
    MovedOff(inputs::moved_volatility_off): "moved volatility off by 1 to 4096 units", "a moved volatility", [RANGE];
    MovedZero(inputs::moved_volatility_zero): "moved volatility of zero, the divisor of d1", "a greater loss", [RANGE];
    SmileNeighbour(inputs::smile_neighbour): "another interval of the smile", "another strike's volatility", [RANGE];
    SmileOwnIndex(inputs::smile_under_own_index): "another expiry's smile under the own index", "another expiry's volatility", [TABLE];
    SmileOther(inputs::smile_of_another_expiry): "another expiry's smile", "another expiry's volatility", [COPY];
    ScenarioOfOption(inputs::scenario_of_one_option): "another scenario for one option", "the worst of each position", [MOVED_ROW, COPY, RANGE];
    GroupOfScenario(inputs::group_of_one_scenario): "another expiry's scenario for one option, under its own number or the slot's",
        "another market's loss", [MOVED_ROW, TABLE, RANGE];
    PaddingMarket(inputs::market_of_padding): "a group's market in a padding slot, under its own number or padding's",
        "a run that goes on over padding", [MOVED_ROW, TABLE, RANGE];
    LnOff(ln::ln_off): "ln K off", "a moved d1 or power", [RANGE];
    LnShift(ln::ln_shift): "another shift of the strike", "half or twice the strike in d1 or a power",
        [TABLE, RANGE, LN];
    LnPowerZero(ln::ln_power_zero): "a factor 2^s of zero", "any strike in d1 or a power", [TABLE, RANGE];
    LnNeighbour(ln::ln_neighbour): "the neighbouring row of ln", "a moved d1 or power", [TABLE, COPY, RANGE];
    LnField(ln::ln_in_the_field): "ln K as a quotient in the field", "any d1 or power",
        [RANGE, DIVISION_A, DIVISION_B, "q_exponent: *", "q_multiplied: 2^100 x + r = v (offset + slope ln K)"];
    OptionRemainder(inputs::remainder_alone): "one remainder or distance of an option alone", "room for a moved quotient",
        ["q_smile: 2^10 v^2 + r = W", "q_smile: r' = 2^10 (2 v + 1) - 1 - r", "q_smile: distance to low node",
         "q_smile: distance to high node", DIVISION_A, DIVISION_B, LN,
         "q_multiplied: 2^100 x + r = v (offset + slope ln K)",
         "q_multiplied: ends = (K - above) + 2^51 (below + 1 + K)", "q_floored: t = (1 - 2 beta)(x - m)", RANGE];

    FlippedOutside(choices::flipped_outside): "a gain counted as a loss where the scenario is no skew", "a hedge charged", [NO_FLIP];
    FlippedInDelta(choices::flipped_in_delta): "the same in the delta charge, which has a skew's class", "nothing today: no option is valued there",
        ["q_run_loss: f own = 0"];
    ClassOfChoice(choices::class_of_choice): "the same by another class of scenario", "a hedge charged", [COPY];
    FlippedTo(choices::flipped_to): "a value counted many times as a loss", "any loss", ["q_choice: f boolean"];
    FlippedInPart(choices::flipped_in_part): "some strikes of an expiry counted as losses, others not", "the worst of each strike",
        ["q_run_end: (1 - end)(f' - f) = 0", COPY];
    BasisWithout(choices::basis_without_basis): "a basis move where the scenario moves prices", "the worst of two branches", [NO_BASIS, NO_SKEW_BASIS];
    BasisInDelta(choices::basis_in_delta): "a basis move in the delta charge", "two branches added up", [NO_SKEW_BASIS];
    BasisScenario(choices::basis_of_a_scenario): "a scenario's market as a basis move", "a loss at another share", [BASIS_MOVES, RANGE];
    BasisThird(choices::third_basis): "a third basis move, or that of another expiry", "another market's loss",
        [BASIS_MOVES, TABLE, RANGE];
    Inflation(moved::inflation_altered): "what a skew adds to a bound altered", "rounding against the account", ["q_choice: i' = i skew"];
    RunRow(moved::another_run_row): "another expiry's discounts, share and bound, or made-up ones", "another discount",
        [TABLE, COPY, MOVED_ROW, "q_choice: i' = i skew"];
    SkewNeighbour(moved::skew_neighbour): "another interval of a skew's multiplier", "another strike's volatility",
        [RANGE, "q_multiplied: ends = (K - above) + 2^51 (below + 1 + K)"];
    EndsTraded(moved::ends_traded): "units traded between the ends of an interval", "another strike's volatility", [RANGE];
    LesserVolatility(moved::lesser_volatility): "the lesser of moved and least volatility", "a greater loss", [RANGE];
    AnotherLeast(moved::another_least): "the least volatility of another class of scenario, or another expiry's", "a moved price", [COPY];
    Beta(moved::beta_between): "a volatility between the moved and the least, or beyond", "a moved price", ["q_floored: beta boolean"];
    MovedCopy(moved::copy_altered): "what a moved market is made from, copied wrong", "another market's loss",
        [COPY, MOVED_ROW, NO_FLIP, NO_SKEW_BASIS, "q_choice: i' = i skew", "q_multiplied: *", "q_floored: *"];

    RunSum(run::sum_altered): "the sums of an expiry altered", "any loss", ["q_run: *"];
    RunEpsilon(run::epsilon_left_out): "an epsilon left out of an expiry's sums", "rounding against the account", ["q_run: *", COPY];
    RunQuotient(run::quotient_off): "an expiry's quotient off, with its remainder", "a unit a time", [RANGE];
    RunField(run::quotient_in_the_field): "that quotient in the field", "any loss", [RANGE, "q_rate: *", "q_tick: *"];
    RunQuotientAlone(run::quotient_alone): "its quotient, sign or remainder alone", "room for a moved quotient",
        ["q_run_loss: 2^120 (1 - 2 n)|q| - r = Y", RANGE];
    RunSign(run::sign): "the sign of an expiry's value flipped, or none", "the discount of the other sign",
        [RANGE, "q_run_loss: n boolean"];
    Discounted(run::discount_altered): "the discount of the other sign, any discount, or any loss", "a greater loss",
        ["q_run_loss: d = (1 - own)(long + (n xor f)(short - long)) + own share (j > 0)",
         "q_run_loss: L = (1 - own) P - 2^80 d (1 - 2 n)|q|"];
    RunCopy(run::copy_altered): "what an expiry's loss is made from, copied wrong", "any loss",
        [COPY, "q_run: *", "q_run_loss: *"];
    EndsEarly(run::ends_early): "an expiry that ends early", "a discount for each strike", [RANGE, "q_run_end: t = id' - id - 1000 end"];
    EndsLate(run::ends_late): "an expiry that goes on into the next", "a discount for two expiries",
        ["q_run_end: (1 - end) t = 0", "q_run_end: t = id' - id - 1000 end", "q_run_end: (1 - end)(f' - f) = 0", RANGE];
    EndField(run::end_field): "an end that is neither here nor there", "a loss counted many times",
        ["q_run_end: end boolean", "q_run_end: (1 - end) t = 0", "q_run_end: t = id' - id - 1000 end",
         "q_run_end: (1 - end)(f' - f) = 0", RANGE];
    EndAlone(run::end_alone): "a distance, gap or sum behind a strike alone", "any loss", ["q_run_end: *", RANGE];
    EndCopy(run::end_copy): "what an expiry's end is made from, copied wrong", "two expiries as one", [COPY, "q_run_end: *", RANGE];
    CountedEnd(run::counted_elsewhere): "an expiry's loss counted before its end, or not at its end", "a loss counted twice",
        [COPY, "q_option_loss: x = X + end L"];
    RunLossCopy(run::loss_copy): "an expiry's loss, or the deltas' magnitudes, copied wrong", "any loss", [COPY];
    RunUnsorted(run::unsorted): "strikes of an expiry out of order, or one twice", "a charge netted away", [RANGE];

    Row(table::row_altered): "a row that the table does not have", "any market", [TABLE];
    Discount(table::discount_of_another_group): "another group's discount", "a moved price", [TABLE];
    RowsMixed(table::rows_mixed): "columns of two rows mixed", "the best of two markets", [TABLE];
    NoScenario(table::scenario_that_does_not_exist): "a scenario that the policy does not have", "any scenario", [TABLE];
    RowKind(table::row_of_another_kind): "a swap's row as an option's scenario, or an option's as a swap's", "a hedge without effect",
        [TABLE, RANGE, "q_multiplied: kind boolean"];

    Size(holding::size_altered): "an option's size or sign altered", "any position", [COPY, PACKS];
    Key(holding::key_of_another_group): "another expiry's market for an option", "another option", [COPY, PACKS, RANGE, "q_side: *"];
    KeyField(holding::key_in_the_field): "sizes altered, the key made up in the field", "two accounts for one commitment", [TABLE];
    Carry(holding::size_carried): "units carried between an option's fields", "two accounts for one commitment", [RANGE, "q_side: *"];
    NegativeSize(holding::negative_magnitude): "an option's magnitude below zero", "a charge and an epsilon below zero", [RANGE];
    SizeBit(holding::sign_bit): "a sign bit of an option flipped, or no bit", "a short side forgotten",
        [PACKS, "q_holding: sign_c boolean", "q_holding: sign_p boolean", "q_size: calls = (1 - 2 sign_c) |c|",
         "q_size: puts = (1 - 2 sign_p) |p|"];

    Charge(charges::altered): "an option's charge, or what counts of its value, altered", "any requirement or equity", ["q_charge: *"];
    ChargeForgotten(charges::forgotten): "an option's charge forgotten", "any requirement", ["q_charge: *"];
    EquityEpsilon(charges::epsilon_left_out): "an epsilon left out of an option's equity", "rounding against the account",
        ["q_charge: *"];
    ChargesGroup(charges::of_another_group): "another group's charges, or made-up ones", "any requirement", [TABLE, COPY, "q_charge: *"];
    Kept(charges::kept): "a value that counts left out, or counted many times", "any equity",
        ["q_charge: kept boolean", "q_charge: (1 - excluded)(1 - kept) = 0"];
    Naked(charges::naked): "what is short counted many times", "any requirement", ["q_charge: nu boolean"];
    OtherChoice(charges::other_choice): "a value or a short side the other way", "nothing: the prover's choice", [COPY];
    LossQuotient(charges::quotient_off): "a loss's quotient off, with its remainder", "a unit a time", [RANGE];
    LossField(charges::quotient_in_the_field): "that quotient in the field", "any requirement", [RANGE, "q_rate: *", "q_tick: *"];
    LossQuotientAlone(charges::quotient_alone): "its quotient or remainder alone", "room for a moved quotient",
        ["q_net: x = 2^120 l + r", RANGE];
    ThirdValue(charges::third_value): "a third value where the prover chooses between two", "any requirement",
        ["q_greeks: *", "q_net: net = 2^10 l + net rate (q_d or -q_d - 1)", "q_core: core' - core = 1e8 net or factor net"];
    CoreOff(charges::core_off): "the core one unit off", "a unit a time", ["q_core: core' - core = 1e8 net or factor net"];
    Twice(charges::twice): "a loss or an asset's factor counted twice", "any requirement", ["q_core: core' - core = 1e8 net or factor net"];
    OtherValue(charges::other_value): "the other of two values", "nothing: the prover's choice", [COPY];
    ChargeCopy(charges::copy_altered): "what an underlying's charges are made from, copied wrong", "any requirement",
        [COPY];
    FactorOf(charges::factor_of_another): "another asset's factor, or a made-up one", "any requirement", [TABLE, COPY];

    LinearAmount(linear::amount_altered): "a future's or asset's value, charge, loss, funding or part of the mix altered",
        "any equity or requirement",
        [V_FUTURE, V_ASSET, L_FUTURE, L_ASSET, "q_future: H = |s| charge", "q_funding: Phi = s phi", "q_asset: F = amount full",
         "q_asset: I = amount illiquid"];
    FutureLoss(linear::loss_of_another): "a future's loss by another mark, size, move or rate", "another market's loss",
        [TABLE, COPY, "q_loss: s = (1 - 2 sign) |s|"];
    AssetLoss(linear::moving_of_another): "an asset's loss by another asset's moving value, or another move", "another market's loss",
        [TABLE, COPY, L_ASSET];
    Funding(linear::funding_of_another): "another future's funding, or a made-up one", "any requirement", [TABLE, COPY];
    AssetRow(linear::asset_of_another): "another asset's haircut or mix under the own number", "any equity", [TABLE];
    Position(linear::position_altered): "a future, asset or swap altered", "any position",
        [COPY, "q_future: element packs key, size, entry, index", "q_asset: element packs key, amount", SWAP_PACKS];
    LinearKeyField(linear::key_in_the_field): "a future, asset or swap altered, the key made up in the field",
        "two accounts for one commitment", [TABLE];
    LinearCarry(linear::size_carried): "units carried between a future's fields", "two accounts for one commitment", [RANGE];
    NegativeFuture(linear::negative_magnitude): "a future's magnitude below zero", "a charge below zero", [RANGE];
    FutureBit(linear::sign_bit): "a sign bit of a future flipped, or no bit", "the other side of a future",
        ["q_future: sign boolean", "q_future: sign_i boolean", "q_loss: s = (1 - 2 sign) |s|",
         "q_future: element packs key, size, entry, index", V_FUTURE];

    Interval(perpetual::another_interval): "the other interval of a perpetual option's market", "another branch's power", [RANGE, TABLE, COPY];
    IntervalScenario(perpetual::interval_of_another_scenario): "another scenario for one perpetual option", "the worst of each position",
        [INTERVAL_ROW, COPY];
    IntervalGroup(perpetual::interval_of_another_group): "another group's interval for one perpetual option", "another market's price",
        [INTERVAL_ROW, COPY];
    IntervalKind(perpetual::interval_of_another_kind): "an option's scenario row for an interval", "any spot",
        ["q_interval: u boolean", TABLE, RANGE, COPY];
    CallSide(perpetual::call_side): "the linear part on the other side", "a value off by spot less strike", [TABLE, COPY];
    PerpetualCopy(perpetual::foreign_copy): "a perpetual option's spot, strike, mantissa, flag or ln K altered on its way",
        "a moved price", [COPY];
    PerpetualStrike(perpetual::discounted_strike): "a perpetual option's strike by another discount", "a moved price",
        ["q_holding: DK = D K"];
    PerpetualPrice(perpetual::price_altered): "a perpetual option's mantissa, value or epsilon altered", "any price",
        ["q_mantissa: m = cubic", V_PERPETUAL, "q_perpetual: e = G (2^55 (spot + DK) + 2^109)"];
    Side(perpetual::side): "a side that a perpetual option's group does not price, or a size in padding", "another option",
        ["q_side: calls mask (mask - 1) = 0", "q_side: puts mask (mask - 2) = 0", TABLE, COPY, RANGE, "q_claim: *"];
    Nothing(power::nothing_claimed): "a power said to be nothing without cause", "an option without time value", [RANGE, TABLE, LEAST_SHIFT];
    Something(power::nothing_denied): "a power that is nothing, counted", "time value out of nothing", [TABLE, RANGE, NO_EXCESS, LEAST_SHIFT];
    ExponentOff(power::exponent_off): "an exponent off by 1 to 4096 units", "a moved price", [RANGE, LEAST_SHIFT];
    ExponentField(power::exponent_in_the_field): "an exponent in the field", "any power", [SHIFT, TABLE, RANGE, NO_EXCESS, LEAST_SHIFT];
    Excess(power::excess): "an excess where the exponent counts, or below zero", "any power of two", [NO_EXCESS, RANGE, LEAST_SHIFT];
    ShiftOff(power::shift_off): "2^k one off, alone or with an index or rest made up", "half or twice the power", [SHIFT, TABLE, RANGE, LEAST_SHIFT];
    ExpNeighbour(power::exp_neighbour): "the neighbouring row of 2^x", "a moved price", [TABLE, SHIFT, RANGE, LEAST_SHIFT];
    PowerOther(power::power_of_another_shift): "the power of another shift", "any power of two", [TABLE, SHIFT, LEAST_SHIFT];
    PowerKind(power::another_kind): "another function's row, or none, for 2^x or 2^k", "any price", [TABLE, RANGE, LEAST_SHIFT];
    PerpetualPart(power::part_alone): "one distance, remainder or flag of a perpetual option alone", "room for a moved exponent",
        ["q_interval: distance to low end", "q_interval: distance to high end", "q_exponent: *", SHIFT, V_PERPETUAL, RANGE, LEAST_SHIFT];

    SwapAmount(swap::amount_altered): "a swap's value, loss or charge altered", "any equity or requirement",
        [V_SWAP, "q_swap_loss: *", "q_swap: H = |s| charge", RANGE];
    Counted(swap::counted_altered): "what a swap's strike counts altered", "a moved value", [COUNTED, RANGE];
    Squared(swap::squared_flag): "a squared strike for a linear one, or the other way round", "another value", [TABLE];
    SwapCarry(swap::size_carried): "a swap's size carried into its strike", "a position left out", [RANGE];
    SwapStrike(swap::strike_too_large): "a strike whose square is out of range", "a value that wraps", [RANGE];
    SwapScenario(swap::scenario_of_one_swap): "another scenario for one swap", "the worst of each position", [LOSS_ROW, COPY];
    SwapGroup(swap::group_of_one_swap): "another swap's numbers in the loss", "another market's loss", [LOSS_ROW, COPY, TABLE];
    NegativeSwap(swap::negative_magnitude): "a swap's magnitude below zero", "a charge and a rounding below zero", [RANGE];
    SwapBit(swap::sign_bit): "a sign bit of a swap flipped, or no bit", "the other side of a swap",
        ["q_swap: sign boolean", SWAP_PACKS, V_SWAP, X_SWAP, COPY, RANGE];
    SwapSize(swap::size_of_the_loss): "another size in a swap's loss", "a greater loss", [COPY];
    SwapParts(swap::parts_exchanged): "the part that both sides lose by the size's sign, or the other way round", "a greater loss", [X_SWAP];

    TotalQuotient(total::quotient_off): "the quotient of the options' equity off, with its remainder", "a unit a time", [RANGE];
    TotalField(total::quotient_in_the_field): "that quotient in the field", "a verdict on any account",
        [RANGE, "q_tick: *", "q_rate: *"];
    TotalAlone(total::quotient_alone): "its quotient or remainder alone", "room for a moved quotient", ["q_ceil: *", RANGE];
    ScenariosMixed(total::scenarios_mixed): "numbers of two scenarios mixed", "the worst of two scenarios",
        [TABLE, COPY, MOVED_ROW, INTERVAL_ROW, LOSS_ROW, NO_FLIP, NO_BASIS, NO_SKEW_BASIS, RANGE, "q_choice: i' = i skew", "q_floored: *"];
    ScenarioAltered(total::scenario_altered): "a move, factor, class or rate that is no scenario's", "any requirement",
        [TABLE, NO_FLIP, NO_SKEW_BASIS, L_FUTURE, L_ASSET, RANGE, "q_floored: *", "q_tick: *", "q_rate: *"];
    ScenarioKind(total::scenario_kind): "a scenario's row of another kind", "any requirement",
        ["q_scenario: own boolean", TABLE, NO_BASIS, RANGE, "q_run_loss: *", "q_tick: *", "q_rate: *"];
    ScenarioAlone(total::scenario_alone): "the account's scenario alone", "the worst of two scenarios",
        [COPY, INTERVAL_ROW, LOSS_ROW, MOVED_ROW, RANGE, NO_FLIP, NO_BASIS, NO_SKEW_BASIS, L_FUTURE, L_ASSET, "q_choice: i' = i skew",
         "q_floored: *", "q_run_loss: f own = 0", "q_tick: *", "q_rate: *"];
    Factor(total::factor_altered): "another scenario's factor, or any", "any requirement", [COPY];
    Required(total::requirement_altered): "a requirement that the sums do not make", "any requirement",
        ["q_required: W = factor core + 1e16 2^22 C' or 0"];
    FundingTwice(total::funding_twice): "funding counted twice, or in part", "any requirement", ["q_required: C' = C or C + funding"];
    FundingForgone(total::funding_forgone): "the other of the two contingencies", "nothing: the prover's choice", [COPY];
    TotalCopy(total::copy_altered): "the totals' copy of a sum altered", "any equity or requirement",
        [COPY];

    CashSequence(account::cash_for_sequence): "cash traded for the sequence number", "two accounts for one commitment", [RANGE];
    Cash(account::cash_altered): "cash altered", "any equity", [COPY, PACKED];
    FirstSums(sums::first_sums): "sums that start elsewhere", "any equity or requirement", ["q_opening: E0 = 1e28 2^12 cash", COPY];
    Constant(sums::constant_altered): "a zero or a one that is none", "sums that start elsewhere",
        ["q_opening: 0", "q_opening: 1", COPY, INTERVAL_ROW, "q_option_loss: *", RANGE, "q_tick: *", "q_rate: *", "q_run: *",
         "q_claim: *"];
    Domain(account::domain_of_another_shape): "another shape's domain", "two shapes for one commitment", ["q_opening: domain of the shape"];
    Owner(account::owner_or_salt): "another owner or salt", "another's account", [COPY];
    PublicInput(account::public_input): "a public input altered", "a proof for other inputs", [INSTANCE];
    Rules(account::rules_altered): "rules that are not the policy's", "better terms", [INSTANCE];
    TickZero(account::tick_zero): "a tick of zero", "any term is a multiple", [INSTANCE, RANGE];
    Duplicate(layout::duplicate_slots): "one market in two slots", "a charge netted away", [RANGE];
    DuplicateHidden(layout::duplicate_hidden): "a duplicate with a forged gap", "a charge netted away",
        ["q_order: gap = o_next - o - alive", COPY, "q_side: order = 2^50 g + K", RANGE];
    Unsorted(layout::unsorted_slots): "slots out of order", "duplicates that no gap shows", [RANGE];
    PaddingBehind(layout::padding_behind_a_position): "padding behind a position", "duplicates that no gap shows", [RANGE];
    Padding(layout::padding_with_value): "padding that carries value", "equity out of nothing",
        [TABLE, RANGE, "q_value: V = calls U + puts (U - DF + DK)", V_PERPETUAL, V_FUTURE, V_SWAP, V_ASSET,
         "q_side: *", "q_future: (1 - alive) |s| = 0", "q_swap: (1 - alive) |s| = 0", "q_claim: *", COPY,
         MOVED_ROW, INTERVAL_ROW, LOSS_ROW];
    Hash(account::hash_altered): "a cell of a hash altered", "any account for a commitment", ["poseidon q_*", COPY];

    Quotient(terms::quotient_off): "shortfall or requirement off, with its remainder", "better terms", [RANGE];
    QuotientAlone(terms::quotient_alone): "shortfall or requirement off", "better terms", ["q_shortfall: *", RANGE];
    RequirementZero(terms::requirement_zero): "a requirement of zero, the divisor of the rate", "the rate at its cap", [RANGE];
    QuotientField(terms::quotient_in_the_field): "shortfall or requirement as a quotient in the field", "a verdict on any account",
        [RANGE, "q_tick: *", "q_rate: *"];
    Wrapped(sums::cash_wrapped): "equity wrapped around the modulus", "a verdict on any account",
        [RANGE, "q_tick: *", "q_rate: *"];
    Healthy(terms::healthy_account): "an account that is not under-margined", "a verdict on any account", [RANGE];
    Rate(terms::rate_off): "the rate off", "better terms", [RANGE];
    Capped(terms::capped): "the rate at its cap, or above it, without cause", "better terms", [RANGE, CAPPED];
    CappedFlag(terms::capped_flag): "the flag of the rate's cap alone, or none", "one side of the rate unchecked",
        [RANGE, CAPPED, "q_rate: capped boolean"];
    TermRemainder(terms::remainder_alone): "one remainder of the terms alone", "room for a moved quotient",
        [RANGE, "q_shortfall: *", "q_tick: *", "q_rate: *"];
    TermCopy(terms::copy_altered): "what the terms are made from, copied wrong", "better terms",
        [COPY, RANGE, "q_tick: *", "q_rate: *", "q_illiquidity: *"];
    Ticks(terms::ticks_off): "ticks more or fewer, with the remainder", "better terms", [RANGE];
    TicksField(terms::ticks_in_the_field): "a count of ticks in the field", "a term off its tick", [RANGE];
    Term(terms::term_alone): "a disclosed term altered: one tick more, or any", "better terms", ["q_tick: out = shown (x - r)"];
    TermsShown(terms::shown_altered): "disclosure of the terms switched on or off", "terms hidden, or another's shown", [INSTANCE, COPY];
    TermsAgainst(terms::shown_against_policy): "a term shown though hidden, or hidden though shown", "terms hidden, or another's shown",
        ["q_tick: out = shown (x - r)"];
    Illiquid(terms::illiquidity_off): "the illiquid part off, with its remainder", "a higher rate", [RANGE, "q_illiquidity: z a = 0"];
    IlliquidField(terms::illiquidity_in_the_field): "the illiquid part in the field", "any rate", [RANGE, "q_rate: *", "q_tick: *"];
    IlliquidAlone(terms::illiquidity_alone): "one number of the illiquid part alone", "room for a moved part", ["q_illiquidity: *", RANGE];
    NothingHeld(terms::nothing_held): "no collateral, without cause, or some where there is none", "a lower or any rate",
        ["q_illiquidity: *", RANGE];
    SlotSkipped(sums::slot_skipped): "a sum that skips a slot", "a position left out", ["q_add: S' = S + x + x'"];
    Sum(sums::sum_altered): "a running sum altered", "any equity or requirement", ["q_add: S' = S + x + x'"];
    PartCopied(sums::part_copied): "what a sum adds, copied wrong", "a position counted twice", [COPY];
    Equity(sums::equity_altered): "equity altered, or what it is made of", "any equity", ["q_equity: E = E0 + 2^12 V", COPY];

    Density(exposure::another_density): "another density, or its copy off", "any gamma or vega",
        ["q_density: phi = cubic's slope", COPY];
    GammaQuotient(exposure::quotient_off): "density over v off, with the remainder", "a moved gamma", [RANGE];
    GammaField(exposure::quotient_in_the_field): "density over v in the field", "any gamma", [RANGE];
    GammaPart(exposure::quotient_alone): "its quotient, remainder, complement or flag alone", "room for a moved gamma",
        ["q_quotient: *", RANGE];
    ExpiredClaimed(exposure::expired_without_cause): "an option said to have no time left", "no gamma", ["q_quotient: z v = 0"];
    ExpiredDenied(exposure::expiry_denied): "a quotient by zero", "any gamma", ["q_quotient: z Q = 0", RANGE];
    Parts(exposure::parts_traded): "units traded between the parts of a mantissa or of ln K", "a moved exposure", [RANGE];
    PartField(exposure::part_in_the_field): "a part of a mantissa or of ln K in the field", "any exposure", [RANGE];
    Part(exposure::part_alone): "one part, or what the parts make, alone", "any exposure", ["q_parts: *", RANGE, COPY, "q_alive: *"];
    OptionExposure(exposure::value_altered::<OPTIONS>): "delta, gamma or vega of an option altered", "any exposure", ["q_exposure: *"];
    PerpetualExposure(exposure::value_altered::<PERPETUALS>): "delta, gamma or vega of a perpetual option altered", "any exposure", ["q_perpetual_exposure: *"];
    FutureExposure(exposure::value_altered::<FUTURES>): "delta, gamma or vega of a future altered", "any exposure", ["q_future_exposure: *"];
    SwapExposure(exposure::value_altered::<SWAPS>): "delta, gamma or vega of a swap altered", "any exposure", ["q_swap_exposure: *"];
    OptionExposureCopy(exposure::copy_altered::<OPTIONS>): "what the exposure of an option is computed from, copied wrong",
        "another position's exposure", [COPY];
    PerpetualExposureCopy(exposure::copy_altered::<PERPETUALS>): "what the exposure of a perpetual option is computed from, copied wrong",
        "another position's exposure", [COPY];
    FutureExposureCopy(exposure::copy_altered::<FUTURES>): "what the exposure of a future is computed from, copied wrong",
        "another position's exposure", [COPY];
    SwapExposureCopy(exposure::copy_altered::<SWAPS>): "what the exposure of a swap is computed from, copied wrong",
        "another position's exposure", [COPY];
    Gross(exposure::gross_altered): "the deltas' magnitudes, or what a slot loses, altered", "any loss",
        ["q_gross: *", "q_perpetual_gross: *"];
    GrossSides(exposure::sides_exchanged): "calls for puts in the deltas' magnitudes", "another charge", [COPY];
    Fallen(exposure::fallen_altered): "a perpetual option's loss altered, or an epsilon left out", "any loss",
        ["q_perpetual_loss: D = (1 - own)(V0 - e0 - Vs - es)", COPY];
    ExposureRow(exposed::altered): "a row of exposures that the table does not have", "any exposure", [TABLE];
    OptionExposureGroup(exposed::of_another_group::<OPTIONS>): "another group's row for the exposure of an option", "another market's exposure",
        [COPY, TABLE];
    PerpetualExposureGroup(exposed::of_another_group::<PERPETUALS>): "another group's row for the exposure of a perpetual option", "another market's exposure",
        [COPY, TABLE];
    SwapExposureGroup(exposed::of_another_group::<SWAPS>): "another group's row for the exposure of a swap", "another market's exposure",
        [COPY, TABLE];
    ExposureInterval(exposed::of_another_interval): "another interval's answers", "another branch's exposure", [COPY, TABLE];
    ExposureKind(exposed::of_another_kind): "a row of another kind for exposures", "any exposure",
        [TABLE, COPY, "q_perpetual_exposure: w boolean", "q_claim: *"];
    OptionUnderlying(exposed::underlying_altered::<OPTIONS>): "the underlying of an option altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    PerpetualUnderlying(exposed::underlying_altered::<PERPETUALS>): "the underlying of a perpetual option altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    FutureUnderlying(exposed::underlying_altered::<FUTURES>): "the underlying of a future altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    SwapUnderlying(exposed::underlying_altered::<SWAPS>): "the underlying of a swap altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];

    CountedElsewhere(by_underlying::counted_for_another): "a position counted for another underlying", "an exposure moved elsewhere",
        [COPY];
    LeftOut(by_underlying::left_out): "a position left out of its underlying's sum", "an exposure or a gain hidden",
        [COPY, "q_pole: *", "q_loss_pole: *", "q_exposure: *", "q_perpetual_exposure: *", "q_future_exposure: *",
         "q_swap_exposure: *", "q_option_loss: *"];
    Fraction(by_underlying::fraction_off): "a position's fraction that is not its pole's", "a position counted many times",
        ["q_pole: (alpha - *", "q_loss_pole: (alpha - *"];
    ClaimedFraction(by_underlying::claimed_fraction_off): "a claimed sum's fraction that is not its pole's", "any sum",
        ["q_pole: (alpha - *"];
    Exchanged(by_underlying::exchanged): "the sums of two underlyings exchanged", "another underlying's exposure", [COPY];
    LossMoved(by_underlying::loss_moved): "a claimed loss that is not the positions', or moved to another underlying", "any requirement", [COPY];
    SplitInTwo(by_underlying::split_in_two): "one underlying in two claims", "a gain that nets no loss",
        [RANGE, COPY, "q_order: gap = o_next - o - alive", "q_claim: *", "q_number: *"];
    ClaimsUnsorted(by_underlying::unsorted): "claims out of order", "duplicates that no gap shows",
        [RANGE, "q_order: gap = o_next - o - alive"];
    BetweenTwo(by_underlying::between_two): "an underlying's number between two others", "gamma claimed as delta",
        [RANGE, TABLE, COPY];
    NoAsset(by_underlying::no_asset): "an underlying's number that the table does not have", "a factor of choice", [RANGE, TABLE];
    InPadding(by_underlying::in_padding): "sums in padding claims", "an exposure hidden", ["q_claim: *", "q_number: *", COPY, RANGE];
    ClaimAlive(by_underlying::alive_altered): "padding that is none, or the other way round", "duplicates that no gap shows",
        ["q_number: *", "q_claim: *", RANGE];
    FractionsStart(by_underlying::started_elsewhere): "sums of fractions that start elsewhere", "any sums", [COPY];
    Compensated(challenge::compensated_sums): "sums that agree at one challenge only", "any sums", [COPY, "poseidon *"];
    CompensatedLosses(challenge::compensated_losses): "losses that agree at one challenge only", "any requirement", [COPY];
    ChoicesChanged(challenge::choices_changed): "choices changed after the challenge was drawn", "choices that make sums agree",
        [COPY, "poseidon *", "q_choices: *"];
    ChoicesLeftOut(challenge::choices_left_out): "a challenge drawn without the choices", "choices that make sums agree", [COPY];
    Packed(challenge::packed_altered): "a packed choice or number off, or a copy in it", "a challenge of choice",
        [COPY, "q_choices: *", "q_numbers: *"];
    ChallengeCommitment(challenge::another_commitment): "a challenge from another commitment", "a challenge of choice", [COPY];
    ChallengeTable(challenge::another_table): "a challenge from another table", "a challenge of choice",
        [COPY, INSTANCE, "poseidon *"];
    ChallengeSums(challenge::other_sums_hashed): "a challenge from other sums", "a challenge of choice", [COPY];
    ChallengeHash(challenge::hash_altered): "one cell of the challenge's hashes", "a challenge of choice",
        ["poseidon *", COPY];
    ChallengeAll(challenge::alpha_of_all): "another challenge everywhere", "any sums", [COPY];
    ChallengeOne(challenge::alpha_of_one): "another challenge for one position or claim", "a position counted many times", [COPY];

    CutOff(disclosure::quotient_off): "a sum's quotient off, with the remainder", "another bucket or charge", [RANGE];
    BucketOff(disclosure::bucket_off): "a bucket off, with what is left", "another bucket", [RANGE];
    BucketField(disclosure::in_the_field): "a quotient or bucket in the field", "any bucket or charge",
        [RANGE, "q_tick: *", "q_rate: *", "q_greeks: *", "q_net: *", "q_core: *"];
    CutPart(disclosure::part_alone): "a part of a cut alone", "room for a moved bucket",
        ["q_cut: *", "q_bucket: *", "q_tick_rest: *", RANGE];
    ExposureTick(disclosure::tick_altered): "another tick for exposures", "another bucket", [INSTANCE, COPY, RANGE];
    Shown(disclosure::shown_altered): "disclosure switched on or off", "an exposure hidden, or another's shown",
        [INSTANCE, COPY, RANGE, "q_number: out = shown uid"];
    Out(disclosure::out_altered): "a disclosed number that is not the claimed one", "any exposure",
        [COPY, "q_number: out = shown uid", "q_tick_rest: *"];

    PlusModulus(limbs::plus_modulus): "limbs of x + p", "a second representation of a number", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
    LimbField(limbs::in_the_field): "limbs in the field", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
    LimbAlone(limbs::alone): "one limb or its copy alone", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
}
