//! Whether this build can read and write a table: the one place that says so.

use cpg_plan::signals::Protocol;
use deltalake::DeltaTable;
use deltalake::kernel::transaction::{PROTOCOL, TransactionError};

/// Whether a table can be read. One that cannot is refused by the names of the features that it asks for.
pub(crate) fn of_reader(table: &DeltaTable) -> Protocol {
    match table.snapshot() {
        Ok(snapshot) => judged(PROTOCOL.can_read_from(snapshot)),
        // Without a version it has no rows to misread.
        Err(_) => Protocol::Compatible,
    }
}

/// Whether a table can be written, which includes reading it.
pub(crate) fn of_writer(table: &DeltaTable) -> Protocol {
    match table.snapshot() {
        Ok(snapshot) => judged(PROTOCOL.can_write_to(snapshot)),
        Err(_) => Protocol::Compatible,
    }
}

fn judged(found: Result<(), TransactionError>) -> Protocol {
    match found {
        Ok(()) => Protocol::Compatible,
        Err(TransactionError::UnsupportedTableFeatures(features)) => {
            let mut features: Vec<String> = features.iter().map(ToString::to_string).collect();
            features.sort();
            Protocol::Incompatible { features }
        }
        Err(other) => Protocol::Incompatible { features: vec![other.to_string()] },
    }
}
