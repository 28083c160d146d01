"""What the peers' scripts share: one process per peer loads the bars once, warms up, and then runs
the same study each time a line arrives on standard input, so that all peers take turns within the
same minute. Each answer is one line of JSON. CPU time of the whole process is what is reported."""

import json
import sys
import time

FAST, SLOW, QUANTITY, CASH = 10, 30, 100, 1_000_000.0


def bars_frame(file, count):
    """The bars as a pandas frame indexed by time."""
    import pandas

    return pandas.read_csv(file, parse_dates=["timestamp"], index_col="timestamp", nrows=count)


def answer(**fields):
    print(json.dumps(fields), flush=True)


def serve(version, load, run, warm_up=None):
    """`load(file, count)` gives the data, `run(data)` gives (bars, trades, final equity)."""
    file, count = sys.argv[1], int(sys.argv[2])
    start = time.process_time()
    data = load(file, count)
    load_cpu = time.process_time() - start
    if warm_up:
        warm_up(data)
    answer(version=version, load_cpu_seconds=load_cpu)
    for _ in sys.stdin:
        start = time.process_time()
        bars, trades, equity = run(data)
        answer(bars=bars, trades=trades, final_equity=equity, run_cpu_seconds=time.process_time() - start)
