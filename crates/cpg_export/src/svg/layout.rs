//! Which layer each node is in, and where in the layer.

/// How often layers are put in order by their neighbours.
const SWEEPS: usize = 8;

/// Layers from left to right, each from the top.
pub(super) struct Layout {
    pub(super) layers: Vec<Vec<usize>>,
}

impl Layout {
    /// Of nodes by number, and the ways between them.
    pub(super) fn new(nodes: usize, ways: &[(usize, usize)]) -> Self {
        let forward = without_ways_back(nodes, ways);
        let mut before = vec![Vec::new(); nodes];
        let mut after = vec![Vec::new(); nodes];
        for (src, dst) in &forward {
            before[*dst].push(*src);
            after[*src].push(*dst);
        }
        let mut layers: Vec<Vec<usize>> = Vec::new();
        for (node, layer) in depths(&before, &after).into_iter().enumerate() {
            layers.resize(layers.len().max(layer + 1), Vec::new());
            layers[layer].push(node);
        }
        let mut place = vec![0.0; nodes];
        note(&layers, &mut place);
        for sweep in 0..SWEEPS {
            let neighbours = if sweep % 2 == 0 { &before } else { &after };
            for layer in &mut layers {
                let mut keyed: Vec<(f64, usize)> = layer
                    .iter()
                    .map(|node| (middle(&neighbours[*node], &place, place[*node]), *node))
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                *layer = keyed.into_iter().map(|(_, node)| node).collect();
            }
            note(&layers, &mut place);
        }
        Self { layers }
    }
}

/// Where nodes are in their layers, from the middle.
fn note(layers: &[Vec<usize>], place: &mut [f64]) {
    for layer in layers {
        let count = u32::try_from(layer.len()).unwrap_or(u32::MAX);
        for (at, node) in (0_u32..).zip(layer) {
            place[*node] = f64::from(at) - f64::from(count) / 2.0;
        }
    }
}

/// The mean place of some nodes; `own` when there are none.
fn middle(nodes: &[usize], place: &[f64], own: f64) -> f64 {
    let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    match count {
        0 => own,
        count => nodes.iter().map(|node| place[*node]).sum::<f64>() / f64::from(count),
    }
}

/// By node, the length of the longest way to it.
fn depths(before: &[Vec<usize>], after: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut depth = vec![0; before.len()];
    let mut ready: Vec<usize> = (0..before.len()).filter(|node| missing[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for next in &after[node] {
            depth[*next] = depth[*next].max(depth[node] + 1);
            missing[*next] -= 1;
            if missing[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    depth
}

/// The ways but those that lead back to where a walk came from.
fn without_ways_back(nodes: usize, ways: &[(usize, usize)]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut after = vec![Vec::new(); nodes];
    let mut is_target = vec![false; nodes];
    for (src, dst) in ways {
        after[*src].push(*dst);
        is_target[*dst] |= src != dst;
    }
    let mut state = vec![State::New; nodes];
    let mut kept = Vec::new();
    // From where nothing leads first, so that ways back are back for readers, too.
    let starts = (0..nodes).filter(|node| !is_target[*node]);
    for start in starts.chain(0..nodes) {
        if state[start] != State::New {
            continue;
        }
        state[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(to) = after[*node].get(*next).copied() else {
                state[*node] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            if state[to] != State::Open {
                kept.push((*node, to));
            }
            if state[to] == State::New {
                state[to] = State::Open;
                path.push((to, 0));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_behind_what_leads_to_them() {
        // A diamond, a way back, and a node by itself.
        let layout = Layout::new(5, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 0)]);
        assert_eq!(layout.layers, [vec![0, 4], vec![1, 2], vec![3]]);
        assert_eq!(Layout::new(1, &[(0, 0)]).layers, [vec![0]]);
        assert!(Layout::new(0, &[]).layers.is_empty());
    }
}
