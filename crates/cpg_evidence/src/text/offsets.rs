//! From offsets in decoded text to offsets in the raw file.

/// How offsets in decoded UTF-8 become offsets in the raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Offsets {
    /// They are the same.
    Same,
    /// Each character is one raw byte; the characters that take more in UTF-8, by where they end there, with how
    /// many bytes more the text has by then.
    SingleByte(Vec<(u32, u32)>),
}

impl Offsets {
    /// The offsets of text whose every character was one byte.
    pub(crate) fn single_byte(text: &str) -> Self {
        let mut surplus = Vec::new();
        let mut more = 0;
        for (start, character) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
            let length = character.len_utf8();
            more += length - 1;
            surplus.push((clamp(start + length), clamp(more)));
        }
        if surplus.is_empty() { Self::Same } else { Self::SingleByte(surplus) }
    }

    /// The raw offset of a character boundary of the text.
    pub(crate) fn raw(&self, offset: u32) -> u32 {
        match self {
            Self::Same => offset,
            Self::SingleByte(surplus) => {
                let before = surplus.partition_point(|(end, _)| *end <= offset);
                let more = before.checked_sub(1).map_or(0, |last| surplus[last].1);
                offset - more
            }
        }
    }
}

/// Texts are bounded by three times [`MAX_TEXT`](super::MAX_TEXT).
fn clamp(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_raw_bytes() {
        // In cp1252 one byte each: 1, 1, 1 (three in UTF-8), 1 (two), 1.
        let text = "ab€éc";
        let offsets = Offsets::single_byte(text);
        let raw: Vec<_> = text.char_indices().map(|(start, _)| offsets.raw(clamp(start))).collect();
        assert_eq!(raw, [0, 1, 2, 3, 4]);
        assert_eq!(offsets.raw(clamp(text.len())), 5);
        assert_eq!(Offsets::single_byte("plain"), Offsets::Same);
    }
}
