//! The user's interpreter as a subprocess that may fail in every way.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const SCRIPT: &str = include_str!("script.py");

/// What an interpreter may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    /// Until it says what it is.
    start: Duration,
    /// For one file.
    file: Duration,
    /// For one answer, in bytes.
    answer: u64,
}

const LIMITS: Limits =
    Limits { start: Duration::from_secs(20), file: Duration::from_secs(60), answer: 256 << 20 };

/// How many bytes of its last words are kept.
const WORDS: usize = 600;

/// An interpreter that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    path: PathBuf,
    limits: Limits,
    /// What it is, as in `CPython 3.11.7`.
    pub(crate) version: String,
}

impl Interpreter {
    /// The interpreter at `path`, or by that name on the search path.
    ///
    /// # Errors
    /// Why it cannot be used, for people.
    pub(crate) fn at(path: &Path) -> Result<Self, String> {
        Self::with(path, LIMITS)
    }

    fn with(path: &Path, limits: Limits) -> Result<Self, String> {
        let shown = path.display();
        let mut process = Process::start(path, limits.answer)
            .map_err(|error| format!("`{shown}` cannot be run: {error}"))?;
        let greeting =
            process.answer(limits.start).map_err(|error| format!("`{shown}` {error}"))?;
        let (kind, version): (String, String) = serde_json::from_slice(&greeting)
            .map_err(|_| process.failed("is no Python interpreter"))
            .map_err(|error| format!("`{shown}` {error}"))?;
        Ok(Self { path: path.to_owned(), limits, version: format!("{kind} {version}") })
    }

    /// The first of these names that is an interpreter on the search path.
    ///
    /// # Errors
    /// Why the last cannot be used.
    pub(crate) fn on_path() -> Result<Self, String> {
        Self::at(Path::new("python3"))
            .or_else(|error| Self::at(Path::new("python")).map_err(|_| error))
    }
}

/// A conversation with an interpreter, which is started when it is needed and again when it failed.
pub(crate) struct Session<'i> {
    interpreter: &'i Interpreter,
    process: Option<Process>,
    /// How many files it failed on, one after the other.
    failures: u32,
    asked: u64,
}

/// After so many files on which it failed, one after the other, it is not asked any more.
const FAILURES: u32 = 3;

impl<'i> Session<'i> {
    pub(crate) fn new(interpreter: &'i Interpreter) -> Self {
        Self { interpreter, process: None, failures: 0, asked: 0 }
    }

    /// What it says of a file: the number of the question, and the answer that it starts with.
    ///
    /// # Errors
    /// How it failed, for people, with its last words.
    pub(crate) fn ask(&mut self, data: &[u8]) -> Result<(u64, Vec<u8>), String> {
        if self.failures >= FAILURES {
            return Err(format!(
                "the interpreter failed on {FAILURES} files in a row and is not asked any more"
            ));
        }
        self.asked += 1;
        let answer = self.answer(data);
        match &answer {
            Ok(_) => self.failures = 0,
            Err(_) => self.fail(),
        }
        Ok((self.asked, answer?))
    }

    /// What it said was rubbish: nothing that follows can be trusted.
    pub(crate) fn fail(&mut self) {
        self.failures += 1;
        self.process = None;
    }

    fn answer(&mut self, data: &[u8]) -> Result<Vec<u8>, String> {
        let limits = self.interpreter.limits;
        let process = match &mut self.process {
            Some(process) => process,
            none => {
                let mut process = Process::start(&self.interpreter.path, limits.answer)
                    .map_err(|error| format!("the interpreter cannot be run: {error}"))?;
                process.answer(limits.start).map_err(|error| format!("the interpreter {error}"))?;
                none.insert(process)
            }
        };
        process.send(self.asked, data);
        process.answer(limits.file).map_err(|error| format!("the interpreter {error}"))
    }
}

