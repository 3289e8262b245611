# Names for shrink.py that only a person reads, of errors and of rules: their numbers stand for them, and one text holds them all, with
# five bits a letter. It is spelled out where an exception is made.
import ast
import re

from fold import walk
from nodes import methods_of

SPELL = """
def spelled(number):
    text = bytearray()
    bits = count = 0
    for byte in {}:
        bits = (bits & 31) << 8 | byte
        count += 8
        while count > 4:
            count -= 5
            text.append((bits >> count & 31) + 95)
    return text.decode().split("`")[number]
"""


def packed(text):
    """Letters, _ and the ` between two words."""
    bits = "".join("{:05b}".format(ord(c) - 95) for c in text)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


class Numbers(ast.NodeTransformer):
    def __init__(self, numbers):
        self.numbers = numbers

    def visit_Constant(self, node):
        return ast.Constant(self.numbers[node.value]) if isinstance(node.value, str) and node.value in self.numbers else node


class Errors(ast.NodeTransformer):
    """"A B".split()[n] is the word of a number."""

    def __init__(self, first):
        self.first = first
        self.words = []

    def visit_Subscript(self, node):
        self.generic_visit(node)
        call = node.value
        if not isinstance(call, ast.Call) or not isinstance(getattr(call.func, "value", None), ast.Constant) or call.func.attr != "split":
            return node
        self.words = call.func.value.value.lower().split()[1:]  # there is no error 0
        number = ast.BinOp(node.slice, ast.Add(), ast.Constant(self.first))
        return ast.parse("spelled(%s).upper()" % ast.unparse(number), mode="eval").body


def with_numbers(tree, exception, parameter, words):
    """The names among these words become numbers; the exception spells those of its parameter."""
    used = {n.value: True for n in walk(tree, ast.Constant) if isinstance(n.value, str) and n.value in words}
    known = [word for word in used if re.fullmatch("[a-z_]+", word)]
    Numbers({word: i + 1 for i, word in enumerate(known)}).visit(tree)
    home = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == exception)
    errors = Errors(len(known))
    errors.visit(home)
    spell = ast.parse("if isinstance({0}, int): {0} = spelled({0})".format(parameter)).body
    methods_of(home)["__init__"].body[:0] = spell
    tree.body[:0] = ast.parse(SPELL.format(packed("`".join(["", *known, *errors.words])))).body
