"""What a definition of a module needs of the same module: what an outcome may depend on."""

import ast
from collections.abc import Iterable, Iterator


class Module:
    """A Python module by its definitions. What it imports counts by name alone."""

    def __init__(self, source: str) -> None:
        body = ast.parse(source).body
        for node in body:
            _drop_docstrings(node)
        definitions = {name: node for node in body for name in _bound(node)}
        self._texts = {
            name: "imported" if isinstance(node, ast.Import | ast.ImportFrom) else ast.unparse(node)
            for name, node in definitions.items()
        }
        self._uses = {name: definitions.keys() & _used(node) for name, node in definitions.items()}
        self.instructions = [
            node.name
            for node in body
            if isinstance(node, ast.FunctionDef) and "instruction" in map(ast.unparse, node.decorator_list)
        ]

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def needed(self, names: Iterable[str]) -> set[str]:
        """These definitions, and all that they use, directly or not."""
        found: set[str] = set()
        new = {*names}
        while new:
            found |= new
            new = {use for name in new for use in self._uses[name]} - found
        return found

    def users(self, name: str) -> list[str]:
        """The instructions that need this definition."""
        return [instruction for instruction in self.instructions if name in self.needed([instruction])]

    def text(self, names: Iterable[str]) -> str:
        """The source of these definitions and of all they need, without comments, docstrings and layout."""
        return "\n".join(f"{name}: {self._texts[name]}" for name in sorted(self.needed(names)))


def _drop_docstrings(node: ast.stmt) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(
            part
        ):
            part.body[0] = ast.Pass()


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name for alias in aliases)
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
            )


def _used(node: ast.AST) -> set[str]:
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}  # a test's: fixtures
