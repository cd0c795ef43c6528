//! `line_offset`: where in a file a column of a line is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use cpg_ir::types::TextUnit;
use datafusion::common::cast::{as_boolean_array, as_string_array};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, return_field};

const NAME: &str = "line_offset";

/// Programs say `position(line, column)`; where a line starts and what it says is found for them.
pub(super) fn function() -> OwnFunction {
    use DataType::{Boolean, Int64, Utf8};
    OwnFunction {
        udf: ScalarUDF::from(LineOffset {
            signature: Signature::exact(
                vec![Int64, Int64, Boolean, Utf8, Utf8, Int64],
                Volatility::Immutable,
            ),
        }),
        version: 1,
        description: "The byte at a column of a line: its first byte, one past its last, whether it is ASCII, its text, the column's unit, the column from 0.",
        called: None,
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LineOffset {
    signature: Signature,
}

impl ScalarUDFImpl for LineOffset {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(NAME, DataType::Int64, &args, true)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(offsets, vec![])(&args.args)
    }
}

fn offsets(args: &[ArrayRef]) -> Result<ArrayRef> {
    let columns = args[5].as_primitive::<Int64Type>();
    of_lines(args, |line, unit, row| {
        columns.is_valid(row).then(|| line.offset(columns.value(row), unit))?
    })
}

/// What `of` gives for each line: its first byte, one past its last, whether it is ASCII, its text and a unit. Null where
/// something of it is, but for the text.
pub(super) fn of_lines(
    args: &[ArrayRef],
    of: impl Fn(&Line<'_>, TextUnit, usize) -> Option<i64>,
) -> Result<ArrayRef> {
    let [starts, ends] = [&args[0], &args[1]].map(|numbers| numbers.as_primitive::<Int64Type>());
    let ascii = as_boolean_array(&args[2])?;
    let (texts, units) = (as_string_array(&args[3])?, as_string_array(&args[4])?);
    let one = |row: usize| -> Result<Option<i64>> {
        let known = starts.is_valid(row)
            && ends.is_valid(row)
            && ascii.is_valid(row)
            && units.is_valid(row);
        if !known {
            return Ok(None);
        }
        let unit = unit(units.value(row))
            .ok_or_else(|| exec_datafusion_err!("there is no unit `{}`", units.value(row)))?;
        let line = Line {
            start: starts.value(row),
            length: ends.value(row) - starts.value(row),
            ascii: ascii.value(row),
            text: texts.is_valid(row).then(|| texts.value(row)),
        };
        Ok(of(&line, unit, row))
    };
    let found: Int64Array = (0..starts.len()).map(one).collect::<Result<_>>()?;
    Ok(Arc::new(found))
}

fn unit(name: &str) -> Option<TextUnit> {
    [TextUnit::Byte, TextUnit::Utf8, TextUnit::Utf16, TextUnit::Utf32]
        .into_iter()
        .find(|unit| unit.to_string() == name)
}

/// A line of a file.
pub(super) struct Line<'a> {
    /// Its first byte in the file.
    start: i64,
    /// How many bytes it has in the file.
    length: i64,
    /// Whether each of them is a character.
    ascii: bool,
    text: Option<&'a str>,
}

impl Line<'_> {
    /// The byte in the file; none past the line's end, within a character, and where the text is needed and not known.
    fn offset(&self, column: i64, unit: TextUnit) -> Option<i64> {
        let column = usize::try_from(column).ok()?;
        let length = usize::try_from(self.length).ok()?;
        let within = if self.ascii || unit == TextUnit::Byte {
            (column <= length).then_some(column)?
        } else {
            self.counted(self.text?, length, column, unit)?
        };
        self.start.checked_add(i64::try_from(within).ok()?)
    }

    /// How long it is, a mark in front not counted; none where the text is needed and not known.
    pub(super) fn width(&self, unit: TextUnit) -> Option<i64> {
        if self.ascii || unit == TextUnit::Byte {
            return Some(self.length);
        }
        let text = self.text?;
        let text = text.strip_prefix('\u{feff}').filter(|_| self.start == 0).unwrap_or(text);
        let width = match unit {
            TextUnit::Byte | TextUnit::Utf8 => text.len(),
            TextUnit::Utf16 => text.encode_utf16().count(),
            TextUnit::Utf32 => text.chars().count(),
        };
        i64::try_from(width).ok()
    }

    fn counted(&self, text: &str, length: usize, column: usize, unit: TextUnit) -> Option<usize> {
        // In an encoding of one byte for each character, what is not ASCII takes more bytes as UTF-8.
        let is_utf8 = text.len() == length;
        let raw = |character: char| if is_utf8 { character.len_utf8() } else { 1 };
        // A mark in front of a file is no column.
        let mark = text.chars().next().filter(|first| self.start == 0 && *first == '\u{feff}');
        let (mut seen, mut bytes) = (0, mark.map_or(0, raw));
        for character in text.chars().skip(usize::from(mark.is_some())) {
            if seen >= column {
                break;
            }
            seen += match unit {
                TextUnit::Byte | TextUnit::Utf8 => character.len_utf8(),
                TextUnit::Utf16 => character.len_utf16(),
                TextUnit::Utf32 => 1,
            };
            bytes += raw(character);
        }
        (seen == column).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets_of(line: &Line<'_>, unit: TextUnit) -> Vec<Option<i64>> {
        (0..8).map(|column| line.offset(column, unit)).collect()
    }

    #[test]
    fn columns_count_in_each_unit() {
        // Two bytes and one unit, four bytes and two units, one byte.
        let text = "é𝒳b";
        let line = Line { start: 10, length: 7, ascii: false, text: Some(text) };
        let (n, s) = (None, Some);
        let expected = [
            (TextUnit::Byte, [s(10), s(11), s(12), s(13), s(14), s(15), s(16), s(17)]),
            (TextUnit::Utf8, [s(10), n, s(12), n, n, n, s(16), s(17)]),
            (TextUnit::Utf16, [s(10), s(12), n, s(16), s(17), n, n, n]),
            (TextUnit::Utf32, [s(10), s(12), s(16), s(17), n, n, n, n]),
        ];
        for (unit, expected) in expected {
            assert_eq!(offsets_of(&line, unit), expected, "{unit}");
            assert_eq!(line.offset(-1, unit), None);
            let last = expected.iter().rposition(Option::is_some).and_then(|at| at.try_into().ok());
            assert_eq!(line.width(unit), last, "{unit}");
        }
    }

    #[test]
    fn encodings_of_one_byte_for_a_character_and_marks_are_seen_through() {
        let latin = Line { start: 5, length: 3, ascii: false, text: Some("aéb") };
        assert_eq!(latin.offset(2, TextUnit::Utf16), Some(7));
        assert_eq!(latin.offset(3, TextUnit::Utf8), Some(7));
        let marked = Line { start: 0, length: 5, ascii: false, text: Some("\u{feff}ab") };
        assert_eq!(marked.offset(0, TextUnit::Utf16), Some(3));
        assert_eq!(marked.offset(2, TextUnit::Utf8), Some(5));
        assert_eq!(marked.offset(0, TextUnit::Byte), Some(0));
        assert_eq!(
            (marked.width(TextUnit::Byte), marked.width(TextUnit::Utf32)),
            (Some(5), Some(2))
        );
        assert_eq!((latin.width(TextUnit::Utf8), latin.width(TextUnit::Utf16)), (Some(4), Some(3)));
        let unknown = Line { start: 0, length: 2, ascii: false, text: None };
        assert_eq!(unknown.offset(0, TextUnit::Utf16), None);
        assert_eq!(unknown.offset(1, TextUnit::Byte), Some(1));
    }
}
