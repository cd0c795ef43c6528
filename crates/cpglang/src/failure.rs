//! Why a command did not do what it was asked for, and the exit code that says so.

use std::io;

use cpg_base::Code;
use cpg_engine::EngineError;

/// Why a command ends without its result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The program has errors, and they have been shown.
    Program,
    /// A test fails, and that has been shown.
    Tests,
    /// A published build breaks a check, and that has been shown.
    Audit,
    /// Something that a build needs is not as it should be, and that has been shown.
    Doctor,
    /// Something is wrong with the profile, and that has been shown.
    Profile,
    /// What was asked for makes no sense; what is wrong, and what to do.
    Usage {
        /// The page that says more, where there is more to say.
        code: Option<Code>,
        /// What is wrong.
        message: String,
        /// What to do next.
        help: String,
    },
    /// The engine could not do it.
    Engine(EngineError),
    /// A defect of ours: a program that checks could not be planned.
    Defect(String),
    /// Nobody reads the results any more.
    Closed,
}

impl Failure {
    /// What was asked for makes no sense.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { code: None, message: message.into(), help: help.into() }
    }

    /// The same of a kind that has a page.
    pub fn coded(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { code: Some(code), message: message.into(), help: help.into() }
    }

    /// Writing results failed.
    pub fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Engine(EngineError::Storage {
                what: "standard output".to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    /// What the process ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Program => 1,
            Self::Profile | Self::Usage { .. } => 2,
            Self::Defect(_) | Self::Doctor => 3,
            Self::Tests | Self::Audit => 4,
            Self::Engine(error) => match error.code() {
                Code::BadQuery | Code::SchemaDiverged => 1,
                Code::NothingSelected | Code::UnknownRun => 2,
                Code::CheckFailed | Code::IdCollision | Code::PlanRegressed => 4,
                Code::Interrupted => 130,
                _ => 3,
            },
        }
    }

    /// The page that says more.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Program
            | Self::Tests
            | Self::Audit
            | Self::Doctor
            | Self::Profile
            | Self::Closed => None,
            Self::Usage { code, .. } => *code,
            Self::Defect(_) => Some(Code::Internal),
            Self::Engine(error) => Some(error.code()),
        }
    }

    /// What happened; nothing when that has been shown.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Program
            | Self::Tests
            | Self::Audit
            | Self::Doctor
            | Self::Profile
            | Self::Closed => None,
            Self::Usage { message, .. } => Some(message.clone()),
            Self::Defect(message) => Some(message.clone()),
            Self::Engine(error) => Some(error.to_string()),
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Program
            | Self::Tests
            | Self::Audit
            | Self::Doctor
            | Self::Profile
            | Self::Closed => None,
            Self::Usage { help, .. } => Some(help.clone()),
            Self::Defect(_) => Some("this is a defect of cpglang; please report it".to_owned()),
            Self::Engine(error) => error.help(),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}
