# Bodies of functions for inline.py: what they weigh, where they end, and whether they are one expression.
import ast

from nodes import inner


# Bytes, about: of a function without what it does, of a call of it, of parts of what it does.
FUNCTION = 18
CALL = 5
WEIGHTS = {ast.Attribute: 2, ast.Call: 2, ast.Constant: 1.5, ast.If: 2.5, ast.IfExp: 7, ast.For: 6, ast.While: 5, ast.Try: 8, ast.Raise: 1}


def weight(function):
    return sum(WEIGHTS.get(type(n), 1) for n in inner(function.body, ast.expr, ast.stmt))


def is_end(node):
    if isinstance(node, ast.If):
        return bool(node.orelse) and is_end(node.body[-1]) and is_end(node.orelse[-1])
    return isinstance(node, (ast.Return, ast.Raise))


def tailed(body):
    """What follows an if that ends the function is its else."""
    for i, node in enumerate(body):
        if not isinstance(node, ast.If):
            continue
        node.body, node.orelse = tailed(node.body), tailed(node.orelse)
        rest = body[i + 1 :]
        if rest and is_end(node.body[-1]) and not node.orelse:
            node.orelse = tailed(rest)
            return body[: i + 1]
        if rest and node.orelse and is_end(node.orelse[-1]) and not is_end(node.body[-1]):
            node.body = tailed(node.body + rest)
            return body[: i + 1]
        if rest and node.orelse and is_end(node.body[-1]) and not is_end(node.orelse[-1]):
            node.orelse = tailed(node.orelse + rest)
            return body[: i + 1]
    return body


def returns_in(body):
    """The returns at the ends of what is done."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return returns_in(last.body) + returns_in(last.orelse)
    return [(body, last)] if isinstance(last, ast.Return) else []


def as_expression(body):
    """A function of nothing but conditions and answers as one expression."""
    if len(body) != 1:
        return None
    [node] = body
    if isinstance(node, ast.Return):
        return node.value
    if not isinstance(node, ast.If) or not node.orelse:
        return None
    yes, no = as_expression(node.body), as_expression(node.orelse)
    if yes is None or no is None:
        return None
    if isinstance(yes, ast.Constant) and yes.value is True:
        return ast.BoolOp(ast.Or(), [node.test, no])
    return ast.IfExp(node.test, yes, no)
