"""vectorbt: whole-array signals, shifted one bar and filled at that bar's open. The engine (`rust`
or `numba`) is the third argument."""

import sys

import vectorbt

from worker import CASH, FAST, QUANTITY, SLOW, bars_frame, serve

vectorbt.settings["engine"] = sys.argv[3]


def run(bars):
    close = bars["close"]
    fast, slow = vectorbt.MA.run(close, FAST), vectorbt.MA.run(close, SLOW)
    entries = fast.ma_crossed_above(slow).shift(1, fill_value=False)
    exits = fast.ma_crossed_below(slow).shift(1, fill_value=False)
    portfolio = vectorbt.Portfolio.from_signals(
        close, entries, exits, price=bars["open"], size=QUANTITY, init_cash=CASH, fees=0.0, freq="1min"
    )
    return len(bars), int(portfolio.trades.count()), float(portfolio.final_value())


serve(vectorbt.__version__, bars_frame, run, warm_up=lambda bars: run(bars.iloc[:5000]))
