//! Amounts of memory and disk, read from and written for people.

use std::fmt;
use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub usize);

/// By factors of 1024, smallest first.
const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

impl FromStr for ByteSize {
    type Err = String;

    /// `512MiB`, `4G`, `1000000`: a whole number and a unit, whose factor is a power of 1024.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(split);
        let example = "expected a size such as `512MiB` or `4GiB`";
        let number: usize = digits.parse().map_err(|_| example.to_owned())?;
        let unit = unit.trim().to_ascii_lowercase();
        let names = |name: &str| {
            let long = name.to_ascii_lowercase();
            unit == long || unit == long.replace('i', "") || unit == long[..1]
        };
        let power = match unit.is_empty() {
            true => 0,
            false => UNITS.iter().position(|name| names(name)).ok_or_else(|| example.to_owned())?,
        };
        let bytes = u32::try_from(power)
            .ok()
            .and_then(|power| 1024_usize.checked_pow(power))
            .and_then(|factor| number.checked_mul(factor))
            .ok_or_else(|| format!("`{text}` is more than this machine can address"))?;
        if bytes < 1024 * 1024 {
            return Err(format!("`{text}` is less than 1MiB"));
        }
        Ok(Self(bytes))
    }
}

/// Bytes with a unit, as in `12.3 MiB`.
pub(crate) struct Human(pub u64);

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unit = 0;
        let mut tenths = u128::from(self.0) * 10;
        // 1023.95 and more would be shown as 1024.0.
        while tenths >= 10_239 && unit + 1 < UNITS.len() {
            tenths = (tenths + 512) / 1024;
            unit += 1;
        }
        match unit {
            0 => f.pad(&format!("{} B", self.0)),
            _ => f.pad(&format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])),
        }
    }
}

/// A count with its digits in groups, as in `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("1MiB", 1 << 20),
            ("2g", 2 << 30),
            ("3 GiB", 3 << 30),
            ("512mb", 512 << 20),
            ("1048576", 1 << 20),
            ("1024K", 1 << 20),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "MiB", "1.5GiB", "-1GiB", "1XB", "1023K", "0", "99999999TiB", "1🦀"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_and_counts_are_written() {
        let sizes = [0, 1023, 1024, 1536, 1024 * 1024 - 1, u64::MAX].map(|n| Human(n).to_string());
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "16777216.0 TiB"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(0, "file"), "0 files");
    }
}
