"""Units and ranges of the inputs. A case is a tuple of integers in these units."""

from mpmath import mp, mpf

from sampling import log_uniform, log_uniform_int, uniform_int, unit

MONEY = 10**8  # units per USD
RATE = 10**8  # units per 1.0 of a rate, a volatility, a variance, and per day
DISCOUNT = 10**12  # units per 1.0 of a discount factor
YEAR_DAYS = 365
YEAR = YEAR_DAYS * 86_400  # seconds

PRICE_MIN, PRICE_MAX = MONEY // 10_000, 10_000_000 * MONEY  # of a random spot
PRICE_END = 11_000_000 * MONEY  # every spot and strike stays below
VOL_MIN, VOL_MAX = RATE // 100, 5 * RATE
RATE_MIN, RATE_MAX = -RATE // 5, RATE // 2
DAYS_MIN, DAYS_MAX = 4_166_667, YEAR_DAYS * RATE  # an hour to a year


def legal_pair(spot, strike):
    """Both prices in range and strike/spot in [1/100, 100]."""
    return (
        0 < spot < PRICE_END
        and 0 < strike < PRICE_END
        and strike <= 100 * spot
        and spot <= 100 * strike
    )


def random_vol(rng):
    """Log-uniform in [0.01, 5]."""
    return log_uniform_int(rng, VOL_MIN, VOL_MAX)


def random_rate(rng, low=RATE_MIN, high=RATE_MAX):
    """Exactly 0 in one draw of four, else uniform."""
    if rng.getrandbits(2) == 0 and low <= 0 <= high:
        return 0
    return uniform_int(rng, low, high)


def random_pair(rng, ratio=None):
    """Spot log-uniform in [1e-4, 1e7]; strike = spot x ratio, the ratio
    log-uniform in [1/100, 100] unless given. None if out of range."""
    if ratio is None:
        ratio = log_uniform(rng, mpf(1) / 100, 100)
    spot = log_uniform_int(rng, PRICE_MIN, PRICE_MAX)
    if not mpf(1) / 200 < ratio < 200:
        return None
    strike = int(mp.nint(spot * ratio))
    return (spot, strike) if legal_pair(spot, strike) else None


def signed_unit(rng):
    """Uniform in [-1, 1)."""
    return 2 * unit(rng) - 1


def corner_pairs(strikes):
    """Each strike with spot = K/100, K/100 + 1 unit, K - 1, K, K + 1, 100 K - 1 and
    100 K, as far as they are legal."""
    pairs = []
    for strike in strikes:
        assert strike % 100 == 0
        for spot in (
            strike // 100,
            strike // 100 + 1,
            strike - 1,
            strike,
            strike + 1,
            100 * strike - 1,
            100 * strike,
        ):
            if legal_pair(spot, strike):
                pairs.append((spot, strike))
    return pairs
