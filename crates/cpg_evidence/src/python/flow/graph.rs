//! Blocks and edges of one scope.

use ruff_text_size::TextRange;

/// Number of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BlockId(u32);

impl BlockId {
    pub(super) const ENTRY: Self = Self(0);
    pub(super) const EXIT: Self = Self(1);
    pub(super) const RAISE: Self = Self(2);

    /// There are fewer blocks than a file has bytes.
    pub(super) fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn number(self) -> i64 {
        i64::from(self.0)
    }
}

/// What a block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    Entry,
    Exit,
    Raise,
    Body,
    Loop,
    Case,
    Except,
    Finally,
    WithExit,
}

impl BlockKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::Raise => "raise",
            Self::Body => "body",
            Self::Loop => "loop",
            Self::Case => "case",
            Self::Except => "except",
            Self::Finally => "finally",
            Self::WithExit => "with_exit",
        }
    }
}

/// Why a block is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeKind {
    Next,
    True,
    False,
    Loop,
    Break,
    Continue,
    Raise,
    Finally,
    Return,
}

impl EdgeKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::True => "true",
            Self::False => "false",
            Self::Loop => "loop",
            Self::Break => "break",
            Self::Continue => "continue",
            Self::Raise => "raise",
            Self::Finally => "finally",
            Self::Return => "return",
        }
    }
}

/// A sequence of evaluations that control enters at the top only. It may be left early by an exception.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// From the first to the last place that is evaluated.
    pub(super) range: Option<TextRange>,
}

/// A way out of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leave {
    pub(super) from: BlockId,
    pub(super) kind: EdgeKind,
    /// What is true or false.
    pub(super) test: Option<TextRange>,
}

impl Leave {
    pub(super) fn new(from: BlockId, kind: EdgeKind) -> Self {
        Self { from, kind, test: None }
    }

    pub(super) fn with(self, kind: EdgeKind) -> Self {
        Self { kind, ..self }
    }
}

/// A way from a block to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) leave: Leave,
    pub(super) to: BlockId,
}

/// What a block does with a variable of the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Binds it.
    Bind(TextRange),
    /// May bind it, as an assignment expression in a comprehension does.
    MayBind(TextRange),
    Use(TextRange),
    Unbind,
}

/// An act, in the order of evaluation within its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) block: BlockId,
    /// The variable's position among the symbols of the scope.
    pub(super) variable: u32,
    pub(super) act: Act,
}

/// The control flow of a scope.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) blocks: Vec<Block>,
    pub(super) edges: Vec<Edge>,
    /// Those of a block stand together.
    pub(super) events: Vec<Event>,
}

impl Graph {
    pub(super) fn new() -> Self {
        let block = |kind| Block { kind, range: None };
        let blocks = [BlockKind::Entry, BlockKind::Exit, BlockKind::Raise].map(block);
        Self { blocks: blocks.to_vec(), edges: Vec::new(), events: Vec::new() }
    }

    pub(super) fn add(&mut self, kind: BlockKind) -> BlockId {
        self.blocks.push(Block { kind, range: None });
        BlockId::at(self.blocks.len() - 1)
    }

    pub(super) fn connect(&mut self, leaves: impl IntoIterator<Item = Leave>, to: BlockId) {
        self.edges.extend(leaves.into_iter().map(|leave| Edge { leave, to }));
    }

    /// A place is evaluated in the block.
    pub(super) fn cover(&mut self, block: BlockId, range: TextRange) {
        let covered = &mut self.blocks[block.index()].range;
        *covered = Some(covered.map_or(range, |covered| covered.cover(range)));
    }
}
