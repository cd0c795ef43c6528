//! What answers requests, and what takes notifications.

pub(crate) mod calls;
pub(crate) mod commands;
pub(crate) mod completion;
pub(crate) mod diagnostics;
pub(crate) mod edits;
pub(crate) mod lenses;
pub(crate) mod navigation;
pub(crate) mod notifications;
pub(crate) mod symbols;
pub(crate) mod text;
pub(crate) mod tokens;

use lsp_types as lsp;

/// What the server can do. Whether it can be asked what is wrong depends on whether the client `asks`: both asking and
/// being told would show everything twice.
pub(crate) fn capabilities(
    encoding: lsp::PositionEncodingKind,
    asks: bool,
) -> lsp::ServerCapabilities {
    use lsp::OneOf::Left;
    lsp::ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(
            lsp::TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
                save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
                ..lsp::TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some([".", "@", "{", "<", ":"].map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: Some(["(", ","].map(str::to_owned).to_vec()),
            ..lsp::SignatureHelpOptions::default()
        }),
        definition_provider: Some(Left(true)),
        declaration_provider: Some(lsp::DeclarationCapability::Simple(true)),
        type_definition_provider: Some(lsp::TypeDefinitionProviderCapability::Simple(true)),
        references_provider: Some(Left(true)),
        document_highlight_provider: Some(Left(true)),
        document_symbol_provider: Some(Left(true)),
        workspace_symbol_provider: Some(Left(true)),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
            lsp::CodeActionOptions {
                code_action_kinds: Some(edits::action_kinds()),
                ..lsp::CodeActionOptions::default()
            },
        )),
        code_lens_provider: Some(lsp::CodeLensOptions { resolve_provider: Some(true) }),
        document_formatting_provider: Some(Left(true)),
        document_range_formatting_provider: Some(Left(true)),
        document_on_type_formatting_provider: Some(lsp::DocumentOnTypeFormattingOptions {
            first_trigger_character: "}".to_owned(),
            more_trigger_character: None,
        }),
        rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        })),
        document_link_provider: Some(lsp::DocumentLinkOptions {
            resolve_provider: None,
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        }),
        linked_editing_range_provider: Some(lsp::LinkedEditingRangeServerCapabilities::Simple(
            true,
        )),
        folding_range_provider: Some(lsp::FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(lsp::SelectionRangeProviderCapability::Simple(true)),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: commands::commands(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        call_hierarchy_provider: Some(lsp::CallHierarchyServerCapability::Simple(true)),
        semantic_tokens_provider: Some(
            lsp::SemanticTokensServerCapabilities::SemanticTokensOptions(tokens::options()),
        ),
        inlay_hint_provider: Some(Left(true)),
        diagnostic_provider: asks
            .then(|| lsp::DiagnosticServerCapabilities::Options(diagnostics::options())),
        workspace: Some(lsp::WorkspaceServerCapabilities {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(Left(true)),
            }),
            file_operations: Some(edits::file_operations()),
        }),
        ..lsp::ServerCapabilities::default()
    }
}
