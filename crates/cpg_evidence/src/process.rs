//! A program of somebody else's: isolated, and ended when it takes too much.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// What a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) memory_bytes: u64,
    pub(crate) output_bytes: u64,
}

/// Variables that a program sees; no others.
const VARIABLES: [&str; 7] = ["HOME", "LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TEMP", "TMPDIR"];

/// How much of what it says on its standard error is kept: the last of it.
const KEPT_WORDS: usize = 2000;

/// How often it is looked at whether it has ended.
const TICK: Duration = Duration::from_millis(5);

/// Why a program gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) message: String,
}

/// Runs a program to its end and gives what it printed to `receive`, in pieces, until `receive` refuses.
///
/// It runs in `folder`, reads nothing, sees few variables and is the first of its own group of processes, all of which
/// are ended with it.
pub(crate) fn run(
    command: &[String],
    folder: &Path,
    limits: Limits,
    receive: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), Failed> {
    run_with(command, folder, &[], limits, receive)
}

/// The same, with variables that it sees besides.
pub(crate) fn run_with(
    command: &[String],
    folder: &Path,
    variables: &[(&str, &str)],
    limits: Limits,
    mut receive: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), Failed> {
    let started = Instant::now();
    let mut child = start(command, folder, variables, limits).map_err(|error| Failed {
        message: format!("`{}` does not start: {}", command.join(" "), error.kind()),
    })?;
    let output = pieces(child.stdout.take());
    let words = pieces(child.stderr.take());
    let mut running = Running { child, words, said: Vec::new() };

    let mut printed = 0_u64;
    loop {
        let left = limits.time.saturating_sub(started.elapsed());
        match output.recv_timeout(left.min(Duration::from_millis(50))) {
            Ok(piece) => {
                printed += piece.len() as u64;
                if printed > limits.output_bytes {
                    let limit = limits.output_bytes;
                    return Err(running.end(format!("it printed more than {limit} bytes")));
                }
                receive(&piece).map_err(|message| running.end(message))?;
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                return Err(running.too_long(limits));
            }
            Err(RecvTimeoutError::Timeout) => running.listen(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = loop {
        match running.child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() > limits.time => return Err(running.too_long(limits)),
            Ok(None) => {
                running.listen();
                thread::sleep(TICK);
            }
            Err(error) => {
                return Err(running.end(format!("it cannot be waited for: {}", error.kind())));
            }
        }
    };
    if status.success() {
        return Ok(());
    }
    Err(running.end(format!("it ended with {}", spelled(status))))
}

fn start(
    command: &[String],
    folder: &Path,
    variables: &[(&str, &str)],
    limits: Limits,
) -> io::Result<Child> {
    let Some((program, args)) = command.split_first() else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let mut command = limited(program, limits.memory_bytes);
    command.args(args).current_dir(folder).env_clear();
    for (name, value) in std::env::vars_os() {
        if VARIABLES.iter().any(|kept| name.eq_ignore_ascii_case(kept)) {
            command.env(name, value);
        }
    }
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// The shell sets the limit and becomes the program, which then is the group's first process.
#[cfg(unix)]
fn limited(program: &str, memory_bytes: u64) -> Command {
    use std::os::unix::process::CommandExt as _;

    let mut command = Command::new("/bin/sh");
    let kibibytes = OsString::from((memory_bytes / 1024).to_string());
    command.arg("-c").arg("ulimit -v \"$0\" && exec \"$@\"").arg(kibibytes).arg(program);
    command.process_group(0);
    command
}

/// Ends every process of the group. What is left of one that ended by itself has no use either.
#[cfg(unix)]
fn kill_group(child: &Child) {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg("kill -s KILL -- -\"$0\"").arg(child.id().to_string());
    // Errors mean that nothing of it is left.
    drop(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status());
}

/// Elsewhere the program alone is ended.
#[cfg(not(unix))]
fn kill_group(_child: &Child) {}

/// Elsewhere there is no limit of memory.
#[cfg(not(unix))]
fn limited(program: &str, _memory_bytes: u64) -> Command {
    Command::new(OsString::from(program))
}

/// What a stream gives, a bounded way ahead. The thread ends with the stream: it is never waited for, since processes
/// that outlive their group may hold the stream open.
fn pieces(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(4);
    if let Some(stream) = stream {
        // Without a thread nothing arrives, which ends in the limit of time.
        drop(
            thread::Builder::new().name("external".to_owned()).spawn(move || copy(stream, &sender)),
        );
    }
    receiver
}

fn copy(mut stream: impl Read, sender: &SyncSender<Vec<u8>>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) if sender.send(buffer[..read].to_vec()).is_err() => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// A program that runs; when dropped it does no more.
struct Running {
    child: Child,
    words: Receiver<Vec<u8>>,
    said: Vec<u8>,
}

impl Running {
    /// Takes in what it said on its standard error.
    fn listen(&mut self) {
        while let Ok(piece) = self.words.try_recv() {
            self.hear(piece);
        }
    }

    fn hear(&mut self, piece: Vec<u8>) {
        self.said.extend(piece);
        let surplus = self.said.len().saturating_sub(KEPT_WORDS);
        self.said.drain(..surplus);
    }

    fn too_long(&mut self, limits: Limits) -> Failed {
        self.end(format!("it ran longer than {} s", limits.time.as_secs_f64()))
    }

    /// Ends it, and says why with its last words.
    fn end(&mut self, message: String) -> Failed {
        self.kill();
        self.listen();
        let said = String::from_utf8_lossy(&self.said);
        let said: String = said.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let message = if said.is_empty() { message } else { format!("{message}; it said: {said}") };
        Failed { message }
    }

    fn kill(&mut self) {
        kill_group(&self.child);
        drop(self.child.kill());
        drop(self.child.wait());
        // What it said last is on its way.
        if let Ok(piece) = self.words.recv_timeout(TICK) {
            self.hear(piece);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spelled(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("code {code}"),
        None => "a signal".to_owned(),
    }
}