/// A running interpreter. It ends with this value.
struct Process {
    child: Child,
    /// What is to be written; a thread writes, so that a process that reads nothing stops nobody.
    input: Option<Sender<Vec<u8>>>,
    lines: Receiver<io::Result<Vec<u8>>>,
    /// The longest line.
    limit: u64,
    words: Arc<Words>,
    listener: JoinHandle<()>,
}

/// What it wrote last besides answers.
#[derive(Default)]
struct Words {
    kept: Mutex<VecDeque<u8>>,
    /// Whether nobody listens any more.
    is_over: AtomicBool,
}

impl Process {
    fn start(path: &Path, limit: u64) -> io::Result<Self> {
        let mut child = Command::new(path)
            .args(["-I", "-S", "-X", "utf8", "-W", "ignore", "-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        let (input, data) = channel::<Vec<u8>>();
        let (sender, lines) = sync_channel(1);
        let words = Arc::new(Words::default());
        let heard = Arc::clone(&words);
        let listener = spawn("words", move || listen(stderr, &heard))?;
        let process = Self { child, input: Some(input), lines, limit, words, listener };
        spawn("write", move || write(stdin, &data))?;
        spawn("read", move || {
            let mut stdout = BufReader::with_capacity(64 * 1024, stdout);
            loop {
                let line = line(&mut stdout, limit);
                let ends = !matches!(&line, Ok(line) if line.ends_with(b"\n"));
                if sender.send(line).is_err() || ends {
                    return;
                }
            }
        })?;
        Ok(process)
    }

    fn send(&mut self, number: u64, data: &[u8]) {
        let mut message = format!("{number} {}\n", data.len()).into_bytes();
        message.extend_from_slice(data);
        // Where nobody reads any more, nobody answers, which is told then.
        if let Some(input) = &self.input {
            let _ = input.send(message);
        }
    }

    fn answer(&mut self, limit: Duration) -> Result<Vec<u8>, String> {
        match self.lines.recv_timeout(limit) {
            Ok(Ok(line)) if line.ends_with(b"\n") => Ok(line),
            Ok(Ok(line)) if line.len() as u64 >= self.limit => {
                Err(self.failed(&format!("answered with more than {} bytes", self.limit)))
            }
            Ok(_) | Err(RecvTimeoutError::Disconnected) => Err(self.failed("ended")),
            Err(RecvTimeoutError::Timeout) => {
                Err(self.failed(&format!("did not answer within {limit:?}")))
            }
        }
    }

    /// Ends it, and says how it failed with its last words.
    fn failed(&mut self, how: &str) -> String {
        // What ended by itself says how.
        let status = a_little_later(|| self.child.try_wait().ok().flatten());
        let status = status.map_or_else(String::new, |status| format!(" ({status})"));
        self.stop();
        // What it started may live on and hold the other end.
        a_little_later(|| self.listener.is_finished().then_some(()));
        let mut words = self.words.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let words = String::from_utf8_lossy(words.make_contiguous()).into_owned();
        match words.trim() {
            "" => format!("{how}{status}"),
            words => format!("{how}{status}: {words}"),
        }
    }

    fn stop(&mut self) {
        self.input = None;
        self.words.is_over.store(true, Ordering::Relaxed);
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(format!("interpreter-{name}")).spawn(work)
}

fn write(mut stdin: ChildStdin, data: &Receiver<Vec<u8>>) {
    while let Ok(message) = data.recv() {
        if stdin.write_all(&message).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// The next line, cut where it is too long.
fn line(reader: &mut impl BufRead, limit: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.by_ref().take(limit).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// Keeps the end of everything that comes.
fn listen(mut reader: impl Read, words: &Words) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let mut kept = words.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&buffer[..count]);
        let surplus = kept.len().saturating_sub(WORDS);
        kept.drain(..surplus);
        // What it started may live on and never stop writing.
        if words.is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// What is there soon, or never.
fn a_little_later<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..40 {
        if let found @ Some(_) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

#[cfg(all(test, unix))]
#[path = "interpreter_tests.rs"]
mod tests;
