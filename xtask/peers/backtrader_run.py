"""backtrader: market orders filled at the next bar's open, observers off. It counts closed trades
only; one that is open at the end is added."""

import backtrader

from worker import CASH, FAST, QUANTITY, SLOW, bars_frame, serve


class Crossover(backtrader.Strategy):
    def __init__(self):
        averages = [backtrader.ind.SMA(period=length) for length in (FAST, SLOW)]
        self.cross = backtrader.ind.CrossOver(*averages)
        self.closed = 0

    def next(self):
        if self.cross[0] > 0:
            self.buy(size=QUANTITY)
        elif self.cross[0] < 0 and self.position:
            self.close()

    def notify_trade(self, trade):
        self.closed += trade.isclosed


def run(bars):
    engine = backtrader.Cerebro(stdstats=False)
    engine.addstrategy(Crossover)
    engine.broker.setcash(CASH)
    engine.adddata(backtrader.feeds.PandasData(dataname=bars, timeframe=backtrader.TimeFrame.Minutes))
    strategy = engine.run()[0]
    return len(bars), strategy.closed + bool(strategy.position), float(engine.broker.getvalue())


serve(backtrader.__version__, bars_frame, run)
