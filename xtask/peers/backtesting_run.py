"""backtesting.py: market orders filled at the next bar's open, its default. The run includes its
statistics, which it cannot leave out."""

import warnings

import backtesting
import pandas
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

from worker import CASH, FAST, QUANTITY, SLOW, bars_frame, serve

warnings.filterwarnings("ignore")
backtesting.backtesting._tqdm = lambda rows, **_: rows  # its progress bar


def mean(values, length):
    return pandas.Series(values).rolling(length).mean()


class Crossover(Strategy):
    def init(self):
        self.fast = self.I(mean, self.data.Close, FAST)
        self.slow = self.I(mean, self.data.Close, SLOW)

    def next(self):
        if crossover(self.fast, self.slow):
            self.buy(size=QUANTITY)
        elif crossover(self.slow, self.fast):
            self.position.close()


def load(file, count):
    bars = bars_frame(file, count)
    bars.columns = [name.capitalize() for name in bars.columns]
    return bars


def run(bars):
    result = Backtest(bars, Crossover, cash=CASH, commission=0.0, finalize_trades=True).run()
    return len(bars), int(result["# Trades"]), float(result["Equity Final [$]"])


serve(backtesting.__version__, load, run)
