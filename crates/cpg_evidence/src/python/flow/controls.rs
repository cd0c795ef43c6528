//! Which blocks decide whether others are reached: the dominance frontiers of the graph with its ways turned round, as by
//! Ferrante, Ottenstein and Warren: "The Program Dependence Graph and Its Use in Optimization".

use super::dominators::Dominators;
use super::graph::{BlockId, BlockKind, EdgeKind, Graph};

/// Every block that can be reached and decides whether another one is, with that one. An exception that may interrupt a
/// block decides nothing: else each place in a `try` would control all that come after it.
pub(super) fn controls(graph: &Graph, forward: &Dominators) -> Vec<(BlockId, BlockId)> {
    let blocks = graph.blocks.len();
    let mut goes_on = vec![false; blocks];
    for edge in &graph.edges {
        goes_on[edge.leave.from.index()] |= edge.leave.kind != EdgeKind::Raise;
    }
    // Block `b` is node `b + 1`; node 0 is where all ways end.
    let node = |block: BlockId| BlockId::at(block.index() + 1);
    let mut back: Vec<Vec<BlockId>> = vec![Vec::new(); blocks + 1];
    for edge in &graph.edges {
        let from = edge.leave.from;
        // Where types are compared, an exception that fits none of them goes on for sure.
        let compares = graph.blocks[from.index()].kind == BlockKind::Except;
        let may_interrupt =
            edge.leave.kind == EdgeKind::Raise && goes_on[from.index()] && !compares;
        if forward.is_reachable(from) && !may_interrupt {
            back[node(edge.to).index()].push(node(from));
        }
    }
    let mut ends = vec![false; blocks + 1];
    let exits = [BlockId::EXIT, BlockId::RAISE].into_iter();
    // Loops without an end are taken to end where an iteration begins.
    let is_loop = |block: &BlockId| graph.blocks[block.index()].kind == BlockKind::Loop;
    let endless = (0..blocks).map(BlockId::at).filter(is_loop);
    for block in exits.chain(endless) {
        if forward.is_reachable(block) && !ends[node(block).index()] {
            back[0].push(node(block));
            mark(&back, node(block), &mut ends);
        }
    }
    let frontiers = Dominators::of_ways(&back).frontiers();
    let mut found = Vec::new();
    for (position, deciding) in frontiers.iter().enumerate().skip(1) {
        let controlled = BlockId::at(position - 1);
        let deciding = deciding.iter().map(|node| BlockId::at(node.index() - 1));
        found.extend(deciding.filter(|block| *block != controlled).map(|one| (one, controlled)));
    }
    found.sort_unstable();
    found
}

/// Marks what the ways from `start` lead to.
fn mark(ways: &[Vec<BlockId>], start: BlockId, marks: &mut [bool]) {
    let mut open = vec![start];
    marks[start.index()] = true;
    while let Some(node) = open.pop() {
        for next in &ways[node.index()] {
            if !std::mem::replace(&mut marks[next.index()], true) {
                open.push(*next);
            }
        }
    }
}
