# What Python says shortly and byte code does not, for shrink.py: lists are made in loops, modules are named where they are used.
import ast

from fold import blocks, walk


def loops(tree):
    """x = [f(y) for y in z] as the loop that it is: a function less."""
    for node, part, block in list(blocks(tree)):
        for i in reversed(range(len(block))):
            made = block[i].value if isinstance(block[i], ast.Assign) else None
            if isinstance(made, ast.ListComp) and len(made.generators) == 1 and not made.generators[0].ifs:
                [target], [over] = block[i].targets, made.generators
                add = ast.Call(ast.Attribute(ast.Name(target.id, ast.Load()), "append", ast.Load()), [made.elt], [])
                empty = ast.Assign([target], ast.List([], ast.Load()), lineno=0)
                block[i : i + 1] = [empty, ast.For(over.target, over.iter, [ast.Expr(add)], [], lineno=0)]


class Letters(ast.NodeTransformer):
    """Letters of UTF-8 that are compared with ASCII only are bytes: numbers."""

    def visit_FunctionDef(self, node):
        for loop in walk(node, ast.For):
            call = loop.iter
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "decode" and not call.args:
                loop.iter = call.func.value
                for n in walk(node, ast.Constant):
                    if isinstance(n.value, str):
                        n.value = ord(n.value)
        return node


class Modules(ast.NodeTransformer):
    """`from m import a, b` is `import m`, and a is m.a."""

    def __init__(self, tree):
        self.homes = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                self.homes.update((a.name, node.module) for a in node.names)

    def visit_ImportFrom(self, node):
        return ast.Import([ast.alias(node.module)])

    def visit_Name(self, node):
        home = self.homes.get(node.id)
        return ast.Attribute(ast.Name(home, ast.Load()), node.id, ast.Load()) if home else node

