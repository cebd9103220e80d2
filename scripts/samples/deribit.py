"""The sample market and an account as JSON-RPC answers of Deribit (docs.deribit.com).

public/get_instruments, public/get_book_summary_by_currency, public/ticker, private/get_positions,
private/get_account_summary. Numbers are JSON numbers with the digits of exact decimals.
"""

import json
import random
from decimal import Decimal as D

import accounts
import market
import reference
from market import places

NOW = int(market.TIME.timestamp()) * 1000
NEVER = 32503708800000
INDEX = {a: market.SPOT[a] for a in ("BTC", "ETH")}
LOT = {"BTC": 10, "ETH": 1}
# (asset, date, USD size, average price, last settlement price): inverse futures are sized in USD.
FUTURES = [
    ("BTC", None, "678500", "103120.5", "104020.25"),
    ("ETH", None, "-587000", "3874.15", "3921.8"),
    ("BTC", "2026-12-25", "-417500", "105890", "104655.75"),
    ("ETH", "2027-03-26", "469000", "4011.25", "3961.4"),
]
LISTED = {"103750": "104000", "3925": "3900"}
BALANCE = {"BTC": D("6.21837204"), "ETH": D("70.20661193")}
SESSION_RPL = {"BTC": D("-0.0125164"), "ETH": D("0.20338807")}


