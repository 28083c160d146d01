"""Reads the replay server with the vendors' own clients and prints how many records of each kind came."""
import json
import sys
from datetime import datetime

import massive
import polygon
from alpaca.data.historical import NewsClient, OptionHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.historical.corporate_actions import CorporateActionsClient
from alpaca.data.requests import (
    CorporateActionsRequest,
    NewsRequest,
    OptionChainRequest,
    StockBarsRequest,
    StockQuotesRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import GetOptionContractsRequest

base = sys.argv[1]
day = datetime(2023, 1, 3)
counts = {}

stocks = StockHistoricalDataClient("key", "secret", url_override=base)
one = dict(symbol_or_symbols="AAPL", start=day)
bars = stocks.get_stock_bars(StockBarsRequest(timeframe=TimeFrame.Minute, **one))
counts["alpaca bars"] = len(bars["AAPL"])
counts["alpaca trades"] = len(stocks.get_stock_trades(StockTradesRequest(**one))["AAPL"])
counts["alpaca quotes"] = len(stocks.get_stock_quotes(StockQuotesRequest(**one))["AAPL"])
news = NewsClient("key", "secret", url_override=base).get_news(NewsRequest(symbols="AAPL", start=day))
counts["alpaca news"] = len(news.data["news"])
actions = CorporateActionsClient("key", "secret", url_override=base)
found = actions.get_corporate_actions(CorporateActionsRequest(symbols=["AAPL"], start=day.date()))
counts["alpaca actions"] = sum(len(kind) for kind in found.data.values())
options = OptionHistoricalDataClient("key", "secret", url_override=base)
counts["alpaca chain"] = len(options.get_option_chain(OptionChainRequest(underlying_symbol="AAPL")))
trading = TradingClient("key", "secret", url_override=base)
counts["alpaca assets"] = len(trading.get_all_assets())
counts["alpaca sessions"] = len(trading.get_calendar())
request = GetOptionContractsRequest(underlying_symbols=["AAPL"])
counts["alpaca contracts"] = len(trading.get_option_contracts(request).option_contracts)

# The vendor's client under its present name and under the one before.
for name, client in (("massive", massive.RESTClient), ("polygon", polygon.RESTClient)):
    vendor = client("key", base=base)
    bars = vendor.list_aggs("AAPL", 1, "day", "2023-01-03", "2023-01-31")
    counts[f"{name} bars"] = len(list(bars))
    counts[f"{name} news"] = len(list(vendor.list_ticker_news("AAPL")))
    counts[f"{name} tickers"] = len(list(vendor.list_tickers()))
    counts[f"{name} splits"] = len(list(vendor.list_splits("AAPL")))
    counts[f"{name} dividends"] = len(list(vendor.list_dividends("AAPL")))
    counts[f"{name} contracts"] = len(list(vendor.list_options_contracts("AAPL")))
    counts[f"{name} chain"] = len(list(vendor.list_snapshot_options_chain("AAPL")))
print(json.dumps(counts))
