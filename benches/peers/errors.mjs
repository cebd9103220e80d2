// Price errors against the reference of build/portfolio.json, as fractions of the forward.

/** The greatest and the root mean square error of calls; a put has its call's error, by parity. */
export function priceErrors(portfolio, prices) {
    const errors = portfolio.slots.flatMap((slot, i) =>
        slot.reference.map(([call], market) => {
            const forward = Number(portfolio.expiries[slot.expiry].forwards[market]);
            return Math.abs(prices[i][market] / 100 - Number(call)) / forward;
        }),
    );
    const squares = errors.reduce((sum, e) => sum + e * e, 0);
    return { worst: Math.max(...errors), rms: Math.sqrt(squares / errors.length) };
}
