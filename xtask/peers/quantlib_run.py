"""QuantLib, timed beside this project's option kernels by `cargo xtask bench kernels`.

Each option is one call of the C++ library through its Python binding (there is no other in the
wheel), so the binding's own cost is measured too and reported at the start. Rows of the file: right
(+1 call, -1 put), strike, years, spot, rate, yield, volatility, price.
"""

import json
import math
import sys
import time

import numpy
import QuantLib as ql

ROWS = numpy.fromfile(sys.argv[1]).reshape(-1, int(sys.argv[2])).tolist()


def black_arguments():
    """What QuantLib's Black formula takes: type, strike, forward, deviation, discount, price."""
    rows = []
    for right, strike, years, spot, rate, dividend, volatility, price in ROWS:
        kind = ql.Option.Call if right > 0 else ql.Option.Put
        forward = spot * math.exp((rate - dividend) * years)
        deviation = volatility * math.sqrt(years)
        rows.append((kind, strike, forward, deviation, math.exp(-rate * years), price))
    return rows


BLACK = black_arguments()


def european_price():
    formula = ql.blackFormula
    for kind, strike, forward, deviation, discount, _price in BLACK:
        formula(kind, strike, forward, deviation, discount)


def european_greeks():
    """Price, delta, gamma, theta, vega, rho, dividend rho: seven calls and one construction."""
    for (kind, strike, forward, deviation, discount, _), row in zip(BLACK, ROWS):
        spot, years = row[3], row[2]
        black = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation, discount)
        black.value()
        black.delta(spot)
        black.gamma(spot)
        black.theta(spot, years)
        black.vega(years)
        black.rho(years)
        black.dividendRho(years)


def implied_volatility():
    invert = ql.blackFormulaImpliedStdDev
    for kind, strike, forward, deviation, discount, price in BLACK:
        invert(kind, strike, forward, price, discount, 0.0, 0.2, 1e-12, 1000)


def american_options():
    """Every twentieth option with the QD+ fixed-point engine, high-precision scheme."""
    today = ql.Date(2, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    counter = ql.Actual365Fixed()
    options = []
    for right, strike, years, spot, rate, dividend, volatility, _price in ROWS[::20]:
        kind = ql.Option.Call if right > 0 else ql.Option.Put
        curve = lambda level: ql.YieldTermStructureHandle(ql.FlatForward(today, level, counter))
        surface = ql.BlackConstantVol(today, ql.NullCalendar(), volatility, counter)
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot)),
            curve(dividend),
            curve(rate),
            ql.BlackVolTermStructureHandle(surface),
        )
        expiry = today + max(1, round(years * 365))
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(today, expiry))
        scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
        option.setPricingEngine(ql.QdFpAmericanEngine(process, scheme))
        options.append(option)
    return options


AMERICAN = american_options()


def american_price():
    for option in AMERICAN:
        option.recalculate()
        option.NPV()


MEASURED = {
    "european_price": (european_price, len(ROWS), 5),
    "european_greeks": (european_greeks, len(ROWS), 5),
    "implied_volatility": (implied_volatility, len(ROWS), 5),
    "american_price": (american_price, len(AMERICAN), 1),
}


def nanoseconds(run, count, rounds):
    best = math.inf
    for _ in range(rounds):
        start = time.thread_time()
        run()
        best = min(best, time.thread_time() - start)
    return best * 1e9 / count


def empty():
    for _ in BLACK:
        ql.close(1.0, 2.0)


print(
    json.dumps({"version": ql.__version__, "call_nanoseconds": nanoseconds(empty, len(BLACK), 9)}),
    flush=True,
)
for line in sys.stdin:
    name = line.strip()
    if name in MEASURED:
        print(json.dumps({"nanoseconds": nanoseconds(*MEASURED[name])}), flush=True)
    else:
        print(json.dumps({"unknown": name}), flush=True)
