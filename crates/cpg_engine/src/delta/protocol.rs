//! Whether this build can read and write a table: the one place that says so.

use cpg_plan::signals::Protocol;
use deltalake::kernel::transaction::{PROTOCOL, TransactionError};
use deltalake::{DeltaTable, kernel};

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

/// The protocol that a table needs to say what changed, where it has a lower one. The table property alone means nothing to
/// writers that do not know it: <https://github.com/delta-io/delta/blob/master/PROTOCOL.md#add-cdc-file>.
///
/// # Errors
/// When the protocol has no such form, which would be a defect.
pub(crate) fn with_change_feed(
    protocol: &kernel::Protocol,
) -> serde_json::Result<Option<kernel::Protocol>> {
    const WRITER_VERSION: u64 = 4;
    const FEATURES: u64 = 7;
    const FEATURE: &str = "changeDataFeed";
    let mut json = serde_json::to_value(protocol)?;
    match json["minWriterVersion"].as_u64() {
        Some(FEATURES..) => {
            let Some(features) = json["writerFeatures"].as_array_mut() else { return Ok(None) };
            if features.iter().any(|feature| feature == FEATURE) {
                return Ok(None);
            }
            features.push(FEATURE.into());
        }
        Some(WRITER_VERSION..) => return Ok(None),
        _ => json["minWriterVersion"] = WRITER_VERSION.into(),
    }
    serde_json::from_value(json).map(Some)
}
