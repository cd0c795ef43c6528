//! What nodes say by themselves.

use std::borrow::Cow;

use ruff_python_ast::{
    BoolOp, CmpOp, ConversionFlag, Identifier, Int, Number, Operator, Singleton, UnaryOp,
};

/// A value of a node.
pub(super) struct Value<'m> {
    /// See the column `value_kind`.
    pub(super) kind: &'static str,
    pub(super) text: Cow<'m, str>,
}

impl<'m> Value<'m> {
    pub(super) fn new(kind: &'static str, text: impl Into<Cow<'m, str>>) -> Self {
        Self { kind, text: text.into() }
    }

    /// A name; none where the syntax is broken and the parser made up a name without characters.
    pub(super) fn name(name: &'m str) -> Option<Self> {
        (!name.is_empty()).then(|| Self::new("identifier", name))
    }

    /// A name that may be absent.
    pub(super) fn identifier(name: Option<&'m Identifier>) -> Option<Self> {
        name.and_then(|name| Self::name(name.as_str()))
    }

    /// Names in a list.
    pub(super) fn names(names: impl Iterator<Item = &'m Identifier>) -> Option<Self> {
        let names: Vec<&str> = names.map(|name| name.as_str()).collect();
        (!names.is_empty()).then(|| Self::new("identifier", names.join(", ")))
    }

    pub(super) fn singleton(singleton: Singleton) -> Self {
        match singleton {
            Singleton::None => Self::new("none", "None"),
            Singleton::True => Self::new("bool", "True"),
            Singleton::False => Self::new("bool", "False"),
        }
    }

    pub(super) fn number(number: &Number) -> Self {
        match number {
            Number::Int(int) => Self::new("int", decimal(int)),
            Number::Float(float) => Self::new("float", with_point(&float_text(*float))),
            Number::Complex { imag, .. } => Self::new("complex", format!("{}j", float_text(*imag))),
        }
    }

    pub(super) fn conversion(conversion: ConversionFlag) -> Option<Self> {
        let text = match conversion {
            ConversionFlag::None => return None,
            ConversionFlag::Str => "s",
            ConversionFlag::Ascii => "a",
            ConversionFlag::Repr => "r",
        };
        Some(Self::new("conversion", text))
    }

    pub(super) fn operator(operator: Operator) -> Self {
        Self::new(
            "operator",
            match operator {
                Operator::Add => "Add",
                Operator::Sub => "Sub",
                Operator::Mult => "Mult",
                Operator::MatMult => "MatMult",
                Operator::Div => "Div",
                Operator::Mod => "Mod",
                Operator::Pow => "Pow",
                Operator::LShift => "LShift",
                Operator::RShift => "RShift",
                Operator::BitOr => "BitOr",
                Operator::BitXor => "BitXor",
                Operator::BitAnd => "BitAnd",
                Operator::FloorDiv => "FloorDiv",
            },
        )
    }

    pub(super) fn unary(operator: UnaryOp) -> Self {
        Self::new(
            "operator",
            match operator {
                UnaryOp::Invert => "Invert",
                UnaryOp::Not => "Not",
                UnaryOp::UAdd => "UAdd",
                UnaryOp::USub => "USub",
            },
        )
    }

    pub(super) fn boolean(operator: BoolOp) -> Self {
        Self::new(
            "operator",
            match operator {
                BoolOp::And => "And",
                BoolOp::Or => "Or",
            },
        )
    }

    pub(super) fn comparisons(operators: &[CmpOp]) -> Self {
        let name = |operator: &CmpOp| match operator {
            CmpOp::Eq => "Eq",
            CmpOp::NotEq => "NotEq",
            CmpOp::Lt => "Lt",
            CmpOp::LtE => "LtE",
            CmpOp::Gt => "Gt",
            CmpOp::GtE => "GtE",
            CmpOp::Is => "Is",
            CmpOp::IsNot => "IsNot",
            CmpOp::In => "In",
            CmpOp::NotIn => "NotIn",
        };
        match operators {
            [one] => Self::new("operator", name(one)),
            several => {
                let names: Vec<_> = several.iter().map(name).collect();
                Self::new("operator", names.join(", "))
            }
        }
    }
}

