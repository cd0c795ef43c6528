//! Dominators and dominance frontiers, as by Cooper, Harvey and Kennedy: "A Simple, Fast Dominance Algorithm".

use super::graph::{BlockId, Graph};

/// The blocks that can be reached, and what dominates them.
pub(super) struct Dominators {
    /// By block, its number in reverse postorder; none for what cannot be reached.
    ranks: Vec<Option<usize>>,
    /// The blocks in reverse postorder.
    order: Vec<BlockId>,
    /// By rank, the rank of the immediate dominator; the entry's is its own.
    immediate: Vec<usize>,
    /// By rank, the ranks of the blocks that control comes from.
    before: Vec<Vec<usize>>,
}

impl Dominators {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut after: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
        for edge in &graph.edges {
            after[edge.leave.from.index()].push(edge.to);
        }
        Self::of_ways(&after)
    }

    /// `after` has, by block, the blocks that control goes to.
    pub(super) fn of_ways(after: &[Vec<BlockId>]) -> Self {
        let order = reverse_postorder(after);
        let mut ranks = vec![None; after.len()];
        for (rank, block) in order.iter().enumerate() {
            ranks[block.index()] = Some(rank);
        }
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
        for (rank, block) in order.iter().enumerate() {
            for to in &after[block.index()] {
                if let Some(to) = ranks[to.index()] {
                    before[to].push(rank);
                }
            }
        }
        let immediate = immediate(&before);
        Self { ranks, order, immediate, before }
    }

    pub(super) fn is_reachable(&self, block: BlockId) -> bool {
        self.ranks[block.index()].is_some()
    }

    /// The immediate dominator; none for the entry and for what cannot be reached.
    pub(super) fn immediate(&self, block: BlockId) -> Option<BlockId> {
        let rank = self.ranks[block.index()].filter(|rank| *rank > 0)?;
        Some(self.order[self.immediate[rank]])
    }

    /// By block, the blocks that it dominates immediately.
    pub(super) fn children(&self) -> Vec<Vec<BlockId>> {
        let mut children = vec![Vec::new(); self.ranks.len()];
        for block in &self.order {
            if let Some(dominator) = self.immediate(*block) {
                children[dominator.index()].push(*block);
            }
        }
        children
    }

    /// By block, the first blocks on the ways from it that it does not dominate.
    pub(super) fn frontiers(&self) -> Vec<Vec<BlockId>> {
        let mut frontiers: Vec<Vec<BlockId>> = vec![Vec::new(); self.ranks.len()];
        for (rank, before) in self.before.iter().enumerate() {
            // The entry has a way to it that is not an edge.
            if before.len() < 2 && rank > 0 {
                continue;
            }
            let block = self.order[rank];
            for start in before {
                let mut runner = *start;
                while rank == 0 || runner != self.immediate[rank] {
                    let frontier = &mut frontiers[self.order[runner].index()];
                    // Ways that meet have been walked on.
                    if frontier.last() == Some(&block) {
                        break;
                    }
                    frontier.push(block);
                    if runner == 0 {
                        break;
                    }
                    runner = self.immediate[runner];
                }
            }
        }
        frontiers
    }
}

fn reverse_postorder(after: &[Vec<BlockId>]) -> Vec<BlockId> {
    let mut order = Vec::with_capacity(after.len());
    let mut seen = vec![false; after.len()];
    seen[BlockId::ENTRY.index()] = true;
    let mut path = vec![(BlockId::ENTRY, 0)];
    while let Some((block, next)) = path.last_mut() {
        match after[block.index()].get(*next) {
            Some(to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[to.index()], true) {
                    path.push((*to, 0));
                }
            }
            None => {
                order.push(*block);
                path.pop();
            }
        }
    }
    order.reverse();
    order
}

/// By rank, the rank of the immediate dominator.
fn immediate(before: &[Vec<usize>]) -> Vec<usize> {
    let mut immediate: Vec<Option<usize>> = vec![None; before.len()];
    immediate[0] = Some(0);
    let mut changes = true;
    while changes {
        changes = false;
        for rank in 1..before.len() {
            let known = before[rank].iter().filter(|before| immediate[**before].is_some());
            let common = known.copied().reduce(|left, right| common(&immediate, left, right));
            if immediate[rank] != common {
                immediate[rank] = common;
                changes = true;
            }
        }
    }
    immediate.into_iter().map(Option::unwrap_or_default).collect()
}

/// The nearest dominator of two blocks, by rank.
fn common(immediate: &[Option<usize>], mut left: usize, mut right: usize) -> usize {
    while left != right {
        let later = if left > right { &mut left } else { &mut right };
        *later = immediate[*later].unwrap_or_default();
    }
    left
}
