//! What the targets about evidence try: the suite tries the same on fewer bytes.

#[cfg(feature = "evidence")]
pub mod evidence;
