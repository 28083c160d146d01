"""TA-Lib C, timed beside this project's kernels by `cargo xtask bench kernels`.

Calls the C library of the TA-Lib wheel directly (ctypes), into memory that is there already, so
that nothing of Python or numpy is in the figures. Reads the bars that the other side wrote; each
line of input names a function, each line of output is one JSON object.
"""

import ctypes
import glob
import json
import os
import sys
import time

import numpy
import talib

ROWS = int(sys.argv[2])
COLUMNS = numpy.fromfile(sys.argv[1]).reshape(-1, ROWS)
SERIES = {name: numpy.ascontiguousarray(column) for name, column in zip("ohlcvb", COLUMNS)}
FOLDER = os.path.join(os.path.dirname(os.path.dirname(talib.__file__)), "ta_lib.libs")
LIBRARY = ctypes.CDLL(glob.glob(os.path.join(FOLDER, "libta-lib*"))[0])
OUTPUTS = [numpy.zeros(ROWS) for _ in range(3)]
INTEGERS = numpy.zeros(ROWS, dtype=numpy.int32)

# Function: inputs, options (a float literal is a C double), outputs; `i` stands for integers.
FUNCTIONS = {
    "sma_20": ("SMA", "c", [20], "x"),
    "sma_200": ("SMA", "c", [200], "x"),
    "ema_20": ("EMA", "c", [20], "x"),
    "rma_14": ("RMA", "c", [14], "x"),
    "wma_20": ("WMA", "c", [20], "x"),
    "dema_20": ("DEMA", "c", [20], "x"),
    "tema_20": ("TEMA", "c", [20], "x"),
    "t3_5": ("T3", "c", [5, 0.7], "x"),
    "trima_20": ("TRIMA", "c", [20], "x"),
    "hma_20": ("HMA", "c", [20], "x"),
    "kama_10": ("KAMA", "c", [10], "x"),
    "mama": ("MAMA", "c", [0.5, 0.05], "xy"),
    "vwma_20": ("VWMA", "cv", [20], "x"),
    "midpoint_14": ("MIDPOINT", "c", [14], "x"),
    "midprice_14": ("MIDPRICE", "hl", [14], "x"),
    "rsi_14": ("RSI", "c", [14], "x"),
    "cmo_14": ("CMO", "c", [14], "x"),
    "macd": ("MACD", "c", [12, 26, 9], "xyz"),
    "ppo": ("PPO", "c", [12, 26, 1], "x"),
    "apo": ("APO", "c", [12, 26, 1], "x"),
    "bbands": ("BBANDS", "c", [20, 2.0, 2.0, 0], "xyz"),
    "stddev_20": ("STDDEV", "c", [20, 1.0], "x"),
    "var_20": ("VAR", "c", [20, 1.0], "x"),
    "linreg_14": ("LINEARREG", "c", [14], "x"),
    "linreg_slope_14": ("LINEARREG_SLOPE", "c", [14], "x"),
    "tsf_14": ("TSF", "c", [14], "x"),
    "trange": ("TRANGE", "hlc", [], "x"),
    "atr_14": ("ATR", "hlc", [14], "x"),
    "natr_14": ("NATR", "hlc", [14], "x"),
    "adx_14": ("ADX", "hlc", [14], "x"),
    "dx_14": ("DX", "hlc", [14], "x"),
    "plus_di_14": ("PLUS_DI", "hlc", [14], "x"),
    "aroon_14": ("AROON", "hl", [14], "xy"),
    "sar": ("SAR", "hl", [0.02, 0.2], "x"),
    "donchian_20": ("DONCHIAN", "hl", [20], "xyz"),
    "cci_20": ("CCI", "hlc", [20], "x"),
    "willr_14": ("WILLR", "hlc", [14], "x"),
    "stoch": ("STOCH", "hlc", [14, 3, 0, 3, 0], "xy"),
    "stochf": ("STOCHF", "hlc", [14, 3, 0], "xy"),
    "stochrsi": ("STOCHRSI", "c", [14, 14, 3, 0], "xy"),
    "mfi_14": ("MFI", "hlcv", [14], "x"),
    "obv": ("OBV", "cv", [], "x"),
    "ad": ("AD", "hlcv", [], "x"),
    "adosc": ("ADOSC", "hlcv", [3, 10], "x"),
    "cmf_20": ("CMF", "hlcv", [20], "x"),
    "roc_10": ("ROC", "c", [10], "x"),
    "mom_10": ("MOM", "c", [10], "x"),
    "trix_15": ("TRIX", "c", [15], "x"),
    "ultosc": ("ULTOSC", "hlc", [7, 14, 28], "x"),
    "bop": ("BOP", "ohlc", [], "x"),
    "typprice": ("TYPPRICE", "hlc", [], "x"),
    "er_10": ("ER", "c", [10], "x"),
    "vortex_14": ("VORTEX", "hlc", [14], "xy"),
    "massi": ("MASSI", "hl", [9, 25], "x"),
    "correl_60": ("CORREL", "cb", [60], "x"),
    "beta_60": ("BETA", "bc", [60], "x"),
    "supertrend": ("SUPERTREND", "hlc", [10, 3.0], "xi"),
    "cdlengulfing": ("CDLENGULFING", "ohlc", [], "i"),
    "cdleveningstar": ("CDLEVENINGSTAR", "ohlc", [0.3], "i"),
}


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def call(name):
    """One run of the function, in seconds."""
    function, inputs, options, outputs = FUNCTIONS[name]
    first, count = ctypes.c_int(), ctypes.c_int()
    arguments = [ctypes.c_int(0), ctypes.c_int(ROWS - 1)]
    arguments += [pointer(SERIES[series]) for series in inputs]
    for option in options:
        kind = ctypes.c_double if isinstance(option, float) else ctypes.c_int
        arguments.append(kind(option))
    arguments += [ctypes.byref(first), ctypes.byref(count)]
    memory = {"x": OUTPUTS[0], "y": OUTPUTS[1], "z": OUTPUTS[2], "i": INTEGERS}
    arguments += [pointer(memory[output]) for output in outputs]
    run = getattr(LIBRARY, "TA_" + function)
    start = time.thread_time()
    code = run(*arguments)
    seconds = time.thread_time() - start
    if code != 0 or count.value == 0:
        raise RuntimeError(f"TA_{function} gave code {code} and {count.value} values")
    return seconds


LIBRARY.TA_Initialize()
print(json.dumps({"version": talib.__ta_version__.decode().split()[0]}), flush=True)
for line in sys.stdin:
    name = line.strip()
    if name in FUNCTIONS:
        best = min(call(name) for _ in range(5))
        print(json.dumps({"nanoseconds": best * 1e9 / ROWS}), flush=True)
    else:
        print(json.dumps({"unknown": name}), flush=True)
