//! `span_start`, `span_end` and `span_len`: what a span is made of.
//!
//! DataFusion's own field access returns a struct's child as it is, without the struct's nulls; these give null
//! for a null span, and read through `span(…)` when the plan still shows it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::buffer::NullBuffer;
use arrow::compute::kernels::numeric::sub_wrapping;
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use cpg_ir::types::PhysicalType;
use datafusion::common::{Result, exec_err};
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, called, return_field, span};
use crate::schema::arrow_type;

pub(super) fn functions() -> [OwnFunction; 3] {
    [
        function(Part::Start, "A span's first byte."),
        function(Part::End, "One past a span's last byte."),
        function(Part::Length, "How many bytes a span covers."),
    ]
}

fn function(part: Part, description: &'static str) -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(SpanPart {
            part,
            signature: Signature::exact(
                vec![arrow_type(&PhysicalType::Span)],
                Volatility::Immutable,
            ),
        }),
        version: 1,
        description,
        // A program says `s.start`; only the length has no other form.
        called: match part {
            Part::Start | Part::End => None,
            Part::Length => called(
                &[PhysicalType::Span],
                PhysicalType::Int64,
                false,
                ("span_len(span(cast(3, Offset<byte>), cast(8, Offset<byte>)))", "5"),
            ),
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Start,
    End,
    Length,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SpanPart {
    part: Part,
    signature: Signature,
}

impl ScalarUDFImpl for SpanPart {
    fn name(&self) -> &str {
        match self.part {
            Part::Start => "span_start",
            Part::End => "span_end",
            Part::Length => "span_len",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(self.name(), DataType::Int64, &args, false)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(|args| take_part(self.part, args), vec![])(&args.args)
    }

    /// `span_start(span(a, b))` is `a` where `b` cannot be null, since a null end makes the span null.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if let [Expr::ScalarFunction(call)] = args.as_slice()
            && call.func.inner().is::<span::Span>()
            && let [start, end] = call.args.as_slice()
        {
            let (kept, dropped) = match self.part {
                Part::Start => (start, end),
                Part::End => (end, start),
                Part::Length => return Ok(ExprSimplifyResult::Original(args)),
            };
            if !info.nullable(dropped)? {
                return Ok(ExprSimplifyResult::Simplified(kept.clone()));
            }
        }
        Ok(ExprSimplifyResult::Original(args))
    }
}

fn take_part(part: Part, args: &[ArrayRef]) -> Result<ArrayRef> {
    let Some(spans) = args[0].as_struct_opt() else {
        return exec_err!("a span is expected, not {}", args[0].data_type());
    };
    let ends = |index: usize| -> Int64Array {
        let ends = spans.column(index).as_primitive::<Int64Type>();
        let nulls = NullBuffer::union(spans.nulls(), ends.nulls());
        Int64Array::new(ends.values().clone(), nulls)
    };
    Ok(match part {
        Part::Start => Arc::new(ends(0)),
        Part::End => Arc::new(ends(1)),
        Part::Length => sub_wrapping(&ends(1), &ends(0))?,
    })
}
