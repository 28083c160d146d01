"""hftbacktest: each bar becomes a bid and an offer one cent around its close, on a grid of one
minute; the strategy steps once a bar and takes liquidity, so fills are at the quote, not at the
next open, and equity is not comparable."""

import importlib.metadata

import numpy
from hftbacktest import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    GTC,
    LOCAL_EVENT,
    MARKET,
    SELL_EVENT,
    BacktestAsset,
    HashMapMarketDepthBacktest,
    event_dtype,
)
from numba import njit

from worker import CASH, FAST, QUANTITY, SLOW, bars_frame, serve

MINUTE = 60_000_000_000


def load(file, count):
    """Four events a bar: the old bid and offer go, the new ones come."""
    close = bars_frame(file, count)["close"].to_numpy()
    times = numpy.arange(len(close), dtype=numpy.int64) * MINUTE + 1_600_000_000_000_000_000
    before = numpy.roll(close, 1)
    events = numpy.zeros(4 * len(close), event_dtype)
    changes = ((BUY_EVENT, before - 0.01, 0.0), (SELL_EVENT, before + 0.01, 0.0), (BUY_EVENT, close - 0.01, 1e6), (SELL_EVENT, close + 0.01, 1e6))
    for offset, (side, price, size) in enumerate(changes):
        part = events[offset::4]
        part["ev"] = DEPTH_EVENT | EXCH_EVENT | LOCAL_EVENT | side
        part["exch_ts"] = part["local_ts"] = times
        part["px"], part["qty"] = numpy.round(price, 2), size
    return events[2:]


@njit
def trade(market, fast, slow, quantity):
    window, position, bars, orders, before = numpy.zeros(slow), 0, 0, 0, 0
    fast_sum = slow_sum = 0.0
    while market.elapse(60_000_000_000) == 0:
        depth = market.depth(0)
        middle = (depth.best_bid + depth.best_ask) / 2.0
        if bars >= slow:
            slow_sum -= window[bars % slow]
        if bars >= fast:
            fast_sum -= window[(bars - fast) % slow]
        window[bars % slow] = middle
        fast_sum += middle
        slow_sum += middle
        bars += 1
        if bars < slow:
            continue
        now = 1 if fast_sum / fast > slow_sum / slow else -1
        if before != 0 and now != before:
            market.clear_inactive_orders(0)
            if now > 0:
                orders += 1
                market.submit_buy_order(0, orders, depth.best_ask, quantity, GTC, MARKET, False)
            elif market.position(0) > 0:
                orders += 1
                market.submit_sell_order(0, orders, depth.best_bid, quantity, GTC, MARKET, False)
        before = now
    return bars, orders


def market(events):
    asset = (
        BacktestAsset()
        .data(events)
        .linear_asset(1.0)
        .constant_order_latency(1_000_000, 1_000_000)
        .risk_adverse_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(0.01)
        .lot_size(1.0)
    )
    return HashMapMarketDepthBacktest([asset])


def run(events):
    simulated = market(events)
    bars, orders = trade(simulated, FAST, SLOW, float(QUANTITY))
    state = simulated.state_values(0)
    equity = CASH + state.balance + state.position * events["px"][-1]
    simulated.close()
    return bars, (orders + 1) // 2, float(equity)


serve(importlib.metadata.version("hftbacktest"), load, run, warm_up=lambda events: run(events[:4000]))
