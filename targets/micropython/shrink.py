# Makes one small module of the client's modules, for mpy-cross: joined, without doc strings, the
# names nobody outside sees short, several statements a line (a .mpy keeps a byte or two for each
# line). What it does, it does to the syntax tree; it knows nothing of MQTT.
#   python3 shrink.py public,names Base:Heir Exception.parameter=word,word module.py... > small.py
import ast
import sys

from conditions import tidy
from fold import Constants, Records, without_unread, without_unused
from fuse import constant_parameters, fuse, merge, without_copies, without_defaults, without_wrappers
from inline import Inliner
from names import Names
from plain import Letters, Modules, loops
from words import with_numbers
from tails import with_tails
from twins import merge_twins
from variables import share_variables, with_class_values, with_locals, with_own, without_name_copies

PUBLIC = set(sys.argv[1].split(","))
# Called at two places, and less at both: what it is given there is a constant.
ANYWAY = {"_refusal"}
# Called at one place, but larger there: jumps of more than 63 bytes take a byte more, and so do variables beyond 16.
APART = {"_handle", "_move", "_send_again"}


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


tree = Undocumented().visit(join(sys.argv[4:]))
BASE, HEIR = sys.argv[2].split(":")
merge(tree, BASE, HEIR)
without_wrappers(tree)
Constants(tree).visit(tree)
loops(tree)
Letters().visit(tree)
Records(tree).visit(tree)
EXCEPTION, WORDS = sys.argv[3].split("=")
with_numbers(tree, *EXCEPTION.split("."), set(WORDS.split(",")) - PUBLIC)
without_unread(tree, PUBLIC)
tidy(tree)
merge_twins(tree)
Inliner(tree, PUBLIC | APART, ANYWAY).run()
fuse(tree, "Reader")
without_defaults(tree)
constant_parameters(tree)
without_copies(tree)
Inliner(tree, PUBLIC | APART, ANYWAY).run()
tidy(tree)
with_own(tree, "reader_")
with_locals(tree)
with_class_values(tree)
without_unused(tree)
tidy(tree)
for node in ast.walk(tree):
    if isinstance(node, ast.FunctionDef):
        without_name_copies(node)
        share_variables(node)
with_tails(tree, PUBLIC)
Modules(tree).visit(tree)
for home in [n for n in tree.body if isinstance(n, ast.ClassDef)]:  # a name takes a byte more if 128 others come before it
    home.body.sort(key=lambda n: getattr(n, "name", "") in PUBLIC or getattr(n, "name", "").startswith("__"))
tree = Names(tree, PUBLIC).rename()
print("\n".join(printed(ast.fix_missing_locations(tree).body, "")))
