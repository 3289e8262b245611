# For shrink.py: a class and its heir become one; so does a class with an object that only one of its methods makes, and keeps for itself.
import ast

from inline import Local
from nodes import inner, methods_of


class Supers(ast.NodeTransformer):
    """super().f(...) is self.f_base(...), once both are of one class."""

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "super" and not node.value.args:
            return ast.Attribute(value=ast.Name("self", ast.Load()), attr=node.attr.strip("_") + "_base", ctx=node.ctx)
        return node


def merge(tree, base, heir):
    """The base class and its only heir as one class."""
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    base, heir = classes[base], classes[heir]
    for name in set(methods_of(base)) & set(methods_of(heir)):
        methods_of(base)[name].name = name.strip("_") + "_base"
    Supers().visit(heir)
    heir.bases = []
    heir.body = base.body + heir.body
    tree.body.remove(base)


def made(tree, name):
    """The function and the statement that make it, where there is only one."""
    places = []
    for home in tree.body:
        for function in methods_of(home).values() if isinstance(home, ast.ClassDef) else []:
            for node in inner(function, ast.Assign):
                if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == name:
                    places.append((home, function, node))
    uses = [n for n in inner(tree, ast.Name) if n.id == name]
    return places[0] if len(places) == 1 and len(uses) == 1 else None


class Prefixed(ast.NodeTransformer):
    """self.x of the one is self.name_x of the other, and so is x.y of the variable that holds it."""

    def __init__(self, variable, prefix):
        self.variable = variable
        self.prefix = prefix

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if getattr(node.value, "id", "") == self.variable:
            return ast.Attribute(ast.Name("self", ast.Load()), self.prefix + node.attr, node.ctx)
        return node


def replace(body, old, new):
    for i, node in enumerate(body):
        if node is old:
            body[i : i + 1] = new
            return True
        for part in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, part, None), list) and replace(getattr(node, part), old, new):
                return True
    return False


def fuse(tree, name):
    found = made(tree, name)
    if not found:
        return
    home, function, statement = found
    cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    prefix = name.lower() + "_"
    for method in methods_of(cls).values():
        Prefixed("self", prefix).visit(method)
    init = methods_of(cls)["__init__"]
    given = dict(zip((a.arg for a in init.args.args[1:]), statement.value.args))
    variable = statement.targets[0].id
    Prefixed(variable, prefix).visit(function)
    if len([n for n in inner(function, ast.Name) if n.id == variable]) > 1:
        raise SyntaxError("%s is handed on" % variable)
    replace(function.body, statement, [Local(given).visit(n) for n in init.body])
    for method in methods_of(cls).values():
        if method is not init:
            method.name = prefix + method.name
            home.body.append(method)
    tree.body.remove(cls)


def without_wrappers(tree):
    """A method that does nothing but call another one is that other one."""
    while any(unwrapped(tree, home) for home in tree.body if isinstance(home, ast.ClassDef)):
        pass


def unwrapped(tree, home):
    methods = methods_of(home)
    for function in methods.values():
        call = getattr(function.body[0], "value", None) if len(function.body) == 1 else None
        called = methods.get(getattr(getattr(call, "func", None), "attr", ""))
        if not called or getattr(call.func.value, "id", "") != "self" or any(r.value for r in inner(called, ast.Return)):
            continue
        if [ast.unparse(a) for a in call.args] == [a.arg for a in function.args.args[1:]] == [a.arg for a in called.args.args[1:]]:
            home.body.remove(function)
            for n in inner(tree, ast.Attribute):
                if n.attr == called.name:
                    n.attr = function.name
            called.name = function.name
            return True
    return False


def is_setting(node):
    """What is the same for as long as there is a client."""
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self" and not node.attr.startswith("_")


def without_copies(tree):
    """An attribute that is another one's value, and nothing else ever, is that other one."""
    stores = {}
    for node in inner(tree, ast.Attribute):
        if isinstance(node.ctx, ast.Store):
            stores.setdefault(node.attr, []).append(node)
    for function in inner(tree, ast.FunctionDef):
        for node in inner(function, ast.Assign):
            target = node.targets[0]
            if len(node.targets) == 1 and isinstance(target, ast.Attribute) and len(stores[target.attr]) == 1 and is_setting(node.value) and is_setting(target):
                if function.name == "__init__":
                    continue
                old = target.attr
                for n in inner(tree, ast.Attribute):
                    if n.attr == old:
                        n.attr = node.value.attr
                replace(function.body, node, [])


def index(tree):
    """All calls and all uses by name, those of methods with a dot before it."""
    calls, uses = {}, {}
    for n in inner(tree, ast.Call, ast.Name, ast.Attribute):
        of, found = (n.func, calls) if isinstance(n, ast.Call) else (n, uses)
        found.setdefault("." + of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", ""), []).append(n)
    return calls, uses


def without_defaults(tree):
    """What every call gives needs no default."""
    called, used = index(tree)
    for home in [tree] + [n for n in tree.body if isinstance(n, ast.ClassDef)]:
        for name, function in methods_of(home).items():
            full = name if home is tree else "." + name
            calls, uses = called.get(full, []), used.get(full, [])
            count = len(function.args.args) - (home is not tree)
            if function.args.defaults and calls and len(calls) == len(uses) and all(len(c.args) == count for c in calls):
                function.args.defaults = []


def constant_parameters(tree):
    """A parameter that is always given the same needs not be given."""
    done = True
    while done:
        done = False
        called, used = index(tree)
        for home in [tree] + [n for n in tree.body if isinstance(n, ast.ClassDef)]:
            for name, function in list(methods_of(home).items()):
                bound = home is not tree
                full = "." + name if bound else name
                calls, uses = called.get(full, []), used.get(full, [])
                parameters = function.args.args[1 if bound else 0 :]
                if not calls or len(uses) != len(calls) or function.args.defaults or function.args.vararg or name.startswith("__"):
                    continue
                for place, parameter in enumerate(parameters):
                    given = [c.args[place] for c in calls if len(c.args) > place and not any(isinstance(a, ast.Starred) for a in c.args)]
                    if len(given) < len(calls) or len({ast.dump(g) for g in given}) > 1 or not is_constant(given[0], tree, bound):
                        continue
                    if any(n.id == parameter.arg and isinstance(n.ctx, ast.Store) for n in inner(function, ast.Name)):
                        continue
                    Local({parameter.arg: given[0]}).visit(function)
                    function.args.args.remove(parameter)
                    for c in calls:
                        del c.args[place]
                    done = True
                    break


def is_constant(node, tree, bound):
    if isinstance(node, ast.Constant):
        return True
    if bound and is_setting(node):
        return True
    return isinstance(node, ast.Name) and any(isinstance(n, ast.FunctionDef) and n.name == node.id for n in tree.body)
