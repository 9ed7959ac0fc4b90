"""The types of a program's expressions, as far as they are plain, and names that are not known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import chain

from amalgam.check.language import (
    BASES,
    BUILTIN_FUNCTIONS,
    BUILTIN_TYPES,
    LITERAL,
    METHODS,
    NUMBERS,
    base,
    inner,
    widened,
)
from amalgam.check.program import Class, Function, Kind, Program, parameters

Type = str | None  # None: not known
_Scope = dict[str, Type]
_LITERALS: dict[type, str] = {bool: "bool", int: LITERAL, float: "f64", str: "str"}


class Types:
    """The type of each expression in the functions of a program."""

    def __init__(self, program: Program) -> None:
        """Go through all functions."""
        self.program = program
        self.unknown_names: list[ast.Name] = []
        self._of: dict[ast.AST, Type] = {}
        self._constants: _Scope = {}
        self.imports = _imported(program)
        for name, value in program.constants.items():
            self._constants[name] = _FunctionTypes(self, None, "").expression(value)
        for node in program.tree.body:
            if isinstance(node, ast.FunctionDef):
                _FunctionTypes(self, node, "").run()
        for each in program.classes.values():
            for method in each.methods.values():
                _FunctionTypes(self, method, each.node.name).run()

    def of(self, node: ast.AST) -> Type:
        """The type of an expression, if it is known."""
        return self._of.get(node)

    def note(self, node: ast.AST, type_: Type) -> Type:
        """Remember an expression's type."""
        self._of[node] = None if type_ == "?" else type_
        return self._of[node]

    def of_global(self, name: ast.Name) -> Type:
        """The type of a name that is no variable; notes it if nobody has defined it."""
        program = self.program
        known = chain(
            program.classes, program.functions, self._constants, BUILTIN_FUNCTIONS, BUILTIN_TYPES, BASES
        )
        if name.id not in known and self.imports is not None and name.id not in self.imports:
            self.unknown_names.append(name)
        return self._constants.get(name.id)

    def attribute(self, owner: str, name: str) -> Type:
        """The type of a value's field, or of what its method returns. Raises KeyError if it has neither."""
        known = self.program.classes.get(owner)
        if known is None:
            found = METHODS[base(owner) or ""][name]
            return inner(owner)[0] if found == "T" else found
        if name in known.fields:
            return known.fields[name]
        if name in known.methods:
            return returned(known.methods[name])
        return METHODS[known.kind][name]

    def attributes(self, owner: str) -> list[str]:
        """The names of what the values of a type have."""
        known = self.program.classes.get(owner)
        if known is None:
            return [*METHODS[base(owner) or ""]]
        return [*known.fields, *known.methods, *METHODS.get(known.kind, {})]

    def attributes_of(self, owner: str) -> list[str]:
        """The same, and none of a type that is not known."""
        return self.attributes(owner) if owner in self.program.classes or base(owner) in METHODS else []

    def lacks(self, owner: Type, name: str) -> bool:
        """Whether values of a known type have no such attribute."""
        if owner is None or (owner not in self.program.classes and base(owner) not in METHODS):
            return False
        try:
            self.attribute(owner, name)
        except KeyError:
            return True
        return False


