# Short names for shrink.py. A .mpy keeps each name it uses once, and spends one byte on each use of the first 128 and two on the others. So
# what nobody outside sees is called what is there anyway, then what MicroPython itself has, and only then a, b, c; functions, attributes
# and arguments share these names, for they never meet.
import ast
import builtins

# MicroPython's static names, as they are numbered in .mpy files of version 6: the first cost one byte, the others two.
STATIC = (
    "ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception GeneratorExit ImportError "
    "IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError NoneType NotImplementedError "
    "OverflowError RuntimeError StopIteration SyntaxError SystemExit TypeError ValueError ZeroDivisionError abs all any append "
    "args bool builtins bytearray bytecode bytes callable chr classmethod clear close const copy count dict dir divmod end "
    "endswith eval exec extend find format from_bytes get getattr globals hasattr hash id index insert int isalpha isdigit "
    "isinstance islower isspace issubclass isupper items iter join key keys len list little locals lower lstrip main map "
    "micropython next object open ord pop popitem pow print range read readinto readline remove replace repr reverse rfind rindex "
    "round rsplit rstrip send sep set setattr setdefault sort sorted split start startswith staticmethod step stop str strip sum "
    "super throw to_bytes tuple type update upper value values write zip"
).split()
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Attributes of what is imported: their names are not ours, whoever has them too.
FOREIGN = (
    "socket setblocking connect readinto recv_into write send close open cadata server_hostname check_hostname verify_mode "
    "do_handshake_on_connect load_verify_locations load_default_certs load_cert_chain wrap_socket move_to_end errno"
).split()
GETTERS = ("getattr", "hasattr", "setattr")


def is_dunder(name):
    return name.startswith("__")


def count(counts, name):
    counts[name] = counts.get(name, 0) + 1


class Names:
    """What a module's names are: those of its functions and classes, of attributes, and those that have to stay."""

    def __init__(self, tree, public):
        self.tree = tree
        self.public = public
        self.globals, self.attributes, self.stays = {}, {}, set()
        kept = set(FOREIGN)
        for kind in (list, dict, set, bytes, bytearray, str, memoryview, OSError):
            kept.update(dir(kind))
        defined = set()
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                defined.add(node.name)
            elif isinstance(node, ast.Assign):
                defined.update(t.id for t in node.targets if isinstance(t, ast.Name))
        owned = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                owned.add(node.attr)
            elif isinstance(node, ast.ClassDef):
                owned.update(n.name for n in node.body if isinstance(n, ast.FunctionDef))
                owned.update(t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in defined:
                self.use(self.globals, node.id, ())
            elif isinstance(node, ast.Name) and hasattr(builtins, node.id):
                self.stays.add(node.id)
            elif isinstance(node, ast.Attribute):
                self.use(self.attributes if node.attr in owned else {}, node.attr, kept)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self.stays.update(a.asname or a.name for a in node.names)
            elif isinstance(node, ast.keyword) and node.arg:
                self.stays.add(node.arg)
        for name in owned:
            if name not in self.stays and name not in self.attributes:
                self.use(self.attributes, name, kept)
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.use(self.globals, node.name, ())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (is_dunder(node.name) or node.name in public):
                self.stays.update(a.arg for a in node.args.args if a.arg in public or a.arg == "self")

    def use(self, counts, name, kept):
        if name in self.public or name in kept or is_dunder(name):
            self.stays.add(name)
        else:
            count(counts, name)

    def order(self):
        """Names as they come: those of the module first, for its code is."""
        found = {}
        for node in self.tree.body:
            for alias in getattr(node, "names", []):
                found[alias.asname or alias.name] = True
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[node.name] = True
        for node in [n for top in self.tree.body for n in ast.walk(top)]:
            for name in (getattr(node, "name", None), getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "arg", None)):
                if isinstance(name, str):
                    found[name] = True
        return found

    def pool(self, taken):
        """Names in the order of what they cost."""
        there = [n for n in self.order() if n in self.stays and n.isidentifier() and not is_dunder(n) and n not in ("None", "True", "False")]
        for name in there + [n for n in STATIC if n not in self.stays] + list(LETTERS):
            if name not in taken:
                yield name

    def given(self, counts, taken):
        pool = self.pool(taken)
        return {name: next(pool) for name in sorted(counts, key=lambda n: (-counts[n], n))}

    def rename(self):
        imported = {a.asname or a.name for n in ast.walk(self.tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
        called = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and hasattr(builtins, n.id)}
        globals_ = self.given(self.globals, imported | called | self.public)
        own = {n.name for c in self.tree.body if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, ast.FunctionDef)}
        own |= {n.attr for n in ast.walk(self.tree) if isinstance(n, ast.Attribute) and n.attr in self.public}
        # What is asked for by its name is an attribute, too.
        own |= {n.value for n in ast.walk(self.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value in self.public}
        own |= {t.id for c in self.tree.body if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, ast.Assign) for t in n.targets if t.id in self.public}
        for base in (dict, OSError):
            own.update(dir(base))
        own.update(FOREIGN)
        attributes = self.given(self.attributes, own)
        return Renamed(globals_, attributes, self).visit(self.tree)


