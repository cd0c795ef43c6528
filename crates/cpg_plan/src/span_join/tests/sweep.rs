//! The sweep against nested loops over the same lists.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::sweep::{Pair, Progress, Span, Sweep, matched_left};
use super::super::{Enclosing, SpanPredicate};
use super::support::PREDICATES;

fn span(start: i64, end: i64) -> Span {
    Span::new(start, end).expect("the test's spans do not end before they start")
}

/// The definition, on bare numbers.
fn holds(predicate: SpanPredicate, a: Span, b: Span) -> bool {
    let ((a_start, a_end), (b_start, b_end)) = ((a.start(), a.end()), (b.start(), b.end()));
    match predicate {
        SpanPredicate::Overlaps => a_start < b_end && b_start < a_end,
        SpanPredicate::Contains(_) => a_start <= b_start && b_end <= a_end,
        SpanPredicate::Within(_) => b_start <= a_start && a_end <= b_end,
    }
}

fn nested_loop(predicate: SpanPredicate, left: &[Span], right: &[Span]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            if holds(predicate, *a, *b) {
                pairs.push(Pair { left: i as u32, right: j as u32 });
            }
        }
    }
    let rank = |outers: &[Span], outer: u32| {
        let outer_span = outers[outer as usize];
        let length = i128::from(outer_span.end()) - i128::from(outer_span.start());
        (length, -i128::from(outer_span.start()), outer)
    };
    let all = pairs.clone();
    match predicate {
        SpanPredicate::Contains(Enclosing::Innermost) => pairs.retain(|pair| {
            let rivals = all.iter().filter(|other| other.right == pair.right);
            rivals.map(|other| rank(left, other.left)).min() == Some(rank(left, pair.left))
        }),
        SpanPredicate::Within(Enclosing::Innermost) => pairs.retain(|pair| {
            let rivals = all.iter().filter(|other| other.left == pair.left);
            rivals.map(|other| rank(right, other.right)).min() == Some(rank(right, pair.right))
        }),
        _ => {}
    }
    pairs
}

fn swept(predicate: SpanPredicate, left: &[Span], right: &[Span], limit: usize) -> Vec<Pair> {
    let mut sweep = Sweep::new(predicate, left, right);
    let mut pairs = Vec::new();
    loop {
        let mut some = Vec::new();
        let progress = sweep.fill(left, right, limit, &mut some);
        assert!(some.len() <= limit, "no more pairs than asked for");
        assert!(some.len() == limit || progress == Progress::Done, "stops early only at the end");
        pairs.append(&mut some);
        if progress == Progress::Done {
            return pairs;
        }
    }
}

/// Short, empty, touching, nested, crossing and equal spans, and now and then ones at the ends of the number range.
fn spans(most: usize) -> impl Strategy<Value = Vec<Span>> {
    let near = (0..16_i64, 0..9_i64).prop_map(|(start, length)| span(start, start + length));
    let far = (prop::sample::select(vec![i64::MIN, i64::MIN + 1, 0, 7, i64::MAX]), 0..3_i64)
        .prop_map(|(start, length)| span(start, start.saturating_add(length)));
    let wide = (0..5_i64, 0..5_i64).prop_map(|(a, b)| span(i64::MIN + a, i64::MAX - b));
    vec(prop_oneof![20 => near, 1 => far, 1 => wide], 0..most).prop_map(|mut spans| {
        spans.sort();
        spans
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn finds_what_nested_loops_find(left in spans(24), right in spans(24), limit in 1..40_usize) {
        for predicate in PREDICATES {
            let expected = nested_loop(predicate, &left, &right);
            let mut found = swept(predicate, &left, &right, limit);
            prop_assert_eq!(&found, &swept(predicate, &left, &right, usize::MAX), "{}", predicate);
            found.sort();
            prop_assert_eq!(found, expected, "{}", predicate);
        }
    }

    #[test]
    fn knows_which_left_spans_match(left in spans(24), right in spans(24)) {
        for predicate in PREDICATES {
            if predicate == SpanPredicate::Contains(Enclosing::Innermost) {
                continue;
            }
            let pairs = nested_loop(predicate, &left, &right);
            let expected: Vec<bool> = (0..left.len())
                .map(|i| pairs.iter().any(|pair| pair.left as usize == i))
                .collect();
            prop_assert_eq!(matched_left(predicate, &left, &right), expected, "{}", predicate);
        }
    }
}

#[test]
fn finds_pairs_among_thousands_of_crossing_spans() {
    // So many are active at once that the candidates fill several chunks, and each is inserted in the midst of them.
    let mut left: Vec<Span> = (0..3000).map(|i| span(i, i + 1200 + (i * 7919) % 900)).collect();
    left.sort();
    let mut right: Vec<Span> = (0..400).map(|i| span(i * 8, i * 8 + (i * 131) % 1900)).collect();
    right.sort();
    for predicate in PREDICATES {
        for (left, right) in [(&left, &right), (&right, &left)] {
            let mut found = swept(predicate, left, right, 1000);
            found.sort();
            // The oracle for the innermost is too slow here; those are a subset with one outer span each.
            match predicate {
                SpanPredicate::Contains(Enclosing::Innermost)
                | SpanPredicate::Within(Enclosing::Innermost) => {
                    assert!(found.iter().all(|pair| {
                        holds(predicate, left[pair.left as usize], right[pair.right as usize])
                    }));
                }
                _ => assert_eq!(found, nested_loop(predicate, left, right), "{predicate}"),
            }
        }
    }
}

#[test]
fn yields_enclosing_spans_from_the_outermost_in() {
    let left = [span(0, 9), span(1, 8), span(2, 7)];
    let right = [span(1, 2), span(3, 4)];
    let pairs = swept(SpanPredicate::Contains(Enclosing::All), &left, &right, 10);
    let pairs: Vec<_> = pairs.iter().map(|pair| (pair.left, pair.right)).collect();
    assert_eq!(pairs, [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)]);
}

#[test]
fn breaks_ties_between_innermost_spans_by_start_then_row() {
    // Two of length 3 around 4..5, the later of which is there twice, and a longer one.
    let left = [span(0, 9), span(2, 5), span(3, 6), span(3, 6)];
    let right = [span(4, 5)];
    let pairs = swept(SpanPredicate::Contains(Enclosing::Innermost), &left, &right, 10);
    assert_eq!(pairs, [Pair { left: 2, right: 0 }]);
}

#[test]
fn skips_runs_of_empty_spans_once() {
    // Quadratic in a naive scan: every left span starts where ten thousand empty right spans lie.
    let left = vec![span(5, 6); 10_000];
    let mut right = vec![span(5, 5); 10_000];
    right.insert(0, span(5, 7));
    let pairs = swept(SpanPredicate::Overlaps, &left, &right, usize::MAX);
    assert_eq!(pairs.len(), 10_000);
}

#[test]
fn refuses_spans_that_end_before_they_start() {
    assert_eq!(Span::new(3, 2), None);
    assert!(Span::new(3, 3).is_some());
}
