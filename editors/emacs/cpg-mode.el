;;; cpg-mode.el --- Major mode for cpg programs  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages

;;; Commentary:

;; Highlighting, indentation, an index of items, and the language server by way of Eglot.

;;; Code:

(require 'rx)
(require 'seq)
(require 'compile)

(defgroup cpg nil
  "Programs that say what a code property graph is."
  :group 'languages)

(defcustom cpg-program "cpglang"
  "The cpglang program."
  :type 'string)

(defcustom cpg-indent-offset 2
  "How far what belongs to an item or stands in brackets is indented."
  :type 'integer
  :safe #'integerp)

;; BEGIN keywords (cargo xtask editors)
(defconst cpg-items
  '("use"
    "const"
    "fn"
    "schema"
    "evidence"
    "normalize"
    "relate"
    "union"
    "view"
    "fixpoint"
    "closure"
    "export"
    "check"
    "test"
    "template"
    "policy")
  "Words that begin items.")

(defconst cpg-words
  '("accepted"
    "after"
    "all"
    "and"
    "anti"
    "arrow"
    "as"
    "asc"
    "at"
    "before"
    "best"
    "between"
    "bound"
    "by"
    "case"
    "cast"
    "change_feed"
    "checkpoint"
    "confidence"
    "contains"
    "coverage"
    "csv"
    "dedupe"
    "delta"
    "depth"
    "derive"
    "desc"
    "distinct"
    "edge"
    "edges"
    "else"
    "empty"
    "error"
    "every"
    "expect"
    "extractor"
    "feature"
    "for"
    "from"
    "fuse"
    "given"
    "group"
    "id"
    "if"
    "in"
    "is"
    "join"
    "keep"
    "key"
    "left"
    "limit"
    "mode"
    "ndjson"
    "node"
    "nodes"
    "not"
    "not_null"
    "of"
    "on"
    "optimize"
    "or"
    "over"
    "overlaps"
    "parquet"
    "partition"
    "per"
    "props"
    "provider"
    "pruning"
    "pushdown"
    "rank"
    "references"
    "require"
    "retain"
    "score"
    "select"
    "semi"
    "severity"
    "sort"
    "span"
    "sql"
    "stats"
    "target_file_size"
    "text"
    "then"
    "to"
    "touches"
    "unique"
    "unless"
    "unnest"
    "vacuum"
    "via"
    "warn"
    "weight"
    "when"
    "where"
    "window"
    "within")
  "Other keywords.")
;; END keywords

(defconst cpg--name (rx (or (seq (any "A-Za-z_") (* (any "A-Za-z0-9_"))) (seq "`" (+ (not (any "`\n"))) "`"))))

(defconst cpg--item
  (concat "^" (regexp-opt cpg-items t) "\\_>\\(?:[ \t]+\\(" cpg--name "\\)\\)?")
  "An item's keyword and its name.")

(defconst cpg--closing '("all" "and" "asc" "desc" "distinct" "error" "or" "warn")
  "Keywords that may end a line; all others need something behind them.")

(defconst cpg--word
  ;; Neither a column of something, nor what is declared, called, compared or listed.
  (concat "\\(?:^\\|[^.`[:alnum:]_]\\)"
          "\\(?:" (regexp-opt (seq-difference cpg-words cpg--closing) t)
          "\\_>[ \t]*[^]:,.)}=<>!+*/%?| \t\n]"
          "\\|" (regexp-opt cpg--closing t) "\\_>[ \t]*\\(?:$\\|[^]:.(=]\\)\\)"))

(defun cpg--item-face ()
  "The face of the name of the item that was matched."
  (pcase (match-string 1)
    ("const" 'font-lock-constant-face)
    ("fn" 'font-lock-function-name-face)
    ((or "use" "export" "check") 'default)
    (_ 'font-lock-type-face)))

(defconst cpg-font-lock-keywords
  `((,cpg--item (1 font-lock-keyword-face) (2 (cpg--item-face) nil t))
    ("^@[ \t]*[A-Za-z_]+" . font-lock-preprocessor-face)
    (,(concat "\\_<\\(?:from\\|to\\|via\\|join\\|expect\\)[ \t]+\\(" cpg--name "\\)") 1 font-lock-type-face)
    (,(concat "\\_<as[ \t]+\\(" cpg--name "\\)") 1 font-lock-variable-name-face)
    (,(concat "\\(" cpg--name "\\)[ \t]*:[^:]") 1 font-lock-variable-name-face)
    ("\\_<\\([A-Za-z_][A-Za-z0-9_]*\\)(" 1 font-lock-function-name-face)
    (,(regexp-opt '("true" "false" "null") 'symbols) . font-lock-constant-face)
    (cpg--match-word . font-lock-keyword-face))
  "Highlighting of `cpg-mode'.")

(defun cpg--match-word (limit)
  "Find the next word before LIMIT that is a keyword where it stands."
  (when (re-search-forward cpg--word limit t)
    (let ((word (if (match-beginning 1) 1 2)))
      ;; What stands behind may be the next word.
      (goto-char (match-end word))
      (set-match-data (list (match-beginning word) (match-end word)))
      t)))

(defvar cpg-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23n" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?` "$" table)
    (dolist (operator '(?+ ?- ?% ?< ?> ?= ?| ?? ?!))
      (modify-syntax-entry operator "." table))
    table))

(defun cpg--indentation ()
  "How far the current line should be indented."
  (save-excursion
    (back-to-indentation)
    (let ((open (nth 1 (syntax-ppss))) (closes (looking-at "[})]")))
      (cond
       ((and open closes) (goto-char open) (current-indentation))
       ((not (re-search-backward "^[ \t]*[^ \t\n].*" nil t)) 0)
       ;; Outside brackets a blank line ends what stands above it.
       ((and (not open) (looking-at ".*\n[ \t]*$")) 0)
       ((looking-at ".*[{(][ \t]*\\(?://.*\\)?$\\|[a-z].*=[ \t]*\\(?://.*\\)?$")
        (+ (current-indentation) cpg-indent-offset))
       (t (current-indentation))))))

(defun cpg-indent-line ()
  "Indent a line.
A closing bracket as the line that opens it; other lines one step deeper behind an
opening bracket or the `=' of an item, and otherwise as the line above."
  (interactive)
  (let ((wanted (cpg--indentation)))
    (if (<= (current-column) (current-indentation))
        (indent-line-to wanted)
      (save-excursion (indent-line-to wanted)))))

;;;###autoload
(define-derived-mode cpg-mode prog-mode "cpg"
  "Major mode for cpg programs."
  (setq-local font-lock-defaults '(cpg-font-lock-keywords))
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "//[/!]?[ \t]*")
  (setq-local indent-line-function #'cpg-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local imenu-generic-expression
              (mapcar (lambda (item)
                        (list item (concat "^" item "[ \t]+\\(" cpg--name "\\)") 1))
                      (seq-difference cpg-items '("use" "export" "check"))))
  (setq-local compile-command (concat cpg-program " check ")))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.cpg\\'" . cpg-mode))

(add-to-list 'compilation-error-regexp-alist-alist
             '(cpglang "^ *\\(?:error\\|\\(warning\\)\\)\\[[a-z-]+\\]: .*\n +,-\\[\\(.+\\):\\([0-9]+\\):\\([0-9]+\\)\\]"
                       2 3 4 (1)))
(add-to-list 'compilation-error-regexp-alist 'cpglang)

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons 'cpg-mode (lambda (&optional _) (list cpg-program "lsp")))))

(provide 'cpg-mode)

;;; cpg-mode.el ends here