class Renamed(ast.NodeTransformer):
    def __init__(self, globals_, attributes, names):
        self.globals = globals_
        self.attributes = attributes
        self.names = names
        self.locals = {}
        self.in_class = False

    def short(self, name):
        return self.locals.get(name) or self.globals.get(name, name)

    def visit_FunctionDef(self, node):
        node.name = (self.attributes if self.in_class else self.globals).get(node.name, node.name)
        outer, self.locals = self.locals, self.named(node)
        arguments = node.args.args + [a for a in (node.args.vararg, node.args.kwarg) if a]
        for a in arguments:
            a.arg = self.short(a.arg)
        node.args.defaults = [self.visit(d) for d in node.args.defaults]
        node.body = [self.visit(s) for s in node.body]
        self.locals = outer
        return node

    def named(self, node):
        """Arguments take the hottest names, for those are kept; other variables are nowhere."""
        arguments = [a.arg for a in node.args.args] + [a.arg for a in (node.args.vararg, node.args.kwarg) if a]
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        stored |= {n.name for n in ast.walk(node) if isinstance(n, ast.ExceptHandler) and n.name}
        stored |= {a.arg for n in ast.walk(node) if isinstance(n, ast.Lambda) for a in n.args.args}
        local = set(arguments) | stored
        used = {self.globals.get(n.id, n.id) for n in ast.walk(node) if isinstance(n, ast.Name) and n.id not in local}
        used |= {n for n in ast.walk(node) if isinstance(n, ast.Global) for n in n.names}
        fixed = [a for a in arguments if a in self.names.public] if is_dunder(node.name) or node.name in self.names.public else []
        hot = list(self.attributes.values()) + list(LETTERS)
        free = (n for n in dict.fromkeys(hot) if n not in used and n not in fixed)
        return {**{a: a for a in fixed}, **{a: next(free) for a in arguments + sorted(stored - set(arguments)) if a not in fixed}}

    def visit_ClassDef(self, node):
        node.name = self.globals.get(node.name, node.name)
        self.in_class = True
        self.generic_visit(node)
        self.in_class = False
        for n in node.body:
            if isinstance(n, ast.Assign):
                for t in n.targets:
                    t.id = self.attributes.get(t.id, t.id)
        return node

    def visit_Name(self, node):
        node.id = self.short(node.id)
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        node.attr = self.attributes.get(node.attr, node.attr)
        return node

    def visit_Lambda(self, node):
        for a in node.args.args:
            a.arg = self.short(a.arg)
        self.generic_visit(node)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if getattr(node.func, "id", "") in GETTERS and isinstance(node.args[1], ast.Constant):
            node.args[1].value = self.attributes.get(node.args[1].value, node.args[1].value)
        return node

    def visit_ExceptHandler(self, node):
        node.name = node.name and self.short(node.name)
        self.generic_visit(node)
        return node

    def visit_Global(self, node):
        node.names = [self.short(n) for n in node.names]
        return node
