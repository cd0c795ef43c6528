//! The outermost layers of an index, read from a stream: which fields there are, and where.

use std::io::{self, BufRead};

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) number: u64,
    /// How many bytes follow; none for a field that is a number, which is skipped.
    pub(super) length: Option<u64>,
}

/// Reads fields and counts bytes.
pub(super) struct Wire<R> {
    input: R,
    position: u64,
}

impl<R: BufRead> Wire<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, position: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The next field; none at the end of the stream.
    ///
    /// # Errors
    /// When the stream ends within a field, or holds what no field starts with.
    pub(super) fn field(&mut self) -> io::Result<Option<Field>> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 {
            return Err(broken("a field has the number 0"));
        }
        let length = match tag & 7 {
            0 => {
                self.varint()?;
                None
            }
            1 => {
                self.skip(8)?;
                None
            }
            2 => Some(self.varint()?),
            5 => {
                self.skip(4)?;
                None
            }
            _ => return Err(broken("a field has no known form")),
        };
        Ok(Some(Field { number, length }))
    }

    /// Passes over bytes, which `see` looks at.
    pub(super) fn pass(&mut self, mut length: u64, mut see: impl FnMut(&[u8])) -> io::Result<()> {
        while length > 0 {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Err(broken("it ends within a field"));
            }
            let taken = usize::try_from(length).map_or(buffer.len(), |left| left.min(buffer.len()));
            see(&buffer[..taken]);
            self.input.consume(taken);
            self.position += taken as u64;
            length -= taken as u64;
        }
        Ok(())
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        self.pass(length, |_| {})
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let mut byte = 0;
            self.pass(1, |bytes| byte = bytes[0])?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(broken("a number has more than 64 bits"))
    }
}

pub(super) fn broken(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
