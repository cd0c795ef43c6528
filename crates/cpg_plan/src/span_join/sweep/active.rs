//! The set of enclosing candidates, ordered by end.

/// A candidate: its end and its position in the list.
#[derive(Debug, Clone, Copy)]
struct Entry {
    end: i64,
    position: u32,
}

/// Candidates by descending end, those inserted first leading among equals.
///
/// Nested spans arrive with descending ends and make this a plain stack. Crossing spans are inserted further down; the
/// list is therefore kept in chunks of bounded size, so that an insertion never moves more than one chunk.
#[derive(Debug)]
pub(super) struct ActiveSet {
    /// Only the first chunk may be empty, and only when it is the only one.
    chunks: Vec<Vec<Entry>>,
}

/// A place in an [`ActiveSet`], valid until the set changes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    chunk: usize,
    offset: usize,
}

const CHUNK: usize = 512;

impl Default for ActiveSet {
    fn default() -> Self {
        Self { chunks: vec![Vec::new()] }
    }
}

impl ActiveSet {
    /// Adds a candidate. Its position must be greater than those of all candidates with the same end.
    pub(super) fn insert(&mut self, end: i64, position: u32) {
        let entry = Entry { end, position };
        let place = match self.chunks.last() {
            Some(last) if last.last().is_none_or(|smallest| smallest.end >= end) => {
                self.chunks.len() - 1
            }
            _ => self
                .chunks
                .partition_point(|chunk| chunk.first().is_some_and(|first| first.end >= end))
                .saturating_sub(1),
        };
        let chunk = &mut self.chunks[place];
        let offset = chunk.partition_point(|other| other.end >= end);
        chunk.insert(offset, entry);
        if chunk.len() > CHUNK {
            let tail = chunk.split_off(CHUNK / 2);
            self.chunks.insert(place + 1, tail);
        }
    }

    /// Removes the candidates that end before `offset`.
    pub(super) fn remove_ending_before(&mut self, offset: i64) {
        while let Some(last) = self.chunks.last_mut() {
            while last.pop_if(|entry| entry.end < offset).is_some() {}
            if !last.is_empty() || self.chunks.len() == 1 {
                return;
            }
            self.chunks.pop();
        }
    }

    /// The position of the candidate at `cursor`, if there is one that ends at or after `end`; moves the cursor past it.
    pub(super) fn next(&self, cursor: &mut Cursor, end: i64) -> Option<u32> {
        let chunk = self.chunks.get(cursor.chunk)?;
        let entry = chunk.get(cursor.offset).filter(|entry| entry.end >= end)?;
        cursor.offset += 1;
        if cursor.offset == chunk.len() {
            *cursor = Cursor { chunk: cursor.chunk + 1, offset: 0 };
        }
        Some(entry.position)
    }
}
