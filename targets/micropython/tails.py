# For shrink.py: a call at the end of a function is its answer, where nobody looks at it: a byte instead of three.
import ast

from fold import blocks
from fuse import index
from nodes import inner, methods_of


def ends(body):
    """The blocks in which a function may end."""
    last = body[-1]
    if isinstance(last, ast.If):
        return ends(last.body) + (ends(last.orelse) if last.orelse else [])
    return [body]


def is_left(block):
    """f(); return"""
    return len(block) > 1 and isinstance(block[-1], ast.Return) and block[-1].value is None and isinstance(block[-2], ast.Expr)


def with_tails(tree, public):
    functions = {}
    for home in [tree] + [n for n in tree.body if isinstance(n, ast.ClassDef)]:
        functions.update((name if home is tree else "." + name, f) for name, f in methods_of(home).items())
    silent = {name for name, f in functions.items() if not name.startswith(".__") and not any(r.value for r in inner(f, ast.Return))}

    def answer(names, fits):
        for name in names:
            for block in ends(functions[name].body):
                call = block[-1].value if isinstance(block[-1], ast.Expr) else None
                if isinstance(call, ast.Call) and fits(call):
                    block[-1] = ast.Return(call)
            for _, _, block in blocks(functions[name]):
                if is_left(block) and isinstance(block[-2].value, ast.Call) and fits(block[-2].value):
                    block[-2:] = [ast.Return(block[-2].value)]

    answer(silent, lambda call: name_of(call) in silent)
    # What is called by statements only may answer anything.
    calls, uses = index(tree)
    ignored = {id(n.value) for n in inner(tree, ast.Expr)}
    called = {name: all(id(c) in ignored for c in calls.get(name, [])) and len(calls.get(name, [])) == len(uses.get(name, [])) for name in silent}
    answer([name for name in silent if called[name] and name[1:] not in public], lambda call: True)


def name_of(call):
    """As in the index; of what is not the client's own, none."""
    of = call.func
    if isinstance(of, ast.Attribute):
        return "." + of.attr if getattr(of.value, "id", "") == "self" else ""
    return getattr(of, "id", "")
