//! What jumps and exceptions go through on their way: loops, `try` and `with`.

use ruff_text_size::TextRange;

use super::graph::{BlockId, BlockKind, EdgeKind, Leave};
use super::walk::Walk;

/// A statement around the visited one.
pub(super) enum Frame {
    Loop { head: BlockId, breaks: Vec<Leave> },
    Guard(Guard),
}

/// A statement that exceptions reach.
#[derive(Default)]
pub(super) struct Guard {
    /// Where exceptions may occur.
    raising: Vec<Leave>,
    /// Whether jumps go through it, too.
    takes_jumps: bool,
    jumping: Vec<Leave>,
    /// Where those go then.
    jumps: Vec<Jump>,
}

/// A jump, with the loop as a position among the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jump {
    Return,
    Break(usize),
    Continue(usize),
}

impl<'a> Walk<'_, 'a> {
    /// What `visit` walks may raise, and an `except` may take it. Gives the ways there.
    pub(super) fn caught(&mut self, visit: impl FnOnce(&mut Self)) -> Vec<Leave> {
        self.guarded(false, visit).raising
    }

    /// However `visit` is left, `cleanup` comes next, and then what would have come: a block of its own that is walked
    /// once, for all ways through it. `swallows` says whether it may end an exception.
    pub(super) fn cleaned_up(
        &mut self,
        (kind, swallows): (BlockKind, bool),
        visit: impl FnOnce(&mut Self),
        cleanup: impl FnOnce(&mut Self),
    ) {
        let Guard { raising, jumping, jumps, .. } = self.guarded(true, visit);
        let mut open = self.take_open();
        let goes_on = !open.is_empty() || (swallows && !raising.is_empty());
        let raises = !raising.is_empty();
        open.extend(raising);
        open.extend(jumping);
        self.open = open;
        self.begin(kind);
        cleanup(self);
        let end = self.take_open();
        let Some(last) = self.single(end) else {
            return;
        };
        if raises {
            self.raise([Leave::new(last, EdgeKind::Raise)]);
        }
        for jump in jumps {
            self.jump(vec![Leave::new(last, jump.kind())], jump);
        }
        if goes_on {
            self.open = vec![Leave::new(last, EdgeKind::Next)];
        }
    }

    fn guarded(&mut self, takes_jumps: bool, visit: impl FnOnce(&mut Self)) -> Guard {
        // What comes before is not guarded.
        self.open = self.take_open();
        let outer = self.guard;
        self.guard = Some(self.frames.len());
        self.frames.push(Frame::Guard(Guard { takes_jumps, ..Guard::default() }));
        visit(self);
        self.open = self.take_open();
        self.guard = outer;
        // Frames are taken off in the order in which they were put on.
        match self.frames.pop() {
            Some(Frame::Guard(guard)) => guard,
            _ => Guard::default(),
        }
    }

    /// The one block that all ways leave; none where there are none.
    fn single(&mut self, leaves: Vec<Leave>) -> Option<BlockId> {
        match leaves.as_slice() {
            [] => None,
            [Leave { from, kind: EdgeKind::Next, .. }] => Some(*from),
            _ => {
                self.open = leaves;
                Some(self.here())
            }
        }
        .inspect(|_| {
            self.take_open();
        })
    }

    /// A loop: `head` is where an iteration begins. Gives the ways out by `break`.
    pub(super) fn looped(&mut self, head: BlockId, body: impl FnOnce(&mut Self)) -> Vec<Leave> {
        self.frames.push(Frame::Loop { head, breaks: Vec::new() });
        body(self);
        let end = self.take_open();
        self.graph.connect(end.into_iter().map(Leave::repeat), head);
        match self.frames.pop() {
            Some(Frame::Loop { breaks, .. }) => breaks,
            _ => Vec::new(),
        }
    }

    pub(super) fn returns(&mut self) {
        let leaves = self.take_open().into_iter().map(|leave| leave.with(EdgeKind::Return));
        let leaves = leaves.collect();
        self.jump(leaves, Jump::Return);
    }

    /// `break` or `continue`; in no loop, as the interpreter would refuse it, the end of the path.
    pub(super) fn breaks(&mut self, continues: bool) {
        let is_loop = |frame: &Frame| matches!(frame, Frame::Loop { .. });
        let leaves = self.take_open();
        if let Some(target) = self.frames.iter().rposition(is_loop) {
            let jump = if continues { Jump::Continue(target) } else { Jump::Break(target) };
            let leaves = leaves.into_iter().map(|leave| leave.with(jump.kind())).collect();
            self.jump(leaves, jump);
        }
    }

    /// An exception leaves these blocks.
    pub(super) fn raise(&mut self, leaves: impl IntoIterator<Item = Leave>) {
        let leaves = leaves.into_iter().map(|leave| leave.with(EdgeKind::Raise));
        match self.guard.and_then(|guard| self.frames.get_mut(guard)) {
            Some(Frame::Guard(guard)) => {
                for leave in leaves {
                    let is_known = guard.raising.last().is_some_and(|last| last.from == leave.from);
                    if !is_known {
                        guard.raising.push(leave);
                    }
                }
            }
            _ => self.graph.connect(leaves, BlockId::RAISE),
        }
    }

    /// The block may be left by an exception, which is told where something in the scope takes it.
    pub(super) fn may_raise(&mut self, block: BlockId) {
        if self.guard.is_some() {
            self.raise([Leave::new(block, EdgeKind::Raise)]);
        }
    }

    fn jump(&mut self, leaves: Vec<Leave>, jump: Jump) {
        for (position, frame) in self.frames.iter_mut().enumerate().rev() {
            match frame {
                Frame::Guard(guard) if guard.takes_jumps => {
                    let through = leaves.into_iter().map(|leave| leave.with(EdgeKind::Finally));
                    guard.jumping.extend(through);
                    if !guard.jumps.contains(&jump) {
                        guard.jumps.push(jump);
                    }
                    return;
                }
                Frame::Loop { breaks, .. } if jump == Jump::Break(position) => {
                    breaks.extend(leaves);
                    return;
                }
                Frame::Loop { head, .. } if jump == Jump::Continue(position) => {
                    let head = *head;
                    self.graph.connect(leaves, head);
                    return;
                }
                _ => {}
            }
        }
        self.graph.connect(leaves, BlockId::EXIT);
    }
}

impl Jump {
    fn kind(self) -> EdgeKind {
        match self {
            Self::Return => EdgeKind::Return,
            Self::Break(_) => EdgeKind::Break,
            Self::Continue(_) => EdgeKind::Continue,
        }
    }
}

impl Leave {
    /// The end of a loop's body, unless it is a branch that leads back.
    pub(super) fn repeat(self) -> Self {
        match self.kind {
            EdgeKind::Next => self.with(EdgeKind::Loop),
            _ => self,
        }
    }

    /// A way that is taken as a test says.
    pub(super) fn tested(from: BlockId, value: bool, test: TextRange) -> Self {
        let kind = if value { EdgeKind::True } else { EdgeKind::False };
        Self { from, kind, test: Some(test) }
    }
}
