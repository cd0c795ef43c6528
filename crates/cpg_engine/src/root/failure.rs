//! What a store says when a request fails.

use std::error::Error;
use std::io;

use object_store::Error as StoreError;

use crate::error::EngineError;

/// How stores are called by their clients that are reached by requests.
const REMOTE: &str = "S3";

/// How their clients tell of what has no kind of its own.
const GENERIC: &str = "Generic S3 error";

/// What stores say that have no such bucket.
const NO_BUCKET: &str = "NoSuchBucket";

/// What a machine of a cloud asks for to know who it is; on others nobody answers.
const WHO_AM_I: &str = "/latest/api/token";

/// An error of a store as one of a file.
pub(super) fn as_io(error: StoreError) -> io::Error {
    let kind = match &error {
        StoreError::NotFound { .. } if !is_no_bucket(&error) => io::ErrorKind::NotFound,
        StoreError::AlreadyExists { .. } | StoreError::Precondition { .. } => {
            io::ErrorKind::AlreadyExists
        }
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn is_no_bucket(error: &StoreError) -> bool {
    error.to_string().contains(NO_BUCKET)
}

/// What an error means that a store which is reached by requests is the cause of, while `what` is done; nothing where it is
/// not.
pub(crate) fn of_store(what: &str, error: &(dyn Error + 'static)) -> Option<EngineError> {
    let what = what.to_owned();
    let text = match cause(error) {
        Some(error @ StoreError::NotFound { .. }) if is_no_bucket(error) => error.to_string(),
        Some(error @ StoreError::Generic { store: REMOTE, .. }) => error.to_string(),
        Some(
            error @ (StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. }),
        ) => {
            let reason = reason(&error.to_string());
            return Some(EngineError::NoCredentials { out: what, reason });
        }
        Some(_) => return None,
        // Delta's kernel tells of its causes in words only.
        None => Some(error.to_string()).filter(|text| text.contains(GENERIC))?,
    };
    let reason = reason(&text);
    let says = |words: &str| text.contains(words);
    Some(if says(NO_BUCKET) {
        EngineError::NoBucket { what }
    } else if says("code: 403") || says("code: 401") {
        EngineError::NoCredentials { out: what, reason }
    } else if says(WHO_AM_I) {
        let reason = "none are said, and this machine has none".to_owned();
        EngineError::NoCredentials { out: what, reason }
    } else if says("code: 501") {
        EngineError::NoConditions { what, reason }
    } else {
        EngineError::StoreUnavailable { what, reason }
    })
}

/// The store's error in a chain of causes.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a StoreError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<StoreError>() {
            return Some(found);
        }
        if let Some(found) = error.downcast_ref::<Box<StoreError>>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>() {
            // What it holds is left out of its own chain.
            Some(error) => error.get_ref().map(|held| held as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// What a store says, in a line.
pub(super) fn reason(text: &str) -> String {
    let tagged = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once('<').map(|(value, _)| value.trim().to_owned())
    };
    match (tagged("Code"), tagged("Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code,
        _ => {
            // What went wrong stands behind what was tried, and how often.
            let last = text.rsplit(" - ").next().unwrap_or(text);
            last.split_whitespace().collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> StoreError {
        StoreError::Generic { store: REMOTE, source: text.to_owned().into() }
    }

    #[test]
    fn causes_are_found_wherever_they_are() {
        let told = |error: &(dyn Error + 'static)| of_store("it", error).map(|error| error.code());
        let unavailable = Some(cpg_base::Code::StoreUnavailable);
        assert_eq!(told(&generic("500")), unavailable);
        assert_eq!(told(&as_io(generic("500"))), unavailable);
        let nested = io::Error::other(as_io(generic("500")));
        assert_eq!(told(&nested), unavailable);
        assert_eq!(told(&io::Error::other("a full disk")), None);
        let in_words = io::Error::other(format!("Kernel error: {}", generic("500")));
        assert_eq!(told(&in_words), unavailable);
        let local = StoreError::Generic { store: "LocalFileSystem", source: "full".into() };
        assert_eq!(told(&local), None);
        let bucket = "<Code>NoSuchBucket</Code>".to_owned();
        let missing = StoreError::NotFound { path: "a".to_owned(), source: bucket.into() };
        assert_eq!(told(&as_io(missing)), Some(cpg_base::Code::NoBucket));
    }

    #[test]
    fn a_reason_is_a_line() {
        let text = "Error performing GET u in 1s - Server returned 403: <?xml?>\n<Error><Code>Denied</Code>\n<Message>No key</Message>";
        assert_eq!(reason(text), "Denied: No key");
        let text = "Error performing GET u in 1s, after 2 retries - HTTP error: \n timed out";
        assert_eq!(reason(text), "HTTP error: timed out");
    }
}
