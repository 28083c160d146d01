//! One Parquet column of any physical type, as fixed-point numbers, instants or text.

use std::cell::Cell;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{DataType, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use super::float::{float_units, single_units};
use crate::error::excerpt;
use crate::problem::ProblemKind;
use crate::text::decimal::{ExtraDigits, NumberFault, Units, parse_units};
use crate::text::time::{EpochUnit, TimeFault, TimeForm, TimeParser};
use crate::text::zone::{DAY, Zone};

/// Some consecutive cells of a column. An empty cell holds the column's absent value, a faulty one is listed.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells<V> {
    pub(super) values: Vec<V>,
    faults: Vec<(usize, ProblemKind)>,
    /// Values that were rounded.
    pub(super) rounded: u64,
}

impl<V> Cells<V> {
    pub(super) fn get(&self, row: usize) -> Result<Option<&V>, ProblemKind> {
        if !self.faults.is_empty()
            && let Ok(at) = self.faults.binary_search_by_key(&row, |(row, _)| *row)
            && let Some((_, kind)) = self.faults.get(at)
        {
            return Err(kind.clone());
        }
        Ok(self.values.get(row))
    }
}

/// What stands for an empty cell among numbers and times; no number or time is this.
pub(super) const ABSENT: i64 = i64::MIN;

/// A column being read.
pub(super) struct Column {
    reader: ColumnReader,
    optional: bool,
    meaning: Meaning,
}

/// What the stored values mean beyond their physical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Whole numbers, floats, text: as they are.
    Plain,
    /// Integers of 10^-scale.
    Decimal { scale: u32 },
    /// Days since 1970.
    Date,
    /// Ticks since 1970; local when not adjusted to UTC.
    Timestamp { unit: EpochUnit, utc: bool },
}

impl Column {
    /// `None` when the column is nested or of a type that no bar column has.
    pub(super) fn new(reader: ColumnReader, descriptor: &ColumnDescriptor) -> Option<Self> {
        if descriptor.max_rep_level() > 0 || descriptor.max_def_level() > 1 {
            return None;
        }
        Some(Self {
            optional: descriptor.max_def_level() == 1,
            meaning: meaning(descriptor)?,
            reader,
        })
    }

    /// Reads up to `count` numbers in units of 10^-`decimals`.
    pub(super) fn numbers(
        &mut self,
        count: usize,
        decimals: u32,
        extra: ExtraDigits,
        out: &mut Cells<i64>,
    ) -> Result<(), ParquetError> {
        let decimal_scale = match self.meaning {
            Meaning::Decimal { scale } => Some(scale),
            _ => None,
        };
        let scale = decimal_scale.unwrap_or(0);
        let rounded = Cell::new(0_u64);
        let number = Number {
            decimals,
            extra,
            rounded: &rounded,
        };
        let optional = self.optional.then_some(ABSENT);
        let read_all = match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => {
                let convert = |value: &i32| number.scaled(i128::from(*value), scale);
                read(reader, count, optional, convert, out)
            }
            ColumnReader::Int64ColumnReader(reader) => {
                let convert = |value: &i64| number.scaled(i128::from(*value), scale);
                read(reader, count, optional, convert, out)
            }
            ColumnReader::DoubleColumnReader(reader) => {
                let convert = |value: &f64| {
                    number.judged(float_units(*value, decimals, extra), || value.to_string())
                };
                read(reader, count, optional, convert, out)
            }
            ColumnReader::FloatColumnReader(reader) => {
                let convert = |value: &f32| {
                    number.judged(single_units(*value, decimals, extra), || value.to_string())
                };
                read(reader, count, optional, convert, out)
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) if decimal_scale.is_some() => read(
                reader,
                count,
                optional,
                |value| number.binary(value.data(), scale),
                out,
            ),
            ColumnReader::ByteArrayColumnReader(reader) if decimal_scale.is_some() => read(
                reader,
                count,
                optional,
                |value| number.binary(value.data(), scale),
                out,
            ),
            ColumnReader::ByteArrayColumnReader(reader) => read(
                reader,
                count,
                optional,
                |value| {
                    number.judged(parse_units(value.data(), decimals, extra), || {
                        excerpt(value.data(), 40)
                    })
                },
                out,
            ),
            _ => Err(ParquetError::NYI(
                "numbers of this physical type".to_owned(),
            )),
        };
        out.rounded = rounded.get();
        read_all
    }

    /// Reads up to `count` instants.
    pub(super) fn times(
        &mut self,
        count: usize,
        zone: Zone,
        parser: &mut TimeParser,
        out: &mut Cells<(i64, TimeForm)>,
    ) -> Result<(), ParquetError> {
        let optional = self.optional.then_some((ABSENT, TimeForm::Instant));
        let meaning = self.meaning;
        let mut number = |value: i64| {
            let fault = |fault| ProblemKind::Time {
                found: value.to_string(),
                fault,
            };
            match meaning {
                Meaning::Date => {
                    let at = value
                        .checked_mul(DAY)
                        .ok_or(TimeFault::OutOfRange)
                        .map_err(fault)?;
                    Ok((at, TimeForm::Date))
                }
                Meaning::Timestamp { unit, utc } => {
                    let at = unit
                        .nanos(value)
                        .ok_or(TimeFault::OutOfRange)
                        .map_err(fault)?;
                    let at = if utc {
                        at
                    } else {
                        zone.to_utc(at).map_err(fault)?
                    };
                    Ok((at, TimeForm::Instant))
                }
                Meaning::Plain => parser.parse(value.to_string().as_bytes()).map_err(fault),
                Meaning::Decimal { .. } => Err(fault(TimeFault::NotATime)),
            }
        };
        match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => read(
                reader,
                count,
                optional,
                |value| number(i64::from(*value)),
                out,
            ),
            ColumnReader::Int64ColumnReader(reader) => {
                read(reader, count, optional, |value| number(*value), out)
            }
            ColumnReader::Int96ColumnReader(reader) => {
                let convert = |value: &Int96| {
                    let at = impala_nanos(value).ok_or_else(|| ProblemKind::Time {
                        found: format!("{value}"),
                        fault: TimeFault::OutOfRange,
                    })?;
                    Ok((at, TimeForm::Instant))
                };
                read(reader, count, optional, convert, out)
            }
            ColumnReader::ByteArrayColumnReader(reader) => read(
                reader,
                count,
                optional,
                |value| {
                    parser
                        .parse(value.data())
                        .map_err(|fault| ProblemKind::Time {
                            found: excerpt(value.data(), 40),
                            fault,
                        })
                },
                out,
            ),
            _ => Err(ParquetError::NYI("times of this physical type".to_owned())),
        }
    }

    /// Reads up to `count` texts.
    pub(super) fn texts(
        &mut self,
        count: usize,
        out: &mut Cells<Vec<u8>>,
    ) -> Result<(), ParquetError> {
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => read(
                reader,
                count,
                self.optional.then(Vec::new),
                |value| Ok(value.data().to_vec()),
                out,
            ),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => read(
                reader,
                count,
                self.optional.then(Vec::new),
                |value| Ok(value.data().to_vec()),
                out,
            ),
            _ => Err(ParquetError::NYI(
                "symbols of this physical type".to_owned(),
            )),
        }
    }
}

