//! Which definitions reach which uses: static single assignment, as by Cytron and others, with the joins taken apart
//! again.
//!
//! An exception may leave a block anywhere, so that along such an edge comes what held at the start of the block and
//! everything that is bound in it.

use ruff_text_size::TextRange;
use rustc_hash::FxHashSet;

use super::dominators::Dominators;
use super::graph::{Act, BlockId, EdgeKind, Event, Graph};

/// How many steps are taken to join definitions in one file. Only code that assigns a name in thousands of branches,
/// one after the other, and uses it in each takes more.
const MAX_STEPS: usize = 4_000_000;

/// A use, and a definition that reaches it; none where there may have been none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reached {
    pub(super) variable: u32,
    pub(super) usage: (u32, u32),
    pub(super) definition: Option<(u32, u32)>,
}

/// What a variable may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Unbound,
    Bound(TextRange),
    Joined(usize),
}

/// Every use of a variable with what reaches it; none when `steps`, which counts down over a file, is used up.
pub(super) fn reached(
    graph: &Graph,
    dominators: &Dominators,
    variables: usize,
    steps: &mut Budget,
) -> Option<Vec<Reached>> {
    let mut renaming = Renaming::new(graph, dominators, variables);
    renaming.walk(dominators);
    let mut reached = Vec::new();
    let Renaming { joins, uses, .. } = renaming;
    let span = |range: TextRange| (range.start().to_u32(), range.end().to_u32());
    for (variable, range, value) in uses {
        let mut give = |definition: Option<TextRange>| {
            reached.push(Reached {
                variable,
                usage: span(range),
                definition: definition.map(span),
            });
        };
        match value {
            Value::Unbound => give(None),
            Value::Bound(definition) => give(Some(definition)),
            Value::Joined(join) => {
                for definition in sources(&joins, join, steps)? {
                    give(definition);
                }
            }
        }
    }
    reached.sort_unstable();
    reached.dedup();
    Some(reached)
}

/// How much is left of [`MAX_STEPS`].
pub(super) struct Budget(usize);

impl Budget {
    /// What it has at first.
    pub(super) const STEPS: usize = MAX_STEPS;

    pub(super) fn new() -> Self {
        Self(MAX_STEPS)
    }

    fn take(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

/// What comes together in a join, through the joins it comes from.
fn sources(
    joins: &[Vec<Value>],
    join: usize,
    steps: &mut Budget,
) -> Option<Vec<Option<TextRange>>> {
    let mut sources = Vec::new();
    let mut seen = FxHashSet::default();
    seen.insert(join);
    let mut next = vec![join];
    while let Some(join) = next.pop() {
        for value in &joins[join] {
            steps.take()?;
            match value {
                Value::Unbound => sources.push(None),
                Value::Bound(range) => sources.push(Some(*range)),
                Value::Joined(join) if seen.insert(*join) => next.push(*join),
                Value::Joined(_) => {}
            }
        }
    }
    Some(sources)
}

struct Renaming<'g> {
    /// By block, what it does.
    events: Vec<&'g [Event]>,
    /// By block, where exceptions go, and where it goes else.
    raises: Vec<Vec<BlockId>>,
    goes: Vec<Vec<BlockId>>,
    /// By block, the variables that are joined there, and the joins.
    joined: Vec<Vec<(u32, usize)>>,
    /// What comes together.
    joins: Vec<Vec<Value>>,
    /// By variable, what it holds.
    values: Vec<Value>,
    uses: Vec<(u32, TextRange, Value)>,
}

impl<'g> Renaming<'g> {
    fn new(graph: &'g Graph, dominators: &Dominators, variables: usize) -> Self {
        let blocks = graph.blocks.len();
        let mut events: Vec<&[Event]> = vec![&[]; blocks];
        for of_block in graph.events.chunk_by(|left, right| left.block == right.block) {
            events[of_block[0].block.index()] = of_block;
        }
        let mut raises = vec![Vec::new(); blocks];
        let mut goes = vec![Vec::new(); blocks];
        for edge in &graph.edges {
            let is_raise = edge.leave.kind == EdgeKind::Raise;
            let list = if is_raise { &mut raises } else { &mut goes };
            list[edge.leave.from.index()].push(edge.to);
        }
        let mut renaming = Self {
            events,
            raises,
            goes,
            joined: vec![Vec::new(); blocks],
            joins: Vec::new(),
            values: vec![Value::Unbound; variables],
            uses: Vec::new(),
        };
        renaming.place_joins(dominators, variables);
        renaming
    }

