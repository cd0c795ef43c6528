//! Tests of the span join: the sweep against nested loops, the operator against DataFusion's own joins, and its plans.

mod join;
mod logical;
mod physical;
mod support;
mod sweep;
