# What a module does not need, for shrink.py: constants become numbers, records lists, attributes nobody reads vanish, and conditions
# say only what counts.
import ast


def walk(tree, *kinds):
    return (n for n in ast.walk(tree) if isinstance(n, kinds))


class Constants(ast.NodeTransformer):
    """X = const(1), or X = 1 once and for all."""

    def __init__(self, tree):
        self.values = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(getattr(node.value, "func", None), "id", "") == "const":
                self.values[node.targets[0].id] = node.value.args[0]
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                self.values[node.targets[0].id] = node.value
        tree.body = [n for n in tree.body if not (isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") in self.values)]
        for node in walk(tree, ast.Import, ast.ImportFrom):
            node.names = [a for a in node.names if a.name not in ("const", "micropython")]
        tree.body = [n for n in tree.body if not (isinstance(n, (ast.Import, ast.ImportFrom)) and not n.names)]

    def visit_Name(self, node):
        return self.values.get(node.id, node)

    def visit_Call(self, node):
        """getattr(x, "name") is x.name."""
        self.generic_visit(node)
        if getattr(node.func, "id", "") == "getattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            return ast.Attribute(node.args[0], node.args[1].value, ast.Load())
        return node


class Records(ast.NodeTransformer):
    """A class that only keeps what it is given is a list; its fields are places."""

    def __init__(self, tree):
        self.classes, self.places = {}, {}
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.bases and len(node.body) == 1 and self.keeps(node.body[0]):
                self.classes[node.name] = [a.arg for a in node.body[0].args.args[1:]]
        for fields in self.classes.values():
            for place, field in enumerate(fields):
                if self.places.setdefault(field, place) != place:
                    raise SyntaxError("%s stands at two places" % field)
        tree.body = [n for n in tree.body if getattr(n, "name", "") not in self.classes]
        own = {n.attr for n in walk(tree, ast.Attribute) if getattr(n.value, "id", "") == "self" and n.attr in self.places}
        if own:
            raise SyntaxError("fields of records and of an object: %s" % own)

    def keeps(self, init):
        stores = [s for s in init.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Name) and isinstance(s.targets[0], ast.Attribute)]
        names = [(s.targets[0].attr, s.value.id) for s in stores]
        return init.name == "__init__" and len(stores) == len(init.body) and names == [(a.arg, a.arg) for a in init.args.args[1:]]

    def visit_Call(self, node):
        self.generic_visit(node)
        return ast.List(node.args, ast.Load()) if getattr(node.func, "id", "") in self.classes else node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        place = self.places.get(node.attr)
        return node if place is None else ast.Subscript(node.value, ast.Constant(place), node.ctx)


def blocks(tree):
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list) and block:
                yield node, part, block


def is_plain(node):
    """Whether nothing is lost when it is not evaluated."""
    return not any(isinstance(n, (ast.Call, ast.Subscript, ast.Await)) for n in ast.walk(node))


def without_unread(tree, public):
    """Attributes that are set and never read are not set either."""
    while True:
        read = {n.attr for n in walk(tree, ast.Attribute) if isinstance(n.ctx, ast.Load)}

        def dead(s):
            targets = s.targets if isinstance(s, ast.Assign) else [s.target] if isinstance(s, ast.AugAssign) else []
            return targets and is_plain(s.value) and all(isinstance(t, ast.Attribute) and t.attr not in read and t.attr not in public and getattr(t.value, "id", "") == "self" for t in targets)

        found = False
        for node, part, block in list(blocks(tree)):
            kept = [s for s in block if not dead(s)]
            if len(kept) < len(block):
                found = True
                setattr(node, part, kept or ([] if part != "body" else [ast.Pass()]))
        if not found:
            return


def without_unused(tree):
    """Imports that nobody names, and values that only one place does."""
    def uses(name):
        return [n for n in walk(tree, ast.Name) if n.id == name]

    for node in walk(tree, ast.Import, ast.ImportFrom):
        node.names = [a for a in node.names if uses(a.asname or a.name)]
    tree.body = [n for n in tree.body if not isinstance(n, (ast.Import, ast.ImportFrom)) or n.names]
    for node in [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Tuple)]:
        name = node.targets[0].id
        if len(uses(name)) == 2:
            tree.body.remove(node)
            Value(name, node.value).visit(tree)


class Value(ast.NodeTransformer):
    def __init__(self, name, value):
        self.name = name
        self.value = value

    def visit_Name(self, node):
        return self.value if node.id == self.name else node


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
