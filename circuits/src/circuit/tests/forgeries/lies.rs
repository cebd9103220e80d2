//! Every lie: its name, what a thief would gain if it passed, what may stop it, how it is drawn.

use super::{
    super::harness::{COPY, RANGE, TABLE},
    account, distribution, holding, inputs, limbs, linear, ln, pricing, sums, table, terms,
    thief::{Drawn, Thief},
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
const DK_MOVED: &str = "q_moved: DK = D K";
const EXCLUDE: &str = "q_value: s2 and sign2 exclude each other";
const INSTANCE: &str = "q_instance: a0 = header";
const LOSS_ROW: &str = "q_linear_loss: row id = 1024 g + c";
const MOVED_BIT: &str = "q_moved: c6 = 0";
const MOVED_ROW: &str = "q_moved: row id = 1024 g + s";
const NORMAL: &str = "q_normal: N(|d|) = cubic";
const PACKED: &str = "q_opening: packed = sequence 2^64 + cash + 2^61";
const PACKS: &str = "q_holding: element packs key, strike, calls, puts";
const SHORT: &str = "q_holding: H = (sign_c |c| + sign_p |p|) charge";
const LN: &str = "q_ln: 2^50 ln K + r = c0 + c1 x + m^2 (c2 + c3 m) - s ln 2";
const T2: &str = "q_value: t2 = |d2|, or -7 - d2 below -7";
const V_FUTURE: &str = "q_future: V = alive s (price - entry + i)";

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
        ["q_value: e = G (2^-33 DF + 2^-35 DK)"];
    ForeignMarket(pricing::foreign_market): "forward, ln F or D K of another market", "another market's price", [COPY, DK_MOVED];

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
    LnOff(ln::ln_off): "ln K off", "a moved d1", [RANGE];
    LnShift(ln::ln_shift): "another shift of the strike", "half or twice the strike in d1",
        [TABLE, RANGE, LN];
    LnPowerZero(ln::ln_power_zero): "a factor 2^s of zero", "any strike in d1", [TABLE, RANGE];
    LnNeighbour(ln::ln_neighbour): "the neighbouring row of ln", "a moved d1", [TABLE, COPY, RANGE];
    LnField(ln::ln_in_the_field): "ln K as a quotient in the field", "any d1", [RANGE, DIVISION_A, DIVISION_B];
    OptionRemainder(inputs::remainder_alone): "one remainder or distance of an option alone", "room for a moved quotient",
        ["q_smile: 2^10 v^2 + r = W", "q_smile: r' = 2^10 (2 v + 1) - 1 - r", "q_smile: distance to low node",
         "q_smile: distance to high node", DIVISION_A, DIVISION_B, LN,
         "q_moved: 2^40 vs + r = v u", RANGE];

    Row(table::row_altered): "a row that the table does not have", "any market", [TABLE];
    Discount(table::discount_of_another_expiry): "another expiry's discount", "a moved price", [TABLE];
    RowsMixed(table::rows_mixed): "columns of two rows mixed", "the best of two markets", [TABLE];
    NoScenario(table::scenario_that_does_not_exist): "a scenario that the policy does not have", "any scenario", [TABLE];
    RowKind(table::row_of_another_kind): "a future's row as an option's scenario", "a hedge without effect", [TABLE, MOVED_BIT];

    Size(holding::size_altered): "an option's size or sign altered", "any position", [COPY, PACKS];
    Key(holding::key_of_another_group): "another expiry's market for an option", "another option", [COPY, PACKS, RANGE];
    KeyField(holding::key_in_the_field): "sizes altered, the key made up in the field", "two accounts for one commitment", [TABLE];
    Carry(holding::size_carried): "units carried between an option's fields", "two accounts for one commitment", [RANGE];
    NegativeSize(holding::negative_magnitude): "an option's magnitude below zero", "a charge and an epsilon below zero", [RANGE];
    SizeBit(holding::sign_bit): "a sign bit of an option flipped, or no bit", "a short side forgotten",
        [PACKS, SHORT, "q_holding: sign_c boolean", "q_holding: sign_p boolean", "q_size: calls = (1 - 2 sign_c) |c|",
         "q_size: puts = (1 - 2 sign_p) |p|"];
    ShortCharge(holding::charge_altered): "a short charge forgotten or altered", "any requirement", [SHORT];

    LinearValue(linear::value_altered): "a future's or asset's value altered", "any equity", [V_FUTURE, "q_asset: V = amount value"];
    LinearCharge(linear::charge_altered): "a future's charge altered", "any requirement", ["q_future: H = |s| charge"];
    LinearLoss(linear::loss_altered): "a future's or asset's loss altered", "any requirement",
        ["q_linear_loss: L = factor (s loss - |s|)"];
    Position(linear::position_altered): "a future or asset altered", "any position",
        [COPY, "q_future: element packs key, size, entry, index", "q_asset: element packs key, amount"];
    LinearKeyField(linear::key_in_the_field): "a future or asset altered, the key made up in the field",
        "two accounts for one commitment", [TABLE];
    LinearCarry(linear::size_carried): "units carried between a future's fields", "two accounts for one commitment", [RANGE];
    NegativeFuture(linear::negative_magnitude): "a future's magnitude below zero", "a charge below zero, a greater loss", [RANGE];
    FutureBit(linear::sign_bit): "a sign bit of a future flipped, or no bit", "the other side of a future",
        ["q_future: sign boolean", "q_future: sign_i boolean", "q_future: s = (1 - 2 sign) |s|",
         "q_future: element packs key, size, entry, index", V_FUTURE];
    ScenarioOfLinear(linear::scenario_of_one_position): "another scenario for a future or asset", "the worst of each position", [LOSS_ROW, COPY];

    CashSequence(account::cash_for_sequence): "cash traded for the sequence number", "two accounts for one commitment", [RANGE];
    Cash(account::cash_altered): "cash altered", "any equity", [COPY, PACKED];
    FirstSums(account::first_sums): "sums that start elsewhere", "any equity or requirement",
        ["q_opening: E0 = 1e8 2^124 cash", "q_opening: L0 = 0", "q_opening: C0 = 0", COPY];
    Domain(account::domain_of_another_shape): "another shape's domain", "two shapes for one commitment", ["q_opening: domain of the shape"];
    Owner(account::owner_or_salt): "another owner or salt", "another's account", [COPY];
    PublicInput(account::public_input): "a public input altered", "a proof for other inputs", [INSTANCE];
    Rules(account::rules_altered): "rules that are not the policy's", "better terms", [INSTANCE];
    TickZero(account::tick_zero): "a tick of zero", "any term is a multiple", [INSTANCE, RANGE];
    Duplicate(account::duplicate_slots): "one market in two slots", "a charge netted away", [RANGE];
    DuplicateHidden(account::duplicate_hidden): "a duplicate with a forged gap", "a charge netted away",
        ["q_order: gap = o_next - o - alive", COPY];
    Unsorted(account::unsorted_slots): "slots out of order", "duplicates that no gap shows", [RANGE];
    PaddingBehind(account::padding_behind_a_position): "padding behind a position", "duplicates that no gap shows", [RANGE];
    Padding(account::padding_with_value): "padding that carries value", "equity out of nothing",
        [TABLE, RANGE, "q_value: V = calls U + puts (U - DF + DK)", V_FUTURE, "q_asset: V = amount value"];
    Hash(account::hash_altered): "a cell of a hash altered", "any account for a commitment", ["poseidon q_*", COPY];

    Quotient(terms::quotient_off): "shortfall or requirement off, with its remainder", "better terms", [RANGE];
    QuotientAlone(terms::quotient_alone): "shortfall or requirement off", "better terms",
        ["q_shortfall: S Q + r1 = requirement - 1e4 E", "q_shortfall: R Q + r2 = L + 1e4 2^124 C", RANGE];
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
        [RANGE, "q_shortfall: S Q + r1 = requirement - 1e4 E", "q_shortfall: R Q + r2 = L + 1e4 2^124 C",
         "q_tick: n tick + r = x", "q_tick: out = x - r", "q_rate: A = slope S - (rate - base) R",
         "q_rate: B = (1 - capped)(R - 1 - A)"];
    Ticks(terms::ticks_off): "ticks more or fewer, with the remainder", "better terms", [RANGE];
    TicksField(terms::ticks_in_the_field): "a count of ticks in the field", "a term off its tick", [RANGE];
    Term(terms::term_alone): "a disclosed term altered", "better terms", ["q_tick: out = x - r"];
    SlotSkipped(sums::slot_skipped): "a sum that skips a slot", "a position left out", ["q_option_sum: *", "q_linear_sum: *"];
    Sum(sums::sum_altered): "a running sum altered", "any equity or requirement", ["q_option_sum: *", "q_linear_sum: *"];

    PlusModulus(limbs::plus_modulus): "limbs of x + p", "a second representation of a number", [RANGE, COPY, "q_ln: *", "q_division: *"];
    LimbField(limbs::in_the_field): "limbs in the field", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *"];
    LimbAlone(limbs::alone): "one limb or its copy alone", "any number in range", [RANGE, COPY, "q_ln: *", "q_division: *"];
}