/// How many digits of a number are converted; longer ones stay as written. CPython has the same limit.
const MAX_DIGITS: usize = 4_300;

/// An integer in decimal digits.
fn decimal(int: &Int) -> String {
    let text = int.to_string();
    let radix = match text.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => return text.replace('_', ""),
    };
    if text.len() > MAX_DIGITS {
        return text;
    }
    // Billions, the lowest first.
    let mut limbs: Vec<u64> = vec![0];
    for digit in text[2..].chars().filter_map(|digit| digit.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let value = *limb * u64::from(radix) + carry;
            (*limb, carry) = (value % 1_000_000_000, value / 1_000_000_000);
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut limbs = limbs.iter().rev();
    let mut decimal = limbs.next().map(u64::to_string).unwrap_or_default();
    for limb in limbs {
        decimal.push_str(&format!("{limb:09}"));
    }
    decimal
}

/// The shortest digits that mean the number, laid out as Python does, without a `.0` behind whole numbers.
fn float_text(float: f64) -> String {
    if float.is_infinite() {
        return "inf".to_owned();
    }
    let scientific = shortest(float);
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(exponent @ -4..16) => plain(digits, exponent),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        Err(_) => scientific,
    }
}

/// The fewest digits that mean the number; of two that are as near, the even ones.
fn shortest(float: f64) -> String {
    let shortest = format!("{float:e}");
    let digits = shortest.split('e').next().unwrap_or_default();
    let decimals = digits.len().saturating_sub(2);
    let nearest = format!("{float:.decimals$e}");
    if nearest.parse() == Ok(float) { nearest } else { shortest }
}

/// Digits with a point behind the first, times a power of ten, without the power.
fn plain(digits: &str, exponent: i32) -> String {
    let digits = digits.replace('.', "");
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or_default();
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    match digits.split_at_checked(whole + 1) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, part)) => format!("{whole}.{part}"),
        None => format!("{digits}{}", "0".repeat(whole + 1 - digits.len())),
    }
}

fn with_point(text: &str) -> String {
    if text.contains(['.', 'e', 'n']) { text.to_owned() } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let text = |float| with_point(&float_text(float));
        assert_eq!(text(1.0), "1.0");
        assert_eq!(text(0.1), "0.1");
        assert_eq!(text(1e15), "1000000000000000.0");
        assert_eq!(text(1e16), "1e+16");
        assert_eq!(text(1.5e300), "1.5e+300");
        assert_eq!(text(0.0001), "0.0001");
        assert_eq!(text(0.00001), "1e-05");
        assert_eq!(text(1.25e-7), "1.25e-07");
        assert_eq!(text(0.0), "0.0");
        assert_eq!(text(123.456), "123.456");
        assert_eq!(text(120.0), "120.0");
        assert_eq!(text(0.05), "0.05");
        // Exactly between two decimals of as many digits.
        assert_eq!(text(99.998_809_814_453_12), "99.99880981445312");
        assert_eq!(text(5e-324), "5e-324");
        assert_eq!(text(1.797_693_134_862_315_7e308), "1.7976931348623157e+308");
        assert_eq!(text(f64::INFINITY), "inf");
    }

    #[test]
    fn large_integers_are_decimal() {
        let decimal_of = |text: &str, radix| {
            let digits = text.trim_start_matches("0x").trim_start_matches("0b");
            Int::from_str_radix(digits, radix, text).map(|int| decimal(&int))
        };
        assert_eq!(decimal_of("0xffffffffffffffffff", 16), Ok("4722366482869645213695".to_owned()));
        assert_eq!(
            decimal_of(&format!("0b1{}", "0".repeat(90)), 2),
            Ok("1237940039285380274899124224".to_owned())
        );
        assert_eq!(decimal_of("0xff", 16), Ok("255".to_owned()));
        let long = format!("0x{}", "f".repeat(5_000));
        assert_eq!(decimal_of(&long, 16), Ok(long.clone()));
    }
}
