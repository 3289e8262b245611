# Conditions for shrink.py: they say only what counts, and what two branches share stands once.
import ast

from fold import blocks, walk


def number(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and number(node.operand) is not None:
        return -number(node.operand)
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def negated(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for a, b in ((ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.Eq, ast.NotEq)):
            for old, new in ((a, b), (b, a)):
                if isinstance(node.ops[0], old):
                    return ast.Compare(node.left, [new()], node.comparators)
    return ast.UnaryOp(ast.Not(), node)


def truth(node):
    """A condition of which only the truth counts."""
    if isinstance(node, ast.BoolOp):
        node.values = [truth(v) for v in node.values]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = truth(node.operand)
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
            return truth(inner.operand)
        if isinstance(inner, ast.Compare) and isinstance(inner.ops[0], (ast.Eq, ast.NotEq)):
            return negated(inner)
        return ast.UnaryOp(ast.Not(), inner)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.IsNot, ast.NotIn)):  # a jump can say no by itself
        return ast.UnaryOp(ast.Not(), negated(node))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and number(node.comparators[0]) == 0:
        if isinstance(node.ops[0], (ast.NotEq, ast.Gt)):
            return truth(node.left)
        if isinstance(node.ops[0], ast.Eq):
            return ast.UnaryOp(ast.Not(), truth(node.left))
    return node


def same(a, b):
    return [ast.dump(n) for n in a] == [ast.dump(n) for n in b]


def differences(a, b):
    """The expressions in which two trees differ; None where they differ in more."""
    if type(a) is not type(b):
        return [(a, b)] if isinstance(a, ast.expr) and isinstance(b, ast.expr) else None
    if isinstance(a, list):
        parts = [differences(x, y) for x, y in zip(a, b)] if len(a) == len(b) else [None]
    elif isinstance(a, ast.AST):
        if isinstance(a, (ast.Name, ast.Constant)) and ast.dump(a) != ast.dump(b):
            return [(a, b)] if isinstance(getattr(a, "ctx", ast.Load()), ast.Load) else None
        parts = [differences(getattr(a, f, None), getattr(b, f, None)) for f in a._fields]
    else:
        return [] if a == b else None
    return None if None in parts else [pair for part in parts for pair in part]


def chosen(test, yes, no):
    """Two calls that differ in what one argument is, as one with a choice."""
    found = differences(yes, no)
    calls = [n for n in walk(yes, ast.Call) if found and any(found[0][0] is a for a in n.args)]
    if not found or len(found) > 1 or not calls or any(walk(found[0][0], ast.Starred)):
        return None
    call = calls[0]
    call.args[next(i for i, a in enumerate(call.args) if a is found[0][0])] = ast.IfExp(test, *found[0])
    return yes


def either(a, b):
    """One of two conditions; of two choices of one value a choice."""
    pairs = [(t.left, choices(t)) if isinstance(t, ast.Compare) and len(t.ops) == 1 else (None, None) for t in (a, b)]
    if all(values for _, values in pairs) and same([pairs[0][0]], [pairs[1][0]]):
        return ast.Compare(a.left, [ast.In()], [ast.Constant(bytes(pairs[0][1] + pairs[1][1]))])
    return ast.BoolOp(ast.Or(), [a, b])


def choices(test):
    [op], [right] = test.ops, test.comparators
    if isinstance(op, ast.Eq) and number(right) is not None and 0 <= number(right) < 128:
        return [number(right)]
    return list(right.value) if isinstance(op, ast.In) and isinstance(getattr(right, "value", None), bytes) else None


def small(node):
    values = numbers(node)
    return ast.Constant(bytes(values)) if values and all(0 <= v < 256 for v in values) else node


def numbers(node):
    values = [number(v) for v in node.elts] if isinstance(node, ast.Tuple) else [None]
    return None if None in values else values


