//! Starts the language server for Zed.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, Extension, LanguageServerId, Result, Worktree};

struct Cpglang;

impl Extension for Cpglang {
    fn new() -> Self {
        Self
    }

    /// The program that the settings name, else the one on the path.
    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let (path, arguments) = match settings {
            Some(binary) => (binary.path, binary.arguments),
            None => (None, None),
        };
        let command = path
            .or_else(|| worktree.which("cpglang"))
            .ok_or("`cpglang` is not on the path, and `lsp.cpglang.binary.path` is not set")?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }
}

zed::register_extension!(Cpglang);
