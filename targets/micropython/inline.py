# For shrink.py: what is called at one place, or takes less there than by itself, stands where it is called.
import ast
import copy

from bodies import CALL, FUNCTION, as_expression, is_end, returns_in, tailed, weight
from nodes import inner, is_cheap, is_plain, methods_of


class Local(ast.NodeTransformer):
    """A body as it stands in another one: its names are its own, its parameters what was given."""

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
    def __init__(self, tree, public, anyway=()):
        self.tree = tree
        self.public = public
        self.anyway = anyway
        self.serial = 0
        self.known = {}

    def run(self):
        while self.step():
            pass

    def homes(self):
        """Where functions are defined: the module, its classes."""
        return [self.tree] + [n for n in self.tree.body if isinstance(n, ast.ClassDef)]

    def step(self):
        uses, callers = {}, {}
        for home in self.homes():
            for node in home.body:
                if home is self.tree and isinstance(node, ast.ClassDef):
                    continue
                for name in self.facts(node)[0]:
                    uses[name] = uses.get(name, 0) + 1
                    if isinstance(node, ast.FunctionDef):
                        callers.setdefault(name, {})[id(node)] = (home, node)
        for home in self.homes():
            for name, function in methods_of(home).items():
                if name in self.public or name.startswith("__") or not self.facts(function)[2]:
                    continue
                bound = home is not self.tree
                called = "." + name if bound else name
                if not uses.get(called):
                    home.body.remove(function)
                    return True
                size = self.facts(function)[1]
                if name not in self.anyway and uses[called] * size > FUNCTION + size + CALL * uses[called]:
                    continue
                for place, caller in callers.get(called, {}).values():
                    if bound and place is not home:  # a method goes where its own `self` is
                        continue
                    if caller is not function and self.into(caller, function, bound):
                        del self.known[id(caller)]
                        return True
        return False

    def facts(self, node):
        """The names it uses; of a function also what it weighs, and whether it is simple. Kept, for they take long."""
        if id(node) not in self.known:
            names = ["." + n.attr if isinstance(n, ast.Attribute) else n.id for n in inner(node, ast.Attribute, ast.Name)]
            more = (weight(node), self.is_simple(node)) if isinstance(node, ast.FunctionDef) else (0, False)
            self.known[id(node)] = (names, *more, node)
        return self.known[id(node)]

    def is_simple(self, function):
        a = function.args
        return not (a.defaults or a.vararg or a.kwarg or a.kwonlyargs or inner(function, ast.Lambda, ast.Yield, ast.ListComp, ast.GeneratorExp))

    def into(self, caller, function, bound):
        self.function = function
        self.bound = bound
        self.body = tailed(copy.deepcopy(function.body))
        self.value = as_expression(self.body)
        self.parameters = [x.arg for x in function.args.args[1 if bound else 0 :]]
        return self.block(caller.body, True)

    def is_call(self, node):
        if not isinstance(node, ast.Call):
            return False
        if self.bound:
            return getattr(node.func, "attr", "") == self.function.name and getattr(node.func.value, "id", "") == "self"
        return getattr(node.func, "id", "") == self.function.name

    def block(self, body, tail):
        for i, node in enumerate(body):
            last = tail and i == len(body) - 1
            found = self.statement(node, last) or self.guard(node) or self.inside(node) or self.condition(node)
            if found:
                body[i : i + 1] = found
                return True
            for part in ("body", "orelse", "finalbody"):
                block = getattr(node, part, None)
                if isinstance(block, list) and block and self.block(block, last and isinstance(node, ast.If)):
                    return True
            for handler in getattr(node, "handlers", []):
                if self.block(handler.body, False):
                    return True
        return False

    def statement(self, node, last):
        """What stands for a call that is a statement, an answer, or what a name gets."""
        call = node.value if isinstance(node, (ast.Expr, ast.Return, ast.Assign)) else None
        if not self.is_call(call):
            return None
        returns = inner(self.body, ast.Return)
        at_ends = len(returns_in(self.body)) == len(returns)
        if isinstance(node, ast.Return):
            found = self.placed(call)
            return found if is_end(found[-1]) else found + [ast.Return(None)]
        if isinstance(node, ast.Expr):
            if last and all(r.value is None for r in returns):
                return self.placed(call)
            return self.placed(call, lambda r: [ast.Expr(r.value)] if isinstance(r.value, ast.Call) else [ast.Pass()]) if at_ends else None
        if not at_ends or not is_end(self.body[-1]) or any(r.value is None for r in returns):
            return None
        return self.placed(call, lambda r: [ast.Assign(copy.deepcopy(node.targets), r.value, lineno=0)])

    def guard(self, node):
        """if not f(): return. Where f says no, its caller ends, too."""
        test = getattr(node, "test", None)
        if not isinstance(node, ast.If) or not isinstance(test, ast.UnaryOp) or not self.is_call(test.operand) or ast.unparse(node.body) != "return":
            return None
        own = copy.deepcopy(self.function)
        last = own.body[-1]
        others = [r for r in inner(own.body, ast.Return) if r is not last]
        if not isinstance(last, ast.Return) or any(getattr(r.value, "value", None) is not False for r in others):
            return None
        own.body[-1] = ast.If(ast.UnaryOp(ast.Not(), last.value), node.body, [])
        for r in others:
            r.value = None
        names, before = self.mapping(test.operand)
        return self.marked(before + [Local(names).visit(n) for n in own.body])

    def condition(self, node):
        """if f(): what f does where it says no, and what follows where it says yes."""
        if not isinstance(node, ast.If) or node.orelse or not self.is_call(node.test) or len(self.body) != 1:
            return None
        [own] = self.body
        ends = [r.value.value for _, r in returns_in(self.body) if isinstance(r.value, ast.Constant)]
        if not isinstance(own, ast.If) or ends != [False, True] or len(own.orelse) != 1:
            return None
        names, before = self.mapping(node.test)
        own = Local(names).visit(copy.deepcopy(own))
        return before + [ast.If(own.test, own.body[:-1] or [ast.Pass()], node.body)]

    def placed(self, call, answer=None):
        names, before = self.mapping(call)
        body = [Local(names).visit(copy.deepcopy(n)) for n in self.body]
        if answer:
            for block, node in returns_in(body):
                block[-1:] = answer(node)
        return self.marked(before + body)

    def marked(self, body):
        for node in body:
            node.region = getattr(node, "region", []) + [self.serial]
        return body

    def inside(self, node):
        """The call as part of an expression of this statement, not of the blocks in it."""
        if self.value is None:
            return None
        for field, part in ast.iter_fields(node):
            if field in ("body", "orelse", "finalbody", "handlers"):
                continue
            for one in part if isinstance(part, list) else [part]:
                if not isinstance(one, ast.AST):
                    continue
                visit = Expression(self, not isinstance(node, ast.While))
                new = visit.visit(one)
                if visit.hit:
                    if isinstance(part, list):
                        part[part.index(one)] = new
                    else:
                        setattr(node, field, new)
                    return visit.before + [node]
        return None

    def mapping(self, call):
        """What parameters become; assignments for those that are no names."""
        self.serial += 1
        stored = {n.id for n in inner(self.function, ast.Name) if isinstance(n.ctx, ast.Store)}
        stored |= {n.name for n in inner(self.function, ast.ExceptHandler) if n.name}
        names = {n: "%s_%d" % (n, self.serial) for n in stored}
        before = []
        if isinstance(call.args[-1] if call.args else None, ast.Starred):
            rest = self.parameters[len(call.args) - 1 :]
            places = [ast.Name("%s_%d" % (p, self.serial), ast.Store()) for p in rest]
            names.update((p, place.id) for p, place in zip(rest, places))
            before.append(ast.Assign([ast.Tuple(places, ast.Store())], call.args[-1].value, lineno=0))
            call = ast.Call(call.func, call.args[:-1], [])
        uses = [n.id for n in inner(self.body, ast.Name)]
        for parameter, given in zip(self.parameters, call.args):
            setting = isinstance(given, ast.Attribute) and getattr(given.value, "id", "") == "self" and not given.attr.startswith("_")
            # What a single statement says once may be said there.
            once = len(self.body) == 1 and not inner(self.body, ast.For, ast.While) and uses.count(parameter) == 1 and is_plain(given)
            if (is_cheap(given) or once or setting and uses.count(parameter) < 3) and parameter not in stored:
                names[parameter] = given
            else:
                names[parameter] = "%s_%d" % (parameter, self.serial)
                before.append(ast.Assign([ast.Name(names[parameter], ast.Store())], given, lineno=0))
        return names, before


class Expression(ast.NodeTransformer):
    def __init__(self, inliner, early):
        self.inliner = inliner
        self.early = early  # whether something may be said before the statement
        self.hit = False
        self.before = []

    def visit_Call(self, node):
        inliner = self.inliner
        if self.hit or not inliner.is_call(node):
            return self.generic_visit(node)
        uses = [n.id for n in inner(inliner.value, ast.Name)]
        names = {}
        for p, given in zip(inliner.parameters, node.args):
            if is_cheap(given) or uses.count(p) == 1:
                names[p] = given
            elif self.early and isinstance(given, ast.Attribute):
                inliner.serial += 1
                names[p] = "%s_%d" % (p, inliner.serial)
                self.before.append(ast.Assign([ast.Name(names[p], ast.Store())], given, lineno=0))
            else:
                return self.generic_visit(node)
        self.hit = True
        return Local(names).visit(copy.deepcopy(inliner.value))
