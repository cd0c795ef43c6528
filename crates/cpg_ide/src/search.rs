//! Whether a name is what somebody is typing.

/// How well `name` fits what was typed: lower is better; `None` when it does not.
pub(crate) fn fit(name: &str, typed: &str) -> Option<u8> {
    if name.starts_with(typed) {
        return Some(0);
    }
    let (name, typed) = (name.to_ascii_lowercase(), typed.to_ascii_lowercase());
    if name.starts_with(&typed) {
        return Some(1);
    }
    if name.contains(&typed) {
        return Some(2);
    }
    // Its characters in their order.
    let mut rest = name.chars();
    typed.chars().all(|c| rest.any(|other| other == c)).then_some(3)
}
