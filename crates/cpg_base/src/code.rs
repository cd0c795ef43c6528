//! The registry of diagnostic codes. Each has a page under `docs/errors/`, embedded here, so a code without a
//! page does not compile.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// What kind of mistake a diagnostic reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name that users see.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// The code's page, in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => {
                        include_str!(concat!("../../../docs/errors/", $id, ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    // Reading and parsing.
    /// A file is not UTF-8.
    NotUtf8 = "not-utf8",
    /// A file is larger than the parser accepts.
    FileTooLarge = "file-too-large",
    /// Something else was expected here.
    Syntax = "syntax",
    /// A line starts with a word that starts no item.
    UnknownItem = "unknown-item",
    /// A string without its closing quote.
    UnterminatedString = "unterminated-string",
    /// A block comment without its end.
    UnterminatedComment = "unterminated-comment",
    /// Characters that reorder the text around them, and names that look like others.
    ConfusingText = "confusing-text",
    /// Brackets or operators nested deeper than the parser accepts.
    NestingTooDeep = "nesting-too-deep",

    // Names.
    /// No module of that name.
    UnknownModule = "unknown-module",
    /// No item of that name in scope.
    UnknownName = "unknown-name",
    /// No column of that name.
    UnknownColumn = "unknown-column",
    /// Several row sources have a column of that name.
    AmbiguousColumn = "ambiguous-column",
    /// No type of that name.
    UnknownType = "unknown-type",
    /// No function of that name.
    UnknownFunction = "unknown-function",
    /// No attribute of that name.
    UnknownAttribute = "unknown-attribute",
    /// An item of another kind was expected.
    WrongItemKind = "wrong-item-kind",
    /// Two items of one name.
    DuplicateItem = "duplicate-item",
    /// Two columns of one name.
    DuplicateColumn = "duplicate-column",
    /// Two parameters of one name.
    DuplicateParameter = "duplicate-parameter",
    /// Two row sources of one name.
    DuplicateAlias = "duplicate-alias",
    /// A clause that may stand once stands twice.
    DuplicateClause = "duplicate-clause",
    /// A clause that must stand is not there.
    MissingClause = "missing-clause",
    /// An imported name that nothing uses.
    UnusedUse = "unused-use",
    /// An item that should not be used any more.
    Deprecated = "deprecated",
    /// Items that need each other.
    CyclicItems = "cyclic-items",

    // Types.
    /// A value of another type was expected.
    TypeMismatch = "type-mismatch",
    /// Two values that have no common meaning are compared.
    Incomparable = "incomparable",
    /// Offsets or columns of different units meet.
    UnitMismatch = "unit-mismatch",
    /// Ids of different entities meet.
    IdMismatch = "id-mismatch",
    /// A value that may be null where none may be.
    UnguardedNull = "unguarded-null",
    /// `== null`.
    NullComparison = "null-comparison",
    /// A function called with arguments it does not take.
    WrongArguments = "wrong-arguments",
    /// A type written with arguments it does not take.
    WrongTypeArguments = "wrong-type-arguments",
    /// An aggregate where none may stand, or a plain value where one must.
    MisplacedAggregate = "misplaced-aggregate",
    /// A place given by line and column where none may stand.
    MisplacedPosition = "misplaced-position",
    /// A value outside the range it must be in.
    OutOfRange = "out-of-range",
    /// A call that becomes too large when its function is written out.
    ExpressionTooLarge = "expression-too-large",
    /// A pattern that a function would refuse.
    BadPattern = "bad-pattern",
    /// A condition that is the same for every row.
    ConstantCondition = "constant-condition",
    /// A key that is the same for every row.
    ConstantKey = "constant-key",
    /// A value compared with itself.
    SelfComparison = "self-comparison",
    /// A test or a default for what is never null.
    NeverNull = "never-null",
    /// A value that a list names twice.
    DuplicateValue = "duplicate-value",
    /// A parameter that its function or template does not use.
    UnusedParameter = "unused-parameter",
    /// A clause without effect.
    UnusedClause = "unused-clause",
    /// A value that is not constant where one must be.
    NotConstant = "not-constant",

    // Evidence, relations, unions, outputs.
    /// No extractor of that key.
    UnknownExtractor = "unknown-extractor",
    /// The extractor has no such table.
    UnknownTable = "unknown-table",
    /// A contract that differs from what the extractor emits.
    ContractMismatch = "contract-mismatch",
    /// A location of files that leads nowhere a program may look.
    BadLocation = "bad-location",
    /// No file at a location.
    MissingFile = "missing-file",
    /// Files that are not what the program says they are.
    UnreadableFile = "unreadable-file",
    /// No way to join two entities can be inferred.
    NoStrategy = "no-strategy",
    /// Several equally good ways to join two entities.
    AmbiguousStrategy = "ambiguous-strategy",
    /// A join without an equality: every row with every row.
    CrossJoin = "cross-join",
    /// An entity without a file or a span where one is needed.
    NoSpan = "no-span",
    /// A query that is no valid SQL over the relations of the program.
    BadSql = "bad-sql",
    /// A query that does more than read, or whose rows depend on more than what it reads.
    RefusedSql = "refused-sql",
    /// Rows that do not have the shape their schema says.
    SchemaMismatch = "schema-mismatch",
    /// A step that may take rows back when a fixpoint finds more.
    NotMonotone = "not-monotone",
    /// A value that a fixpoint could make anew in every round.
    UnboundedValue = "unbounded-value",
    /// A view of a fixpoint without an arm to begin with.
    UntypedView = "untyped-view",
    /// A union of nothing.
    EmptyUnion = "empty-union",
    /// Two outputs of one name.
    DuplicateOutput = "duplicate-output",
    /// An item that cannot be an output.
    NotExportable = "not-exportable",
    /// A check of a relation that no output needs.
    NotBuilt = "not-built",
    /// A test gives rows that nothing reads.
    UnreadGiven = "unread-given",
    /// A row that does not say all of its columns.
    MissingColumn = "missing-column",
    /// Expected rows that name different columns.
    UnevenRows = "uneven-rows",
    /// A policy that there is not, a setting that it does not have, or a value that the setting cannot have.
    UnknownSetting = "unknown-setting",
    /// Two equally specific policies for one setting.
    AmbiguousPolicy = "ambiguous-policy",
    /// A policy that does not fit what it is for.
    UnfitPolicy = "unfit-policy",
    /// A program without outputs.
    NothingExported = "nothing-exported",

    // What a run is told.
    /// A key of the profile that there is not.
    UnknownKey = "unknown-key",
    /// A key of the profile that cannot have this value.
    BadSetting = "bad-setting",
    /// No profile of that name.
    UnknownProfile = "unknown-profile",
    /// Flags, or variables, that contradict one another.
    ContradictorySettings = "contradictory-settings",
    /// Nothing of the program is selected by that.
    UnknownSelection = "unknown-selection",
    /// A selection without a table.
    NothingSelected = "nothing-selected",

    // Running.
    /// The source directory is missing, unreadable or no directory.
    BadSource = "bad-source",
    /// The sources hold nothing that an extractor reads.
    NothingToExtract = "nothing-to-extract",
    /// A file of evidence breaks while it is read.
    BrokenEvidence = "broken-evidence",
    /// Plans that do more than those of the build before.
    PlanRegressed = "plan-regressed",
    /// A document of a build that is not what it should be.
    BadArtifact = "bad-artifact",
    /// The graph cannot be exported as it was asked for.
    BadExport = "bad-export",
    /// The output directory cannot be used.
    BadOutput = "bad-output",
    /// A table that this build would write was written by something else.
    ForeignTable = "foreign-table",
    /// Another build is writing to the same output directory.
    OutputBusy = "output-busy",
    /// The log of a table cannot be read.
    DamagedLog = "damaged-log",
    /// There is no published build to read.
    NoBuild = "no-build",
    /// A run that there is not.
    UnknownRun = "unknown-run",
    /// A published build of which a part is not there any more.
    BuildGone = "build-gone",
    /// A build would not do what its plan says.
    PlanOutdated = "plan-outdated",
    /// A query is not valid SQL over the build.
    BadQuery = "bad-query",
    /// A fixpoint ended before all of its rows were found.
    BoundReached = "bound-reached",
    /// Two different things have one id.
    IdCollision = "id-collision",
    /// Rows break a check of the program.
    CheckFailed = "check-failed",
    /// Checks whose rows a published build does not have as the program means them.
    NotAudited = "not-audited",
    /// A test's relation gives other rows than the test expects.
    TestFailed = "test-failed",
    /// A table would get other columns, which its policy forbids.
    SchemaDiverged = "schema-diverged",
    /// An output whose location nobody knows how to reach.
    UnknownScheme = "unknown-scheme",
    /// A store that does not let anybody in.
    NoCredentials = "no-credentials",
    /// A store without the bucket of an output.
    NoBucket = "no-bucket",
    /// A store that does not keep two builds apart.
    NoConditions = "no-conditions",
    /// A store that does not answer, or with failures only.
    StoreUnavailable = "store-unavailable",
    /// Another build took an output over.
    LeaseLost = "lease-lost",
    /// Reading or writing a table failed.
    Storage = "storage",
    /// The work did not fit into the memory it was given.
    OutOfMemory = "out-of-memory",
    /// A budget of memory that a task cannot work with.
    TooLittleMemory = "too-little-memory",
    /// The build was interrupted.
    Interrupted = "interrupted",
    /// A defect of cpglang itself.
    Internal = "internal",
}

impl Code {
    /// The code of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id() == id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_page_is_about_its_code() {
        for code in Code::ALL {
            let title = format!("# {code}\n");
            assert!(
                code.page().starts_with(&title),
                "docs/errors/{code}.md must start with `{title}`"
            );
            assert!(code.page().len() > title.len() + 80, "docs/errors/{code}.md explains nothing");
        }
    }

    #[test]
    fn ids_are_unique() {
        for code in Code::ALL {
            assert_eq!(Code::from_id(code.id()), Some(*code));
        }
    }
}
