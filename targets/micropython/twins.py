# Twins for shrink.py: two methods that differ in a few values are one, which is given them.
import ast

from conditions import differences
from inline import Local
from nodes import inner, methods_of

MOST = 3  # values; more would take more than they save


class Given(ast.NodeTransformer):
    def __init__(self, places):
        self.places = places

    def visit(self, node):
        name = self.places.get(id(node))
        return ast.Name(name, ast.Load()) if name else self.generic_visit(node)


def parameters(function):
    return [a.arg for a in function.args.args[1:]]


def merge_twins(tree):
    while any(merged(tree, home) for home in tree.body if isinstance(home, ast.ClassDef)):
        pass


def merged(tree, home):
    functions = [f for f in methods_of(home).values() if f.name.startswith("_") and not f.name.startswith("__") and len(f.body) > 3]
    for i, a in enumerate(functions):
        for b in functions[i + 1 :]:
            if len(parameters(a)) == len(parameters(b)) and not a.args.defaults + b.args.defaults and join(tree, home, a, b):
                return True
    return False


def join(tree, home, a, b):
    body = [Local(dict(zip(parameters(b), parameters(a)))).visit(n) for n in ast.parse(ast.unparse(b)).body[0].body]
    found = differences(a.body, body)
    values = dict.fromkeys((ast.unparse(x), ast.unparse(y)) for x, y in found or [])
    calls = [n for n in inner(tree, ast.Call) if getattr(n.func, "attr", "") in (a.name, b.name)]
    if found is None or not 0 < len(values) <= MOST or len(calls) < len([n for n in inner(tree, ast.Attribute) if n.attr in (a.name, b.name)]):
        return False
    names = {pair: "given%d" % i for i, pair in enumerate(values)}
    for call in calls:
        own = dict(zip(parameters(a), call.args))
        texts = [pair[call.func.attr == b.name] for pair in names]
        call.args += [Local(own).visit(ast.parse(text, mode="eval").body) for text in texts]
        call.func.attr = a.name
    Given({id(x): names[ast.unparse(x), ast.unparse(y)] for x, y in found}).visit(a)
    a.args.args += [ast.arg(name) for name in names.values()]
    home.body.remove(b)
    return True
