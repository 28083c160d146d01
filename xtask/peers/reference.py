"""The study's rule in exact integers, on the standard library alone: `reference.py FILE BARS`.

Buy at the next bar's open when fast > slow now and fast <= slow one bar ago; sell at the next
bar's open when fast < slow now and fast >= slow one bar ago; flat at the start; an open position is
marked at the last close. Prices have two decimals, so everything is in cents."""

import csv
import itertools
import json
import sys

FAST, SLOW, QUANTITY, CASH = 10, 30, 100, 100_000_000


def cents(text):
    whole, _, decimals = text.partition(".")
    assert len(decimals) == 2, f"{text} has not two decimals"
    return int(whole) * 100 + int(decimals)


file, count = sys.argv[1], int(sys.argv[2])
with open(file, newline="") as source:
    rows = [(cents(row["open"]), cents(row["close"])) for row in itertools.islice(csv.DictReader(source), count)]

cash, held, fills, before, waiting = CASH, 0, 0, None, 0
fast = slow = 0
for index, (open_, close) in enumerate(rows):
    if waiting:
        cash -= waiting * QUANTITY * open_
        held += waiting
        fills += 1
        waiting = 0
    fast += close - (rows[index - FAST][1] if index >= FAST else 0)
    slow += close - (rows[index - SLOW][1] if index >= SLOW else 0)
    if index + 1 < SLOW:
        continue
    now = fast * SLOW - slow * FAST
    if before is not None:
        if now > 0 >= before and not held:
            waiting = 1
        elif now < 0 <= before and held:
            waiting = -1
    before = now

equity = cash + held * QUANTITY * rows[-1][1]
sign, magnitude = ("-" if equity < 0 else ""), abs(equity)
answer = {"bars": len(rows), "fills": fills, "trades": (fills + 1) // 2, "final_equity": f"{sign}{magnitude // 100}.{magnitude % 100:02d}"}
print(json.dumps(answer))
