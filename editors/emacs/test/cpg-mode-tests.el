;;; cpg-mode-tests.el --- Tests of cpg-mode  -*- lexical-binding: t; -*-

(require 'ert)
(require 'cpg-mode)
(require 'imenu)

(defmacro cpg-tests--with (text &rest body)
  "Evaluate BODY in a buffer of the mode that holds TEXT."
  (declare (indent 1))
  `(with-temp-buffer
     (insert ,text)
     (cpg-mode)
     (font-lock-ensure)
     (goto-char (point-min))
     ,@body))

(defun cpg-tests--faces (text)
  "The faces of every place where TEXT stands by itself."
  (save-excursion
    (goto-char (point-min))
    (let (found (case-fold-search nil))
      (while (re-search-forward (concat "\\_<" (regexp-quote text) "\\_>") nil t)
        (push (get-text-property (match-beginning 0) 'face) found))
      (nreverse found))))

(ert-deftest cpg-highlights-keywords-where-they-are-keywords ()
  (cpg-tests--with "normalize call from calls as c {
  id call_id in \"py_call\"
  keep name, text, key
  text clean = c.text nfc
  node \"CALL\" { text, key: c.key }
}
"
    (should (equal (cpg-tests--faces "normalize") '(font-lock-keyword-face)))
    (should (equal (cpg-tests--faces "call") '(font-lock-type-face)))
    (should (equal (cpg-tests--faces "calls") '(font-lock-type-face)))
    (should (equal (cpg-tests--faces "keep") '(font-lock-keyword-face)))
    (should (equal (cpg-tests--faces "text") '(nil font-lock-keyword-face nil nil)))
    (should (equal (cpg-tests--faces "key") '(nil font-lock-variable-name-face nil)))))

(ert-deftest cpg-highlights-strings-and-nested-comments ()
  (cpg-tests--with "const A = \"from // b\" // view\n/* a /* b */ c */\nview v = from a\n"
    (should (equal (cpg-tests--faces "from") '(font-lock-string-face font-lock-keyword-face)))
    (should (equal (cpg-tests--faces "view") '(font-lock-comment-face font-lock-keyword-face)))
    (should (equal (cpg-tests--faces "c") '(font-lock-comment-face)))))

(ert-deftest cpg-indents-as-the-formatter-does ()
  (let ((root (locate-dominating-file default-directory "Cargo.toml")) (checked 0))
    (dolist (file (directory-files-recursively (expand-file-name "stdlib" root) "\\.cpg\\'"))
      (cpg-tests--with (with-temp-buffer (insert-file-contents file) (buffer-string))
        ;; Lines that the mode cannot know better than by the line above are left out.
        (while (not (eobp))
          (when (looking-at "^\\(?:[ \t]*[})]\\|[a-z]+ .*{$\\)")
            (let ((wanted (current-indentation)))
              (cpg-indent-line)
              (should (equal (list file (line-number-at-pos) (current-indentation))
                             (list file (line-number-at-pos) wanted)))
              (setq checked (1+ checked))))
          (forward-line 1))))
    (should (> checked 100))))

(ert-deftest cpg-indexes-items ()
  (cpg-tests--with "view a = from b\nfn f(x: int) = x\nexport a\n"
    (let ((index (funcall imenu-create-index-function)))
      (should (equal (mapcar #'car (cdr (assoc "view" index))) '("a")))
      (should (equal (mapcar #'car (cdr (assoc "fn" index))) '("f")))
      (should-not (assoc "export" index)))))

(ert-deftest cpg-finds-errors-in-what-the-compiler-prints ()
  (with-temp-buffer
    (insert "  error[unknown-column]: no\n    ,-[shop.cpg:9:11]\n"
            "  warning[unused-use]: so\n    ,-[shop.cpg:3:1]\n")
    (compilation-mode)
    (compilation--ensure-parse (point-max))
    (goto-char (point-min))
    (let ((message (get-text-property (point) 'compilation-message)))
      (should message)
      (should (equal (compilation--message->type message) 2)))
    (forward-line 2)
    (should (equal (compilation--message->type (get-text-property (point) 'compilation-message)) 1))))

;;; cpg-mode-tests.el ends here