    /// Joins stand where different definitions of a variable meet that is used somewhere without being bound before in
    /// the same block.
    fn place_joins(&mut self, dominators: &Dominators, variables: usize) {
        let mut is_used = vec![false; variables];
        let mut binders: Vec<Vec<BlockId>> = vec![Vec::new(); variables];
        for events in &self.events {
            for event in *events {
                let binders = &mut binders[event.variable as usize];
                let is_bound_here = binders.last() == Some(&event.block);
                match event.act {
                    Act::Use(_) => is_used[event.variable as usize] |= !is_bound_here,
                    _ if is_bound_here => {}
                    _ => binders.push(event.block),
                }
            }
        }
        if !is_used.contains(&true) {
            return;
        }
        let frontiers = dominators.frontiers();
        let mut placed: FxHashSet<BlockId> = FxHashSet::default();
        for (variable, binders) in (0_u32..).zip(binders) {
            if !is_used[variable as usize] {
                continue;
            }
            placed.clear();
            let mut next = binders;
            while let Some(block) = next.pop() {
                if !dominators.is_reachable(block) {
                    continue;
                }
                for to in frontiers[block.index()].iter().chain(&self.raises[block.index()]) {
                    if placed.insert(*to) {
                        self.joined[to.index()].push((variable, self.joins.len()));
                        self.joins.push(Vec::new());
                        next.push(*to);
                    }
                }
            }
        }
    }

    fn walk(&mut self, dominators: &Dominators) {
        enum Step {
            Enter(BlockId),
            Leave(Vec<(u32, Value)>),
        }
        let children = dominators.children();
        let mut steps = vec![Step::Enter(BlockId::ENTRY)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(block) => {
                    steps.push(Step::Leave(self.block(block)));
                    steps.extend(children[block.index()].iter().map(|child| Step::Enter(*child)));
                }
                Step::Leave(before) => {
                    for (variable, value) in before.into_iter().rev() {
                        self.values[variable as usize] = value;
                    }
                }
            }
        }
    }

    /// Gives what variables held before.
    fn block(&mut self, block: BlockId) -> Vec<(u32, Value)> {
        let mut before = Vec::new();
        for index in 0..self.joined[block.index()].len() {
            let (variable, join) = self.joined[block.index()][index];
            self.set(variable, Value::Joined(join), &mut before);
        }
        self.arrive_all(block, true);
        for event in self.events[block.index()] {
            let variable = event.variable;
            let held = self.values[variable as usize];
            match event.act {
                Act::Use(range) => self.uses.push((variable, range, held)),
                Act::Unbind => self.set(variable, Value::Unbound, &mut before),
                Act::Bind(range) => {
                    self.set(variable, Value::Bound(range), &mut before);
                    self.raise_with(block, variable);
                }
                Act::MayBind(range) => {
                    self.joins.push(vec![held, Value::Bound(range)]);
                    let join = Value::Joined(self.joins.len() - 1);
                    self.set(variable, join, &mut before);
                    self.raise_with(block, variable);
                }
            }
        }
        self.arrive_all(block, false);
        before
    }

    fn set(&mut self, variable: u32, value: Value, before: &mut Vec<(u32, Value)>) {
        let held = std::mem::replace(&mut self.values[variable as usize], value);
        before.push((variable, held));
    }

    /// What variables hold now comes along the edges out of the block.
    fn arrive_all(&mut self, block: BlockId, raised: bool) {
        let list = if raised { &self.raises } else { &self.goes };
        for to in &list[block.index()] {
            for (variable, join) in &self.joined[to.index()] {
                self.joins[*join].push(self.values[*variable as usize]);
            }
        }
    }

    /// What a variable holds now comes along the exceptional edges out of the block.
    fn raise_with(&mut self, block: BlockId, variable: u32) {
        for to in &self.raises[block.index()] {
            let joined = &self.joined[to.index()];
            // Joins of a block were placed variable by variable.
            if let Ok(found) = joined.binary_search_by_key(&variable, |(variable, _)| *variable) {
                self.joins[joined[found].1].push(self.values[variable as usize]);
            }
        }
    }
}
