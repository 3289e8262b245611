# Variables for shrink.py: one takes a byte where an attribute takes three, and the first 16 take less than the others.
import ast
import re

from fold import blocks, walk
from inline import Local
from nodes import inner, methods_of


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


def with_own(tree, prefix):
    """What only one function knows of an object that was made part of its owner is a variable of this function."""
    users = {}
    methods = {f.name for f in walk(tree, ast.FunctionDef)}
    for function in walk(tree, ast.FunctionDef):
        for n in walk(function, ast.Attribute):
            users.setdefault(n.attr, []).append(function)
    for attr, functions in users.items():
        if attr.startswith(prefix) and attr not in methods and len(set(functions)) == 1:
            Variable(attr, "own_").visit(functions[0])


def without_name_copies(function):
    """x = y right where y gets what it is, where neither ever gets anything else."""
    stores = {}
    for n in inner(function, ast.Name):
        if isinstance(n.ctx, ast.Store):
            stores[n.id] = stores.get(n.id, 0) + 1
    for node, part, block in list(blocks(function)):
        for s in list(block):
            if isinstance(s, ast.Assign) and len(s.targets) == 1 and isinstance(s.value, ast.Name) and isinstance(s.targets[0], ast.Name):
                made = [b for b in block if isinstance(b, ast.Assign) and any(getattr(t, "id", "") == s.value.id for t in b.targets)]
                if made and stores.get(s.targets[0].id) == stores.get(s.value.id) == 1:
                    block.remove(s)
                    Local({s.targets[0].id: s.value.id}).visit(function)


def with_class_values(tree):
    """What every object begins with needs no `self` to be said: it is the class's, until it is set."""
    for home in walk(tree, ast.ClassDef):
        init = methods_of(home).get("__init__")
        begins = [s for s in init.body if is_value(s)] if init else []
        again = {t.attr for s in init.body if isinstance(s, ast.Assign) and s not in begins for t in s.targets if isinstance(t, ast.Attribute)} if init else ()
        home.body = [s for s in home.body if not isinstance(s, ast.Assign) or s.targets[0].id not in again]
        for s in begins:
            init.body.remove(s)
        home.body[:0] = [ast.Assign([ast.Name(t.attr, ast.Store()) for t in s.targets], s.value, lineno=0) for s in begins]


def is_value(node):
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
        return False
    return all(isinstance(t, ast.Attribute) and t.value.id == "self" for t in node.targets)


class Variable(ast.NodeTransformer):
    def __init__(self, attr, prefix="kept"):
        self.attr = attr
        self.prefix = prefix

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return ast.Name(self.prefix + self.attr, node.ctx) if node.attr == self.attr and getattr(node.value, "id", "") == "self" else node


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
