# The tree of a module, for all that shrinks it.
import ast


def methods_of(node):
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}


def inner(node, *kinds):
    """All nodes of some kinds; ast.walk is far slower."""
    found, rest = [], list(node) if isinstance(node, list) else [node]
    while rest:
        one = rest.pop()
        if isinstance(one, kinds):
            found.append(one)
        for part in one.__dict__.values():
            if isinstance(part, ast.AST):
                rest.append(part)
            elif isinstance(part, list):
                rest.extend(n for n in part if isinstance(n, ast.AST))
    return found


def is_cheap(node):
    """What can be said twice, and later."""
    return isinstance(node, (ast.Name, ast.Constant))


def is_plain(node):
    """Attributes, names, numbers: nothing that does something."""
    return not inner(node, ast.Call, ast.Lambda, ast.ListComp)
