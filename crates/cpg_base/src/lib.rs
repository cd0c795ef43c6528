//! What every layer of cpglang stands on: byte ranges, line indexes, diagnostics with their codes, and the
//! [`System`] through which files, environment and clock are reached.
//!
//! Architecture invariants: nothing here knows the language, and diagnostics are plain values; rendering is at
//! the edge.

pub mod code;
pub mod diagnostic;
pub mod line_index;
pub mod range;
pub mod similar;
pub mod system;
mod write_whole;

pub use code::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity, SourceId};
pub use line_index::{LineColumn, LineIndex, TextUnit};
pub use range::TextRange;
pub use similar::nearest;
pub use system::{MemorySystem, OsSystem, System};
pub use write_whole::write_whole;