class _FunctionTypes:
    """A walk through one function, with the variables of each block."""

    def __init__(self, types: Types, node: Function | None, owner: str) -> None:
        self.types = types
        self.node = node
        self.scopes: list[_Scope] = [{}]
        if node is not None:
            self.scopes[0] = {each.arg: None for each in ast.walk(node.args) if isinstance(each, ast.arg)}
            self.scopes[0] |= {"self": owner or None} | parameters(node)

    def run(self) -> None:
        self.block(self.node.body if self.node is not None else [])

    def block(self, statements: Sequence[ast.stmt], scope: _Scope | None = None) -> None:
        self.scopes.append({} if scope is None else scope)
        for statement in statements:
            self.statement(statement)
        self.scopes.pop()

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                type_ = self.expression(value)
                for target in targets:
                    self.assign(target, type_)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                if value is not None:
                    self.expression(value)
                self.assign(target, ast.unparse(annotation))
            case ast.For(target=target, iter=iterated, body=body, orelse=orelse):
                element = _element(self.expression(iterated))
                self.scopes.append({})
                self.assign(target, element)
                self.block(body, self.scopes.pop())
                self.block(orelse)
            case ast.If() | ast.While():
                self.expression(node.test)
                self.block(node.body)
                self.block(node.orelse)
            case (
                ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom()
            ):
                pass  # a rule of its own
            case _:
                self.others(node)

    def others(self, node: ast.AST) -> None:
        """What is in a statement that needs no care."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif isinstance(child, ast.stmt):
                self.block([child])
            elif not isinstance(child, ast.pattern):
                self.others(child)

    def assign(self, target: ast.expr, type_: Type) -> None:
        match target:
            case ast.Name(id=name):
                scope = next((scope for scope in reversed(self.scopes) if name in scope), self.scopes[-1])
                scope[name] = self.types.note(target, type_)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                types = inner(type_) if type_ and base(type_) == "Tuple" else []
                for part, each in zip(
                    parts, types if len(types) == len(parts) else [None] * len(parts), strict=True
                ):
                    self.assign(part, each)
            case ast.Starred(value=value):
                self.assign(value, None)
            case _:
                self.expression(target)

    def expression(self, node: ast.expr) -> Type:
        return self.types.note(node, self._expression(node))

    def _expression(self, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=value):
                return _LITERALS.get(type(value))
            case ast.Name(id=name):
                scope = next((scope for scope in reversed(self.scopes) if name in scope), None)
                return self.types.of_global(node) if scope is None else scope[name]
            case ast.Attribute(value=value, attr=name):
                return self.attribute(self.expression(value), value, name)
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.expression(left), self.expression(right)
                return "f64" if isinstance(op, ast.Div) else _together(*sides)
            case ast.UnaryOp(op=op, operand=operand):
                type_ = self.expression(operand)
                return "bool" if isinstance(op, ast.Not) else type_
            case ast.Compare(left=left, comparators=right):
                for each in (left, *right):
                    self.expression(each)
                return "bool"
            case ast.BoolOp(values=values):
                for each in values:
                    self.expression(each)
                return "bool"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.expression(test)
                types = self.expression(body), self.expression(orelse)
                return types[0] if types[0] != LITERAL else types[1]
            case ast.List(elts=parts):
                types = [self.expression(part) for part in parts]
                known = next((each for each in types if each != LITERAL), types[0] if types else None)
                return known and f"List[{known}]"
            case ast.Tuple(elts=parts):
                types = [self.expression(part) or "?" for part in parts]
                return f"Tuple[{', '.join(types)}]"
            case ast.Subscript(value=value, slice=index):
                return self.subscript(self.expression(value), index)
            case ast.JoinedStr():
                self.others(node)
                return "str"
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node)
            case ast.Lambda():
                return None  # a rule of its own
            case ast.NamedExpr(target=target, value=value):
                self.assign(target, self.expression(value))
            case _:
                self.others(node)
        return None

    def attribute(self, owner: Type, value: ast.expr, name: str) -> Type:
        classes = self.types.program.classes
        if isinstance(value, ast.Name) and value.id in classes:
            known: Class = classes[value.id]
            return value.id if known.kind == Kind.ENUM and name in known.variants else None
        return None if owner is None or self.types.lacks(owner, name) else _known(self.types, owner, name)

    def subscript(self, owner: Type, index: ast.expr) -> Type:
        self.expression(index)
        if owner and base(owner) == "Tuple":
            parts = inner(owner)
            number = index.value if isinstance(index, ast.Constant) else None
            return parts[number] if isinstance(number, int) and number < len(parts) else None
        return _element(owner)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Type:
        self.scopes.append({})
        for part in node.generators:
            self.assign(part.target, _element(self.expression(part.iter)))
            for condition in part.ifs:
                self.expression(condition)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        types = [self.expression(each) for each in elements]
        self.scopes.pop()
        return types[0] and f"List[{types[0]}]"

    def call(self, node: ast.Call) -> Type:
        arguments = [self.expression(each) for each in node.args]
        for keyword in node.keywords:
            self.expression(keyword.value)
        owner = self.expression(node.func)
        if not isinstance(node.func, ast.Name):
            return owner
        name, program = node.func.id, self.types.program
        if name in program.functions:
            return returned(program.functions[name])
        if name in program.classes:
            return name
        return _of_builtin(name, arguments, node)


def returned(node: ast.FunctionDef) -> Type:
    """What a function says that it returns."""
    return ast.unparse(node.returns) if node.returns else "None"


def _known(types: Types, owner: str, name: str) -> Type:
    try:
        return types.attribute(owner, name)
    except KeyError:
        return None


def _together(left: Type, right: Type) -> Type:
    if left in (*NUMBERS, LITERAL) and right in (*NUMBERS, LITERAL):
        return widened(left, right)
    return left if left == right else None


def _element(type_: Type) -> Type:
    return inner(type_)[0] if type_ and base(type_) in ("List", "Array", "Iter") else None


def _of_builtin(name: str, arguments: list[Type], node: ast.Call) -> Type:
    first = arguments[0] if arguments else None
    element = _element(first)
    match name:
        case _ if name in NUMBERS or name in ("str", "Clock"):
            return name
        case "len" | "size":
            return "u64"
        case "round" | "floor" | "ceil":
            return "i128"
        case "abs":
            return first
        case "min" | "max":
            return next((each for each in arguments if each != LITERAL), LITERAL)
        case "sum":
            return element
        case "sorted" | "list":
            return element and f"List[{element}]"
        case "int_bytes":
            return "List[u8]"
        case "array":
            return first and f"Array[{first}, {len(node.args)}]"
        case "range":
            known = next((each for each in arguments if each != LITERAL), LITERAL)
            return known and f"Iter[{known}]"
        case "enumerate":
            return element and f"Iter[Tuple[u64, {element}]]"
        case "filter":
            second = _element(arguments[1]) if len(arguments) > 1 else None
            return second and f"Iter[{second}]"
        case "zip" if len(arguments) == 2:
            pair = [_element(each) or "?" for each in arguments]
            return f"Iter[Tuple[{', '.join(pair)}]]"
        case _:
            return None


def _imported(program: Program) -> set[str] | None:
    """Names that come from other files; None if one of these exports all that it has."""
    names: set[str] = set()
    for node in program.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seahorse"):
                continue
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return None if "*" in names else names
