// Written by `cargo xtask editors generate`.

static const char *const ITEM_WORDS[] = {
    "use",
    "const",
    "fn",
    "schema",
    "evidence",
    "normalize",
    "relate",
    "union",
    "view",
    "fixpoint",
    "closure",
    "export",
    "check",
    "test",
    "template",
    "policy",
};

#define LONGEST_ITEM_WORD 9