/// How numbers of one column are judged.
#[derive(Debug, Clone, Copy)]
struct Number<'a> {
    decimals: u32,
    extra: ExtraDigits,
    rounded: &'a Cell<u64>,
}

impl Number<'_> {
    /// An integer of 10^-`scale`.
    #[inline]
    fn scaled(self, value: i128, scale: u32) -> Result<i64, ProblemKind> {
        self.judged(rescale(value, scale, self.decimals, self.extra), || {
            format!("{value}e-{scale}")
        })
    }

    /// A two's-complement integer of 10^-`scale`.
    fn binary(self, bytes: &[u8], scale: u32) -> Result<i64, ProblemKind> {
        match big_endian(bytes) {
            Ok(value) => self.scaled(value, scale),
            Err(fault) => self.judged(Err(fault), || format!("{} bytes", bytes.len())),
        }
    }

    #[inline]
    fn judged(
        self,
        result: Result<Units, NumberFault>,
        found: impl Fn() -> String,
    ) -> Result<i64, ProblemKind> {
        match result {
            Ok(units) => {
                self.rounded
                    .set(self.rounded.get() + u64::from(units.rounded));
                Ok(units.value)
            }
            Err(fault) => Err(ProblemKind::Number {
                found: found(),
                fault,
                decimals: self.decimals,
            }),
        }
    }
}

