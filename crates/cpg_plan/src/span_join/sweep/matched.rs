//! Which spans of the left list match any of the right list, without looking at the pairs.

use super::super::SpanPredicate;
use super::Span;

/// For each left span, whether some right span matches it. Both lists are sorted.
///
/// Whether the enclosing span has to be the innermost plays a role only when it is the left one that encloses: a left span
/// within any right span is also within an innermost one.
pub(in super::super) fn matched_left(
    predicate: SpanPredicate,
    left: &[Span],
    right: &[Span],
) -> Vec<bool> {
    match predicate {
        SpanPredicate::Overlaps => {
            let latest = latest_ends(right);
            left.iter()
                .map(|a| {
                    let started = right.partition_point(|b| b.start < a.end);
                    started > 0 && latest[started - 1] > a.start
                })
                .collect()
        }
        SpanPredicate::Within(_) => {
            let latest = latest_ends(right);
            let mut started = 0;
            left.iter()
                .map(|a| {
                    started += count_while(&right[started..], |b| b.start <= a.start);
                    started > 0 && latest[started - 1] >= a.end
                })
                .collect()
        }
        SpanPredicate::Contains(_) => {
            let earliest = earliest_ends(right);
            let mut before = 0;
            left.iter()
                .map(|a| {
                    before += count_while(&right[before..], |b| b.start < a.start);
                    earliest.get(before).is_some_and(|end| *end <= a.end)
                })
                .collect()
        }
    }
}

/// At each position the latest end up to there.
fn latest_ends(spans: &[Span]) -> Vec<i64> {
    let running = spans.iter().scan(i64::MIN, |latest, span| {
        *latest = span.end.max(*latest);
        Some(*latest)
    });
    running.collect()
}

/// At each position the earliest end from there on.
fn earliest_ends(spans: &[Span]) -> Vec<i64> {
    let mut ends: Vec<i64> = spans.iter().map(|span| span.end).collect();
    for i in (1..ends.len()).rev() {
        ends[i - 1] = ends[i - 1].min(ends[i]);
    }
    ends
}

fn count_while(spans: &[Span], holds: impl Fn(&Span) -> bool) -> usize {
    spans.iter().take_while(|span| holds(span)).count()
}