class Conditions(ast.NodeTransformer):
    def visit_If(self, node):
        self.generic_visit(node)
        node.test = truth(node.test)
        if isinstance(node.test, ast.Constant):
            return (node.body if node.test.value else node.orelse) or None
        node.body = [s for s in node.body if not isinstance(s, ast.Pass)]
        if not node.body and not node.orelse:
            return None
        if not node.body:
            node.test, node.body, node.orelse = negated(node.test), node.orelse, []
        following = node.orelse[0] if len(node.orelse) == 1 else None
        if isinstance(following, ast.If) and same(node.body, following.body):  # two reasons for one thing
            return self.visit_If(ast.If(either(node.test, following.test), node.body, following.orelse))
        if node.body and node.orelse and len(node.orelse) > 0 and same(node.body[-1:], node.orelse[-1:]) and not isinstance(following, ast.If):
            last = node.body[-1]
            rest = ast.If(node.test, node.body[:-1], node.orelse[:-1])
            if rest.body or rest.orelse:
                rest = self.visit_If(rest) if rest.body else ast.If(negated(node.test), rest.orelse, [])
                return (rest if isinstance(rest, list) else [rest]) + [last]
        if len(node.body) == len(node.orelse) == 1 and isinstance(node.body[0], (ast.Expr, ast.Return)):
            one = chosen(node.test, node.body[0], node.orelse[0])
            if one:
                return one
        if isinstance(following, ast.If) and len(node.body) > 1 and same(node.body[-len(following.body) :], following.body):  # for one more reason
            first = ast.If(node.test, node.body[: -len(following.body)], [])
            if first.body:
                return self.visit_If(ast.If(either(node.test, following.test), [first, *following.body], following.orelse))
        inner = node.body[0] if len(node.body) == 1 else None
        if isinstance(inner, ast.If) and same(inner.orelse, node.orelse):
            both = [v for t in (node.test, inner.test) for v in (t.values if isinstance(t, ast.BoolOp) and isinstance(t.op, ast.And) else [t])]
            return self.visit_If(ast.If(ast.BoolOp(ast.And(), both), inner.body, inner.orelse))
        return node

    def visit_IfExp(self, node):
        self.generic_visit(node)
        node.test = truth(node.test)
        return node

    def visit_While(self, node):
        self.generic_visit(node)
        node.test = truth(node.test)
        return node

    def visit_Compare(self, node):
        """Small numbers of a choice take a byte each in bytes, and three in a tuple."""
        self.generic_visit(node)
        if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(node.comparators[0], ast.Tuple):
            node.comparators = [small(node.comparators[0])]
        byte = getattr(node.left, "value", None)
        if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(byte, bytes) and len(byte) == 1:
            node.left = ast.Constant(byte[0])
        return node

    def visit_Subscript(self, node):
        """A table of numbers is bytes; where one is less than 0, they are that much more there."""
        self.generic_visit(node)
        least = min(numbers(node.value) or [0])
        if least < 0:
            node.value = ast.Constant(bytes(v - least for v in numbers(node.value)))
            return ast.BinOp(node, ast.Sub(), ast.Constant(-least))
        node.value = small(node.value)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        name = getattr(node.func, "id", "")
        if name == "bytearray" and node.args:
            node.args = [small(node.args[0])]
        if name == "bool":
            return ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), truth(node.args[0])))
        return node


def joined(block):
    """Neighbours that end with the same for their own reasons are one."""
    out = []
    for node in block:
        last = out[-1] if out else None
        if isinstance(node, ast.If) and isinstance(last, ast.If) and not node.orelse and not last.orelse and same(node.body, last.body) and isinstance(node.body[-1], (ast.Return, ast.Raise)):
            out[-1] = ast.If(either(last.test, node.test), node.body, [])
        else:
            out.append(node)
    return out


def leaves(node, name):
    """The assignments to a name that an if is all about; None where it is about more."""
    found = []
    for block in (node.body, node.orelse):
        last = block[0] if len(block) == 1 else None
        if isinstance(last, ast.If):
            found.append(leaves(last, name))
        else:
            own = isinstance(last, ast.Assign) and len(last.targets) == 1 and getattr(last.targets[0], "id", "") == name
            found.append([(block, last)] if own else None)
    read = any(n.id == name for n in walk(node.test, ast.Name))
    return None if read or None in found else found[0] + found[1]


def with_default(block):
    """What gets nothing in most cases gets it before."""
    for i, node in reversed(list(enumerate(block))):
        first = node
        while isinstance(first, ast.If):
            first = first.body[0]
        name = getattr(first.targets[0], "id", "") if isinstance(first, ast.Assign) else ""
        found = leaves(node, name) if isinstance(node, ast.If) and name else None
        empty = [(own, s) for own, s in found or [] if getattr(s.value, "value", 0) is None]
        if len(empty) > 1:
            for own, s in empty:
                own[:] = [ast.Pass()]
            block.insert(i, ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None), lineno=0))


def known(node):
    """What an if asks that the one around it has asked already."""
    tests = node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
    first = node.body[0] if node.body else None
    if isinstance(first, ast.If) and not first.orelse and any(same([first.test], [t]) for t in tests):
        node.body[:1] = first.body


def tidy(tree):
    """Empty conditions go, and what says nothing at the end of a function."""
    before = None
    while before != ast.dump(tree):
        before = ast.dump(tree)
        Conditions().visit(tree)
        for node in walk(tree, ast.If):
            known(node)
        for node, part, block in list(blocks(tree)):
            with_default(block)
            setattr(node, part, joined(block))
        for node in walk(tree, ast.FunctionDef):
            last = node.body[-1]
            if isinstance(last, ast.Return) and (last.value is None or getattr(last.value, "value", 0) is None):
                node.body = node.body[:-1] or [ast.Pass()]
        for node, part, block in list(blocks(tree)):
            if len(block) > 1 and any(isinstance(s, ast.Pass) for s in block):
                setattr(node, part, [s for s in block if not isinstance(s, ast.Pass)])
            elif part != "body" and all(isinstance(s, ast.Pass) for s in block):
                setattr(node, part, [])
    return tree
