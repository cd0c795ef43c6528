//! Documents as files beside the run records.

use std::fmt;

use cpg_ir::canon::{Domain, Fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Artifact, ArtifactKind};
use crate::error::{EngineError, Result};
use crate::record::RunRecord;
use crate::root::{Place, of_store};

/// A document: what stands around a payload.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<P> {
    artifact: String,
    version: u32,
    payload: P,
}

/// The file of a document that is called after what it holds: equal ones of several runs are one.
pub(crate) fn name(kind: ArtifactKind, fingerprint: Fingerprint) -> String {
    format!("{}-{fingerprint}.json", kind.name())
}

/// A payload as a document.
///
/// # Errors
/// When it has no JSON form, which would be a defect.
pub(crate) fn document<A: Artifact>(payload: &A) -> Result<Vec<u8>> {
    let kind = A::KIND;
    let envelope = Envelope { artifact: kind.name().to_owned(), version: kind.version(), payload };
    serde_json::to_vec(&envelope).map_err(|error| EngineError::internal(kind.name(), error))
}

/// Puts a document into `folder` unless it is there, and says what it is called after.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write<A: Artifact>(folder: &Place, payload: &A) -> Result<Fingerprint> {
    let bytes = document(payload)?;
    let fingerprint = Fingerprint::of_bytes(Domain::Artifact, &bytes);
    folder
        .join(&name(A::KIND, fingerprint))
        .create_once(bytes)
        .map_err(|error| EngineError::io(format!("writing `{}`", A::KIND.name()), error))?;
    Ok(fingerprint)
}

/// What a run's document of some kind is called after.
///
/// # Errors
/// [`EngineError::BadArtifact`] when the run has none.
fn of_run(record: &RunRecord, kind: ArtifactKind) -> Result<Fingerprint> {
    record.artifacts.get(&kind).copied().ok_or_else(|| EngineError::BadArtifact {
        name: kind.name().to_owned(),
        reason: format!("`{}` has none", record.run),
    })
}

/// A document that a run left.
///
/// # Errors
/// As [`read`].
pub(crate) fn document_of<A: Artifact>(folder: &Place, record: &RunRecord) -> Result<A> {
    let (kind, fingerprint) = (A::KIND, of_run(record, A::KIND)?);
    read(&folder.join(&name(kind, fingerprint)), kind.name(), Some(fingerprint))
}

/// The payload of a run's document of some kind, which has the form of that kind.
///
/// # Errors
/// As [`read`].
pub(crate) fn any(folder: &Place, kind: ArtifactKind, record: &RunRecord) -> Result<Value> {
    let (path, told) = match kind {
        ArtifactKind::Run => (folder.join(&format!("{}.json", record.run)), None),
        _ => {
            let told = of_run(record, kind)?;
            (folder.join(&name(kind, told)), Some(told))
        }
    };
    let payload = payload(&path, kind, kind.name(), told)?;
    let bad = |error: serde_json::Error| EngineError::BadArtifact {
        name: kind.name().to_owned(),
        reason: error.to_string(),
    };
    kind.check(payload.clone()).map_err(bad)?;
    Ok(payload)
}

/// The payload of the document in a file, which is called `shown` in messages; of `fingerprint`, where one is given.
///
/// # Errors
/// [`EngineError::BadArtifact`] when it is not there, of another kind, of a later version, or not what it should be.
pub(crate) fn read<A: Artifact>(
    path: &Place,
    shown: &str,
    fingerprint: Option<Fingerprint>,
) -> Result<A> {
    let payload = payload(path, A::KIND, shown, fingerprint)?;
    serde_json::from_value(payload).map_err(|error| EngineError::BadArtifact {
        name: shown.to_owned(),
        reason: error.to_string(),
    })
}

/// The same, of whatever form.
fn payload(
    path: &Place,
    kind: ArtifactKind,
    shown: &str,
    fingerprint: Option<Fingerprint>,
) -> Result<Value> {
    let bad = |reason: &dyn fmt::Display| EngineError::BadArtifact {
        name: shown.to_owned(),
        reason: reason.to_string(),
    };
    let bytes =
        path.read().map_err(|error| of_store(shown, &error).unwrap_or_else(|| bad(&error)))?;
    if fingerprint.is_some_and(|told| told != Fingerprint::of_bytes(Domain::Artifact, &bytes)) {
        return Err(bad(&"it was changed after it was written"));
    }
    let Envelope { artifact, version, payload } =
        serde_json::from_slice::<Envelope<Value>>(&bytes).map_err(|error| bad(&error))?;
    if artifact != kind.name() {
        return Err(bad(&format!("it is a document of the kind `{artifact}`")));
    }
    if version > kind.version() {
        let reason = format!("version {version} was written by a later version of cpglang");
        return Err(bad(&reason));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use cpg_plan::policy::Features;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::capabilities::Capabilities;

    fn some() -> Capabilities {
        Capabilities {
            engine: "1".to_owned(),
            datafusion: "2".to_owned(),
            delta: "3".to_owned(),
            host: "linux".to_owned(),
            features: Features::default(),
        }
    }

    fn reason(folder: &TempDir, text: &Value) -> String {
        let path = Place::Local(folder.path().join("document.json"));
        path.create(text.to_string().into()).expect("it can be written");
        match read::<Capabilities>(&path, "it", None) {
            Err(EngineError::BadArtifact { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_is_read_and_equal_documents_are_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Local(folder.path().to_owned());
        let first = write(&place, &some()).expect("it is written");
        assert_eq!(write(&place, &some()).expect("it is there"), first);
        let path = place.join(&name(ArtifactKind::Capabilities, first));
        assert_eq!(read::<Capabilities>(&path, "it", Some(first)).expect("it is read"), some());
        let other = Fingerprint::of_bytes(Domain::Artifact, b"other");
        assert!(read::<Capabilities>(&path, "it", Some(other)).is_err(), "it is not the one");
    }

    #[test]
    fn what_is_unknown_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let payload = serde_json::to_value(some()).expect("JSON");
        let told = |artifact: &str, version: u32, payload: &Value| {
            let text = json!({ "artifact": artifact, "version": version, "payload": payload });
            reason(&folder, &text)
        };
        assert!(told("run", 1, &payload).contains("kind `run`"));
        assert!(told("capabilities", 2, &payload).contains("later version"));
        let mut more = payload.clone();
        more["unknown"] = json!(1);
        assert!(told("capabilities", 1, &more).contains("unknown field `unknown`"));
        assert!(told("capabilities", 1, &json!({})).contains("missing field"));
        assert!(reason(&folder, &json!({ "payload": payload })).contains("missing field"));
    }
}
