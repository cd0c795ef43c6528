//! What happens when cpglang itself is wrong: people get a sentence and a report instead of a trace.

use std::backtrace::Backtrace;
use std::io::Write as _;
use std::panic::PanicHookInfo;

/// From now on, a panic writes a report and says where it is.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = report(info);
        let path = std::env::temp_dir().join(format!("cpglang-report-{}.txt", std::process::id()));
        let mut err = std::io::stderr().lock();
        // Nothing sensible can be done when even this fails.
        let _ = match std::fs::write(&path, &text) {
            Ok(()) => writeln!(
                err,
                "error[internal]: cpglang met a defect of its own; please report it with the file\n  {}\n  \
                 more: cpglang explain internal",
                path.display()
            ),
            Err(_) => writeln!(
                err,
                "error[internal]: cpglang met a defect of its own; please report it with this:\n{text}"
            ),
        };
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "?".to_owned(), ToString::to_string);
    let payload = info.payload();
    let message = payload.downcast_ref::<&str>().copied();
    let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!(
        "cpglang {} on {}\n{place}: {}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        message.unwrap_or("no message"),
        Backtrace::force_capture()
    )
}
