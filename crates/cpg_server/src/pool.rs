//! Threads that answer.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, unbounded};

/// What a worker is given.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Room for what recurses over long chains of items; untouched pages cost nothing.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Threads that take jobs in the order in which they come; they end with the pool.
pub(crate) struct Pool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// So many threads of that name.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(name: &str, threads: usize) -> io::Result<Self> {
        let (jobs, taken) = unbounded::<Job>();
        let start = |number| {
            let taken = taken.clone();
            let builder = Builder::new().name(format!("{name}-{number}")).stack_size(STACK_BYTES);
            // Whose job panics takes the next one: what it was is told where it happens.
            builder.spawn(move || {
                taken.iter().for_each(|job| drop(catch_unwind(AssertUnwindSafe(job))));
            })
        };
        let threads = (0..threads).map(start).collect::<io::Result<_>>()?;
        Ok(Self { jobs: Some(jobs), threads })
    }

    /// Gives a job to a thread that is free, or to the first that will be.
    pub fn give(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The threads live as long as the pool does.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // No job's panic reaches it.
            let _ = thread.join();
        }
    }
}
