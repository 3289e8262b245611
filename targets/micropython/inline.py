# Two passes over the syntax tree for shrink.py: a class and its only heir become one, and a method
# that is called at one place stands there.
import ast
import copy


def methods_of(node):
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}


class Supers(ast.NodeTransformer):
    """super().f(...) is self.f_(...), once both are of one class."""

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "super" and not node.value.args:
            return ast.Attribute(value=ast.Name("self", ast.Load()), attr=node.attr.strip("_") + "_base", ctx=node.ctx)
        return node


def merge(tree, base, heir):
    """The base class and its only heir as one class."""
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    base, heir = classes[base], classes[heir]
    overridden = set(methods_of(base)) & set(methods_of(heir))
    for name in overridden:
        methods_of(base)[name].name = name.strip("_") + "_base"
    Supers().visit(heir)
    heir.bases = []
    heir.body = base.body + heir.body
    tree.body.remove(base)


def is_cheap(node):
    return isinstance(node, (ast.Name, ast.Constant))


def inner(node, *kinds):
    return [n for n in ast.walk(node) if isinstance(n, kinds)]


class Local(ast.NodeTransformer):
    """A method's body as it stands in another one: its names are its own, its parameters what was given."""

    def __init__(self, mapping):
        self.mapping = mapping

    def visit_Name(self, node):
        given = self.mapping.get(node.id)
        if given is None:
            return node
        return ast.Name(given, node.ctx) if isinstance(given, str) else copy.deepcopy(given)

    def visit_ExceptHandler(self, node):
        node.name = self.mapping.get(node.name, node.name)
        self.generic_visit(node)
        return node


class Inliner:
    """Methods that are called at one place stand there."""

    def __init__(self, tree, cls, public):
        self.tree = tree
        self.cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == cls)
        self.public = public
        self.serial = 0

    def run(self):
        while self.step():
            pass

    def step(self):
        methods = methods_of(self.cls)
        uses = {}
        for node in inner(self.tree, ast.Attribute):
            uses[node.attr] = uses.get(node.attr, 0) + 1
        for name, method in methods.items():
            if name in self.public or name.startswith("__") or uses.get(name) != 1:
                continue
            a = method.args
            if a.defaults or a.vararg or a.kwarg or a.kwonlyargs or inner(method, ast.Lambda, ast.Yield, ast.ListComp, ast.GeneratorExp):
                continue
            for caller in methods.values():
                if caller is not method and self.into(caller.body, method, True):
                    self.cls.body.remove(method)
                    return True
        return False

    def into(self, body, method, tail):
        for i, node in enumerate(body):
            last = tail and i == len(body) - 1
            call = node.value if isinstance(node, (ast.Expr, ast.Return)) else None
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == method.name and getattr(call.func.value, "id", "") == "self":
                returns = inner(method, ast.Return)
                if isinstance(node, ast.Return):
                    found = self.body_of(method, call)
                    if not isinstance(found[-1], ast.Return):
                        found.append(ast.Return(None))
                elif not returns or last and all(r.value is None for r in returns):
                    found = self.body_of(method, call)
                else:
                    return False
                body[i : i + 1] = found
                return True
            expression = method.body[0].value if len(method.body) == 1 and isinstance(method.body[0], ast.Return) else None
            if expression is not None and self.expression(node, method):
                return True
            for part in ("body", "orelse", "finalbody"):
                block = getattr(node, part, None)
                inside = last and not isinstance(node, (ast.For, ast.While, ast.Try))
                if isinstance(block, list) and block and self.into(block, method, inside):
                    return True
        return False

    def expression(self, node, method):
        """The call as part of an expression of this statement, not of the blocks in it."""
        for field, value in ast.iter_fields(node):
            if field in ("body", "orelse", "finalbody", "handlers"):
                continue
            for part in value if isinstance(value, list) else [value]:
                if not isinstance(part, ast.AST):
                    continue
                new = Expression(method, self).visit(part)
                if Expression.hit:
                    Expression.hit = False
                    if isinstance(value, list):
                        value[value.index(part)] = new
                    else:
                        setattr(node, field, new)
                    return True
        return False

    def mapping(self, method, call):
        """What parameters become; assignments for those that are no names."""
        self.serial += 1
        stored = {n.id for n in inner(method, ast.Name) if isinstance(n.ctx, ast.Store)}
        stored |= {n.name for n in inner(method, ast.ExceptHandler) if n.name}
        names = {n: "%s_%d" % (n, self.serial) for n in stored}
        before = []
        if any(isinstance(a, ast.Starred) for a in call.args):
            places = [ast.Name("%s_%d" % (x.arg, self.serial), ast.Store()) for x in method.args.args[1:]]
            names.update((x.arg, p.id) for x, p in zip(method.args.args[1:], places))
            return names, [ast.Assign([ast.Tuple(places, ast.Store())], call.args[0].value, lineno=0)]
        for parameter, given in zip([x.arg for x in method.args.args[1:]], call.args):
            if is_cheap(given) and parameter not in stored:
                names[parameter] = given
            else:
                names[parameter] = "%s_%d" % (parameter, self.serial)
                before.append(ast.Assign([ast.Name(names[parameter], ast.Store())], given, lineno=0))
        return names, before

    def body_of(self, method, call):
        names, before = self.mapping(method, call)
        return before + [Local(names).visit(copy.deepcopy(n)) for n in method.body]


class Expression(ast.NodeTransformer):
    hit = False

    def __init__(self, method, inliner):
        self.method = method
        self.inliner = inliner

    def visit_Call(self, node):
        if getattr(node.func, "attr", "") == self.method.name and getattr(node.func.value, "id", "") == "self":
            if all(is_cheap(a) for a in node.args):
                names, before = self.inliner.mapping(self.method, node)
                if not before:
                    Expression.hit = True
                    return Local(names).visit(copy.deepcopy(self.method.body[0].value))
        self.generic_visit(node)
        return node
