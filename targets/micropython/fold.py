# What a module does not need, for shrink.py: constants become numbers, records lists, and attributes nobody reads vanish.
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