fn meaning(descriptor: &ColumnDescriptor) -> Option<Meaning> {
    let unsupported = matches!(descriptor.physical_type(), PhysicalType::BOOLEAN);
    if unsupported {
        return None;
    }
    let scale = || {
        u32::try_from(descriptor.type_scale())
            .ok()
            .filter(|scale| *scale <= 38)
    };
    Some(
        match (descriptor.logical_type_ref(), descriptor.converted_type()) {
            (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => {
                Meaning::Decimal { scale: scale()? }
            }
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Meaning::Date,
            (Some(LogicalType::Timestamp(stamp)), _) => Meaning::Timestamp {
                unit: match stamp.unit {
                    TimeUnit::MILLIS => EpochUnit::Milliseconds,
                    TimeUnit::MICROS => EpochUnit::Microseconds,
                    TimeUnit::NANOS => EpochUnit::Nanoseconds,
                },
                utc: stamp.is_adjusted_to_u_t_c,
            },
            (None, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Timestamp {
                unit: EpochUnit::Milliseconds,
                utc: true,
            },
            (None, ConvertedType::TIMESTAMP_MICROS) => Meaning::Timestamp {
                unit: EpochUnit::Microseconds,
                utc: true,
            },
            (Some(LogicalType::Integer(_) | LogicalType::String | LogicalType::Enum) | None, _) => {
                Meaning::Plain
            }
            _ => return None,
        },
    )
}

/// Reads up to `count` cells of one physical type; `absent` is there when cells may be empty.
fn read<T: DataType, V: Clone + Default>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    absent: Option<V>,
    mut convert: impl FnMut(&T::T) -> Result<V, ProblemKind>,
    out: &mut Cells<V>,
) -> Result<(), ParquetError> {
    let mut stored: Vec<T::T> = Vec::with_capacity(count);
    let mut levels: Vec<i16> = Vec::new();
    let mut done = 0;
    while done < count {
        let levels_out = absent.is_some().then_some(&mut levels);
        let (records, _, _) = reader.read_records(count - done, levels_out, None, &mut stored)?;
        if records == 0 {
            break;
        }
        done += records;
    }
    out.values.clear();
    out.values.reserve(done);
    out.faults.clear();
    let mut judged = |value: &T::T, row: usize| {
        convert(value).unwrap_or_else(|kind| {
            out.faults.push((row, kind));
            V::default()
        })
    };
    match absent {
        Some(absent) => {
            let mut stored = stored.iter();
            for (row, level) in levels.iter().enumerate() {
                let value = if *level == 0 { None } else { stored.next() };
                out.values
                    .push(value.map_or_else(|| absent.clone(), |value| judged(value, row)));
            }
        }
        None => out.values.extend(
            stored
                .iter()
                .enumerate()
                .map(|(row, value)| judged(value, row)),
        ),
    }
    Ok(())
}

/// An integer of 10^-`from` as an integer of 10^-`to`.
#[inline]
fn rescale(value: i128, from: u32, to: u32, extra: ExtraDigits) -> Result<Units, NumberFault> {
    let narrow = |value: i128, rounded| match i64::try_from(value) {
        Ok(value) if value != i64::MIN => Ok(Units { value, rounded }),
        _ => Err(NumberFault::OutOfRange),
    };
    if from == to {
        return narrow(value, false);
    }
    if from < to {
        let scale = 10_i128
            .checked_pow(to - from)
            .ok_or(NumberFault::OutOfRange)?;
        return narrow(
            value.checked_mul(scale).ok_or(NumberFault::OutOfRange)?,
            false,
        );
    }
    let scale = 10_i128
        .checked_pow(from - to)
        .ok_or(NumberFault::OutOfRange)?;
    let (quotient, remainder) = (value / scale, value % scale);
    if remainder == 0 {
        return narrow(quotient, false);
    }
    match extra {
        ExtraDigits::Refuse => Err(NumberFault::TooManyDecimals),
        ExtraDigits::RoundHalfEven => {
            let twice = remainder.unsigned_abs() * 2;
            let half = scale.unsigned_abs();
            let away = twice > half || (twice == half && quotient % 2 != 0);
            narrow(quotient + i128::from(away) * remainder.signum(), true)
        }
    }
}

/// Nanoseconds since 1970 of the deprecated INT96 form: nanoseconds of the day, then the Julian day number.
fn impala_nanos(value: &Int96) -> Option<i64> {
    const JULIAN_DAY_OF_1970: i64 = 2_440_588;
    let [low, high, day] = value.data() else {
        return None;
    };
    let of_day = i64::try_from(u64::from(*high) << 32 | u64::from(*low)).ok()?;
    let days = i64::from(*day) - JULIAN_DAY_OF_1970;
    days.checked_mul(DAY)?.checked_add(of_day)
}

/// A two's-complement big-endian integer of up to 16 bytes.
fn big_endian(bytes: &[u8]) -> Result<i128, NumberFault> {
    let (Some(first), ..=16) = (bytes.first(), bytes.len()) else {
        return Err(NumberFault::OutOfRange);
    };
    let sign = if first & 0x80 == 0 { 0_i128 } else { -1 };
    Ok(bytes
        .iter()
        .fold(sign, |value, byte| (value << 8) | i128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_change_scale_exactly_or_not_at_all() {
        let refuse = |value, from, to| {
            rescale(value, from, to, ExtraDigits::Refuse).map(|units| units.value)
        };
        assert_eq!(refuse(12_345, 2, 9), Ok(123_450_000_000));
        assert_eq!(refuse(1_000, 3, 0), Ok(1));
        assert_eq!(refuse(1_001, 3, 0), Err(NumberFault::TooManyDecimals));
        assert_eq!(refuse(i128::MAX, 0, 9), Err(NumberFault::OutOfRange));
        let round =
            |value| rescale(value, 1, 0, ExtraDigits::RoundHalfEven).map(|units| units.value);
        assert_eq!(
            [round(-15), round(-25), round(25), round(26)],
            [Ok(-2), Ok(-2), Ok(2), Ok(3)]
        );
    }

    #[test]
    fn binary_decimals_are_twos_complement() {
        assert_eq!(big_endian(&[0xFF, 0xFE]), Ok(-2));
        assert_eq!(big_endian(&[0x00, 0xFE]), Ok(254));
        assert_eq!(big_endian(&[]), Err(NumberFault::OutOfRange));
        assert_eq!(big_endian(&[0; 17]), Err(NumberFault::OutOfRange));
    }
}
