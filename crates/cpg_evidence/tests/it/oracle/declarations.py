# Definitions, parameters, imports, calls, decorators, docstrings and bases, as the syntax tree of the interpreter has them.
KINDS = {ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.ClassDef: "class", ast.Lambda: "lambda"}
SHAPES = VALUES | {ast.Subscript: "subscript"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def shown(value):
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else value


class Walk(Rows):
    def __init__(self, data, tree, offsets):
        super().__init__(data, offsets)
        self.awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
        self.visit(tree, None, False)

    def visit(self, node, container, in_string):
        if isinstance(node, DOCUMENTED):
            self.documented(node, container)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                self.defined(node, container, in_string)
            case ast.Import():
                for alias in node.names:
                    self.imported("import", alias.name, None, alias, 0, container)
            case ast.ImportFrom():
                for alias in node.names:
                    self.imported("from", node.module, alias.name, alias, node.level, container)
            case ast.Call():
                self.called(node, container, in_string)
        in_string = in_string or isinstance(node, ast.JoinedStr)
        inner = ("body",) if type(node) in KINDS else ()
        for field, held in ast.iter_fields(node):
            around = node if field in inner else container
            for child in held if isinstance(held, list) else [held]:
                if isinstance(child, ast.AST):
                    self.visit(child, around, in_string)

    def documented(self, node, container):
        text = ast.get_docstring(node)
        if text is None:
            return
        kind = KINDS.get(type(node), "module")
        owner = ("-", "-") if kind == "module" else self.span(node)
        start, end = self.offsets.span(node.body[0].value)
        text = escaped(whole_characters(text, self.explained))
        self.put(f"docstring of {kind}", False, *owner, start, end, text)

    def defined(self, node, container, in_string):
        kind = KINDS[type(node)]
        name = getattr(node, "name", "-")
        is_method = kind == "function" and isinstance(container, ast.ClassDef)
        is_async = isinstance(node, ast.AsyncFunctionDef)
        span = self.span(node)
        self.put(
            f"{kind} {name}", in_string, *span, *self.around(container), shown(is_method), shown(is_async),
        )
        for position, decorator in enumerate(getattr(node, "decorator_list", ())):
            is_call = shown(isinstance(decorator, ast.Call))
            self.put("decorator", False, *self.span(decorator), *span, position, is_call, *self.around(container))
        if kind == "class":
            given = [(base, None) for base in node.bases] + [(one.value, one) for one in node.keywords]
            for position, (value, keyword) in enumerate(self.as_written(given)):
                value = value.value if isinstance(value, ast.Starred) else value
                self.put("base", False, *span, position, shown(keyword and keyword.arg), *self.span(value))
        else:
            self.parameters(node.args, span, in_string)

    def as_written(self, given):
        return sorted(given, key=lambda one: self.span(one[1] or one[0]))

    def parameters(self, of, span, in_string):
        plain = [(one, "positional_only") for one in of.posonlyargs]
        plain += [(one, "positional_or_keyword") for one in of.args]
        defaults = [None] * (len(plain) - len(of.defaults)) + of.defaults
        all_ = [(*one, default) for one, default in zip(plain, defaults)]
        all_ += [(of.vararg, "var_positional", None)] if of.vararg else []
        all_ += [(one, "keyword_only", default) for one, default in zip(of.kwonlyargs, of.kw_defaults)]
        all_ += [(of.kwarg, "var_keyword", None)] if of.kwarg else []
        for position, (one, kind, default) in enumerate(all_):
            start, _ = self.span(one)
            self.put(f"parameter {one.arg} {kind}", in_string, *span, start, position, *self.span(default))

    def imported(self, kind, module, name, alias, level, container):
        is_star = kind == "from" and name == "*"
        name = None if is_star else name
        self.put(
            f"{kind} {shown(module)} {shown(name)} {shown(alias.asname)}", False, level, shown(is_star),
            *self.span(alias), *self.around(container),
        )

    def called(self, node, container, in_string):
        span = self.span(node)
        name = getattr(node.func, "id", getattr(node.func, "attr", "-"))
        self.put(
            f"call {name} {SHAPES.get(type(node.func), 'other').replace('constant', 'other')}", in_string,
            *span, *self.span(node.func), len(node.args), len(node.keywords),
            shown(any(isinstance(one, ast.Starred) for one in node.args)),
            shown(any(one.arg is None for one in node.keywords)),
            shown(id(node) in self.awaited), *self.around(container),
        )
        given = [(one, None) for one in node.args] + [(one.value, one) for one in node.keywords]
        for position, (value, keyword) in enumerate(self.as_written(given)):
            star = "*" if isinstance(value, ast.Starred) else "**" if keyword and keyword.arg is None else "-"
            value = value.value if star == "*" else value
            start, end = self.span(value)
            # The brackets of a call are those of a generator that is its only argument.
            if isinstance(value, ast.GeneratorExp):
                start = end = "-"
            self.put(
                f"argument {shown(keyword and keyword.arg)} {star} {value_kind(value)}", in_string,
                *span, position, start, end,
            )


def rows(data, tree, offsets):
    walk = Walk(data, tree, offsets)
    yield from sorted(walk.lines)
    yield from (f"# {what}" for what in walk.explained)


run(rows)
