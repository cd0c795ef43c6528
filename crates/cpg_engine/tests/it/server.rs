//! A server on this machine that speaks the protocol of Amazon S3, and can be told to fail.

use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cpg_engine::{BucketLocation, Location, Patience};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3Builder;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

pub const BUCKET: &str = "builds";
pub const KEY: &str = "somebody";
pub const SECRET: &str = "a secret";

/// How long clients wait for an answer here.
const WAIT: Duration = Duration::from_secs(3);

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store says that it failed, and did nothing.
    Fails,
    /// The store did what it was asked for, and says that it failed.
    FailsLate,
    /// The store did what it was asked for; the connection ends without an answer.
    Lost,
    /// Nothing is done, and nobody answers.
    Silent,
    /// The store did what it was asked for, and its answer comes too late.
    Late,
}

impl Fault {
    pub const ALL: [Self; 5] = [Self::Fails, Self::FailsLate, Self::Lost, Self::Silent, Self::Late];
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    /// Whether it is to be done under a condition only.
    pub conditional: bool,
}

impl Asked {
    pub fn writes(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }
}

type Plan = Box<dyn FnMut(usize, &Asked) -> Option<Fault> + Send>;

/// What happened since it was last looked at, and what is to happen.
struct State {
    asked: Vec<Asked>,
    plan: Plan,
    ignores_conditions: bool,
}

/// A store with a bucket. It vanishes with all that is in it.
pub struct Store {
    folder: TempDir,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    // Ends the server.
    runtime: Runtime,
}

impl Store {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a folder can be made");
        let files = FileSystem::new(folder.path()).expect("the folder is there");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = builder.build();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("threads can be started");
        let listening = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listening.expect("this machine has ports");
        let address = listener.local_addr().expect("it listens");
        let state =
            State { asked: Vec::new(), plan: Box::new(|_, _| None), ignores_conditions: false };
        let state = Arc::new(Mutex::new(state));
        let server = Server {
            service,
            folder: folder.path().to_owned(),
            state: Arc::clone(&state),
            writing: Arc::default(),
        };
        runtime.spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(server.clone().serve(stream));
            }
        });
        Self { folder, address, state, runtime }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A prefix of the bucket, for clients that have not much patience.
    pub fn bucket(&self, prefix: &str) -> BucketLocation {
        BucketLocation::new(BUCKET, prefix)
            .with("aws_endpoint_url", &self.url())
            .with("aws_allow_http", "true")
            .with("aws_region", "us-east-1")
            .with("aws_access_key_id", KEY)
            .with("aws_secret_access_key", SECRET)
            .patient(Patience { request: WAIT, retries: 2, lease: Duration::from_secs(2) })
    }

    pub fn location(&self, prefix: &str) -> Location {
        self.bucket(prefix).into()
    }

    /// Where the objects of a prefix lie on this machine.
    pub fn objects(&self, prefix: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(prefix)
    }

    /// From now on, what becomes of each request, by its number and what it asks for.
    pub fn fail(&self, plan: impl FnMut(usize, &Asked) -> Option<Fault> + Send + 'static) {
        let mut state = self.state();
        state.asked.clear();
        state.plan = Box::new(plan);
    }

    /// From now on, everything is done.
    pub fn heal(&self) {
        self.fail(|_, _| None);
    }

    /// Writes an object as another client would, whether it is there or not.
    pub fn put(&self, key: &str, text: &str) {
        let client = AmazonS3Builder::new()
            .with_endpoint(self.url())
            .with_allow_http(true)
            .with_bucket_name(BUCKET)
            .with_access_key_id(KEY)
            .with_secret_access_key(SECRET)
            .build()
            .expect("all is said");
        let key = object_store::path::Path::from(key);
        let put = async move { client.put(&key, text.to_owned().into()).await };
        self.runtime.block_on(put).expect("it can be written");
    }

    /// Writes objects whether they are there or not, from now on.
    pub fn ignore_conditions(&self) {
        self.state().ignores_conditions = true;
    }

    /// What it was asked for since it was told what to do.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone)]
struct Server {
    service: S3Service,
    folder: PathBuf,
    state: Arc<Mutex<State>>,
    /// `s3s-fs` looks whether an object is there, and then writes it: between these another writer could get through, and
    /// an object's tag is written after the object. Here, nothing is done beside a write, so that its conditions hold as
    /// in a store that has them.
    writing: Arc<RwLock<()>>,
}

impl Server {
    async fn serve(self, stream: TcpStream) {
        let service = service_fn(|request| {
            let server = self.clone();
            // What was begun is done, also when nobody waits for it any more.
            async move { tokio::spawn(server.answer(request)).await.map_err(|_| "lost")? }
        });
        let connection = hyper::server::conn::http1::Builder::new();
        drop(connection.serve_connection(TokioIo::new(stream), service).await);
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Body>, &'static str> {
        let fault = {
            let headers = request.headers();
            let conditional =
                headers.contains_key("if-none-match") || headers.contains_key("if-match");
            let asked = Asked {
                method: request.method().clone(),
                path: request.uri().path().to_owned(),
                conditional,
            };
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.ignores_conditions && conditional {
                // Headers are signed, so they cannot be taken away.
                drop(std::fs::remove_file(self.folder.join(asked.path.trim_start_matches('/'))));
            }
            let number = state.asked.len();
            let fault = (state.plan)(number, &asked);
            state.asked.push(asked);
            fault
        };
        match fault {
            Some(Fault::Fails) => return Ok(failed()),
            Some(Fault::Silent) => return pending().await,
            _ => {}
        }
        let answer = match *request.method() {
            Method::GET | Method::HEAD => {
                let _reading = self.writing.read().await;
                self.service.call(request.map(Body::from)).await
            }
            _ => {
                let _writing = self.writing.write().await;
                self.service.call(request.map(Body::from)).await
            }
        };
        match fault {
            Some(Fault::FailsLate) => return Ok(failed()),
            Some(Fault::Lost) => return Err("lost"),
            Some(Fault::Late) => tokio::time::sleep(WAIT * 2).await,
            _ => {}
        }
        answer.map_err(|_| "the service failed")
    }
}

fn failed() -> Response<Body> {
    let text = "<Error><Code>InternalError</Code><Message>We were told to fail.</Message></Error>";
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
