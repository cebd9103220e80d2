//! Every lie: its name, what a thief would gain if it passed, what may stop it, how it is drawn.

use super::{
    super::harness::{COPY, RANGE, TABLE},
    account, distribution, exposure, exposure_challenge as challenge,
    exposure_disclosure as disclosure, exposure_row as exposed, exposure_sums as by_underlying,
    holding, inputs, layout, limbs, linear, ln, perpetual, perpetual_power as power, pricing,
    section::{ASSETS, FUTURES, OPTIONS, PERPETUALS, SWAPS},
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
const LOSS_ROW: &str = "q_swap_loss: row id = 1024 g + c";
const NO_EXCESS: &str = "q_exponent: (1 - n) h = 0";
const LEAST_SHIFT: &str = "q_shift: n (k - 8) = 0";
const SHIFT: &str = "q_shift: y = 2^46 k + 2^40 j + rest";
const MOVED_ROW: &str = "q_moved: row id = 1024 g + s";
const NORMAL: &str = "q_normal: N(|d|) = cubic";
const PACKED: &str = "q_opening: packed = sequence 2^64 + cash + 2^61";
const PACKS: &str = "q_holding: element packs key, strike, calls, puts";
const SHORT: &str = "q_holding: H = (sign_c |c| + sign_p |p|) charge";
const LN: &str = "q_ln: 2^50 ln K + r = c0 + c1 x + m^2 (c2 + c3 m) - s ln 2";
const T2: &str = "q_value: t2 = |d2|, or -7 - d2 below -7";
const V_FUTURE: &str = "q_future: V = 1e20 s (price - entry + i)";
const V_PERPETUAL: &str = "q_perpetual: V = calls (X + u P) + puts (X - (1 - u) P)";
const V_SWAP: &str = "q_swap: V = s (1e4 p - discount f) + 1e4 |s|";
const L_SWAP: &str = "q_swap_loss: L = 1e4 s (p - p_c) - 2e4 |s|";
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
    SmileOther(inputs::smile_of_another_expiry): "another expiry's smile", "another expiry's volatility",
        [COPY, "q_smile: order = 2^50 g + K"];
    ScenarioOfOption(inputs::scenario_of_one_option): "another scenario for one option", "the worst of each position", [MOVED_ROW, COPY];
    GroupOfScenario(inputs::group_of_one_scenario): "another expiry's scenario for one option", "another market's loss", [MOVED_ROW, COPY];
    LnOff(ln::ln_off): "ln K off", "a moved d1 or power", [RANGE];
    LnShift(ln::ln_shift): "another shift of the strike", "half or twice the strike in d1 or a power",
        [TABLE, RANGE, LN];
    LnPowerZero(ln::ln_power_zero): "a factor 2^s of zero", "any strike in d1 or a power", [TABLE, RANGE];
    LnNeighbour(ln::ln_neighbour): "the neighbouring row of ln", "a moved d1 or power", [TABLE, COPY, RANGE];
    LnField(ln::ln_in_the_field): "ln K as a quotient in the field", "any d1 or power", [RANGE, DIVISION_A, DIVISION_B, "q_exponent: *"];
    OptionRemainder(inputs::remainder_alone): "one remainder or distance of an option alone", "room for a moved quotient",
        ["q_smile: 2^10 v^2 + r = W", "q_smile: r' = 2^10 (2 v + 1) - 1 - r", "q_smile: distance to low node",
         "q_smile: distance to high node", DIVISION_A, DIVISION_B, LN,
         "q_moved: 2^40 vs + r = v u", RANGE];

    Row(table::row_altered): "a row that the table does not have", "any market", [TABLE];
    Discount(table::discount_of_another_group): "another group's discount", "a moved price", [TABLE];
    RowsMixed(table::rows_mixed): "columns of two rows mixed", "the best of two markets", [TABLE];
    NoScenario(table::scenario_that_does_not_exist): "a scenario that the policy does not have", "any scenario", [TABLE];
    RowKind(table::row_of_another_kind): "a swap's row as an option's scenario, or an option's as a swap's", "a hedge without effect", [TABLE];

    Size(holding::size_altered): "an option's size or sign altered", "any position", [COPY, PACKS];
    Key(holding::key_of_another_group): "another expiry's market for an option", "another option", [COPY, PACKS, RANGE, "q_side: *"];
    KeyField(holding::key_in_the_field): "sizes altered, the key made up in the field", "two accounts for one commitment", [TABLE];
    Carry(holding::size_carried): "units carried between an option's fields", "two accounts for one commitment", [RANGE, "q_side: *"];
    NegativeSize(holding::negative_magnitude): "an option's magnitude below zero", "a charge and an epsilon below zero", [RANGE];
    SizeBit(holding::sign_bit): "a sign bit of an option flipped, or no bit", "a short side forgotten",
        [PACKS, SHORT, "q_holding: sign_c boolean", "q_holding: sign_p boolean", "q_size: calls = (1 - 2 sign_c) |c|",
         "q_size: puts = (1 - 2 sign_p) |p|"];
    ShortCharge(holding::charge_altered): "a short charge forgotten or altered", "any requirement", [SHORT];

    LinearValue(linear::value_altered): "a future's or asset's value altered", "any equity", [V_FUTURE, "q_asset: V = 1e12 X"];
    LinearCharge(linear::charge_altered): "a future's charge altered", "any requirement", ["q_future: H = |s| charge"];
    Notional(linear::notional_altered): "what the scenario's move moves altered", "any requirement",
        ["q_notional: X = 1e8 s mark", "q_asset: X = amount value"];
    Mark(linear::notional_of_another): "another future's mark, or another size, for the scenario's move", "another market's loss",
        [TABLE, "q_notional: s = (1 - 2 sign) |s|"];
    Position(linear::position_altered): "a future, asset or swap altered", "any position",
        [COPY, "q_future: element packs key, size, entry, index", "q_asset: element packs key, amount", SWAP_PACKS];
    LinearKeyField(linear::key_in_the_field): "a future, asset or swap altered, the key made up in the field",
        "two accounts for one commitment", [TABLE];
    LinearCarry(linear::size_carried): "units carried between a future's fields", "two accounts for one commitment", [RANGE];
    NegativeFuture(linear::negative_magnitude): "a future's magnitude below zero", "a charge below zero", [RANGE];
    FutureBit(linear::sign_bit): "a sign bit of a future flipped, or no bit", "the other side of a future",
        ["q_future: sign boolean", "q_future: sign_i boolean", "q_notional: s = (1 - 2 sign) |s|",
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
        ["q_side: calls mask (mask - 1) = 0", "q_side: puts mask (mask - 2) = 0", TABLE, COPY, RANGE];
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
        [V_SWAP, L_SWAP, "q_swap: H = |s| charge"];
    Counted(swap::counted_altered): "what a swap's strike counts altered", "a moved value", [COUNTED, RANGE];
    Squared(swap::squared_flag): "a squared strike for a linear one, or the other way round", "another value", [TABLE];
    SwapCarry(swap::size_carried): "a swap's size carried into its strike", "a position left out", [RANGE];
    SwapStrike(swap::strike_too_large): "a strike whose square is out of range", "a value that wraps", [RANGE];
    SwapScenario(swap::scenario_of_one_swap): "another scenario for one swap", "the worst of each position", [LOSS_ROW, COPY];
    SwapGroup(swap::group_of_one_swap): "another swap's price in the loss", "another market's loss", [LOSS_ROW, COPY];
    NegativeSwap(swap::negative_magnitude): "a swap's magnitude below zero", "a charge and a rounding below zero", [RANGE];
    SwapBit(swap::sign_bit): "a sign bit of a swap flipped, or no bit", "the other side of a swap",
        ["q_swap: sign boolean", SWAP_PACKS, V_SWAP, L_SWAP, COPY, RANGE];
    SwapSize(swap::size_of_the_loss): "another size in a swap's loss", "a greater loss", [COPY];

    TotalQuotient(total::quotient_off): "the quotient of the options' equity or loss off", "a unit a time",
        [RANGE, "q_ceil: 2^120 q - r = x", "q_floor: 2^120 q + r = x"];
    TotalField(total::quotient_in_the_field): "that quotient in the field", "a verdict on any account",
        [RANGE, "q_tick: *", "q_rate: *"];
    TotalOffset(total::offset_alone): "its offset or remainder alone", "room for a moved quotient",
        ["q_ceil: *", "q_floor: *", RANGE];
    TotalScenario(total::another_scenario): "another scenario's move and factor in the totals", "the worst of two scenarios", [COPY, TABLE];
    SplitScenario(total::split_scenario): "one scenario for options and swaps, another for futures and assets",
        "the worst of two scenarios", [COPY];
    ScenarioAlone(total::scenario_alone): "the account's scenario alone", "the worst of two scenarios",
        [COPY, INTERVAL_ROW, LOSS_ROW, MOVED_ROW, RANGE];
    MoveFactor(total::move_or_factor): "a move or a factor that is no scenario's", "any requirement", [TABLE];
    Required(total::requirement_altered): "a requirement that the sums do not make", "any requirement", ["q_required: *"];
    TotalCopy(total::copy_altered): "the totals' copy of a sum altered", "any equity or requirement", [COPY];

    CashSequence(account::cash_for_sequence): "cash traded for the sequence number", "two accounts for one commitment", [RANGE];
    Cash(account::cash_altered): "cash altered", "any equity", [COPY, PACKED];
    FirstSums(sums::first_sums): "sums that start elsewhere", "any equity or requirement", ["q_opening: E0 = 1e28 2^12 cash", COPY];
    Zero(sums::zero_altered): "a zero that is the scenario's number", "perpetual options without an unmoved market",
        ["q_opening: 0", COPY];
    Domain(account::domain_of_another_shape): "another shape's domain", "two shapes for one commitment", ["q_opening: domain of the shape"];
    Owner(account::owner_or_salt): "another owner or salt", "another's account", [COPY];
    PublicInput(account::public_input): "a public input altered", "a proof for other inputs", [INSTANCE];
    Rules(account::rules_altered): "rules that are not the policy's", "better terms", [INSTANCE];
    TickZero(account::tick_zero): "a tick of zero", "any term is a multiple", [INSTANCE, RANGE];
    Duplicate(layout::duplicate_slots): "one market in two slots", "a charge netted away", [RANGE];
    DuplicateHidden(layout::duplicate_hidden): "a duplicate with a forged gap", "a charge netted away",
        ["q_order: gap = o_next - o - alive", COPY, "q_smile: order = 2^50 g + K", "q_side: order = 2^50 g + K", RANGE];
    Unsorted(layout::unsorted_slots): "slots out of order", "duplicates that no gap shows", [RANGE];
    PaddingBehind(layout::padding_behind_a_position): "padding behind a position", "duplicates that no gap shows", [RANGE];
    Padding(layout::padding_with_value): "padding that carries value", "equity out of nothing",
        [TABLE, RANGE, "q_value: V = calls U + puts (U - DF + DK)", V_PERPETUAL, V_FUTURE, V_SWAP, "q_asset: V = 1e12 X",
         "q_side: *", "q_future: (1 - alive) |s| = 0", "q_swap: (1 - alive) |s| = 0"];
    Hash(account::hash_altered): "a cell of a hash altered", "any account for a commitment", ["poseidon q_*", COPY];

    Quotient(terms::quotient_off): "shortfall or requirement off, with its remainder", "better terms", [RANGE];
    QuotientAlone(terms::quotient_alone): "shortfall or requirement off", "better terms",
        ["q_shortfall: S Q + r1 = W - 1e4 (E + 1e20 q)", "q_shortfall: R Q + r2 = W", RANGE];
    RequirementZero(terms::requirement_zero): "a requirement of zero, the divisor of the rate", "the rate at its cap", [RANGE];
    QuotientField(terms::quotient_in_the_field): "shortfall or requirement as a quotient in the field", "a verdict on any account",
        [RANGE, "q_tick: n tick + r = x", "q_tick: out = x - r", "q_rate: *"];
    Wrapped(sums::cash_wrapped): "equity wrapped around the modulus", "a verdict on any account",
        [RANGE, "q_tick: n tick + r = x", "q_tick: out = x - r", "q_rate: *"];
    Healthy(terms::healthy_account): "an account that is not under-margined", "a verdict on any account", [RANGE];
    Rate(terms::rate_off): "the rate off", "better terms", [RANGE];
    Capped(terms::capped): "the rate at its cap, or above it, without cause", "better terms", [RANGE, CAPPED];
    CappedFlag(terms::capped_flag): "the flag of the rate's cap alone", "one side of the rate unchecked", [RANGE, CAPPED];
    TermRemainder(terms::remainder_alone): "one remainder of the terms alone", "room for a moved quotient",
        [RANGE, "q_shortfall: S Q + r1 = W - 1e4 (E + 1e20 q)", "q_shortfall: R Q + r2 = W",
         "q_tick: n tick + r = x", "q_tick: out = x - r", "q_rate: A = slope S - (rate - base) R",
         "q_rate: B = (1 - capped)(R - 1 - A)"];
    Ticks(terms::ticks_off): "ticks more or fewer, with the remainder", "better terms", [RANGE];
    TicksField(terms::ticks_in_the_field): "a count of ticks in the field", "a term off its tick", [RANGE];
    Term(terms::term_alone): "a disclosed term altered", "better terms", ["q_tick: out = x - r"];
    SlotSkipped(sums::slot_skipped): "a sum that skips a slot", "a position left out", ["q_option_sum: *", "q_linear_sum: *"];
    Sum(sums::sum_altered): "a running sum altered", "any equity or requirement", ["q_option_sum: *", "q_linear_sum: *"];

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
    AssetExposure(exposure::value_altered::<ASSETS>): "delta, gamma or vega of a balance altered", "any exposure", ["q_asset_exposure: *"];
    SwapExposure(exposure::value_altered::<SWAPS>): "delta, gamma or vega of a swap altered", "any exposure", ["q_swap_exposure: *"];
    OptionExposureCopy(exposure::copy_altered::<OPTIONS>): "what the exposure of an option is computed from, copied wrong",
        "another position's exposure", [COPY];
    PerpetualExposureCopy(exposure::copy_altered::<PERPETUALS>): "what the exposure of a perpetual option is computed from, copied wrong",
        "another position's exposure", [COPY];
    FutureExposureCopy(exposure::copy_altered::<FUTURES>): "what the exposure of a future is computed from, copied wrong",
        "another position's exposure", [COPY];
    AssetExposureCopy(exposure::copy_altered::<ASSETS>): "what the exposure of a balance is computed from, copied wrong",
        "another position's exposure", [COPY];
    SwapExposureCopy(exposure::copy_altered::<SWAPS>): "what the exposure of a swap is computed from, copied wrong",
        "another position's exposure", [COPY];
    ExposureRow(exposed::altered): "a row of exposures that the table does not have", "any exposure", [TABLE];
    OptionExposureGroup(exposed::of_another_group::<OPTIONS>): "another group's row for the exposure of an option", "another market's exposure",
        [COPY, TABLE];
    PerpetualExposureGroup(exposed::of_another_group::<PERPETUALS>): "another group's row for the exposure of a perpetual option", "another market's exposure",
        [COPY, TABLE];
    AssetExposureGroup(exposed::of_another_group::<ASSETS>): "another group's row for the exposure of a balance", "another market's exposure",
        [COPY, TABLE];
    SwapExposureGroup(exposed::of_another_group::<SWAPS>): "another group's row for the exposure of a swap", "another market's exposure",
        [COPY, TABLE];
    ExposureInterval(exposed::of_another_interval): "another interval's answers", "another branch's exposure", [COPY, TABLE];
    ExposureKind(exposed::of_another_kind): "a row of another kind for exposures", "any exposure",
        [TABLE, COPY, "q_perpetual_exposure: w boolean"];
    OptionUnderlying(exposed::underlying_altered::<OPTIONS>): "the underlying of an option altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    PerpetualUnderlying(exposed::underlying_altered::<PERPETUALS>): "the underlying of a perpetual option altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    FutureUnderlying(exposed::underlying_altered::<FUTURES>): "the underlying of a future altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    AssetUnderlying(exposed::underlying_altered::<ASSETS>): "the underlying of a balance altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];
    SwapUnderlying(exposed::underlying_altered::<SWAPS>): "the underlying of a swap altered, its sums with it",
        "an exposure moved elsewhere", [TABLE, COPY];

    CountedElsewhere(by_underlying::counted_for_another): "a position counted for another underlying", "an exposure moved elsewhere",
        [COPY];
    LeftOut(by_underlying::left_out): "a position left out of its underlying's sum", "an exposure hidden",
        [COPY, "q_pole: *", "q_exposure: *", "q_perpetual_exposure: *", "q_future_exposure: *", "q_asset_exposure: *",
         "q_swap_exposure: *"];
    Fraction(by_underlying::fraction_off): "a position's fraction that is not its pole's", "a position counted many times",
        ["q_pole: (alpha - *"];
    ClaimedFraction(by_underlying::claimed_fraction_off): "a claimed sum's fraction that is not its pole's", "any sum",
        ["q_pole: (alpha - *"];
    Exchanged(by_underlying::exchanged): "the sums of two underlyings exchanged", "another underlying's exposure", [COPY];
    SplitInTwo(by_underlying::split_in_two): "one underlying in two claims", "an exposure hidden",
        [RANGE, COPY, "q_order: gap = o_next - o - alive", "q_alive: *"];
    ClaimsUnsorted(by_underlying::unsorted): "claims out of order", "duplicates that no gap shows",
        [RANGE, "q_order: gap = o_next - o - alive"];
    BetweenTwo(by_underlying::between_two): "an underlying's number between two others", "gamma claimed as delta", [RANGE];
    BeyondRange(by_underlying::beyond_the_range): "an underlying's number beyond the range", "a number in the field", [RANGE];
    InPadding(by_underlying::in_padding): "sums in padding claims", "an exposure hidden", ["q_alive: *", COPY, RANGE];
    ClaimAlive(by_underlying::alive_altered): "padding that is none, or the other way round", "duplicates that no gap shows",
        ["q_alive: *", RANGE];
    FractionsStart(by_underlying::started_elsewhere): "sums of fractions that start elsewhere", "any sums", [COPY];
    Compensated(challenge::compensated_sums): "sums that agree at one challenge only", "any sums", [COPY, "poseidon *"];
    CompensatedVegas(challenge::compensated_vegas): "vegas that agree at one challenge only, others hashed", "any vega",
        ["q_claim: packed = X_vega + 2^243 uid"];
    ChallengeCommitment(challenge::another_commitment): "a challenge from another commitment", "a challenge of choice", [COPY];
    ChallengeTable(challenge::another_table): "a challenge from another table", "a challenge of choice",
        [COPY, INSTANCE, "poseidon *"];
    ChallengeSums(challenge::other_sums_hashed): "a challenge from other sums", "a challenge of choice", [COPY];
    ChallengeHash(challenge::hash_altered): "one cell of the challenge's hashes", "a challenge of choice",
        ["poseidon *", COPY, "q_claim: packed = X_vega + 2^243 uid"];
    ChallengeAll(challenge::alpha_of_all): "another challenge everywhere", "any sums", [COPY];
    ChallengeOne(challenge::alpha_of_one): "another challenge for one position or claim", "a position counted many times", [COPY];

    CutOff(disclosure::quotient_off): "a sum's quotient off, with the remainder", "another bucket", [RANGE, COPY];
    BucketOff(disclosure::bucket_off): "a bucket off, with what is left", "another bucket", [RANGE, COPY];
    BucketField(disclosure::in_the_field): "a quotient or bucket in the field", "any bucket", [RANGE, COPY];
    CutPart(disclosure::part_alone): "a part of a cut alone", "room for a moved bucket",
        ["q_cut delta: *", "q_cut gamma: *", "q_cut vega: *", RANGE, COPY];
    ExposureTick(disclosure::tick_altered): "another tick for exposures", "another bucket", [INSTANCE, COPY, RANGE];
    Shown(disclosure::shown_altered): "disclosure switched on or off", "an exposure hidden, or another's shown", [INSTANCE, COPY, RANGE];
    Out(disclosure::out_altered): "a disclosed number that is not the claimed one", "any exposure",
        [COPY, "q_claim: out = shown uid", "q_cut delta: out = b' - 2^59", "q_cut gamma: out = b' - 2^59",
         "q_cut vega: out = b' - 2^59"];

    PlusModulus(limbs::plus_modulus): "limbs of x + p", "a second representation of a number", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
    LimbField(limbs::in_the_field): "limbs in the field", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
    LimbAlone(limbs::alone): "one limb or its copy alone", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *", "q_mantissa: *"];
}