def encode(value):
    """JSON with Decimals as numbers."""
    if isinstance(value, D):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{encode(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def answer(result):
    """One JSON-RPC answer, one row a line."""
    if isinstance(result, list):
        body = "[\n" + ",\n".join(encode(row) for row in result) + "\n]"
    else:
        body = encode(result)
    start = NOW * 1000 + 214_000
    tail = f'"usIn":{start},"usOut":{start + 1873},"usDiff":1873,"testnet":false'
    return f'{{"jsonrpc":"2.0","id":42,"result":{body},{tail}}}\n'


def code(date):
    when = market.expiry_time(date)
    return f"{when.day}{when.strftime('%b%y').upper()}"


def option_name(asset, date, strike, side):
    return f"{asset}-{code(date)}-{strike}-{side}"


def future_name(asset, date):
    return f"{asset}-{code(date) if date else 'PERPETUAL'}"


class Venue:
    """The fixtures, and the snapshot and account that importing them must give."""

    def __init__(self, expiries, snapshot):
        self.expiries = {(e["asset"], e["expiry"].strftime("%Y-%m-%d")): e for e in expiries}
        self.rng = random.Random(market.SEED + 1)
        # The venue lists neither perpetual options nor swaps, and knows no funding index.
        self.snapshot = {k: snapshot[k] for k in ("version", "sequence", "time", "expiries")}
        self.snapshot["assets"] = [
            {"asset": a["asset"], "spot": a["spot"],
             "perpetual": {"mark": a["perpetual"]["mark"], "funding_index": "0"}}
            for a in snapshot["assets"] if a["asset"] in INDEX]
        legs = {}
        for asset, date, strike, calls, puts in accounts.LEGS:
            old = legs.get((asset, date, LISTED.get(strike, strike)), (D(0), D(0)))
            legs[asset, date, LISTED.get(strike, strike)] = (old[0] + D(calls), old[1] + D(puts))
        self.legs = legs
        self.account = accounts.make(
            7, "0x" + "00" * 32, accounts.CASH["deribit-import"],
            [(a, market.text(BALANCE[a] + SESSION_RPL[a])) for a in BALANCE],
            [(a, d, k, str(c), str(p)) for (a, d, k), (c, p) in legs.items()],
            [self.linear(*row) for row in FUTURES])

    def mark(self, asset, date):
        return self.expiries[asset, date]["forward"] if date else market.PERPETUAL[asset]["mark"]

    def linear(self, asset, date, size, _average, settled):
        """The linear future with the inverse one's USD value: U (I/M) (M/E - 1)."""
        quantity = D(size) * INDEX[asset] / (D(settled) * self.mark(asset, date))
        return asset, date, market.text(places(quantity, 8)), settled, None

    def price(self, asset, date, strike, side):
        """Mark of an option in coin."""
        e = self.expiries[asset, date]
        t = float(market.years(e["expiry"]))
        v = float(dict(e["smile"])[D(strike)]) * t ** 0.5
        pair = reference.black76(float(e["forward"]), float(strike), float(e["discount"]), v)
        return places(D(pair[side == "P"]) / INDEX[asset], 4)

    def instrument(self, asset, name, kind, expiry, **extra):
        option = kind == "option"
        return {
            "instrument_name": name, "instrument_id": self.rng.randint(100_000, 999_999),
            "kind": kind, "instrument_type": "reversed", "base_currency": asset,
            "quote_currency": asset if option else "USD", "counter_currency": "USD",
            "settlement_currency": asset, "price_index": f"{asset.lower()}_usd",
            "settlement_period": "month", "contract_size": D("1.0") if option else LOT[asset],
            "tick_size": D("0.0005") if option else D("0.05"),
            "min_trade_amount": D("0.1") if option else LOT[asset],
            "creation_timestamp": NOW - 86_400_000 * 60, "expiration_timestamp": expiry,
            "is_active": True, "state": "open", "rfq": False, "maker_commission": D("0.0003"),
            "taker_commission": D("0.0003"), **extra,
        }

    def summary(self, asset, name, mark, **extra):
        quoted = self.rng.randint(0, 9) > 0
        step = D("0.0005") if extra.get("mark_iv") else D("0.5")
        return {
            "instrument_name": name, "base_currency": asset,
            "quote_currency": asset if "mark_iv" in extra else "USD", "mark_price": mark,
            "bid_price": mark - step if quoted and mark > step else None,
            "ask_price": mark + step if quoted else None, "mid_price": mark if quoted else None,
            "last": mark, "high": None, "low": None, "price_change": None,
            "volume": D(self.rng.randint(0, 900)) / 10, "open_interest": self.rng.randint(1, 9000),
            "estimated_delivery_price": INDEX[asset],
            "creation_timestamp": NOW + self.rng.randint(100, 180), **extra,
        }

    def futures(self, asset):
        dates = [None] + [d for a, d in self.expiries if a == asset and d != "2026-11-21"]
        for date in dates:
            name, mark = future_name(asset, date), self.mark(asset, date)
            when = int(market.expiry_time(date).timestamp()) * 1000 if date else NEVER
            period = "month" if date else "perpetual"
            funding = {} if date else {"funding_8h": D("4.122e-5"), "current_funding": D("0.0")}
            yield (self.instrument(asset, name, "future", when, settlement_period=period,
                                   future_type="reversed", max_leverage=50),
                   self.summary(asset, name, mark, **funding))

    def options(self, asset):
        for (_, date), e in ((k, e) for k, e in self.expiries.items() if k[0] == asset):
            when = int(e["expiry"].timestamp()) * 1000
            for strike, vol in e["smile"]:
                for side, word in (("C", "call"), ("P", "put")):
                    name = option_name(asset, date, strike, side)
                    yield (self.instrument(asset, name, "option", when, strike=strike * D("1.0"),
                                           option_type=word),
                           self.summary(asset, name, self.price(asset, date, strike, side),
                                        mark_iv=places(vol * 100, 2),
                                        underlying_price=e["forward"],
                                        underlying_index=f"{asset}-{code(date)}",
                                        interest_rate=market.RATE))

    def oddities(self, asset):
        """What a real answer also holds and the import must skip and report."""
        if asset != "BTC":
            return
        for name, when, odd, iv in (
                ("BTC-25DEC26-250000-C", "2026-12-25", {"is_active": False, "state": "closed"}, "71.4"),
                ("BTC-20NOV26-104000-C", "2026-11-20", {}, "38.15"),
                ("BTC-24SEP27-300000-C", "2027-09-24", {}, None)):
            expiry = int(market.expiry_time(when).timestamp()) * 1000
            strike = D(name.split("-")[2]) * D("1.0")
            yield (self.instrument(asset, name, "option", expiry, strike=strike,
                                   option_type="call", **odd),
                   self.summary(asset, name, D("0.0001"), mark_iv=iv and D(iv),
                                underlying_price=INDEX[asset], underlying_index="index_price",
                                interest_rate=market.RATE))
        yield (self.instrument(asset, "BTC-FS-25DEC26_PERP", "future_combo", NOW + 3_024_000_000),
               self.summary(asset, "BTC-FS-25DEC26_PERP", D("626.23")))

    def ticker(self, row, index):
        keep = ("instrument_name", "mark_price", "mark_iv", "underlying_price", "underlying_index",
                "interest_rate", "open_interest", "funding_8h", "current_funding")
        return {**{k: row[k] for k in keep if k in row}, "index_price": index, "state": "open",
                "best_bid_price": row["bid_price"], "best_ask_price": row["ask_price"],
                "estimated_delivery_price": index, "timestamp": row["creation_timestamp"] + 5,
                "stats": {"volume": row["volume"], "high": None, "low": None, "price_change": None}}

    def position(self, name, kind, size, average, mark, index, **extra):
        return {"instrument_name": name, "kind": kind, "size": size,
                "direction": "buy" if size > 0 else "sell", "average_price": average,
                "mark_price": mark, "index_price": index, "initial_margin": D("0.0"),
                "maintenance_margin": D("0.0"), **extra}

    def positions(self, asset):
        index, rows = INDEX[asset], []
        for a, date, size, average, settled in FUTURES:
            if a != asset:
                continue
            size, average, settled, mark = D(size), D(average), D(settled), self.mark(a, date)
            session, total = size / settled - size / mark, size / average - size / mark
            extra = {} if date else {"realized_funding": D("-1.2e-7")}
            rows.append(self.position(
                future_name(a, date), "future", size, average, mark, index,
                size_currency=places(size / mark, 9), settlement_price=settled, leverage=50,
                floating_profit_loss=places(session, 9), total_profit_loss=places(total, 9),
                realized_profit_loss=D("0.0"), **extra))
        for (a, date, strike), sizes in self.legs.items():
            for side, size in zip("CP", sizes):
                if a == asset and size:
                    mark = self.price(a, date, strike, side)
                    average = mark + D("0.0015")
                    rows.append(self.position(
                        option_name(a, date, strike, side), "option", size, average, mark, index,
                        average_price_usd=places(average * index, 2),
                        floating_profit_loss=places(size * (mark - average), 9),
                        total_profit_loss=places(size * (mark - average), 9)))
        return rows

    def account_summary(self, currency, rows):
        balance = BALANCE.get(currency, D(self.account["cash"]))
        futures = [r for r in rows if r["kind"] == "future"]
        value = sum((r["size"] * r["mark_price"] for r in rows if r["kind"] == "option"), D(0))
        session = sum((r["floating_profit_loss"] for r in futures), D(0))
        realised = SESSION_RPL.get(currency, D(0))
        return {"currency": currency, "balance": balance,
                "equity": places(balance + realised + session + value, 8),
                "margin_balance": places(balance + realised + session, 8),
                "futures_session_rpl": realised, "futures_session_upl": places(session, 8),
                "options_session_rpl": D("0.0"), "options_value": places(value, 8),
                "session_rpl": realised, "fee_balance": 0, "spot_reserve": 0,
                "portfolio_margining_enabled": True, "cross_collateral_enabled": True,
                "margin_model": "cross_pm"}

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        save = lambda name, result: (folder / f"{name}.json").write_text(
            answer(result), encoding="ascii", newline="\n")
        for asset in ("BTC", "ETH"):
            pairs = [*self.futures(asset), *self.options(asset), *self.oddities(asset)]
            save(f"instruments_{asset}", [i for i, _ in pairs])
            save(f"book_summary_{asset}", [s for _, s in pairs])
            save(f"ticker_{asset}-PERPETUAL", self.ticker(pairs[0][1], INDEX[asset]))
            rows = self.positions(asset)
            save(f"positions_{asset}", rows)
            save(f"account_summary_{asset}", self.account_summary(asset, rows))
        save("account_summary_USDC", self.account_summary("USDC", []))
