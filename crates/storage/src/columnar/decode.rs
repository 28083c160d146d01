//! One Parquet column of any physical type, as fixed-point numbers, instants or text.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use super::float::{float_units, single_units};
use crate::error::excerpt;
use crate::problem::ProblemKind;
use crate::text::decimal::{ExtraDigits, NumberFault, Units, parse_units};
use crate::text::time::{EpochUnit, TimeFault, TimeForm, TimeParser};
use crate::text::zone::{DAY, Zone};

/// A value, an empty cell, or what is wrong with it.
pub(super) type Cell<T> = Result<Option<T>, ProblemKind>;

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
        out: &mut Vec<Cell<Units>>,
    ) -> Result<(), ParquetError> {
        let decimal_scale = match self.meaning {
            Meaning::Decimal { scale } => Some(scale),
            _ => None,
        };
        let scale = decimal_scale.unwrap_or(0);
        let number = Number { decimals, extra };
        let optional = self.optional;
        match &mut self.reader {
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
        }
    }

    /// Reads up to `count` instants.
    pub(super) fn times(
        &mut self,
        count: usize,
        zone: Zone,
        parser: &mut TimeParser,
        out: &mut Vec<Cell<(i64, TimeForm)>>,
    ) -> Result<(), ParquetError> {
        let optional = self.optional;
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
            ColumnReader::Int96ColumnReader(reader) => read(
                reader,
                count,
                optional,
                |value| Ok((value.to_nanos(), TimeForm::Instant)),
                out,
            ),
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
        out: &mut Vec<Cell<Vec<u8>>>,
    ) -> Result<(), ParquetError> {
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => read(
                reader,
                count,
                self.optional,
                |value| Ok(value.data().to_vec()),
                out,
            ),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => read(
                reader,
                count,
                self.optional,
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
struct Number {
    decimals: u32,
    extra: ExtraDigits,
}

impl Number {
    /// An integer of 10^-`scale`.
    fn scaled(self, value: i128, scale: u32) -> Result<Units, ProblemKind> {
        self.judged(rescale(value, scale, self.decimals, self.extra), || {
            format!("{value}e-{scale}")
        })
    }

    /// A two's-complement integer of 10^-`scale`.
    fn binary(self, bytes: &[u8], scale: u32) -> Result<Units, ProblemKind> {
        match big_endian(bytes) {
            Ok(value) => self.scaled(value, scale),
            Err(fault) => self.judged(Err(fault), || format!("{} bytes", bytes.len())),
        }
    }

    fn judged(
        self,
        result: Result<Units, NumberFault>,
        found: impl Fn() -> String,
    ) -> Result<Units, ProblemKind> {
        result.map_err(|fault| ProblemKind::Number {
            found: found(),
            fault,
            decimals: self.decimals,
        })
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

/// Reads up to `count` cells of one physical type.
fn read<T: DataType, V>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    optional: bool,
    mut convert: impl FnMut(&T::T) -> Result<V, ProblemKind>,
    out: &mut Vec<Cell<V>>,
) -> Result<(), ParquetError> {
    let mut values: Vec<T::T> = Vec::with_capacity(count);
    let mut levels: Vec<i16> = Vec::new();
    out.clear();
    let mut done = 0;
    while done < count {
        let levels_out = optional.then_some(&mut levels);
        let (records, _, _) = reader.read_records(count - done, levels_out, None, &mut values)?;
        if records == 0 {
            break;
        }
        done += records;
    }
    if optional {
        let mut values = values.iter();
        for level in &levels {
            let value = if *level == 0 { None } else { values.next() };
            out.push(value.map(&mut convert).transpose());
        }
    } else {
        out.extend(values.iter().map(|value| convert(value).map(Some)));
    }
    Ok(())
}

/// An integer of 10^-`from` as an integer of 10^-`to`.
fn rescale(value: i128, from: u32, to: u32, extra: ExtraDigits) -> Result<Units, NumberFault> {
    let narrow = |value: i128, rounded| match i64::try_from(value) {
        Ok(value) if value != i64::MIN => Ok(Units { value, rounded }),
        _ => Err(NumberFault::OutOfRange),
    };
    if from <= to {
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
