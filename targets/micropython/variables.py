# Variables for shrink.py: one takes a byte where an attribute takes three, and the first 16 take less than the others.
import ast
import re

from fold import walk
from inline import Local, inner


def with_locals(tree):
    """An attribute that is set once and for all, and used often, is a variable."""
    stores, uses = {}, {}
    for function in walk(tree, ast.FunctionDef):
        for n in walk(function, ast.Attribute):
            if getattr(n.value, "id", "") == "self" and isinstance(n.ctx, ast.Store):
                stores.setdefault(n.attr, set()).add(function.name)
    stable = {attr for attr, places in stores.items() if places == {"__init__"} and attr.startswith("_")}
    for function in walk(tree, ast.FunctionDef):
        if function.name == "__init__":
            continue
        for attr in stable:
            uses = [n for n in walk(function, ast.Attribute) if n.attr == attr and getattr(n.value, "id", "") == "self"]
            if len(uses) > 2:
                Variable(attr).visit(function)
                function.body.insert(0, ast.parse("kept%s = self.%s" % (attr, attr)).body[0])


class Variable(ast.NodeTransformer):
    def __init__(self, attr):
        self.attr = attr

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return ast.Name("kept" + self.attr, ast.Load()) if node.attr == self.attr and getattr(node.value, "id", "") == "self" else node


def share_variables(function):
    """Variables of what was inlined at different places are the same ones: MicroPython has 16 that cost one byte."""
    at, spans, names = 0, {}, {}

    def number(node):
        nonlocal at
        first = at = at + 1
        for child in ast.iter_child_nodes(node):
            number(child)
        for region in getattr(node, "region", []):
            low, high = spans.get(region, (first, at))
            spans[region] = min(low, first), max(high, at)

    number(function)
    found = inner(function, ast.Name, ast.ExceptHandler)
    stored = {n.id for n in found if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | {n.name for n in found if isinstance(n, ast.ExceptHandler) and n.name}
    own = [n for n in stored if not re.search(r"_[0-9]", n)]
    taken = {}
    for name in sorted(stored - set(own)):
        low, high = spans.get(int(re.search(r"_([0-9]+)", name).group(1)), (0, at))
        place = 0
        while any(low <= h and l <= high for l, h in taken.get(place, [])):
            place += 1
        taken.setdefault(place, []).append((low, high))
        names[name] = "shared%d" % place
    Local(names).visit(function)
