//! Which work comes first.
//!
//! Work that waits for nothing may start; among such work the start of the longest remaining chain goes first, since
//! nothing can make the whole shorter than that chain.

use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};

/// A piece of work and what is known of it beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step<W> {
    /// What is to be done.
    pub(crate) work: W,
    /// About how many microseconds it takes. Only the order of work depends on it.
    pub(crate) cost: u64,
    /// The work that must be done before. What is no step itself is done already.
    pub(crate) after: Vec<W>,
}

/// Work of which each piece waits for others.
#[derive(Debug)]
pub(crate) struct Schedule<W> {
    graph: DiGraph<W, ()>,
    /// By node: the cost of the longest chain that begins with it, and how many steps that chain has.
    chains: Vec<(u64, usize)>,
    waits: Vec<usize>,
    ready: BinaryHeap<(u64, std::cmp::Reverse<NodeIndex>)>,
}

/// Work that waits for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cycle;

/// A ticket for work that was taken, to be handed back when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(NodeIndex);

impl<W: Clone + Ord> Schedule<W> {
    /// A schedule of these steps.
    ///
    /// # Errors
    /// When steps wait for one another in a circle.
    pub(crate) fn new(steps: Vec<Step<W>>) -> Result<Self, Cycle> {
        let mut graph = DiGraph::with_capacity(steps.len(), steps.len());
        let nodes: BTreeMap<W, NodeIndex> = steps
            .iter()
            .map(|step| (step.work.clone(), graph.add_node(step.work.clone())))
            .collect();
        for step in &steps {
            for input in step.after.iter().filter_map(|work| nodes.get(work)) {
                graph.update_edge(*input, nodes[&step.work], ());
            }
        }
        let order = toposort(&graph, None).map_err(|_| Cycle)?;
        let mut chains = vec![(0, 0); steps.len()];
        for node in order.into_iter().rev() {
            let (cost, length) = graph
                .neighbors(node)
                .map(|reader| chains[reader.index()])
                .max()
                .unwrap_or_default();
            let own = steps[node.index()].cost.max(1);
            chains[node.index()] = (own.saturating_add(cost), length + 1);
        }
        let waits: Vec<usize> = graph
            .node_indices()
            .map(|node| graph.neighbors_directed(node, Direction::Incoming).count())
            .collect();
        let mut schedule = Self { graph, chains, waits, ready: BinaryHeap::new() };
        let first: Vec<NodeIndex> =
            schedule.graph.node_indices().filter(|n| schedule.waits[n.index()] == 0).collect();
        first.into_iter().for_each(|node| schedule.push(node));
        Ok(schedule)
    }

    fn push(&mut self, node: NodeIndex) {
        self.ready.push((self.chains[node.index()].0, std::cmp::Reverse(node)));
    }

    /// The next work that may start, and why it is next; `None` while all that remains waits.
    pub(crate) fn take(&mut self) -> Option<(Ticket, W, String)> {
        let (_, std::cmp::Reverse(node)) = self.ready.pop()?;
        let (cost, length) = self.chains[node.index()];
        let reason = match length {
            1 => format!("nothing waits for it; about {}", Seconds(cost)),
            _ => format!("starts the longest chain left: {length} steps, about {}", Seconds(cost)),
        };
        Some((Ticket(node), self.graph[node].clone(), reason))
    }

    /// Says that taken work is done.
    pub(crate) fn done(&mut self, ticket: Ticket) {
        let readers: Vec<NodeIndex> = self.graph.neighbors(ticket.0).collect();
        for reader in readers {
            self.waits[reader.index()] -= 1;
            if self.waits[reader.index()] == 0 {
                self.push(reader);
            }
        }
    }
}

/// Microseconds, for people.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.0 as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(work: char, cost: u64, after: &[char]) -> Step<char> {
        Step { work, cost, after: after.to_vec() }
    }

    fn drain(mut schedule: Schedule<char>) -> String {
        let mut order = String::new();
        while let Some((ticket, work, _)) = schedule.take() {
            order.push(work);
            schedule.done(ticket);
        }
        order
    }

    #[test]
    fn the_longest_chain_goes_first() -> Result<(), Cycle> {
        // `b` alone is dearer than `a`, but `a` begins a chain of 7; once `a` is done, 6 are left of it.
        let steps =
            vec![step('b', 5, &[]), step('a', 1, &[]), step('c', 3, &['a']), step('d', 3, &['c'])];
        assert_eq!(drain(Schedule::new(steps)?), "acbd");
        Ok(())
    }

    #[test]
    fn nothing_starts_before_what_it_waits_for() -> Result<(), Cycle> {
        let steps =
            vec![step('x', 100_000, &['y', 'z']), step('y', 1_000, &[]), step('z', 2_000, &['w'])];
        let mut schedule = Schedule::new(steps)?;
        let (first, work, reason) = schedule.take().expect("something is ready");
        assert_eq!(work, 'z', "what is no step, as `w`, is done already");
        assert_eq!(reason, "starts the longest chain left: 2 steps, about 0.102 s");
        let (second, _, _) = schedule.take().expect("`y` is ready too");
        assert_eq!(schedule.take(), None);
        schedule.done(first);
        assert_eq!(schedule.take(), None);
        schedule.done(second);
        assert_eq!(schedule.take().map(|(_, work, _)| work), Some('x'));
        Ok(())
    }

    #[test]
    fn circles_are_refused() {
        let steps = vec![step('a', 1, &['b']), step('b', 1, &['a'])];
        assert_eq!(Schedule::new(steps).map(drain), Err(Cycle));
    }
}
