//! Replacing a file without a moment in which half of it is there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that has its old bytes, or none, or all of the new ones, whenever the machine stops. A link stays a
/// link, and what the file permits stays permitted.
///
/// # Errors
/// As the operating system gives them; the file is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let existing = path.canonicalize().ok();
    let path = existing.as_deref().unwrap_or(path);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        if existing.is_some() {
            file.set_permissions(fs::metadata(path)?.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    // The rename itself lasts only once the folder is on the disk; not every system can do that.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        drop(folder.sync_all());
    }
    Ok(())
}
